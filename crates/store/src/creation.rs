//! New secrets and parameters: requested, decided, created.

use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
    locks::AdvisoryLock,
    new_id,
};
use claviger_domain::{
    authz::{Person, VisibleAccounts},
    creation::{
        CreationId, CreationState, NewResource,
        view::{CreationDecision, CreationRow, FailingCheck, KnownKey},
    },
    facts::Kind,
    ids::{AccountId, Arn, Region},
    remediation::PlanId,
};
use sqlx::{PgExecutor, PgPool, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// The most rows of a list.
const LISTED: i64 = 200;
/// Names beside a new one.
const SIBLINGS: i64 = 8;

/// A creation about to be requested.
#[derive(Debug, Clone)]
pub struct NewCreation<'a> {
    pub shape: &'a NewResource,
    pub hash: &'a str,
    pub reason: &'a str,
    pub requester: &'a Person,
    pub failing: &'a [FailingCheck],
    pub needs_approval: bool,
    pub state: CreationState,
    pub expires_at: OffsetDateTime,
    pub value_minutes: u32,
}

/// A creation with what only services need.
#[derive(Debug, Clone)]
pub struct StoredCreation {
    pub row: CreationRow,
    pub hash: String,
    pub needs_approval: bool,
    pub token: Uuid,
    pub value_minutes: u32,
    pub arn: Option<Arn>,
}

/// What changes about a creation.
#[derive(Debug, Clone)]
pub struct CreationChange<'a> {
    pub state: CreationState,
    pub decision: Option<&'a CreationDecision>,
    /// `None` keeps it.
    pub expires_at: Option<OffsetDateTime>,
    /// `None` removes it.
    pub message: Option<&'a str>,
    pub arn: Option<&'a Arn>,
    pub plan: Option<PlanId>,
}

impl CreationChange<'_> {
    /// Another state, and nothing else.
    pub fn to(state: CreationState) -> Self {
        Self { state, decision: None, expires_at: None, message: None, arn: None, plan: None }
    }
}

struct Row {
    id: i64,
    shape: Json<NewResource>,
    account_name: String,
    hash: String,
    reason: String,
    requester: Json<Person>,
    failing: Json<Vec<FailingCheck>>,
    needs_approval: bool,
    state: String,
    decision: Option<Json<CreationDecision>>,
    token: Uuid,
    message: Option<String>,
    arn: Option<String>,
    resource_id: Option<Uuid>,
    plan_id: Option<i64>,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
    value_minutes: i32,
}

macro_rules! select_creations {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select c.id, c.shape as "shape: Json<NewResource>", a.name as account_name, c.hash, c.reason, c.requester as "requester: Json<Person>",
        c.failing as "failing: Json<Vec<FailingCheck>>", c.needs_approval, c.state, c.decision as "decision: Json<CreationDecision>", c.token, c.message, c.arn,
        (select r.id from resource r where r.arn = c.arn) as "resource_id?", c.plan_id, c.created_at, c.expires_at, c.value_minutes
     from creation c join account a on a.id = c.account_id"# + $tail
            $(, $arg)*
        )
    };
}

impl Row {
    fn into_domain(self) -> Result<StoredCreation, StoreError> {
        let arn = self.arn.as_deref();
        Ok(StoredCreation {
            hash: self.hash,
            needs_approval: self.needs_approval,
            token: self.token,
            value_minutes: u32::try_from(self.value_minutes).unwrap_or(0),
            arn: arn.map(|arn| column("creation", "arn", self.id, arn)).transpose()?,
            row: CreationRow {
                id: CreationId(self.id),
                shape: self.shape.0,
                account_name: self.account_name,
                reason: self.reason,
                requester: self.requester.0,
                state: column("creation", "state", self.id, &self.state)?,
                created_at: self.created_at,
                expires_at: self.expires_at,
                decision: self.decision.map(|decision| decision.0),
                failing: self.failing.0,
                message: self.message,
                resource: self.resource_id.map(|id| id.to_string()),
                plan: self.plan_id.map(PlanId),
            },
        })
    }
}

