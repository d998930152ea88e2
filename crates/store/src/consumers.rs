//! Consumers that repositories declare.

use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
    locks::AdvisoryLock,
};
use claviger_domain::{
    authz::VisibleAccounts,
    consumers::{
        declared::{
            DeclaredRow, MAX_REPOSITORIES, MAX_REPOSITORIES_OF_ACCOUNT, NamedBy, NamedResource,
        },
        found::Sought,
    },
    ids::{AccountId, Arn, ResourceId},
};
use sqlx::PgPool;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use uuid::Uuid;

/// A place of a repository that names a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeclared {
    pub path: String,
    pub line: i32,
    pub resource: ResourceId,
    pub by: NamedBy,
}

/// Where an upload comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeclaredSource<'a> {
    pub repository: &'a str,
    pub commit: &'a str,
    /// Whether the repository's own pipeline uploads.
    pub is_pipeline: bool,
}

/// What has no room for one more repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    pub is_full: bool,
    pub full_accounts: BTreeSet<AccountId>,
}

/// Names that scans of repositories look for, and what they found.
#[derive(Clone, Debug)]
pub struct ConsumerRepository {
    pub(crate) pool: PgPool,
}

impl ConsumerRepository {
    /// The resources behind this id within the scope, in the order of their ids, so many at most.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn named_resources(
        &self,
        visible: &VisibleAccounts,
        after: Option<ResourceId>,
        limit: i64,
    ) -> Result<Vec<NamedResource>, StoreError> {
        let rows = sqlx::query!(
            "select id, arn, name, kind, owner from resource
             where account_id = any($1) and gone_at is null and id > $2 order by id limit $3",
            &texts(&visible.accounts),
            after.map_or(Uuid::nil(), |id| id.0),
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(NamedResource {
                    id: ResourceId(row.id),
                    arn: column("resource", "arn", row.id, &row.arn)?,
                    kind: column("resource", "kind", row.id, &row.kind)?,
                    name: row.name,
                    owner_team: row.owner,
                })
            })
            .collect()
    }

    /// The resources of these ARNs within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = arns.len()))]
    pub async fn resources_of(
        &self,
        visible: &VisibleAccounts,
        arns: &[Arn],
    ) -> Result<BTreeMap<Arn, ResourceId>, StoreError> {
        let rows = sqlx::query!(
            "select id, arn from resource
             where arn = any($1) and account_id = any($2) and gone_at is null",
            &texts(arns),
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| Ok((column("resource", "arn", row.id, &row.arn)?, ResourceId(row.id))))
            .collect()
    }

    /// The resources of these ARNs or names within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = sought.arns.len() + sought.names.len()))]
    pub async fn resources_sought(
        &self,
        visible: &VisibleAccounts,
        sought: &Sought,
    ) -> Result<Vec<NamedResource>, StoreError> {
        let arns: Vec<String> = sought.arns.iter().map(ToString::to_string).collect();
        let names: Vec<String> = sought.names.iter().cloned().collect();
        // Two branches: each has its own index.
        let rows = sqlx::query!(
            r#"select id as "id!", arn as "arn!", name as "name!", kind as "kind!" from (
                select id, arn, name, kind, account_id, gone_at from resource where arn = any($1)
                union
                select id, arn, name, kind, account_id, gone_at from resource
                where name collate "C" = any($2)
             ) as found where account_id = any($3) and gone_at is null order by id"#,
            &arns,
            &names,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(NamedResource {
                    id: ResourceId(row.id),
                    arn: column("resource", "arn", row.id, &row.arn)?,
                    kind: column("resource", "kind", row.id, &row.kind)?,
                    name: row.name,
                    owner_team: None,
                })
            })
            .collect()
    }

    /// The first places that name this resource, and how many there are.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %resource))]
    pub async fn declared(
        &self,
        visible: &VisibleAccounts,
        resource: ResourceId,
        limit: i64,
    ) -> Result<(Vec<DeclaredRow>, i64), StoreError> {
        let rows = sqlx::query!(
            r#"select d.id, d.repository, d.commit_hash, d.path, d.line, d.named_by, d.by_pipeline, d.declared_at,
                count(*) over () as "total!"
             from declared_consumer d join resource r on r.id = d.resource_id
             where d.resource_id = $1 and r.account_id = any($2)
             order by d.repository, d.path, d.line limit $3"#,
            resource.0,
            &texts(&visible.accounts),
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        let total = rows.first().map_or(0, |row| row.total);
        let rows = rows
            .into_iter()
            .map(|row| {
                Ok(DeclaredRow {
                    repository: row.repository,
                    commit: row.commit_hash,
                    path: row.path,
                    line: column("declared_consumer", "line", row.id, &row.line.to_string())?,
                    by: column("declared_consumer", "named_by", row.id, &row.named_by)?,
                    is_by_pipeline: row.by_pipeline,
                    at: row.declared_at,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok((rows, total))
    }
}

impl UnitOfWork {
    /// What has no room for this repository. Until the transaction ends, no other repository is added.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn room_for(
        &mut self,
        repository: &str,
        accounts: &BTreeSet<AccountId>,
    ) -> Result<Room, StoreError> {
        AdvisoryLock::DeclaringRepositories.acquire(self.connection()).await?;
        // Nothing is counted where the repository has a place already.
        let is_full = sqlx::query_scalar!(
            r#"select case
                when exists (select from declared_consumer where repository = $1) then false
                else (select count(distinct repository) from declared_consumer) >= $2
             end as "is_full!""#,
            repository,
            i64::from(MAX_REPOSITORIES),
        )
        .fetch_one(self.connection())
        .await?;
        let accounts: Vec<AccountId> = accounts.iter().cloned().collect();
        let full = sqlx::query_scalar!(
            r#"select a.id as "id!" from unnest($2::text[]) as a (id)
             where not exists (
                    select from declared_consumer d join resource r on r.id = d.resource_id
                    where d.repository = $1 and r.account_id = a.id)
                and (select count(distinct d.repository) from declared_consumer d
                    join resource r on r.id = d.resource_id
                    where r.account_id = a.id) >= $3"#,
            repository,
            &texts(&accounts),
            i64::from(MAX_REPOSITORIES_OF_ACCOUNT),
        )
        .fetch_all(self.connection())
        .await?;
        let full: Result<BTreeSet<AccountId>, StoreError> =
            full.iter().map(|id| column("account", "id", id, id)).collect();
        Ok(Room { is_full, full_accounts: full? })
    }

    /// Whether the repository declares exactly these places within the scope, from this source. Without a place nothing is
    /// stored that could say so.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = places.len()))]
    pub async fn declares(
        &mut self,
        visible: &VisibleAccounts,
        source: DeclaredSource<'_>,
        places: &[NewDeclared],
    ) -> Result<bool, StoreError> {
        // Not while another upload replaces it.
        AdvisoryLock::DeclaredConsumers(source.repository).acquire(self.connection()).await?;
        let rows = sqlx::query!(
            "select d.path, d.line, d.resource_id, d.named_by, d.commit_hash, d.by_pipeline
             from declared_consumer d join resource r on r.id = d.resource_id
             where d.repository = $1 and r.account_id = any($2) limit $3",
            source.repository,
            &texts(&visible.accounts),
            i64::try_from(places.len()).unwrap_or(i64::MAX).saturating_add(1),
        )
        .fetch_all(self.connection())
        .await?;
        let is_source = rows
            .iter()
            .all(|row| row.commit_hash == source.commit && row.by_pipeline == source.is_pipeline);
        if rows.is_empty() || rows.len() != places.len() || !is_source {
            return Ok(false);
        }
        let mut stored: Vec<(String, i32, Uuid, String)> = rows
            .into_iter()
            .map(|row| (row.path, row.line, row.resource_id, row.named_by))
            .collect();
        let mut wanted: Vec<(String, i32, Uuid, String)> = places
            .iter()
            .map(|one| (one.path.clone(), one.line, one.resource.0, one.by.to_string()))
            .collect();
        stored.sort_unstable();
        wanted.sort_unstable();
        Ok(stored == wanted)
    }

    /// Replaces what the repository declares within the scope; what it declares elsewhere stays.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = places.len()))]
    pub async fn replace_declared(
        &mut self,
        visible: &VisibleAccounts,
        source: DeclaredSource<'_>,
        places: &[NewDeclared],
    ) -> Result<(), StoreError> {
        // Two uploads of one repository, one after the other.
        AdvisoryLock::DeclaredConsumers(source.repository).acquire(self.connection()).await?;
        sqlx::query!(
            "delete from declared_consumer d using resource r
             where d.repository = $1 and r.id = d.resource_id and r.account_id = any($2)",
            source.repository,
            &texts(&visible.accounts),
        )
        .execute(self.connection())
        .await?;
        let paths: Vec<String> = places.iter().map(|place| place.path.clone()).collect();
        let lines: Vec<i32> = places.iter().map(|place| place.line).collect();
        let resources: Vec<Uuid> = places.iter().map(|place| place.resource.0).collect();
        let by: Vec<String> = places.iter().map(|place| place.by.to_string()).collect();
        let now: OffsetDateTime = self.now;
        sqlx::query!(
            "insert into declared_consumer
                (repository, commit_hash, path, line, resource_id, named_by, declared_at, by_pipeline)
             select $1, $2, place.path, place.line, place.resource_id, place.named_by, $3, $8
             from unnest($4::text[], $5::int[], $6::uuid[], $7::text[]) as place (path, line, resource_id, named_by)",
            source.repository,
            source.commit,
            now,
            &paths,
            &lines,
            &resources,
            &by,
            source.is_pipeline,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
