//! The role of a consumer: a permission policy and a trust policy that let one workload read exactly these secrets and
//! parameters, with what each statement does in words, and the questions that show it.
//!
//! Pure: nothing here asks AWS. The facts are those of the service authorization reference.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html>

mod analyzer;
mod build;
mod check;
mod conditions;
mod export;
mod permission;
mod plan;
mod session;
mod trust;
mod warnings;

pub use analyzer::NOT_GRANTED;
pub use build::{BUILD_POLICY, BuildNeeds, build_policy};
pub use check::{checks, time_within};
pub use conditions::dates_in_words;
pub use export::{export, task_definition};
pub use plan::{credential_like, role_calls, trust_refusal, unsettled};
pub use session::{
    applying_session, boundary_session, checking_session, function_session, instance_session,
    project_session, reading_role, reading_session,
};

use crate::permissions::lint::{INLINE_LIMIT, TRUST_LIMIT, size};
use claviger_domain::{
    consumers::{Consumer, ConsumerKind, RoleMode, RoleRequest},
    creation::ShapeFault,
    facts::Kind,
    ids::{AccountId, Arn, Region},
    remediation::consumer_role_arn,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A secret or parameter that the role reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleResource {
    pub name: String,
    /// As AWS returns it: a secret's with its suffix of six characters.
    pub arn: Arn,
    pub kind: Kind,
    pub region: Region,
    pub key: RoleKey,
    /// `None` if they were not read.
    pub tags: Option<BTreeMap<String, String>>,
}

/// The key, as far as the role needs a permission for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleKey {
    /// The value is not encrypted, or under the AWS managed key, which every principal of the account may use through the
    /// service.
    NotNeeded,
    /// A customer managed key by its ARN.
    Key(String),
    /// One whose ARN was not read: the keys that it can be, and the alias that it must have, as AWS named it.
    Unread { pattern: String, alias: Option<String> },
}

impl RoleKey {
    /// A customer managed key as the service names it: its id, ARN, alias or alias's ARN.
    pub fn named(key: &str, of: &Arn, region: &Region) -> Self {
        let name = crate::permissions::statement::KeyName::of(key, of, region);
        match name.alias {
            None => Self::Key(name.arn),
            alias => Self::Unread { pattern: name.arn, alias },
        }
    }
}

/// A role, complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerRole {
    pub name: String,
    pub account: AccountId,
    /// The inline policy.
    pub permission: Value,
    pub trust: Value,
    /// EC2 takes a role only in an instance profile of its own; it has the role's name.
    pub has_instance_profile: bool,
    pub boundary: Option<Arn>,
    /// Tags of the role that its conditions compare.
    pub tags: BTreeMap<String, String>,
    /// What each statement of the permission policy does.
    pub permissions_in_words: Vec<String>,
    /// What each statement of the trust policy does.
    pub trust_in_words: Vec<String>,
    /// What each condition restricts, and its traps.
    pub conditions_in_words: Vec<String>,
    pub warnings: Vec<String>,
}

impl ConsumerRole {
    /// Its ARN in IAM: a plan creates it under Claviger's path, an export without a path.
    pub fn arn(&self, partition: &str, is_applied: bool) -> String {
        let account = self.account.as_str();
        if is_applied {
            consumer_role_arn(partition, account, &self.name)
        } else {
            format!("arn:{partition}:iam::{account}:role/{}", self.name)
        }
    }
}

/// The name of the inline policy.
pub const POLICY_NAME: &str = "read-secrets";

