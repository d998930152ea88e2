//! Consumers that repositories declare.

use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
    locks::AdvisoryLock,
};
use claviger_domain::{
    authz::VisibleAccounts,
    consumers::declared::{DeclaredRow, NamedBy, NamedResource},
    ids::{Arn, ResourceId},
};
use sqlx::PgPool;
use std::collections::BTreeMap;
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

    /// The first places that name this resource, and how many there are.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %resource))]
    pub async fn declared(
        &self,
        visible: &VisibleAccounts,
        resource: ResourceId,
        limit: i64,
    ) -> Result<(Vec<DeclaredRow>, i64), StoreError> {
        let rows = sqlx::query!(
            r#"select d.id, d.repository, d.commit_hash, d.path, d.line, d.named_by, d.declared_at,
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
                    at: row.declared_at,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok((rows, total))
    }
}

impl UnitOfWork {
    /// Replaces what the repository declares within the scope; what it declares elsewhere stays.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = places.len()))]
    pub async fn replace_declared(
        &mut self,
        visible: &VisibleAccounts,
        repository: &str,
        commit: &str,
        places: &[NewDeclared],
    ) -> Result<(), StoreError> {
        // Two uploads of one repository, one after the other.
        AdvisoryLock::DeclaredConsumers(repository).acquire(self.connection()).await?;
        sqlx::query!(
            "delete from declared_consumer d using resource r
             where d.repository = $1 and r.id = d.resource_id and r.account_id = any($2)",
            repository,
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
            "insert into declared_consumer (repository, commit_hash, path, line, resource_id, named_by, declared_at)
             select $1, $2, place.path, place.line, place.resource_id, place.named_by, $3
             from unnest($4::text[], $5::int[], $6::uuid[], $7::text[]) as place (path, line, resource_id, named_by)",
            repository,
            commit,
            now,
            &paths,
            &lines,
            &resources,
            &by,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
