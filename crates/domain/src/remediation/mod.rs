//! Remediation: what is to be done about findings, call by call, who lets it happen, and how it goes.

mod action;
mod call;
mod form;
pub mod view;

pub use action::{InvalidAction, RemediationAction};
pub use call::{AwsCall, Change, is_aws_managed};
pub use form::{PlanQuery, RemediationForm};

use crate::{
    audit::hex,
    facts::string_enum,
    ids::{ResourceId, numbered},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

numbered!(
    /// A plan of calls: what it holds never changes.
    PlanId,
    "P",
    "the number of a plan, such as P-12"
);

/// At most so many calls in one plan: more than a person can look over.
pub const MAX_STEPS: usize = 1000;

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanState {
    /// Somebody else has to approve it.
    Waiting,
    Running,
    /// Somebody stopped it; what was begun is finished.
    Stopped,
    /// Every call was made, or failed.
    Ended,
    Denied,
    Withdrawn,
}

string_enum!(
    PlanState, "waiting, running, stopped, ended, denied or withdrawn",
    "waiting" => PlanState::Waiting,
    "running" => PlanState::Running,
    "stopped" => PlanState::Stopped,
    "ended" => PlanState::Ended,
    "denied" => PlanState::Denied,
    "withdrawn" => PlanState::Withdrawn
);

/// How one call goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepState {
    Pending,
    /// The call is out, or its outcome was lost; it is made again.
    Running,
    /// AWS was read again, and has it.
    Done,
    Failed,
}

string_enum!(
    StepState, "pending, running, done or failed",
    "failed" => StepState::Failed,
    "running" => StepState::Running,
    "pending" => StepState::Pending,
    "done" => StepState::Done
);

/// What is done to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanTransition {
    Approve,
    Deny,
    Withdraw,
    Stop,
    Resume,
    /// The failed calls once more.
    Retry,
}

string_enum!(
    PlanTransition, "approve, deny, withdraw, stop, resume or retry",
    "approve" => PlanTransition::Approve,
    "deny" => PlanTransition::Deny,
    "withdraw" => PlanTransition::Withdraw,
    "stop" => PlanTransition::Stop,
    "resume" => PlanTransition::Resume,
    "retry" => PlanTransition::Retry
);

impl PlanState {
    /// Where a move leads; `None` where it is not open.
    pub fn after(self, step: PlanTransition) -> Option<Self> {
        match (self, step) {
            (Self::Waiting, PlanTransition::Approve)
            | (Self::Stopped, PlanTransition::Resume)
            | (Self::Ended | Self::Stopped, PlanTransition::Retry) => Some(Self::Running),
            (Self::Waiting, PlanTransition::Deny) => Some(Self::Denied),
            (Self::Waiting, PlanTransition::Withdraw) => Some(Self::Withdrawn),
            (Self::Running, PlanTransition::Stop) => Some(Self::Stopped),
            _ => None,
        }
    }
}

/// One call of a plan, as it is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCall {
    pub resource: ResourceId,
    /// The policy whose finding it fixes.
    pub policy: String,
    pub call: AwsCall,
    /// What AWS had when it was planned, and what it is to have.
    pub changes: Vec<Change>,
}

/// What an approval signs: everything that would be done, and why.
pub fn plan_hash(title: &str, reason: &str, calls: &[PlannedCall]) -> String {
    let signed = serde_json::json!({ "title": title, "reason": reason, "calls": calls });
    hex(&Sha256::digest(signed.to_string()))
}

/// What a preview showed: the findings, the form and every call with its changes. A plan is taken only with the hash of
/// a preview of exactly that.
pub fn preview_hash(
    of: &str,
    form: &RemediationForm,
    calls: &[PlannedCall],
    needs_approval: bool,
) -> String {
    let shown = serde_json::json!({
        "of": of, "form": form.normalized(), "calls": calls, "needs_approval": needs_approval,
    });
    hex(&Sha256::digest(shown.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_decided_is_not_decided_again() {
        for state in [PlanState::Running, PlanState::Ended, PlanState::Denied, PlanState::Withdrawn]
        {
            for step in [PlanTransition::Approve, PlanTransition::Deny, PlanTransition::Withdraw] {
                assert_eq!(state.after(step), None, "{state} {step}");
            }
        }
        assert_eq!(PlanState::Waiting.after(PlanTransition::Resume), None);
        assert_eq!(PlanState::Waiting.after(PlanTransition::Retry), None);
    }

    #[test]
    fn a_preview_of_anything_else_has_another_hash() {
        let tags = |tags: &str| RemediationForm { tags: tags.into(), ..RemediationForm::default() };
        let hash =
            |of: &str, form: &RemediationForm, approval| preview_hash(of, form, &[], approval);
        let shown = hash("policy=owner", &tags("owner=a\nenv=b"), true);
        assert_eq!(shown, hash("policy=owner", &tags("owner=a\r\nenv=b "), true), "line ends");
        assert_ne!(shown, hash("policy=owner", &tags("owner=b\nenv=b"), true));
        assert_ne!(shown, hash("policy=env", &tags("owner=a\nenv=b"), true));
        assert_ne!(shown, hash("policy=owner", &tags("owner=a\nenv=b"), false));
    }

    #[test]
    fn another_call_is_another_hash() {
        let call = |window| PlannedCall {
            resource: ResourceId(uuid::Uuid::nil()),
            policy: "unused".into(),
            call: AwsCall::DeleteSecret { recovery_window_days: window },
            changes: Vec::new(),
        };
        let hash = |calls: &[PlannedCall]| plan_hash("t", "r", calls);
        assert_eq!(hash(&[call(7)]), hash(&[call(7)]));
        assert_ne!(hash(&[call(7)]), hash(&[call(8)]));
        assert_ne!(hash(&[call(7)]), hash(&[call(7), call(7)]));
    }
}
