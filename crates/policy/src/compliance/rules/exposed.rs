//! Rules about access by resource policies.

use crate::{
    compliance::{Facts, OrganizationContext, PolicyRule},
    exposure::{self, Exposure},
};
use claviger_domain::{
    compliance::{Outcome, view::PrincipalLocation},
    facts::{KeyClass, Reading},
};
use time::OffsetDateTime;

pub(crate) fn of_exposure(
    rule: &PolicyRule,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Outcome {
    let text = match facts.deep.map(|deep| &deep.resource_policy) {
        None => return Outcome::unknown("The resource policy has not been read yet."),
        Some(Reading::Refused(code)) => {
            return Outcome::unknown("Access denied reading the resource policy.")
                .with("GetResourcePolicy", code);
        }
        Some(Reading::Read(None)) => return Outcome::pass("It has no resource policy."),
        Some(Reading::Read(Some(text))) => text,
    };
    let arn = facts.resource.arn.as_str();
    match org_context.analyses.analyse(text, arn, &facts.location.account, &org_context.around, now)
    {
        Err(fault) => Outcome::unknown("The resource policy can't be parsed.")
            .with("ResourcePolicy", fault.to_string()),
        Ok(exposure) => {
            let outcome = evaluate_exposure(rule, &exposure, facts, org_context);
            match exposure.until {
                Some(at) => outcome.until(at),
                None => outcome,
            }
        }
    }
}

/// Whether a principal is allowed that should not be, or may be.
type Asks<'a> = Box<dyn Fn(&exposure::Grantee) -> bool + 'a>;

fn is_other(location: PrincipalLocation) -> bool {
    !matches!(
        location,
        PrincipalLocation::SameAccount | PrincipalLocation::Service | PrincipalLocation::Undecided
    )
}

fn evaluate_exposure(
    rule: &PolicyRule,
    exposure: &Exposure,
    facts: &Facts<'_>,
    org_context: &OrganizationContext,
) -> Outcome {
    let (bad, unclear, good): (Asks<'_>, Asks<'_>, &str) = match rule {
        PolicyRule::PublicPolicy {} => (
            Box::new(|grantee| grantee.location == PrincipalLocation::Everyone),
            // Callers from the owner's own network are not the public, whatever their account is.
            Box::new(|grantee| grantee.may_be_anyone),
            "Resource policy does not allow public access.",
        ),
        PolicyRule::SharedOutside {} => (
            Box::new(|grantee| grantee.location >= PrincipalLocation::Outside),
            Box::new(|grantee| grantee.location == PrincipalLocation::Undecided),
            "Resource policy allows access only within the Organization.",
        ),
        PolicyRule::SharedWithAccount { allowed } => {
            let own = &facts.location.account;
            (
                Box::new(move |grantee| {
                    is_other(grantee.location)
                        && !grantee.accounts.are_within(allowed, own, &org_context.around)
                }),
                Box::new(|grantee| grantee.location == PrincipalLocation::Undecided),
                "Its resource policy lets no other account in.",
            )
        }
        _ => (
            Box::new(|grantee| {
                grantee.wide_actions || (grantee.is_wide && is_other(grantee.location))
            }),
            Box::new(|grantee| {
                grantee.may_be_anyone
                    || (grantee.is_wide && grantee.location == PrincipalLocation::Undecided)
            }),
            "Resource policy names specific principals and actions.",
        ),
    };
    let found: Vec<&exposure::Grantee> = exposure.grantees.iter().filter(|g| bad(g)).collect();
    if found.is_empty() {
        let unclear: Vec<&exposure::Grantee> =
            exposure.grantees.iter().filter(|g| unclear(g)).collect();
        if unclear.is_empty() {
            return Outcome::pass(good);
        }
        return evidence(
            Outcome::unknown("Access can't be determined from the resource policy alone."),
            &unclear,
        );
    }
    let says = match rule {
        PolicyRule::PublicPolicy {} => "Resource policy allows public access.",
        PolicyRule::SharedOutside {} => {
            "Resource policy allows access from outside the Organization."
        }
        PolicyRule::SharedWithAccount { .. } => "Resource policy allows another account.",
        _ => "Resource policy is broader than necessary.",
    };
    let outcome = evidence(Outcome::fail(says), &found);
    // AWS denies other accounts under the AWS managed key, whatever the policy says; a change of key would open it.
    if facts.resource.key_class() == KeyClass::AwsManaged
        && found.iter().any(|g| is_other(g.location))
    {
        return outcome.with("KmsKeyId", "AWS managed key: other accounts can't decrypt it");
    }
    outcome
}

fn evidence(outcome: Outcome, grantees: &[&exposure::Grantee]) -> Outcome {
    grantees.iter().fold(outcome, |outcome, grantee| {
        let conditions = if grantee.conditions.is_empty() {
            String::new()
        } else {
            format!("; {}", grantee.conditions.join("; "))
        };
        outcome.with(
            &format!("Principal {}", grantee.principal),
            format!("{}{conditions}", grantee.actions.join(", ")),
        )
    })
}
