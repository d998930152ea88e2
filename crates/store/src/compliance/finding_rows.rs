//! The findings of a resource as its one row holds them, and how an evaluation changes them. Pure.

use crate::{StoreError, compliance::evaluation_result::NewFinding};
use claviger_domain::{
    compliance::{Category, CheckResult, Evidence, Severity},
    ids::ResourceId,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Microseconds since 1970.
pub(crate) type Micros = i64;

/// What filters, counts and orders need of a finding. Stored as a JSON array, in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "MarkFields", into = "MarkFields")]
pub(crate) struct Mark {
    pub(crate) policy: String,
    pub(crate) category: Category,
    pub(crate) severity: Severity,
    pub(crate) verdict: CheckResult,
    pub(crate) opened: Micros,
    pub(crate) due: Micros,
    pub(crate) resolved: Option<Micros>,
    /// How often it came back.
    pub(crate) reopened: u32,
    /// The exception that covers it.
    pub(crate) exception: Option<i64>,
}

type MarkFields =
    (String, Category, Severity, CheckResult, Micros, Micros, Option<Micros>, u32, Option<i64>);

impl From<MarkFields> for Mark {
    fn from(fields: MarkFields) -> Self {
        let (policy, category, severity, verdict, opened, due, resolved, reopened, exception) =
            fields;
        Self { policy, category, severity, verdict, opened, due, resolved, reopened, exception }
    }
}

impl From<Mark> for MarkFields {
    fn from(mark: Mark) -> Self {
        let Mark {
            policy,
            category,
            severity,
            verdict,
            opened,
            due,
            resolved,
            reopened,
            exception,
        } = mark;
        (policy, category, severity, verdict, opened, due, resolved, reopened, exception)
    }
}

impl Mark {
    pub(crate) fn is_open(&self) -> bool {
        self.resolved.is_none()
    }

    /// Whether it fails, and no exception covers it.
    pub(crate) fn counts(&self) -> bool {
        self.is_open() && self.verdict == CheckResult::Fail && self.exception.is_none()
    }
}

/// What a finding says, and its evidence. Stored as a JSON array, each evidence as a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "TextFields", into = "TextFields")]
pub(crate) struct Text {
    pub(crate) says: String,
    pub(crate) evidence: Vec<Evidence>,
}

type TextFields = (String, Vec<(String, String)>);

impl From<TextFields> for Text {
    fn from((says, evidence): TextFields) -> Self {
        let evidence = evidence.into_iter().map(|(fact, value)| Evidence { fact, value }).collect();
        Self { says, evidence }
    }
}

impl From<Text> for TextFields {
    fn from(Text { says, evidence }: Text) -> Self {
        (says, evidence.into_iter().map(|Evidence { fact, value }| (fact, value)).collect())
    }
}

/// The row of a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) team: Option<String>,
    /// As long as `texts`.
    pub(crate) marks: Vec<Mark>,
    pub(crate) texts: Vec<Text>,
}

/// A finding whose check passes again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fix {
    /// Empty where no owner is named.
    pub(crate) team: String,
    pub(crate) severity: Severity,
    /// Whole days from its opening.
    pub(crate) days: i32,
}

impl Fix {
    /// Of a finding that is resolved.
    pub(crate) fn of(mark: &Mark, team: Option<&str>) -> Option<Self> {
        let days = mark.resolved?.saturating_sub(mark.opened) / MICROS_A_DAY;
        Some(Self {
            team: team.unwrap_or_default().to_owned(),
            severity: mark.severity,
            days: i32::try_from(days).unwrap_or(i32::MAX),
        })
    }
}

/// How a row is to be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Merged {
    pub(crate) row: Stored,
    /// Findings that opened, came back or read differently now, by their place in the row; `true` where it is a failure
    /// that opened now.
    pub(crate) written: Vec<(usize, bool)>,
    pub(crate) resolved: u64,
    /// Failures without an exception among those, by their place in the row.
    pub(crate) fixed: Vec<usize>,
    /// Whether the row differs from before.
    pub(crate) differs: bool,
}

