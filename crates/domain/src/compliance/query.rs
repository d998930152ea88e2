//! The findings list's filter, which is also its URL.

use super::{Category, CheckResult, Severity, triage::FindingRef};
use crate::{
    choice::InvalidChoice,
    facts::Kind,
    filter::{
        self, Field, Filter, InvalidFilter, MAX_VALUE_CHARS, Part, days, list, parse, push, search,
        take_yes, text, texts, url_filter, within_length,
    },
    ids::{AccountId, OuId, Region, ResourceId},
    inventory::{Direction, InventoryQuery},
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
    /// It holds, and a person has put it off until a day.
    Snoozed,
}

/// What a list of findings is sorted by.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
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
pub enum FindingSort {
    /// The most severe first, and of those the newest.
    #[default]
    Severity,
    /// The earliest first.
    Due,
    /// When it opened, the oldest first.
    Opened,
    Name,
    Account,
}

/// How a list of findings is grouped.
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
pub enum FindingGrouping {
    /// One row for each policy and account: what one plan can fix.
    Fix,
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
    /// Only these: what a person has selected.
    pub findings: Vec<FindingRef>,
    /// Subjects of people; `me` means the caller, `-` means nobody.
    pub assignees: Vec<String>,
    /// Owners as in the tag; `-` means no owner.
    pub teams: Vec<String>,
    /// Empty means open, overdue ones included.
    pub states: Vec<FindingState>,
    /// Only findings that opened within this many days.
    pub days: Option<u16>,
    pub group: Option<FindingGrouping>,
    pub sort: FindingSort,
    pub direction: Direction,
    /// Whether all that match are selected, beyond the page.
    pub all: bool,
    /// The row after which the page begins.
    pub after: Option<String>,
    /// Only of the resources that this filter of the inventory matches.
    pub within: Option<InventoryQuery>,
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
        list!(Filter "finding" findings),
        list!(Filter "team" teams),
        list!(Filter "assignee" assignees),
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
            name: "within",
            part: Part::Filter,
            read: |query, field, value| {
                let within = value.parse::<InventoryQuery>();
                let expected = "it is not a filter of the inventory";
                let within = within.map_err(|_| InvalidFilter::new(field, value, expected))?;
                query.within = Some(InventoryQuery { cursor: None, all: false, ..within });
                Ok(())
            },
            write: |query| text(query.within.as_ref().map(InventoryQuery::to_url_query)),
        },
        Field {
            name: "group",
            part: Part::Layout,
            read: |query, field, value| parse(field, value).map(|group| query.group = Some(group)),
            write: |query| text(query.group),
        },
        Field {
            name: "sort",
            part: Part::Layout,
            read: |query, field, value| parse(field, value).map(|sort| query.sort = sort),
            write: |query| text(Some(query.sort).filter(|sort| *sort != FindingSort::default())),
        },
        Field {
            name: "dir",
            part: Part::Layout,
            read: |query, field, value| parse(field, value).map(|dir| query.direction = dir),
            write: |query| text(Some(query.direction).filter(|dir| *dir != Direction::default())),
        },
        Field {
            name: "all",
            part: Part::Page,
            read: |query, field, value| take_yes(field, value).map(|()| query.all = true),
            write: |query| text(query.all.then_some("yes")),
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

    /// A filter of the inventory is longer than other values.
    fn accepts(field: &str, value: &str) -> Result<(), InvalidFilter> {
        within_length(
            field,
            value,
            if field == "within" { MAX_WITHIN_CHARS } else { MAX_VALUE_CHARS },
        )
    }
}

/// The maximum length of a filter of the inventory in a filter of findings, in characters.
const MAX_WITHIN_CHARS: usize = 4000;

impl FindingQuery {
    /// The same list, from this row on.
    #[must_use]
    pub fn after(&self, after: Option<String>) -> Self {
        Self { after, all: false, ..self.clone() }
    }

    /// The same list with all that match selected, or no longer.
    #[must_use]
    pub fn selecting_all(&self, all: bool) -> Self {
        Self { all, ..self.clone() }
    }

    /// Field and value of every filter and of the layout, as in the URL and in forms; without the page.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        filter::pairs(self, &[Part::Filter, Part::Layout])
    }

    /// The same list in this order, or reversed if it has this order already; from its first page.
    #[must_use]
    pub fn sorted_by(&self, sort: FindingSort) -> Self {
        let direction = match self.direction {
            Direction::Ascending if self.sort == sort => Direction::Descending,
            _ => Direction::Ascending,
        };
        Self { sort, direction, all: false, after: None, ..self.clone() }
    }

    /// The same list as this person asks for it: `me` is them.
    #[must_use]
    pub fn asked_by(mut self, subject: &str) -> Self {
        for assignee in self.assignees.iter_mut().filter(|assignee| *assignee == "me") {
            subject.clone_into(assignee);
        }
        self
    }

    /// The findings of the list that can be acted on: neither resolved nor excepted. Snoozed ones are among them where the
    /// list has them, and where findings are named. `None` where the list has no such findings.
    pub fn actionable(mut self) -> Option<Self> {
        let is_named = !self.findings.is_empty() || !self.resources.is_empty();
        if self.states.is_empty() && is_named {
            self.states = vec![FindingState::Open, FindingState::Snoozed];
        } else if !self.states.is_empty() {
            self.states
                .retain(|state| !matches!(state, FindingState::Excepted | FindingState::Resolved));
            if self.states.is_empty() {
                return None;
            }
        }
        self.after = None;
        Some(self)
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

    #[rstest]
    #[case("policy=owner", Some("policy=owner"))]
    #[case(
        "resource=00000000-0000-0000-0000-000000000000",
        Some("resource=00000000-0000-0000-0000-000000000000&state=open&state=snoozed")
    )]
    #[case("state=snoozed&after=x", Some("state=snoozed"))]
    #[case("state=overdue&state=waived", Some("state=overdue"))]
    #[case("state=resolved", None)]
    fn what_is_over_is_not_acted_on(#[case] url: &str, #[case] expected: Option<&str>) {
        let query = url.parse::<FindingQuery>().unwrap().actionable();
        assert_eq!(query.map(|query| query.to_url_query()).as_deref(), expected);
    }

    #[test]
    fn the_url_holds_the_whole_state() {
        let url = "q=ledger&policy=rotation-on&category=rotation&severity=high&verdict=unknown&kind=secret&ou=ou-prod-12345678\
                   &account=441205839201&region=eu-west-1&resource=00000000-0000-0000-0000-000000000000&finding=00000000-0000-0000-0000-000000000000_rotation-on\
                   &team=payments&assignee=me&state=overdue&days=7&within=rotation%3Doverdue&group=fix&sort=due&dir=desc&all=yes&after=1.x";
        let query: FindingQuery = url.parse().unwrap();
        assert_eq!(query.to_url_query(), url);
        assert_eq!(query.without("team", "payments").teams, Vec::<String>::new());
    }
}
