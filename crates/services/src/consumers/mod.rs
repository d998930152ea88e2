//! Roles of workloads that read secrets and parameters: drafted from the form, evaluated, and exported, for which AWS is not
//! asked; checked by AWS Access Analyzer on request; and created and attached by a plan.

mod analyzer;
mod answers;
mod declared;
mod execution;
mod function;
mod instance;
mod opt_in;
mod plan;
mod plan_calls;
mod progress;
mod project;
mod recheck;
mod step_error;
mod workload;

pub(crate) use analyzer::AnalyzerMemory;
pub use declared::DeclaredConsumerService;
pub(crate) use execution::ConsumerExecutionService;
pub use plan::ConsumerPlanService;
pub(crate) use step_error::ConsumerStepError;

use crate::{Authority, ReaderService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    consumers::{
        RoleForm, RoleMode, RoleRequest, suggested_role_name,
        view::{NameCheck, RoleDraft, RoleTarget, RoleView},
    },
    creation::ShapeFault,
    facts::{KeyClass, Kind, Reading},
    ids::{AccountId, ResourceId},
    inventory::view::ResourceDetail,
    key::KeyManager,
    partition::Partition,
};
use claviger_gateways::AnalyzerGateway;
use claviger_policy::consumers::{
    BuildNeeds, ConsumerRole, RoleKey, RoleResource, checks, consumer_role, export, task_definition,
};
use claviger_store::{InventoryRepository, PrincipalRepository};
use std::sync::{Arc, Mutex};

/// More resources of one role are not evaluated in time for a page.
const MAX_RESOURCES: usize = 20;

/// Drafts roles of consumers.
#[derive(Clone)]
pub struct ConsumerRoleService {
    pub(crate) inventory: InventoryRepository,
    pub(crate) principals: PrincipalRepository,
    pub(crate) reader_service: ReaderService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) analyzer_gateway: Arc<dyn AnalyzerGateway>,
    pub(crate) authority: Authority,
    pub(crate) analyzer_memory: Arc<Mutex<AnalyzerMemory>>,
}

/// A role with what it was made of.
pub(super) struct MadeRole {
    pub(super) role: ConsumerRole,
    pub(super) request: RoleRequest,
    /// The one that the address names first.
    pub(super) resources: Vec<ResourceDetail>,
}

/// A workload that can get the role, as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ReadWorkload {
    /// Whether it gets the role: one that is not there yet does not.
    pub(super) is_there: bool,
    /// The ARN of its role, or of its instance profile.
    pub(super) before: Option<String>,
    pub(super) is_in_vpc: bool,
    pub(super) build: Option<BuildNeeds>,
    /// What was noticed, each a sentence. Never a value.
    pub(super) findings: Vec<String>,
    /// What approvers should know before it has the role.
    pub(super) warnings: Vec<String>,
}

