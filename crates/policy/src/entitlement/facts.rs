//! What an answer is derived from: the resource, its key, and the accounts with their principals and guardrails.

use super::rules::Rule;
use crate::exposure::{Document, DocumentFault};
use claviger_domain::ids::AccountId;
use std::{collections::BTreeMap, sync::Arc};

/// A fact, or why it was not read.
#[derive(Debug, Clone)]
pub enum Fact<T> {
    Known(T),
    /// Such as `AccessDenied`.
    NotRead(String),
}

/// What a policy is attached to, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyKind {
    Inline,
    Managed,
    /// Of a user's group, by the group's name.
    Group(String),
    Boundary,
    Resource,
    Key,
    ServiceControl,
    ResourceControl,
}

/// A policy document, parsed once.
#[derive(Debug, Clone)]
pub struct Policy {
    /// As people see it, such as `managed policy ReadSecrets`.
    pub name: String,
    pub(super) rules: Result<Vec<Rule>, DocumentFault>,
}

impl Policy {
    /// Parses a document. A document that cannot be interpreted makes the answers that depend on it unknown.
    pub fn read(kind: &PolicyKind, name: &str, text: &str) -> Self {
        let name = match kind {
            PolicyKind::Inline => format!("inline policy {name}"),
            PolicyKind::Managed => format!("managed policy {name}"),
            PolicyKind::Group(group) => format!("policy {name} of group {group}"),
            PolicyKind::Boundary => format!("permissions boundary {name}"),
            PolicyKind::Resource => "resource policy".to_owned(),
            PolicyKind::Key => "key policy".to_owned(),
            PolicyKind::ServiceControl => format!("SCP {name}"),
            PolicyKind::ResourceControl => format!("RCP {name}"),
        };
        let document = match kind {
            PolicyKind::Resource => Document::read(text),
            PolicyKind::Key => Document::read_key_policy(text),
            PolicyKind::ServiceControl | PolicyKind::ResourceControl => {
                Document::read_guardrail(text)
            }
            PolicyKind::Inline
            | PolicyKind::Managed
            | PolicyKind::Group(_)
            | PolicyKind::Boundary => Document::read_identity(text),
        };
        let rules = document.and_then(|document| Rule::all_of(&name, &document));
        Self { name, rules }
    }

    /// A policy whose document AWS did not return.
    pub fn not_read(kind: &PolicyKind, name: &str) -> Self {
        Self {
            rules: Err(DocumentFault {
                location: "the document".to_owned(),
                reason: "was not returned by AWS".to_owned(),
            }),
            ..Self::read(kind, name, "")
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    Role,
    User,
}

/// A role or user of an account whose IAM was read.
#[derive(Debug, Clone)]
pub struct Principal {
    /// With its path, such as `arn:aws:iam::111122223333:role/service/app`.
    pub arn: String,
    pub kind: PrincipalKind,
    /// Inline policies, attached ones and those of its groups.
    pub policies: Vec<Arc<Policy>>,
    pub boundary: Option<Arc<Policy>>,
    pub tags: BTreeMap<String, String>,
    /// Whether its trust policy allows `sts:TagSession`: then its tags can be replaced for a session.
    pub takes_session_tags: bool,
}

impl Principal {
    /// Whether AWS manages it for a service: SCPs and RCPs do not apply to it.
    pub(super) fn is_service_linked(&self) -> bool {
        self.arn.contains(":role/aws-service-role/")
    }

    /// Whether an identity policy allows it every action on every resource. Boundaries and guardrails may still limit it.
    pub fn is_administrator(&self) -> bool {
        let rules = self.policies.iter().filter_map(|policy| policy.rules.as_ref().ok()).flatten();
        rules.map(|rule| &rule.statement).any(|statement| {
            let is_all = |all: &[String]| all.iter().any(|one| one == "*");
            statement.allows
                && !statement.not_actions
                && !statement.not_resources
                && statement.conditions.is_empty()
                && (is_all(&statement.actions) || statement.actions.iter().any(|one| one == "*:*"))
                && is_all(&statement.resources)
        })
    }
}

/// An account's location in the Organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// `o-…`.
    pub organization: String,
    /// As in `aws:PrincipalOrgPaths`: `o-…/r-…/ou-…/`.
    pub path: String,
    pub is_management: bool,
}

/// The policies attached to one level: the root, an OU, or the account.
#[derive(Debug, Clone)]
pub struct Level {
    /// Such as `the root` or `OU Workloads`.
    pub name: String,
    pub policies: Vec<Arc<Policy>>,
}

/// An account.
#[derive(Debug, Clone)]
pub struct Account {
    pub id: AccountId,
    /// `None` for an account in no Organization.
    pub membership: Fact<Option<Membership>>,
    pub principals: Fact<Vec<Principal>>,
    /// From the root down to the account; empty where SCPs are not enabled.
    pub scps: Fact<Vec<Level>>,
    /// Likewise; `RCPFullAWSAccess` may be left out.
    pub rcps: Fact<Vec<Level>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResourceKind {
    Secret,
    Parameter,
}

/// A secret or parameter.
#[derive(Debug, Clone)]
pub struct Resource {
    /// As AWS returns it: a secret's with its suffix of six characters.
    pub arn: String,
    pub account: AccountId,
    pub kind: ResourceKind,
    /// `None` if they were not read.
    pub tags: Option<BTreeMap<String, String>>,
    /// The resource policy; `None` if it has none.
    pub policy: Fact<Option<Arc<Policy>>>,
    pub key: Key,
}

/// What encrypts the value.
#[derive(Debug, Clone)]
pub enum Key {
    /// Nothing: a `String` or `StringList` parameter.
    None,
    /// `aws/secretsmanager` or `aws/ssm`.
    AwsManaged,
    CustomerManaged(CustomerKey),
    /// Why it is not known which key it is.
    NotRead(String),
}

/// A customer managed key.
#[derive(Debug, Clone)]
pub struct CustomerKey {
    pub arn: String,
    pub policy: Fact<Arc<Policy>>,
    pub grants: Fact<Vec<Grant>>,
}

/// A grant of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub id: String,
    /// An ARN, or a service's name.
    pub grantee: String,
    /// Whether `Decrypt` is among its operations.
    pub decrypts: bool,
    /// Pairs that the encryption context has to contain.
    pub context_subset: BTreeMap<String, String>,
    /// Pairs that it has to consist of.
    pub context_equals: BTreeMap<String, String>,
}
