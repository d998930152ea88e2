//! API calls that change one secret or parameter each, or the role of a consumer that reads it.

use super::consumer_call::ConsumerCall;
use crate::{
    facts::{Detail, Kind, Reading, ResourceDetails, ResourceFacts, Rotation, RotationRules},
    ids::Region,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A complete call with its parameters, under AWS's names: nothing is decided when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum AwsCall {
    /// `TagResource`; for a parameter `AddTagsToResource`. Other tags are kept.
    TagResource {
        tags: BTreeMap<String, String>,
    },
    /// `RotateSecret` with a schedule: it enables rotation.
    RotateSecret {
        lambda_arn: Option<String>,
        /// For a managed external secret.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external: Option<ExternalRotation>,
        rules: RotationRules,
        /// AWS's default is true, so it is always sent explicitly.
        rotate_immediately: bool,
    },
    /// `RotateSecret` immediately, with the current configuration.
    RotateNow,
    /// `UpdateSecret` with only a key.
    UpdateSecret {
        kms_key_id: String,
    },
    /// `PutResourcePolicy`, with `BlockPublicPolicy`.
    PutResourcePolicy {
        resource_policy: String,
    },
    DeleteResourcePolicy,
    /// `DeleteSecret` with a recovery window of 7 to 30 days.
    DeleteSecret {
        recovery_window_days: u8,
    },
    RestoreSecret,
    ReplicateSecretToRegions {
        region: Region,
        kms_key_id: Option<String>,
    },
    RemoveRegionsFromReplication {
        region: Region,
    },
    /// `UpdateSecretVersionStage`: takes a stage from one version and, if `move_to` names one, gives it to another. AWS moves
    /// AWSPREVIOUS with AWSCURRENT by itself.
    UpdateSecretVersionStage {
        stage: String,
        move_to: Option<String>,
        remove_from: String,
    },
    /// `CancelRotateSecret`: it turns rotation off; AWSPENDING stays where it is.
    CancelRotateSecret,
    /// `UpdateSecret` with only a description.
    UpdateDescription {
        description: String,
    },
    /// `UntagResource`; for a parameter `RemoveTagsFromResource`. Other tags are kept.
    UntagResource {
        keys: BTreeSet<String>,
    },
    /// A call about the role of a consumer that reads it. The secret itself stays as it is.
    Consumer(ConsumerCall),
}

/// How Secrets Manager rotates a managed external secret at its partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExternalRotation {
    /// `ExternalSecretRotationRoleArn`: the role that Secrets Manager assumes.
    pub role_arn: String,
    /// `ExternalSecretRotationMetadata`, as the partner describes it. No part of it is confidential.
    pub metadata: BTreeMap<String, String>,
}

/// One change that a call makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// AWS's name.
    pub field: String,
    /// `None` if absent.
    pub before: Option<String>,
    pub after: Option<String>,
}

/// AWS does not show what is set.
const METADATA: &str = "ExternalSecretRotationMetadata";

impl Change {
    /// Whether AWS shows the field, so that it can be read afterwards.
    pub fn is_shown(&self) -> bool {
        !self.field.starts_with(METADATA)
    }
}

fn change(field: impl Into<String>, before: Option<String>, after: Option<String>) -> Change {
    Change { field: field.into(), before, after }
}

