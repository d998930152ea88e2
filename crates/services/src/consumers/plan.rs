//! The plan that creates a role and attaches it: previewed after AWS was asked what is there, and submitted with its preview.

use super::{ConsumerRoleService, MadeRole, plan_calls};
use crate::{
    Authority, PeopleService, PlanWriter, ServiceError,
    consumers::execution::{said, update_reason},
    grants::source_identity,
    remediation::{PlanOrigin, PlanToWrite, approvers},
    uncancelled::uncancelled,
};
use claviger_domain::{
    authz::{Caller, Permission},
    consumers::{
        ConsumerKind, RoleForm,
        attach::{RolePage, RolePlan},
    },
    creation::ShapeFault,
    grants::sentence,
    ids::AccountId,
    partition::Partition,
    remediation::{
        ATTACH_TAG, AwsCall, BOUNDARY_POLICY, ConsumerCall, FunctionArn, PlanId, PlannedCall,
        StepState, role_preview_hash, view::StepRow,
    },
};
use claviger_gateways::{ConsumerFunction, ConsumerGateway, ConsumerOrder, ConsumerState};
use claviger_policy::{
    consumers::{
        attaches, boundary_session, credential_like, function_session, reading_session, role_calls,
        trust_refusal, unsettled,
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
        let (mut draft, made) = self.role_service.made(caller, id, query).await?;
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
        let (draft, made) = self.role_service.made(caller, id, query).await?;
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
        let calls = planned(&plan.steps);
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
        plan.faults.extend(form_faults(kind, &partition, made));
        let function = match function(form, kind, &partition, made) {
            Ok(function) => function,
            Err(fault) => {
                plan.faults.push(fault);
                None
            }
        };
        if !plan.faults.is_empty() {
            return Ok(plan);
        }
        let order = |policy: String| ConsumerOrder {
            account: first.account_id.clone(),
            region: first.region.clone(),
            session_name: SESSION_NAME.to_owned(),
            source_identity: source_identity(&caller.person),
            policy,
        };
        let read = match &function {
            None => None,
            Some(function) => {
                let read = self
                    .consumer_gateway
                    .consumer_function(&order(function_session(function)), function)
                    .await;
                match self.usable(function, read) {
                    Ok(read) => Some(read),
                    Err(fault) => {
                        plan.faults.push(fault);
                        return Ok(plan);
                    }
                }
            }
        };
        let is_in_vpc = read.as_ref().is_some_and(|read| read.is_in_vpc);
        let mut calls = role_calls(&made.role, kind, partition.as_str(), is_in_vpc);
        plan.faults.extend(self.account_faults(&order, &partition, made, &calls).await);
        if !plan.faults.is_empty() {
            return Ok(plan);
        }
        let mut warnings = Vec::new();
        if let (Some(function), Some(read)) = (&function, &read) {
            let role = calls.first().map(|call| call.role().to_owned()).unwrap_or_default();
            calls.push(attaches(&role, function, &read.role));
            plan.findings = findings(read);
            // Which policies a role has is shown to those who may see findings there.
            let sees = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
            let known = if sees.accounts.contains(&first.account_id) {
                let all = std::slice::from_ref(&first.account_id);
                self.principals.principals(all).await?.into_values().next()
            } else {
                None
            };
            warnings = plan_calls::attach_warnings(function, &read.role, known.as_ref());
        }
        plan.steps = steps(made, calls, &warnings);
        let account = std::slice::from_ref(&first.account_id);
        let locations = self.accounts.locations(account).await?;
        let people = self.people_service.known_callers().await?;
        plan.approvers = approvers(&people, Some(&caller.person), &locations, account);
        let planned: Vec<PlannedCall> =
            planned(&plan.steps).into_iter().map(|(_, call)| call).collect();
        plan.preview = role_preview_hash(&plan.asked, &planned);
        Ok(plan)
    }

    /// The function, if a role can be attached to it now.
    fn usable(
        &self,
        function: &FunctionArn,
        read: Result<Option<ConsumerFunction>, claviger_gateways::AwsError>,
    ) -> Result<ConsumerFunction, ShapeFault> {
        let wrong = |reason: String| Err(ShapeFault::new("function", reason));
        let FunctionArn { name, region, account, .. } = function;
        let read = match read {
            Ok(Some(read)) => read,
            Ok(None) => {
                return wrong(format!(
                    "There is no function {name} in {region} of the account {account}."
                ));
            }
            Err(error) => {
                return Err(apply_fault(said(&error, self.consumer_gateway.consumers_role())));
            }
        };
        let (key, value) = ATTACH_TAG;
        match &read.tags {
            Ok(tags) if tags.get(key).is_some_and(|own| own == value) => {}
            Ok(_) => {
                return wrong(format!(
                    "The function {name} has no tag {key}={value}. Its owner sets it to let Claviger attach roles: aws lambda tag-resource --region {region} --resource {} --tags {key}={value}",
                    function.arn
                ));
            }
            Err(failure) => {
                return wrong(format!(
                    "Whether {name} has the tag {key}={value} is unknown: AWS answered {} to {}.",
                    failure.code, failure.operation
                ));
            }
        }
        match read.last_update.as_deref() {
            Some("InProgress") => {
                return wrong(format!(
                    "The function {name} is being updated. Try again in a minute."
                ));
            }
            Some("Failed") => {
                return wrong(format!(
                    "The last update of the function {name} failed ({}). Correct the cause and update it, then preview again.",
                    update_reason(&read)
                ));
            }
            _ => {}
        }
        if let Some(key) = &read.kms_key {
            return wrong(format!(
                "The function {name} encrypts its environment variables with the customer managed key {key}. Lambda decrypts them with the function's role, and the boundary {BOUNDARY_POLICY} allows kms:Decrypt only through Secrets Manager and Systems Manager: with the new role the function would not start. Export the role, and add kms:Decrypt on that key."
            ));
        }
        Ok(read)
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
        let create = calls.first()?;
        let state =
            self.consumer_gateway.consumer_state(&order(reading_session(create)), create).await;
        match state {
            Ok(ConsumerState::Role(Some(existing))) => Some(ShapeFault::new(
                "role_name",
                format!(
                    "The account {account} has a role {} already. Role names are unique in an account, whatever their path: choose another name.",
                    existing.arn
                ),
            )),
            Ok(_) => None,
            Err(error) => Some(apply_fault(said(&error, role))),
        }
    }
}

