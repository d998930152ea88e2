//! Plans of calls: written once, approved, and gone through step by step.

use crate::{
    StoreError, UnitOfWork,
    error::{column, texts},
    new_id,
    remediation::plan_steps::{WINDOW, policy_of},
};
use claviger_domain::{
    authz::{Person, VisibleAccounts},
    ids::{AccountId, ResourceId},
    remediation::{
        AwsCall, Change, PlanId, PlanState, PlannedCall,
        view::{Pause, PlanDecision, PlanRow, StepCounts, StepRow},
    },
};
use serde_json::json;
use sqlx::{PgPool, types::Json};
use std::collections::HashSet;
use time::OffsetDateTime;
use uuid::Uuid;

/// A plan about to be made.
#[derive(Debug, Clone)]
pub struct NewPlan<'a> {
    pub title: &'a str,
    pub reason: &'a str,
    pub author: Option<&'a Person>,
    pub needs_approval: bool,
    pub hash: &'a str,
    pub calls: &'a [(AccountId, PlannedCall)],
}

/// A plan with what signs it.
#[derive(Debug, Clone)]
pub struct StoredPlan {
    pub row: PlanRow,
    pub hash: String,
    /// Whose accounts its calls touch.
    pub accounts: Vec<AccountId>,
}

struct PlanDbRow {
    id: i64,
    title: String,
    reason: String,
    author: Option<Json<Person>>,
    state: String,
    needs_approval: bool,
    hash: String,
    decision: Option<Json<PlanDecision>>,
    created_at: OffsetDateTime,
    accounts: Vec<String>,
    pending: i64,
    running: i64,
    done: i64,
    failed: i64,
}

macro_rules! select_plans {
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            PlanDbRow,
            r#"select p.id, p.title, p.reason, p.author as "author: Json<Person>", p.state, p.needs_approval, p.hash, p.decision as "decision: Json<PlanDecision>", p.created_at,
        s.accounts as "accounts!", s.pending as "pending!", s.running as "running!", s.done as "done!", s.failed as "failed!"
     from plan p cross join lateral (
        select array_agg(distinct account_id) as accounts,
            count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'running') as running,
            count(*) filter (where state = 'done') as done, count(*) filter (where state = 'failed') as failed
        from plan_step where plan_id = p.id) s"# + $tail
            $(, $arg)*
        )
    };
}

impl PlanDbRow {
    fn into_domain(self) -> Result<StoredPlan, StoreError> {
        let number = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
        let accounts = self.accounts.iter();
        Ok(StoredPlan {
            accounts: accounts
                .map(|id| column("plan_step", "account_id", self.id, id))
                .collect::<Result<_, _>>()?,
            hash: self.hash,
            row: PlanRow {
                id: PlanId(self.id),
                title: self.title,
                reason: self.reason,
                author: self.author.map(|author| author.0),
                state: column("plan", "state", self.id, &self.state)?,
                needs_approval: self.needs_approval,
                decision: self.decision.map(|decision| decision.0),
                created_at: self.created_at,
                counts: StepCounts {
                    pending: number(self.pending),
                    running: number(self.running),
                    done: number(self.done),
                    failed: number(self.failed),
                },
                waits: None,
            },
        })
    }
}

struct StepDbRow {
    position: i32,
    resource_id: Uuid,
    name: String,
    kind: String,
    account_id: String,
    account_name: String,
    region: String,
    policy_id: String,
    call: Json<AwsCall>,
    changes: Json<Vec<Change>>,
    warnings: Vec<String>,
    state: String,
    says: Option<String>,
    ended_at: Option<OffsetDateTime>,
    attempts: i32,
}

impl StepDbRow {
    fn into_domain(self) -> Result<StepRow, StoreError> {
        let key = self.resource_id;
        Ok(StepRow {
            position: u32::try_from(self.position).unwrap_or(0),
            resource: ResourceId(key),
            name: self.name,
            kind: column("resource", "kind", key, &self.kind)?,
            account: column("plan_step", "account_id", key, &self.account_id)?,
            account_name: self.account_name,
            region: column("resource", "region", key, &self.region)?,
            policy: policy_of(self.policy_id),
            call: self.call.0,
            changes: self.changes.0,
            warnings: self.warnings,
            state: column("plan_step", "state", key, &self.state)?,
            says: self.says,
            ended_at: self.ended_at,
            attempts: u32::try_from(self.attempts).unwrap_or(0),
        })
    }
}

/// Remediation plans, their steps, and the pause.
#[derive(Clone, Debug)]
pub struct PlanRepository {
    pub(crate) pool: PgPool,
}

impl PlanRepository {
    /// The newest plans all of whose accounts the caller may see.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn plans(&self, visible: &VisibleAccounts) -> Result<Vec<StoredPlan>, StoreError> {
        let rows = select_plans!(
            " where s.accounts <@ $1 order by (p.state in ('waiting', 'running', 'stopped')) desc, p.id desc limit 100",
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(PlanDbRow::into_domain).collect()
    }

