//! Secrets as code, from what the scans have stored. AWS is not asked.

use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    code::SourceFile,
    creation::ShapeFault,
    facts::Kind,
    ids::{AccountId, ResourceId},
    inventory::{
        InventoryQuery,
        code::{
            CodeExport, MAX_SECRETS, SecretRecord, export,
            view::{CodeQuery, CodeView},
        },
        vault::{self, VaultForm, VaultView},
    },
};
use claviger_store::{
    AccountRepository, EvaluationRepository, InventoryIndex, InventoryRepository,
};
use std::{collections::BTreeMap, sync::Arc};

/// Exports of secrets as Terraform, CloudFormation and CDK: of what the caller may see in the inventory.
#[derive(Clone)]
pub struct CodeExportService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) index: InventoryIndex,
    pub(crate) inventory: InventoryRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl CodeExportService {
    /// The secrets that a URL's query asks for: by id, or by a filter of the inventory, such as a team. `id` names a single
    /// one; without it, the query decides.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn as_code(
        &self,
        caller: &Caller,
        id: &str,
        url_query: &str,
    ) -> Result<CodeView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let mut query = CodeQuery::from_url_query(url_query)?;
        if !id.is_empty() {
            query.resources = vec![id.to_owned()];
            query.filter = String::new();
        }
        let ids = self.wanted(&visible, &query).await?;
        let records = self.records(&visible, &ids).await?;
        let export = export(&records, query.format, self.clock.now());
        if export.files.is_empty() {
            return Err(nothing_to_write(&export));
        }
        tracing::info!(
            person.id = %caller.person.subject, item.count = export.managed, "secrets are exported as code"
        );
        let only = match records.as_slice() {
            [one] => Some((one.id, one.facts.name.clone())),
            _ => None,
        };
        Ok(CodeView { query, only, export })
    }

    /// One file of an export: the one that the query names, or the only one.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn code_file(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<SourceFile, ServiceError> {
        let CodeView { query, export, .. } = self.as_code(caller, "", url_query).await?;
        let mut files = export.files;
        match query.file {
            Some(name) => files
                .into_iter()
                .find(|file| file.name == name)
                .ok_or(ServiceError::NotFound("file of this export")),
            None if files.len() == 1 => Ok(files.swap_remove(0)),
            None => {
                let names: Vec<String> = files.into_iter().map(|file| file.name).collect();
                Err(ServiceError::unusable(
                    format!("This export has {} files.", names.len()),
                    format!("Name one of them in file: {}.", names.join(", ")),
                ))
            }
        }
    }

    /// The form of a new vault, and its files as soon as the form was sent.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn vault(&self, caller: &Caller, url_query: &str) -> Result<VaultView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let mut form = VaultForm::from_url_query(url_query);
        let accounts = self.account_choices(&visible).await?;
        if !form.is_sent() {
            if form.organization.is_empty() {
                form.organization = self.accounts.organization().await?.0.unwrap_or_default();
            }
            return Ok(VaultView { form, accounts, faults: Vec::new(), files: Vec::new() });
        }
        let mut faults = Vec::new();
        let mut files = Vec::new();
        match form.read() {
            Ok(vault) => files = vault::files(&vault, form.format()),
            Err(found) => faults = found,
        }
        if is_outside(&visible, &form) {
            files.clear();
            faults.push(ShapeFault::new("account", "Not found, or outside your scope.".to_owned()));
        }
        Ok(VaultView { form, accounts, faults, files })
    }

    /// One file of a vault, by its name. What is wrong in the form is an error.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn vault_file(
        &self,
        caller: &Caller,
        url_query: &str,
        name: &str,
    ) -> Result<SourceFile, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let form = VaultForm::from_url_query(url_query);
        let vault = form.read().map_err(|faults| {
            let each: Vec<String> =
                faults.iter().map(|fault| format!("{}: {}", fault.field, fault.reason)).collect();
            ServiceError::unusable(each.join(" "), "Correct the form and send it again.")
        })?;
        if is_outside(&visible, &form) {
            return Err(ServiceError::NotFound("account"));
        }
        let mut files = vault::files(&vault, form.format()).into_iter();
        files.find(|file| file.name == name).ok_or(ServiceError::NotFound("file of this vault"))
    }

    /// The accounts of the scope with their names, by name.
    async fn account_choices(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        let (names, _) = self.accounts.account_names(visible).await?;
        let mut choices: Vec<(String, String)> =
            names.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        choices.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        Ok(choices)
    }

    async fn wanted(
        &self,
        visible: &VisibleAccounts,
        query: &CodeQuery,
    ) -> Result<Vec<ResourceId>, ServiceError> {
        let missing = || ServiceError::NotFound("secret");
        let ids = if !query.resources.is_empty() {
            let ids = query.resources.iter().map(|id| id.parse().map_err(|_| missing()));
            ids.collect::<Result<Vec<ResourceId>, ServiceError>>()?
        } else if query.filter.is_empty() {
            return Err(ServiceError::unusable(
                "Nothing is selected.",
                "Select secrets in the inventory, or name a team.",
            ));
        } else {
            let mut filter: InventoryQuery = query.filter.parse()?;
            if filter.kinds.is_empty() {
                filter.kinds = vec![Kind::Secret];
            }
            self.index.find_all(visible, &filter, self.clock.now()).await?
        };
        if ids.len() > MAX_SECRETS {
            return Err(ServiceError::unusable(
                format!(
                    "{} secrets are selected, and an export has at most {MAX_SECRETS}.",
                    ids.len()
                ),
                "Narrow the selection, such as by account or Region.",
            ));
        }
        if ids.is_empty() {
            return Err(ServiceError::unusable(
                "No secret matches.",
                "Correct the filter, or select secrets in the inventory.",
            ));
        }
        Ok(ids)
    }

    async fn records(
        &self,
        visible: &VisibleAccounts,
        ids: &[ResourceId],
    ) -> Result<Vec<SecretRecord>, ServiceError> {
        // All or none: one outside the scope is not named as such.
        let found = self.inventory.resources(visible, ids, self.clock.now()).await?;
        let found = found.ok_or(ServiceError::NotFound("secret"))?;
        let inputs = self.evaluations.resources_to_evaluate_by_id(ids).await?;
        let mut details: BTreeMap<ResourceId, _> =
            inputs.into_iter().map(|input| (input.id, input.deep)).collect();
        let records = found.into_iter().map(|shown| SecretRecord {
            id: shown.id,
            details: details.remove(&shown.id).flatten(),
            read_at: shown.last_seen_at,
            is_gone: shown.gone_at.is_some(),
            account: shown.account_id,
            account_name: shown.account_name,
            region: shown.region,
            kms: shown.kms,
            facts: shown.facts,
        });
        Ok(records.collect())
    }
}

/// Whether the form names an account that the caller does not see.
fn is_outside(visible: &VisibleAccounts, form: &VaultForm) -> bool {
    let account = form.account.trim().parse::<AccountId>();
    account.is_ok_and(|account| !visible.accounts.contains(&account))
}

/// Why there is no file.
fn nothing_to_write(export: &CodeExport) -> ServiceError {
    const SHOWN: usize = 3;
    let each = export.left_out.iter().take(SHOWN);
    let each: Vec<String> = each.map(|one| format!("{}: {}", one.name, one.reason)).collect();
    let more = export.left_out.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!(" And {more} more.") };
    ServiceError::conflict(
        format!(
            "There is nothing to export as {}. {}{more}",
            export.format.label(),
            each.join(" ")
        ),
        "Select other secrets.",
    )
}
