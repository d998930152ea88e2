//! The plan that creates a role and attaches it: previewed after AWS was asked what is there, and submitted with its preview.

use super::{
    ConsumerRoleService, MadeRole, ReadWorkload, plan_calls, step_error::said, workload::Workload,
};
use crate::{
    Authority, PeopleService, PlanWriter, ServiceError,
    grants::source_identity,
    remediation::{PlanOrigin, PlanToWrite, approvers, calls_of},
    uncancelled::uncancelled,
};
use claviger_domain::{
    authz::{Caller, Permission},
    consumers::{
        ConsumerKind, RoleForm,
        attach::{RolePage, RolePlan},
        view::NameCheck,
    },
    creation::ShapeFault,
    grants::sentence,
    ids::AccountId,
    partition::Partition,
    remediation::{
        AwsCall, BOUNDARY_POLICY, ConsumerCall, PlanId, PlanState, PlannedCall, StepState,
        role_preview_hash, view::StepRow,
    },
};
use claviger_gateways::{ConsumerGateway, ConsumerOrder, ConsumerState};
use claviger_policy::{
    consumers::{
        BUILD_POLICY, BuildNeeds, boundary_session, reading_session, role_calls, trust_refusal,
        unsettled,
    },
    permissions::boundary::boundary_arn,
};
use claviger_store::{AccountRepository, PrincipalRepository};
use std::sync::Arc;

/// Shown in CloudTrail for what a preview reads.
const SESSION_NAME: &str = "claviger-role-preview";

/// Plans that create roles of consumers and attach them.
#[derive(Clone)]
pub struct ConsumerPlanService {
    pub(crate) accounts: AccountRepository,
    pub(crate) principals: PrincipalRepository,
    pub(crate) people_service: PeopleService,
    pub(crate) plan_writer: PlanWriter,
    pub(crate) role_service: ConsumerRoleService,
    pub(crate) consumer_gateway: Arc<dyn ConsumerGateway>,
    pub(crate) authority: Authority,
}

/// A fault of what is no field of the form.
fn apply_fault(reason: String) -> ShapeFault {
    ShapeFault::new("apply", reason)
}

