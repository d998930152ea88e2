//! What happened to a secret or parameter, from every source, as one timeline.

use crate::{
    alarms::AlarmKind,
    audit::{AuditAction, Phase},
    aws_event::RotationStep,
    changes::{Change, ChangeKind},
    choice::InvalidChoice,
    filter::{Field, Filter, Part, parse, text, url_filter},
    remediation::{PlanId, StepState},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};
use time::OffsetDateTime;

/// What an event is about; the timeline's filter.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ActivityKind {
    /// A scan found another value of a field, or the resource new, deleted or restored.
    Change,
    /// Its rotation ran, or was configured.
    Rotation,
    /// Access was requested, decided, started or ended.
    Access,
    /// A value was used under a grant: a session, a reveal, a new value.
    Session,
    /// A call of a remediation plan.
    Remediation,
    /// An exception of this resource.
    Exception,
}

/// The fields of a change that are about rotation.
pub const ROTATION_FIELDS: [&str; 5] = [
    "LastRotatedDate",
    "NextRotationDate",
    "RotationEnabled",
    "RotationLambdaARN",
    "RotationRules",
];

/// The calls that are about rotation.
pub const ROTATION_CALLS: [&str; 2] = ["CancelRotateSecret", "RotateSecret"];

impl ActivityKind {
    /// The kind of an action of the audit log that is about access or an exception; `None` for any other.
    pub fn of_action(action: AuditAction) -> Option<Self> {
        Some(match action {
            AuditAction::Request
            | AuditAction::Approve
            | AuditAction::Deny
            | AuditAction::Claim
            | AuditAction::BreakGlass
            | AuditAction::Expire
            | AuditAction::End
            | AuditAction::GiveBack
            | AuditAction::Revoke
            | AuditAction::ReportLeak
            | AuditAction::CloseReview => Self::Access,
            AuditAction::IssueSession
            | AuditAction::Reveal
            | AuditAction::PutValue
            | AuditAction::ReadKeys
            | AuditAction::ConsoleLink => Self::Session,
            AuditAction::Rotate => Self::Rotation,
            AuditAction::RequestException
            | AuditAction::ApproveException
            | AuditAction::DenyException
            | AuditAction::WithdrawException
            | AuditAction::ReviewException
            | AuditAction::EndException
            | AuditAction::ExpireException => Self::Exception,
            _ => return None,
        })
    }

    fn of_field(field: &str) -> Self {
        if ROTATION_FIELDS.contains(&field) { Self::Rotation } else { Self::Change }
    }
}

/// Where an event comes from. Of events of the same moment, the order of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivitySource {
    Audit,
    Remediation,
    Change,
    /// CloudTrail, by an event.
    Event,
}

/// An event's place in the timeline, which begins with the newest; within a source `id` grows with time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityCursor {
    pub at: OffsetDateTime,
    pub source: ActivitySource,
    pub id: i64,
}

impl ActivityCursor {
    /// Before any event of this source with this time and id begins what follows the cursor.
    pub fn before(&self, source: ActivitySource) -> (OffsetDateTime, i64) {
        let id = match source.cmp(&self.source) {
            std::cmp::Ordering::Less => i64::MIN,
            std::cmp::Ordering::Equal => self.id,
            std::cmp::Ordering::Greater => i64::MAX,
        };
        (self.at, id)
    }
}

impl fmt::Display for ActivityCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.at.unix_timestamp_nanos() / 1000;
        write!(f, "{micros}.{}.{}", self.source as u8, self.id)
    }
}

/// Where a page of the timeline begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the link to the next page")]
pub struct InvalidActivityCursor;

