//! The roles and users of an account with their policies, and the SCPs and RCPs of the Organization.

use crate::{accounts::readiness::ReadFailure, choice::InvalidChoice};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How an identity has a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PolicySource {
    Inline,
    Managed,
    /// Of a user's group, by the group's name.
    Group(String),
}

/// A policy of an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedPolicy {
    pub source: PolicySource,
    pub name: String,
    /// `None` if AWS names the policy, and did not return its document.
    pub document: Option<String>,
}

/// A role or user with its identity policies: its own, those attached to it, and those of its groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Its ARN.
    pub principal: String,
    pub policies: Vec<AttachedPolicy>,
    pub boundary: Option<AttachedPolicy>,
    pub tags: BTreeMap<String, String>,
    /// A role's trust policy.
    pub trust: Option<String>,
}

impl Identity {
    /// The documents of its policies.
    pub fn documents(&self) -> Vec<String> {
        self.policies.iter().filter_map(|policy| policy.document.clone()).collect()
    }

    /// The document of its boundary.
    pub fn boundary_document(&self) -> Option<&str> {
        self.boundary.as_ref()?.document.as_deref()
    }
}

/// A type of policy of the Organization that limits its accounts.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum GuardrailKind {
    /// `SERVICE_CONTROL_POLICY`.
    Scp,
    /// `RESOURCE_CONTROL_POLICY`.
    Rcp,
}

/// An SCP or RCP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guardrail {
    pub id: String,
    pub name: String,
    pub content: String,
    /// The root, OUs and accounts that it is attached to.
    pub targets: Vec<String>,
}

/// The result of reading the guardrails of one kind. Each part has its own outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardrailReading {
    pub kind: GuardrailKind,
    /// Whether the root has the policy type enabled.
    pub is_enabled: Result<bool, ReadFailure>,
    /// All of them or none.
    pub policies: Result<Vec<Guardrail>, ReadFailure>,
}
