//! From findings or chosen resources and a requested action to a plan: each call with what it changes, and what is left out with the reason.

use super::{
    everywhere,
    items::PlanItem,
    windows::{in_blackouts, next_windows},
    write::{PlanOrigin, PlanToWrite},
};
use crate::{
    PeopleService, RemediationService, ServiceError, SnapshotService,
    compliance::{InForce, policy_evaluation::facts_of},
    uncancelled::uncancelled,
};
use claviger_domain::{
    authz::{AccountLocation, Caller, Permission, Person},
    clock::Clock,
    facts::Kind,
    grants::sentence,
    ids::{AccountId, ResourceId},
    notifications::notice::{Notice, full_stop},
    owner::OwnerRules,
    remediation::{
        PlanId, PlanQuery, PlanState, PlannedCall, RemediationAction, RemediationForm, StepState,
        preview_hash,
        view::{LeftOut, PlanDraft, StepRow},
    },
    rotations::blackout::Blackout,
};
use claviger_policy::{
    compliance::{Approval, OrganizationContext, PolicyRule},
    remediation::{actions_for, check, resolve, warnings},
};
use claviger_store::{
    AccountRepository, EvaluationRepository, InventoryRepository, PlanRepository, Transactions,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Arc,
};

/// Every request by its word, and what it is called.
const ACTIONS: [(&str, &str); 15] = [
    ("set-tags", "Set tags"),
    ("remove-tags", "Remove tags"),
    ("set-description", "Change the description"),
    ("enable-rotation", "Configure rotation"),
    ("rotate-now", "Rotate now"),
    ("cancel-rotation", "Cancel rotation"),
    ("roll-back", "Roll back"),
    ("clear-pending", "Clear AWSPENDING"),
    ("change-key", "Change the KMS key"),
    ("remove-statements", "Remove the policy statements that fail the check"),
    ("replace-policy", "Replace the resource policy"),
    ("schedule-deletion", "Schedule deletion"),
    ("restore", "Cancel deletion"),
    ("replicate", "Replicate to another Region"),
    ("remove-replica", "Remove a replica"),
];

/// Secrets and parameters with the calls that a requested action means for them.
pub(crate) struct Resolved {
    pub(crate) steps: Vec<StepRow>,
    pub(super) left_out: Vec<LeftOut>,
}

/// The calls of a plan's steps, each with its account.
pub(crate) fn calls_of(steps: &[StepRow]) -> Vec<(AccountId, PlannedCall)> {
    let each = steps.iter().map(|step| {
        let planned = PlannedCall {
            resource: step.resource,
            policy: step.policy.clone(),
            call: step.call.clone(),
            changes: step.changes.clone(),
            warnings: step.warnings.clone(),
        };
        (step.account.clone(), planned)
    });
    each.collect()
}

impl Resolved {
    pub(super) fn calls(&self) -> Vec<(AccountId, PlannedCall)> {
        calls_of(&self.steps)
    }

    /// The accounts that it touches.
    fn accounts(&self) -> Vec<AccountId> {
        let accounts: BTreeSet<&AccountId> = self.steps.iter().map(|step| &step.account).collect();
        accounts.into_iter().cloned().collect()
    }

    /// The hash of what is shown before a plan is made.
    fn preview(&self, of: &str, form: &RemediationForm, needs_approval: bool) -> String {
        let calls: Vec<PlannedCall> = self.calls().into_iter().map(|(_, call)| call).collect();
        preview_hash(of, form, &calls, needs_approval)
    }
}

