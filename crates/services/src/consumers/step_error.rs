//! Why a step about a consumer's role failed, for people.

use claviger_domain::{
    remediation::{ConsumerCall, role_name},
    scan::RegionScanFault,
};
use claviger_gateways::AwsError;
use claviger_store::StoreError;

/// How often a call is made, or what it changed is read, before it has failed.
pub(super) const MAX_ATTEMPTS: u32 = 12;

/// What Lambda answers while it cannot assume a role, and for every other parameter that it refuses.
pub(super) const INVALID: &str = "InvalidParameterValueException";

/// What `CodeBuild` answers while it cannot assume a role, and for every other input that it refuses.
pub(super) const INVALID_INPUT: &str = "InvalidInputException";

/// What EC2 answers while it does not know an instance profile.
pub(super) const INVALID_PROFILE: &str = "InvalidParameterValue";

/// What IAM answers if there is a role of this name: another one, or the call's own whose answer was lost.
pub(super) const EXISTS: &str = "EntityAlreadyExists";

/// Why a call failed, for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConsumerStepError {
    #[error(
        "Skipped: step {0} of this plan is not done. Retry makes the calls of step {0} and of this step again."
    )]
    NotReady(u32),
    #[error("Nothing was changed: the account has another role {0} already.")]
    NameTaken(String),
    #[error("Nothing was changed: it is not as the plan found it. Create a new plan.")]
    Changed,
    /// With what the preview would refuse and what to do, in sentences.
    #[error("Nothing was changed: it is not as the plan found it. {0}")]
    ChangedSince(String),
    #[error("Nothing was changed: what the role is for is not there any more.")]
    Gone,
    #[error(
        "IAM refused the trust policy (MalformedPolicyDocument). Since June 2025 it refuses trusts of shared OIDC issuers without a condition on the tenant, and it refuses principals that do not exist."
    )]
    Trust,
    #[error(
        "Nothing was changed: IAM has a role {0} already, and does not return it. Retry looks again. IAM compares names without their case: if another role has it, choose another name in a new plan."
    )]
    NameUnread(String),
    #[error(
        "IAM has an instance profile {0} already, and does not return it. Retry looks again. Names of instance profiles are unique in an account, whatever their case and path: if another one has it, choose another role name in a new plan."
    )]
    ProfileNameUnread(String),
    #[error(
        "The role {0} exists already, but is no longer under its permissions boundary. Nothing more was changed. Delete the role, and create a new plan."
    )]
    Unbounded(String),
    #[error(
        "Lambda refused the role ({INVALID}) in {MAX_ATTEMPTS} attempts. The function keeps its role. Possible causes: Lambda cannot assume the role yet, the role lacks a permission that the function's settings need, or a KMS key of the function. Retry attaches it again."
    )]
    NotAttached,
    #[error(
        "CodeBuild refused the role ({INVALID_INPUT}) in {MAX_ATTEMPTS} attempts. The project keeps its role. Possible cause: CodeBuild cannot assume the role yet. Retry attaches it again."
    )]
    ProjectNotAttached,
    #[error(
        "EC2 refused the instance profile ({INVALID_PROFILE}) in {MAX_ATTEMPTS} attempts. The instance keeps what it has. Possible cause: EC2 does not know the instance profile yet. Retry attaches it again."
    )]
    InstanceNotAttached,
    #[error(
        "Nothing was changed: the account has another instance profile {0} already, or it has another role."
    )]
    ProfileTaken(String),
    #[error(
        "The function has the role, but its last update failed ({0}): it may still run with what it had before. Correct the cause and update the function, then Retry checks again."
    )]
    UpdateFailed(String),
    /// What the call is about, such as `Function orders`. An attempt before may have changed it.
    #[error(
        "{0} was being updated all the time. Retry checks what it has, and attaches the role if it is missing."
    )]
    Busy(String),
    #[error(
        "AWS did not show the change within 4 minutes. Retry checks what is there and goes on."
    )]
    OutOfTime,
    #[error("AWS accepted the call, but does not show the change yet. Retry checks again.")]
    NotShown,
    #[error("{0}")]
    Aws(String),
    #[error("the console's database failed: {0}")]
    Store(#[from] StoreError),
}

/// What AWS said last, after the last attempt. `role` is the one whose session made the call.
pub(super) fn given_up(call: &ConsumerCall, error: &AwsError, role: &str) -> ConsumerStepError {
    match (call, error.code.as_deref()) {
        (ConsumerCall::UpdateFunctionRole { .. }, Some(INVALID)) => ConsumerStepError::NotAttached,
        (ConsumerCall::UpdateProjectRole { .. }, Some(INVALID_INPUT)) => {
            ConsumerStepError::ProjectNotAttached
        }
        (
            ConsumerCall::AssociateInstanceProfile { .. }
            | ConsumerCall::ReplaceInstanceProfile { .. },
            Some(INVALID_PROFILE),
        ) => ConsumerStepError::InstanceNotAttached,
        (ConsumerCall::CreateRole { role, .. }, Some(EXISTS)) => {
            ConsumerStepError::NameUnread(role_name(role).to_owned())
        }
        (ConsumerCall::CreateInstanceProfile { profile, .. }, Some(EXISTS)) => {
            ConsumerStepError::ProfileNameUnread(role_name(profile).to_owned())
        }
        _ => refused(call, error, role),
    }
}

/// `role` is the one whose session made the call.
pub(super) fn refused(call: &ConsumerCall, error: &AwsError, role: &str) -> ConsumerStepError {
    let creates = matches!(call, ConsumerCall::CreateRole { .. });
    if creates && error.code.as_deref() == Some("MalformedPolicyDocument") {
        return ConsumerStepError::Trust;
    }
    ConsumerStepError::Aws(said(error, role))
}

/// What AWS's refusal means. `role` is the one whose session made the call.
pub(super) fn said(error: &AwsError, role: &str) -> String {
    let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    match (error.operation, error.fault) {
        (operation, RegionScanFault::Throttled | RegionScanFault::Unreachable) => {
            format!("AWS did not answer {operation} in time{code}. Try again.")
        }
        ("AssumeRole", _) => format!(
            "Claviger can't assume {role} in the account{code}. It is an opt-in role: deploy it with its parameter, see docs/roles.md."
        ),
        (operation, RegionScanFault::Denied) => {
            format!("AWS denied {operation}{code}. Check the SCPs and the role {role}.")
        }
        (operation, _) => format!("AWS refused {operation}{code}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IAM compares names without their case and path, and returns no instance profile by a name of another case.
    #[test]
    fn an_instance_profile_that_iam_does_not_return_is_another_name() {
        let call = ConsumerCall::CreateInstanceProfile {
            profile: "arn:aws:iam::441205839201:instance-profile/claviger/orders".into(),
            role: "arn:aws:iam::441205839201:role/claviger/orders".into(),
        };
        let error = AwsError {
            operation: "CreateInstanceProfile",
            fault: RegionScanFault::Other,
            code: Some(EXISTS.into()),
            detail: String::new(),
        };
        let text = given_up(&call, &error, "claviger-iam").to_string();
        for part in ["instance profile orders already", "case and path", "another role name"] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
