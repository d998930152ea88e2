//! What the function's role and Claviger's own role may do, by the evaluation that says who can read a secret.

use super::{Asked, Found, Preflight, function::configuration};
use crate::entitlement::{
    Answer, Fact, Function, Key, Lookup, Policy, PolicyKind, RoleCall, Way, lookup,
};
use claviger_domain::remediation::preflight::{PreflightCause as Cause, PreflightResult};
use std::sync::Arc;

/// What the function's role does on the secret.
const ON_SECRET: [(Cause, &str); 4] = [
    (Cause::RoleDescribes, "secretsmanager:DescribeSecret"),
    (Cause::RoleReads, "secretsmanager:GetSecretValue"),
    (Cause::RoleWrites, "secretsmanager:PutSecretValue"),
    (Cause::RoleMovesStages, "secretsmanager:UpdateSecretVersionStage"),
];
const ON_KEY: [(Cause, &str); 2] =
    [(Cause::RoleDecrypts, "kms:Decrypt"), (Cause::RoleGeneratesDataKey, "kms:GenerateDataKey")];
const RANDOM_PASSWORD: &str = "secretsmanager:GetRandomPassword";
const ROTATE: &str = "secretsmanager:RotateSecret";

/// The keys whose values a request of the function has: in AWS's own templates, its role may use the secrets that name this
/// function for their rotation.
pub(super) fn of_function(asked: &Asked<'_>) -> Vec<(&'static str, String)> {
    vec![
        ("secretsmanager:resource/AllowRotationLambdaArn", asked.function.qualified()),
        ("lambda:SourceFunctionArn", asked.function.arn.clone()),
    ]
}

pub(super) fn checks(input: &Preflight<'_>) -> Vec<Found> {
    let mut found = of_role(input);
    found.extend(of_claviger(input));
    found
}

/// The role of the function, as IAM writes it; the error is the result of every check about it.
pub(super) fn role(input: &Preflight<'_>, asked: &Asked<'_>) -> Result<String, PreflightResult> {
    let named = configuration(asked)?.role.as_str();
    match lookup(named, input.accounts) {
        Lookup::Found(role) => Ok(role),
        Lookup::Missing => {
            Err(PreflightResult::NotApplicable("The role does not exist.".to_owned()))
        }
        Lookup::NotRead(why) => Err(PreflightResult::Unknown(format!(
            "The IAM policies of account {} were not read: {why}.",
            input.account
        ))),
    }
}

fn of_role(input: &Preflight<'_>) -> Vec<Found> {
    let all = [Cause::RoleExists, Cause::RoleRandomPassword]
        .into_iter()
        .chain(ON_SECRET.map(|(cause, _)| cause))
        .chain(ON_KEY.map(|(cause, _)| cause));
    let asked = match input.asked() {
        Ok(asked) => asked,
        Err(why) => return all.map(|cause| (cause, why.clone())).collect(),
    };
    let role = match role(input, &asked) {
        Ok(role) => role,
        Err(why) => {
            let mut found: Vec<Found> = all.map(|cause| (cause, why.clone())).collect();
            found[0].1 = missing(input, &asked).unwrap_or(why);
            return found;
        }
    };
    let known = of_function(&asked);
    let call = RoleCall {
        role: &role,
        resource: input.resource,
        accounts: input.accounts,
        known: &known,
        now: input.now,
    };
    let mut found = vec![(Cause::RoleExists, PreflightResult::Passes(format!("{role} exists.")))];
    found.extend(ON_SECRET.map(|(cause, action)| {
        (cause, answer(&role, action, "this secret", &call.on_secret(action)))
    }));
    found.push((Cause::RoleRandomPassword, random_password(&role, &call)));
    found.extend(ON_KEY.map(|(cause, action)| (cause, on_key(input, &role, action, &call))));
    found
}

/// That the role does not exist, if that is known.
fn missing(input: &Preflight<'_>, asked: &Asked<'_>) -> Option<PreflightResult> {
    let named = configuration(asked).ok()?.role.as_str();
    (lookup(named, input.accounts) == Lookup::Missing).then(|| {
        PreflightResult::fails(
            format!("The function's role {named} does not exist in the account's IAM, as it was read last."),
            "Create the role, or give the function another one.",
        )
    })
}

