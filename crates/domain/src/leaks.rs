//! A secret that was reported as leaked: what was ended at once, what is planned, and who is known to have read it.

use crate::{
    authz::Person,
    facts::Kind,
    grants::{Action, GrantId, GrantStateName},
    ids::{AccountId, Region, ResourceId, numbered},
    remediation::{PlanId, view::PlanRow},
};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime};

numbered!(
    /// A report that a secret has leaked.
    LeakId,
    "L",
    "the number of a report, such as L-4"
);

/// The most uses that a report keeps; the newest ones.
pub const MAX_USES: usize = 500;

/// A grant that the report ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedGrant {
    pub grant: GrantId,
    /// The name of who held it.
    pub holder: String,
    pub action: Action,
    /// The state that it had.
    pub was: GrantStateName,
    /// Whether AWS is told to deny sessions that were issued under it.
    pub ends_sessions: bool,
    /// Further secrets and parameters of the same grant: access to them ended too.
    pub others: u32,
}

/// How somebody got at the value.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
pub enum UseKind {
    /// Claviger showed the value.
    Reveal,
    /// AWS credentials with which the value could be read.
    Session,
    /// A sign-in to the AWS console in which the value could be read.
    ConsoleSignIn,
    /// CloudTrail has the call that read it.
    CloudTrail,
    /// A value was written: who did knows it.
    Write,
}

impl UseKind {
    /// For people, after the person's name.
    pub fn says(self) -> &'static str {
        match self {
            Self::Reveal => "revealed the value in Claviger",
            Self::Session => "got AWS credentials that can read it",
            Self::ConsoleSignIn => "signed in to the AWS console with access to it",
            Self::CloudTrail => "read it with these credentials, says CloudTrail",
            Self::Write => "wrote a value",
        }
    }

    /// Whether who did it certainly knows the value.
    pub fn is_certain(self) -> bool {
        matches!(self, Self::Reveal | Self::CloudTrail | Self::Write)
    }
}

/// A use that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownUse {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// `None`: Claviger itself.
    pub who: Option<String>,
    pub kind: UseKind,
    pub grant: GrantId,
}

/// What was known at the time of the report, and what was not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownReads {
    /// The newest first.
    pub uses: Vec<KnownUse>,
    /// Whether there are older ones than these.
    pub has_more: bool,
    /// The last day on which AWS saw anybody read it; AWS does not say who, and tells no earlier day.
    pub last_accessed: Option<Date>,
    /// Grants whose sessions CloudTrail could not be asked about, or was not yet.
    pub not_traced: Vec<GrantId>,
}

impl KnownReads {
    /// The day on which somebody read it that no use here explains: it is read by others than Claviger's people, or by them
    /// in another way.
    pub fn unexplained(&self) -> Option<Date> {
        let day = self.last_accessed?;
        // A session lasts at most twelve hours, and CloudTrail names its reads late.
        let explains = |one: &KnownUse| {
            let first = one.at.date();
            let last = match one.kind {
                UseKind::Reveal | UseKind::CloudTrail | UseKind::Write => first,
                UseKind::Session | UseKind::ConsoleSignIn => (one.at + Duration::hours(12)).date(),
            };
            (first..=last).contains(&day)
        };
        (!self.uses.iter().any(explains)).then_some(day)
    }
}

/// Why a report has no plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum NoPlan {
    /// The reporter may end access and not change secrets.
    NotAllowed,
    /// There is no call that rotates it, for this reason: a new value has to be entered.
    NoRotation { reason: String },
}

/// A report of a leak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakReport {
    pub id: LeakId,
    pub resource: ResourceId,
    pub name: String,
    pub kind: Kind,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    pub reason: String,
    pub reporter: Person,
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub ended: Vec<EndedGrant>,
    /// The plan that rotates it, or why there is none.
    pub plan: Result<PlanId, NoPlan>,
    pub reads: KnownReads,
}

/// A report as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakView {
    pub report: LeakReport,
    /// The report's plan as it is now, where the caller may see it.
    pub plan: Option<PlanRow>,
    /// Since the report, a rotation or a new value: AWS's date.
    pub rotated_at: Option<OffsetDateTime>,
    /// Grants of the report whose sessions AWS does not yet deny, as far as known.
    pub sessions_left: Vec<GrantId>,
    /// Whether the caller can request access to write a new value.
    pub can_request: bool,
    pub as_of: OffsetDateTime,
}

/// What the page of a secret shows of leaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakMark {
    /// The report on the value that it has now.
    pub open: Option<LeakId>,
    pub can_report: bool,
}

/// What a report would do: shown before it is confirmed. Nothing is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeakDraft {
    pub resource: ResourceId,
    pub name: String,
    pub kind: Kind,
    pub account_name: String,
    pub region: Region,
    /// Open grants that end at once.
    pub grants: Vec<EndedGrant>,
    /// Whether a plan that rotates it follows, or why not.
    pub plan: Result<(), NoPlan>,
    /// Who can approve the plan, by name.
    pub approvers: Vec<String>,
    /// A report on the same value: not rotated since.
    pub earlier: Option<LeakId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    fn one(kind: UseKind, at: OffsetDateTime) -> KnownUse {
        KnownUse { at, who: Some("eve".into()), kind, grant: GrantId(1) }
    }

    fn reads(uses: Vec<KnownUse>, day: Option<Date>) -> KnownReads {
        KnownReads { uses, last_accessed: day, ..KnownReads::default() }
    }

    #[test]
    fn a_day_without_a_known_use_is_unexplained() {
        let day = date!(2026 - 11 - 20);
        assert_eq!(reads(Vec::new(), Some(day)).unexplained(), Some(day));
        assert_eq!(reads(Vec::new(), None).unexplained(), None);
        let reveal = one(UseKind::Reveal, datetime!(2026-11-20 23:59 UTC));
        assert_eq!(reads(vec![reveal.clone()], Some(day)).unexplained(), None);
        let later = reads(vec![reveal], Some(date!(2026 - 11 - 21)));
        assert_eq!(later.unexplained(), Some(date!(2026 - 11 - 21)), "a reveal is over");
    }

    #[test]
    fn a_session_explains_the_hours_that_it_can_last() {
        let evening = one(UseKind::Session, datetime!(2026-11-19 20:00 UTC));
        assert_eq!(reads(vec![evening], Some(date!(2026 - 11 - 20))).unexplained(), None);
        let morning = one(UseKind::Session, datetime!(2026-11-19 08:00 UTC));
        let day = date!(2026 - 11 - 20);
        assert_eq!(reads(vec![morning], Some(day)).unexplained(), Some(day));
    }

    #[test]
    fn why_there_is_no_plan_is_spelled_as_it_is_stored() {
        let no = |no: NoPlan| serde_json::to_string(&no).unwrap();
        assert_eq!(no(NoPlan::NotAllowed), r#"{"why":"not-allowed"}"#);
        let reason = "its rotation is off".to_owned();
        assert_eq!(
            no(NoPlan::NoRotation { reason }),
            r#"{"why":"no-rotation","reason":"its rotation is off"}"#
        );
    }
}
