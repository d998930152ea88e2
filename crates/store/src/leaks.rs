//! Reports of leaked secrets, and what else has the same value.

use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
};
use claviger_domain::{
    authz::{Person, VisibleAccounts},
    ids::{AccountId, Arn, ResourceId},
    leaks::{EndedGrant, KnownReads, LeakId, LeakReport, NoPlan},
    remediation::PlanId,
};
use sqlx::{PgPool, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// The most rows of a list.
const LISTED: i64 = 200;

/// A report about to be written.
#[derive(Debug, Clone)]
pub struct NewLeak<'a> {
    pub resource: ResourceId,
    pub account: &'a AccountId,
    pub reason: &'a str,
    pub reporter: &'a Person,
    pub ended: &'a [EndedGrant],
    pub plan: &'a Result<PlanId, NoPlan>,
    pub reads: &'a KnownReads,
}

struct Row {
    id: i64,
    resource_id: Uuid,
    name: String,
    kind: String,
    account_id: String,
    account_name: String,
    region: String,
    reason: String,
    reporter: Json<Person>,
    reported_at: OffsetDateTime,
    ended: Json<Vec<EndedGrant>>,
    plan_id: Option<i64>,
    no_plan: Option<Json<NoPlan>>,
    reads: Json<KnownReads>,
}

macro_rules! select_leaks {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select l.id, l.resource_id, r.name, r.kind, l.account_id, a.name as account_name, r.region, l.reason,
        l.reporter as "reporter: Json<Person>", l.reported_at, l.ended as "ended: Json<Vec<EndedGrant>>", l.plan_id,
        l.no_plan as "no_plan: Json<NoPlan>", l.reads as "reads: Json<KnownReads>"
     from leak l join resource r on r.id = l.resource_id join account a on a.id = l.account_id"# + $tail
            $(, $arg)*
        )
    };
}

impl Row {
    fn into_domain(self) -> Result<LeakReport, StoreError> {
        let plan = match (self.plan_id, self.no_plan) {
            (Some(plan), _) => Ok(PlanId(plan)),
            (None, Some(why)) => Err(why.0),
            (None, None) => {
                return Err(StoreError::Inconsistent {
                    table: "leak",
                    column: "no_plan",
                    key: self.id.to_string(),
                    reason: "neither a plan nor why there is none".into(),
                });
            }
        };
        Ok(LeakReport {
            id: LeakId(self.id),
            resource: ResourceId(self.resource_id),
            name: self.name,
            kind: column("resource", "kind", self.resource_id, &self.kind)?,
            account: column("leak", "account_id", self.id, &self.account_id)?,
            account_name: self.account_name,
            region: column("resource", "region", self.resource_id, &self.region)?,
            reason: self.reason,
            reporter: self.reporter.0,
            at: self.reported_at,
            ended: self.ended.0,
            plan,
            reads: self.reads.0,
        })
    }
}

/// Reports of leaked secrets.
#[derive(Clone, Debug)]
pub struct LeakRepository {
    pub(crate) pool: PgPool,
}

impl LeakRepository {
    /// The newest within these accounts.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn leaks(&self, visible: &VisibleAccounts) -> Result<Vec<LeakReport>, StoreError> {
        let rows = select_leaks!(
            " where l.account_id = any($1) order by l.id desc limit $2",
            &texts(&visible.accounts),
            LISTED
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// One of them.
    #[tracing::instrument(level = "debug", skip_all, fields(leak.id = %id))]
    pub async fn leak(
        &self,
        visible: &VisibleAccounts,
        id: LeakId,
    ) -> Result<Option<LeakReport>, StoreError> {
        let row = select_leaks!(
            " where l.account_id = any($1) and l.id = $2",
            &texts(&visible.accounts),
            id.0
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Row::into_domain).transpose()
    }

    /// Everything that has the same value: a secret with its primary and replicas, itself among them.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn same_value(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
    ) -> Result<Vec<(ResourceId, Arn)>, StoreError> {
        let rows = sqlx::query!(
            "select r.id, r.arn from resource r, resource x
             where x.id = $1 and r.account_id = any($2)
                and (r.id = x.id or r.arn = x.primary_arn or r.primary_arn in (x.arn, x.primary_arn))
             order by r.id",
            id.0,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| Ok((ResourceId(row.id), column("resource", "arn", row.id, &row.arn)?)))
            .collect()
    }

    /// When a scan or an event found another value of any of these, for the last time after this moment.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn value_changed_since(
        &self,
        resources: &[ResourceId],
        since: OffsetDateTime,
    ) -> Result<Option<OffsetDateTime>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        Ok(sqlx::query_scalar!(
            r#"select max(at) as "at?" from resource_change
             where resource_id = any($1) and at > $2
                and field in ('VersionStage.AWSCURRENT', 'VersionStage.Version', 'LastRotatedDate')"#,
            &ids,
            since
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The newest report on any of these.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn newest_leak(
        &self,
        resources: &[ResourceId],
    ) -> Result<Option<(LeakId, OffsetDateTime)>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        let row = sqlx::query!(
            "select id, reported_at from leak where resource_id = any($1) order by id desc limit 1",
            &ids
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| (LeakId(row.id), row.reported_at)))
    }
}

impl UnitOfWork {
    /// Lets one report at a time be made on the same value.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn lock_value(&mut self, resources: &[ResourceId]) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        sqlx::query!(
            "select id from resource where id = any($1) order by id for no key update",
            &ids
        )
        .fetch_all(self.connection())
        .await?;
        Ok(())
    }

    /// When any of these was reported for the last time.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn last_leak(
        &mut self,
        resources: &[ResourceId],
    ) -> Result<Option<LeakId>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        let id = sqlx::query_scalar!(
            "select id from leak where resource_id = any($1) order by id desc limit 1",
            &ids
        )
        .fetch_optional(self.connection())
        .await?;
        Ok(id.map(LeakId))
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_leak(&mut self, new: &NewLeak<'_>) -> Result<LeakId, StoreError> {
        let now = self.now;
        let id = sqlx::query_scalar!(
            "insert into leak (resource_id, account_id, reason, reporter, reported_at, ended, plan_id, no_plan, reads)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
            new.resource.0,
            new.account.as_str(),
            new.reason,
            Json(new.reporter) as _,
            now,
            Json(new.ended) as _,
            new.plan.as_ref().ok().map(|plan| plan.0),
            new.plan.as_ref().err().map(Json) as _,
            Json(new.reads) as _
        )
        .fetch_one(self.connection())
        .await?;
        Ok(LeakId(id))
    }
}
