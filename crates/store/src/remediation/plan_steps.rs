//! The calls of a plan, one after the other: taken within the limits, and ended.

use crate::{StoreError, UnitOfWork, error::column, locks::AdvisoryLock};
use claviger_domain::{
    authz::Person,
    facts::Kind,
    ids::{AccountId, Arn, Region, ResourceId},
    remediation::{AwsCall, Change, PlanId, StepState},
};
use sqlx::types::Json;
use time::Duration;
use uuid::Uuid;

/// How long a call may be out before it is made again: its worker is gone.
const LOST_AFTER: Duration = Duration::minutes(5);
/// The window of the limits.
pub(crate) const WINDOW: Duration = Duration::hours(1);

/// How many calls may begin within an hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RemediationLimits {
    pub an_hour: u32,
    /// In one account.
    pub an_account: u32,
}

/// A call that is one's own to make.
#[derive(Debug, Clone)]
pub struct ClaimedStep {
    pub plan: PlanId,
    pub position: i32,
    pub author: Option<Person>,
    pub resource: ResourceId,
    /// `None` if somebody chose the resource.
    pub policy: Option<String>,
    pub kind: Kind,
    pub name: String,
    pub arn: Arn,
    pub account: AccountId,
    pub region: Region,
    pub call: AwsCall,
    pub changes: Vec<Change>,
    pub token: Uuid,
    /// This one included.
    pub attempts: i32,
}

/// What there is to do next.
#[derive(Debug, Clone)]
pub enum StepClaim {
    Step(Box<ClaimedStep>),
    /// Nothing here, or nothing any more.
    Nothing,
    /// Not now.
    Hold(HoldReason),
}

/// Why a call is not made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldReason {
    Pause,
    Hour,
    Account,
}

struct ClaimRow {
    position: i32,
    author: Option<Json<Person>>,
    resource_id: Uuid,
    policy_id: String,
    kind: String,
    name: String,
    arn: String,
    region: String,
    call: Json<AwsCall>,
    changes: Json<Vec<Change>>,
    token: Uuid,
    attempts: i32,
}

/// The column holds an empty text where somebody chose the resource: the last release reads it as not null.
pub(crate) fn policy_of(column: String) -> Option<String> {
    (!column.is_empty()).then_some(column)
}

/// Calls that began within the last hour.
struct Begun {
    all: i64,
    /// In one account.
    here: i64,
}

impl Begun {
    fn hold(&self, limits: RemediationLimits) -> Option<HoldReason> {
        if self.all >= i64::from(limits.an_hour) {
            return Some(HoldReason::Hour);
        }
        (self.here >= i64::from(limits.an_account)).then_some(HoldReason::Account)
    }
}

impl UnitOfWork {
    /// Counts the calls of plans and those that create, under one lock that is kept until the commit.
    async fn begun(&mut self, account: &AccountId) -> Result<Begun, StoreError> {
        let since = self.now - WINDOW;
        AdvisoryLock::RemediationLimits.acquire(self.connection()).await?;
        Ok(sqlx::query_as!(
            Begun,
            r#"select count(*) as "all!", count(*) filter (where account_id = $1) as "here!" from (
                select account_id from plan_step where began_at > $2
                union all select account_id from creation where attempted_at > $2
             ) calls"#,
            account.as_str(),
            since,
        )
        .fetch_one(self.connection())
        .await?)
    }

    /// Whether a limit admits no further call in the account now.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn is_over_limits(
        &mut self,
        account: &AccountId,
        limits: RemediationLimits,
    ) -> Result<bool, StoreError> {
        Ok(self.begun(account).await?.hold(limits).is_some())
    }

    /// Takes the next call of a plan in an account, within the limits. They are counted under one lock.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %plan, aws.account = %account))]
    pub async fn claim_step(
        &mut self,
        plan: PlanId,
        account: &AccountId,
        limits: RemediationLimits,
    ) -> Result<StepClaim, StoreError> {
        let now = self.now;
        let begun = self.begun(account).await?;
        let found = sqlx::query!(
            r#"select exists (select 1 from brake) as "is_paused!",
                exists (select 1 from plan where id = $1 and state = 'running') as "running!""#,
            plan.0,
        )
        .fetch_one(self.connection())
        .await?;
        if !found.running {
            return Ok(StepClaim::Nothing);
        }
        if found.is_paused {
            return Ok(StepClaim::Hold(HoldReason::Pause));
        }
        // Calls about a role follow each other: while one is out, the next is not taken.
        let next = sqlx::query_scalar!(
            "select position from plan_step s
             where plan_id = $1 and account_id = $2 and (state = 'pending' or (state = 'running' and began_at < $3))
               and not (call ? 'Consumer' and exists (select from plan_step before
                where before.plan_id = s.plan_id and before.position < s.position and before.state = 'running'))
             order by position limit 1",
            plan.0,
            account.as_str(),
            now - LOST_AFTER,
        )
        .fetch_optional(self.connection())
        .await?;
        let Some(position) = next else { return Ok(StepClaim::Nothing) };
        if let Some(reason) = begun.hold(limits) {
            return Ok(StepClaim::Hold(reason));
        }
        let row = sqlx::query_as!(
            ClaimRow,
            r#"update plan_step s set state = 'running', attempts = s.attempts + 1, began_at = $3
             from plan p, resource r
             where s.plan_id = $1 and s.position = $2 and p.id = s.plan_id and r.id = s.resource_id
             returning s.position, p.author as "author: Json<Person>", s.resource_id, s.policy_id, r.kind, r.name, r.arn, r.region,
                s.call as "call: Json<AwsCall>", s.changes as "changes: Json<Vec<Change>>", s.token, s.attempts"#,
            plan.0,
            position,
            now,
        )
        .fetch_one(self.connection())
        .await?;
        let key = row.resource_id;
        Ok(StepClaim::Step(Box::new(ClaimedStep {
            plan,
            position: row.position,
            author: row.author.map(|author| author.0),
            resource: ResourceId(key),
            policy: policy_of(row.policy_id),
            kind: column("resource", "kind", key, &row.kind)?,
            name: row.name,
            arn: column("resource", "arn", key, &row.arn)?,
            account: account.clone(),
            region: column("resource", "region", key, &row.region)?,
            call: row.call.0,
            changes: row.changes.0,
            token: row.token,
            attempts: row.attempts,
        })))
    }

    /// Writes what came of an attempt, which is a position with its number. One whose step another attempt has taken over writes
    /// nothing. Says whether the plan has ended with it.
    #[tracing::instrument(level = "debug", skip_all, fields(plan.id = %plan))]
    pub async fn end_step(
        &mut self,
        plan: PlanId,
        (position, attempt): (i32, i32),
        state: StepState,
        says: &str,
    ) -> Result<bool, StoreError> {
        let now = self.now;
        // Calls of several accounts end at once; the last of them is to see that it is the last.
        sqlx::query!("select from plan where id = $1 for update", plan.0)
            .execute(self.connection())
            .await?;
        sqlx::query!(
            "update plan_step set state = $3, says = $4, ended_at = $5
             where plan_id = $1 and position = $2 and state = 'running' and attempts = $6",
            plan.0,
            position,
            state.to_string(),
            says,
            now,
            attempt,
        )
        .execute(self.connection())
        .await?;
        let ended = sqlx::query!(
            "update plan set state = 'ended', ended_at = $2
             where id = $1 and state in ('running', 'stopped')
               and not exists (select 1 from plan_step where plan_id = $1 and state in ('pending', 'running'))",
            plan.0,
            now,
        )
        .execute(self.connection())
        .await?;
        Ok(ended.rows_affected() > 0)
    }
}
