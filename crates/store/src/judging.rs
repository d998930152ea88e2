//! What is to be judged, and what came of it. Only what changed is written.

use crate::{
    Store, StoreError, Work,
    error::{column, texts},
    new_id,
    sweeps::notify,
};
use claviger_domain::{
    facts::{DeepFacts, ResourceFacts},
    governance::{Category, Outcome, Score, Severity, Tally},
    ids::{AccountId, Region, ResourceId},
    waiver::WaiverId,
};
use serde_json::json;
use sqlx::types::Json;
use std::collections::{BTreeMap, HashSet};
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// A secret or parameter with everything known of it.
#[derive(Debug, Clone)]
pub struct Judged {
    pub id: ResourceId,
    pub region: Region,
    pub facts: ResourceFacts,
    pub deep: Option<DeepFacts>,
    pub used_on: Option<Date>,
    pub first_seen_at: OffsetDateTime,
    /// As its owner tag says.
    pub team: Option<String>,
}

/// A check that did not pass.
#[derive(Debug, Clone)]
pub struct NewFinding {
    pub resource: ResourceId,
    pub policy: String,
    pub category: Category,
    pub severity: Severity,
    pub due_days: u32,
    pub team: Option<String>,
    pub outcome: Outcome,
    /// The exception that bears it.
    pub waiver: Option<WaiverId>,
}

/// How the checks of one policy came out for one team of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTally {
    /// Empty where no owner is named.
    pub team: String,
    pub policy: String,
    pub tally: Tally,
}

/// How many of the worst each account keeps for the overview, which shows no more of them.
pub const WORST: usize = 6;

/// What fails of one resource, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewOffender {
    pub resource: ResourceId,
    pub weight: u32,
    pub fails: u32,
    pub worst: Severity,
}

/// An account, judged.
#[derive(Debug, Clone, Default)]
pub struct NewEvaluation {
    pub findings: Vec<NewFinding>,
    pub posture: Vec<TeamTally>,
    /// The worst, at most [`WORST`].
    pub offenders: Vec<NewOffender>,
    /// Why checks are unknown, and how many.
    pub gaps: BTreeMap<String, u32>,
    pub score: Score,
    /// When time alone will change a verdict.
    pub next_at: Option<OffsetDateTime>,
}

/// What an evaluation changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvaluationChange {
    /// Findings that opened, came back or read differently now.
    pub written: u64,
    pub resolved: u64,
    /// Failures that are new, under policies that had judged the account before.
    pub opened: Vec<News>,
    /// Failures whose day has passed since the account was judged before.
    pub overdue: Vec<News>,
}

/// Failures of one policy and one team of which something is to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub policy: String,
    /// As the owner tag says.
    pub team: Option<String>,
    pub count: u64,
    /// At most three of them.
    pub names: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct NewsRow {
    policy_id: String,
    team: Option<String>,
    is_new: bool,
    count: i64,
    names: Vec<Option<String>>,
}

