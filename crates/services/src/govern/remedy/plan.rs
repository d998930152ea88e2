//! From findings and a wish to a plan: each call with what it changes, and what is left out with the reason.

use super::{everywhere, too_many};
use crate::{
    ServiceError, Services,
    govern::{InForce, evaluate::facts_of},
};
use claviger_domain::{
    access::{Caller, Permission, Person, Place},
    audit::{Deed, NewEntry},
    governance::{FindingQuery, FindingState, Verdict, view::FindingRow},
    grant::{notice::Notice, sentence},
    ids::{AccountId, ResourceId},
    remedy::{
        MAX_STEPS, PlanId, PlannedCall, RemedyForm, StepState, Wish, plan_hash,
        view::{LeftOut, PlanDraft, StepRow},
    },
};
use claviger_policy::{
    govern::{Approval, World},
    remedy::{check, resolve, wishes_for},
};
use claviger_store::NewPlan;
use std::collections::{BTreeMap, HashSet};

/// Every wish by its word, and what it is called.
const WISHES: [(&str, &str); 10] = [
    ("set-tags", "Set tags"),
    ("enable-rotation", "Turn rotation on, or change its schedule"),
    ("rotate-now", "Rotate now"),
    ("change-key", "Change the KMS key"),
    ("remove-statements", "Remove the policy statements that fail the check"),
    ("replace-policy", "Replace the resource policy"),
    ("schedule-deletion", "Schedule the deletion"),
    ("restore", "Restore from a planned deletion"),
    ("replicate", "Replicate to another Region"),
    ("remove-replica", "Remove a replica"),
];

/// Findings with the calls that a wish means for them.
pub(super) struct Resolved {
    pub(super) steps: Vec<StepRow>,
    left_out: Vec<LeftOut>,
}

impl Resolved {
    pub(super) fn calls(&self) -> Vec<(AccountId, PlannedCall)> {
        self.steps
            .iter()
            .map(|step| {
                let planned = PlannedCall {
                    resource: step.resource,
                    policy: step.policy.clone(),
                    call: step.call.clone(),
                    changes: step.changes.clone(),
                };
                (step.account.clone(), planned)
            })
            .collect()
    }
}

