//! The findings list's filter, which is also its URL.

use super::{Category, CheckResult, Severity};
use crate::{
    facts::{Kind, string_enum},
    ids::{AccountId, OuId, Region, ResourceId},
    inventory::{InvalidFilter, bounded, each_filter, invalid, push, read, travels_as_url},
};
use serde::{Deserialize, Serialize};
use std::{fmt::Display, str::FromStr};

/// The state of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingState {
    /// The check fails or is unknown.
    Open,
    /// It fails, is not excepted, and its due date has passed.
    Overdue,
    /// It holds, and is covered by an exception.
    #[serde(rename = "waived")]
    Excepted,
    /// It no longer holds.
    Resolved,
}

string_enum!(
    FindingState, "open, overdue, waived or resolved",
    "open" => FindingState::Open,
    "overdue" => FindingState::Overdue,
    "waived" => FindingState::Excepted,
    "resolved" => FindingState::Resolved
);

/// The file format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    Csv,
    Json,
    /// The AWS Security Finding Format.
    Asff,
    /// Compliance Finding of the Open Cybersecurity Schema Framework, one per line.
    Ocsf,
}

string_enum!(
    ExportFormat, "csv, json, asff or ocsf",
    "csv" => ExportFormat::Csv,
    "json" => ExportFormat::Json,
    "asff" => ExportFormat::Asff,
    "ocsf" => ExportFormat::Ocsf
);

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

const FIELDS: &str = "known are q, policy, category, severity, verdict, kind, ou, account, region, resource, team, state, days and after";

travels_as_url!(FindingQuery);

impl FromStr for FindingQuery {
    type Err = InvalidFilter;

    fn from_str(url_query: &str) -> Result<Self, InvalidFilter> {
        let mut query = Self::default();
        each_filter(url_query, |field, value| query.take(field, value))?;
        Ok(query)
    }
}

impl FindingQuery {
    fn take(&mut self, field: &str, value: &str) -> Result<(), InvalidFilter> {
        bounded(field, value)?;
        match field {
            "q" => value.trim().clone_into(&mut self.text),
            "policy" => push(&mut self.policies, field, value)?,
            "category" => push(&mut self.categories, field, value)?,
            "severity" => push(&mut self.severities, field, value)?,
            "verdict" => match read(field, value)? {
                verdict @ (CheckResult::Fail | CheckResult::Unknown) => {
                    if !self.verdicts.contains(&verdict) {
                        self.verdicts.push(verdict);
                    }
                }
                _ => return Err(invalid(field, value, "use fail or unknown".into())),
            },
            "kind" => push(&mut self.kinds, field, value)?,
            "ou" => push(&mut self.ous, field, value)?,
            "account" => push(&mut self.accounts, field, value)?,
            "region" => push(&mut self.regions, field, value)?,
            "resource" => push(&mut self.resources, field, value)?,
            "team" => push(&mut self.teams, field, value)?,
            "state" => push(&mut self.states, field, value)?,
            "days" => {
                let days = value.parse().ok().filter(|days| (1..=3650).contains(days));
                let days =
                    days.ok_or_else(|| invalid(field, value, "use a number of days".into()))?;
                self.days = Some(days);
            }
            "after" => self.after = Some(value.to_owned()),
            _ => return Err(invalid(field, value, format!("there is no such filter; {FIELDS}"))),
        }
        Ok(())
    }

    /// Field and value of every filter, without the page.
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        fn each<T: Display>(
            field: &'static str,
            values: &[T],
        ) -> impl Iterator<Item = (&'static str, String)> {
            values.iter().map(move |value| (field, value.to_string()))
        }
        (!self.text.is_empty())
            .then(|| ("q", self.text.clone()))
            .into_iter()
            .chain(each("policy", &self.policies))
            .chain(each("category", &self.categories))
            .chain(each("severity", &self.severities))
            .chain(each("verdict", &self.verdicts))
            .chain(each("kind", &self.kinds))
            .chain(each("ou", &self.ous))
            .chain(each("account", &self.accounts))
            .chain(each("region", &self.regions))
            .chain(each("resource", &self.resources))
            .chain(each("team", &self.teams))
            .chain(each("state", &self.states))
            .chain(self.days.map(|days| ("days", days.to_string())))
            .collect()
    }

    /// The canonical URL query: `from_str` reads it back to the same.
    pub fn to_url_query(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(self.filters());
        if let Some(after) = &self.after {
            out.append_pair("after", after);
        }
        out.finish()
    }

    /// The same list without one filter, from its first page.
    #[must_use]
    pub fn without(&self, field: &str, value: &str) -> Self {
        let mut rest = Self::default();
        for (f, v) in self.filters() {
            if (f, v.as_str()) != (field, value) {
                // Every pair comes from a valid query.
                let _ = rest.take(f, &v);
            }
        }
        rest
    }

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