impl From<NewsRow> for News {
    fn from(row: NewsRow) -> Self {
        Self {
            policy: row.policy_id,
            team: row.team,
            count: u64::try_from(row.count).unwrap_or(0),
            names: row.names.into_iter().flatten().collect(),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    region: String,
    facts: Json<ResourceFacts>,
    deep: Option<Json<DeepFacts>>,
    used_on: Option<Date>,
    first_seen_at: OffsetDateTime,
    owner: Option<String>,
}

const SELECT_JUDGED: &str =
    "select id, region, facts, deep, used_on, first_seen_at, owner from resource";

impl Row {
    fn into_judged(self) -> Result<Judged, StoreError> {
        Ok(Judged {
            id: ResourceId(self.id),
            region: column("resource", "region", self.id, &self.region)?,
            facts: self.facts.0,
            deep: self.deep.map(|deep| deep.0),
            used_on: self.used_on,
            first_seen_at: self.first_seen_at,
            team: self.owner,
        })
    }
}

impl Store {
    /// Everything of an account that is there. A replica stands behind its primary.
    pub async fn to_judge(&self, account: &AccountId) -> Result<Vec<Judged>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{SELECT_JUDGED} where account_id = $1 and is_listed and gone_at is null order by id"
        )))
        .bind(account.as_str())
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_judged).collect()
    }

    /// One of them.
    pub async fn to_judge_one(&self, id: ResourceId) -> Result<Option<Judged>, StoreError> {
        let row: Option<Row> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("{SELECT_JUDGED} where id = $1")))
                .bind(id.0)
                .fetch_optional(&self.pool)
                .await?;
        row.map(Row::into_judged).transpose()
    }

    /// These of them that are there, with their accounts.
    pub async fn to_judge_these(&self, ids: &[ResourceId]) -> Result<Vec<Judged>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "{SELECT_JUDGED} where id = any($1) and gone_at is null order by id"
        )))
        .bind(ids)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_judged).collect()
    }

    /// Accounts for which time alone has changed a verdict, or which were last judged on an earlier day.
    pub async fn due_evaluations(&self, now: OffsetDateTime) -> Result<Vec<AccountId>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "update evaluation set next_at = null where next_at <= $1 or at < $2 returning account_id",
        )
        .bind(now)
        .bind(now.replace_time(time::Time::MIDNIGHT))
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|(id,)| column("evaluation", "account_id", id, id)).collect()
    }

    /// Every account that holds anything.
    pub async fn accounts_to_judge(&self) -> Result<Vec<AccountId>, StoreError> {
        let rows: Vec<(String,)> = sqlx::query_as(
            "select id from account a where exists (select 1 from resource r where r.account_id = a.id) order by id",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|(id,)| column("account", "id", id, id)).collect()
    }

    /// The Regions that any scan was ever asked of.
    pub async fn swept_regions(&self) -> Result<Vec<Region>, StoreError> {
        let rows: Vec<(String,)> =
            sqlx::query_as("select distinct region from scan").fetch_all(&self.pool).await?;
        rows.iter().map(|(code,)| column("scan", "region", code, code)).collect()
    }
}