impl RemediationService {
    /// What a plan would hold, as its URL asks for it. Nothing is written.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn draft_plan(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<PlanDraft, ServiceError> {
        let PlanQuery { of, form, reason, is_stale } = RemediationForm::from_url_query(url_query)?;
        let target = self.plan_items(caller, &of).await?;
        let rows = &target.items;
        let policies = self.policy_service.in_force().await?;
        let owner_tag = self.owner_rules.naming_tag().unwrap_or("owner");
        let suggested = suggestions(&policies, rows, owner_tag);
        // Of what is only named, the policy's own word is shown first. Of many policies none is chosen unasked.
        let is_one = rows.iter().all(|row| row.policy == rows[0].policy);
        let is_bare =
            form == RemediationForm { wish: form.wish.clone(), ..RemediationForm::default() };
        let start = suggested
            .iter()
            .find(|action| form.wish == action.word() || form.wish.is_empty() && is_one)
            .cloned()
            .or_else(|| usual(&form.wish, owner_tag))
            .filter(|_| is_bare);
        let fitting: Vec<&str> = suggested.iter().map(RemediationAction::word).collect();
        let only_tags = rows.iter().all(|row| row.kind == Kind::Parameter);
        let applies = |word: &str| match word {
            "set-tags" | "remove-tags" => true,
            // Which statements fail is what a check says.
            "remove-statements" => !target.are_chosen,
            _ => !only_tags || !target.are_chosen,
        };
        let (first, rest): (Vec<_>, Vec<_>) = ACTIONS
            .iter()
            .filter(|(word, _)| applies(word))
            .partition(|(word, _)| fitting.contains(word));
        let choices = first.into_iter().chain(rest);
        let (mut proposed, mut lacks, mut form) = (None, None, form);
        if let Some(action) = start {
            let filled = self.plan_writer.proposed(&action, rows, &policies).await?;
            (form, proposed, lacks) =
                (RemediationForm::from(&filled.action), filled.says, filled.lacks);
        }
        let mut draft = PlanDraft {
            reason: if reason.is_empty() { first_reason(&policies, rows) } else { reason },
            of,
            subject: target.subject(),
            choices: choices.map(|(word, says)| ((*word).into(), (*says).into())).collect(),
            steps: Vec::new(),
            left_out: Vec::new(),
            fault: None,
            needs_approval: true,
            approvers: Vec::new(),
            preview: String::new(),
            proposed,
            is_stale,
            form,
            windows: None,
        };
        match read_action(&draft.form) {
            Ok(action) => {
                draft.windows = next_windows(&action, self.clock.now());
                let resolved = self.plan_writer.resolved(&action, rows, &policies).await?;
                draft.needs_approval = needs_approval(&action, &resolved.steps, &policies);
                draft.preview = resolved.preview(&draft.of, &draft.form, draft.needs_approval);
                if draft.needs_approval && !resolved.steps.is_empty() {
                    let accounts = resolved.accounts();
                    let locations = self.accounts.locations(&accounts).await?;
                    let author = Some(&caller.person);
                    draft.approvers = self.plan_approvers(author, &locations, &accounts).await?;
                }
                draft.fault = lacks;
                draft.steps = resolved.steps;
                draft.left_out = resolved.left_out;
            }
            Err(ServiceError::Action(_)) if draft.form.wish.is_empty() => {}
            Err(ServiceError::Action(invalid)) => {
                draft.fault = Some(lacks.unwrap_or_else(|| invalid.to_string()));
            }
            Err(error) => return Err(error),
        }
        Ok(draft)
    }

    /// Makes the plan. It waits for somebody else's approval, unless its policies say that theirs is enough.
    /// `preview` is the hash of the preview that was read: of anything else no plan is made.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn submit_plan(
        &self,
        caller: &Caller,
        of: &str,
        form: &RemediationForm,
        reason: &str,
        preview: &str,
    ) -> Result<PlanId, ServiceError> {
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        let action = read_action(form)?;
        let rows = self.plan_items(caller, of).await?.items;
        let policies = self.policy_service.in_force().await?;
        let resolved = self.plan_writer.resolved(&action, &rows, &policies).await?;
        if resolved.steps.is_empty() {
            return Err(nothing_to_do());
        }
        let needs_approval = needs_approval(&action, &resolved.steps, &policies);
        if resolved.preview(of, form, needs_approval) != preview {
            return Err(ServiceError::StalePreview);
        }
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            service
                .plan_writer
                .write_plan(&action, &resolved, &reason, Some(&person), needs_approval)
                .await
        })
        .await
    }
}

/// Turns an action and what it is for into calls, and writes plans. What people and policies that enforce share.
#[derive(Clone)]
pub struct PlanWriter {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) inventory: InventoryRepository,
    pub(crate) plans: PlanRepository,
    pub(crate) transactions: Transactions,
    pub(crate) people_service: PeopleService,
    pub(crate) snapshot_service: SnapshotService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) owner_rules: Arc<OwnerRules>,
    pub(crate) blackouts: Arc<[Blackout]>,
}