impl Stored {
    /// The row after an evaluation has found these, and nothing else, of the resource.
    pub(crate) fn merge(
        self,
        team: Option<&str>,
        found: &[NewFinding],
        now: OffsetDateTime,
    ) -> Merged {
        let before = self.clone();
        let now = micros(now);
        let mut old: Vec<Option<(Mark, Text)>> =
            self.marks.into_iter().zip(self.texts).map(Some).collect();
        let mut merged = Merged::default();
        let same_team = before.team.as_deref() == team;
        for new in found {
            let known = old
                .iter_mut()
                .find(|one| one.as_ref().is_some_and(|(mark, _)| mark.policy == new.policy))
                .and_then(Option::take);
            let text =
                Text { says: new.outcome.says.clone(), evidence: new.outcome.evidence.clone() };
            let due_in = i64::from(new.due_days) * MICROS_A_DAY;
            let mut mark = Mark {
                policy: new.policy.clone(),
                category: new.category,
                severity: new.severity,
                verdict: new.outcome.verdict,
                opened: now,
                due: now.saturating_add(due_in),
                resolved: None,
                reopened: 0,
                exception: new.exception.map(|exception| exception.0),
            };
            let mut is_same = false;
            if let Some((last, last_text)) = known {
                mark.reopened = last.reopened + u32::from(!last.is_open());
                // A finding that goes on keeps its day; one that comes back, or is known at last, begins again.
                if last.is_open() && last.verdict == mark.verdict {
                    mark.opened = last.opened;
                    mark.due = last.opened.saturating_add(due_in);
                }
                is_same = same_team && last == mark && last_text == text;
            }
            if !is_same {
                merged.written.push((merged.row.marks.len(), mark.opened == now && mark.counts()));
            }
            merged.row.marks.push(mark);
            merged.row.texts.push(text);
        }
        for (mut mark, text) in old.into_iter().flatten() {
            if mark.counts() {
                merged.fixed.push(merged.row.marks.len());
            }
            if mark.is_open() {
                mark.resolved = Some(now);
                merged.resolved += 1;
            }
            merged.row.marks.push(mark);
            merged.row.texts.push(text);
        }
        // Nobody owns what was never found.
        merged.row.team = (!merged.row.marks.is_empty()).then_some(team).flatten().map(Into::into);
        merged.differs = merged.row != before;
        merged
    }

    /// The row once its resource is gone, and how many findings that resolved.
    pub(crate) fn resolve(&mut self, now: OffsetDateTime) -> u64 {
        let now = micros(now);
        let mut resolved = 0;
        for mark in self.marks.iter_mut().filter(|mark| mark.is_open()) {
            mark.resolved = Some(now);
            resolved += 1;
        }
        resolved
    }
}

const MICROS_A_DAY: i64 = 86_400_000_000;

pub(crate) fn micros(at: OffsetDateTime) -> Micros {
    i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

/// The moment that a row has as a number.
pub(crate) fn moment(micros: Micros, of: ResourceId) -> Result<OffsetDateTime, StoreError> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000).map_err(|error| {
        StoreError::Inconsistent {
            table: "resource_findings",
            column: "marks",
            key: of.to_string(),
            reason: error.to_string(),
        }
    })
}

/// Something of the row as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unwritable(error.to_string()))
}

/// A row as the table has it.
pub(crate) struct StoredRow {
    pub(crate) resource_id: uuid::Uuid,
    pub(crate) team: Option<String>,
    pub(crate) marks: sqlx::types::Json<Vec<Mark>>,
    pub(crate) texts: sqlx::types::Json<Vec<Text>>,
}