impl ConsumerPlanService {
    /// The page of a role: the draft, and the plan where the form asks for it and the caller may make one.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn page(
        &self,
        caller: &Caller,
        id: &str,
        query: &str,
    ) -> Result<RolePage, ServiceError> {
        let (mut draft, made) = self.role_service.made(caller, id, query, true).await?;
        let changeable = self.authority.where_allowed(caller, Permission::Remediate).await?;
        let can_apply = changeable.accounts.contains(&draft.account);
        let plan = match made {
            Some(made) if can_apply && draft.form.is_applied() => {
                Some(self.plan(caller, &draft.form, &made).await?)
            }
            _ => None,
        };
        if let (Some(plan), Some(role)) = (&plan, &mut draft.role) {
            let calls = plan.steps.iter().filter_map(|step| step.call.of_consumer());
            let calls: Vec<ConsumerCall> = calls.cloned().collect();
            role.warnings = unsettled(std::mem::take(&mut role.warnings), &calls);
            // AWS says more of now than the last reading of IAM.
            if plan.faults.iter().any(|fault| fault.field == "role_name") {
                role.name_check = NameCheck::Taken;
            }
        }
        Ok(RolePage { draft, can_apply, plan })
    }

    /// Makes the plan. It waits for somebody else's approval. `preview` is the hash of the preview that was read: of anything else
    /// no plan is made.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn submit(
        &self,
        caller: &Caller,
        id: &str,
        query: &str,
        reason: &str,
        preview: &str,
    ) -> Result<PlanId, ServiceError> {
        let reason =
            sentence(reason).ok_or(ServiceError::Invalid("a reason of 1 to 1,000 characters"))?;
        let (draft, made) = self.role_service.made(caller, id, query, false).await?;
        let changeable = self.authority.within(caller, Permission::Remediate).await?;
        if !changeable.accounts.contains(&draft.account) {
            return Err(ServiceError::NotFound("secret or parameter"));
        }
        let Some(made) = made else { return Err(ServiceError::Shape(draft.faults)) };
        let plan = self.plan(caller, &draft.form, &made).await?;
        if !plan.faults.is_empty() {
            return Err(ServiceError::Shape(plan.faults));
        }
        if plan.preview != preview {
            return Err(ServiceError::StalePreview);
        }
        let calls = calls_of(&plan.steps);
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let title = title(&calls);
            let role = calls.iter().find_map(|(_, one)| one.call.of_consumer());
            let role = role.map(|call| call.role().to_owned()).unwrap_or_default();
            let plan = PlanToWrite {
                title: &title,
                reason: &reason,
                author: Some(&person),
                needs_approval: true,
                calls: &calls,
            };
            service.plan_writer.write(&plan, PlanOrigin::ConsumerRole(&role)).await
        })
        .await
    }

    /// The calls, or why there are none. AWS is asked only where the form alone gives no reason.
    async fn plan(
        &self,
        caller: &Caller,
        form: &RoleForm,
        made: &MadeRole,
    ) -> Result<RolePlan, ServiceError> {
        let mut plan = RolePlan {
            asked: form.role_alone().to_url_query(),
            steps: Vec::new(),
            faults: Vec::new(),
            findings: Vec::new(),
            approvers: Vec::new(),
            preview: String::new(),
        };
        let Some(first) = made.resources.first() else {
            return Err(ServiceError::NotFound("secret or parameter"));
        };
        let kind = form.kind().unwrap_or(ConsumerKind::Account);
        let partition = Partition::of_arn(&first.facts.arn);
        plan.faults.extend(form_faults(&partition, made));
        let workload = match Workload::of(form, kind, &partition, made) {
            Ok(workload) => workload,
            Err(fault) => {
                plan.faults.push(fault);
                None
            }
        };
        if !plan.faults.is_empty() {
            return Ok(plan);
        }
        if let Some(fault) = self.open_plan(&partition, made).await? {
            plan.faults.push(fault);
            return Ok(plan);
        }
        let order = |policy: String| ConsumerOrder {
            account: first.account_id.clone(),
            region: first.region.clone(),
            session_name: SESSION_NAME.to_owned(),
            source_identity: source_identity(&caller.person),
            policy,
        };
        let read = match &workload {
            None => ReadWorkload::default(),
            Some(workload) => match workload.read(&*self.consumer_gateway, &order).await {
                Ok(read) => read,
                Err(fault) => {
                    plan.faults.push(fault);
                    return Ok(plan);
                }
            },
        };
        let build = read.build.as_ref();
        let mut calls = role_calls(&made.role, kind, partition.as_str(), read.is_in_vpc, build);
        plan.faults.extend(self.account_faults(&order, &partition, made, &calls).await);
        if !plan.faults.is_empty() {
            return Ok(plan);
        }
        let mut warnings = Vec::new();
        if let Some(workload) = workload.as_ref().filter(|_| read.is_there) {
            let role = calls.first().map(|call| call.role().to_owned()).unwrap_or_default();
            let call = workload.call(&role, read.before.as_deref());
            // Which policies a role has is shown to those who may see findings there.
            let sees = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
            let known = if sees.accounts.contains(&first.account_id) {
                let all = std::slice::from_ref(&first.account_id);
                self.principals.principals(all).await?.into_values().next()
            } else {
                None
            };
            warnings = plan_calls::attach_warnings(&call, known.as_ref());
            warnings.extend(read.warnings.iter().chain(&read.findings).cloned());
            calls.push(call);
        }
        plan.steps = steps(made, calls, &read, &warnings);
        plan.findings = read.findings;
        let account = std::slice::from_ref(&first.account_id);
        let locations = self.accounts.locations(account).await?;
        let people = self.people_service.known_callers().await?;
        plan.approvers = approvers(&people, Some(&caller.person), &locations, account);
        let planned: Vec<PlannedCall> =
            calls_of(&plan.steps).into_iter().map(|(_, call)| call).collect();
        plan.preview = role_preview_hash(&plan.asked, &planned);
        Ok(plan)
    }

    /// Another plan that is about to create a role of this name: only one of both can.
    async fn open_plan(
        &self,
        partition: &Partition,
        made: &MadeRole,
    ) -> Result<Option<ShapeFault>, ServiceError> {
        let account = &made.role.account;
        let role = made.role.arn(partition.as_str(), true);
        let open = self.plan_writer.open_role_plan(account, &role).await?;
        Ok(open.map(|(plan, state)| {
            let name = &made.role.name;
            let reason = if state == PlanState::Stopped {
                format!(
                    "{plan}, which is stopped, creates this role: resume it, or choose another role name."
                )
            } else {
                format!(
                    "{plan} is about to create a role {name} in the account {account}. Wait for it, or choose another name."
                )
            };
            ShapeFault::new("role_name", reason)
        }))
    }

    /// What the account lacks, or has already.
    async fn account_faults(
        &self,
        order: &impl Fn(String) -> ConsumerOrder,
        partition: &Partition,
        made: &MadeRole,
        calls: &[ConsumerCall],
    ) -> Option<ShapeFault> {
        let account = made.role.account.as_str();
        let role = self.consumer_gateway.iam_role();
        let session = order(boundary_session(partition.as_str(), account));
        let arn = boundary_arn(partition.as_str(), account);
        match self.consumer_gateway.has_boundary(&session, &arn).await {
            Ok(true) => {}
            Ok(false) => {
                return Some(apply_fault(format!(
                    "The policy {BOUNDARY_POLICY} is not in the account {account}. The template that creates {role} creates it too: deploy it again."
                )));
            }
            Err(error) => return Some(apply_fault(said(&error, role))),
        }
        // Names are unique in an account, whatever their path.
        let creates = calls.iter().filter(|call| {
            matches!(
                call,
                ConsumerCall::CreateRole { .. } | ConsumerCall::CreateInstanceProfile { .. }
            )
        });
        for create in creates {
            let state =
                self.consumer_gateway.consumer_state(&order(reading_session(create)), create).await;
            let (what, taken) = match state {
                Ok(ConsumerState::Role(Some(existing))) => ("a role", existing.arn),
                Ok(ConsumerState::Profile(Some(existing))) => ("an instance profile", existing.arn),
                Ok(_) => continue,
                Err(error) => return Some(apply_fault(said(&error, role))),
            };
            return Some(ShapeFault::new(
                "role_name",
                format!(
                    "The account {account} has {what} {taken} already. Names of roles and of instance profiles are unique in an account, whatever their path: choose another name."
                ),
            ));
        }
        None
    }
}

