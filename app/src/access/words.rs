//! States, actions and deeds as a person says them.

use crate::ui::Tone;
use claviger_domain::{
    audit::{Deed, Phase},
    grant::{
        Action, GrantId, GrantState, StateWord,
        view::{GrantRow, Happening},
    },
    ids::ResourceId,
};
use time::OffsetDateTime;

pub(crate) fn verb(action: Action) -> &'static str {
    match action {
        Action::Read => "read",
        Action::Write => "write",
        Action::Rotate => "rotate",
    }
}

/// The request form's address for these resources.
pub(crate) fn request_href(
    action: Action,
    extends: Option<GrantId>,
    resources: impl Iterator<Item = ResourceId>,
) -> String {
    let extends = extends.map(|grant| format!("&extends={grant}")).unwrap_or_default();
    resources.fold(format!("/access/request?action={action}{extends}"), |href, id| {
        href + "&resource=" + &id.to_string()
    })
}

/// `payments/ledger and 2 more`.
pub(crate) fn names(row: &GrantRow) -> String {
    match row.more {
        0 => row.name.clone(),
        more => format!("{} and {more} more", row.name),
    }
}

pub(crate) fn tone(word: StateWord) -> Tone {
    match word {
        StateWord::Requested | StateWord::Approved => Tone::Soon,
        StateWord::Claimable | StateWord::Active => Tone::Good,
        StateWord::Revoked | StateWord::Denied | StateWord::Failed => Tone::Bad,
        StateWord::Ended | StateWord::GivenBack | StateWord::Expired => Tone::Unknown,
    }
}

/// `43 min left`, `1 h 5 min left`, `30 s left`, `over`.
pub(crate) fn left(until: OffsetDateTime, now: OffsetDateTime) -> String {
    let seconds = (until - now).whole_seconds();
    match seconds {
        ..=0 => "over".into(),
        1..=59 => format!("{seconds} s left"),
        60..=3599 => format!("{} min left", (seconds + 59) / 60),
        3600..=86_399 => format!("{} h {} min left", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h left", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// What a state means for its holder.
pub(crate) fn meaning(state: &GrantState, now: OffsetDateTime) -> String {
    use crate::ui::format::{absolute, relative};
    match state {
        GrantState::Requested { expires_at } => {
            format!("It expires {} unless it is decided.", relative(*expires_at, now))
        }
        GrantState::Approved { starts_at, .. } => {
            format!("It can be claimed from {}.", absolute(*starts_at))
        }
        GrantState::Claimable { claim_until } => {
            format!("The clock starts when it is claimed, until {}.", absolute(*claim_until))
        }
        GrantState::Active { until, .. } => format!("Ends {}.", absolute(*until)),
        GrantState::Ended { at, .. } | GrantState::Denied { at } => {
            format!("Since {}.", absolute(*at))
        }
        GrantState::Expired { at } => {
            format!("It was not decided or not claimed until {}.", absolute(*at))
        }
        GrantState::Failed { reason, .. } => format!("{reason}."),
    }
}

/// An event as a sentence, and its tone.
pub(crate) fn happened(what: &Happening) -> (Tone, String) {
    match what {
        Happening::CloudTrail { event, error: None } => {
            (Tone::Good, format!("{event}, in CloudTrail"))
        }
        Happening::CloudTrail { event, error: Some(error) } => {
            (Tone::Bad, format!("{event} refused by AWS: {error}"))
        }
        Happening::Deed { deed, phase, succeeded } => deed_words(*deed, *phase, *succeeded),
    }
}

/// A deed of the audit trail.
pub(crate) fn deed_words(deed: Deed, phase: Phase, succeeded: Option<bool>) -> (Tone, String) {
    match (phase, succeeded) {
        (Phase::Started, _) => (Tone::Unknown, format!("{}, begun", doing(deed))),
        (_, Some(false)) => (Tone::Bad, format!("{} failed", doing(deed))),
        _ => (deed_tone(deed), done(deed).to_owned()),
    }
}

fn deed_tone(deed: Deed) -> Tone {
    match deed {
        Deed::Approve
        | Deed::Claim
        | Deed::ConfirmDenial
        | Deed::CloseReview
        | Deed::ApproveRemediation
        | Deed::Remediate
        | Deed::ApproveWaiver
        | Deed::ReviewWaiver => Tone::Good,
        Deed::Deny
        | Deed::Revoke
        | Deed::BreakGlass
        | Deed::DenyRemediation
        | Deed::PullBrake
        | Deed::DenyWaiver => Tone::Bad,
        _ => Tone::Unknown,
    }
}

fn done(deed: Deed) -> &'static str {
    match deed {
        Deed::Request => "Requested",
        Deed::Approve => "Approved",
        Deed::Deny => "Denied",
        Deed::Claim => "Claimed",
        Deed::BreakGlass => "Broke the glass",
        Deed::Expire => "Expired",
        Deed::End => "Ended by time",
        Deed::GiveBack => "Given back",
        Deed::Revoke => "Revoked",
        Deed::IssueSession => "Session issued",
        Deed::Reveal => "Value shown",
        Deed::PutValue => "New value written",
        Deed::Rotate => "Rotation started",
        Deed::DenySession => "Sessions denied at AWS",
        Deed::ConfirmDenial => "AWS refuses its sessions",
        Deed::CollectDenials => "Old denials removed",
        Deed::CloseReview => "Review closed",
        Deed::ConsoleLink => "AWS console opened",
        Deed::SavePolicy => "Policy saved",
        Deed::RetirePolicy => "Policy taken out of force",
        Deed::PlanRemediation => "Remediation planned",
        Deed::ApproveRemediation => "Remediation approved",
        Deed::DenyRemediation => "Remediation denied",
        Deed::WithdrawRemediation => "Remediation withdrawn",
        Deed::StopRemediation => "Remediation stopped",
        Deed::ResumeRemediation => "Remediation resumed",
        Deed::RetryRemediation => "Failed calls begun again",
        Deed::Remediate => "Mended",
        Deed::PullBrake => "Brake pulled",
        Deed::ReleaseBrake => "Brake released",
        Deed::RequestWaiver => "Exception asked for",
        Deed::ApproveWaiver => "Exception approved",
        Deed::DenyWaiver => "Exception denied",
        Deed::WithdrawWaiver => "Exception withdrawn",
        Deed::ReviewWaiver => "Exception reviewed",
        Deed::EndWaiver => "Exception ended",
        Deed::ExpireWaiver => "Exception over by time",
    }
}

fn doing(deed: Deed) -> &'static str {
    match deed {
        Deed::IssueSession => "Issuing a session",
        Deed::Reveal => "Showing the value",
        Deed::PutValue => "Writing a new value",
        Deed::Rotate => "Starting the rotation",
        Deed::DenySession | Deed::CollectDenials => "Changing the role's denials",
        Deed::Claim => "The claim",
        Deed::ConsoleLink => "Opening the AWS console",
        Deed::Remediate => "Mending",
        other => done(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::{Duration, macros::datetime};

    #[test]
    fn time_left_is_said_as_people_say_it() {
        let now = datetime!(2026-11-24 12:00 UTC);
        let said = |seconds| left(now + Duration::seconds(seconds), now);
        assert_eq!(
            [-5, 0, 30, 60, 61, 3600, 3900, 90_000].map(said),
            [
                "over",
                "over",
                "30 s left",
                "1 min left",
                "2 min left",
                "1 h 0 min left",
                "1 h 5 min left",
                "1 d 1 h left"
            ]
        );
    }
}
