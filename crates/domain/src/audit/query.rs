//! The filter of the audit log, which is also its URL.

use super::AuditAction;
use crate::{
    choice::InvalidChoice,
    filter::{Field, Filter, InvalidFilter, Part, list, search, text, url_filter},
};
use serde::{Deserialize, Serialize};
use time::{Date, Duration, OffsetDateTime, Time, format_description::well_known::Iso8601};

/// The actor of entries that Claviger writes about its own actions, in the filter.
pub const CLAVIGER: &str = "-";

/// How an action ended.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Outcome {
    Succeeded,
    /// It failed, or was refused.
    Failed,
    /// The entry before an action; another entry says how it ended.
    Started,
}

/// The file format of an export.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum AuditFormat {
    Csv,
    Json,
    /// Entity Management of the Open Cybersecurity Schema Framework, one per line.
    Ocsf,
}

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AuditQuery {
    /// Words that must all appear in the entry.
    pub text: String,
    /// Subjects of people; [`CLAVIGER`] for Claviger itself.
    pub actors: Vec<String>,
    pub actions: Vec<AuditAction>,
    pub outcomes: Vec<Outcome>,
    /// The id of a target, such as `G-2190`.
    pub targets: Vec<String>,
    /// The first day, in UTC.
    pub from: Option<Date>,
    /// The last day, in UTC.
    pub until: Option<Date>,
    /// Entries before this number: the next page.
    pub before: Option<i64>,
    /// Entries after this number, the nearest ones: the page before.
    pub after: Option<i64>,
}

url_filter!(AuditQuery);

fn date(field: &str, value: &str) -> Result<Date, InvalidFilter> {
    Date::parse(value, &Iso8601::DATE)
        .ok()
        .filter(|date| (2000..=9998).contains(&date.year()))
        .ok_or_else(|| InvalidFilter::new(field, value, "use a day as 2026-11-28"))
}

impl Filter for AuditQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        list!(Filter "actor" actors),
        list!(Filter "action" actions),
        list!(Filter "outcome" outcomes),
        list!(Filter "target" targets),
        Field {
            name: "from",
            part: Part::Filter,
            read: |query, field, value| {
                query.from = Some(date(field, value)?);
                Ok(())
            },
            write: |query| text(query.from),
        },
        Field {
            name: "until",
            part: Part::Filter,
            read: |query, field, value| {
                query.until = Some(date(field, value)?);
                Ok(())
            },
            write: |query| text(query.until),
        },
        Field {
            name: "before",
            part: Part::Page,
            read: |query, field, value| {
                query.before = Some(number(field, value)?);
                Ok(())
            },
            write: |query| text(query.before),
        },
        Field {
            name: "after",
            part: Part::Page,
            read: |query, field, value| {
                query.after = Some(number(field, value)?);
                Ok(())
            },
            write: |query| text(query.after),
        },
    ];

    fn check(&self) -> Result<(), InvalidFilter> {
        match (self.from, self.until) {
            (Some(from), Some(until)) if until < from => Err(InvalidFilter::new(
                "until",
                &until.to_string(),
                "use a day that is not before the first",
            )),
            _ => Ok(()),
        }
    }
}

fn number(field: &str, value: &str) -> Result<i64, InvalidFilter> {
    let number = value.parse().ok().filter(|number: &i64| *number >= 0);
    number.ok_or_else(|| InvalidFilter::new(field, value, "use the number of an entry"))
}

impl AuditQuery {
    /// The same list from its first page.
    #[must_use]
    pub fn first_page(&self) -> Self {
        Self { before: None, after: None, ..self.clone() }
    }

    /// The same list with the entries before this number.
    #[must_use]
    pub fn before(&self, seq: i64) -> Self {
        Self { before: Some(seq), after: None, ..self.clone() }
    }

    /// The same list with the nearest entries after this number.
    #[must_use]
    pub fn after(&self, seq: i64) -> Self {
        Self { before: None, after: Some(seq), ..self.clone() }
    }

    /// The first moment, and the first moment that is too late.
    pub fn period(&self) -> (Option<OffsetDateTime>, Option<OffsetDateTime>) {
        let start = |day: Date| day.with_time(Time::MIDNIGHT).assume_utc();
        (self.from.map(start), self.until.map(|day| start(day) + Duration::DAY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use time::macros::datetime;

    #[rstest]
    #[case("outcome=maybe", "succeeded, failed or started")]
    #[case("from=yesterday", "a day as 2026-11-28")]
    #[case("from=2026-11-28&until=2026-11-27", "not before the first")]
    #[case("before=-1", "the number of an entry")]
    #[case("colour=red", "there is no such filter")]
    fn a_filter_that_does_not_parse_says_what_would(#[case] url: &str, #[case] says: &str) {
        let error = url.parse::<AuditQuery>().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn the_url_holds_the_whole_state() {
        let url = "q=ledger&actor=u-1&actor=-&action=break-glass&outcome=failed&target=G-7&from=2026-11-01&until=2026-11-02\
                   &before=90";
        let query: AuditQuery = url.parse().unwrap();
        assert_eq!(query.to_url_query(), url);
        assert_eq!(query.without("actor", "-").actors, ["u-1"]);
        assert_eq!(query.without("from", "2026-11-01").before, None);
        assert_eq!(
            query.period(),
            (Some(datetime!(2026-11-01 0:00 UTC)), Some(datetime!(2026-11-03 0:00 UTC)))
        );
    }
}
