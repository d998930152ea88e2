//! The rotation function: its ARN, its state, and whom its policy admits.

use super::{Asked, Found, Preflight, RotatedBy, rotated_by};
use crate::entitlement::{
    Answer, Fact, Function, Policy, PolicyKind, Way, invocation_by_secrets_manager,
};
use claviger_domain::{
    facts::ResourceFacts,
    ids::{AccountId, Region},
    remediation::{
        FunctionArn, FunctionConfiguration,
        preflight::{PreflightCause as Cause, PreflightResult},
    },
};
use std::sync::Arc;

/// An account and an Organization that no policy names.
const OTHER_ACCOUNT: &str = "909090909090";
const OTHER_ORGANIZATION: &str = "o-zqzqzqzqzq";

/// The function, if it can rotate secrets of this account and Region.
pub(super) fn here(
    text: &str,
    facts: &ResourceFacts,
    account: &AccountId,
    region: &Region,
) -> Result<FunctionArn, PreflightResult> {
    let Some(function) = FunctionArn::read(text) else {
        return Err(PreflightResult::fails(
            format!("{text} is not the ARN of a Lambda function."),
            "Use arn:aws:lambda:REGION:ACCOUNT:function:NAME, with a version or an alias if you need one.",
        ));
    };
    let partition = facts.arn.partition();
    let differs = [
        ("partition", function.partition.as_str(), partition),
        ("Region", function.region.as_str(), region.as_str()),
        ("account", function.account.as_str(), account.as_str()),
    ];
    for (what, of_function, of_secret) in differs {
        if of_function != of_secret {
            return Err(PreflightResult::fails(
                format!("The function is in the {what} {of_function}, the secret in {of_secret}."),
                format!("Name a function in the {what} {of_secret}."),
            ));
        }
    }
    Ok(function)
}

pub(super) fn checks(input: &Preflight<'_>) -> Vec<Found> {
    let mut found = vec![(Cause::FunctionArn, arn(input))];
    match input.asked() {
        Ok(asked) => {
            found.push((Cause::FunctionExists, exists(&asked)));
            found.push((Cause::FunctionActive, active(&asked)));
            found.extend(policy(input, &asked));
        }
        Err(why) => {
            let all = [
                Cause::FunctionExists,
                Cause::FunctionActive,
                Cause::FunctionPolicy,
                Cause::ConfusedDeputy,
            ];
            found.extend(all.map(|cause| (cause, why.clone())));
        }
    }
    found
}

fn arn(input: &Preflight<'_>) -> PreflightResult {
    match rotated_by(input.form, input.facts, input.account, input.region) {
        RotatedBy::Others(why) => PreflightResult::NotApplicable(why),
        RotatedBy::Nobody => PreflightResult::fails(
            "No rotation function is named, and the secret has none of its own.",
            "Name the ARN of a function.",
        ),
        RotatedBy::Function(arn) => match here(&arn, input.facts, input.account, input.region) {
            Ok(function) => PreflightResult::Passes(format!(
                "{} is in the secret's account and Region.",
                function.qualified()
            )),
            Err(fails) => fails,
        },
    }
}

/// What the checks of a function that does not exist say.
pub(super) const NO_FUNCTION: &str = "The function does not exist.";

/// The configuration, or the result of every check that depends on it.
pub(super) fn configuration<'a>(
    asked: &'a Asked<'_>,
) -> Result<&'a FunctionConfiguration, PreflightResult> {
    match &asked.reading.configuration {
        Ok(Some(configuration)) => Ok(configuration),
        Ok(None) => Err(PreflightResult::NotApplicable(NO_FUNCTION.to_owned())),
        Err(failure) => Err(PreflightResult::Unknown(format!("{failure}."))),
    }
}

fn exists(asked: &Asked<'_>) -> PreflightResult {
    let name = &asked.function.name;
    match &asked.reading.configuration {
        Ok(Some(found)) => {
            let runtime = found.runtime.as_deref().map(|runtime| format!(" ({runtime})"));
            PreflightResult::Passes(format!("{name} exists{}.", runtime.unwrap_or_default()))
        }
        Ok(None) => PreflightResult::fails(
            format!(
                "There is no function {name} in account {} and {}.",
                asked.function.account, asked.function.region
            ),
            "Deploy the function, or name another one.",
        ),
        Err(failure) => PreflightResult::Unknown(format!("{failure}.")),
    }
}

fn active(asked: &Asked<'_>) -> PreflightResult {
    let found = match configuration(asked) {
        Ok(found) => found,
        Err(result) => return result,
    };
    let because = |reason: &Option<String>| {
        let reason = reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
        reason.map(|reason| format!(" AWS says: {reason}")).unwrap_or_default()
    };
    let why = because(&found.state_reason);
    match found.state.as_deref() {
        Some("Pending") => PreflightResult::fails(
            format!("The function is still being created (Pending): invocations fail.{why}"),
            "Wait until its state is Active.",
        ),
        Some("Inactive") => PreflightResult::fails(
            format!(
                "The function was idle and AWS has freed its resources (Inactive): the next invocation fails while it is set up again.{why}"
            ),
            "Invoke the function once, and wait until its state is Active.",
        ),
        Some("Failed") => PreflightResult::fails(
            format!("The function could not be set up (Failed): every invocation fails.{why}"),
            "Correct the cause in Lambda, or delete and create the function.",
        ),
        // AWS returns no state for functions that are older than states.
        Some("Active") | None => last_update(found, &because(&found.last_update_reason)),
        Some(other) => PreflightResult::Unknown(format!(
            "The function's state is {other}, which Claviger does not know."
        )),
    }
}

