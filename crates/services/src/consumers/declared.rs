//! Consumers that repositories declare: a scan reads the names, and uploads where it found them.

use crate::{Authority, ServiceError};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    clock::Clock,
    consumers::declared::{
        Declared, DeclaredConsumer, DeclaredConsumers, DeclaredOf, NAMES_PAGE, NamesPage,
    },
    ids::{Arn, ResourceId},
};
use claviger_store::{ConsumerRepository, NewDeclared, Transactions};
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
        let (repository, commit) = (&upload.repository, &upload.commit);
        work.replace_declared(&visible, repository, commit, &places).await?;
        // Never the text alone, which could be the id of something else.
        let subject = format!("repository {repository}");
        work.audit(
            NewEntry::done(Some(&caller.person), AuditAction::DeclareConsumers, &subject)
                .with("commit", commit)
                .with("stored", declared.stored)
                .with("unknown", declared.unknown),
        );
        work.commit().await?;
        Ok(declared)
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