/// A permission that the rotation needs.
pub(super) fn answer(role: &str, action: &str, on: &str, way: &Way) -> PreflightResult {
    let name = short(role);
    match way.answer {
        Answer::Can => PreflightResult::Passes(format!("Allowed by {}.", way.through.join("; "))),
        Answer::Cannot => PreflightResult::fails(
            format!("{name} may not call {action} on {on}: {}.", way.against.join("; ")),
            format!("Allow {name} the action {action} on {on}, or remove what denies it."),
        ),
        Answer::Conditional => PreflightResult::Unknown(format!(
            "It depends on the request: {}.",
            way.conditions.join("; ")
        )),
        Answer::Unknown => {
            PreflightResult::Unknown(format!("Not read: {}.", way.not_read.join("; ")))
        }
    }
}

/// The name of a role, without its ARN.
fn short(role: &str) -> &str {
    role.rsplit('/').next().unwrap_or(role)
}

/// AWS's templates call it; a function of one's own may do without.
fn random_password(role: &str, call: &RoleCall<'_>) -> PreflightResult {
    match answer(role, RANDOM_PASSWORD, "*", &call.on_anything(RANDOM_PASSWORD)) {
        PreflightResult::Fails { text, fix } => PreflightResult::Warns {
            text: format!("{text} AWS's templates for rotation functions call it."),
            fix,
        },
        other => other,
    }
}

fn on_key(
    input: &Preflight<'_>,
    role: &str,
    action: &'static str,
    call: &RoleCall<'_>,
) -> PreflightResult {
    let key = match &input.resource.key {
        // Every principal of the account may use it through Secrets Manager: a guardrail or a boundary can still deny it.
        Key::AwsManaged => "aws/secretsmanager",
        Key::CustomerManaged(key) => key.arn.as_str(),
        Key::NotRead(why) => return PreflightResult::Unknown(format!("The KMS key: {why}.")),
        Key::None => return PreflightResult::NotApplicable("No key encrypts it.".to_owned()),
    };
    match call.on_key(action) {
        Some(way) => answer(role, action, &format!("the key {key}"), &way),
        None => PreflightResult::NotApplicable("No key encrypts it.".to_owned()),
    }
}

/// Whether Claviger's own role can make the call, which invokes the function on its behalf.
fn of_claviger(input: &Preflight<'_>) -> [Found; 2] {
    let role = match lookup(input.claviger, input.accounts) {
        Lookup::Found(role) => role,
        Lookup::Missing => {
            let result = PreflightResult::fails(
                format!(
                    "The role {} does not exist in the account's IAM, as it was read last.",
                    input.claviger
                ),
                "Deploy Claviger's roles to the account.",
            );
            return [(Cause::CallerRotates, result.clone()), (Cause::CallerInvokes, result)];
        }
        Lookup::NotRead(why) => {
            let result = PreflightResult::Unknown(format!(
                "The IAM policies of account {} were not read: {why}.",
                input.account
            ));
            return [(Cause::CallerRotates, result.clone()), (Cause::CallerInvokes, result)];
        }
    };
    let asked = input.asked();
    let function = asked.as_ref().ok().map(|asked| asked.function.qualified());
    let mut known = vec![
        ("secretsmanager:RotateImmediately", (input.form.immediately == "yes").to_string()),
        ("secretsmanager:ModifyRotationRules", "true".to_owned()),
    ];
    known.extend(function.clone().map(|arn| ("secretsmanager:RotationLambdaARN", arn)));
    let call = RoleCall {
        role: &role,
        resource: input.resource,
        accounts: input.accounts,
        known: &known,
        now: input.now,
    };
    let rotates = answer(&role, ROTATE, "this secret", &call.on_secret(ROTATE));
    let invokes = match asked {
        Err(why) => why,
        Ok(asked) => invokes(input, &asked, &RoleCall { known: &[], ..call }),
    };
    [(Cause::CallerRotates, rotates), (Cause::CallerInvokes, invokes)]
}

fn invokes(input: &Preflight<'_>, asked: &Asked<'_>, call: &RoleCall<'_>) -> PreflightResult {
    if let Err(result @ PreflightResult::NotApplicable(_)) = configuration(asked) {
        return result;
    }
    let arn = asked.function.qualified();
    let policy = match &asked.reading.policy {
        Ok(policy) => {
            let read = |text: &String| Arc::new(Policy::read(&PolicyKind::Resource, "", text));
            Fact::Known(policy.as_ref().map(read))
        }
        Err(failure) => Fact::NotRead(failure.to_string()),
    };
    let function = Function { arn: &arn, account: input.account, policy };
    answer(call.role, "lambda:InvokeFunction", &arn, &call.invocation(&function))
}
