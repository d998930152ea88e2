//! Policies: shown, tried against the inventory, saved with versions, taken out of force.

use super::{
    InForce,
    policy_evaluation::{count, evaluate_policy},
};
use crate::{Authority, ProgressService, ServiceError, SnapshotService, uncancelled::uncancelled};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission, Person},
    clock::Clock,
    compliance::{
        CheckResult, Mode, Score, Tally,
        view::{DryRun, DryRunFinding, DryRunRow, Group, PoliciesView, PolicyView},
    },
};
use claviger_policy::compliance::{Approval, PACKS, Policy, read_policies};
use claviger_store::{
    AccountRepository, EvaluationRepository, JobQueue, OverviewRepository, PolicyRepository,
    Transactions,
};
use std::{collections::BTreeMap, sync::Arc};

/// Findings of a dry run that are listed one by one.
const MAX_LISTED_FINDINGS: usize = 50;

/// Policies: read, tried, saved, retired.
#[derive(Clone)]
pub struct PolicyService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) jobs: JobQueue,
    pub(crate) overview: OverviewRepository,
    pub(crate) policies: PolicyRepository,
    pub(crate) transactions: Transactions,
    pub(crate) progress_service: ProgressService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl PolicyService {
    /// Every policy in force with how it comes out within the caller's scope.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn policies_page(&self, caller: &Caller) -> Result<PoliciesView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let (policies, posture) =
            tokio::try_join!(self.in_force(), self.overview.posture_by_account(&visible))?;
        let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
        for row in &posture {
            tallies.entry(&row.policy).or_default().add(row.tally);
        }
        let tally = |id: &str| tallies.get(id).copied().unwrap_or_default();
        Ok(PoliciesView {
            rows: policies.iter().map(|policy| policy.row(tally(&policy.policy.id))).collect(),
            may_edit: caller.may_everywhere(Permission::EditPolicies),
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
        })
    }

    /// One policy.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn policy_page(&self, caller: &Caller, id: &str) -> Result<PolicyView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let (policies, posture, versions) = tokio::try_join!(
            self.in_force(),
            self.overview.posture_by_account(&visible),
            self.policies.policy_versions(id)
        )?;
        let found = policies.iter().find(|policy| policy.policy.id == id);
        let found = found.ok_or(ServiceError::NotFound("policy"))?;
        let mut whole = Tally::default();
        let mut by_account = Vec::new();
        for row in posture.into_iter().filter(|row| row.policy == id) {
            whole.add(row.tally);
            let mut score = Score::default();
            score.add(found.policy.severity, row.tally);
            by_account.push(Group {
                value: row.account.to_string(),
                label: row.account_name,
                tally: row.tally,
                score,
                by_category: Vec::new(),
            });
        }
        by_account.sort_by(|a, b| (b.tally.fail, &a.label).cmp(&(a.tally.fail, &b.label)));
        Ok(PolicyView {
            row: found.row(whole),
            rule: found.policy.rule.name().to_owned(),
            asks: found.policy.rule.asks(),
            scope: found.policy.scope.explain(),
            due_days: found.policy.due_days(),
            follows: follows(&found.policy),
            document: found.policy.source.clone(),
            versions,
            by_account,
            may_edit: caller.may_everywhere(Permission::EditPolicies),
            incomplete: self.progress_service.unfinished_evaluation(&visible).await?,
            as_of: self.clock.now(),
        })
    }

    /// What a file of policies would change, tried against the inventory as it is. Nothing is written.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn dry_run(&self, caller: &Caller, text: &str) -> Result<DryRun, ServiceError> {
        may_edit(caller)?;
        self.try_policies(text).await
    }

    /// The same for the command line, which has no caller: it has the database itself.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn try_policies(&self, text: &str) -> Result<DryRun, ServiceError> {
        let proposed = read_policies(text)?;
        let policies = self.in_force().await?;
        let accounts = self.evaluations.accounts_to_evaluate().await?;
        let known = self.snapshot_service.load_organization_snapshot(&accounts).await?;
        let now = self.clock.now();
        let enabled: Vec<&Policy> = policies.iter().map(|known| &known.policy).collect();
        let is_kept = |one: &&Policy| proposed.iter().all(|new| new.id != one.id);
        let after: Vec<&Policy> =
            enabled.iter().copied().filter(is_kept).chain(&proposed).collect();
        let mut trial = Trial::new(&proposed, &policies);
        for account in accounts {
            let Some(location) =
                self.accounts.locations(std::slice::from_ref(&account)).await?.pop()
            else {
                continue;
            };
            let org_context = known.at(&location);
            for resource in self.evaluations.resources_to_evaluate(&account).await? {
                trial.run.resources += 1;
                for (at, new) in proposed.iter().enumerate() {
                    let tried = |policy: &Policy, among: &[&Policy]| {
                        let others = among.iter().copied();
                        evaluate_policy(policy, others, &resource, &location, &org_context, now)
                    };
                    let then = tried(new, &after);
                    let before = trial.before[at].and_then(|policy| tried(policy, &enabled));
                    let verdict = |outcome: &Option<claviger_domain::compliance::Outcome>| {
                        outcome
                            .as_ref()
                            .map_or(CheckResult::NotApplicable, |outcome| outcome.verdict)
                    };
                    let (was, is) = (verdict(&before), verdict(&then));
                    count(&mut trial.run.policies[at].before, was);
                    count(&mut trial.run.policies[at].after, is);
                    let row = |says: String, verdict| DryRunFinding {
                        policy: new.id.clone(),
                        verdict,
                        name: resource.facts.name.clone(),
                        account: account.clone(),
                        region: resource.region.clone(),
                        says,
                    };
                    let is_finding = |v| matches!(v, CheckResult::Fail | CheckResult::Unknown);
                    if is_finding(is) && was != is {
                        trial.run.opens_count += 1;
                        if trial.run.opens.len() < MAX_LISTED_FINDINGS {
                            trial.run.opens.push(row(then.map(|o| o.says).unwrap_or_default(), is));
                        }
                    }
                    if is_finding(was) && !is_finding(is) {
                        trial.run.resolves_count += 1;
                        if trial.run.resolves.len() < MAX_LISTED_FINDINGS {
                            let says = before.map(|o| o.says).unwrap_or_default();
                            trial.run.resolves.push(row(says, was));
                        }
                    }
                }
            }
        }
        Ok(trial.run)
    }

    /// Saves a file of policies, all or none, and has everything evaluated again. Says which are new versions.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn save_policies(
        &self,
        caller: &Caller,
        text: &str,
    ) -> Result<Vec<String>, ServiceError> {
        may_edit(caller)?;
        let policies = read_policies(text)?;
        uncancelled(self, caller, move |service, caller| async move {
            service.save_all(policies, Some(caller.person)).await
        })
        .await
    }

    /// The same for the command line.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn import_policies(&self, text: &str) -> Result<Vec<String>, ServiceError> {
        self.save_all(read_policies(text)?, None).await
    }

    pub(super) async fn save_all(
        &self,
        policies: Vec<Policy>,
        by: Option<Person>,
    ) -> Result<Vec<String>, ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let mut saved = Vec::new();
        for policy in &policies {
            if let Some(version) = work.save_policy(&policy.id, &policy.source, by.as_ref()).await?
            {
                work.audit(
                    NewEntry::done(by.as_ref(), AuditAction::SavePolicy, &policy.id)
                        .with("version", version)
                        .with("severity", policy.severity)
                        .with("mode", policy.mode),
                );
                saved.push(policy.id.clone());
            }
        }
        work.commit().await?;
        if !saved.is_empty() {
            self.jobs.queue_evaluation(&self.evaluations.accounts_to_evaluate().await?).await?;
        }
        Ok(saved)
    }

    /// Disables a policy. Its findings are resolved by the evaluation that follows; its versions stay.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn retire_policy(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        may_edit(caller)?;
        let id = id.to_owned();
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            if !work.retire_policy(&id, &person).await? {
                return Err(ServiceError::NotFound("policy"));
            }
            work.audit(NewEntry::done(Some(&person), AuditAction::RetirePolicy, &id));
            work.commit().await?;
            let accounts = service.evaluations.accounts_to_evaluate().await?;
            Ok(service.jobs.queue_evaluation(&accounts).await?)
        })
        .await
    }

    /// Every policy in force as one file, or a pack that ships with the console.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn export_policies(&self, pack: Option<&str>) -> Result<String, ServiceError> {
        if let Some(pack) = pack {
            let found = PACKS.iter().find(|(name, _)| *name == pack);
            let (_, text) = found.ok_or(ServiceError::NotFound("pack"))?;
            return Ok((*text).to_owned());
        }
        let mut sources: Vec<String> =
            self.in_force().await?.into_iter().map(|policy| policy.policy.source).collect();
        sources.push(String::new());
        Ok(sources.join("\n---\n").trim_end_matches("---\n").to_owned())
    }

    /// The baseline, where no policy was ever saved: a console without policies would show nothing.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn seed_policies(&self) -> Result<(), ServiceError> {
        if self.policies.had_policies().await? {
            return Ok(());
        }
        let Some((name, text)) = PACKS.first() else { return Ok(()) };
        let saved = self.save_all(read_policies(text)?, None).await?;
        tracing::info!(policy.pack = %name, policy.count = saved.len(), "the first policies are active");
        Ok(())
    }
}

