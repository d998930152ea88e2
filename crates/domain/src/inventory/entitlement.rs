//! Who can read a secret or parameter, and why: as the Access tab shows it.

use crate::{
    compliance::{Severity, view::PrincipalLocation},
    facts::Kind,
    grants::{Action, GrantId},
    ids::{AccountId, Region, ResourceId},
    inventory::{activity::RotationFailure, view::ResourceDetail},
};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;
use time::OffsetDateTime;

/// Whether someone can read a value; the better known and wider answer is the greater one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Answer {
    Cannot,
    /// Something was not read that may change the answer.
    Unknown,
    /// Some requests are allowed, depending on the conditions shown.
    Conditional,
    Can,
}

/// What kind of reader it is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum ReaderKind {
    Role,
    User,
    /// A role that AWS manages for a service.
    ServiceLinkedRole,
    /// The account's root user.
    Root,
    /// An account as a whole: its own policies decide which of its principals.
    Account,
    /// The accounts of the Organization that no policy names.
    Organization,
    /// Accounts outside that no policy names.
    Public,
    Service,
    /// A role or user of an account whose IAM was not read.
    Unread,
    /// Sessions of an identity provider, or a deleted principal.
    Other,
}

/// One action that returns the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// Such as `secretsmanager:GetSecretValue`.
    pub action: String,
    /// For a listing, the path that is listed.
    pub path: Option<String>,
    pub answer: Answer,
    /// Policies and statements that allow it, those of the key included.
    pub through: Vec<String>,
    /// What it depends on, with the policy that asks for it.
    pub conditions: Vec<String>,
    /// Why not.
    pub against: Vec<String>,
    /// What was not read.
    pub not_read: Vec<String>,
}

/// The answer for one reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entitlement {
    /// An ARN, an account number, a service's name, or a description of many.
    pub principal: String,
    pub kind: ReaderKind,
    /// Where it is, relative to the resource.
    pub location: PrincipalLocation,
    /// Whether it is a role of Claviger in the resource's account.
    pub is_claviger: bool,
    /// Whether an identity policy allows it every action on every resource.
    pub is_administrator: bool,
    pub answer: Answer,
    /// By action; the widest answer first.
    pub ways: Vec<Way>,
}

impl Entitlement {
    /// Whether it is known to read the value, if only under conditions.
    pub fn reads(&self) -> bool {
        self.answer >= Answer::Conditional
    }

    /// Whether it is outside the Organization, or anyone.
    pub fn is_outside(&self) -> bool {
        matches!(self.location, PrincipalLocation::Outside | PrincipalLocation::Everyone)
    }
}

/// Someone who can read the value under an active access grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantedReader {
    pub grant: GrantId,
    pub person: String,
    pub action: Action,
    pub until: OffsetDateTime,
}

/// Who can read a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntitlementsView {
    pub resource: ResourceId,
    pub name: String,
    /// Everyone who can, may, or of whom it is unknown; the widest answer first.
    pub rows: Vec<Entitlement>,
    /// The active grants that the caller may see, the one that ends last first.
    pub grants: Vec<GrantedReader>,
    /// Whether those are all.
    pub has_all_grants: bool,
    /// How many principals were evaluated and cannot.
    pub cannot: u32,
    /// What is not evaluated.
    pub notes: Vec<String>,
    /// When IAM of the resource's account was read last: the roles and users are those of that time. `None` before that, and
    /// where that reading failed.
    pub iam_read_at: Option<OffsetDateTime>,
    pub as_of: OffsetDateTime,
}

/// How many can read a value, in one sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadersSummary {
    pub roles: u32,
    pub users: u32,
    /// Accounts as a whole, services, and the account's root user.
    pub others: u32,
    pub grants: u32,
    /// Of roles, users and others: those that can under conditions only.
    pub conditional: u32,
    /// Of whom it is unknown.
    pub unknown: u32,
    /// Of those who can: outside the Organization.
    pub outside: u32,
    pub is_public: bool,
}

impl EntitlementsView {
    pub fn summary(&self) -> ReadersSummary {
        let count = |is: &dyn Fn(&Entitlement) -> bool| {
            u32::try_from(self.rows.iter().filter(|row| is(row)).count()).unwrap_or(u32::MAX)
        };
        let is_role = |row: &Entitlement| {
            matches!(row.kind, ReaderKind::Role | ReaderKind::ServiceLinkedRole)
        };
        let is_public = |row: &Entitlement| row.location == PrincipalLocation::Everyone;
        let is_user = |row: &Entitlement| row.kind == ReaderKind::User;
        ReadersSummary {
            roles: count(&|row| row.reads() && is_role(row)),
            users: count(&|row| row.reads() && is_user(row)),
            others: count(&|row| row.reads() && !is_role(row) && !is_user(row) && !is_public(row)),
            grants: u32::try_from(self.grants.len()).unwrap_or(u32::MAX),
            conditional: count(&|row| row.answer == Answer::Conditional),
            unknown: count(&|row| row.answer == Answer::Unknown),
            outside: count(&|row| row.reads() && row.location == PrincipalLocation::Outside),
            is_public: self.rows.iter().any(|row| row.reads() && is_public(row)),
        }
    }
}

