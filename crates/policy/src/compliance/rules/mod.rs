//! The built-in rules, each in AWS's terms. A rule returns fail only if the facts prove it; if a fact is missing, it
//! returns unknown.

mod exposed;
mod keys_and_tags;
mod parameters;
mod rotation;
mod usage;

pub(crate) use usage::unseen_replicas;

use super::{Facts, OrganizationContext, Policy, PolicyRule, day};
use claviger_domain::{
    compliance::Outcome,
    facts::{Detail, SecretFacts},
};
use exposed::of_exposure;
use keys_and_tags::{customer_key, naming, owner, required_tags, tag_policy, tagged};
use parameters::{of_parameter, read_by_path};
use regex::{Regex, RegexBuilder};
use rotation::{
    rotated_as_scheduled, rotation_enabled, rotation_failing, rotation_interval, rotation_stuck,
    value_age,
};
use time::OffsetDateTime;
use usage::{deletion_in_use, replica_health, unused};

/// A pattern of limited size.
pub(crate) fn pattern(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(1 << 20).build()
}

pub(super) fn evaluate(
    policy: &Policy,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Outcome {
    let resource = facts.resource;
    match (&policy.rule, &resource.detail) {
        (PolicyRule::RequiredTags { tags }, _) => required_tags(resource, tags),
        (PolicyRule::ReadByPath {}, Detail::Parameter(_)) => {
            read_by_path(resource, &org_context.path_readers)
        }
        (PolicyRule::Tagged {}, _) => tagged(resource),
        (PolicyRule::TagPolicy {}, _) => tag_policy(resource, &org_context.tag_policies),
        (PolicyRule::Owner {}, _) => owner(resource, facts.team),
        (PolicyRule::Naming { .. }, _) => naming(resource, policy.pattern.as_ref()),
        (PolicyRule::CustomerManagedKey {}, _) => {
            customer_key(resource, facts.deep, claviger_domain::remediation::is_aws_managed)
        }
        (PolicyRule::ValueAge { max_days }, _) => value_age(facts, *max_days, now),
        (PolicyRule::Cel { says, .. }, Detail::Parameter(_)) => {
            of_custom(policy, says.as_deref(), facts, now)
        }
        (PolicyRule::Cel { says, .. }, Detail::Secret(secret)) => set_aside(secret, facts)
            .unwrap_or_else(|| of_custom(policy, says.as_deref(), facts, now)),
        (rule, Detail::Secret(secret)) => of_secret(rule, secret, facts, org_context, now),
        (rule, Detail::Parameter(parameter)) => {
            of_parameter(rule, parameter, resource, policy.pattern.as_ref())
        }
    }
}

/// Secrets that are pending deletion or managed elsewhere.
fn set_aside(secret: &SecretFacts, facts: &Facts<'_>) -> Option<Outcome> {
    if let Some(at) = secret.deleted_at {
        let aside = Outcome::not_applicable("It is pending deletion.");
        return Some(aside.with("DeletedDate", day(at)));
    }
    let primary = secret.primary_region.as_ref().filter(|primary| *primary != facts.region)?;
    let aside = Outcome::not_applicable("It is a replica: its primary is evaluated.");
    Some(aside.with("PrimaryRegion", primary))
}

/// The expression was checked when the policy was read.
fn of_custom(
    policy: &Policy,
    says: Option<&str>,
    facts: &Facts<'_>,
    now: OffsetDateTime,
) -> Outcome {
    policy.custom.as_ref().map_or_else(
        || Outcome::unknown("The rule's expression was not read."),
        |custom| custom.evaluate(says, facts, now),
    )
}

fn of_secret(
    rule: &PolicyRule,
    secret: &SecretFacts,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Outcome {
    if let PolicyRule::DeletionInUse { days } = rule {
        return deletion_in_use(secret, facts, *days);
    }
    if let Some(aside) = set_aside(secret, facts) {
        return aside;
    }
    match rule {
        PolicyRule::RotationEnabled {} => rotation_enabled(secret),
        PolicyRule::RotationInterval { max_days } => rotation_interval(secret, *max_days),
        PolicyRule::RotatedAsScheduled {} => rotated_as_scheduled(secret, facts, now),
        PolicyRule::RotationFailing {} => rotation_failing(secret, now),
        PolicyRule::RotationStuck { grace_hours } => {
            rotation_stuck(secret, facts.deep, *grace_hours, now)
        }
        PolicyRule::Unused { days, grace_days } => {
            unused(facts, org_context, *days, grace_days.unwrap_or(*days), now)
        }
        PolicyRule::ReplicaHealth {} => replica_health(secret, facts.deep),
        PolicyRule::PublicPolicy {}
        | PolicyRule::SharedOutside {}
        | PolicyRule::SharedWithAccount { .. }
        | PolicyRule::WideGrant {} => of_exposure(rule, facts, org_context, now),
        _ => Outcome::not_applicable("It is about parameters."),
    }
}