pub(crate) fn stored(row: StoredRow) -> Result<(ResourceId, Stored), StoreError> {
    let StoredRow { resource_id: id, team, marks, texts } = row;
    if marks.0.len() != texts.0.len() {
        return Err(StoreError::Inconsistent {
            table: "resource_findings",
            column: "texts",
            key: id.to_string(),
            reason: "not as many as marks".to_owned(),
        });
    }
    Ok((ResourceId(id), Stored { team, marks: marks.0, texts: texts.0 }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::{compliance::Outcome, exceptions::ExceptionId};
    use time::{Duration, macros::datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-27 08:00:00.000001 UTC);

    fn finding(policy: &str, verdict: CheckResult) -> NewFinding {
        let outcome = match verdict {
            CheckResult::Fail => Outcome::fail("It fails.").with("Fact", "value"),
            _ => Outcome::unknown("Not read."),
        };
        NewFinding {
            policy: policy.to_owned(),
            category: Category::Tags,
            severity: Severity::High,
            due_days: 14,
            outcome,
            exception: None,
        }
    }

    fn days(n: i64) -> OffsetDateTime {
        NOW + Duration::days(n)
    }

    #[test]
    fn a_finding_opens_goes_on_is_resolved_and_comes_back() {
        let fails = [finding("a", CheckResult::Fail)];
        let first = Stored::default().merge(Some("team"), &fails, NOW);
        assert_eq!(
            (first.written.as_slice(), first.resolved, first.differs),
            (&[(0, true)][..], 0, true)
        );
        let mark = &first.row.marks[0];
        assert_eq!((mark.opened, mark.due), (micros(NOW), micros(days(14))));

        let again = first.row.clone().merge(Some("team"), &fails, days(1));
        assert_eq!(again, Merged { row: first.row.clone(), ..Merged::default() });

        let fixed = first.row.clone().merge(Some("team"), &[], days(2));
        assert_eq!((fixed.written.len(), fixed.resolved, fixed.differs), (0, 1, true));
        assert_eq!(fixed.row.marks[0].resolved, Some(micros(days(2))));
        let fix = Fix { team: "team".into(), severity: Severity::High, days: 2 };
        assert_eq!(fixed.fixed, [0]);
        assert_eq!(Fix::of(&fixed.row.marks[0], Some("team")), Some(fix));
        // What is resolved stays resolved as it was.
        let later = fixed.row.clone().merge(Some("team"), &[], days(3));
        assert!(!later.differs && later.resolved == 0);

        let back = fixed.row.merge(Some("team"), &fails, days(4));
        let mark = &back.row.marks[0];
        assert_eq!((mark.opened, mark.due), (micros(days(4)), micros(days(18))));
        assert_eq!((mark.reopened, mark.resolved, back.written), (1, None, vec![(0, true)]));
    }

    #[test]
    fn what_reads_differently_keeps_its_day_unless_its_verdict_changed() {
        let fails = [finding("a", CheckResult::Fail)];
        let row = Stored::default().merge(None, &fails, NOW).row;
        let change = |change: fn(&mut NewFinding)| {
            let mut new = finding("a", CheckResult::Fail);
            change(&mut new);
            row.clone().merge(None, &[new], days(1))
        };
        for (what, merged) in [
            ("severity", change(|new| new.severity = Severity::Low)),
            ("category", change(|new| new.category = Category::Use)),
            ("says", change(|new| new.outcome.says = "Otherwise.".into())),
            ("evidence", change(|new| new.outcome.evidence.clear())),
            ("exception", change(|new| new.exception = Some(ExceptionId(3)))),
            ("days", change(|new| new.due_days = 1)),
            ("owner", row.clone().merge(Some("team"), &fails, days(1))),
        ] {
            assert_eq!(merged.written, [(0, false)], "{what}");
            assert_eq!(merged.row.marks[0].opened, micros(NOW), "{what}");
            assert!(merged.differs && merged.resolved == 0, "{what}");
        }
        assert_eq!(change(|new| new.due_days = 1).row.marks[0].due, micros(days(1)));
        let unknown = row.merge(None, &[finding("a", CheckResult::Unknown)], days(1));
        assert_eq!(unknown.row.marks[0].opened, micros(days(1)));
        assert_eq!(unknown.written, [(0, false)], "what is unknown is no failure");
        let known = unknown.row.merge(None, &fails, days(2));
        assert_eq!(known.written, [(0, true)]);
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        let found = [finding("a", CheckResult::Fail), finding("b", CheckResult::Unknown)];
        let row = Stored::default().merge(Some("t"), &found, NOW).row;
        let marks: Vec<Mark> = serde_json::from_str(&json(&row.marks).unwrap()).unwrap();
        let texts: Vec<Text> = serde_json::from_str(&json(&row.texts).unwrap()).unwrap();
        assert_eq!((marks, texts), (row.marks.clone(), row.texts.clone()));
        assert_eq!(moment(row.marks[0].opened, ResourceId(uuid::Uuid::nil())).unwrap(), NOW);
        let mut gone = row;
        assert_eq!((gone.resolve(NOW), gone.resolve(NOW)), (2, 0));
    }
}
