//! What the secret itself and the requested schedule say.

use crate::remediation::check;
use claviger_domain::{
    facts::SecretFacts,
    ids::Region,
    remediation::preflight::{PreflightForm, PreflightResult, RotationTemplate, ValueShape},
};
use time::{OffsetDateTime, macros::format_description};

fn passes(text: impl Into<String>) -> PreflightResult {
    PreflightResult::Passes(text.into())
}

pub(super) fn managed_by_service(secret: &SecretFacts) -> PreflightResult {
    match (&secret.owning_service, &secret.secret_type) {
        (Some(service), _) => PreflightResult::fails(
            format!("{service} manages this secret and rotates it by itself."),
            format!("Change its rotation in {service}."),
        ),
        (None, Some(partner)) if secret.rotation.enabled.is_none() => PreflightResult::fails(
            format!(
                "It is a managed external secret ({partner}): its rotation needs the partner's role and metadata."
            ),
            "Set its rotation up in Secrets Manager.",
        ),
        _ => passes("No AWS service manages it."),
    }
}

pub(super) fn replica(secret: &SecretFacts, region: &Region) -> PreflightResult {
    match &secret.primary_region {
        Some(primary) if primary != region => PreflightResult::fails(
            format!("It is a replica. Its primary in {primary} rotates, and the replica follows."),
            format!("Configure the rotation of the primary in {primary}."),
        ),
        Some(_) => passes("It is the primary of its replicas."),
        None => passes("It is not replicated."),
    }
}

fn day(at: OffsetDateTime) -> String {
    at.format(format_description!("[day padding:none] [month repr:long] [year]"))
        .unwrap_or_default()
}

pub(super) fn pending_deletion(secret: &SecretFacts) -> PreflightResult {
    match secret.deleted_at {
        Some(at) => PreflightResult::fails(
            format!(
                "It is pending deletion since {}. AWS rotates no secret that is pending deletion.",
                day(at)
            ),
            "Cancel its deletion first.",
        ),
        None => passes("It is not pending deletion."),
    }
}

pub(super) fn no_value(secret: &SecretFacts) -> PreflightResult {
    let has_current = |stages: &[String]| stages.iter().any(|stage| stage == "AWSCURRENT");
    if secret.versions.iter().any(|version| has_current(&version.stages)) {
        return passes("It has a version with the stage AWSCURRENT.");
    }
    PreflightResult::fails(
        "It has no value: no version has the stage AWSCURRENT, and the function reads that version first.",
        "Write a value first.",
    )
}

pub(super) fn stuck_version(secret: &SecretFacts) -> PreflightResult {
    match secret.stuck_version() {
        Some(version) => PreflightResult::fails(
            format!(
                "The version {version} has the stage AWSPENDING from an earlier run that did not finish. Secrets Manager starts no other run while it is there."
            ),
            "Remove the AWSPENDING stage from that version, after you know whether the database already has its password.",
        ),
        None => passes("AWSPENDING is on no version, or on the current one."),
    }
}

pub(super) fn schedule(form: &PreflightForm) -> PreflightResult {
    match form.remediation().read().and_then(|action| check(&action).map(|()| action)) {
        Ok(action) => passes(format!("{}.", action.says())),
        Err(invalid) => PreflightResult::fails(
            format!("AWS does not accept the {}: {}.", invalid.field, invalid.reason),
            "Correct the schedule. AWS rotates every 4 hours at most, and every 1,000 days at least.",
        ),
    }
}

/// `RotateSecret` and `CancelRotateSecret` together, in an account and Region.
const CALLS_PER_SECOND: u32 = 50;

pub(super) fn quota() -> PreflightResult {
    passes(format!(
        "It is one call. AWS allows {CALLS_PER_SECOND} a second in an account and Region, and Claviger waits for its share."
    ))
}

pub(super) fn value_keys(template: RotationTemplate, shape: &ValueShape) -> PreflightResult {
    if template.keys().is_empty() {
        return PreflightResult::NotApplicable(
            "A function of your own decides what the value must look like.".to_owned(),
        );
    }
    let needed = template.keys().join(", ");
    let keys = match shape {
        ValueShape::NotAsked => {
            return PreflightResult::Unknown(format!(
                "Only an access grant to read shows the value. It must be JSON with the keys {needed}."
            ));
        }
        ValueShape::NoGrant => {
            return PreflightResult::Unknown(format!(
                "You have no active grant to read the value: request one, and check again. It must be JSON with the keys {needed}."
            ));
        }
        ValueShape::NotRead(why) => {
            return PreflightResult::Unknown(format!("The value could not be read. {why}"));
        }
        ValueShape::NotJson => {
            return PreflightResult::fails(
                "The value is not a JSON object, which the template needs.",
                format!("Write a value that is JSON with the keys {needed}."),
            );
        }
        ValueShape::Keys(keys) => keys,
    };
    let missing: Vec<&str> =
        template.keys().iter().copied().filter(|key| !keys.contains(*key)).collect();
    if missing.is_empty() {
        return PreflightResult::Passes(format!("The value has the keys {needed}."));
    }
    PreflightResult::fails(
        format!("The value has no {}.", missing.join(", no ")),
        "Write a value with the missing keys under an access grant.",
    )
}

pub(super) fn host_reachable() -> PreflightResult {
    PreflightResult::Unknown(
        "Only a rotation shows whether the function reaches the database or API, and whether the credentials work there."
            .to_owned(),
    )
}