impl PlanWriter {
    /// The plan that is not over and has this role, an ARN, still to create.
    pub(crate) async fn open_role_plan(
        &self,
        account: &AccountId,
        role: &str,
    ) -> Result<Option<(PlanId, PlanState)>, ServiceError> {
        Ok(self.plans.open_role_plan(account, role).await?)
    }

    /// What the requested action means for each secret or parameter.
    pub(crate) async fn resolved(
        &self,
        action: &RemediationAction,
        rows: &[PlanItem],
        policies: &[InForce],
    ) -> Result<Resolved, ServiceError> {
        let ids: Vec<ResourceId> = rows.iter().map(|row| row.resource).collect();
        let accounts: HashSet<&AccountId> = rows.iter().map(|row| &row.account_id).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let (known, input, planned) = tokio::try_join!(
            self.snapshot_service.load_organization_snapshot(&accounts),
            self.evaluations.resources_to_evaluate_by_id(&ids),
            self.plans.planned(&ids)
        )?;
        let in_use = self.in_use(action, rows).await?;
        let locations: BTreeMap<AccountId, (AccountLocation, OrganizationContext)> = self
            .accounts
            .locations(&accounts)
            .await?
            .into_iter()
            .map(|location| (location.account.clone(), (location.clone(), known.at(&location))))
            .collect();
        let now = self.clock.now();
        let mut resolved = Resolved { steps: Vec::new(), left_out: Vec::new() };
        for row in rows {
            let found = input.iter().find(|input| input.id == row.resource);
            let (Some(input), Some((location, org_context))) =
                (found, locations.get(&row.account_id))
            else {
                resolved.leave_out(row, "it no longer exists");
                continue;
            };
            let policy = row.policy_in(policies);
            if row.policy.is_some() && policy.is_none() {
                resolved.leave_out(row, "its policy is disabled");
                continue;
            }
            if planned.contains(&row.resource) {
                resolved.leave_out(row, "another plan is about to change it");
                continue;
            }
            let concrete = in_use.concrete(action, policy.map(|policy| &policy.rule), input, row);
            let facts = facts_of(input, location);
            let call = concrete.map_err(|why| why.to_string()).and_then(|action| {
                resolve(&action, policy, &facts, org_context, now).map_err(|why| why.to_string())
            });
            match call {
                Ok(call) => {
                    let changes = call.changes(&input.facts, input.deep.as_ref());
                    let mut warnings = warnings(&call, &facts, org_context, now);
                    let named = (&row.account_id, input.facts.tags.as_ref());
                    warnings.extend(in_blackouts(&call, named, &self.blackouts, now));
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
                        warnings,
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

    pub(crate) async fn write_plan(
        &self,
        action: &RemediationAction,
        resolved: &Resolved,
        reason: &str,
        author: Option<&Person>,
        needs_approval: bool,
    ) -> Result<PlanId, ServiceError> {
        let calls = resolved.calls();
        if calls.is_empty() {
            return Err(nothing_to_do());
        }
        let title = match resolved.steps.as_slice() {
            [one] => format!("{}: {}", action.says(), one.name),
            _ => format!("{} ({} calls)", action.says(), calls.len()),
        };
        let plan = PlanToWrite { title: &title, reason, author, needs_approval, calls: &calls };
        self.write(&plan, PlanOrigin::Action(action.word())).await
    }

    /// Writes a plan in a transaction of its own, and notifies those who can approve it.
    pub(crate) async fn write(
        &self,
        plan: &PlanToWrite<'_>,
        origin: PlanOrigin<'_>,
    ) -> Result<PlanId, ServiceError> {
        let accounts: BTreeSet<&AccountId> =
            plan.calls.iter().map(|(account, _)| account).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().cloned().collect();
        let (title, reason, author) = (plan.title, plan.reason, plan.author);
        let locations = self.accounts.locations(&accounts).await?;
        let mut batch = self.people_service.notification_batch().await?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let id = plan.insert(&mut work, origin).await?;
        if plan.needs_approval {
            let by = author.map_or("A policy", |author| author.name.as_str());
            let notice = Notice {
                kind: "plan-waits".into(),
                grant: None,
                title: format!("{by} plans: {title}"),
                body: format!("{} Needs your approval.", full_stop(reason)),
                link: format!("/remediation/{id}"),
            };
            batch.notify_where(&notice, |person| {
                everywhere(person, Permission::ApproveRemediation, &locations, &accounts)
                    && author.is_none_or(|author| !person.person.is_same_as(author))
            });
            batch.channel(notice);
        }
        batch.send(&mut work).await?;
        work.commit().await?;
        tracing::info!(plan.id = %id, plan.calls = plan.calls.len(), plan.needs_approval = plan.needs_approval, "a remediation plan was created");
        Ok(id)
    }
}

impl Resolved {
    fn leave_out(&mut self, row: &PlanItem, why: &str) {
        self.left_out.push(LeftOut {
            resource: row.resource,
            name: row.name.clone(),
            why: why.to_owned(),
        });
    }
}

pub(super) fn read_action(form: &RemediationForm) -> Result<RemediationAction, ServiceError> {
    let action = form.read()?;
    check(&action)?;
    Ok(action)
}

fn nothing_to_do() -> ServiceError {
    ServiceError::conflict(
        "There is nothing to do.",
        "See why each secret or parameter is skipped, and choose another action.",
    )
}

/// What an action begins with where no policy says more; values that are left open are proposed.
fn usual(word: &str, owner_tag: &str) -> Option<RemediationAction> {
    Some(match word {
        "set-tags" => {
            RemediationAction::SetTags { tags: [(owner_tag.to_owned(), String::new())].into() }
        }
        "enable-rotation" => RemediationAction::EnableRotation {
            days: Some(30),
            schedule: None,
            duration: None,
            lambda: None,
            role: None,
            metadata: BTreeMap::new(),
            rotate_immediately: false,
        },
        "change-key" => RemediationAction::ChangeKey { key: String::new() },
        "schedule-deletion" => RemediationAction::ScheduleDeletion { window_days: 30 },
        _ => return None,
    })
}

/// The reason that the form begins with: which checks are to pass.
fn first_reason(policies: &[InForce], rows: &[PlanItem]) -> String {
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row.policy.as_deref()).collect();
    let titles: Vec<&str> = policies
        .iter()
        .filter(|policy| ids.contains(policy.policy.id.as_str()))
        .map(|policy| policy.policy.title.as_str())
        .collect();
    match titles.as_slice() {
        [] => String::new(),
        [one] => format!("Fixes findings of: {one}."),
        many => format!("Fixes findings of {} policies.", many.len()),
    }
}

/// What the policies of these findings say, and what usually fixes such; the policies' own words first.
pub(super) fn suggestions(
    policies: &[InForce],
    rows: &[PlanItem],
    owner_tag: &str,
) -> Vec<RemediationAction> {
    let ids: HashSet<&str> = rows.iter().filter_map(|row| row.policy.as_deref()).collect();
    let found = || policies.iter().map(|p| &p.policy).filter(|p| ids.contains(p.id.as_str()));
    let own = found().filter_map(|policy| policy.fix.as_ref().map(|fix| fix.action.clone()));
    let usual = found().flat_map(|policy| match policy.rule {
        // The tag that the inventory's own rules read.
        PolicyRule::Owner {} => usual("set-tags", owner_tag).into_iter().collect(),
        _ => actions_for(&policy.rule),
    });
    let mut actions: Vec<RemediationAction> = Vec::new();
    for action in own.chain(usual) {
        if actions.iter().all(|known| known.word() != action.word()) {
            actions.push(action);
        }
    }
    actions
}

/// Somebody else approves, unless every policy says that this very action needs nobody.
fn needs_approval(action: &RemediationAction, steps: &[StepRow], policies: &[InForce]) -> bool {
    steps.is_empty()
        || !steps.iter().all(|step| {
            policies.iter().any(|InForce { policy, .. }| {
                step.policy.as_ref() == Some(&policy.id)
                    && policy
                        .fix
                        .as_ref()
                        .is_some_and(|fix| fix.approval == Approval::None && fix.action == *action)
            })
        })
}
