//! The pre-flight of a rotation: why it would fail, read from AWS now, before `RotateSecret` is called.

use crate::{
    Authority, GrantSessionService, ReaderService, ServiceError, grants::source_identity,
    inventory::Evaluated,
};
use claviger_domain::{
    authz::{Caller, Permission, Person, VisibleAccounts},
    clock::Clock,
    error_line::ErrorLine,
    facts::{Detail, Kind, ResourceFacts},
    grants::{Action, GrantStateName},
    ids::{Arn, ResourceId},
    inventory::view::ResourceDetail,
    remediation::{
        FunctionArn, FunctionNetwork, FunctionReading,
        preflight::{PreflightForm, PreflightView, ValueShape},
    },
};
use claviger_gateways::{AwsError, FunctionOrder, Gateway, RotationGateway};
use claviger_policy::{
    entitlement::{Key, Resource},
    rotation_preflight::{
        Preflight, Superuser, function_of, preflight, session_policy, superuser_arn,
    },
};
use claviger_store::{FactRepository, GrantRepository};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use time::Duration;

/// Results that are remembered, for forms that are sent without JavaScript: their page is read after the answer.
const MAX_REMEMBERED: usize = 256;
/// Afterwards the result says too little about now.
const REMEMBERED_FOR: Duration = Duration::minutes(15);
/// The longest field that is taken.
const MAX_FIELD_CHARS: usize = 2_048;

/// The last result of each person for each secret, in this process.
pub(crate) type LastPreflights = Arc<Mutex<HashMap<(String, ResourceId), PreflightView>>>;

/// Says before a rotation why it would fail. It changes nothing.
#[derive(Clone)]
pub struct RotationPreflightService {
    pub(crate) facts: FactRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) grant_session_service: GrantSessionService,
    pub(crate) reader_service: ReaderService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) rotation_gateway: Arc<dyn RotationGateway>,
    pub(crate) authority: Authority,
    pub(crate) last: LastPreflights,
}

