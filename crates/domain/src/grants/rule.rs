//! Approval rules: who decides, in which steps, for how long. Without a rule nobody can approve.

use super::Action;
use crate::{
    VariantArray,
    authz::{AccountLocation, Caller, Role, Scope},
    facts::Kind,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An approval rule. The first that applies to a secret and an action decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApprovalRule {
    pub name: String,
    pub scope: Scope,
    /// Empty matches nothing.
    pub actions: Vec<Action>,
    /// Secrets, parameters, or (by default) both.
    #[serde(default = "both_kinds")]
    pub kinds: Vec<Kind>,
    /// All of these tags with these values; a resource whose tags are unknown matches none.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// The longest access window, counted from its start.
    pub longest_minutes: u32,
    /// How long after approval (or the requested start) access can be started.
    pub claim_minutes: u32,
    /// How long a request waits for approval.
    pub decide_minutes: u32,
    /// A pattern that a ticket must match; without it no ticket is needed.
    #[serde(default)]
    pub ticket: Option<String>,
    pub steps: Vec<StepRule>,
    #[serde(default)]
    pub auto_approve: Option<AutoApprove>,
    #[serde(default)]
    pub break_glass: Option<BreakGlass>,
}

fn both_kinds() -> Vec<Kind> {
    Kind::VARIANTS.to_vec()
}

/// One step of a decision; the next begins when this one's quorum is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepRule {
    pub name: String,
    /// How many different people must approve: at least 1.
    pub quorum: u32,
    /// Any of these may approve; empty means nobody.
    pub approvers: Vec<Approver>,
}

/// Who may approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approver {
    /// A group of the identity provider.
    Team(String),
    /// Anyone who has this role over the account.
    Role(Role),
    /// The team that owns every one of the secrets.
    Owner,
    /// Anyone who has the approver role for the direct parent OU of the account.
    ParentOu,
}

/// When no approval is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoApprove {
    pub longest_minutes: u32,
}

/// Immediate access, reviewed afterwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    pub longest_minutes: u32,
}

/// A person's relation to one grant: enough to determine which step they may decide.
#[derive(Debug, Clone, Copy)]
pub struct ApproverContext<'a> {
    pub caller: &'a Caller,
    pub location: &'a AccountLocation,
    /// The owner team of each secret; `None` if a secret has no owner.
    pub owner_teams: &'a [Option<String>],
}

impl Approver {
    /// Whether the person is one of these.
    pub fn includes(&self, approver_context: ApproverContext<'_>) -> bool {
        let ApproverContext { caller, location, owner_teams } = approver_context;
        match self {
            Self::Team(team) => caller.groups.contains(team),
            Self::Role(role) => caller.holds_over(*role, location),
            Self::Owner => {
                !owner_teams.is_empty()
                    && owner_teams
                        .iter()
                        .all(|team| team.as_ref().is_some_and(|t| caller.groups.contains(t)))
            }
            Self::ParentOu => caller.held.iter().any(|(role, scope)| {
                *role == Role::Approver && matches!(scope, Scope::Ou(ou) if location.parent_is(ou))
            }),
        }
    }

    /// For the form and the audit log.
    pub fn words(&self) -> String {
        match self {
            Self::Team(team) => format!("team {team}"),
            Self::Role(Role::SecurityAdmin) => "a security admin".into(),
            Self::Role(Role::Approver) => "an approver of the account".into(),
            Self::Role(role) => format!("a {role} of the account"),
            Self::Owner => "the owner team".into(),
            Self::ParentOu => "an approver of the account's OU".into(),
        }
    }
}

impl StepRule {
    pub fn includes(&self, approver_context: ApproverContext<'_>) -> bool {
        self.approvers.iter().any(|approver| approver.includes(approver_context))
    }

    /// `one of the owner's team or a security admin`.
    pub fn words(&self) -> String {
        let who: Vec<String> = self.approvers.iter().map(Approver::words).collect();
        format!("{} of {}", self.quorum, who.join(" or "))
    }
}

impl ApprovalRule {
    /// Whether the rule applies to this action on such a resource.
    pub fn applies(
        &self,
        action: Action,
        kind: Kind,
        tags: Option<&BTreeMap<String, String>>,
        location: &AccountLocation,
    ) -> bool {
        self.actions.contains(&action)
            && self.kinds.contains(&kind)
            && self.scope.covers(location)
            && self
                .tags
                .iter()
                .all(|(key, value)| tags.and_then(|tags| tags.get(key)) == Some(value))
    }

    /// Whether a window of this length needs no approval.
    pub fn approves_itself(&self, minutes: u32) -> bool {
        self.auto_approve.as_ref().is_some_and(|auto| minutes <= auto.longest_minutes)
    }

    /// The number of approvals that all steps need together.
    pub fn approvals_needed(&self) -> u32 {
        self.steps.iter().map(|step| step.quorum).sum()
    }

    /// Who decides, in words.
    pub fn words(&self) -> String {
        self.steps.iter().map(StepRule::words).collect::<Vec<_>>().join(", then ")
    }
}
