//! Remediation: plans for findings and for chosen resources, call by call, their approval and their progress.

mod action;
mod call;
mod consumer_call;
mod form;
mod function;
pub mod preflight;
mod target;
pub mod view;
mod workload;

pub use action::{InvalidAction, RemediationAction};
pub use call::{AwsCall, Change, ExternalRotation, is_aws_managed};
pub use consumer_call::{
    ATTACH_TAG, BOUNDARY_POLICY, ConsumerCall, ROLE_MARK, ROLE_PATH, consumer_role_arn,
    instance_profile_arn, is_consumer_role, role_name,
};
pub use form::{PlanQuery, RemediationForm};
pub use function::{
    AclAnswer, AclEntry, FunctionArn, FunctionConfiguration, FunctionNetwork, FunctionReading,
    FunctionVpc, NetworkAcl, PortRule, Route, RouteTable, SecurityGroup, VpcEndpoint, covers_range,
};
pub use target::PlanTarget;
pub use workload::{InstanceArn, ProjectArn, is_instance_id};

use crate::{
    audit::hex,
    choice::InvalidChoice,
    ids::{ResourceId, numbered},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

numbered!(
    /// A plan of calls; its calls never change.
    PlanId,
    "P",
    "the number of a plan, such as P-12"
);

/// The maximum number of calls in one plan: more than a person can review.
pub const MAX_STEPS: usize = 1000;

/// The state of a plan.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum PlanState {
    /// Someone else has to approve it.
    Waiting,
    Running,
    /// Someone stopped it; calls that have started are finished.
    Stopped,
    /// Every call has succeeded or failed.
    Ended,
    Denied,
    Withdrawn,
}

/// The state of one call.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum StepState {
    Pending,
    /// The call was started, or its outcome was lost; it is made again.
    Running,
    /// AWS was read again, and has the change.
    Done,
    Failed,
}

/// A transition of a plan.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum PlanTransition {
    Approve,
    Deny,
    Withdraw,
    Stop,
    Resume,
    /// Retry the failed calls.
    Retry,
}

impl PlanState {
    /// The state after a transition; `None` if it is not allowed.
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

/// One call of a plan, as approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCall {
    pub resource: ResourceId,
    /// The policy whose finding it fixes; `None` if somebody chose the resource.
    pub policy: Option<String>,
    pub call: AwsCall,
    /// AWS's values at the time of the plan, and the new ones.
    pub changes: Vec<Change>,
    /// What an approver should know before the call, each a sentence. Absent from the hash where there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// The content that an approval is bound to: every change, and the reason.
pub fn plan_hash(title: &str, reason: &str, calls: &[PlannedCall]) -> String {
    #[derive(Serialize)]
    struct Signed<'a> {
        title: &'a str,
        reason: &'a str,
        calls: &'a [PlannedCall],
    }
    hash_of(&Signed { title, reason, calls })
}

/// The content of a preview: the target, the form and every call with its changes. A plan is accepted only with the hash of
/// exactly this preview.
pub fn preview_hash(
    of: &str,
    form: &RemediationForm,
    calls: &[PlannedCall],
    needs_approval: bool,
) -> String {
    #[derive(Serialize)]
    struct Shown<'a> {
        of: &'a str,
        form: RemediationForm,
        calls: &'a [PlannedCall],
        needs_approval: bool,
    }
    hash_of(&Shown { of, form: form.normalized(), calls, needs_approval })
}

/// The content of a preview of a consumer's role: what was asked for, and every call.
pub fn role_preview_hash(of: &str, calls: &[PlannedCall]) -> String {
    #[derive(Serialize)]
    struct Shown<'a> {
        role_of: &'a str,
        calls: &'a [PlannedCall],
    }
    hash_of(&Shown { role_of: of, calls })
}

/// Not by `serde_json::Value`: its members are sorted or not, as another crate of the build wants them.
fn hash_of(hashed: &impl Serialize) -> String {
    hex(&Sha256::digest(serde_json::to_string(hashed).unwrap_or_default()))
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
            policy: Some("unused".into()),
            call: AwsCall::DeleteSecret { recovery_window_days: window },
            changes: Vec::new(),
            warnings: Vec::new(),
        };
        let hash = |calls: &[PlannedCall]| plan_hash("t", "r", calls);
        assert_eq!(hash(&[call(7)]), hash(&[call(7)]));
        assert_ne!(hash(&[call(7)]), hash(&[call(8)]));
        assert_ne!(hash(&[call(7)]), hash(&[call(7), call(7)]));
        let warned = PlannedCall { warnings: vec!["In use.".into()], ..call(7) };
        assert_ne!(hash(&[call(7)]), hash(&[warned]), "a warning is part of what is approved");
        assert_ne!(hash(&[call(7)]), hash(&[PlannedCall { policy: None, ..call(7) }]));
    }
}