impl ConsumerRoleService {
    /// The role that a URL's query asks for. `id` names the first secret or parameter; without one, it is the query's first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn draft(
        &self,
        caller: &Caller,
        id: &str,
        query: &str,
    ) -> Result<RoleDraft, ServiceError> {
        self.made(caller, id, query, true).await.map(|(draft, _)| draft)
    }

    /// The same with the role, if there is one. Without `evaluates`, no answers of the account: a plan does not depend on them.
    pub(super) async fn made(
        &self,
        caller: &Caller,
        id: &str,
        query: &str,
        evaluates: bool,
    ) -> Result<(RoleDraft, Option<MadeRole>), ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let mut form = RoleForm::from_url_query(query);
        let named = [id.to_owned()].into_iter().filter(|id| !id.is_empty());
        let mut ids: Vec<String> = Vec::new();
        for one in named.chain(std::mem::take(&mut form.resource)) {
            if !ids.contains(&one) {
                ids.push(one);
            }
        }
        let mut faults = Vec::new();
        if ids.len() > MAX_RESOURCES {
            let reason = format!("Select at most {MAX_RESOURCES} secrets and parameters.");
            faults.push(ShapeFault::new("resource", reason));
            ids.truncate(MAX_RESOURCES);
        }
        let shown = self.resources(&visible, &ids).await?;
        let first = shown.first().ok_or(ServiceError::NotFound("secret or parameter"))?;
        form.resource = shown.iter().skip(1).map(|one| one.id.to_string()).collect();
        faults.extend(selection_faults(&shown));
        let is_asked = !form.consumer.is_empty();
        if form.role_name.is_empty() {
            form.role_name = suggested_role_name(&first.facts.name);
        }
        let made = if is_asked && faults.is_empty() {
            match self.role(caller, &shown, &form, evaluates).await? {
                Ok(made) => Some(made),
                Err(found) => {
                    faults.extend(found);
                    None
                }
            }
        } else {
            None
        };
        let (role, made) = made.map(|(view, role, request)| (view, (role, request))).unzip();
        let draft = RoleDraft {
            form,
            account: first.account_id.clone(),
            account_name: first.account_name.clone(),
            targets: shown.iter().map(target).collect(),
            is_asked,
            faults,
            role,
        };
        let made = made.map(|(role, request)| MadeRole { role, request, resources: shown });
        Ok((draft, made))
    }

    async fn resources(
        &self,
        visible: &VisibleAccounts,
        ids: &[String],
    ) -> Result<Vec<ResourceDetail>, ServiceError> {
        let missing = || ServiceError::NotFound("secret or parameter");
        let ids = ids.iter().map(|id| id.parse().map_err(|_| missing()));
        let ids = ids.collect::<Result<Vec<ResourceId>, ServiceError>>()?;
        self.inventory.resources(visible, &ids, self.clock.now()).await?.ok_or_else(missing)
    }

    /// The role, or why there is none.
    async fn role(
        &self,
        caller: &Caller,
        shown: &[ResourceDetail],
        form: &RoleForm,
        evaluates: bool,
    ) -> Result<Result<(RoleView, ConsumerRole, RoleRequest), Vec<ShapeFault>>, ServiceError> {
        let Some(first) = shown.first() else {
            return Err(ServiceError::NotFound("secret or parameter"));
        };
        let account = &first.account_id;
        let partition = Partition::of_arn(&first.facts.arn);
        let now = self.clock.now();
        let request = match form.read(account, &partition, now) {
            Ok(request) => request,
            Err(faults) => return Ok(Err(faults)),
        };
        let resources: Vec<RoleResource> = shown.iter().map(resource).collect();
        let role = match consumer_role(account, &resources, &request) {
            Ok(role) => role,
            Err(faults) => return Ok(Err(faults)),
        };
        // Who is in the account's IAM is shown to those who may see findings there.
        let sees = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
        let name_check = if sees.accounts.contains(account) {
            self.name_check(account, &role.name).await?
        } else {
            Some(NameCheck::Unknown(
                "you don't have permission to view who has access in this account".into(),
            ))
        };
        let Some(name_check) = name_check else {
            let reason = format!("Account {account} has a role {} already.", role.name);
            return Ok(Err(vec![ShapeFault::new("role_name", reason)]));
        };
        let answers = if evaluates {
            self.answers(&sees, shown, (&role, &request), form.is_applied()).await?
        } else {
            Vec::new()
        };
        let checks = checks(&role, &resources, &request, now);
        let files = export(&role, form.export());
        let arn = role.arn(first.facts.arn.partition(), form.is_applied());
        let view = RoleView {
            name: role.name.clone(),
            name_check,
            permissions: role.permissions_in_words.clone(),
            trust: role.trust_in_words.clone(),
            conditions: role.conditions_in_words.clone(),
            warnings: role.warnings.clone(),
            by_tag: match &request.mode {
                RoleMode::ByTag(key) => {
                    role.tags.get(key).map(|value| (key.clone(), value.clone()))
                }
                RoleMode::Exact => None,
            },
            checks,
            answers,
            files,
            task_definition: task_definition(&request.consumer, &arn, &first.region),
        };
        Ok(Ok((view, role, request)))
    }

    /// `None` if the name is taken. IAM compares names without their case and their path.
    async fn name_check(
        &self,
        account: &AccountId,
        name: &str,
    ) -> Result<Option<NameCheck>, ServiceError> {
        let not_yet = || NameCheck::Unknown("IAM of this account was not read yet".into());
        let mut read = self.principals.principals(std::slice::from_ref(account)).await?;
        Ok(match read.remove(account) {
            None => Some(not_yet()),
            Some(Err(why)) => {
                Some(NameCheck::Unknown(format!("IAM of this account could not be read: {why}")))
            }
            Some(Ok(all)) => {
                let is_own = |arn: &str| {
                    arn.split_once(":role/").is_some_and(|(_, path)| {
                        path.rsplit('/').next().is_some_and(|own| own.eq_ignore_ascii_case(name))
                    })
                };
                if all.iter().any(|one| is_own(&one.arn)) {
                    return Ok(None);
                }
                let read_at = self.principals.principals_read_at(account).await?;
                Some(read_at.map_or_else(not_yet, NameCheck::FreeAt))
            }
        })
    }
}

/// What is wrong with what was selected.
fn selection_faults(shown: &[ResourceDetail]) -> Vec<ShapeFault> {
    let mut faults = Vec::new();
    let mut wrong = |reason: String| faults.push(ShapeFault::new("resource", reason));
    let accounts: std::collections::BTreeSet<&AccountId> =
        shown.iter().map(|one| &one.account_id).collect();
    if accounts.len() > 1 {
        let accounts: Vec<&str> = accounts.into_iter().map(AccountId::as_str).collect();
        wrong(format!(
            "A role is of one account, and these are of {}. Select those of one account.",
            accounts.join(" and ")
        ));
    }
    for gone in shown.iter().filter(|one| one.gone_at.is_some()) {
        wrong(format!("{} is deleted.", gone.facts.name));
    }
    faults
}

fn target(shown: &ResourceDetail) -> RoleTarget {
    RoleTarget {
        id: shown.id,
        name: shown.facts.name.clone(),
        arn: shown.facts.arn.to_string(),
        is_secret: shown.facts.kind() == Kind::Secret,
        tag_keys: shown.facts.tags.as_ref().map(|tags| tags.keys().cloned().collect()),
    }
}

fn resource(shown: &ResourceDetail) -> RoleResource {
    let facts = &shown.facts;
    let key = match (shown.key, &shown.kms, &facts.kms_key_id) {
        (KeyClass::CustomerManaged, Some(Reading::Read(Some(key))), _) => {
            if key.manager == KeyManager::Aws {
                RoleKey::NotNeeded
            } else {
                RoleKey::Key(key.arn.clone())
            }
        }
        (KeyClass::CustomerManaged, _, Some(name)) => {
            RoleKey::named(name, &facts.arn, &shown.region)
        }
        _ => RoleKey::NotNeeded,
    };
    RoleResource {
        name: facts.name.clone(),
        arn: facts.arn.clone(),
        kind: facts.kind(),
        region: shown.region.clone(),
        key,
        tags: facts.tags.clone(),
    }
}
