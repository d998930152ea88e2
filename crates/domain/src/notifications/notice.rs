//! Notifications: recipients and texts.

use crate::{
    choice::InvalidChoice,
    grants::{EndReason, Grant, GrantId, GrantState, Vote},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The kind of a notification.
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
pub enum NoticeKind {
    /// To approvers: a request needs a decision.
    Decide,
    /// To approvers: a reminder of it.
    Remind,
    Approved,
    Denied,
    Expired,
    Claimed,
    /// To the holder: access ends soon.
    EndsSoon,
    Ended,
    Revoked,
    GivenBack,
    Failed,
    /// To approvers and security admins: someone used break-glass access.
    BreakGlass,
    /// To the holder: the review was closed.
    Reviewed,
}

/// A notification as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The name of the event, such as `decide`.
    pub kind: String,
    /// The grant that it is about, if any.
    pub grant: Option<GrantId>,
    pub title: String,
    pub body: String,
    /// A path in Claviger.
    pub link: String,
}

impl NoticeKind {
    pub fn of_end(why: EndReason) -> Self {
        match why {
            EndReason::Time => Self::Ended,
            EndReason::Revoked => Self::Revoked,
            EndReason::GivenBack => Self::GivenBack,
        }
    }

    /// Creates the text. `note` is a reason or another person's name, if the kind has one.
    pub fn write(self, grant: &Grant, note: Option<&str>) -> Notice {
        let (who, what) = (&grant.terms.requester.name, what(grant));
        let minutes = for_minutes(grant.minutes);
        let said = note.map(|note| format!(" They wrote: {note}")).unwrap_or_default();
        let by = note.map(|note| format!(" by {note}")).unwrap_or_default();
        let purpose = full_stop(&grant.terms.purpose);
        let ticket =
            grant.terms.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
        let (title, body) = match self {
            Self::Decide => (
                format!("{who} requests to {what}"),
                format!("For {minutes}. {purpose}{ticket} Needs your decision."),
            ),
            Self::Remind => (
                format!("Pending: {who} requests to {what}"),
                format!("For {minutes}. {purpose}{ticket} No decision yet."),
            ),
            Self::Approved => (
                format!("Approved: {what}"),
                format!("You can start access for {minutes}{}.", until(grant)),
            ),
            Self::Denied => (format!("Denied: {what}"), format!("Your request was denied.{said}")),
            Self::Expired => (
                format!("Expired: {what}"),
                "Request expired. Submit a new one if it is still needed.".into(),
            ),
            Self::Claimed => (
                format!("{who} can now {what}"),
                format!("The window of {minutes} has started{}.", until(grant)),
            ),
            Self::EndsSoon => (
                format!("Ends soon: {what}"),
                format!("You can use it{}. Request an extension if you need it.", until(grant)),
            ),
            Self::Ended => (format!("Ended: {what}"), "Access expired.".into()),
            Self::Revoked => (format!("Revoked: {what}"), format!("Access was revoked{by}.")),
            Self::GivenBack => {
                (format!("Ended early: {what}"), format!("{who} ended access early."))
            }
            Self::Failed => (
                format!("Could not start: {what}"),
                full_stop(note.unwrap_or("The grant could not be activated")),
            ),
            Self::BreakGlass => {
                let incident = grant.terms.incident.as_ref();
                let incident = incident.map(|it| format!(" Incident {it}.")).unwrap_or_default();
                (
                    format!("Break-glass: {who} can {what} now"),
                    format!(
                        "For {minutes}, without approval. {purpose}{ticket}{incident} Needs review by another person."
                    ),
                )
            }
            Self::Reviewed => (
                format!("Reviewed: {what}"),
                format!("The review of your break-glass was closed{by}."),
            ),
        };
        let link = match self {
            Self::Decide | Self::Remind => format!("/approvals/{}", grant.id),
            _ => format!("/access/{}", grant.id),
        };
        Notice { kind: self.to_string(), grant: Some(grant.id), title, body, link }
    }
}

