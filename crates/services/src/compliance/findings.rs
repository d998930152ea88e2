//! The findings list with its facets.

use super::{InForce, capitalize, title_of};
use crate::{Authority, PolicyService, ProgressService, ServiceError, SnapshotService};
use claviger_domain::{
    VariantArray,
    accounts::Ou,
    authz::{Caller, Permission},
    clock::Clock,
    compliance::{
        Category, CheckResult, FindingQuery, FindingState, Severity,
        view::{FindingActions, FindingFacets, FindingRow, FindingsView},
    },
    inventory::view::{AccountRow, FacetValue},
};
use claviger_store::{
    AccountRepository, EvaluationRepository, FindingCounts, FindingRepository, InventoryRepository,
    OverviewRepository, ScanRepository,
};
use std::{collections::BTreeMap, fmt::Display, sync::Arc};

/// Rows a page.
const PAGE_ROWS: u16 = 50;

/// Findings and the overview, as people read them.
#[derive(Clone)]
pub struct ComplianceService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) findings: FindingRepository,
    pub(crate) inventory: InventoryRepository,
    pub(crate) overview: OverviewRepository,
    pub(crate) scans: ScanRepository,
    pub(crate) policy_service: PolicyService,
    pub(crate) progress_service: ProgressService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl ComplianceService {
    /// The findings as the URL asks for them.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn findings(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<FindingsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: FindingQuery = url_query.parse()?;
        let asked = query.clone().asked_by(&caller.person.subject);
        let now = self.clock.now();
        let (found, policies, ous, accounts, evaluated) = tokio::try_join!(
            self.findings.list_findings(&visible, &asked, PAGE_ROWS, now),
            self.policy_service.in_force(),
            self.accounts.visible_ous(&visible),
            self.accounts.list_accounts(&visible),
            self.overview.evaluated_at(&visible),
        )?;
        let counts = &found.counts;
        Ok(FindingsView {
            can: FindingActions {
                remediate: caller.may(Permission::Remediate),
                request_exception: caller.may(Permission::RequestException),
                triage: caller.may(Permission::TriageFindings),
            },
            before: found.before,
            matching: counts.matching,
            facets: facets(counts, &policies, &ous, &accounts),
            // Teams are counted whatever fits.
            is_evaluated: evaluated.is_some() || !counts.by_team.is_empty(),
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
            rows: titled(found.rows, &policies),
            next: found.next,
            query,
            as_of: now,
        })
    }
}

/// Gives each row its policy's title.
pub(crate) fn titled(mut rows: Vec<FindingRow>, policies: &[InForce]) -> Vec<FindingRow> {
    for row in &mut rows {
        row.policy_title = title_of(policies, &row.policy);
    }
    rows
}

fn facets(
    counts: &FindingCounts,
    policies: &[InForce],
    ous: &[Ou],
    accounts: &[AccountRow],
) -> FindingFacets {
    fn value(value: impl Display, label: &str, depth: u8, count: Option<&u64>) -> FacetValue {
        let count = count.copied().unwrap_or(0);
        FacetValue { value: value.to_string(), label: label.to_owned(), depth, count }
    }
    fn words<T: Copy + Ord + Display>(all: &[T], counts: &BTreeMap<T, u64>) -> Vec<FacetValue> {
        let one = |word: &T| value(word, &capitalize(&word.to_string()), 0, counts.get(word));
        all.iter().map(one).collect()
    }
    let policy_values = policies.iter().map(|InForce { policy, .. }| {
        value(&policy.id, &policy.title, 0, counts.by_policy.get(&policy.id))
    });
    let teams = counts.by_team.iter().map(|(team, count)| {
        value(team, if team == "-" { "No owner" } else { team }, 0, Some(count))
    });
    let accounts = accounts
        .iter()
        .map(|account| value(&account.id, &account.name, 0, counts.by_account.get(&account.id)));
    let ous = ous.iter().map(|ou| {
        let depth =
            u8::try_from(claviger_domain::accounts::path_depth(&ou.path)).unwrap_or(u8::MAX);
        value(&ou.id, &ou.name, depth, counts.by_unit.get(&ou.id))
    });
    let verdicts = [(CheckResult::Fail, "Failing"), (CheckResult::Unknown, "Unknown")]
        .map(|(verdict, label)| value(verdict, label, 0, counts.by_verdict.get(&verdict)));
    // What is overdue is open.
    let mut states = counts.by_state.clone();
    if let Some(overdue) = states.get(&FindingState::Overdue).copied() {
        *states.entry(FindingState::Open).or_default() += overdue;
    }
    FindingFacets {
        severities: words(Severity::VARIANTS, &counts.by_severity),
        categories: words(Category::VARIANTS, &counts.by_category),
        policies: policy_values.collect(),
        verdicts: verdicts.to_vec(),
        states: FindingState::VARIANTS
            .iter()
            .map(|state| value(state, state_label(*state), 0, states.get(state)))
            .collect(),
        ous: ous.filter(|value| value.count > 0).collect(),
        teams: teams.collect(),
        accounts: accounts.filter(|value| value.count > 0).collect(),
    }
}

/// The state as the filter shows it.
fn state_label(state: FindingState) -> &'static str {
    match state {
        FindingState::Open => "Open",
        FindingState::Overdue => "Overdue",
        FindingState::Excepted => "Excepted",
        FindingState::Resolved => "Resolved",
        FindingState::Snoozed => "Snoozed",
    }
}