impl Work {
    /// Writes what an account came to, in one transaction; two evaluations of it wait for each other.
    pub async fn write_evaluation(
        &mut self,
        account: &AccountId,
        evaluation: &NewEvaluation,
    ) -> Result<EvaluationChange, StoreError> {
        let now = self.now;
        let tx = self.connection();
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 8))")
            .bind(account.as_str())
            .execute(&mut *tx)
            .await?;
        let rows = evaluation.findings.iter().map(row_of).collect::<Result<Vec<_>, _>>()?;
        let found = serde_json::Value::Array(rows);
        let before: Vec<(String,)> =
            sqlx::query_as("select distinct policy_id from posture where account_id = $1")
                .bind(account.as_str())
                .fetch_all(&mut *tx)
                .await?;
        let groups: Vec<NewsRow> = sqlx::query_as(
            "with written as (insert into finding as f (id, resource_id, policy_id, account_id, category, severity, severity_rank, verdict,
                says, evidence, team, waiver_id, opened_at, due_at)
             select x.id, x.resource, x.policy, $2, x.category, x.severity, x.rank, x.verdict, x.says, x.evidence, x.team,
                x.waiver, $3, $3 + make_interval(days => x.due)
             from jsonb_to_recordset($1) as x (id uuid, resource uuid, policy text, category text, severity text,
                rank smallint, verdict text, says text, evidence jsonb, team text, waiver bigint, due integer)
             on conflict (resource_id, policy_id) do update set category = excluded.category,
                severity = excluded.severity, severity_rank = excluded.severity_rank, verdict = excluded.verdict,
                says = excluded.says, evidence = excluded.evidence, team = excluded.team, waiver_id = excluded.waiver_id,
                -- A finding that goes on keeps its day; one that comes back, or is known at last, begins anew.
                opened_at = case when f.resolved_at is null and f.verdict = excluded.verdict
                    then f.opened_at else excluded.opened_at end,
                due_at = case when f.resolved_at is null and f.verdict = excluded.verdict
                    then f.opened_at + (excluded.due_at - excluded.opened_at) else excluded.due_at end,
                reopened = f.reopened + (f.resolved_at is not null)::integer,
                resolved_at = null
             where f.resolved_at is not null
                or (f.category, f.severity, f.verdict, f.says, f.evidence, f.team, f.waiver_id, f.due_at) is distinct from
                   (excluded.category, excluded.severity, excluded.verdict, excluded.says, excluded.evidence,
                    excluded.team, excluded.waiver_id, f.opened_at + (excluded.due_at - excluded.opened_at))
             returning f.resource_id, f.policy_id, f.team,
                f.opened_at = $3 and f.verdict = 'fail' and f.waiver_id is null as is_new)
             select w.policy_id, w.team, w.is_new, count(*) as count, (array_agg(r.name order by r.name))[1:3] as names
             from written w left join resource r on r.id = w.resource_id and w.is_new and w.policy_id = any($4)
             group by 1, 2, 3 order by 1, 2",
        )
        .bind(&found)
        .bind(account.as_str())
        .bind(now)
        .bind(before.iter().map(|(policy,)| policy.as_str()).collect::<Vec<_>>())
        .fetch_all(&mut *tx)
        .await?;
        let written = groups.iter().map(|group| u64::try_from(group.count).unwrap_or(0)).sum();
        // What a new policy finds at first is a picture of what was there, and no news.
        let opened = groups
            .into_iter()
            .filter(|group| group.is_new && before.iter().any(|(p,)| *p == group.policy_id))
            .map(News::from)
            .collect();
        let resolved = resolve_missing(tx, account, &evaluation.findings, now).await?;
        let overdue: Vec<NewsRow> = sqlx::query_as(
            "select f.policy_id, f.team, false as is_new, count(*) as count,
                (array_agg(r.name order by r.name))[1:3] as names
             from evaluation e join finding f on f.account_id = e.account_id join resource r on r.id = f.resource_id
             where e.account_id = $1 and f.resolved_at is null and f.waiver_id is null and f.verdict = 'fail'
                and f.due_at >= e.at and f.due_at < $2
             group by 1, 2 order by 1, 2",
        )
        .bind(account.as_str())
        .bind(now)
        .fetch_all(&mut *tx)
        .await?;
        let overdue = overdue.into_iter().map(News::from).collect();
        let fail = write_posture(tx, account, &evaluation.posture).await?;
        sqlx::query(
            "insert into posture_day (day, account_id, passed, total, fail) values ($1, $2, $3, $4, $5)
             on conflict (day, account_id) do update set passed = excluded.passed, total = excluded.total, fail = excluded.fail",
        )
        .bind(now.date())
        .bind(account.as_str())
        .bind(whole(evaluation.score.passed))
        .bind(whole(evaluation.score.of))
        .bind(fail)
        .execute(&mut *tx)
        .await?;
        write_offenders(tx, account, &evaluation.offenders).await?;
        write_gaps(tx, account, &evaluation.gaps).await?;
        sqlx::query(
            "insert into evaluation (account_id, at, next_at, overdue) values ($1, $2, $3,
                (select count(*) from finding where account_id = $1 and resolved_at is null and waiver_id is null
                    and verdict = 'fail' and due_at < $2))
             on conflict (account_id) do update set at = excluded.at, next_at = excluded.next_at, overdue = excluded.overdue",
        )
        .bind(account.as_str())
        .bind(now)
        .bind(evaluation.next_at)
        .execute(&mut *tx)
        .await?;
        notify(tx).await?;
        Ok(EvaluationChange { written, resolved, opened, overdue })
    }
}

/// Resolves what is open and was not found again. Told apart here: a planner that has not seen the table yet would
/// compare every row with every other.
async fn resolve_missing(
    connection: &mut sqlx::PgConnection,
    account: &AccountId,
    findings: &[NewFinding],
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let open: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
        "select id, resource_id, policy_id from finding where account_id = $1 and resolved_at is null",
    )
    .bind(account.as_str())
    .fetch_all(&mut *connection)
    .await?;
    let found: HashSet<(Uuid, &str)> =
        findings.iter().map(|finding| (finding.resource.0, finding.policy.as_str())).collect();
    let missing: Vec<Uuid> = open
        .iter()
        .filter(|(_, resource, policy)| !found.contains(&(*resource, policy.as_str())))
        .map(|(id, ..)| *id)
        .collect();
    let done = sqlx::query("update finding set resolved_at = $2 where id = any($1)")
        .bind(missing)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

