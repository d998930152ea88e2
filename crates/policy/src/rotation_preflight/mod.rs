//! Why a rotation would fail, from what was read before `RotateSecret` is called. Pure.
//!
//! Each cause has its own answer: it passes, fails with what to do, warns, is unknown with the reason, or does not apply. What
//! was not read is never said to pass.

mod function;
mod hosted;
mod network;
mod permissions;
mod secret;
mod session;
mod superuser;

pub use hosted::before_function;
pub use session::session_policy;

use crate::entitlement::{Accounts, Resource};
use claviger_domain::{
    facts::{Detail, ResourceFacts, SecretFacts},
    ids::{AccountId, Region},
    remediation::{
        FunctionArn, FunctionReading,
        preflight::{PreflightCause, PreflightCheck, PreflightForm, PreflightResult, ValueShape},
    },
};
use time::OffsetDateTime;

/// What a pre-flight is derived from.
#[derive(Debug)]
pub struct Preflight<'a> {
    pub facts: &'a ResourceFacts,
    pub account: &'a AccountId,
    pub region: &'a Region,
    pub form: &'a PreflightForm,
    /// What was read of the function; `None` if the form names none that can rotate secrets here.
    pub function: Option<&'a FunctionReading>,
    /// The secret with its resource policy and key, for the evaluation of permissions.
    pub resource: &'a Resource,
    pub accounts: &'a Accounts,
    pub superuser: Superuser<'a>,
    /// What is known of the value's keys.
    pub value: &'a ValueShape,
    /// The ARN of the role that starts the rotation.
    pub claviger: &'a str,
    pub now: OffsetDateTime,
}

/// The secret with the superuser's credentials.
#[derive(Debug)]
pub enum Superuser<'a> {
    /// Neither the form nor a tag names it.
    NotNamed,
    /// What names it is no secret of the inventory that the caller may see.
    Missing(String),
    Found {
        facts: &'a ResourceFacts,
        resource: &'a Resource,
        /// Whether AWS no longer has it.
        is_gone: bool,
    },
}

/// The tag that names the superuser's secret, by ARN; the value's JSON key has the same name.
pub const SUPERUSER_TAG: &str = "masterarn";

/// The ARN of the superuser's secret, as the form or a tag names it.
pub fn superuser_arn(form: &PreflightForm, facts: &ResourceFacts) -> Option<String> {
    let named = form.superuser.trim();
    if !named.is_empty() {
        return Some(named.to_owned());
    }
    let tags = facts.tags.as_ref()?;
    let (_, arn) = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(SUPERUSER_TAG))?;
    Some(arn.trim().to_owned()).filter(|arn| !arn.is_empty())
}

/// How a secret rotates, with the parts of it that a pre-flight asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
enum RotatedBy {
    /// A function, as the form or the secret names it.
    Function(String),
    /// No function is named.
    Nobody,
    /// An AWS service or a partner, without a function.
    Others(String),
}

/// The function that the form names, otherwise the secret's own, if it can rotate secrets of this account and Region.
pub fn function_of(
    form: &PreflightForm,
    facts: &ResourceFacts,
    account: &AccountId,
    region: &Region,
) -> Option<FunctionArn> {
    match rotated_by(form, facts, account, region) {
        RotatedBy::Function(arn) => function::here(&arn, facts, account, region).ok(),
        RotatedBy::Nobody | RotatedBy::Others(_) => None,
    }
}

fn rotated_by(
    form: &PreflightForm,
    facts: &ResourceFacts,
    account: &AccountId,
    region: &Region,
) -> RotatedBy {
    let Some(secret) = secret_of(facts) else { return RotatedBy::Nobody };
    if let Some(service) = &secret.owning_service {
        return RotatedBy::Others(format!("{service} rotates it, without a function."));
    }
    if let Some(partner) = &secret.secret_type {
        return RotatedBy::Others(format!(
            "Secrets Manager rotates this managed external secret ({partner}), without a function."
        ));
    }
    let named = form.lambda.trim();
    let own = secret.rotation.lambda_arn.as_deref().unwrap_or_default();
    match if named.is_empty() { own } else { named } {
        "" => RotatedBy::Nobody,
        arn => RotatedBy::Function(
            arn.replace("{account}", account.as_str()).replace("{region}", region.as_str()),
        ),
    }
}

fn secret_of(facts: &ResourceFacts) -> Option<&SecretFacts> {
    match &facts.detail {
        Detail::Secret(secret) => Some(secret),
        Detail::Parameter(_) => None,
    }
}

/// One check for each cause.
pub fn preflight(input: &Preflight<'_>) -> Vec<PreflightCheck> {
    use PreflightCause as Cause;
    let Some(secret) = secret_of(input.facts) else { return Vec::new() };
    let mut found = vec![
        (Cause::ManagedByService, secret::managed_by_service(secret)),
        (Cause::Replica, secret::replica(secret, input.region)),
        (Cause::PendingDeletion, secret::pending_deletion(secret)),
        (Cause::NoValue, secret::no_value(secret)),
        (Cause::StuckVersion, secret::stuck_version(secret)),
        (Cause::Schedule, secret::schedule(input.form)),
        (Cause::Quota, secret::quota()),
    ];
    found.extend(function::checks(input));
    found.extend(permissions::checks(input));
    found.extend(network::checks(input));
    found.extend(superuser::checks(input));
    found.push((Cause::ValueKeys, secret::value_keys(input.form.template(), input.value)));
    found.push((Cause::HostReachable, secret::host_reachable()));
    found.into_iter().map(|(cause, result)| PreflightCheck { cause, result }).collect()
}

/// A cause with its result, before it is a check.
type Found = (PreflightCause, PreflightResult);

/// What is needed of the function to ask about its role: the ARN that was checked, and its role's.
struct Asked<'a> {
    function: FunctionArn,
    reading: &'a FunctionReading,
}

impl Preflight<'_> {
    /// The function and what was read of it; the error says why nothing can be asked.
    fn asked(&self) -> Result<Asked<'_>, PreflightResult> {
        let not_applicable = |why: &str| PreflightResult::NotApplicable(why.to_owned());
        match rotated_by(self.form, self.facts, self.account, self.region) {
            RotatedBy::Others(why) => Err(PreflightResult::NotApplicable(why)),
            RotatedBy::Nobody => Err(not_applicable("Name a function first.")),
            RotatedBy::Function(arn) => {
                let function = function::here(&arn, self.facts, self.account, self.region);
                match (function, self.function) {
                    (Ok(function), Some(reading)) => Ok(Asked { function, reading }),
                    (Ok(_), None) => {
                        Err(PreflightResult::Unknown("The function was not read.".to_owned()))
                    }
                    (Err(_), _) => Err(not_applicable("Correct the function's ARN first.")),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
