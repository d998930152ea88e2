//! What people decide about a finding besides fixing it: who works on it, under which ticket, and until when it is
//! snoozed.

use crate::{authz::Person, choice::InvalidChoice, ids::ResourceId};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// How many findings one change can cover.
pub const MAX_TRIAGED: usize = 1000;
/// How long a snooze can last.
pub const LONGEST_SNOOZE_DAYS: i64 = 180;
const MAX_TICKET_CHARS: usize = 500;

/// The first and the last day until which a finding can be snoozed now, in UTC.
pub fn snooze_days(now: OffsetDateTime) -> (Date, Date) {
    let today = now.to_offset(UtcOffset::UTC).date();
    (today.saturating_add(Duration::DAY), today.saturating_add(Duration::days(LONGEST_SNOOZE_DAYS)))
}

/// A finding: a resource and the policy that it fails. As text: `<resource>_<policy>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FindingRef {
    pub resource: ResourceId,
    pub policy: String,
}

impl fmt::Display for FindingRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.resource, self.policy)
    }
}

impl FromStr for FindingRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "the id of a secret or parameter, an underscore, and the id of a policy";
        let (resource, policy) = text.split_once('_').ok_or(expected)?;
        let resource = resource.parse().map_err(|_| expected)?;
        if policy.is_empty() {
            return Err(expected);
        }
        Ok(Self { resource, policy: policy.to_owned() })
    }
}

impl From<FindingRef> for String {
    fn from(finding: FindingRef) -> Self {
        finding.to_string()
    }
}

impl TryFrom<String> for FindingRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The URL of a ticket: `https` only, because pages link to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TicketUrl(String);

impl TicketUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What a list shows of it: the last part of its path, such as `PAY-142`.
    pub fn label(&self) -> &str {
        let path = self.0.split(['?', '#']).next().unwrap_or_default();
        path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for TicketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for TicketUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected = "the ticket's URL, such as https://tickets.example.com/PAY-142";
        let rest = text.strip_prefix("https://").ok_or(expected)?;
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let is_url = text.len() <= MAX_TICKET_CHARS
            && text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'<' | b'>' | b'\\'))
            && host.bytes().any(|b| b.is_ascii_alphanumeric())
            // What stands before an @ is no part of the host, though it reads like one.
            && !host.contains('@');
        if is_url { Ok(Self(text.to_owned())) } else { Err(expected) }
    }
}

impl From<TicketUrl> for String {
    fn from(ticket: TicketUrl) -> Self {
        ticket.0
    }
}

impl TryFrom<String> for TicketUrl {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// What people decided about a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triage {
    pub assignee: Option<Person>,
    pub ticket: Option<TicketUrl>,
    /// It left the list until then. `None` where that has passed, or where the finding opened again.
    pub snoozed_until: Option<OffsetDateTime>,
}

/// What a change of a finding's triage is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum TriageAction {
    Snooze,
    Assign,
}

/// A change that its author can undo, with the number of findings that still have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriageChange {
    pub id: String,
    pub action: TriageAction,
    pub findings: u64,
    /// To whom they were assigned; `None` where to nobody.
    pub assignee: Option<String>,
    /// Until when they are snoozed; `None` where they are back in the list.
    pub until: Option<Date>,
}

impl TriageChange {
    /// What was done, as a sentence.
    pub fn says(&self) -> String {
        let findings = if self.findings == 1 {
            "1 finding".to_owned()
        } else {
            format!("{} findings", self.findings)
        };
        match (self.action, &self.assignee, self.until) {
            (TriageAction::Snooze, _, Some(until)) => format!("Snoozed {findings} until {until}."),
            (TriageAction::Snooze, _, None) => format!("Ended the snooze of {findings}."),
            (TriageAction::Assign, Some(name), _) => format!("Assigned {findings} to {name}."),
            (TriageAction::Assign, None, _) => format!("Removed the assignee of {findings}."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use time::macros::date;

    #[rstest]
    #[case("https://tickets.example.com/browse/PAY-142", Some("PAY-142"))]
    #[case("https://example.com/issues/7/?tab=notes#last", Some("7"))]
    #[case("https://example.com", Some("example.com"))]
    #[case("http://example.com/PAY-142", None)]
    #[case("javascript:alert(1)", None)]
    #[case("https://", None)]
    #[case("https:///path", None)]
    #[case("https://example.com@evil.example/PAY", None)]
    #[case("https://example.com/a b", None)]
    #[case("https://example.com/\"onclick=", None)]
    #[case("PAY-142", None)]
    fn a_ticket_is_an_https_url(#[case] text: &str, #[case] label: Option<&str>) {
        assert_eq!(text.parse::<TicketUrl>().ok().as_ref().map(TicketUrl::label), label);
    }

    #[test]
    fn a_finding_is_read_as_it_was_written() {
        let text = "00000000-0000-0000-0000-000000000000_rotation_on";
        let finding: FindingRef = text.parse().unwrap();
        assert_eq!((finding.policy.as_str(), finding.to_string().as_str()), ("rotation_on", text));
        for wrong in [
            "",
            "x_rotation",
            "00000000-0000-0000-0000-000000000000",
            "00000000-0000-0000-0000-000000000000_",
        ] {
            assert!(wrong.parse::<FindingRef>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_change_says_what_was_done() {
        let change = |action, findings, assignee: Option<&str>, until| {
            let assignee = assignee.map(Into::into);
            TriageChange { id: String::new(), action, findings, assignee, until }.says()
        };
        let says = [
            change(TriageAction::Snooze, 1, None, Some(date!(2026 - 12 - 05))),
            change(TriageAction::Snooze, 2, None, None),
            change(TriageAction::Assign, 3, Some("Ada"), None),
            change(TriageAction::Assign, 1, None, None),
        ];
        assert_eq!(
            says,
            [
                "Snoozed 1 finding until 2026-12-05.",
                "Ended the snooze of 2 findings.",
                "Assigned 3 findings to Ada.",
                "Removed the assignee of 1 finding."
            ]
        );
    }
}