impl RotationPreflightService {
    /// Every cause for which this rotation of a secret would fail, with what was found. Reads the secret, the function and its
    /// network from AWS; what AWS does not answer is part of the result.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn preflight(
        &self,
        caller: &Caller,
        id: &str,
        form: &PreflightForm,
    ) -> Result<PreflightView, ServiceError> {
        let visible = self.authority.within(caller, Permission::Remediate).await?;
        let missing = || ServiceError::NotFound("secret");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let form = limited(form);
        let found = self.reader_service.evaluated(&visible, id).await?.ok_or_else(missing)?;
        if found.shown.facts.kind() != Kind::Secret {
            return Err(missing());
        }
        let Evaluated { shown, mut resource, accounts } = found;
        let facts = self.fresh(&shown).await?.ok_or_else(missing)?;
        if facts.kms_key_id != shown.facts.kms_key_id {
            resource.key = Key::NotRead("it has changed since the last scan".to_owned());
        }
        resource.tags.clone_from(&facts.tags);
        let (account, region) = (&shown.account_id, &shown.region);
        let function = match function_of(&form, &facts, account, region) {
            Some(arn) => Some(self.function(&caller.person, &shown, arn).await),
            None => None,
        };
        let superuser = self.superuser(&visible, &form, &facts).await?;
        let value = self.value_shape(caller, id, &form).await?;
        let role = self.rotation_gateway.rotating_role();
        let claviger = format!("arn:{}:iam::{account}:role/{role}", facts.arn.partition());
        let now = self.clock.now();
        let checks = preflight(&Preflight {
            facts: &facts,
            account,
            region,
            form: &form,
            function: function.as_ref(),
            resource: &resource,
            accounts: &accounts,
            superuser: superuser.borrowed(),
            value: &value,
            claviger: &claviger,
            now,
        });
        let view = PreflightView {
            resource: id,
            account: account.clone(),
            name: facts.name.clone(),
            form,
            checks,
            as_of: now,
        };
        let view = view.sorted();
        self.remember(&caller.person, &view);
        Ok(view)
    }

    /// The caller's last result for a secret, if this process still has it. Reads nothing from AWS.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn last_preflight(
        &self,
        caller: &Caller,
        id: ResourceId,
    ) -> Result<Option<PreflightView>, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::Remediate).await?;
        let key = (caller.person.subject.clone(), id);
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let is_new = |view: &PreflightView| self.clock.now() - view.as_of < REMEMBERED_FOR;
        Ok(last.filter(|view| is_new(view) && visible.accounts.contains(&view.account)))
    }

    fn remember(&self, person: &Person, view: &PreflightView) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() >= MAX_REMEMBERED {
            last.retain(|_, one| view.as_of - one.as_of < REMEMBERED_FOR);
        }
        if last.len() < MAX_REMEMBERED {
            last.insert((person.subject.clone(), view.resource), view.clone());
        }
    }

    /// The secret as AWS describes it now, otherwise as it was scanned; `None` if AWS no longer has it.
    async fn fresh(&self, shown: &ResourceDetail) -> Result<Option<ResourceFacts>, ServiceError> {
        let read = async {
            let reader = self.gateway.open(&shown.account_id, &shown.region).await?;
            reader.secret(shown.facts.arn.as_str()).await
        };
        match read.await {
            Ok(Some(mut facts)) => {
                let managed = self.facts.aws_managed_keys(&shown.account_id, &shown.region).await?;
                facts.note_key(&managed);
                Ok(Some(facts))
            }
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::warn!(error = %ErrorLine(&error), "a secret could not be read for a pre-flight");
                Ok(Some(shown.facts.clone()))
            }
        }
    }

    /// What AWS says about a function and its network.
    async fn function(
        &self,
        person: &Person,
        shown: &ResourceDetail,
        function: FunctionArn,
    ) -> FunctionReading {
        let order = FunctionOrder {
            account: shown.account_id.clone(),
            region: shown.region.clone(),
            session_name: "claviger-preflight".to_owned(),
            source_identity: source_identity(person),
            policy: session_policy(&function),
            function,
        };
        let mut reading = match self.rotation_gateway.function(&order).await {
            Ok(reading) => reading,
            Err(error) => {
                let failure = || told(&error);
                return FunctionReading {
                    configuration: Err(failure()),
                    policy: Err(failure()),
                    network: None,
                };
            }
        };
        let vpc = match &reading.configuration {
            Ok(Some(configuration)) => configuration.vpc.as_ref(),
            _ => None,
        };
        if let Some(vpc) = vpc {
            let network = self.rotation_gateway.network(&order, &vpc.id).await;
            reading.network = Some(network.unwrap_or_else(|error| FunctionNetwork {
                route_tables: Err(told(&error)),
                endpoints: Err(told(&error)),
                security_groups: Err(told(&error)),
                network_acls: Err(told(&error)),
            }));
        }
        reading
    }

    /// The value's keys, where the form asks for them and the person has a grant to read it: as a reveal, which the audit log
    /// records. The value itself stays in this call.
    async fn value_shape(
        &self,
        caller: &Caller,
        id: ResourceId,
        form: &PreflightForm,
    ) -> Result<ValueShape, ServiceError> {
        if form.value != "yes" || form.template().keys().is_empty() {
            return Ok(ValueShape::NotAsked);
        }
        let now = self.clock.now();
        let own = self.grants.open_grants_of(&caller.person.subject).await?;
        let grant = own.into_iter().map(|named| named.grant.at(now)).find(|grant| {
            grant.state.word() == GrantStateName::Active
                && grant.terms.action == Action::Read
                && grant.resource(id).is_ok()
        });
        let Some(grant) = grant else { return Ok(ValueShape::NoGrant) };
        let read = self.grant_session_service.value_keys(caller, grant.id, id).await;
        Ok(match read {
            Ok(Some(keys)) => ValueShape::Keys(keys),
            Ok(None) => ValueShape::NotJson,
            Err(error) => ValueShape::NotRead(error.into_problem().to_string()),
        })
    }

    /// The superuser's secret, as the form or a tag names it.
    async fn superuser(
        &self,
        visible: &VisibleAccounts,
        form: &PreflightForm,
        facts: &ResourceFacts,
    ) -> Result<StoredSuperuser, ServiceError> {
        let Some(named) = superuser_arn(form, facts) else { return Ok(StoredSuperuser::NotNamed) };
        let missing = || StoredSuperuser::Missing(named.clone());
        let Ok(arn) = named.parse::<Arn>() else { return Ok(missing()) };
        let Some(id) = self.facts.resource_of(&arn).await? else { return Ok(missing()) };
        let Some(found) = self.reader_service.evaluated(visible, id).await? else {
            return Ok(missing());
        };
        let is_here = found.shown.account_id.as_str() == facts.arn.account()
            && found.shown.region.as_str() == facts.arn.region();
        if !is_here || !matches!(found.shown.facts.detail, Detail::Secret(_)) {
            return Ok(missing());
        }
        Ok(StoredSuperuser::Found(Box::new((found.shown, found.resource))))
    }
}

/// A superuser's secret from the store.
enum StoredSuperuser {
    NotNamed,
    Missing(String),
    Found(Box<(ResourceDetail, Resource)>),
}

impl StoredSuperuser {
    fn borrowed(&self) -> Superuser<'_> {
        match self {
            Self::NotNamed => Superuser::NotNamed,
            Self::Missing(arn) => Superuser::Missing(arn.clone()),
            Self::Found(found) => Superuser::Found {
                facts: &found.0.facts,
                resource: &found.1,
                is_gone: found.0.gone_at.is_some(),
            },
        }
    }
}

/// The failure for people, once in the log.
fn told(error: &AwsError) -> claviger_domain::accounts::readiness::ReadFailure {
    tracing::warn!(error = %ErrorLine(error), "a function could not be read for a pre-flight");
    error.read_failure()
}

/// The form with fields of a length that can be shown again.
fn limited(form: &PreflightForm) -> PreflightForm {
    let cut = |text: &str| {
        text.trim().chars().filter(|c| *c != '\0').take(MAX_FIELD_CHARS).collect::<String>()
    };
    PreflightForm {
        lambda: cut(&form.lambda),
        days: cut(&form.days),
        schedule: cut(&form.schedule),
        duration: cut(&form.duration),
        immediately: cut(&form.immediately),
        template: cut(&form.template),
        superuser: cut(&form.superuser),
        value: cut(&form.value),
    }
}