    /// One plan all of whose accounts the caller may see.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %id))]
    pub async fn plan(
        &self,
        visible: &VisibleAccounts,
        id: PlanId,
    ) -> Result<Option<StoredPlan>, StoreError> {
        let visible = texts(&visible.accounts);
        let row = select_plans!(" where p.id = $1 and s.accounts <@ $2", id.0, &visible)
            .fetch_optional(&self.pool)
            .await?;
        row.map(PlanDbRow::into_domain).transpose()
    }

    /// Those of these plans that wait for a decision, all of whose accounts are within the scope.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn waiting_plans(
        &self,
        visible: &VisibleAccounts,
        ids: &[PlanId],
    ) -> Result<Vec<StoredPlan>, StoreError> {
        let rows = select_plans!(
            " where p.id = any($2) and p.state = 'waiting' and s.accounts <@ $1",
            &texts(&visible.accounts),
            &ids.iter().map(|id| id.0).collect::<Vec<_>>()
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(PlanDbRow::into_domain).collect()
    }

    /// Plans that wait for a decision, all of whose accounts are within the scope, the oldest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn undecided_plans(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<StoredPlan>, StoreError> {
        let rows = select_plans!(
            " where p.state = 'waiting' and s.accounts <@ $1 order by p.id limit 500",
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(PlanDbRow::into_domain).collect()
    }

    /// Its calls in these accounts; those that failed first.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %id))]
    pub async fn plan_steps(
        &self,
        visible: &VisibleAccounts,
        id: PlanId,
    ) -> Result<Vec<StepRow>, StoreError> {
        let rows = sqlx::query_as!(
            StepDbRow,
            r#"select s.position, s.resource_id, r.name, r.kind, s.account_id, a.name as "account_name!", r.region, s.policy_id,
                s.call as "call: Json<AwsCall>", s.changes as "changes: Json<Vec<Change>>", s.warnings, s.state, s.says, s.ended_at, s.attempts
             from plan_step s join resource r on r.id = s.resource_id join account a on a.id = s.account_id
             where s.plan_id = $1 and s.account_id = any($2) order by (s.state = 'failed') desc, s.position"#,
            id.0,
            &texts(&visible.accounts),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(StepDbRow::into_domain).collect()
    }

    /// What is planned already: the resources of calls that are still to come. A call about a consumer's role changes no resource.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn planned(
        &self,
        resources: &[ResourceId],
    ) -> Result<HashSet<ResourceId>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        let rows = sqlx::query_scalar!(
            "select distinct s.resource_id from plan_step s join plan p on p.id = s.plan_id
             where s.resource_id = any($1) and s.state in ('pending', 'running')
               and p.state in ('waiting', 'running', 'stopped') and not s.call ? 'Consumer'",
            &ids
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(ResourceId).collect())
    }

    /// The plans with calls for this resource that are still to come, all of whose accounts are within the scope, the oldest
    /// first.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.id = %id))]
    pub async fn plans_of(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
    ) -> Result<Vec<StoredPlan>, StoreError> {
        let rows = select_plans!(
            " where s.accounts <@ $1 and p.state in ('waiting', 'running', 'stopped') and exists (
                select from plan_step x where x.plan_id = p.id and x.resource_id = $2 and x.state in ('pending', 'running'))
              order by p.id",
            &texts(&visible.accounts),
            id.0,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(PlanDbRow::into_domain).collect()
    }

    /// The oldest plan that is not over and has this role, an ARN, still to create. IAM compares names without their case.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn open_role_plan(
        &self,
        account: &AccountId,
        role: &str,
    ) -> Result<Option<(PlanId, PlanState)>, StoreError> {
        let row = sqlx::query!(
            "select p.id, p.state from plan p join plan_step s on s.plan_id = p.id
             where s.account_id = $1 and p.state in ('waiting', 'running', 'stopped') and s.state in ('pending', 'running')
               and lower(s.call #>> '{Consumer,CreateRole,role}') = lower($2::text)
             order by p.id limit 1",
            account.as_str(),
            role,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| Ok((PlanId(row.id), column("plan", "state", row.id, &row.state)?)))
            .transpose()
    }

    /// When calls for these findings last failed, so that they are not planned again and again.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = resources.len()))]
    pub async fn failed_since(
        &self,
        resources: &[ResourceId],
        since: OffsetDateTime,
    ) -> Result<HashSet<(ResourceId, String)>, StoreError> {
        let ids: Vec<Uuid> = resources.iter().map(|id| id.0).collect();
        let rows = sqlx::query!(
            "select s.resource_id, s.policy_id from plan_step s join plan p on p.id = s.plan_id
             where s.resource_id = any($1)
               and ((s.state in ('failed', 'done') and s.ended_at > $2) or (p.state in ('denied', 'withdrawn') and p.ended_at > $2))",
            &ids,
            since,
        )
        .map(|row| (row.resource_id, row.policy_id))
        .fetch_all(&self.pool)
        .await?;
        Ok(rows.into_iter().map(|(id, policy)| (ResourceId(id), policy)).collect())
    }

    /// Plans that run and have calls to make, with the accounts of those.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn plans_to_run(&self) -> Result<Vec<(PlanId, AccountId)>, StoreError> {
        let rows = sqlx::query!(
            "select distinct s.plan_id, s.account_id from plan_step s join plan p on p.id = s.plan_id
             where p.state = 'running' and s.state in ('pending', 'running') order by 1, 2",
        )
        .map(|row| (row.plan_id, row.account_id))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(plan, id)| Ok((PlanId(plan), column("plan_step", "account_id", plan, &id)?)))
            .collect()
    }

    /// The pause, while remediation is paused.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn pause(&self) -> Result<Option<Pause>, StoreError> {
        let row = sqlx::query!("select pulled_by, reason, at from brake")
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| Pause { by: row.pulled_by, reason: row.reason, at: row.at }))
    }

    /// Calls of plans, and those that create, begun within the last hour.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn begun(&self, now: OffsetDateTime) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar!(
            r#"select (select count(*) from plan_step where began_at > $1)
                + (select count(*) from creation where attempted_at > $1) as "count!""#,
            now - WINDOW
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

