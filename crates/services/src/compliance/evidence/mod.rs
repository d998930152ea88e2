//! Evidence packs: the controls of a compliance framework with what the policies found of them.

mod export;
mod files;

pub use export::EvidenceExport;

use super::{InForce, findings::titled, title_of};
use crate::{Authority, PolicyService, ProgressService, ServiceError, uncancelled::uncancelled};
use claviger_domain::{
    VariantArray,
    audit::{AuditAction, NewEntry, view::ChainState},
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    compliance::{
        CheckResult, FindingQuery, FindingState, Tally,
        evidence::{
            ControlResult, EvidenceControl, EvidenceFormat, EvidencePack, EvidencePolicy,
            EvidenceScope, EvidenceSummary, EvidenceView, Framework,
        },
    },
    exceptions::{ExceptionState, view::ExceptionRow},
};
use claviger_policy::compliance::requirements_of;
use claviger_store::{
    AccountRepository, AuditRepository, ExceptionRepository, FindingRepository, OverviewRepository,
    Transactions,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Findings on the page; files have all.
const PAGE_FINDINGS: u16 = 100;

/// Evidence packs, each within its caller's scope.
#[derive(Clone)]
pub struct EvidenceService {
    pub(crate) accounts: AccountRepository,
    pub(crate) audit: AuditRepository,
    pub(crate) exceptions: ExceptionRepository,
    pub(crate) findings: FindingRepository,
    pub(crate) overview: OverviewRepository,
    pub(crate) transactions: Transactions,
    pub(crate) policy_service: PolicyService,
    pub(crate) progress_service: ProgressService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

/// What the policies found within a scope.
struct Posture {
    policies: Vec<InForce>,
    tallies: BTreeMap<String, Tally>,
    /// Why it is incomplete, as a sentence.
    incomplete: Option<String>,
    is_complete: bool,
}

impl EvidenceService {
    /// The frameworks with the results of their controls.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn frameworks(&self, caller: &Caller) -> Result<EvidenceView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let posture = self.posture(&visible).await?;
        let frameworks = Framework::VARIANTS.iter().map(|framework| {
            let controls = posture.controls(*framework);
            let count = |result: &ControlResult| {
                let count = controls.iter().filter(|control| control.result == *result).count();
                (*result, u64::try_from(count).unwrap_or(u64::MAX))
            };
            let results = ControlResult::VARIANTS.iter().map(count);
            EvidenceSummary {
                framework: *framework,
                results: results.filter(|(_, count)| *count > 0).collect(),
            }
        });
        Ok(EvidenceView {
            frameworks: frameworks.collect(),
            incomplete: posture.incomplete.clone(),
            as_of: self.clock.now(),
        })
    }

    /// The pack of a framework.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn evidence(
        &self,
        caller: &Caller,
        framework: &str,
    ) -> Result<EvidencePack, ServiceError> {
        let framework = framework.parse().map_err(|_| ServiceError::NotFound("evidence pack"))?;
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let posture = self.posture(&visible).await?;
        self.pack(caller, framework, &visible, &posture).await
    }

    /// Begins an export of a pack with all of its findings. The export is an entry of the audit log.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_evidence(
        &self,
        caller: &Caller,
        framework: &str,
        format: EvidenceFormat,
    ) -> Result<EvidenceExport, ServiceError> {
        let framework: Framework =
            framework.parse().map_err(|_| ServiceError::NotFound("evidence pack"))?;
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        uncancelled(self, caller, move |service, caller| async move {
            let posture = service.posture(&visible).await?;
            let pack = service.pack(&caller, framework, &visible, &posture).await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            work.audit(
                NewEntry::done(Some(&caller.person), AuditAction::ExportEvidence, framework)
                    .with("format", format)
                    .with("accounts", pack.scope.accounts.len()),
            );
            work.commit().await?;
            Ok(EvidenceExport::new(service, visible, posture.policies, pack, format))
        })
        .await
    }

    async fn posture(&self, visible: &VisibleAccounts) -> Result<Posture, ServiceError> {
        let (policies, accounts, evaluated_at) = tokio::try_join!(
            self.policy_service.in_force(),
            self.overview.posture_by_account(visible),
            self.overview.evaluated_at(visible),
        )?;
        let incomplete = self.progress_service.unfinished_evaluation(visible).await?;
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for row in accounts {
            tallies.entry(row.policy).or_default().add(row.tally);
        }
        let is_complete = incomplete.is_none() && evaluated_at.is_some();
        Ok(Posture { policies, tallies, incomplete, is_complete })
    }

    async fn pack(
        &self,
        caller: &Caller,
        framework: Framework,
        visible: &VisibleAccounts,
        posture: &Posture,
    ) -> Result<EvidencePack, ServiceError> {
        let controls = posture.controls(framework);
        let now = self.clock.now();
        let (names, resources, evaluated_at, head, exceptions) = tokio::try_join!(
            self.accounts.account_names(visible),
            self.overview.count_evaluated(visible),
            self.overview.evaluated_at(visible),
            self.audit.chain_head(),
            self.exceptions.open_exceptions(visible),
        )?;
        let (findings, findings_count) = match query_of(&controls) {
            Some(query) => {
                let found =
                    self.findings.list_findings(visible, &query, PAGE_FINDINGS, now).await?;
                (titled(found.rows, &posture.policies), found.counts.matching)
            }
            None => (Vec::new(), 0),
        };
        let mut accounts: Vec<_> = visible
            .accounts
            .iter()
            .map(|id| (id.clone(), names.0.get(id).cloned().unwrap_or_else(|| id.to_string())))
            .collect();
        accounts.sort_by(|a, b| a.1.cmp(&b.1));
        // The length of the log is told only to those who may read it.
        let head = head.filter(|_| caller.may_everywhere(Permission::ReadAudit));
        Ok(EvidencePack {
            framework,
            scope: EvidenceScope {
                whole_organization: visible.whole_organization,
                accounts,
                resources,
            },
            exceptions: of_pack(exceptions, &controls)
                .map(|row| ExceptionRow {
                    policy_title: row.policy.as_ref().map(|id| title_of(&posture.policies, id)),
                    ..row
                })
                .collect(),
            controls,
            findings,
            findings_count,
            head: head.map(|head| ChainState { entries: head.seq, head: head.hash }),
            evaluated_at,
            incomplete: posture.incomplete.clone(),
            by: caller.person.name.clone(),
            as_of: now,
        })
    }
}

