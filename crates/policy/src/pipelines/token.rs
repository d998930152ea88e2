//! Whether a trust policy admits a token: each statement is evaluated as IAM does, with the conditions of the evaluation that says
//! who can read a secret.

use super::claims::ASSUME;
use crate::{
    exposure::{Document, DocumentFault, Principal, Principals},
    iam::{Condition, Context},
};

/// A call of `sts:AssumeRoleWithWebIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The ARN of the OIDC provider that verifies the token.
    pub provider: String,
    /// The claims under their condition keys, such as `gitlab.com:sub`, and other keys of the request.
    pub context: Context,
}

/// Whether STS issues a session for the token. A Deny without effect on it does not count.
///
/// # Errors
/// If the document or one of its conditions cannot be interpreted.
pub fn admits(trust: &str, request: &TokenRequest) -> Result<bool, DocumentFault> {
    let document = Document::read_trust(trust)?;
    let mut is_allowed = false;
    for (at, statement) in document.statements.iter().enumerate() {
        if !statement.covers_action(ASSUME) {
            continue;
        }
        let is_named = |all: &[Principal]| {
            all.iter().any(|one| match one {
                Principal::Federated(arn) => *arn == request.provider,
                Principal::Everyone => true,
                _ => false,
            })
        };
        let names = match &statement.principals {
            Principals::Any => true,
            Principals::Only(all) => is_named(all),
            Principals::Except(all) => !is_named(all),
        };
        let mut holds = names;
        for one in &statement.conditions {
            let values = one.values.iter().map(|value| {
                let value = if document.has_variables {
                    value.clone()
                } else {
                    value.replace("${", "${$}{")
                };
                if one.operator == "Null" { value.to_ascii_lowercase() } else { value }
            });
            let read = Condition::read(&one.operator, &one.key, values.collect());
            let condition = read.map_err(|error| DocumentFault {
                location: format!("Statement[{at}].Condition"),
                reason: error.to_string(),
            })?;
            holds &= condition.holds(&request.context);
        }
        if holds && !statement.allows {
            return Ok(false);
        }
        is_allowed |= holds;
    }
    Ok(is_allowed)
}