impl FromStr for ActivityCursor {
    type Err = InvalidActivityCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let mut parts = text.split('.');
            let micros: i128 = parts.next()?.parse().ok()?;
            let source = match parts.next()? {
                "0" => ActivitySource::Audit,
                "1" => ActivitySource::Remediation,
                "2" => ActivitySource::Change,
                "3" => ActivitySource::Event,
                _ => return None,
            };
            let id = parts.next()?.parse().ok()?;
            let at = OffsetDateTime::from_unix_timestamp_nanos(micros.checked_mul(1000)?).ok()?;
            // What PostgreSQL can compare with.
            (parts.next().is_none() && (1970..=9999).contains(&at.year())).then_some(Self {
                at,
                source,
                id,
            })
        };
        read().ok_or(InvalidActivityCursor)
    }
}

/// What to list. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ActivityQuery {
    /// `None` lists every kind.
    pub kind: Option<ActivityKind>,
    pub after: Option<ActivityCursor>,
}

url_filter!(ActivityQuery);

impl Filter for ActivityQuery {
    const FIELDS: &'static [Field<Self>] = &[
        Field {
            name: "kind",
            part: Part::Filter,
            read: |query, field, value| {
                query.kind = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.kind),
        },
        Field {
            name: "after",
            part: Part::Page,
            read: |query, field, value| {
                query.after = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.after),
        },
    ];
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityWhat {
    /// A scan found this.
    Change { what: ChangeKind, change: Change },
    /// An entry of the audit log about a grant or an exception.
    Audit {
        /// Such as `G-12`.
        subject: String,
        action: AuditAction,
        phase: Phase,
        succeeded: Option<bool>,
        detail: BTreeMap<String, String>,
    },
    /// A call of a plan.
    Call {
        plan: PlanId,
        operation: String,
        changes: Vec<Change>,
        state: StepState,
        says: Option<String>,
    },
    /// What CloudTrail recorded.
    Reported {
        /// Such as `PutSecretValue` or `RotationFailed`.
        call: String,
        is_rotation: bool,
        /// The step of a rotation that failed.
        step: Option<RotationStep>,
        /// AWS's message of a failure.
        error: Option<String>,
        /// The alarm that it raised.
        alarm: Option<AlarmKind>,
    },
}

/// A rotation that failed and was not repaired since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationFailure {
    pub at: OffsetDateTime,
    /// Only the test of a changed schedule failed.
    pub is_test: bool,
    /// AWS makes no further attempt.
    pub is_abandoned: bool,
    /// `None` where AWS's message names none.
    pub step: Option<RotationStep>,
    pub message: Option<String>,
}

/// An event of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEvent {
    pub cursor: ActivityCursor,
    /// `None`: Claviger itself, or not known.
    pub who: Option<String>,
    /// Of a change: what of Claviger made it, such as `P-3`.
    pub by: Option<String>,
    pub what: ActivityWhat,
}

impl ActivityEvent {
    pub fn kind(&self) -> ActivityKind {
        match &self.what {
            ActivityWhat::Change { change, .. } => ActivityKind::of_field(&change.field),
            ActivityWhat::Audit { action, .. } => {
                ActivityKind::of_action(*action).unwrap_or(ActivityKind::Access)
            }
            ActivityWhat::Call { .. } => ActivityKind::Remediation,
            ActivityWhat::Reported { call, is_rotation, .. } => {
                if *is_rotation || ROTATION_CALLS.contains(&call.as_str()) {
                    ActivityKind::Rotation
                } else {
                    ActivityKind::Change
                }
            }
        }
    }
}

/// The timeline of one secret or parameter: one page of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    pub query: ActivityQuery,
    /// The newest first.
    pub rows: Vec<ActivityEvent>,
    pub next: Option<ActivityCursor>,
    /// Whether grants of other people are left out, because the caller may not see them.
    pub hides_grants: bool,
    pub as_of: OffsetDateTime,
}

/// Puts the pages of the sources together: the newest `limit`, and where the next page begins.
pub fn merged(
    mut all: Vec<ActivityEvent>,
    limit: usize,
) -> (Vec<ActivityEvent>, Option<ActivityCursor>) {
    all.sort_by(|a, b| {
        (b.cursor.at, a.cursor.source, b.cursor.id).cmp(&(
            a.cursor.at,
            b.cursor.source,
            a.cursor.id,
        ))
    });
    let has_more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| has_more).map(|last| last.cursor);
    (all, next)
}