/// The function that a Lambda role is attached to; `None` where the form names none.
fn function(
    form: &RoleForm,
    kind: ConsumerKind,
    partition: &Partition,
    made: &MadeRole,
) -> Result<Option<FunctionArn>, ShapeFault> {
    let text = form.function.trim();
    let Some(first) = made.resources.first().filter(|_| kind == ConsumerKind::Lambda) else {
        return Ok(None);
    };
    if text.is_empty() {
        return Ok(None);
    }
    let (region, account) = (&first.region, &made.role.account);
    let arn = if text.starts_with("arn:") {
        text.to_owned()
    } else {
        format!("arn:{partition}:lambda:{region}:{account}:function:{text}")
    };
    let wrong = |reason: String| Err(ShapeFault::new("function", reason));
    let Some(function) = FunctionArn::read(&arn).filter(|function| function.qualifier.is_none())
    else {
        return wrong("Use a function's name or its ARN without a version.".into());
    };
    if function.region != region.as_str() {
        return wrong(format!(
            "The function is in {}, and {} is in {region}. A function reads a secret of its own Region: use the replica there, or a function here.",
            function.region, first.facts.name
        ));
    }
    Ok(Some(function))
}

/// What its environment tells of plaintext credentials: names only.
fn findings(read: &ConsumerFunction) -> Vec<String> {
    let Some(variables) = &read.variables else {
        return vec![
            "Lambda cannot decrypt the environment variables of the function: whether they hold credentials is unknown."
                .to_owned(),
        ];
    };
    let named = variables.iter().filter(|name| credential_like(name));
    named.map(|name| format!("Plaintext credential-like variable {name}.")).collect()
}

/// The steps as a plan shows them, each with what its documents mean: an approver approves that too. Warnings are those of the
/// call that attaches.
fn steps(made: &MadeRole, calls: Vec<ConsumerCall>, warnings: &[String]) -> Vec<StepRow> {
    let Some(first) = made.resources.first() else { return Vec::new() };
    let open = unsettled(made.role.warnings.clone(), &calls);
    let row = |(position, call): (u32, ConsumerCall)| {
        let role = &made.role;
        let words = match &call {
            ConsumerCall::CreateRole { .. } => [&role.trust_in_words[..], &open].concat(),
            ConsumerCall::PutRolePolicy { .. } => {
                [&role.permissions_in_words[..], &role.conditions_in_words].concat()
            }
            ConsumerCall::AttachRolePolicy { .. } => Vec::new(),
            ConsumerCall::UpdateFunctionRole { .. } => warnings.to_vec(),
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

fn planned(steps: &[StepRow]) -> Vec<(AccountId, PlannedCall)> {
    let each = steps.iter().map(|step| {
        let call = PlannedCall {
            resource: step.resource,
            policy: None,
            call: step.call.clone(),
            changes: step.changes.clone(),
            warnings: step.warnings.clone(),
        };
        (step.account.clone(), call)
    });
    each.collect()
}

fn title(calls: &[(AccountId, PlannedCall)]) -> String {
    let all = || calls.iter().filter_map(|(_, one)| one.call.of_consumer());
    let role = all().next().map(ConsumerCall::subject).unwrap_or_default();
    let attached = all().find(|call| matches!(call, ConsumerCall::UpdateFunctionRole { .. }));
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
fn form_faults(kind: ConsumerKind, partition: &Partition, made: &MadeRole) -> Vec<ShapeFault> {
    let mut faults = Vec::new();
    let account = made.role.account.as_str();
    if kind == ConsumerKind::Ec2 {
        faults.push(ShapeFault::new(
            "consumer",
            "Claviger creates no instance profiles. Export the role, and create both with your own tools.",
        ));
    }
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
