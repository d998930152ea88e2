//! Whom a resource policy lets in.

use crate::{
    exposure::{self, Exposure},
    govern::{Facts, Rule, World},
};
use claviger_domain::{
    facts::{KeyClass, Reading},
    governance::{Outcome, view::Standing},
};
use time::OffsetDateTime;

pub(super) fn of_exposure(
    rule: &Rule,
    facts: &Facts<'_>,
    world: &World,
    now: OffsetDateTime,
) -> Outcome {
    let text = match facts.deep.map(|deep| &deep.resource_policy) {
        None => return Outcome::unknown("Its resource policy has not been read yet."),
        Some(Reading::Refused(code)) => {
            return Outcome::unknown("AWS did not let the console read its resource policy.")
                .with("GetResourcePolicy", code);
        }
        Some(Reading::Read(None)) => return Outcome::pass("It has no resource policy."),
        Some(Reading::Read(Some(text))) => text,
    };
    let arn = facts.resource.arn.as_str();
    match world.analyses.analyse(text, arn, &facts.place.account, &world.around, now) {
        Err(fault) => Outcome::unknown("Its resource policy cannot be understood.")
            .with("ResourcePolicy", fault.to_string()),
        Ok(exposure) => {
            let outcome = judge_exposure(rule, &exposure, facts, world);
            match exposure.until {
                Some(at) => outcome.until(at),
                None => outcome,
            }
        }
    }
}

/// Whether somebody let in is one too many, or may be.
type Asks<'a> = Box<dyn Fn(&exposure::Grantee) -> bool + 'a>;

fn is_other(place: Standing) -> bool {
    !matches!(place, Standing::SameAccount | Standing::Service | Standing::Undecided)
}

fn judge_exposure(rule: &Rule, exposure: &Exposure, facts: &Facts<'_>, world: &World) -> Outcome {
    let (bad, unclear, good): (Asks<'_>, Asks<'_>, &str) = match rule {
        Rule::PublicPolicy {} => (
            Box::new(|grantee| grantee.standing == Standing::Everyone),
            // Whoever calls from one's own network is not just anyone, whatever their account is.
            Box::new(|grantee| grantee.may_be_anyone),
            "Its resource policy does not let just anyone in.",
        ),
        Rule::SharedOutside {} => (
            Box::new(|grantee| grantee.standing >= Standing::Outside),
            Box::new(|grantee| grantee.standing == Standing::Undecided),
            "Its resource policy stays within the Organization.",
        ),
        Rule::SharedWithAccount { allowed } => {
            let own = &facts.place.account;
            (
                Box::new(move |grantee| {
                    is_other(grantee.standing)
                        && !grantee.accounts.are_within(allowed, own, &world.around)
                }),
                Box::new(|grantee| grantee.standing == Standing::Undecided),
                "Its resource policy lets no other account in.",
            )
        }
        _ => (
            Box::new(|grantee| {
                grantee.wide_actions || (grantee.is_wide && is_other(grantee.standing))
            }),
            Box::new(|grantee| {
                grantee.may_be_anyone
                    || (grantee.is_wide && grantee.standing == Standing::Undecided)
            }),
            "Its resource policy names whom it means, and what they may do.",
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
            Outcome::unknown("Whom its resource policy lets in cannot be decided from it alone."),
            &unclear,
        );
    }
    let says = match rule {
        Rule::PublicPolicy {} => "Its resource policy lets anyone in.",
        Rule::SharedOutside {} => "Its resource policy reaches outside the Organization.",
        Rule::SharedWithAccount { .. } => "Its resource policy lets another account in.",
        _ => "Its resource policy allows more than it needs to.",
    };
    let outcome = evidence(Outcome::fail(says), &found);
    // AWS refuses other accounts under the AWS managed key, whatever the policy says; a change of key would open it.
    if facts.resource.key_class() == KeyClass::AwsManaged
        && found.iter().any(|g| is_other(g.standing))
    {
        return outcome.with(
            "KmsKeyId",
            "the AWS managed key, under which other accounts cannot decrypt it today",
        );
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
