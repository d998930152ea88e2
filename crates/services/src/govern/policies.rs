//! Policies: shown, tried against the inventory, saved with versions, taken out of force.

use super::{
    InForce,
    evaluate::{count, judge},
};
use crate::{ServiceError, Services};
use claviger_domain::{
    access::{Caller, Permission, Person},
    audit::{Deed, NewEntry},
    governance::{
        Mode, Score, Tally, Verdict,
        view::{DryRun, DryRunFinding, DryRunRow, Group, PoliciesPage, PolicyPage},
    },
};
use claviger_policy::govern::{Approval, PACKS, Policy, read_policies};
use std::collections::BTreeMap;

/// Findings of a dry run that are listed one by one.
const LISTED: usize = 50;

impl Services {
    /// Every policy in force with how it comes out within the caller's scope.
    pub async fn policies_page(&self, caller: &Caller) -> Result<PoliciesPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let (policies, posture) =
            tokio::try_join!(self.in_force(), self.store.posture_by_account(&visible))?;
        let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
        for row in &posture {
            tallies.entry(&row.policy).or_default().add(row.tally);
        }
        let tally = |id: &str| tallies.get(id).copied().unwrap_or_default();
        Ok(PoliciesPage {
            rows: policies.iter().map(|policy| policy.row(tally(&policy.policy.id))).collect(),
            may_edit: caller.may_everywhere(Permission::EditPolicies),
            incomplete: self.unfinished_evaluation(&visible).await?,
        })
    }

    /// One policy.
    pub async fn policy_page(&self, caller: &Caller, id: &str) -> Result<PolicyPage, ServiceError> {
        let visible = self.authority().within(caller, Permission::ReadFindings).await?;
        let (policies, posture, versions) = tokio::try_join!(
            self.in_force(),
            self.store.posture_by_account(&visible),
            self.store.policy_versions(id)
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
        Ok(PolicyPage {
            row: found.row(whole),
            asks: found.policy.rule.asks(),
            scope: found.policy.scope.explain(),
            due_days: found.policy.due_days(),
            follows: follows(&found.policy),
            document: found.policy.source.clone(),
            versions,
            by_account,
            may_edit: caller.may_everywhere(Permission::EditPolicies),
            incomplete: self.unfinished_evaluation(&visible).await?,
            as_of: self.clock.now(),
        })
    }

    /// What a file of policies would change, tried against the inventory as it is. Nothing is written.
    pub async fn dry_run(&self, caller: &Caller, text: &str) -> Result<DryRun, ServiceError> {
        may_edit(caller)?;
        self.try_policies(text).await
    }

    /// The same for the command line, which has no caller: it has the database itself.
    pub async fn try_policies(&self, text: &str) -> Result<DryRun, ServiceError> {
        let proposed = read_policies(text)?;
        let policies = self.in_force().await?;
        let accounts = self.store.accounts_to_judge().await?;
        let known = self.surroundings(&accounts).await?;
        let now = self.clock.now();
        let mut trial = Trial::new(&proposed, &policies);
        for account in accounts {
            let Some(place) = self.store.places(std::slice::from_ref(&account)).await?.pop() else {
                continue;
            };
            let world = known.at(&place);
            for resource in self.store.to_judge(&account).await? {
                trial.run.resources += 1;
                for (at, new) in proposed.iter().enumerate() {
                    let after = judge(new, &resource, &place, &world, now);
                    let before = trial.before[at]
                        .and_then(|policy| judge(policy, &resource, &place, &world, now));
                    let verdict = |outcome: &Option<claviger_domain::governance::Outcome>| {
                        outcome.as_ref().map_or(Verdict::NotApplicable, |outcome| outcome.verdict)
                    };
                    let (was, is) = (verdict(&before), verdict(&after));
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
                    let is_finding = |v| matches!(v, Verdict::Fail | Verdict::Unknown);
                    if is_finding(is) && was != is {
                        trial.run.opens_count += 1;
                        if trial.run.opens.len() < LISTED {
                            trial
                                .run
                                .opens
                                .push(row(after.map(|o| o.says).unwrap_or_default(), is));
                        }
                    }
                    if is_finding(was) && !is_finding(is) {
                        trial.run.resolves_count += 1;
                        if trial.run.resolves.len() < LISTED {
                            let says = before.map(|o| o.says).unwrap_or_default();
                            trial.run.resolves.push(row(says, was));
                        }
                    }
                }
            }
        }
        Ok(trial.run)
    }

    /// Saves a file of policies, all or none, and has everything judged anew. Says which are new versions.
    pub async fn save_policies(
        &self,
        caller: &Caller,
        text: &str,
    ) -> Result<Vec<String>, ServiceError> {
        may_edit(caller)?;
        let policies = read_policies(text)?;
        let (services, person) = (self.clone(), caller.person.clone());
        Self::unhurried(async move { services.save_all(policies, Some(person)).await }).await
    }

    /// The same for the command line.
    pub async fn import_policies(&self, text: &str) -> Result<Vec<String>, ServiceError> {
        self.save_all(read_policies(text)?, None).await
    }

    pub(super) async fn save_all(
        &self,
        policies: Vec<Policy>,
        by: Option<Person>,
    ) -> Result<Vec<String>, ServiceError> {
        let mut work = self.store.begin(self.clock.now()).await?;
        let mut saved = Vec::new();
        for policy in &policies {
            if let Some(version) = work.save_policy(&policy.id, &policy.source, by.as_ref()).await?
            {
                work.audit(
                    NewEntry::done(by.as_ref(), Deed::SavePolicy, &policy.id)
                        .with("version", version)
                        .with("severity", policy.severity)
                        .with("mode", policy.mode),
                );
                saved.push(policy.id.clone());
            }
        }
        work.commit().await?;
        if !saved.is_empty() {
            self.store.queue_evaluation(&self.store.accounts_to_judge().await?).await?;
        }
        Ok(saved)
    }

    /// Takes a policy out of force. Its findings are resolved by the judging that follows; its versions stay.
    pub async fn retire_policy(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        may_edit(caller)?;
        let (services, person, id) = (self.clone(), caller.person.clone(), id.to_owned());
        Self::unhurried(async move {
            let mut work = services.store.begin(services.clock.now()).await?;
            if !work.retire_policy(&id, &person).await? {
                return Err(ServiceError::NotFound("policy"));
            }
            work.audit(NewEntry::done(Some(&person), Deed::RetirePolicy, &id));
            work.commit().await?;
            let accounts = services.store.accounts_to_judge().await?;
            Ok(services.store.queue_evaluation(&accounts).await?)
        })
        .await
    }

    /// Every policy in force as one file, or a pack that ships with the console.
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

/// What follows from a failure: who hears of it, and what mends it.
fn follows(policy: &Policy) -> String {
    let told = match policy.mode {
        Mode::Observe => "It is shown.",
        Mode::Notify | Mode::Enforce => "It is shown, and its team and the channel are told.",
    };
    let Some(fix) = &policy.fix else { return told.to_owned() };
    let mended = fix.wish.says();
    match (policy.mode, fix.approval) {
        (Mode::Enforce, Approval::Required) => {
            format!(
                "{told} It is planned to be mended, and waits for somebody's approval: {mended}."
            )
        }
        (Mode::Enforce, Approval::None) => {
            format!("{told} It is mended at once, without anybody's approval: {mended}.")
        }
        _ => format!("{told} A plan proposes: {mended}."),
    }
}