/// The role, or why there is none, by field of the form. `resources` are of one account.
pub fn consumer_role(
    account: &AccountId,
    resources: &[RoleResource],
    request: &RoleRequest,
) -> Result<ConsumerRole, Vec<ShapeFault>> {
    let tags = tags(resources, request).map_err(|fault| vec![fault])?;
    if !request.stages.is_empty()
        && let Some(one) = resources.iter().find(|one| one.kind == Kind::Parameter)
    {
        let reason = format!("{} is a parameter: only versions of secrets have stages.", one.name);
        return Err(vec![ShapeFault::new("stages", reason)]);
    }
    let (permissions, permissions_in_words) = permission::statements(account, resources, request);
    let (trusts, trust_in_words) = trust::statements(account, resources, request);
    let document =
        |statements: Vec<Value>| json!({"Version": "2012-10-17", "Statement": statements});
    let role = ConsumerRole {
        name: request.name.clone(),
        account: account.clone(),
        permission: document(permissions),
        trust: document(trusts),
        has_instance_profile: request.consumer == Consumer::Ec2,
        boundary: request.boundary.clone(),
        tags,
        permissions_in_words,
        trust_in_words,
        conditions_in_words: conditions::in_words(request),
        warnings: warnings::warnings(resources, request),
    };
    let faults = too_large(&role, resources.len());
    if faults.is_empty() { Ok(role) } else { Err(faults) }
}

/// IAM's limits, in its own counting.
fn too_large(role: &ConsumerRole, resources: usize) -> Vec<ShapeFault> {
    let mut faults = Vec::new();
    let characters = size(&role.permission);
    if characters > INLINE_LIMIT {
        faults.push(ShapeFault::new(
            "resource",
            format!(
                "The policy for {resources} resources has {characters} characters, and IAM takes {INLINE_LIMIT} in all inline policies of a role. \
                 Select fewer, or let the role read by tag."
            ),
        ));
    }
    let characters = size(&role.trust);
    if characters > TRUST_LIMIT {
        faults.push(ShapeFault::new(
            "consumer",
            format!("The trust policy has {characters} characters, and IAM takes {TRUST_LIMIT}. Name fewer OU paths."),
        ));
    }
    faults
}

/// The tags that the role needs for its own conditions.
fn tags(
    resources: &[RoleResource],
    request: &RoleRequest,
) -> Result<BTreeMap<String, String>, ShapeFault> {
    let mut tags = BTreeMap::new();
    if let Some((key, value)) = &request.conditions.principal_tag {
        tags.insert(key.clone(), value.clone());
    }
    let RoleMode::ByTag(key) = &request.mode else { return Ok(tags) };
    if request.conditions.resource_tag.as_ref().is_some_and(|(own, _)| own == key) {
        let reason = format!("The tag {key} is already compared with the role's.");
        return Err(ShapeFault::new("resource_tag", reason));
    }
    let fault = |reason: String| Err(ShapeFault::new("tag_key", reason));
    let mut found: Option<&str> = None;
    for one in resources {
        let Some(own) = &one.tags else {
            return fault(format!("The tags of {} were not read.", one.name));
        };
        let Some(value) = own.get(key) else {
            return fault(format!("{} has no tag {key}.", one.name));
        };
        match found {
            Some(other) if other != value => {
                return fault(format!(
                    "A role has one value of {key}, and these have {other} and {value}."
                ));
            }
            _ => found = Some(value),
        }
    }
    let value = found.unwrap_or_default();
    if value.is_empty() {
        return fault(format!(
            "The tag {key} is empty: every resource with an empty one would match."
        ));
    }
    match tags.insert(key.clone(), value.to_owned()) {
        Some(other) if other != *value => Err(ShapeFault::new(
            "principal_tag",
            format!(
                "The role's tag {key} has to be {value}, as the secret has it; here it is {other}."
            ),
        )),
        _ => Ok(tags),
    }
}

/// The kind of consumer of a request.
pub(crate) fn kind_of(request: &RoleRequest) -> ConsumerKind {
    match &request.consumer {
        Consumer::Lambda { .. } => ConsumerKind::Lambda,
        Consumer::Ec2 => ConsumerKind::Ec2,
        Consumer::EcsTask => ConsumerKind::EcsTask,
        Consumer::EcsExecution => ConsumerKind::EcsExecution,
        Consumer::EksIrsa { .. } => ConsumerKind::EksIrsa,
        Consumer::EksPodIdentity { .. } => ConsumerKind::EksPodIdentity,
        Consumer::CodeBuild { .. } => ConsumerKind::CodeBuild,
        Consumer::GitHub { .. } => ConsumerKind::GitHub,
        Consumer::GitLab { .. } => ConsumerKind::GitLab,
        Consumer::Account { .. } => ConsumerKind::Account,
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;
