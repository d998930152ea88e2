//! One finding for each cause: rules about exposure overlap, and what a narrower one reports, a broader one does not
//! report again.

use super::{Facts, OrganizationContext, Policy, PolicyRule};
use claviger_domain::compliance::{CheckResult, Evidence, Outcome};
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// How much a rule about exposure reaches: each fails wherever one before it does.
fn breadth(rule: &PolicyRule) -> Option<u8> {
    match rule {
        PolicyRule::PublicPolicy {} => Some(0),
        PolicyRule::SharedOutside {} => Some(1),
        PolicyRule::SharedWithAccount { .. } => Some(2),
        PolicyRule::WideGrant {} => Some(3),
        _ => None,
    }
}

/// The principals that an outcome names.
fn principals(outcome: &Outcome) -> impl Iterator<Item = &Evidence> {
    outcome.evidence.iter().filter(|evidence| evidence.fact.starts_with("Principal "))
}

impl Policy {
    /// Evaluates one resource beside the other enabled policies. A failure whose every principal a narrower policy of at
    /// least the same severity reports does not apply: fixing that one fixes both.
    pub fn evaluate_among<'a>(
        &self,
        others: impl IntoIterator<Item = &'a Policy>,
        facts: &Facts<'_>,
        org_context: &OrganizationContext,
        now: OffsetDateTime,
    ) -> Option<Outcome> {
        let outcome = self.evaluate(facts, org_context, now)?;
        let (CheckResult::Fail, Some(own)) = (outcome.verdict, breadth(&self.rule)) else {
            return Some(outcome);
        };
        let is_narrower = |other: &&Policy| {
            breadth(&other.rule).is_some_and(|breadth| breadth < own)
                && other.severity <= self.severity
        };
        let mut reported = BTreeSet::new();
        let mut title = None;
        for other in others.into_iter().filter(is_narrower) {
            let theirs = other.evaluate(facts, org_context, now);
            let Some(theirs) = theirs.filter(|theirs| theirs.verdict == CheckResult::Fail) else {
                continue;
            };
            reported.extend(principals(&theirs).map(|one| one.fact.clone()));
            title.get_or_insert_with(|| other.title.clone());
        }
        let is_reported = principals(&outcome).all(|one| reported.contains(&one.fact));
        match title {
            Some(title) if is_reported => {
                let says = format!("Reported by the policy \"{title}\".");
                let reported = Outcome::not_applicable(says);
                Some(match outcome.until {
                    Some(at) => reported.until(at),
                    None => reported,
                })
            }
            _ => Some(outcome),
        }
    }
}