/// Events that are one to a reader: what one scan found at the same moment.
pub fn grouped(rows: Vec<ActivityEvent>) -> Vec<Vec<ActivityEvent>> {
    let mut groups: Vec<Vec<ActivityEvent>> = Vec::new();
    for row in rows {
        let is_change = |one: &ActivityEvent| {
            matches!(one.what, ActivityWhat::Change { what: ChangeKind::Changed, .. })
        };
        match groups.last_mut() {
            Some(group)
                if is_change(&row)
                    && group.iter().all(|one| is_change(one) && one.cursor.at == row.cursor.at) =>
            {
                group.push(row);
            }
            _ => groups.push(vec![row]),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    const NOW: OffsetDateTime = OffsetDateTime::UNIX_EPOCH;

    fn event(seconds: i64, source: ActivitySource, id: i64) -> ActivityEvent {
        let change = Change { field: format!("Tags.{id}"), before: None, after: None };
        ActivityEvent {
            cursor: ActivityCursor { at: NOW + Duration::seconds(seconds), source, id },
            who: None,
            by: None,
            what: ActivityWhat::Change { what: ChangeKind::Changed, change },
        }
    }

    #[test]
    fn a_cursor_is_its_text() {
        let cursor = event(7, ActivitySource::Remediation, -3).cursor;
        assert_eq!(cursor.to_string(), "7000000.1.-3");
        assert_eq!("7000000.1.-3".parse(), Ok(cursor));
        let url = "kind=rotation&after=7000000.1.-3";
        assert_eq!(url.parse::<ActivityQuery>().unwrap().to_url_query(), url);
        for bad in ["", "1.1", "1.4.1", "x.1.1", "1.1.1.1", "999999999999999999.0.1"] {
            assert!(bad.parse::<ActivityCursor>().is_err(), "{bad}");
        }
        assert!("kind=reveals".parse::<ActivityQuery>().is_err());
    }

    /// Events of one moment from all sources, page by page: none is lost, none comes twice.
    #[test]
    fn pages_join_without_a_gap() {
        use ActivitySource::{Audit, Change, Remediation};
        let all: Vec<ActivityEvent> = [
            (2, Change, 9),
            (1, Audit, 4),
            (1, Audit, 5),
            (1, Remediation, 1),
            (1, Change, 7),
            (1, Change, 8),
            (0, Audit, 3),
        ]
        .map(|(at, source, id)| event(at, source, id))
        .to_vec();
        for size in 1..=all.len() {
            let (mut seen, mut after) = (Vec::new(), None::<ActivityCursor>);
            loop {
                let page = all.iter().filter(|one| {
                    let (at, id) = after.map_or((NOW + Duration::days(1), 0), |cursor| {
                        cursor.before(one.cursor.source)
                    });
                    (one.cursor.at, one.cursor.id) < (at, id)
                });
                let (rows, next) = merged(page.cloned().collect(), size);
                seen.extend(rows.into_iter().map(|row| row.cursor.id));
                after = next;
                if next.is_none() {
                    break;
                }
            }
            assert_eq!(seen, [9, 5, 4, 1, 8, 7, 3], "pages of {size}");
        }
    }

    #[test]
    fn what_one_scan_found_is_one_group() {
        use ActivitySource::{Audit, Change};
        let mut other = event(1, Audit, 3);
        other.what = ActivityWhat::Audit {
            subject: "G-1".into(),
            action: AuditAction::Reveal,
            phase: Phase::Done,
            succeeded: None,
            detail: BTreeMap::new(),
        };
        let rows = vec![
            event(2, Change, 5),
            event(1, Change, 4),
            other,
            event(1, Change, 2),
            event(1, Change, 1),
        ];
        let sizes: Vec<usize> = grouped(rows).iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 1, 1, 2]);
    }
}
