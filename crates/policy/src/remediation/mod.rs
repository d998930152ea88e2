//! Computes the exact call for one secret or parameter from a requested action, or why there is none. Pure.

pub(crate) mod check;
mod no_call;
mod session;
mod statements;
mod versions;
mod warnings;

pub use check::check;
pub use no_call::NoCall;
pub use session::session_policy;
pub use warnings::warnings;

use crate::compliance::{Facts, OrganizationContext, Policy, PolicyRule};
use claviger_domain::{
    facts::{Detail, Reading, RotationRules, SecretFacts},
    remediation::{AwsCall, ExternalRotation, RemediationAction},
};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// AWS's maximum number of tags.
const TAGS: usize = 50;

/// How Secrets Manager is to rotate a managed external secret: with what is asked for, otherwise with what it has.
fn external_rotation(
    role: Option<&str>,
    metadata: &BTreeMap<String, String>,
    secret: &SecretFacts,
    facts: &Facts<'_>,
) -> Result<Option<ExternalRotation>, NoCall> {
    let Some(partner) = &secret.secret_type else { return Ok(None) };
    let has_rotation = secret.rotation.enabled.is_some();
    if role.is_none() && metadata.is_empty() && has_rotation {
        return Ok(None);
    }
    let role = role
        .map(|text| location(text, facts))
        .or_else(|| secret.rotation.external_role_arn.clone());
    let role_arn = role.ok_or_else(|| NoCall::ManagedExternal(partner.clone()))?;
    Ok(Some(ExternalRotation { role_arn, metadata: metadata.clone() }))
}

/// Requested actions that can fix a rule's findings, with open values left empty. The most likely one is first.
pub fn actions_for(rule: &PolicyRule) -> Vec<RemediationAction> {
    let tags = |keys: Vec<&String>| RemediationAction::SetTags {
        tags: keys.into_iter().map(|key| (key.clone(), String::new())).collect(),
    };
    let rotate = |days: u16| RemediationAction::EnableRotation {
        days: Some(days),
        schedule: None,
        duration: None,
        lambda: None,
        role: None,
        metadata: BTreeMap::new(),
        rotate_immediately: false,
    };
    match rule {
        PolicyRule::RequiredTags { tags: required } => vec![tags(required.keys().collect())],
        PolicyRule::Tagged {} | PolicyRule::TagPolicy {} => vec![tags(Vec::new())],
        PolicyRule::Owner {} => vec![tags(vec![&"owner".to_owned()])],
        PolicyRule::RotationEnabled {} => vec![rotate(30)],
        PolicyRule::RotationInterval { max_days } => {
            vec![rotate(u16::try_from(*max_days).unwrap_or(1000))]
        }
        PolicyRule::RotationStuck { .. } => {
            vec![RemediationAction::RotateNow {}, RemediationAction::ClearPending {}, rotate(30)]
        }
        PolicyRule::RotatedAsScheduled {}
        | PolicyRule::RotationFailing {}
        | PolicyRule::ValueAge { .. } => vec![RemediationAction::RotateNow {}, rotate(30)],
        PolicyRule::CustomerManagedKey {} => {
            vec![RemediationAction::ChangeKey { key: String::new() }]
        }
        PolicyRule::PublicPolicy {}
        | PolicyRule::SharedOutside {}
        | PolicyRule::SharedWithAccount { .. }
        | PolicyRule::WideGrant {} => {
            vec![
                RemediationAction::RemoveStatements {},
                RemediationAction::ReplacePolicy { document: String::new() },
            ]
        }
        PolicyRule::Unused { .. } => vec![RemediationAction::ScheduleDeletion { window_days: 30 }],
        PolicyRule::DeletionInUse { .. } => vec![RemediationAction::Restore {}],
        PolicyRule::ReplicaHealth {}
        | PolicyRule::ReadByPath {}
        | PolicyRule::Naming { .. }
        | PolicyRule::SecureStringRequired { .. }
        | PolicyRule::PlainCredential {}
        | PolicyRule::AdvancedExpiration { .. }
        | PolicyRule::Cel { .. } => Vec::new(),
    }
}