/// The steps as a plan shows them, each with what its documents mean: an approver approves that too. Warnings are those of the
/// call that attaches.
fn steps(
    made: &MadeRole,
    calls: Vec<ConsumerCall>,
    read: &ReadWorkload,
    warnings: &[String],
) -> Vec<StepRow> {
    let Some(first) = made.resources.first() else { return Vec::new() };
    let mut open = unsettled(made.role.warnings.clone(), &calls);
    if !read.is_there {
        open.extend(read.findings.iter().cloned());
    }
    let row = |(position, call): (u32, ConsumerCall)| {
        let role = &made.role;
        let words = match &call {
            ConsumerCall::CreateRole { .. } => [&role.trust_in_words[..], &open].concat(),
            ConsumerCall::PutRolePolicy { name, .. } if name == BUILD_POLICY => {
                read.build.as_ref().map(BuildNeeds::in_words).unwrap_or_default()
            }
            ConsumerCall::PutRolePolicy { .. } => {
                [&role.permissions_in_words[..], &role.conditions_in_words].concat()
            }
            ConsumerCall::AttachRolePolicy { .. }
            | ConsumerCall::CreateInstanceProfile { .. }
            | ConsumerCall::AddRoleToInstanceProfile { .. } => Vec::new(),
            ConsumerCall::UpdateFunctionRole { .. }
            | ConsumerCall::UpdateProjectRole { .. }
            | ConsumerCall::AssociateInstanceProfile { .. }
            | ConsumerCall::ReplaceInstanceProfile { .. } => warnings.to_vec(),
        };
        let call = AwsCall::Consumer(call);
        StepRow {
            position,
            resource: first.id,
            name: first.facts.name.clone(),
            kind: first.facts.kind(),
            account: first.account_id.clone(),
            account_name: first.account_name.clone(),
            region: first.region.clone(),
            policy: None,
            changes: call.changes(&first.facts, None),
            call,
            warnings: words,
            state: StepState::Pending,
            says: None,
            ended_at: None,
            attempts: 0,
        }
    };
    (1..).zip(calls).map(row).collect()
}

fn title(calls: &[(AccountId, PlannedCall)]) -> String {
    let all = || calls.iter().filter_map(|(_, one)| one.call.of_consumer());
    let role = all().next().map(ConsumerCall::subject).unwrap_or_default();
    let attached = all().find(|call| call.attaches());
    match attached {
        Some(call) => format!("{role} for {}", in_a_sentence(&call.subject())),
        None => format!("Create {}", in_a_sentence(&role)),
    }
}

/// `Role Orders` as `role Orders`: names keep their case.
fn in_a_sentence(subject: &str) -> String {
    match subject.split_once(' ') {
        Some((first, name)) => format!("{} {name}", first.to_lowercase()),
        None => subject.to_owned(),
    }
}

/// What the form alone says.
fn form_faults(partition: &Partition, made: &MadeRole) -> Vec<ShapeFault> {
    let mut faults = Vec::new();
    let account = made.role.account.as_str();
    let own = boundary_arn(partition.as_str(), account);
    if made.request.boundary.as_ref().is_some_and(|arn| arn.as_str() != own) {
        faults.push(ShapeFault::new(
            "boundary",
            format!("A role that Claviger creates has the boundary {BOUNDARY_POLICY}. Leave this field empty, or export the role."),
        ));
    }
    faults.extend(trust_refusal(&made.role).map(|why| ShapeFault::new("consumer", why)));
    faults
}
