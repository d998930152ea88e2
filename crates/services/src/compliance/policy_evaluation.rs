//! One policy over one resource.

use claviger_domain::{
    authz::AccountLocation,
    compliance::{CheckResult, Outcome, Tally},
};
use claviger_policy::compliance::{Facts, OrganizationContext, Policy};
use claviger_store::ResourceInput;
use time::OffsetDateTime;

/// What a policy says of a resource, where it reaches it. What one of `others` reports, it does not report again.
pub(crate) fn evaluate_policy<'a>(
    policy: &Policy,
    others: impl IntoIterator<Item = &'a Policy>,
    input: &ResourceInput,
    location: &AccountLocation,
    org_context: &OrganizationContext,
    now: OffsetDateTime,
) -> Option<Outcome> {
    policy.evaluate_among(others, &facts_of(input, location), org_context, now)
}

/// What is known of a resource, as rules evaluate it.
pub(crate) fn facts_of<'a>(input: &'a ResourceInput, location: &'a AccountLocation) -> Facts<'a> {
    Facts {
        resource: &input.facts,
        region: &input.region,
        location,
        deep: input.deep.as_ref(),
        used_on: input.used_on,
        first_seen_at: input.first_seen_at,
        team: input.team.as_deref(),
    }
}

/// Counts an outcome; one that does not apply counts nowhere.
pub(crate) fn count(tally: &mut Tally, verdict: CheckResult) {
    match verdict {
        CheckResult::Pass => tally.pass += 1,
        CheckResult::Fail => tally.fail += 1,
        CheckResult::Unknown => tally.unknown += 1,
        CheckResult::NotApplicable => {}
    }
}