impl AwsCall {
    /// The name of the API call.
    pub fn operation(&self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::TagResource { .. }, Kind::Secret) => "TagResource",
            (Self::TagResource { .. }, Kind::Parameter) => "AddTagsToResource",
            (Self::RotateSecret { .. } | Self::RotateNow, _) => "RotateSecret",
            (Self::UntagResource { .. }, Kind::Secret) => "UntagResource",
            (Self::UntagResource { .. }, Kind::Parameter) => "RemoveTagsFromResource",
            (Self::UpdateSecret { .. } | Self::UpdateDescription { .. }, _) => "UpdateSecret",
            (Self::UpdateSecretVersionStage { .. }, _) => "UpdateSecretVersionStage",
            (Self::CancelRotateSecret, _) => "CancelRotateSecret",
            (Self::PutResourcePolicy { .. }, _) => "PutResourcePolicy",
            (Self::DeleteResourcePolicy, _) => "DeleteResourcePolicy",
            (Self::DeleteSecret { .. }, _) => "DeleteSecret",
            (Self::RestoreSecret, _) => "RestoreSecret",
            (Self::ReplicateSecretToRegions { .. }, _) => "ReplicateSecretToRegions",
            (Self::RemoveRegionsFromReplication { .. }, _) => "RemoveRegionsFromReplication",
            (Self::Consumer(call), _) => call.operation(),
        }
    }

    /// The call about a consumer's role, if it is one.
    pub const fn of_consumer(&self) -> Option<&ConsumerCall> {
        match self {
            Self::Consumer(call) => Some(call),
            _ => None,
        }
    }

    /// What it changes on the current secret or parameter. Empty if nothing would change.
    pub fn changes(&self, facts: &ResourceFacts, deep: Option<&ResourceDetails>) -> Vec<Change> {
        let mut changes = match self {
            Self::TagResource { tags } => {
                let own = facts.tags.as_ref();
                tags.iter()
                    .map(|(key, value)| {
                        let before = own.and_then(|own| own.get(key)).cloned();
                        change(format!("Tags: {key}"), before, Some(value.clone()))
                    })
                    .collect()
            }
            Self::RotateSecret { lambda_arn, external, rules, rotate_immediately } => {
                let rotation = rotation(facts);
                let on = rotation.enabled.map(|on| on.to_string());
                let mut all = vec![change("RotationEnabled", on, Some("true".into()))];
                let schedule = |rules: &RotationRules| {
                    let days = rules.automatically_after_days.map(|days| format!("{days} days"));
                    let every = rules.schedule_expression.clone().or(days)?;
                    Some(match &rules.duration {
                        Some(duration) => format!("{every}, within {duration}"),
                        None => every,
                    })
                };
                let before = rotation.rules.as_ref().and_then(schedule);
                all.push(change("RotationRules", before, schedule(rules)));
                if lambda_arn.is_some() {
                    all.push(change("RotationLambdaARN", rotation.lambda_arn, lambda_arn.clone()));
                }
                if let Some(external) = external {
                    let role = Some(external.role_arn.clone());
                    all.push(change(
                        "ExternalSecretRotationRoleArn",
                        rotation.external_role_arn,
                        role,
                    ));
                    for (key, value) in &external.metadata {
                        let field = format!("{METADATA}: {key}");
                        all.push(change(field, None, Some(value.clone())));
                    }
                }
                // A rotation is a change, whatever the schedule was.
                if *rotate_immediately {
                    all.push(now(facts));
                }
                all
            }
            Self::RotateNow => vec![now(facts)],
            Self::UpdateSecret { kms_key_id } => {
                let before =
                    facts.kms_key_id.clone().unwrap_or_else(|| "aws/secretsmanager".into());
                let mut all = vec![change("KmsKeyId", Some(before), Some(kms_key_id.clone()))];
                // After a change of key AWS re-encrypts the versions only if it is allowed to; the rest is still to be done.
                if facts.kms_key_id.as_ref() == Some(kms_key_id) {
                    all.extend(left_behind(kms_key_id, deep));
                }
                all
            }
            Self::PutResourcePolicy { resource_policy } => {
                vec![change("ResourcePolicy", policy(deep), Some(resource_policy.clone()))]
            }
            Self::DeleteResourcePolicy => vec![change("ResourcePolicy", policy(deep), None)],
            Self::DeleteSecret { recovery_window_days } => {
                let after = format!("{recovery_window_days} days after the call");
                vec![change("DeletionDate", deleted(facts), Some(after))]
            }
            Self::RestoreSecret => vec![change("DeletionDate", deleted(facts), None)],
            Self::ReplicateSecretToRegions { region, kms_key_id } => {
                let key = kms_key_id.as_deref().unwrap_or("aws/secretsmanager");
                let before = replica(deep, region);
                vec![change(format!("Replica in {region}"), before, Some(format!("under {key}")))]
            }
            Self::RemoveRegionsFromReplication { region } => {
                vec![change(format!("Replica in {region}"), replica(deep, region), None)]
            }
            Self::UpdateSecretVersionStage { stage, move_to, remove_from } => {
                let mut all = vec![change(stage, staged(facts, stage), move_to.clone())];
                // AWS moves it itself.
                if stage == CURRENT {
                    let before = staged(facts, PREVIOUS);
                    all.push(change(PREVIOUS, before, Some(remove_from.clone())));
                }
                all
            }
            Self::CancelRotateSecret => {
                let on = rotation(facts).enabled.filter(|on| *on).map(|on| on.to_string());
                let after = on.is_some().then(|| "false".to_owned());
                vec![change("RotationEnabled", on, after)]
            }
            Self::UpdateDescription { description } => {
                let before = facts.description.clone().filter(|text| !text.is_empty());
                let after = (!description.is_empty()).then(|| description.clone());
                vec![change("Description", before, after)]
            }
            Self::UntagResource { keys } => untagged(facts, keys),
            Self::Consumer(call) => consumer_changes(call),
        };
        changes.retain(|change| change.before != change.after);
        if self.is_there(facts, deep) {
            changes.clear();
        }
        changes
    }

    /// Whether AWS has it already, although before and after differ in their text.
    fn is_there(&self, facts: &ResourceFacts, deep: Option<&ResourceDetails>) -> bool {
        match self {
            Self::DeleteSecret { .. } => deleted(facts).is_some(),
            // Which version was the previous one is AWS's own to say.
            Self::UpdateSecretVersionStage { stage, move_to, .. } => {
                staged(facts, stage) == *move_to
            }
            // A failed replica does not count: the call tries again.
            Self::ReplicateSecretToRegions { region, .. } => {
                replica(deep, region).is_some_and(|status| status != "Failed")
            }
            _ => false,
        }
    }

    /// Whether the current resource is still what the plan was created from. Other tags and keys are ignored.
    pub fn finds(
        &self,
        planned: &[Change],
        facts: &ResourceFacts,
        deep: Option<&ResourceDetails>,
    ) -> bool {
        self.changes(facts, deep) == planned
    }
}

