//! Consumers that repositories declare: a scan reads the names, and uploads where it found them.

use crate::{Authority, ServiceError};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    clock::Clock,
    consumers::{
        declared::{
            Declared, DeclaredConsumer, DeclaredConsumers, DeclaredOf, InvalidDeclaration,
            NAMES_PAGE, NamedResource, NamesPage, check_source, repository_key,
        },
        found::{FoundReference, Known, PipelineRefusal, PipelineUpload, Received, Sought},
        pipeline::{Pipeline, PipelineClaims},
    },
    ids::{AccountId, Arn, ResourceId},
};
use claviger_store::{ConsumerRepository, DeclaredSource, NewDeclared, Transactions};
use std::{collections::BTreeSet, sync::Arc};

/// The most places that a secret's page lists.
const LISTED: i64 = 200;

/// Reads names for scans of repositories, and keeps what they found.
#[derive(Clone)]
pub struct DeclaredConsumerService {
    pub(crate) consumers: ConsumerRepository,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl DeclaredConsumerService {
    /// A page of the names that the caller can see: behind this id, or the first.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn names(
        &self,
        caller: &Caller,
        after: Option<&str>,
    ) -> Result<NamesPage, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let invalid = |_| ServiceError::Invalid("the id of a secret or parameter");
        let after: Option<ResourceId> = after.map(str::parse).transpose().map_err(invalid)?;
        let limit = i64::try_from(NAMES_PAGE).unwrap_or(i64::MAX);
        let rows = self.consumers.named_resources(&visible, after, limit).await?;
        let next = rows.last().filter(|_| rows.len() == NAMES_PAGE).map(|row| row.id);
        Ok(NamesPage { rows, next })
    }

    /// Replaces what a repository declares, within the accounts where the caller may declare consumers.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject, item.count = upload.consumers.len()))]
    pub async fn declare(
        &self,
        caller: &Caller,
        upload: &DeclaredConsumers,
    ) -> Result<Declared, ServiceError> {
        let visible = self.authority.within(caller, Permission::DeclareConsumers).await?;
        upload.check()?;
        let entries: BTreeSet<&DeclaredConsumer> = upload.consumers.iter().collect();
        let arns: BTreeSet<&Arn> = entries.iter().map(|entry| &entry.arn).collect();
        let arns: Vec<Arn> = arns.into_iter().cloned().collect();
        let known = self.consumers.resources_of(&visible, &arns).await?;
        let places: Vec<NewDeclared> = entries
            .iter()
            .filter_map(|entry| {
                Some(NewDeclared {
                    path: entry.path.clone(),
                    line: i32::try_from(entry.line).ok()?,
                    resource: *known.get(&entry.arn)?,
                    by: entry.by,
                })
            })
            .collect();
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let declared =
            Declared { stored: count(places.len()), unknown: count(entries.len() - places.len()) };
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let repository = &repository_key(&upload.repository);
        let commit = &upload.commit;
        let accounts = entries.iter().filter(|entry| known.contains_key(&entry.arn));
        let accounts = accounts.filter_map(|entry| entry.arn.account().parse().ok()).collect();
        let room = work.room_for(repository, &accounts).await?;
        if room.is_full && !places.is_empty() {
            return Err(InvalidDeclaration::Repositories.into());
        }
        if let Some(account) = room.full_accounts.into_iter().next() {
            return Err(InvalidDeclaration::RepositoriesOfAccount(account).into());
        }
        let source = DeclaredSource { repository, commit, is_pipeline: false };
        work.replace_declared(&visible, source, &places).await?;
        work.audit(
            NewEntry::done(Some(&caller.person), AuditAction::DeclareConsumers, target(repository))
                .with("commit", commit)
                .with("stored", declared.stored)
                .with("unknown", declared.unknown),
        );
        work.commit().await?;
        Ok(declared)
    }

    /// Replaces what the repository of a pipeline declares. The token names the repository and the commit, and the answer is
    /// the same whether or not the inventory has what was found: a pipeline learns nothing of it.
    #[tracing::instrument(skip_all, fields(item.count = upload.references.len()))]
    pub async fn declare_by_pipeline(
        &self,
        pipeline: &Pipeline,
        upload: &PipelineUpload,
    ) -> Result<Received, ServiceError> {
        let visible = self.authority.of_pipeline(pipeline).await?;
        let repository = pipeline.repository().ok_or(PipelineRefusal::NotListed)?;
        let PipelineClaims { issuer, commit, reference, run, .. } = pipeline.claims();
        upload.agrees(repository, commit)?;
        check_source(repository, commit)?;
        upload.check()?;
        let references: BTreeSet<&FoundReference> = upload.references.iter().collect();
        let known = self.consumers.resources_sought(&visible, &Sought::of(&references)).await?;
        let inventory: Known<'_> = known.iter().collect();
        let count = inventory.count(&references);
        let touched = inventory.named(&references).into_values().filter_map(account_of).collect();
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let room = work.room_for(repository, &touched).await?;
        // What has no room is left out without a word: an error would say that the account has what was found, or whether
        // anything was found at all.
        let has_room = |one: &&NamedResource| {
            !room.is_full && account_of(one).is_some_and(|id| !room.full_accounts.contains(&id))
        };
        let inventory: Known<'_> = known.iter().filter(has_room).collect();
        let places: Vec<NewDeclared> = inventory
            .matches(&references)
            .filter_map(|one| {
                Some(NewDeclared {
                    path: one.reference.path.clone(),
                    line: i32::try_from(one.reference.line).ok()?,
                    resource: one.resource,
                    by: one.by,
                })
            })
            .collect();
        let left_out = count - places.len();
        let received = Received { references: u64::try_from(references.len()).unwrap_or(u64::MAX) };
        let source = DeclaredSource { repository, commit, is_pipeline: true };
        // The same again is no entry of the audit log: a token can be sent many times.
        if left_out == 0 && work.declares(&visible, source, &places).await? {
            return Ok(received);
        }
        work.replace_declared(&visible, source, &places).await?;
        let actor = pipeline.actor();
        work.audit(
            NewEntry::done(Some(&actor), AuditAction::DeclareConsumers, target(repository))
                .with("commit", commit)
                .with("issuer", issuer)
                .with_some("ref", reference.as_ref())
                .with_some("run", run.as_ref())
                .with("references", references.len())
                .with("stored", places.len())
                .with("left_out", left_out),
        );
        work.commit().await?;
        Ok(received)
    }

    /// The places that name a secret or parameter.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn declared_of(&self, caller: &Caller, id: &str) -> Result<DeclaredOf, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadInventory).await?;
        let id: ResourceId =
            id.parse().map_err(|_| ServiceError::NotFound("secret or parameter"))?;
        let (rows, total) = self.consumers.declared(&visible, id, LISTED).await?;
        Ok(DeclaredOf { rows, total: u64::try_from(total).unwrap_or_default() })
    }
}

fn account_of(resource: &NamedResource) -> Option<AccountId> {
    resource.arn.account().parse().ok()
}

/// Never the repository alone, which could be the id of something else.
fn target(repository: &str) -> String {
    format!("repository {repository}")
}