/// What the message about a request in the chat says, for the state that the request has now. Its kind is the state.
pub fn request_status(grant: &Grant) -> Notice {
    let (who, what) = (&grant.terms.requester.name, what(grant));
    let glass = if grant.terms.break_glass { "Break-glass: " } else { "" };
    let title = format!("{glass}{who} requests to {what}");
    let terms = &grant.terms;
    let ticket = terms.ticket.as_ref().map(|ticket| format!(" ({ticket})")).unwrap_or_default();
    let (status, link) = status(grant);
    let incident = terms.incident.as_ref().map(|it| format!(" Incident {it}.")).unwrap_or_default();
    let length = for_minutes(grant.minutes);
    let body = format!("{status}\nFor {length}. {}{ticket}{incident}", terms.purpose);
    Notice { kind: grant.state.word().to_string(), grant: Some(grant.id), title, body, link }
}

/// The state as a sentence, and the page to open in it.
fn status(grant: &Grant) -> (String, String) {
    let page = format!("/access/{}", grant.id);
    let by = |vote: Vote| {
        let of = grant.decided.iter().filter(|one| one.verdict == vote);
        let names: Vec<&str> = of.map(|one| one.by.name.as_str()).collect();
        if names.is_empty() { String::new() } else { format!(" by {}", names.join(", ")) }
    };
    let said = match &grant.state {
        GrantState::Requested { .. } => {
            let approved = match by(Vote::Approve) {
                by if by.is_empty() => String::new(),
                by => format!(" Approved{by} so far."),
            };
            let link = format!("/approvals/{}", grant.id);
            return (format!("Needs a decision.{approved}"), link);
        }
        GrantState::Approved { .. } | GrantState::Claimable { .. } => {
            format!("Approved{}. Not started yet{}.", by(Vote::Approve), until(grant))
        }
        GrantState::Active { .. } => {
            let approved = match by(Vote::Approve) {
                _ if grant.terms.break_glass => {
                    "Without approval; needs review by another person.".to_owned()
                }
                by => format!("Approved{by}."),
            };
            format!("Active{}. {approved}", until(grant))
        }
        GrantState::Ended { why: EndReason::Time, .. } => "Ended on time.".to_owned(),
        GrantState::Ended { why: EndReason::Revoked, .. } => "Revoked.".to_owned(),
        GrantState::Ended { why: EndReason::GivenBack, .. } => {
            format!("Ended by {}.", grant.terms.requester.name)
        }
        GrantState::Denied { .. } => format!("Denied{}.", by(Vote::Deny)),
        GrantState::Expired { .. } => "Expired: not approved or not started in time.".to_owned(),
        GrantState::Failed { reason, .. } => format!("Could not start: {reason}."),
    };
    (said, page)
}

/// `read payments/ledger and 2 more`.
pub fn what(grant: &Grant) -> String {
    let verb = grant.terms.action.words();
    let name = grant.resources.first().map_or("nothing", |resource| resource.name.as_str());
    match grant.resources.len() {
        0 | 1 => format!("{verb} {name}"),
        more => format!("{verb} {name} and {} more", more - 1),
    }
}

/// A text that a person or a service wrote, with its end: another sentence follows it.
pub fn full_stop(text: &str) -> String {
    let text = text.trim_end();
    let has_end = text.is_empty() || text.ends_with(['.', '!', '?', '…']);
    if has_end { text.to_owned() } else { format!("{text}.") }
}

/// `45 minutes`, `2 hours`, `1 hour 30 minutes`.
pub fn for_minutes(minutes: u32) -> String {
    let unit = |n: u32, one: &str| format!("{n} {one}{}", if n == 1 { "" } else { "s" });
    match (minutes / 60, minutes % 60) {
        (0, m) => unit(m, "minute"),
        (h, 0) => unit(h, "hour"),
        (h, m) => format!("{} {}", unit(h, "hour"), unit(m, "minute")),
    }
}

fn until(grant: &Grant) -> String {
    let at = |word: &str, at: OffsetDateTime| {
        let at = at.to_offset(time::UtcOffset::UTC);
        format!(", {word} {} at {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
    };
    match &grant.state {
        GrantState::Approved { starts_at, .. } => at("from", *starts_at),
        GrantState::Claimable { claim_until } => at("until", *claim_until),
        GrantState::Active { until, .. } => at("until", *until),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_ends_once() {
        assert_eq!(full_stop("Take it out of the variable"), "Take it out of the variable.");
        assert_eq!(full_stop("It was marked for deletion. "), "It was marked for deletion.");
        assert_eq!(full_stop("Why not?"), "Why not?");
        assert_eq!(full_stop(""), "");
    }
}
