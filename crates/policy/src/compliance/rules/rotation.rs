//! Rules about rotation, and the age of values.

use crate::compliance::{Facts, day, schedule};
use claviger_domain::{
    compliance::Outcome,
    facts::{Detail, ParameterType, Reading, ResourceDetails, SecretFacts},
};
use time::{Duration, OffsetDateTime};

fn is_on(secret: &SecretFacts) -> bool {
    secret.rotation.enabled == Some(true)
}

fn rotation_word(secret: &SecretFacts) -> &'static str {
    match secret.rotation.enabled {
        Some(true) => "true",
        Some(false) => "false",
        None => "absent: never configured",
    }
}

pub(crate) fn rotation_enabled(secret: &SecretFacts) -> Outcome {
    let outcome = match (secret.rotation.enabled, &secret.rotation.rules) {
        (Some(true), _) => Outcome::pass("Rotation is on."),
        // Rules remain after rotation is disabled.
        (_, Some(_)) => Outcome::fail("Rotation is switched off; its rules are still there."),
        _ => Outcome::fail("Rotation was never set up."),
    };
    managed(outcome.with("RotationEnabled", rotation_word(secret)), secret)
}

/// Who rotates the secret, if it is not the owner's function.
fn managed(outcome: Outcome, secret: &SecretFacts) -> Outcome {
    let outcome = match &secret.owning_service {
        Some(service) => outcome.with("OwningService", service),
        None => outcome,
    };
    match &secret.secret_type {
        Some(partner) => outcome.with("Type", format!("{partner}: a managed external secret")),
        None => outcome,
    }
}

pub(crate) fn rotation_interval(secret: &SecretFacts, max_days: u32) -> Outcome {
    if !is_on(secret) {
        return Outcome::fail("Rotation is not on.").with("RotationEnabled", rotation_word(secret));
    }
    let Some(rules) = &secret.rotation.rules else {
        return managed(Outcome::unknown("Rotation is on, but AWS gives no rules."), secret);
    };
    let said = rules.schedule_expression.clone().unwrap_or_else(|| {
        format!("every {} days", rules.automatically_after_days.unwrap_or_default())
    });
    let outcome = match schedule::max_interval(rules) {
        Err(why) => Outcome::unknown(format!("How often it rotates is not known: {why}.")),
        Ok(pause) if pause <= Duration::days(i64::from(max_days)) => {
            Outcome::pass("It rotates often enough.")
        }
        Ok(_) => Outcome::fail("It rotates too seldom."),
    };
    outcome.with("RotationRules", said).with("at most", format!("{max_days} days"))
}

pub(crate) fn rotated_as_scheduled(
    secret: &SecretFacts,
    facts: &Facts<'_>,
    now: OffsetDateTime,
) -> Outcome {
    if !is_on(secret) {
        return Outcome::not_applicable("Rotation is not on.")
            .with("RotationEnabled", rotation_word(secret));
    }
    // Secrets Manager maintains this date: setting a value manually changes it, and so does another schedule.
    if let Some(next) = secret.rotation.next_rotation_at {
        let outcome = if next < now {
            Outcome::fail("A scheduled rotation did not happen.")
        } else {
            Outcome::pass("No scheduled rotation was missed.")
                .until(next.saturating_add(Duration::seconds(1)))
        };
        let outcome = outcome.with("NextRotationDate", day(next));
        return match secret.rotation.last_rotated_at {
            Some(at) => outcome.with("LastRotatedDate", day(at)),
            None => outcome.with("LastRotatedDate", "absent: never rotated"),
        };
    }
    let pause = match secret.rotation.rules.as_ref().map(schedule::max_interval) {
        Some(Ok(pause)) => pause,
        Some(Err(why)) => {
            return Outcome::unknown(
                "AWS gives no NextRotationDate, and its schedule cannot be understood.",
            )
            .with("RotationRules", why.to_string());
        }
        None => {
            return Outcome::unknown("AWS gives neither NextRotationDate nor rotation rules.");
        }
    };
    // Never rotated: it is due one whole interval after its creation.
    let (since, fact) = match (secret.rotation.last_rotated_at, facts.resource.created_at) {
        (Some(at), _) => (at, "LastRotatedDate"),
        (None, Some(at)) => (at, "CreatedDate"),
        (None, None) => {
            return Outcome::unknown("AWS gives neither LastRotatedDate nor CreatedDate.");
        }
    };
    // For a schedule by days, the window is the whole UTC day.
    let due = since
        .saturating_add(pause)
        .replace_time(time::Time::MIDNIGHT)
        .saturating_add(Duration::days(1));
    let outcome = if now < due {
        Outcome::pass("It was rotated within its schedule.").until(due)
    } else {
        Outcome::fail("A scheduled rotation did not happen.")
    };
    outcome.with(fact, day(since)).with("due by", day(due))
}