fn may_edit(caller: &Caller) -> Result<(), ServiceError> {
    if caller.may_everywhere(Permission::EditPolicies) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(Permission::EditPolicies))
    }
}

/// A dry run under way.
struct Trial<'a> {
    /// The policy of the same id that is in force.
    before: Vec<Option<&'a Policy>>,
    run: DryRun,
}

impl<'a> Trial<'a> {
    fn new(proposed: &[Policy], in_force: &'a [InForce]) -> Self {
        let before: Vec<Option<&Policy>> = proposed
            .iter()
            .map(|new| in_force.iter().map(|old| &old.policy).find(|old| old.id == new.id))
            .collect();
        let policies = proposed
            .iter()
            .zip(&before)
            .map(|(new, old)| DryRunRow {
                id: new.id.clone(),
                is_new: old.is_none(),
                before: Tally::default(),
                after: Tally::default(),
            })
            .collect();
        let run = DryRun {
            policies,
            opens: Vec::new(),
            resolves: Vec::new(),
            opens_count: 0,
            resolves_count: 0,
            resources: 0,
        };
        Self { before, run }
    }
}

/// What follows from a failure: who hears of it, and what fixes it.
fn follows(policy: &Policy) -> String {
    let batch = match policy.mode {
        Mode::Observe => "Finding only.",
        Mode::Notify | Mode::Enforce => "Notify owner team and channel.",
    };
    let Some(fix) = &policy.fix else { return batch.to_owned() };
    let fixed = fix.action.says();
    match (policy.mode, fix.approval) {
        (Mode::Enforce, Approval::Required) => {
            format!("{batch} A fix is planned and needs approval: {fixed}.")
        }
        (Mode::Enforce, Approval::None) => {
            format!("{batch} Fixed automatically: {fixed}.")
        }
        _ => format!("{batch} A plan proposes: {fixed}."),
    }
}
