//! Rules about new secrets and parameters: who approves the shape, and for how long the value can be entered.

use crate::{
    VariantArray,
    authz::{AccountLocation, Scope},
    facts::Kind,
    grants::{Approver, ApproverContext},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A rule; the first that applies to a new secret decides. Without one, nothing can be created.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreationRule {
    pub name: String,
    pub scope: Scope,
    /// Secrets, parameters, or (by default) both.
    #[serde(default = "both_kinds")]
    pub kinds: Vec<Kind>,
    /// All of these tags with these values.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    pub approval: ShapeApproval,
    /// How long a request waits for approval.
    #[serde(default = "a_day")]
    pub decide_minutes: u32,
    /// How long after the approval the value can be entered.
    #[serde(default = "a_day")]
    pub value_minutes: u32,
}

/// Who approves the shape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShapeApproval {
    /// Nobody has to.
    None,
    /// One of these, and never the requester. Empty means nobody can.
    By(Vec<Approver>),
}

fn both_kinds() -> Vec<Kind> {
    Kind::VARIANTS.to_vec()
}

const fn a_day() -> u32 {
    24 * 60
}

impl CreationRule {
    /// Whether the rule applies to such a resource.
    pub fn applies(
        &self,
        kind: Kind,
        tags: &BTreeMap<String, String>,
        location: &AccountLocation,
    ) -> bool {
        self.kinds.contains(&kind)
            && self.scope.covers(location)
            && self.tags.iter().all(|(key, value)| tags.get(key) == Some(value))
    }

    /// Whether somebody else has to approve.
    pub fn needs_approval(&self) -> bool {
        self.approval != ShapeApproval::None
    }

    /// Whether this person is one of the approvers.
    pub fn includes(&self, context: ApproverContext<'_>) -> bool {
        match &self.approval {
            ShapeApproval::None => false,
            ShapeApproval::By(approvers) => approvers.iter().any(|one| one.includes(context)),
        }
    }
}
