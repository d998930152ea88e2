//! Checks AWS's limits before a plan is created.

use claviger_domain::{
    remediation::{InvalidAction, RemediationAction},
    rotations::schedule::Schedule,
};

/// AWS's limits for tags.
const TAG_KEY: usize = 128;
const TAG_VALUE: usize = 256;
/// AWS's limit for descriptions.
const DESCRIPTION: usize = 2048;

fn invalid(field: &'static str, reason: impl Into<String>) -> InvalidAction {
    InvalidAction::new(field, reason)
}

/// Checks a requested action against AWS's own limits.
pub fn check(action: &RemediationAction) -> Result<(), InvalidAction> {
    match action {
        RemediationAction::SetTags { tags } => {
            if tags.is_empty() || tags.len() > 50 {
                return Err(invalid("tags", "name 1 to 50 tags"));
            }
            tags.iter().try_for_each(|(key, value)| tag(key, value))
        }
        RemediationAction::EnableRotation { days, schedule, duration, .. } => {
            rotation(*days, schedule.as_deref(), duration.as_deref())
        }
        RemediationAction::ChangeKey { key } if key.trim().is_empty() => {
            Err(invalid("key", "name a key by its id, ARN or alias"))
        }
        RemediationAction::ReplacePolicy { document } => crate::exposure::is_read(document)
            .map_err(|fault| invalid("document", fault.to_string())),
        RemediationAction::ScheduleDeletion { window_days } if !(7..=30).contains(window_days) => {
            Err(invalid("window-days", "use 7 to 30 days"))
        }
        RemediationAction::RemoveTags { keys } => {
            if keys.is_empty() || keys.len() > 50 {
                return Err(invalid("keys", "name 1 to 50 keys"));
            }
            keys.iter().try_for_each(|key| tag_key("keys", key))
        }
        RemediationAction::SetDescription { description }
            if !(1..=DESCRIPTION).contains(&description.chars().count()) =>
        {
            Err(invalid("description", "use 1 to 2,048 characters"))
        }
        _ => Ok(()),
    }
}

fn tag_key(field: &'static str, key: &str) -> Result<(), InvalidAction> {
    if key.trim().is_empty() || key.chars().count() > TAG_KEY {
        return Err(invalid(field, format!("a tag's key has 1 to {TAG_KEY} characters")));
    }
    if key.to_lowercase().starts_with("aws:") {
        return Err(invalid(field, "keys that begin with aws: are AWS's own"));
    }
    Ok(())
}

fn tag(key: &str, value: &str) -> Result<(), InvalidAction> {
    tag_key("tags", key)?;
    if value.chars().count() > TAG_VALUE {
        return Err(invalid("tags", format!("a tag's value has at most {TAG_VALUE} characters")));
    }
    Ok(())
}

fn rotation(
    days: Option<u16>,
    schedule: Option<&str>,
    duration: Option<&str>,
) -> Result<(), InvalidAction> {
    Schedule::read(days.map(u32::from), schedule, duration)
        .map(drop)
        .map_err(|wrong| invalid(wrong.field, wrong.reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn read(json: &str) -> RemediationAction {
        serde_json::from_str(json).unwrap()
    }

    #[rstest]
    #[case(r#"{"set-tags": {"tags": {}}}"#, "tags")]
    #[case(r#"{"set-tags": {"tags": {"aws:x": "y"}}}"#, "tags")]
    #[case(r#"{"enable-rotation": {"rotate-immediately": false}}"#, "days")]
    #[case(r#"{"enable-rotation": {"days": 1001, "rotate-immediately": false}}"#, "days")]
    #[case(r#"{"enable-rotation": {"days": 5, "schedule": "rate(5 days)", "rotate-immediately": false}}"#, "days")]
    #[case(
        r#"{"enable-rotation": {"schedule": "every day", "rotate-immediately": false}}"#,
        "schedule"
    )]
    #[case(
        r#"{"enable-rotation": {"schedule": "rate(3 hours)", "rotate-immediately": false}}"#,
        "schedule"
    )]
    #[case(
        r#"{"enable-rotation": {"days": 5, "duration": "3", "rotate-immediately": false}}"#,
        "duration"
    )]
    #[case(r#"{"schedule-deletion": {"window-days": 6}}"#, "window-days")]
    #[case(r#"{"schedule-deletion": {"window-days": 31}}"#, "window-days")]
    #[case(r#"{"change-key": {"key": " "}}"#, "key")]
    #[case(r#"{"remove-tags": {"keys": []}}"#, "keys")]
    #[case(r#"{"remove-tags": {"keys": ["aws:cloudformation:stack-id"]}}"#, "keys")]
    #[case(r#"{"set-description": {"description": ""}}"#, "description")]
    fn what_aws_would_refuse_is_refused_first(#[case] json: &str, #[case] field: &str) {
        assert_eq!(check(&read(json)).unwrap_err().field, field);
    }

    #[test]
    fn whether_the_value_changes_at_once_has_to_be_said() {
        let text = r#"{"enable-rotation": {"days": 30}}"#;
        assert!(serde_json::from_str::<RemediationAction>(text).is_err());
    }
}