/// The call for a requested action on this resource; the error says why there is none. `policy` is the one whose finding it
/// fixes, if any.
pub fn resolve(
    action: &RemediationAction,
    policy: Option<&Policy>,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Result<AwsCall, NoCall> {
    let call = match &facts.resource.detail {
        Detail::Parameter(_) => of_parameter(action)?,
        Detail::Secret(secret) => of_secret(action, secret, policy, facts, org_context, now)?,
    };
    if matches!(call, AwsCall::TagResource { .. } | AwsCall::UntagResource { .. })
        && facts.resource.tags.is_none()
    {
        return Err(NoCall::UnreadTags);
    }
    if let (AwsCall::TagResource { tags }, Some(own)) = (&call, &facts.resource.tags)
        && own.keys().chain(tags.keys()).collect::<std::collections::BTreeSet<_>>().len() > TAGS
    {
        return Err(NoCall::TooManyTags);
    }
    if call.changes(facts.resource, facts.deep).is_empty() {
        return Err(NoCall::NoChange);
    }
    Ok(call)
}

fn of_parameter(action: &RemediationAction) -> Result<AwsCall, NoCall> {
    match action {
        RemediationAction::SetTags { tags } => Ok(AwsCall::TagResource { tags: tags.clone() }),
        RemediationAction::RemoveTags { keys } => Ok(AwsCall::UntagResource { keys: keys.clone() }),
        _ => Err(NoCall::OnlyTags),
    }
}

fn of_secret(
    action: &RemediationAction,
    secret: &SecretFacts,
    policy: Option<&Policy>,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Result<AwsCall, NoCall> {
    let is_replicated = facts.resource.is_replicated();
    if secret.primary_region.as_ref().is_some_and(|primary| primary != facts.region) {
        return Err(NoCall::Replica);
    }
    if let Some(service) = &secret.owning_service {
        match action {
            RemediationAction::SetTags { .. } | RemediationAction::RemoveTags { .. } => {}
            RemediationAction::RollBack { .. } => return Err(NoCall::ChangedInTarget),
            _ => return Err(NoCall::Managed(service.clone())),
        }
    }
    match (secret.deleted_at.is_some(), matches!(action, RemediationAction::Restore {})) {
        (true, false) => return Err(NoCall::PendingDeletion),
        (false, true) => return Err(NoCall::NotPendingDeletion),
        _ => {}
    }
    Ok(match action {
        RemediationAction::SetTags { tags } => AwsCall::TagResource { tags: tags.clone() },
        RemediationAction::EnableRotation {
            days,
            schedule,
            duration,
            lambda,
            role,
            metadata,
            rotate_immediately,
        } => {
            let external = external_rotation(role.as_deref(), metadata, secret, facts)?;
            let is_external = secret.secret_type.is_some();
            let lambda = lambda.as_ref().filter(|_| !is_external).map(|text| location(text, facts));
            if !is_external && lambda.is_none() && secret.rotation.lambda_arn.is_none() {
                return Err(NoCall::NoFunction);
            }
            AwsCall::RotateSecret {
                lambda_arn: lambda.or_else(|| secret.rotation.lambda_arn.clone()),
                external,
                rules: RotationRules {
                    automatically_after_days: days.map(i64::from),
                    duration: duration.clone(),
                    schedule_expression: schedule.clone(),
                },
                rotate_immediately: *rotate_immediately,
            }
        }
        RemediationAction::RotateNow {} if secret.rotation.enabled == Some(true) => {
            AwsCall::RotateNow
        }
        RemediationAction::ChangeKey { key } => {
            AwsCall::UpdateSecret { kms_key_id: location(key, facts) }
        }
        RemediationAction::RemoveStatements {} => {
            let policy = policy.ok_or(NoCall::NoCheck)?;
            statements::without_failing(policy, facts, org_context, now)?
        }
        RemediationAction::ReplacePolicy { document } => {
            let document = location(document, facts);
            crate::exposure::is_read(&document)?;
            current_policy(facts)?;
            AwsCall::PutResourcePolicy { resource_policy: document }
        }
        // AWS denies it while there are replicas.
        RemediationAction::ScheduleDeletion { .. } if is_replicated && replicas(facts)? > 0 => {
            return Err(NoCall::HasReplicas);
        }
        RemediationAction::ScheduleDeletion { window_days } => {
            AwsCall::DeleteSecret { recovery_window_days: *window_days }
        }
        RemediationAction::Restore {} => AwsCall::RestoreSecret,
        RemediationAction::Replicate { region, .. } if region == facts.region => {
            return Err(NoCall::OwnRegion);
        }
        RemediationAction::Replicate { region, key } => {
            if is_replicated {
                replicas(facts)?;
            }
            let kms_key_id = key.as_ref().map(|key| location(key, facts));
            AwsCall::ReplicateSecretToRegions { region: region.clone(), kms_key_id }
        }
        RemediationAction::RemoveReplica { region } => {
            replicas(facts)?;
            AwsCall::RemoveRegionsFromReplication { region: region.clone() }
        }
        RemediationAction::RollBack { version } => {
            versions::roll_back(version.as_deref(), secret, facts)?
        }
        RemediationAction::ClearPending {} => versions::clear_pending(secret)?,
        RemediationAction::CancelRotation {} if secret.rotation.enabled == Some(true) => {
            AwsCall::CancelRotateSecret
        }
        RemediationAction::RotateNow {} | RemediationAction::CancelRotation {} => {
            return Err(NoCall::RotationOff);
        }
        RemediationAction::SetDescription { description } => {
            AwsCall::UpdateDescription { description: description.clone() }
        }
        RemediationAction::RemoveTags { keys } => AwsCall::UntagResource { keys: keys.clone() },
    })
}

/// `{account}` and `{region}` are the secret's own.
fn location(text: &str, facts: &Facts<'_>) -> String {
    text.trim()
        .replace("{account}", facts.location.account.as_str())
        .replace("{region}", facts.region.as_str())
}

/// The number of its replicas, if known.
fn replicas(facts: &Facts<'_>) -> Result<usize, NoCall> {
    match facts.deep.map(|deep| &deep.replicas) {
        Some(Reading::Read(replicas)) => Ok(replicas.len()),
        _ => Err(NoCall::UnreadReplicas),
    }
}

/// Its resource policy, if known.
fn current_policy<'a>(facts: &Facts<'a>) -> Result<Option<&'a str>, NoCall> {
    match facts.deep.map(|deep| &deep.resource_policy) {
        Some(Reading::Read(text)) => Ok(text.as_deref()),
        _ => Err(NoCall::UnreadPolicy),
    }
}

#[cfg(test)]
mod tests;