async fn write_posture(
    connection: &mut sqlx::PgConnection,
    account: &AccountId,
    posture: &[TeamTally],
) -> Result<i32, StoreError> {
    let number = |n: u64| i32::try_from(n).unwrap_or(i32::MAX);
    let each = |pick: fn(&Tally) -> u64| -> Vec<i32> {
        posture.iter().map(|row| number(pick(&row.tally))).collect()
    };
    sqlx::query("delete from posture where account_id = $1")
        .bind(account.as_str())
        .execute(&mut *connection)
        .await?;
    let fails = each(|tally| tally.fail);
    let fail = fails.iter().sum();
    sqlx::query(
        "insert into posture (account_id, team, policy_id, pass, fail, unknown, waived)
         select $1, * from unnest($2::text[], $3::text[], $4::int[], $5::int[], $6::int[], $7::int[])",
    )
    .bind(account.as_str())
    .bind(texts(&posture.iter().map(|row| &row.team).collect::<Vec<_>>()))
    .bind(texts(&posture.iter().map(|row| &row.policy).collect::<Vec<_>>()))
    .bind(each(|tally| tally.pass))
    .bind(fails)
    .bind(each(|tally| tally.unknown))
    .bind(each(|tally| tally.waived))
    .execute(connection)
    .await?;
    Ok(fail)
}

async fn write_offenders(
    connection: &mut sqlx::PgConnection,
    account: &AccountId,
    offenders: &[NewOffender],
) -> Result<(), StoreError> {
    let each = |pick: fn(&NewOffender) -> u32| -> Vec<i32> {
        offenders.iter().map(|one| i32::try_from(pick(one)).unwrap_or(i32::MAX)).collect()
    };
    sqlx::query("delete from posture_offender where account_id = $1")
        .bind(account.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into posture_offender (account_id, resource_id, weight, fails, worst)
         select $1, * from unnest($2::uuid[], $3::int[], $4::int[], $5::text[])",
    )
    .bind(account.as_str())
    .bind(offenders.iter().map(|one| one.resource.0).collect::<Vec<_>>())
    .bind(each(|one| one.weight))
    .bind(each(|one| one.fails))
    .bind(texts(&offenders.iter().map(|one| one.worst).collect::<Vec<_>>()))
    .execute(connection)
    .await?;
    Ok(())
}

async fn write_gaps(
    connection: &mut sqlx::PgConnection,
    account: &AccountId,
    gaps: &BTreeMap<String, u32>,
) -> Result<(), StoreError> {
    sqlx::query("delete from posture_gap where account_id = $1")
        .bind(account.as_str())
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "insert into posture_gap (account_id, says, checks) select $1, * from unnest($2::text[], $3::int[])",
    )
    .bind(account.as_str())
    .bind(gaps.keys().cloned().collect::<Vec<_>>())
    .bind(gaps.values().map(|n| i32::try_from(*n).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn row_of(finding: &NewFinding) -> Result<serde_json::Value, StoreError> {
    let evidence = serde_json::to_value(&finding.outcome.evidence)
        .map_err(|error| StoreError::Unwritable(error.to_string()))?;
    Ok(json!({
        "id": new_id(),
        "resource": finding.resource.0,
        "policy": finding.policy,
        "category": finding.category,
        "severity": finding.severity,
        "rank": finding.severity.rank(),
        "verdict": finding.outcome.verdict,
        "says": finding.outcome.says,
        "evidence": evidence,
        "team": finding.team,
        "waiver": finding.waiver,
        "due": finding.due_days,
    }))
}

/// A moment as a cursor has it.
pub(crate) fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}