fn untagged(facts: &ResourceFacts, keys: &BTreeSet<String>) -> Vec<Change> {
    let own = facts.tags.as_ref();
    let before = |key: &String| own.and_then(|own| own.get(key)).cloned();
    keys.iter().map(|key| change(format!("Tags: {key}"), before(key), None)).collect()
}

/// What the plan says of it: a role is new, and a workload has the role that was read.
fn consumer_changes(call: &ConsumerCall) -> Vec<Change> {
    match call {
        ConsumerCall::CreateRole { role, trust, boundary, tags } => {
            let mut all = vec![
                change("Role", None, Some(role.clone())),
                change("PermissionsBoundary", None, Some(boundary.clone())),
                change("AssumeRolePolicyDocument", None, Some(trust.clone())),
            ];
            let tag = |(key, value): (&String, &String)| {
                change(format!("Tags: {key}"), None, Some(value.clone()))
            };
            all.extend(tags.iter().map(tag));
            all
        }
        ConsumerCall::PutRolePolicy { name, document, .. } => {
            vec![change(format!("Inline policy {name}"), None, Some(document.clone()))]
        }
        ConsumerCall::AttachRolePolicy { policy, .. } => {
            vec![change("Managed policy", None, Some(policy.clone()))]
        }
        ConsumerCall::UpdateFunctionRole { before, role, .. } => {
            vec![change("Role", Some(before.clone()), Some(role.clone()))]
        }
        ConsumerCall::UpdateProjectRole { before, role, .. } => {
            vec![change("serviceRole", Some(before.clone()), Some(role.clone()))]
        }
        ConsumerCall::CreateInstanceProfile { profile, .. } => {
            vec![change("InstanceProfile", None, Some(profile.clone()))]
        }
        ConsumerCall::AddRoleToInstanceProfile { role, .. } => {
            vec![change("Roles", None, Some(role.clone()))]
        }
        ConsumerCall::AssociateInstanceProfile { profile, .. } => {
            vec![change("IamInstanceProfile", None, Some(profile.clone()))]
        }
        ConsumerCall::ReplaceInstanceProfile { before, profile, .. } => {
            vec![change("IamInstanceProfile", Some(before.clone()), Some(profile.clone()))]
        }
    }
}

