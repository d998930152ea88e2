//! The inventory's states in a person's words.

use crate::ui::{
    Tone,
    format::{counted, days_ago, relative},
};
use claviger_domain::{
    facts::{KeyClass, Kind, ParameterType, Rotation, RotationRules},
    inventory::InventoryQuery,
    rotation::RotationState,
};
use time::{Date, OffsetDateTime};

/// Where a list stands: its path and query.
pub(crate) fn href(query: &InventoryQuery) -> String {
    match query.to_url_query() {
        url_query if url_query.is_empty() => "/inventory".into(),
        url_query => format!("/inventory?{url_query}"),
    }
}

/// The rotation in two or three words, for a row.
pub(crate) fn rotation_chip(state: &RotationState, now: OffsetDateTime) -> Option<(Tone, String)> {
    rotation_words(state, now).map(|(tone, words)| (tone, sentence(&words)))
}

/// The same where no column head says that it is about rotation.
pub(crate) fn rotation_label(state: &RotationState, now: OffsetDateTime) -> Option<(Tone, String)> {
    let (tone, words) = rotation_words(state, now)?;
    let text = match state {
        RotationState::Overdue { since } if since.date() < now.date() => {
            format!("Rotation overdue by {}", days_between(*since, now))
        }
        RotationState::Scheduled { next: Some(next), managed } if tone == Tone::Good => {
            let who = if *managed { "Managed by AWS, rotates" } else { "Rotates" };
            format!("{who} in {}", days_between(now, *next))
        }
        RotationState::Off { was_configured: false } => sentence(&words),
        _ => format!("Rotation: {words}"),
    };
    Some((tone, text))
}

/// As it continues a sentence; nothing where there is no rotation to speak of.
fn rotation_words(state: &RotationState, now: OffsetDateTime) -> Option<(Tone, String)> {
    Some(match state {
        RotationState::Stuck { .. } => (Tone::Bad, "stuck (AWSPENDING)".into()),
        RotationState::Overdue { since } => {
            let days = (now.date() - since.date()).whole_days();
            let words =
                if days > 0 { format!("overdue {days}\u{a0}d") } else { "overdue today".into() };
            (Tone::Bad, words)
        }
        RotationState::Scheduled { next, managed } => {
            let (tone, words) = match next.map(|next| (next.date() - now.date()).whole_days()) {
                None if *managed => (Tone::Unknown, "date unknown".to_owned()),
                None => (Tone::Unknown, "on, date unknown".to_owned()),
                Some(0) => (Tone::Soon, "due today".to_owned()),
                Some(1) => (Tone::Soon, "due tomorrow".to_owned()),
                Some(days) => (Tone::Good, format!("in {days}\u{a0}d")),
            };
            (tone, if *managed { format!("managed, {words}") } else { words })
        }
        RotationState::Off { was_configured: true } => (Tone::Unknown, "disabled".into()),
        RotationState::Off { was_configured: false } => (Tone::Unknown, "no rotation".into()),
        RotationState::NotApplicable => return None,
    })
}

fn days_between(since: OffsetDateTime, until: OffsetDateTime) -> String {
    let days = (until.date() - since.date()).whole_days();
    counted(u64::try_from(days).unwrap_or(0), "day", "days")
}

/// What the state means, for the detail; nothing where all is well.
pub(crate) fn rotation_warning(
    state: &RotationState,
    now: OffsetDateTime,
) -> Option<(String, String)> {
    match state {
        RotationState::Stuck { version } => Some((
            "Rotation is stuck".into(),
            format!(
                "AWSPENDING is on version {version}, not on the AWSCURRENT version. Secrets Manager won't start another rotation until the AWSPENDING label is removed. Check the rotation function's log for the step that failed."
            ),
        )),
        RotationState::Overdue { since } => Some((
            format!("Rotation is overdue since {}", crate::ui::format::day(since.date())),
            format!(
                "Secrets Manager should have rotated it on or before that day, {}. Rotation runs are failing or not starting.",
                relative(*since, now)
            ),
        )),
        _ => None,
    }
}

/// `Every 90 days, window 3h, by rotate-postgres`.
pub(crate) fn rotation_rule(rotation: &Rotation) -> Option<String> {
    let rules = rotation.rules.as_ref()?;
    let mut said = match rules {
        RotationRules { schedule_expression: Some(expression), .. } => {
            format!("{expression} (UTC)")
        }
        RotationRules { automatically_after_days: Some(1), .. } => "Every day".to_owned(),
        RotationRules { automatically_after_days: Some(days), .. } => format!("Every {days} days"),
        _ => "No schedule".to_owned(),
    };
    if let Some(duration) = &rules.duration {
        said.push_str(", window ");
        said.push_str(duration);
    }
    Some(said)
}