impl Posture {
    fn controls(&self, framework: Framework) -> Vec<EvidenceControl> {
        let policy = |InForce { policy, version }: &InForce| EvidencePolicy {
            id: policy.id.clone(),
            title: policy.title.clone(),
            version: *version,
            rule: policy.rule.name().to_owned(),
            severity: policy.severity,
            mode: policy.mode,
            applies: policy.scope.explain(),
            tally: self.tallies.get(&policy.id).copied().unwrap_or_default(),
        };
        requirements_of(framework)
            .map(|requirement| {
                let behind = self
                    .policies
                    .iter()
                    .filter(|one| requirement.rules.contains(&one.policy.rule.name()));
                let policies: Vec<EvidencePolicy> = behind.map(policy).collect();
                let mut tally = Tally::default();
                for policy in &policies {
                    tally.add(policy.tally);
                }
                EvidenceControl {
                    id: requirement.id.to_owned(),
                    title: requirement.title.to_owned(),
                    why: requirement.why.to_owned(),
                    rules: requirement.rules.iter().map(ToString::to_string).collect(),
                    result: ControlResult::of(policies.len(), tally, self.is_complete),
                    tally,
                    policies,
                }
            })
            .collect()
    }
}

/// The policies behind any of the controls.
fn policies_of(controls: &[EvidenceControl]) -> BTreeSet<&str> {
    controls.iter().flat_map(|control| &control.policies).map(|policy| policy.id.as_str()).collect()
}

/// The open findings of the controls, excepted ones included; `None` if no policy is behind them.
fn query_of(controls: &[EvidenceControl]) -> Option<FindingQuery> {
    let policies: Vec<String> = policies_of(controls).into_iter().map(str::to_owned).collect();
    (!policies.is_empty()).then(|| FindingQuery {
        policies,
        verdicts: vec![CheckResult::Fail, CheckResult::Unknown],
        states: vec![FindingState::Open, FindingState::Excepted],
        ..FindingQuery::default()
    })
}

/// The exceptions that wait or are in force, and that reach a policy behind the controls.
fn of_pack(
    rows: Vec<ExceptionRow>,
    controls: &[EvidenceControl],
) -> impl Iterator<Item = ExceptionRow> {
    let policies = policies_of(controls);
    rows.into_iter().filter(move |row| {
        matches!(row.state, ExceptionState::Waiting | ExceptionState::Approved)
            && row.policy.as_deref().is_none_or(|policy| policies.contains(policy))
    })
}
