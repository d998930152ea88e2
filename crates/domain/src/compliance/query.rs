//! The findings list's filter, which is also its URL.

use super::{Category, CheckResult, Severity};
use crate::{
    choice::InvalidChoice,
    facts::Kind,
    filter::{
        Field, Filter, InvalidFilter, Part, days, list, parse, push, search, text, texts,
        url_filter,
    },
    ids::{AccountId, OuId, Region, ResourceId},
};
use serde::{Deserialize, Serialize};

/// The state of a finding.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum FindingState {
    /// The check fails or is unknown.
    Open,
    /// It fails, is not excepted, and its due date has passed.
    Overdue,
    /// It holds, and is covered by an exception.
    #[serde(rename = "waived")]
    #[strum(serialize = "waived")]
    Excepted,
    /// It no longer holds.
    Resolved,
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
pub enum ExportFormat {
    Csv,
    Json,
    /// The AWS Security Finding Format.
    Asff,
    /// Compliance Finding of the Open Cybersecurity Schema Framework, one per line.
    Ocsf,
}

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FindingQuery {
    /// Words that must all appear in the name, description, tags or ARN.
    pub text: String,
    pub policies: Vec<String>,
    pub categories: Vec<Category>,
    pub severities: Vec<Severity>,
    /// Fail or unknown; empty means fail.
    pub verdicts: Vec<CheckResult>,
    pub kinds: Vec<Kind>,
    /// Each with its descendants.
    pub ous: Vec<OuId>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    /// Only of these secrets and parameters.
    pub resources: Vec<ResourceId>,
    /// Owners as in the tag; `-` means no owner.
    pub teams: Vec<String>,
    /// Empty means open, overdue ones included.
    pub states: Vec<FindingState>,
    /// Only findings that opened within this many days.
    pub days: Option<u16>,
    /// The row after which the page begins.
    pub after: Option<String>,
}

url_filter!(FindingQuery);

impl Filter for FindingQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        list!(Filter "policy" policies),
        list!(Filter "category" categories),
        list!(Filter "severity" severities),
        Field {
            name: "verdict",
            part: Part::Filter,
            read: |query, field, value| match parse(field, value)? {
                CheckResult::Fail | CheckResult::Unknown => push(&mut query.verdicts, field, value),
                _ => Err(InvalidFilter::new(field, value, "use fail or unknown")),
            },
            write: |query| texts(&query.verdicts),
        },
        list!(Filter "kind" kinds),
        list!(Filter "ou" ous),
        list!(Filter "account" accounts),
        list!(Filter "region" regions),
        list!(Filter "resource" resources),
        list!(Filter "team" teams),
        list!(Filter "state" states),
        Field {
            name: "days",
            part: Part::Filter,
            read: |query, field, value| {
                query.days = Some(days(field, value, 3650, "use a number of days")?);
                Ok(())
            },
            write: |query| text(query.days),
        },
        Field {
            name: "after",
            part: Part::Page,
            read: |query, _, value| {
                query.after = Some(value.to_owned());
                Ok(())
            },
            write: |query| text(query.after.as_ref()),
        },
    ];
}

impl FindingQuery {
    /// The same list, from this row on.
    #[must_use]
    pub fn after(&self, after: Option<String>) -> Self {
        Self { after, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("severity=urgent", "critical, high")]
    #[case("verdict=pass", "fail or unknown")]
    #[case("days=0", "number of days")]
    #[case("colour=red", "there is no such filter")]
    fn a_filter_that_does_not_parse_says_what_would(#[case] url: &str, #[case] says: &str) {
        let error = url.parse::<FindingQuery>().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn the_url_holds_the_whole_state() {
        let url = "q=ledger&policy=rotation-on&category=rotation&severity=high&verdict=unknown&kind=secret&ou=ou-prod-12345678\
                   &account=441205839201&region=eu-west-1&resource=00000000-0000-0000-0000-000000000000&team=payments&state=overdue&days=7&after=1.x";
        let query: FindingQuery = url.parse().unwrap();
        assert_eq!(query.to_url_query(), url);
        assert_eq!(query.without("team", "payments").teams, Vec::<String>::new());
    }
}
