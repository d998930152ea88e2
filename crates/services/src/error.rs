//! Errors with two sides: what the person reads, and what the log keeps.

use claviger_domain::{
    InvalidChoice,
    authz::Permission,
    consumers::{declared::InvalidDeclaration, found::PipelineRefusal},
    creation::ShapeFault,
    error_line::{ErrorLine, one_line},
    filter::InvalidFilter,
    grants::{GrantResource, InvalidDecision, Refusal},
    ids::{AccountId, Arn},
    problem::{Problem, ProblemCode},
    remediation::InvalidAction,
    scan::RegionScanFault,
};
use claviger_gateways::AwsError;
use claviger_policy::compliance::PolicyDocumentFault;
use claviger_store::{StoreError, current_request};
use std::fmt::Display;
use tokio::task::JoinError;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error("not allowed: {0:?}")]
    Forbidden(Permission),
    #[error("no such {0} within the caller's scope")]
    NotFound(&'static str),
    #[error(transparent)]
    InvalidFilter(#[from] InvalidFilter),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A word that is none of ours; what it should be.
    #[error("not {0}")]
    Invalid(&'static str),
    /// A text that is none of an enum's.
    #[error("not {0}")]
    Choice(#[from] InvalidChoice),
    #[error("not {0}")]
    Decision(#[from] InvalidDecision),
    #[error(transparent)]
    Action(#[from] InvalidAction),
    #[error(transparent)]
    Declaration(#[from] InvalidDeclaration),
    #[error(transparent)]
    Pipeline(#[from] PipelineRefusal),
    /// A new secret or parameter that cannot be created so, field by field.
    #[error("{}", faults_in_words(.0))]
    Shape(Vec<ShapeFault>),
    /// A value that cannot be written so, or versions that cannot be compared, field by field.
    #[error("{}", faults_in_words(.0))]
    NotWritten(Vec<ShapeFault>),
    /// It cannot be done as things stand.
    #[error("{message}")]
    Conflict { message: String, hint: String },
    /// What was selected cannot be used so: why, and what to do.
    #[error("{message}")]
    Unusable { message: String, hint: String },
    /// A plan was submitted with a preview of something else.
    #[error("the preview is of something else")]
    StalePreview,
    #[error(transparent)]
    Document(#[from] PolicyDocumentFault),
    /// A name that several secrets or parameters have: the name, and the ARNs.
    #[error("{0} is ambiguous")]
    Ambiguous(String, Vec<Arn>),
    /// A grant that needs several sessions, and no resource named.
    #[error("the grant needs {0} sessions")]
    Several(usize),
    /// No sign-in to the AWS console is configured, or its endpoint gave none.
    #[error("no federation")]
    NoFederation,
    /// A task of ours panicked. It is a fault in the code, whatever the task was doing.
    #[error("{0}")]
    Panicked(String),
    /// AWS refused something that a grant needs.
    #[error("{error}")]
    AwsAccess {
        error: AwsError,
        account: AccountId,
        /// Of the secret or parameter, where it was about one.
        name: String,
    },
}

impl ServiceError {
    /// A task of ours that did not end. What it said while it panicked is for the log alone.
    pub(crate) fn task(error: JoinError) -> Self {
        Self::Panicked(error.to_string())
    }

    /// Several fit, and none is taken.
    pub(crate) fn ambiguous<'a>(wanted: &str, fit: impl Iterator<Item = &'a Arn>) -> Self {
        Self::Ambiguous(wanted.to_owned(), fit.cloned().collect())
    }

    /// Something else stands in the way: what, and what to do.
    pub(crate) fn conflict(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Conflict { message: message.into(), hint: hint.into() }
    }

    /// A selection that cannot be used: why, and what to do.
    pub(crate) fn unusable(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Unusable { message: message.into(), hint: hint.into() }
    }

    /// The person's side. A fault of ours is logged here, once, and quotes the request under which the log has it.
    pub fn into_problem(self) -> Problem {
        let problem = self.problem();
        match current_request() {
            Some(request) if problem.code.status() >= 500 => problem.quoting(&request),
            _ => problem,
        }
    }

    fn problem(self) -> Problem {
        match self {
            Self::Forbidden(permission) => Problem::forbidden(forbidden(permission)),
            Self::NotFound(what) => Problem::not_found(what),
            Self::InvalidFilter(error) => Problem::new(
                ProblemCode::InvalidInput,
                error.to_string(),
                "Correct it or clear the filters.",
            ),
            Self::Panicked(panic) | Self::Store(StoreError::Panicked(panic)) => {
                tracing::error!(error = one_line(&panic), "a task panicked");
                Problem::internal()
            }
            Self::Store(error) => of_store(&error),
            Self::Aws(error) => {
                tracing::error!(aws.operation = error.operation, error = %ErrorLine(&error), "an AWS call failed");
                Problem::unavailable("AWS")
            }
            Self::Refused(refusal) => refusal.into_problem(),
            Self::Invalid(expected) => not_understood(expected),
            Self::Choice(expected) => not_understood(expected),
            Self::Decision(expected) => not_understood(expected),
            Self::Document(fault) => Problem::new(
                ProblemCode::InvalidInput,
                format!("Invalid policy, {}: {}.", fault.location, fault.reason),
                "Not saved. Correct it and try again.",
            ),
            Self::Action(invalid) => Problem::new(
                ProblemCode::InvalidInput,
                format!("The fix can't be planned: {invalid}."),
                "Correct it and try again.",
            ),
            Self::Declaration(
                full @ (InvalidDeclaration::Repositories
                | InvalidDeclaration::RepositoriesOfAccount(_)),
            ) => Problem::new(
                ProblemCode::Conflict,
                format!("The list can't be stored: {full}."),
                "Nothing was changed. Make room: for a repository that is no longer there, scan an empty folder with --repository, --commit and --upload.",
            ),
            Self::Pipeline(refusal) => of_pipeline(&refusal),
            Self::Declaration(fault) => Problem::new(
                ProblemCode::InvalidInput,
                format!("The list can't be stored: {fault}."),
                "Nothing was changed. Correct it and try again.",
            ),
            Self::Shape(faults) => Problem::new(
                ProblemCode::InvalidInput,
                faults_in_words(&faults),
                "Nothing was created. Correct it and try again.",
            ),
            Self::NotWritten(faults) => Problem::new(
                ProblemCode::InvalidInput,
                faults_in_words(&faults),
                "Nothing was written. Correct it and try again.",
            ),
            Self::StalePreview => Problem::new(
                ProblemCode::Conflict,
                "The values or the resources have changed since the preview.",
                "Nothing was submitted. Choose Preview, check the changes, and submit again.",
            ),
            Self::Conflict { message, hint } => Problem::new(ProblemCode::Conflict, message, hint),
            Self::Unusable { message, hint } => {
                Problem::new(ProblemCode::InvalidInput, message, hint)
            }
            Self::Ambiguous(name, fit) => {
                let fit: Vec<&str> = fit.iter().map(Arn::as_str).collect();
                Problem::new(
                    ProblemCode::Ambiguous,
                    format!(
                        "{name} can mean {} secrets or parameters: {}.",
                        fit.len(),
                        fit.join(", ")
                    ),
                    "Use the full ARN of the one that you mean.",
                )
            }
            Self::Several(sessions) => Problem::new(
                ProblemCode::InvalidInput,
                format!(
                    "This grant covers more than one AWS session can hold: it needs {sessions}."
                ),
                "Name the secret that the session is for.",
            ),
            Self::NoFederation => Problem::new(
                ProblemCode::Unavailable,
                "There is no sign-in link to the AWS console right now.",
                "Use the value here, or the AWS command line.",
            ),
            Self::AwsAccess { error, account, name } => {
                tracing::warn!(
                    aws.account = %account, aws.operation = error.operation, error = %ErrorLine(&error),
                    "AWS denied a grant's action"
                );
                aws_refusal(&error, &account, &name)
            }
        }
    }

    /// A word for the audit trail. Never a source text.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::Aws(error) | Self::AwsAccess { error, .. } => {
                let code = error.word();
                format!("{} {code}", error.operation)
            }
            Self::Refused(refusal) => refusal.to_string(),
            Self::Panicked(_) | Self::Store(StoreError::Panicked(_)) => "panic".into(),
            Self::Store(_) => "database".into(),
            other => other.to_string(),
        }
    }

    /// AWS's refusal about one secret or parameter.
    pub(crate) fn aws_at(error: AwsError, resource: &GrantResource) -> Self {
        match resource.arn.account().parse() {
            Ok(account) => Self::AwsAccess { error, account, name: resource.name.clone() },
            Err(_) => Self::Aws(error),
        }
    }

    /// AWS's refusal about an account as a whole.
    pub(crate) fn aws_in(error: AwsError, account: &AccountId) -> Self {
        Self::AwsAccess { error, account: account.clone(), name: String::new() }
    }
}

/// `name: This name is taken.`, one after the other.
fn faults_in_words(faults: &[ShapeFault]) -> String {
    let each = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.reason));
    each.collect::<Vec<_>>().join(" ")
}

/// The person's side of a database error.
fn of_store(error: &StoreError) -> Problem {
    match error {
        StoreError::Cursor => Problem::new(
            ProblemCode::InvalidInput,
            "This page of the list cannot be found.",
            "Start from the first page.",
        ),
        StoreError::InventoryLimit(size) => {
            tracing::error!(
                db.rows = size.rows,
                db.rows_limit = size.limit,
                "the inventory has more rows than inventory_limit"
            );
            Problem::new(
                ProblemCode::Unavailable,
                format!("{size}."),
                "Lists, counts and exports of the inventory and of findings are off until it can hold them all; access works. Ask its operators to raise inventory_limit on servers with enough memory, or to divide the accounts between consoles.",
            )
        }
        error if error.is_disk_full() => {
            tracing::error!(error = %ErrorLine(error), "the database's disk is full");
            Problem::new(
                ProblemCode::Unavailable,
                "The database's disk is full, so nothing can be saved.",
                "Nothing was changed. Ask Claviger's operators to give PostgreSQL more space, then try again.",
            )
        }
        error if error.is_outage() => {
            tracing::error!(error = %ErrorLine(error), "the database cannot be reached");
            Problem::unavailable("The database")
        }
        error => {
            tracing::error!(error = %ErrorLine(error), "a database error");
            Problem::internal()
        }
    }
}

/// Who reads it knows the token, and learns nothing else.
fn of_pipeline(refusal: &PipelineRefusal) -> Problem {
    let (message, hint) = match refusal {
        PipelineRefusal::NotListed => (
            "This pipeline may not declare consumers.".to_owned(),
            "Ask Claviger's operators to add its owner, group or repository to the setting pipelines.",
        ),
        other => (
            format!("The list can't be stored: {other}."),
            "Leave out --repository and --commit: the token says which they are.",
        ),
    };
    Problem::new(ProblemCode::Forbidden, message, hint)
}

/// What somebody without a permission may not do.
fn forbidden(permission: Permission) -> &'static str {
    match permission {
        Permission::ReadInventory => "view the inventory",
        Permission::ReadAccounts => "view the accounts",
        Permission::StartScan => "start a scan",
        Permission::RequestAccess => "request access",
        Permission::ReadAccess => "view other people's access",
        Permission::ReviewAccess => "review break-glass access",
        Permission::ReadFindings => "view findings and policies",
        Permission::EditPolicies => "change the policies of the Organization",
        Permission::Remediate => "plan or control remediation in these accounts",
        Permission::ApproveRemediation => "approve remediation in these accounts",
        Permission::RequestException => "request exceptions in these accounts",
        Permission::DecideException => "decide on exceptions in these accounts",
        Permission::TriageFindings => "snooze or assign findings in these accounts",
        Permission::DeclareConsumers => "declare consumers in these accounts",
        Permission::ReadAudit => "view the audit log",
        Permission::PauseAccess => "pause or resume all access",
        Permission::ReadDeliveries => "view the state of notifications",
        Permission::ReadSettings => "view the settings",
        Permission::ManageSettings => "change the state of the installation",
    }
}

/// What AWS's refusal means, and what to fix in the account.
fn aws_refusal(error: &AwsError, account: &AccountId, name: &str) -> Problem {
    let (operation, code) = (error.operation, error.code.as_deref().unwrap_or_default());
    let (kind, message, hint) = match (operation, code, error.fault) {
        (_, _, RegionScanFault::Throttled | RegionScanFault::Unreachable) => (
            ProblemCode::Unavailable,
            format!("AWS did not answer {operation} in time."),
            "Nothing was handed out. Try again in a moment.".to_owned(),
        ),
        (_, "ExpiredToken" | "ExpiredTokenException", _) => (
            ProblemCode::Conflict,
            "The session ended before the AWS call.".into(),
            "Try again while the grant is active.".into(),
        ),
        (_, _, RegionScanFault::NoCredentials) => (
            ProblemCode::Unavailable,
            "Claviger has no working AWS credentials.".into(),
            "Its operators must give the server a role or keys.".into(),
        ),
        ("AssumeRole", "MalformedPolicyDocument", _) => (
            ProblemCode::Conflict,
            "AWS did not accept the session policy.".into(),
            "This is a fault of the console: its log has AWS's words.".into(),
        ),
        ("AssumeRole", "PackedPolicyTooLarge", _) => (
            ProblemCode::Conflict,
            "The session policy is too large, even when split.".into(),
            "Request fewer secrets at a time.".into(),
        ),
        ("AssumeRole", "RegionDisabledException", _) => (
            ProblemCode::Conflict,
            format!("STS is not activated in this Region for account {account}."),
            "Activate it in the account's IAM settings, or let the console use another Region.".into(),
        ),
        ("AssumeRole", ..) => (
            ProblemCode::Conflict,
            format!("Can't assume claviger-access in account {account}."),
            "Deploy the role there. Its trust policy must allow sts:AssumeRole with the external id, sts:TagSession and sts:SetSourceIdentity.".into(),
        ),
        (_, "ResourceNotFoundException" | "ParameterNotFound", _) => (
            ProblemCode::Conflict,
            format!("{name} no longer exists in AWS, or has no current value."),
            "The next scan will show its state.".into(),
        ),
        (_, "InvalidRequestException", _) => (
            ProblemCode::Conflict,
            format!("AWS cannot do that with {name} in its present state."),
            "It may be pending deletion, or have no rotation function.".into(),
        ),
        (_, "DecryptionFailure" | "InvalidKeyId" | "KMSAccessDeniedException", _) => (
            ProblemCode::Conflict,
            format!("The key of {name} does not let the session decrypt."),
            "The key's policy must let claviger-access use it through the service.".into(),
        ),
        _ => (
            ProblemCode::Conflict,
            format!("AWS denied {operation} on {name}{}.", in_brackets(code)),
            "Check the SCPs, the secret's resource policy and the KMS key policy; or the access window has just ended.".into(),
        ),
    };
    Problem::new(kind, message, hint)
}

fn not_understood(expected: impl Display) -> Problem {
    let hint = format!("Use {expected}.");
    Problem::new(ProblemCode::InvalidInput, "This choice is not valid.", hint)
}

fn in_brackets(code: &str) -> String {
    if code.is_empty() { String::new() } else { format!(" ({code})") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_store::for_request;

    #[test]
    fn no_source_text_reaches_the_person() {
        const SECRET: &str = "relation \"account\" at 10.0.0.7 AKIAEXAMPLE";
        let faults: Vec<ServiceError> = vec![
            StoreError::Queue(SECRET.into()).into(),
            StoreError::Panicked(SECRET.into()).into(),
            ServiceError::Panicked(SECRET.into()),
            StoreError::Inconsistent {
                table: "resource",
                column: "facts",
                key: SECRET.into(),
                reason: SECRET.into(),
            }
            .into(),
            AwsError {
                operation: "ListSecrets",
                fault: RegionScanFault::Other,
                code: None,
                detail: SECRET.into(),
            }
            .into(),
        ];
        for fault in faults {
            let problem = fault.into_problem();
            assert!(!format!("{problem:?}").contains("10.0.0.7"), "{problem:?}");
            assert!(problem.code.status() >= 500);
        }
    }

    #[tokio::test]
    async fn what_is_unexpected_quotes_the_request_and_what_is_expected_does_not() {
        let id = "r-42".parse().unwrap();
        for_request(Some(id), async {
            let fault = ServiceError::Panicked("x".into()).into_problem();
            assert!(fault.hint.ends_with("Request ID: r-42."), "{fault:?}");
            let outage = ServiceError::Store(StoreError::Database(sqlx::Error::PoolTimedOut));
            assert!(outage.into_problem().hint.contains("Request ID: r-42."));
            let refused = ServiceError::NotFound("grant").into_problem();
            assert!(!refused.hint.contains("r-42"), "{refused:?}");
        })
        .await;
        assert!(!ServiceError::Panicked("x".into()).into_problem().hint.contains("Request ID"));
    }
}