fn all(rows: Vec<Row>) -> Result<Vec<StoredCreation>, StoreError> {
    rows.into_iter().map(Row::into_domain).collect()
}

/// The oldest request of the same account, Region, kind and name that can still be created.
async fn open_creation(
    executor: impl PgExecutor<'_>,
    shape: &NewResource,
    now: OffsetDateTime,
) -> Result<Option<CreationId>, StoreError> {
    let id = sqlx::query_scalar!(
        "select id from creation
         where account_id = $1 and shape ->> 'region' = $2 and shape ->> 'name' = $3 and jsonb_exists(shape -> 'detail', $4)
            and (state = 'creating' or (state in ('waiting', 'approved') and expires_at > $5))
         order by id limit 1",
        shape.account.as_str(),
        shape.region.as_str(),
        shape.name.as_str(),
        shape.kind().to_string(),
        now
    )
    .fetch_optional(executor)
    .await?;
    Ok(id.map(CreationId))
}

/// A secret or parameter of this name that the inventory knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenName {
    Live,
    /// In its recovery window.
    PendingDeletion,
}

/// New secrets and parameters.
#[derive(Clone, Debug)]
pub struct CreationRepository {
    pub(crate) pool: PgPool,
}

impl CreationRepository {
    /// The newest within these accounts, those that are not over first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn creations(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<StoredCreation>, StoreError> {
        let rows = select_creations!(
            " where c.account_id = any($1)
              order by (c.state in ('waiting', 'approved', 'creating')) desc, c.id desc limit $2",
            &texts(&visible.accounts),
            LISTED
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// One of them.
    #[tracing::instrument(level = "debug", skip_all, fields(creation.id = %id))]
    pub async fn creation(
        &self,
        visible: &VisibleAccounts,
        id: CreationId,
    ) -> Result<Option<StoredCreation>, StoreError> {
        let row = select_creations!(
            " where c.account_id = any($1) and c.id = $2",
            &texts(&visible.accounts),
            id.0
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Row::into_domain).transpose()
    }

    /// The oldest request of the same account, Region, kind and name that can still be created.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_creation(
        &self,
        shape: &NewResource,
        now: OffsetDateTime,
    ) -> Result<Option<CreationId>, StoreError> {
        open_creation(&self.pool, shape, now).await
    }