pub(crate) fn rotation_failing(secret: &SecretFacts, now: OffsetDateTime) -> Outcome {
    if !is_on(secret) {
        return Outcome::not_applicable("Rotation is not on.")
            .with("RotationEnabled", rotation_word(secret));
    }
    match secret.rotation.next_rotation_at {
        // "On or before": until then it is not late.
        Some(next) if next < now => Outcome::fail("Rotation has failed since its date passed.")
            .with("NextRotationDate", day(next)),
        Some(next) => Outcome::pass("Next rotation is scheduled.")
            .with("NextRotationDate", day(next))
            .until(next.saturating_add(Duration::seconds(1))),
        None => Outcome::unknown("Rotation is on, but AWS gives no NextRotationDate."),
    }
}

pub(crate) fn rotation_stuck(
    secret: &SecretFacts,
    deep: Option<&ResourceDetails>,
    grace_hours: u32,
    now: OffsetDateTime,
) -> Outcome {
    let Some(version) = secret.stuck_version() else {
        return Outcome::pass("No version but AWSCURRENT holds AWSPENDING.");
    };
    let made = deep.and_then(|deep| deep.stage_made("AWSPENDING"));
    let grace = Duration::hours(i64::from(grace_hours));
    match made {
        Some(made) if grace_hours > 0 && now < made.saturating_add(grace) => {
            Outcome::pass("A rotation is under way.")
                .with("AWSPENDING since", day(made))
                .until(made.saturating_add(grace))
        }
        Some(made) => Outcome::fail("A rotation is stuck.")
            .with("AWSPENDING", version)
            .with("AWSPENDING since", day(made)),
        None => Outcome::fail("A rotation is stuck.").with("AWSPENDING", version),
    }
}

pub(crate) fn value_age(facts: &Facts<'_>, max_days: u32, now: OffsetDateTime) -> Outcome {
    let (made, fact) = match &facts.resource.detail {
        Detail::Parameter(parameter) => {
            if parameter.parameter_type != ParameterType::SecureString {
                return Outcome::not_applicable("It is a plain parameter.");
            }
            // Every PutParameter creates a version, and nothing else changes the date.
            (facts.resource.changed_at, "LastModifiedDate")
        }
        Detail::Secret(secret) => {
            if let Some(at) = secret.deleted_at {
                return Outcome::not_applicable("It is pending deletion.")
                    .with("DeletedDate", day(at));
            }
            if secret.primary_region.as_ref().is_some_and(|primary| primary != facts.region) {
                return Outcome::not_applicable("It is a replica: its primary is evaluated.");
            }
            match facts.deep.map(|deep| &deep.versions) {
                None => return Outcome::unknown("Its versions have not been read yet."),
                Some(Reading::Refused(code)) => {
                    return Outcome::unknown("AWS did not let the console read its versions.")
                        .with("ListSecretVersionIds", code);
                }
                Some(Reading::Read(_)) => {}
            }
            (facts.deep.and_then(|deep| deep.stage_made("AWSCURRENT")), "AWSCURRENT since")
        }
    };
    let Some(made) = made else {
        return Outcome::unknown("AWS gives no date for its value.");
    };
    let old = made.saturating_add(Duration::days(i64::from(max_days)));
    let outcome = if now < old {
        Outcome::pass("Value is recent enough.").until(old)
    } else {
        Outcome::fail("Value is older than allowed.")
    };
    outcome.with(fact, day(made)).with("at most", format!("{max_days} days"))
}
