//! AWS's hosted rotation templates. Claviger writes the template for a secret; an engineer deploys it.

use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    code::SourceFile,
    facts::{Detail, Kind},
    ids::{Arn, ResourceId},
    inventory::view::ResourceDetail,
    rotations::{
        hosted::{
            HostedForm, HostedSecret, NamedSuperuser, read, refusal, superuser_arn,
            view::{HostedTemplate, HostedView},
        },
        schedule::Since,
    },
};
use claviger_policy::rotation_preflight::before_function;
use claviger_store::InventoryRepository;
use std::sync::Arc;

/// Templates for the secrets that a caller may see. It reads nothing from AWS, and changes nothing.
#[derive(Clone)]
pub struct HostedRotationService {
    pub(crate) inventory: InventoryRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl HostedRotationService {
    /// The page of a secret's template, with the form as the URL's query has it. What is wrong in the form is part of the page.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn hosted_rotation(
        &self,
        caller: &Caller,
        id: &str,
        url_query: &str,
    ) -> Result<HostedView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let shown = self.secret(&visible, id).await?;
        let now = self.clock.now();
        let typed = HostedForm::from_url_query(url_query);
        let is_sent = typed.is_sent();
        let form = if is_sent { typed } else { HostedForm::first(&shown.facts) };
        let secret = known(&shown);
        let mut view = HostedView {
            id: shown.id,
            name: shown.facts.name.clone(),
            account: shown.account_id.clone(),
            account_name: shown.account_name.clone(),
            region: shown.region.clone(),
            refusal: refusal(&secret),
            replaces: replaces(&shown),
            faults: Vec::new(),
            checks: Vec::new(),
            template: None,
            as_of: now,
            form,
        };
        if view.refusal.is_some() || !is_sent {
            return Ok(view);
        }
        let superuser = self.superuser(&visible, &view.form, &shown).await?;
        match read(&view.form, &secret, &named(superuser.as_ref())) {
            Ok(rotation) => {
                let superuser = rotation.superuser().map(Arn::as_str);
                let (own, in_vpc) = (rotation.rotation_type(), rotation.is_in_vpc());
                view.checks = before_function(&shown.facts, &shown.region, own, in_vpc, superuser);
                view.template = Some(HostedTemplate {
                    rotation_type: own.to_string(),
                    file: rotation.file(),
                    command: rotation.command(),
                    is_in_vpc: in_vpc,
                    windows: rotation.schedule().next_windows(Since::Set(now), now),
                });
            }
            Err(faults) => view.faults = faults,
        }
        Ok(view)
    }

    /// The template alone; what is wrong in the form is an error.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn hosted_file(
        &self,
        caller: &Caller,
        id: &str,
        url_query: &str,
    ) -> Result<SourceFile, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let shown = self.secret(&visible, id).await?;
        let secret = known(&shown);
        if let Some(why) = refusal(&secret) {
            return Err(ServiceError::conflict(why, "Choose another secret."));
        }
        let form = HostedForm::from_url_query(url_query);
        let superuser = self.superuser(&visible, &form, &shown).await?;
        let rotation = read(&form, &secret, &named(superuser.as_ref()));
        Ok(rotation.map_err(ServiceError::Shape)?.file())
    }

    async fn secret(
        &self,
        visible: &VisibleAccounts,
        id: &str,
    ) -> Result<ResourceDetail, ServiceError> {
        let missing = || ServiceError::NotFound("secret");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let found = self.inventory.resource(visible, id, self.clock.now()).await?;
        found.filter(|shown| shown.facts.kind() == Kind::Secret).ok_or_else(missing)
    }

    /// The superuser's secret, if the form or a tag names one that the caller may see.
    async fn superuser(
        &self,
        visible: &VisibleAccounts,
        form: &HostedForm,
        shown: &ResourceDetail,
    ) -> Result<Option<ResourceDetail>, ServiceError> {
        let arn = superuser_arn(form, &shown.facts).and_then(|arn| arn.parse::<Arn>().ok());
        let Some(arn) = arn else { return Ok(None) };
        let Some(id) = self.inventory.resource_id(visible, &arn).await? else { return Ok(None) };
        Ok(self.inventory.resource(visible, id, self.clock.now()).await?)
    }
}

fn known(shown: &ResourceDetail) -> HostedSecret<'_> {
    HostedSecret {
        facts: &shown.facts,
        account: &shown.account_id,
        region: &shown.region,
        kms: shown.kms.as_ref(),
        is_gone: shown.gone_at.is_some(),
    }
}

fn named(found: Option<&ResourceDetail>) -> NamedSuperuser<'_> {
    found.map_or(NamedSuperuser::Missing, |found| NamedSuperuser::Found(known(found)))
}

/// What would no longer rotate it.
fn replaces(shown: &ResourceDetail) -> Option<String> {
    let Detail::Secret(secret) = &shown.facts.detail else { return None };
    let is_on = secret.rotation.enabled == Some(true);
    match &secret.rotation.lambda_arn {
        Some(function) if is_on => Some(format!(
            "{function} rotates it already. Deploying the template replaces that function and its schedule."
        )),
        Some(function) => Some(format!(
            "Rotation is off, and {function} is still configured. Deploying the template replaces it and turns rotation on."
        )),
        None => is_on.then(|| {
            "Rotation is on already. Deploying the template replaces its schedule.".to_owned()
        }),
    }
}