    /// Those that wait for a decision, the oldest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn undecided_creations(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<Vec<StoredCreation>, StoreError> {
        let rows = select_creations!(
            " where c.account_id = any($1) and c.state = 'waiting' and c.expires_at > $2 order by c.id limit 500",
            &texts(&visible.accounts),
            now
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Those of which something is to be done without anybody: over their time, or with an outcome that was lost.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn creations_due(
        &self,
        now: OffsetDateTime,
        lost_before: OffsetDateTime,
    ) -> Result<Vec<StoredCreation>, StoreError> {
        let rows = select_creations!(
            " where (c.state in ('waiting', 'approved') and c.expires_at <= $1)
                or (c.state = 'creating' and c.attempted_at < $2)
              order by c.id limit 100",
            now,
            lost_before
        )
        .fetch_all(&self.pool)
        .await?;
        all(rows)
    }

    /// Whether the inventory has something of this name.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn name_taken(
        &self,
        account: &AccountId,
        region: &Region,
        kind: Kind,
        name: &str,
    ) -> Result<Option<TakenName>, StoreError> {
        let pending = sqlx::query_scalar!(
            r#"select coalesce(facts -> 'detail' -> 'secret' ->> 'deleted_at', '') <> '' as "pending!"
             from resource where account_id = $1 and region = $2 and kind = $3 and name = $4 and gone_at is null"#,
            account.as_str(),
            region.as_str(),
            kind.to_string(),
            name
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(pending.map(
            |is_pending| {
                if is_pending { TakenName::PendingDeletion } else { TakenName::Live }
            },
        ))
    }

    /// Names that begin like this one, up to its last slash.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn siblings(
        &self,
        account: &AccountId,
        region: &Region,
        kind: Kind,
        prefix: &str,
    ) -> Result<Vec<String>, StoreError> {
        Ok(sqlx::query_scalar!(
            "select name from resource
             where account_id = $1 and region = $2 and kind = $3 and starts_with(name, $4) and gone_at is null
             order by name limit $5",
            account.as_str(),
            region.as_str(),
            kind.to_string(),
            prefix,
            SIBLINGS
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// The customer managed keys in use in an account and Region, the most used first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn keys_in_use(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Vec<KnownKey>, StoreError> {
        let rows = sqlx::query!(
            r#"select facts ->> 'kms_key_id' as "key!", count(*) as "resources!"
             from resource
             where account_id = $1 and region = $2 and gone_at is null
               and facts ->> 'kms_key_id' is not null and facts ->> 'kms_key_id' not like '%alias/aws/%'
               and not coalesce((facts ->> 'is_aws_managed_key')::boolean, false)
             group by 1 order by 2 desc, 1 limit 20"#,
            account.as_str(),
            region.as_str()
        )
        .fetch_all(&self.pool)
        .await?;
        let known = rows.into_iter().map(|row| KnownKey {
            key: row.key,
            resources: u64::try_from(row.resources).unwrap_or(0),
        });
        Ok(known.collect())
    }
}

impl UnitOfWork {
    /// The same as [`CreationRepository::open_creation`]. Until the transaction ends, nobody else requests anything in the account.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn lock_open_creation(
        &mut self,
        shape: &NewResource,
    ) -> Result<Option<CreationId>, StoreError> {
        let now = self.now;
        AdvisoryLock::Creations(&shape.account).acquire(self.connection()).await?;
        open_creation(self.connection(), shape, now).await
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_creation(
        &mut self,
        new: &NewCreation<'_>,
    ) -> Result<CreationId, StoreError> {
        let now = self.now;
        let attempted_at = (new.state == CreationState::Creating).then_some(now);
        let id = sqlx::query_scalar!(
            "insert into creation (account_id, shape, hash, reason, requester, failing, needs_approval, state, token, created_at, expires_at, value_minutes, attempted_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) returning id",
            new.shape.account.as_str(),
            Json(new.shape) as _,
            new.hash,
            new.reason,
            Json(new.requester) as _,
            Json(new.failing) as _,
            new.needs_approval,
            new.state.to_string(),
            new_id(),
            now,
            new.expires_at,
            i32::try_from(new.value_minutes).unwrap_or(i32::MAX),
            attempted_at
        )
        .fetch_one(self.connection())
        .await?;
        Ok(CreationId(id))
    }

    /// The creation, which nobody else changes until the transaction ends.
    #[tracing::instrument(level = "debug", skip_all, fields(creation.id = %id))]
    pub async fn lock_creation(
        &mut self,
        id: CreationId,
    ) -> Result<Option<StoredCreation>, StoreError> {
        let row = select_creations!(" where c.id = $1 for update of c", id.0)
            .fetch_optional(self.connection())
            .await?;
        row.map(Row::into_domain).transpose()
    }

    #[tracing::instrument(level = "debug", skip_all, fields(creation.id = %id))]
    pub async fn change_creation(
        &mut self,
        id: CreationId,
        change: &CreationChange<'_>,
    ) -> Result<(), StoreError> {
        let now = self.now;
        sqlx::query!(
            "update creation set state = $2, decision = coalesce($3, decision), expires_at = coalesce($4, expires_at), message = $5,
                arn = coalesce($6, arn), plan_id = coalesce($7, plan_id),
                attempted_at = case when $2 = 'creating' then $8 else attempted_at end,
                ended_at = case when $9 then $8 else ended_at end
             where id = $1",
            id.0,
            change.state.to_string(),
            change.decision.map(Json) as _,
            change.expires_at,
            change.message,
            change.arn.map(Arn::as_str),
            change.plan.map(|plan| plan.0),
            now,
            change.state.is_over()
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }
}
