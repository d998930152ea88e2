//! The superuser's secret, which AWS's templates for alternating users read.

use super::{
    Found, Preflight, Superuser,
    permissions::{answer, of_function, role},
    secret_of,
};
use crate::entitlement::{RoleCall, Way};
use claviger_domain::remediation::preflight::{
    PreflightCause as Cause, PreflightResult, RotationTemplate,
};

pub(super) fn checks(input: &Preflight<'_>) -> [Found; 2] {
    let both = |result: PreflightResult| {
        [(Cause::SuperuserSecret, result.clone()), (Cause::SuperuserReadable, result)]
    };
    match &input.superuser {
        Superuser::NotNamed if input.form.template() == RotationTemplate::AlternatingUsers => {
            both(PreflightResult::Unknown(
                "The value's key masterarn names it, which only an access grant to read shows. Name its ARN in the form, or in the tag masterarn, to check it."
                    .to_owned(),
            ))
        }
        Superuser::NotNamed => both(PreflightResult::NotApplicable(
            "No superuser takes part: neither the form nor the tag masterarn names one.".to_owned(),
        )),
        Superuser::Missing(arn) => [
            (
                Cause::SuperuserSecret,
                PreflightResult::fails(
                    format!("The inventory has no secret {arn} that you may see."),
                    "Name the ARN of the superuser's secret, in the same account and Region.",
                ),
            ),
            (
                Cause::SuperuserReadable,
                PreflightResult::NotApplicable("The superuser's secret was not found.".to_owned()),
            ),
        ],
        Superuser::Found { facts, resource, is_gone } => {
            let is_deleting = secret_of(facts).is_none_or(|secret| secret.deleted_at.is_some());
            if *is_gone || is_deleting {
                let what = if *is_gone { "is deleted" } else { "is pending deletion" };
                return [
                    (
                        Cause::SuperuserSecret,
                        PreflightResult::fails(
                            format!("The superuser's secret {} {what}.", facts.name),
                            "Restore it, or name another one.",
                        ),
                    ),
                    (
                        Cause::SuperuserReadable,
                        PreflightResult::NotApplicable(format!("The superuser's secret {what}.")),
                    ),
                ];
            }
            let exists = PreflightResult::Passes(format!("{} is in the inventory.", facts.name));
            let readable = match input.asked() {
                Err(why) => why,
                Ok(asked) => match role(input, &asked) {
                    Err(why) => why,
                    Ok(role) => {
                        let known = of_function(&asked);
                        // The key on rotation functions is this secret's own, and the superuser's has another function, or none.
                        let known: Vec<_> = known.into_iter().skip(1).collect();
                        let call = RoleCall {
                            role: &role,
                            resource,
                            accounts: input.accounts,
                            known: &known,
                            now: input.now,
                        };
                        readable(&role, facts.name.as_str(), &call)
                    }
                },
            };
            [(Cause::SuperuserSecret, exists), (Cause::SuperuserReadable, readable)]
        }
    }
}

/// The value and its key: the lesser of both answers.
fn readable(role: &str, name: &str, call: &RoleCall<'_>) -> PreflightResult {
    const READ: &str = "secretsmanager:GetSecretValue";
    const DECRYPT: &str = "kms:Decrypt";
    let on = format!("the superuser's secret {name}");
    let read: Way = call.on_secret(READ);
    match call.on_key(DECRYPT) {
        Some(key) if key.answer < read.answer => {
            answer(role, DECRYPT, &format!("the key of {on}"), &key)
        }
        _ => answer(role, READ, &on, &read),
    }
}
