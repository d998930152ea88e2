//! What an approver should know before a call. A warning holds dates and not ages, so it stays what was approved.

use super::versions::{CURRENT, PENDING, has_rotated_since, with_value};
use crate::compliance::{Facts, OrganizationContext, rules::unseen_replicas};
use claviger_domain::{
    facts::{Detail, SecretFacts},
    remediation::AwsCall,
};
use time::{Duration, OffsetDateTime};

/// A secret read within this time counts as in use.
const IN_USE: Duration = Duration::days(30);

/// What an approver should know before this call, each a sentence.
pub fn warnings(
    call: &AwsCall,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Vec<String> {
    let Detail::Secret(secret) = &facts.resource.detail else { return Vec::new() };
    match call {
        AwsCall::DeleteSecret { .. } => last_use(secret, facts, org_context, now),
        AwsCall::UpdateSecretVersionStage { move_to: Some(target), .. } => {
            roll_back(target, secret, facts)
        }
        AwsCall::UpdateSecretVersionStage { .. } if secret.rotation.enabled == Some(true) => {
            Some("A rotation that is running now fails.".into())
        }
        AwsCall::CancelRotateSecret => {
            let pending = secret.staged(PENDING).filter(|version| !version.has(CURRENT));
            pending.map(|version| {
                format!(
                    "AWSPENDING stays on version {}: rotation fails until it is cleared.",
                    version.id
                )
            })
        }
        _ => None,
    }
    .into_iter()
    .collect()
}

fn roll_back(target: &str, secret: &SecretFacts, facts: &Facts<'_>) -> Option<String> {
    secret.rotation.lambda_arn.as_ref()?;
    let made_at = with_value(target, facts).ok().flatten().and_then(|version| version.created_at);
    Some(match (has_rotated_since(secret, made_at), secret.rotation.last_rotated_at) {
        (Some(true), Some(at)) => format!(
            "It was rotated on {}, after that version was made: its rotation function may have changed the password in the target system.",
            at.date()
        ),
        (Some(false), _) => return None,
        _ => "It has a rotation function, which may have changed the password in the target system since that version was made.".into(),
    })
}

/// The last use over the primary and all replicas, where it is recent or unknown.
fn last_use(
    secret: &SecretFacts,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Option<String> {
    if let Some(used) = facts.used_on {
        // Day granularity: the whole of that day counts.
        let end = used.midnight().assume_utc().saturating_add(Duration::days(1) + IN_USE);
        if now < end {
            let place = if secret.accessed_on == Some(used) {
                facts.region.to_string()
            } else {
                "the Region of a replica".into()
            };
            return Some(format!("Last read on {used}, in {place}."));
        }
    }
    unseen_replicas(facts, org_context)
        .map(|outcome| format!("Its last use is unknown. {}", outcome.says))
}
