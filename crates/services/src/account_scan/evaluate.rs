//! Evaluates what was read. Pure: facts, policies and the time are arguments.

use super::{AccountScan, AccountScanOrder, NotRead, read::RegionDetails, resource_id};
use crate::compliance::policy_evaluation::count;
use claviger_domain::{
    authz::AccountLocation,
    compliance::{CheckResult, Outcome, Severity, Tally, triage::Triage, view::FindingRow},
    facts::{Kind, ResourceFacts},
    ids::{Arn, Region},
    inventory::view::Owner,
    owner::OwnerRules,
};
use claviger_policy::compliance::{
    Facts, OrganizationContext, PathReaders, Policy, PolicyRule, RecordedResource, TagPolicies,
};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime};

/// Why nothing is known of the Organization.
const NO_ORGANIZATION: &str = "a scan of one account does not read the Organization";

/// The results of all checks.
pub(super) struct Evaluated {
    at: OffsetDateTime,
    location: AccountLocation,
    resources: BTreeMap<Region, BTreeMap<Kind, u64>>,
    tallies: BTreeMap<Severity, Tally>,
    failing: Vec<FindingRow>,
    unknown: Vec<FindingRow>,
    recorded: Vec<RecordedResource>,
}

impl Evaluated {
    pub(super) fn of(
        order: &AccountScanOrder,
        resources: BTreeMap<Arn, (Region, ResourceFacts)>,
        used_on: &BTreeMap<Arn, Date>,
        read: &BTreeMap<Region, RegionDetails>,
        path_readers: PathReaders,
        at: OffsetDateTime,
    ) -> Self {
        let org_context = OrganizationContext {
            tag_policies: TagPolicies::Unreadable(NO_ORGANIZATION.into()),
            path_readers,
            regions: order.regions.iter().cloned().collect(),
            ..OrganizationContext::default()
        };
        let location = AccountLocation {
            account: order.account.clone(),
            account_name: order.account.to_string(),
            units: Vec::new(),
        };
        let no_resources =
            order.regions.iter().map(|region| (region.clone(), BTreeMap::new())).collect();
        let mut evaluated = Self {
            at,
            location,
            resources: no_resources,
            tallies: BTreeMap::new(),
            failing: Vec::new(),
            unknown: Vec::new(),
            recorded: Vec::new(),
        };
        let (owners, nothing) = (OwnerRules::default(), RegionDetails::default());
        for (arn, (region, mut facts)) in resources {
            let here = read.get(&region).unwrap_or(&nothing);
            facts.note_key(&here.aws_keys);
            let key_is_unknown =
                facts.own_key().is_some_and(|key| here.unknown_keys.contains(&key));
            let team = match owners.owner(facts.tags.as_ref(), &evaluated.location) {
                Owner::Named(team) => Some(team),
                Owner::Missing | Owner::Unknown => None,
            };
            let counts = evaluated.resources.entry(region.clone()).or_default();
            *counts.entry(facts.kind()).or_default() += 1;
            for policy in order.policies.iter().filter(|policy| !policy.scope.names_ous()) {
                let input = Facts {
                    resource: &facts,
                    region: &region,
                    location: &evaluated.location,
                    deep: here.details.get(&arn),
                    used_on: used_on.get(&arn).copied(),
                    first_seen_at: at,
                    team: team.as_deref(),
                };
                let Some(mut outcome) = policy.evaluate(&input, &org_context, at) else {
                    continue;
                };
                if key_is_unknown && matches!(policy.rule, PolicyRule::CustomerManagedKey {}) {
                    outcome = Outcome::unknown("AWS did not say who manages its KMS key.")
                        .with("KmsKeyId", facts.kms_key_id.clone().unwrap_or_default());
                }
                evaluated.add(policy, &facts, &region, team.as_deref(), outcome);
            }
            let used_on = used_on.get(&arn).copied();
            let details = here.details.get(&arn).cloned();
            evaluated.recorded.push(RecordedResource {
                region,
                facts,
                details,
                used_on,
                team,
                key_is_unknown,
            });
        }
        // The order of facts is that of ARNs; it stays within a policy.
        let order = |row: &FindingRow| (row.severity.rank(), row.policy.clone());
        evaluated.failing.sort_by_key(order);
        evaluated.unknown.sort_by_key(order);
        evaluated
    }

    fn add(
        &mut self,
        policy: &Policy,
        facts: &ResourceFacts,
        region: &Region,
        team: Option<&str>,
        outcome: Outcome,
    ) {
        count(self.tallies.entry(policy.severity).or_default(), outcome.verdict);
        let list = match outcome.verdict {
            CheckResult::Fail => &mut self.failing,
            CheckResult::Unknown => &mut self.unknown,
            CheckResult::Pass | CheckResult::NotApplicable => return,
        };
        list.push(FindingRow {
            resource: resource_id(&facts.arn),
            arn: facts.arn.clone(),
            name: facts.name.clone(),
            kind: facts.kind(),
            account_id: self.location.account.clone(),
            account_name: self.location.account_name.clone(),
            region: region.clone(),
            team: team.map(ToOwned::to_owned),
            policy: policy.id.clone(),
            policy_title: policy.title.clone(),
            severity: policy.severity,
            verdict: outcome.verdict,
            says: outcome.says,
            evidence: outcome.evidence,
            opened_at: self.at,
            due_at: self.at + Duration::days(policy.due_days().into()),
            resolved_at: None,
            reopened: 0,
            exception: None,
            triage: Triage::default(),
        });
    }

    pub(super) fn into_scan(
        self,
        order: AccountScanOrder,
        not_read: Vec<NotRead>,
        has_read_any: bool,
    ) -> AccountScan {
        let (skipped, policies): (Vec<Policy>, Vec<Policy>) =
            order.policies.into_iter().partition(|policy| policy.scope.names_ous());
        AccountScan {
            account: order.account,
            at: self.at,
            policy_source: order.policy_source,
            policies,
            skipped: skipped.into_iter().map(|policy| policy.id).collect(),
            resources: self.resources,
            tallies: self.tallies,
            failing: self.failing,
            unknown: self.unknown,
            not_read,
            recorded: self.recorded,
            has_read_any,
        }
    }
}