impl Services {
    /// What a plan would hold, as its URL asks for it. Nothing is written.
    pub async fn draft_plan(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<PlanDraft, ServiceError> {
        let (of, form) = RemedyForm::from_url_query(url_query)?;
        let rows = self.mendable(caller, &of).await?;
        let policies = self.in_force().await?;
        let suggested = suggestions(&policies, &rows);
        // Of what is only named, the policy's own word is shown first. Of many policies none is chosen unasked.
        let is_one = rows.iter().all(|row| row.policy == rows[0].policy);
        let is_bare = form == RemedyForm { wish: form.wish.clone(), ..RemedyForm::default() };
        let as_suggested = suggested
            .iter()
            .find(|wish| form.wish == wish.word() || form.wish.is_empty() && is_one)
            .map(RemedyForm::from);
        let form = as_suggested.filter(|_| is_bare).unwrap_or(form);
        let fitting: Vec<&str> = suggested.iter().map(Wish::word).collect();
        let (first, rest): (Vec<_>, Vec<_>) =
            WISHES.iter().partition(|(word, _)| fitting.contains(word));
        let choices = first.into_iter().chain(rest);
        let mut draft = PlanDraft {
            of,
            findings: u64::try_from(rows.len()).unwrap_or(0),
            choices: choices.map(|(word, says)| ((*word).into(), (*says).into())).collect(),
            steps: Vec::new(),
            left_out: Vec::new(),
            fault: None,
            needs_approval: true,
            form,
        };
        match read_wish(&draft.form) {
            Ok(wish) => {
                let resolved = self.resolved(&wish, &rows, &policies).await?;
                draft.needs_approval = needs_approval(&wish, &resolved.steps, &policies);
                draft.steps = resolved.steps;
                draft.left_out = resolved.left_out;
            }
            Err(ServiceError::Wish(_)) if draft.form.wish.is_empty() => {}
            Err(ServiceError::Wish(invalid)) => draft.fault = Some(invalid.to_string()),
            Err(error) => return Err(error),
        }
        Ok(draft)
    }

    /// Makes the plan. It waits for somebody else's approval, unless its policies say that theirs is enough.
    pub async fn submit_plan(
        &self,
        caller: &Caller,
        url_query: &str,
        reason: &str,
    ) -> Result<PlanId, ServiceError> {
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        let (of, form) = RemedyForm::from_url_query(url_query)?;
        let wish = read_wish(&form)?;
        let rows = self.mendable(caller, &of).await?;
        let policies = self.in_force().await?;
        let resolved = self.resolved(&wish, &rows, &policies).await?;
        let needs_approval = needs_approval(&wish, &resolved.steps, &policies);
        let (services, person) = (self.clone(), caller.person.clone());
        Self::unhurried(async move {
            services.write_plan(&wish, &resolved, &reason, Some(&person), needs_approval).await
        })
        .await
    }

    /// The open findings of a list, one a resource, all of which the caller may mend.
    async fn mendable(&self, caller: &Caller, of: &str) -> Result<Vec<FindingRow>, ServiceError> {
        let visible = self.authority().within(caller, Permission::Remediate).await?;
        let mut query: FindingQuery = of.parse()?;
        query.states = vec![FindingState::Open];
        query.verdicts = vec![Verdict::Fail];
        query.after = None;
        let Some(query) = self.store.by_resource(&visible, query).await? else {
            return Ok(Vec::new());
        };
        let limit = u16::try_from(MAX_STEPS + 1).unwrap_or(u16::MAX);
        let found = self.store.list_findings(&visible, &query, limit, self.clock.now()).await?;
        if found.rows.len() > MAX_STEPS {
            return Err(too_many());
        }
        let mut seen = HashSet::new();
        Ok(found.rows.into_iter().filter(|row| seen.insert(row.resource)).collect())
    }

    /// What the wish means for each finding.
    pub(super) async fn resolved(
        &self,
        wish: &Wish,
        rows: &[FindingRow],
        policies: &[InForce],
    ) -> Result<Resolved, ServiceError> {
        let ids: Vec<ResourceId> = rows.iter().map(|row| row.resource).collect();
        let accounts: HashSet<&AccountId> = rows.iter().map(|row| &row.account_id).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let (known, judged, planned) = tokio::try_join!(
            self.surroundings(&accounts),
            self.store.to_judge_these(&ids),
            self.store.planned(&ids)
        )?;
        let places: BTreeMap<AccountId, (Place, World)> = self
            .store
            .places(&accounts)
            .await?
            .into_iter()
            .map(|place| (place.account.clone(), (place.clone(), known.at(&place))))
            .collect();
        let now = self.clock.now();
        let mut resolved = Resolved { steps: Vec::new(), left_out: Vec::new() };
        for row in rows {
            let found = judged.iter().find(|judged| judged.id == row.resource);
            let policy = policies.iter().find(|policy| policy.policy.id == row.policy);
            let (Some(judged), Some(InForce { policy, .. }), Some((place, world))) =
                (found, policy, places.get(&row.account_id))
            else {
                resolved.leave_out(row, "it is not there any more, or its policy is not in force");
                continue;
            };
            if planned.iter().any(|(resource, _)| *resource == row.resource) {
                resolved.leave_out(row, "another plan is about to change it");
                continue;
            }
            match resolve(wish, policy, &facts_of(judged, place), world, now) {
                Ok(call) => {
                    let changes = call.changes(&judged.facts, judged.deep.as_ref());
                    resolved.steps.push(StepRow {
                        position: u32::try_from(resolved.steps.len() + 1).unwrap_or(u32::MAX),
                        resource: row.resource,
                        name: row.name.clone(),
                        kind: row.kind,
                        account: row.account_id.clone(),
                        account_name: row.account_name.clone(),
                        region: row.region.clone(),
                        policy: row.policy.clone(),
                        call,
                        changes,
                        state: StepState::Pending,
                        says: None,
                        ended_at: None,
                        attempts: 0,
                    });
                }
                Err(why) => resolved.leave_out(row, &why),
            }
        }
        Ok(resolved)
    }

    pub(super) async fn write_plan(
        &self,
        wish: &Wish,
        resolved: &Resolved,
        reason: &str,
        author: Option<&Person>,
        needs_approval: bool,
    ) -> Result<PlanId, ServiceError> {
        let calls = resolved.calls();
        if calls.is_empty() {
            return Err(ServiceError::conflict(
                "There is nothing to do.",
                "Look at what was left out, and choose something else.",
            ));
        }
        let count = calls.len();
        let title = match resolved.steps.as_slice() {
            [one] => format!("{}: {}", wish.says(), one.name),
            _ => format!("{} ({count} calls)", wish.says()),
        };
        let planned: Vec<PlannedCall> = calls.iter().map(|(_, call)| call.clone()).collect();
        let hash = plan_hash(&title, reason, &planned);
        let accounts: HashSet<&AccountId> = calls.iter().map(|(account, _)| account).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let places = self.store.places(&accounts).await?;
        let mut told = self.told().await?;
        let new =
            NewPlan { title: &title, reason, author, needs_approval, hash: &hash, calls: &calls };
        let mut work = self.store.begin(self.clock.now()).await?;
        let id = work.insert_plan(&new).await?;
        work.audit(
            NewEntry::done(author, Deed::PlanRemediation, id)
                .with("hash", &hash)
                .with("wish", wish.word())
                .with("calls", count)
                .with("needs_approval", needs_approval),
        );
        if needs_approval {
            let by = author.map_or("A policy", |author| author.name.as_str());
            let notice = Notice {
                kind: "plan-waits".into(),
                grant: None,
                title: format!("{by} plans: {title}"),
                body: format!("{reason} Your approval is needed."),
                link: format!("/remediation/{id}"),
            };
            told.those(&notice, |person| {
                everywhere(person, Permission::ApproveRemediation, &places, &accounts)
                    && author.is_none_or(|author| !person.person.is_same_as(author))
            });
            told.channel(notice);
        } else {
            for account in &accounts {
                let job =
                    claviger_domain::job::Job::Remediate { plan: id, account: account.clone() };
                work.enqueue(&job).await?;
            }
        }
        told.send(&mut work).await?;
        work.commit().await?;
        tracing::info!(plan = %id, calls = count, needs_approval, "remediation planned");
        Ok(id)
    }
}

impl Resolved {
    fn leave_out(&mut self, row: &FindingRow, why: &str) {
        self.left_out.push(LeftOut {
            resource: row.resource,
            name: row.name.clone(),
            why: why.to_owned(),
        });
    }
}

fn read_wish(form: &RemedyForm) -> Result<Wish, ServiceError> {
    let wish = form.read()?;
    check(&wish)?;
    Ok(wish)
}

/// What the policies of these findings say, and what usually mends such; the policies' own words first.
fn suggestions(policies: &[InForce], rows: &[FindingRow]) -> Vec<Wish> {
    let ids: HashSet<&str> = rows.iter().map(|row| row.policy.as_str()).collect();
    let found = || policies.iter().map(|p| &p.policy).filter(|p| ids.contains(p.id.as_str()));
    let own = found().filter_map(|policy| policy.fix.as_ref().map(|fix| fix.wish.clone()));
    let usual = found().flat_map(|policy| wishes_for(&policy.rule));
    let mut wishes: Vec<Wish> = Vec::new();
    for wish in own.chain(usual) {
        if wishes.iter().all(|known| known.word() != wish.word()) {
            wishes.push(wish);
        }
    }
    wishes
}

/// Somebody else approves, unless every policy says that this very deed needs nobody.
fn needs_approval(wish: &Wish, steps: &[StepRow], policies: &[InForce]) -> bool {
    steps.is_empty()
        || !steps.iter().all(|step| {
            policies.iter().any(|InForce { policy, .. }| {
                policy.id == step.policy
                    && policy
                        .fix
                        .as_ref()
                        .is_some_and(|fix| fix.approval == Approval::None && fix.wish == *wish)
            })
        })
}