fn last_update(found: &FunctionConfiguration, why: &str) -> PreflightResult {
    match found.last_update.as_deref() {
        Some("Failed") => PreflightResult::fails(
            format!("The function's last update failed: it runs as it was before.{why}"),
            "Correct the cause in Lambda and update the function again.",
        ),
        Some("InProgress") => PreflightResult::warns(
            "The function is being updated: it runs as it was before until the update ends.",
            "Wait until the update has ended.",
        ),
        _ => PreflightResult::Passes("Its state is Active.".to_owned()),
    }
}

/// The values of condition keys that Secrets Manager sends with an invocation for a secret.
fn sent_for(input: &Preflight<'_>) -> Vec<(&'static str, String)> {
    let mut known = vec![
        ("aws:SourceAccount", input.account.to_string()),
        ("aws:SourceArn", input.facts.arn.to_string()),
    ];
    let home = input.accounts.get(input.account).map(|home| &home.membership);
    if let Some(Fact::Known(Some(membership))) = home {
        known.push(("aws:SourceOrgID", membership.organization.clone()));
        known.push(("aws:SourceOrgPaths", membership.path.clone()));
    }
    known
}

/// The same for a secret of a stranger.
fn sent_for_a_stranger(input: &Preflight<'_>) -> Vec<(&'static str, String)> {
    let (partition, region) = (input.facts.arn.partition(), input.region);
    vec![
        ("aws:SourceAccount", OTHER_ACCOUNT.to_owned()),
        (
            "aws:SourceArn",
            format!("arn:{partition}:secretsmanager:{region}:{OTHER_ACCOUNT}:secret:zq-AbCdEf"),
        ),
        ("aws:SourceOrgID", OTHER_ORGANIZATION.to_owned()),
        ("aws:SourceOrgPaths", format!("{OTHER_ORGANIZATION}/r-zqzq/")),
    ]
}

fn policy(input: &Preflight<'_>, asked: &Asked<'_>) -> [Found; 2] {
    let both = |result: PreflightResult| {
        [(Cause::FunctionPolicy, result.clone()), (Cause::ConfusedDeputy, result)]
    };
    let policy = match (&asked.reading.configuration, &asked.reading.policy) {
        (Ok(None), _) => {
            return both(PreflightResult::NotApplicable(NO_FUNCTION.to_owned()));
        }
        (_, Err(failure)) => return both(PreflightResult::Unknown(format!("{failure}."))),
        (_, Ok(policy)) => policy,
    };
    let arn = asked.function.qualified();
    let read = |text: &String| Arc::new(Policy::read(&PolicyKind::Resource, "", text));
    let function = Function {
        arn: &arn,
        account: input.account,
        policy: Fact::Known(policy.as_ref().map(read)),
    };
    let ask = |known: &[(&'static str, String)]| {
        invocation_by_secrets_manager(&function, input.accounts, known, input.now)
    };
    let own = ask(&sent_for(input));
    if own.answer <= Answer::Unknown {
        let anyone = ask(&[]);
        return [
            (Cause::FunctionPolicy, refused(&asked.function, policy.is_some(), &own, &anyone)),
            (
                Cause::ConfusedDeputy,
                PreflightResult::NotApplicable(
                    "The function does not admit Secrets Manager.".to_owned(),
                ),
            ),
        ];
    }
    let admits = if own.answer == Answer::Can {
        PreflightResult::Passes(format!("Allowed by the function's {}.", own.through.join("; ")))
    } else {
        PreflightResult::Unknown(format!("It depends on {}.", own.conditions.join("; ")))
    };
    [
        (Cause::FunctionPolicy, admits),
        (Cause::ConfusedDeputy, deputy(input, &ask(&sent_for_a_stranger(input)))),
    ]
}

fn refused(function: &FunctionArn, has_policy: bool, own: &Way, anyone: &Way) -> PreflightResult {
    let fix = format!(
        "Add a statement that allows secretsmanager.amazonaws.com lambda:InvokeFunction on {}, with aws:SourceAccount {}.",
        function.qualified(),
        function.account
    );
    if own.answer == Answer::Unknown {
        return PreflightResult::Unknown(format!("{}.", own.not_read.join("; ")));
    }
    if anyone.answer > Answer::Cannot {
        let conditions = anyone.conditions.join("; ");
        return PreflightResult::fails(
            format!(
                "The function's policy admits Secrets Manager for another account or secret only: {conditions}."
            ),
            fix,
        );
    }
    let text = if has_policy {
        "The function's policy does not let Secrets Manager invoke it."
    } else {
        "The function has no policy, so Secrets Manager may not invoke it."
    };
    PreflightResult::fails(text, fix)
}

/// Whether a stranger's secret could use the function too.
fn deputy(input: &Preflight<'_>, stranger: &Way) -> PreflightResult {
    match stranger.answer {
        Answer::Cannot => {
            PreflightResult::Passes("Secrets of other accounts can't use the function.".to_owned())
        }
        Answer::Unknown => PreflightResult::Unknown(format!("{}.", stranger.not_read.join("; "))),
        Answer::Can | Answer::Conditional => PreflightResult::warns(
            "The function's policy admits Secrets Manager for secrets of any account (confused deputy): it has no condition on aws:SourceAccount.",
            format!(
                "Add the condition StringEquals aws:SourceAccount {} to the statement.",
                input.account
            ),
        ),
    }
}