impl ReadersSummary {
    /// Such as `3 roles and 1 grant can read it; 1 outside the Organization.` What is unknown is never said as none.
    pub fn sentence(&self) -> String {
        let counted = |number: u32, one: &str, many: &str| {
            (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many }))
        };
        let who: Vec<String> = [
            self.is_public.then(|| "Anyone".to_owned()),
            counted(self.roles, "role", "roles"),
            counted(self.users, "user", "users"),
            counted(self.others, "other principal", "other principals"),
            counted(self.grants, "grant", "grants"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut said = match who.split_last() {
            None if self.unknown > 0 => {
                return format!(
                    "Unknown who can read it: the answer for {} is incomplete.",
                    counted(self.unknown, "principal", "principals").unwrap_or_default()
                );
            }
            None => "No one can read it".to_owned(),
            Some((last, [])) => format!("{last} can read it"),
            Some((last, rest)) => format!("{} and {last} can read it", rest.join(", ")),
        };
        let more = [
            (self.conditional > 0)
                .then(|| format!("{} of them only under conditions", self.conditional)),
            (self.outside > 0).then(|| format!("{} outside the Organization", self.outside)),
            (self.unknown > 0).then(|| format!("unknown for {} more", self.unknown)),
        ];
        for part in more.into_iter().flatten() {
            said.push_str("; ");
            said.push_str(&part);
        }
        said.push('.');
        said
    }
}

/// A secret or parameter that a principal can read, or may be able to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadableRow {
    pub resource: ResourceId,
    pub name: String,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
    pub kind: Kind,
    pub entitlement: Entitlement,
}

/// What a role or user can read: one page of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalView {
    pub arn: String,
    pub account_id: AccountId,
    pub account_name: String,
    pub is_administrator: bool,
    pub is_claviger: bool,
    /// Its policies as people see them, the permissions boundary last.
    pub policies: Vec<String>,
    /// By name, among those that this page evaluated.
    pub rows: Vec<ReadableRow>,
    /// Where this page begins and ends among the candidates, counted from 1; both 0 if there is none.
    pub evaluated: (u64, u64),
    /// Secrets and parameters within the caller's scope that it might be able to read: those of its account, and those of
    /// others whose resource policy may name it.
    pub candidates: u64,
    /// Where the next page begins.
    pub next: Option<ReadableCursor>,
    /// Why nothing can be said, if its account's IAM was not read.
    pub fault: Option<String>,
    pub as_of: OffsetDateTime,
}

/// The last resource that a page has evaluated, and how many were before the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadableCursor {
    pub after: ResourceId,
    pub seen: u64,
}

/// The roles and users of the accounts in a scope: one page of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalsView {
    /// A part of the ARN that is searched for.
    pub text: String,
    /// ARN and account, by ARN.
    pub rows: Vec<PrincipalRow>,
    /// The ARN after which the next page begins.
    pub next: Option<String>,
    /// Accounts in the scope whose IAM was not read, with the reason.
    pub not_read: Vec<(String, String)>,
}

/// A role or user in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrincipalRow {
    pub arn: String,
    pub account_name: String,
    /// How many policies it has.
    pub policies: u32,
}

/// What every tab of a resource's page shows above its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceHeader {
    pub shown: ResourceDetail,
    /// Failing checks that no exception covers, by severity, the most severe first; `None` if the caller may not see findings.
    pub findings: Option<Vec<(Severity, u32)>>,
    /// Active grants that the caller may see.
    pub grants: u32,
    pub can_remediate: bool,
    /// The rotation that failed last, if none succeeded since.
    pub failed_rotation: Option<RotationFailure>,
    /// Whether it is among the caller's favorites.
    pub is_favorite: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_never_says_none_where_it_is_unknown() {
        let said = |summary: ReadersSummary| summary.sentence();
        let nobody = ReadersSummary::default();
        assert_eq!(said(nobody.clone()), "No one can read it.");
        assert_eq!(
            said(ReadersSummary { unknown: 1, ..nobody.clone() }),
            "Unknown who can read it: the answer for 1 principal is incomplete."
        );
        let some = ReadersSummary { roles: 3, grants: 1, outside: 1, ..nobody.clone() };
        assert_eq!(
            said(some.clone()),
            "3 roles and 1 grant can read it; 1 outside the Organization."
        );
        let all = ReadersSummary { users: 1, conditional: 2, unknown: 4, is_public: true, ..some };
        assert_eq!(
            said(all),
            "Anyone, 3 roles, 1 user and 1 grant can read it; 2 of them only under conditions; \
             1 outside the Organization; unknown for 4 more."
        );
    }
}