pub(crate) fn kind_label(kind: Kind, parameter_type: Option<ParameterType>) -> String {
    match (kind, parameter_type) {
        (Kind::Secret, _) => "Secrets Manager".into(),
        (Kind::Parameter, Some(parameter_type)) => format!("SSM {parameter_type}"),
        (Kind::Parameter, None) => "SSM parameter".into(),
    }
}

pub(crate) fn key_label(key: KeyClass) -> &'static str {
    match key {
        KeyClass::AwsManaged => "AWS managed",
        KeyClass::CustomerManaged => "Customer managed",
        KeyClass::Plain => "Not encrypted",
    }
}

/// Days are all that AWS tells. Parameters have no last access at all.
pub(crate) fn last_read(kind: Kind, accessed_on: Option<Date>, now: OffsetDateTime) -> String {
    match (kind, accessed_on) {
        (Kind::Parameter, _) => "Not tracked".into(),
        (Kind::Secret, None) => "never".into(),
        (Kind::Secret, Some(day)) => days_ago((now.date() - day).whole_days().max(0)),
    }
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Which rotation failed, and where.
pub(crate) fn rotation_failed(
    failure: &claviger_domain::inventory::activity::RotationFailure,
) -> String {
    let at = failure.step.map(|step| format!(" at {step}")).unwrap_or_default();
    match (failure.is_abandoned, failure.is_test) {
        (true, _) => "Rotation abandoned".to_owned(),
        (false, true) => format!("Rotation test failed{at}"),
        (false, false) => format!("Rotation failed{at}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::{date, datetime};

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    #[test]
    fn rotation_is_said_with_its_tone() {
        let said = |state| rotation_chip(&state, NOW);
        let scheduled =
            |next, managed| said(RotationState::Scheduled { next: Some(next), managed });
        assert_eq!(
            said(RotationState::Overdue { since: datetime!(2026-10-21 3:00 UTC) }),
            Some((Tone::Bad, "Overdue 34\u{a0}d".into()))
        );
        assert_eq!(
            scheduled(datetime!(2026-11-24 23:00 UTC), false),
            Some((Tone::Soon, "Due today".into()))
        );
        assert_eq!(
            scheduled(datetime!(2026-11-29 23:00 UTC), true),
            Some((Tone::Good, "Managed, in 5\u{a0}d".into()))
        );
        let undated = said(RotationState::Scheduled { next: None, managed: false });
        assert_eq!(
            undated,
            Some((Tone::Unknown, "On, date unknown".into())),
            "unknown is never shown as good"
        );
        assert_eq!(said(RotationState::NotApplicable), None);
    }

    #[test]
    fn alone_it_says_that_it_is_about_rotation() {
        let at = datetime!(2026-11-29 23:00 UTC);
        let scheduled = |managed| RotationState::Scheduled { next: Some(at), managed };
        for (state, label) in [
            (
                RotationState::Overdue { since: datetime!(2026-10-21 3:00 UTC) },
                "Rotation overdue by 34 days",
            ),
            (
                RotationState::Overdue { since: datetime!(2026-11-23 3:00 UTC) },
                "Rotation overdue by 1 day",
            ),
            (
                RotationState::Overdue { since: datetime!(2026-11-24 3:00 UTC) },
                "Rotation: overdue today",
            ),
            (scheduled(false), "Rotates in 5 days"),
            (scheduled(true), "Managed by AWS, rotates in 5 days"),
            (RotationState::Scheduled { next: None, managed: false }, "Rotation: on, date unknown"),
            (RotationState::Off { was_configured: true }, "Rotation: disabled"),
            (RotationState::Off { was_configured: false }, "No rotation"),
        ] {
            assert_eq!(rotation_label(&state, NOW).unwrap().1, label);
        }
    }

    #[test]
    fn never_read_and_no_data_are_two_things() {
        assert_eq!(last_read(Kind::Secret, None, NOW), "never");
        assert_eq!(last_read(Kind::Parameter, None, NOW), "Not tracked");
        assert_eq!(last_read(Kind::Secret, Some(date!(2026 - 11 - 23)), NOW), "yesterday");
    }

    #[test]
    fn a_schedule_comes_before_days() {
        let rotation = |rules| Rotation { rules: Some(rules), ..Default::default() };
        let days = RotationRules {
            automatically_after_days: Some(90),
            duration: Some("3h".into()),
            ..Default::default()
        };
        assert_eq!(rotation_rule(&rotation(days)).unwrap(), "Every 90 days, window 3h");
        let cron = RotationRules {
            schedule_expression: Some("rate(4 hours)".into()),
            ..Default::default()
        };
        assert_eq!(rotation_rule(&rotation(cron)).unwrap(), "rate(4 hours) (UTC)");
        assert_eq!(rotation_rule(&Rotation::default()), None);
    }
}