fn rotation(facts: &ResourceFacts) -> Rotation {
    match &facts.detail {
        Detail::Secret(secret) => secret.rotation.clone(),
        Detail::Parameter(_) => Rotation::default(),
    }
}

/// The stages that AWS moves by itself.
const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";

/// The id of the version with a stage.
fn staged(facts: &ResourceFacts, stage: &str) -> Option<String> {
    match &facts.detail {
        Detail::Secret(secret) => secret.staged(stage).map(|version| version.id.clone()),
        Detail::Parameter(_) => None,
    }
}

/// The value's version, by the fields that change with it.
fn now(facts: &ResourceFacts) -> Change {
    let current = staged(facts, CURRENT);
    change(CURRENT, current, Some("a new version, made by the rotation".into()))
}

fn policy(deep: Option<&ResourceDetails>) -> Option<String> {
    match deep.map(|deep| &deep.resource_policy) {
        Some(Reading::Read(text)) => text.clone(),
        _ => None,
    }
}

fn deleted(facts: &ResourceFacts) -> Option<String> {
    match &facts.detail {
        Detail::Secret(secret) => secret.deleted_at.map(|at| format!("set on {}", at.date())),
        Detail::Parameter(_) => None,
    }
}

/// The versions that AWS re-encrypts after a change of key, and that are certainly under another key.
fn left_behind(key: &str, deep: Option<&ResourceDetails>) -> Vec<Change> {
    let moved = deep.map(ResourceDetails::moved_with_the_key).unwrap_or_default();
    moved
        .into_iter()
        .filter(|(_, version)| version.key_ids.iter().any(|id| differ(id, key)))
        .map(|(stage, version)| {
            let before = version.key_ids.join(", ");
            change(format!("KmsKeyIds of {stage}"), Some(before), Some(key.to_owned()))
        })
        .collect()
}

/// Whether two names certainly mean two keys. An alias does not show its key; but the AWS managed key is never
/// a customer managed one.
fn differ(one: &str, other: &str) -> bool {
    let managed = |key: &str| is_aws_managed(key);
    let id = |key: &str| key.rsplit('/').next().unwrap_or(key).to_owned();
    match (managed(one), managed(other)) {
        (true, true) => false,
        (false, false) => {
            !one.contains("alias/") && !other.contains("alias/") && id(one) != id(other)
        }
        _ => true,
    }
}

/// Whether a key's name shows that it is the AWS managed one. Versions call that one `DefaultEncryptionKey`.
pub fn is_aws_managed(key: &str) -> bool {
    key == "DefaultEncryptionKey" || key.starts_with("alias/aws/") || key.contains(":alias/aws/")
}

fn replica(deep: Option<&ResourceDetails>, region: &Region) -> Option<String> {
    let Some(Reading::Read(replicas)) = deep.map(|deep| &deep.replicas) else { return None };
    replicas.iter().find(|replica| replica.region == *region).map(|replica| replica.status.clone())
}
