//! Labels of states, and addresses.

use crate::ui::Tone;
use claviger_domain::{
    grants::{
        Action, GrantId, GrantStateName,
        view::{GrantDetail, GrantRow},
    },
    ids::ResourceId,
};
use time::OffsetDateTime;

pub(crate) fn verb(action: Action) -> &'static str {
    action.words()
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

/// The form of a request like this one, to change and submit.
pub(crate) fn again_href(shown: &GrantDetail) -> String {
    let ids = shown.resources.iter().map(|resource| resource.id);
    let filled = form_urlencoded::Serializer::new(String::new())
        .append_pair("minutes", &shown.row.minutes.to_string())
        .append_pair("purpose", &shown.purpose)
        .finish();
    format!("{}&{filled}", request_href(shown.row.action, None, ids))
}

/// The form for break-glass access to these resources.
pub(crate) fn glass_href(resources: impl Iterator<Item = ResourceId>) -> String {
    request_href(Action::Read, None, resources) + "&glass=true"
}

/// `payments/ledger and 2 more`.
pub(crate) fn names(row: &GrantRow) -> String {
    match row.more {
        0 => row.name.clone(),
        more => format!("{} and {more} more", row.name),
    }
}

pub(crate) fn tone(word: GrantStateName) -> Tone {
    match word {
        GrantStateName::Requested | GrantStateName::Approved => Tone::Soon,
        GrantStateName::Claimable | GrantStateName::Active => Tone::Good,
        GrantStateName::Revoked | GrantStateName::Denied | GrantStateName::Failed => Tone::Bad,
        GrantStateName::Ended | GrantStateName::GivenBack | GrantStateName::Expired => {
            Tone::Unknown
        }
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