impl UnitOfWork {
    /// Writes a plan with its calls.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn insert_plan(&mut self, new: &NewPlan<'_>) -> Result<PlanId, StoreError> {
        let state = if new.needs_approval { PlanState::Waiting } else { PlanState::Running };
        let now = self.now;
        let id = sqlx::query_scalar!(
            "insert into plan (title, reason, author, state, needs_approval, hash, created_at)
             values ($1, $2, $3, $4, $5, $6, $7) returning id",
            new.title,
            new.reason,
            new.author.map(Json) as _,
            state.to_string(),
            new.needs_approval,
            new.hash,
            now
        )
        .fetch_one(self.connection())
        .await?;
        let steps: Vec<serde_json::Value> = new
            .calls
            .iter()
            .zip(1..)
            .map(|((account, planned), position)| {
                json!({
                    "position": position, "resource": planned.resource, "account": account, "policy": planned.policy.as_deref().unwrap_or_default(),
                    "call": planned.call, "changes": planned.changes, "warnings": planned.warnings, "token": new_id(),
                })
            })
            .collect();
        sqlx::query!(
            "insert into plan_step (plan_id, position, resource_id, account_id, policy_id, call, changes, warnings, token)
             select $1, x.position, x.resource, x.account, x.policy, x.call, x.changes, x.warnings, x.token
             from jsonb_to_recordset($2) as x (position integer, resource uuid, account text, policy text, call jsonb,
                changes jsonb, warnings text[], token uuid)",
            id,
            serde_json::Value::Array(steps),
        )
        .execute(self.connection())
        .await?;
        Ok(PlanId(id))
    }

    /// Reads a plan and keeps everybody else from changing it until the commit.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %id))]
    pub async fn lock_plan(&mut self, id: PlanId) -> Result<Option<StoredPlan>, StoreError> {
        let found = sqlx::query_scalar!("select id from plan where id = $1 for update", id.0)
            .fetch_optional(self.connection())
            .await?;
        if found.is_none() {
            return Ok(None);
        }
        let row = select_plans!(" where p.id = $1", id.0).fetch_one(self.connection()).await?;
        row.into_domain().map(Some)
    }

    /// Moves a plan on; a decision stays where none is given.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %id))]
    pub async fn transition_plan(
        &mut self,
        id: PlanId,
        state: PlanState,
        decision: Option<&PlanDecision>,
    ) -> Result<(), StoreError> {
        let is_over = matches!(state, PlanState::Ended | PlanState::Denied | PlanState::Withdrawn);
        let ended_at = is_over.then_some(self.now);
        sqlx::query!(
            "update plan set state = $2, decision = coalesce($3, decision), ended_at = $4 where id = $1",
            id.0,
            state.to_string(),
            decision.map(Json) as _,
            ended_at,
        )
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The failed calls are to be made once more.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %id))]
    pub async fn retry_steps(&mut self, id: PlanId) -> Result<u64, StoreError> {
        let done = sqlx::query!(
            "update plan_step set state = 'pending', says = null, ended_at = null where plan_id = $1 and state = 'failed'",
            id.0,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected())
    }

    /// Pauses remediation; `false` where it is paused already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn pause_remediation(
        &mut self,
        by: &Person,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let now = self.now;
        let done = sqlx::query!(
            "insert into brake (pulled_by, reason, at) values ($1, $2, $3) on conflict do nothing",
            &by.name,
            reason,
            now
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Releases it; `false` where it was not pulled.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn resume_remediation(&mut self) -> Result<bool, StoreError> {
        let done = sqlx::query!("delete from brake").execute(self.connection()).await?;
        Ok(done.rows_affected() > 0)
    }
}
