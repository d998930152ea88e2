//! Moves of staging labels. Which version has a value is all that is known of it: no value is read.

use super::NoCall;
use crate::compliance::Facts;
use claviger_domain::{
    facts::{DatedVersion, Reading, SecretFacts},
    remediation::AwsCall,
};
use time::OffsetDateTime;

pub(super) const CURRENT: &str = "AWSCURRENT";
pub(super) const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";

/// Gives AWSCURRENT to the named version, or to the previous one.
pub(super) fn roll_back(
    version: Option<&str>,
    secret: &SecretFacts,
    facts: &Facts<'_>,
) -> Result<AwsCall, NoCall> {
    let target = match version {
        Some(id) => id,
        None => &secret.staged(PREVIOUS).ok_or(NoCall::NoPrevious)?.id,
    };
    let missing = || NoCall::NoSuchVersion(target.to_owned());
    let labels = secret.versions.iter().find(|own| own.id == target).ok_or_else(missing)?;
    if labels.has(CURRENT) {
        return Err(NoCall::IsCurrent);
    }
    if labels.has(PENDING) {
        return Err(NoCall::IsPending);
    }
    // AWS lists a version only once it has a value; DescribeSecret shows it before.
    let dated = with_value(target, facts)?.ok_or_else(missing)?;
    if is_managed(secret) && has_rotated_since(secret, dated.created_at) != Some(false) {
        return Err(NoCall::ChangedInTarget);
    }
    let current = secret.staged(CURRENT).ok_or(NoCall::UnreadVersions)?;
    Ok(AwsCall::UpdateSecretVersionStage {
        stage: CURRENT.into(),
        move_to: Some(target.to_owned()),
        remove_from: current.id.clone(),
    })
}

/// Takes AWSPENDING from the version on which a rotation left it, with or without a value.
pub(super) fn clear_pending(secret: &SecretFacts) -> Result<AwsCall, NoCall> {
    let pending = secret.staged(PENDING).ok_or(NoCall::NoPending)?;
    if pending.has(CURRENT) {
        return Err(NoCall::PendingIsCurrent);
    }
    Ok(AwsCall::UpdateSecretVersionStage {
        stage: PENDING.into(),
        move_to: None,
        remove_from: pending.id.clone(),
    })
}

/// The version as AWS lists those with a value.
pub(super) fn with_value<'a>(
    id: &str,
    facts: &Facts<'a>,
) -> Result<Option<&'a DatedVersion>, NoCall> {
    match facts.deep.map(|deep| &deep.versions) {
        Some(Reading::Read(versions)) => Ok(versions.iter().find(|version| version.id == id)),
        _ => Err(NoCall::UnreadVersions),
    }
}

/// Whether AWS itself rotates the password in the target system: managed rotation has no function.
fn is_managed(secret: &SecretFacts) -> bool {
    secret.rotation.enabled == Some(true) && secret.rotation.lambda_arn.is_none()
}

/// Whether it was rotated after then; `None` if that is unknown.
pub(super) fn has_rotated_since(
    secret: &SecretFacts,
    then: Option<OffsetDateTime>,
) -> Option<bool> {
    Some(secret.rotation.last_rotated_at? > then?)
}

#[cfg(test)]
mod tests;
