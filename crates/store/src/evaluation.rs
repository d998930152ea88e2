//! What came of judging an account. Only what changed is written.

use crate::{
    StoreError, Work,
    error::texts,
    finding_groups::count_groups,
    judging::{Basis, Came},
    new_id,
    standing::{write_gaps, write_offenders, write_posture},
    sweeps::notify,
};
use claviger_domain::{
    governance::{Category, Outcome, Score, Severity, Tally},
    ids::{AccountId, ResourceId},
    waiver::WaiverId,
};
use sqlx::{PgConnection, types::Json};
use std::collections::{BTreeMap, HashSet};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A check that did not pass.
#[derive(Debug, Clone)]
pub struct NewFinding {
    pub policy: String,
    pub category: Category,
    pub severity: Severity,
    pub due_days: u32,
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

/// A resource, judged.
#[derive(Debug, Clone)]
pub struct NewJudgement {
    pub came: Came,
    pub basis: Basis,
    pub findings: Vec<NewFinding>,
    /// Of everything that the findings say.
    pub digest: Vec<u8>,
    /// Whether the digest is another than before: whose is the same has its findings already.
    pub is_news: bool,
    /// Whether nothing at all is to be written.
    pub is_same: bool,
}

/// An account, judged.
#[derive(Debug, Clone, Default)]
pub struct NewEvaluation {
    /// As the docket had it.
    pub round: i64,
    /// As the docket was asked for.
    pub context: Vec<u8>,
    pub judged: Vec<NewJudgement>,
    /// How many there are, those that were carried over as well.
    pub resources: usize,
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
    /// At most three of them.
    some: Vec<Uuid>,
}

impl Work {
    /// Writes what an account came to, in one transaction. Nothing is written, and `None` is returned, where another
    /// evaluation ended after the docket of this one was read: it has to begin again.
    pub async fn write_evaluation(
        &mut self,
        account: &AccountId,
        evaluation: &NewEvaluation,
    ) -> Result<Option<EvaluationChange>, StoreError> {
        let now = self.now;
        let tx = self.connection();
        sqlx::query("select pg_advisory_xact_lock(hashtextextended($1, 8))")
            .bind(account.as_str())
            .execute(&mut *tx)
            .await?;
        let last: Option<(i64, Option<OffsetDateTime>)> =
            sqlx::query_as("select round, groups_at from evaluation where account_id = $1")
                .bind(account.as_str())
                .fetch_optional(&mut *tx)
                .await?;
        let (round, groups_at) = last.unwrap_or_default();
        if round != evaluation.round {
            return Ok(None);
        }
        let before: Vec<(String,)> =
            sqlx::query_as("select distinct policy_id from posture where account_id = $1")
                .bind(account.as_str())
                .fetch_all(&mut *tx)
                .await?;
        let before: Vec<String> = before.into_iter().map(|(policy,)| policy).collect();
        write_judgements(tx, account, &evaluation.judged).await?;
        let news: Vec<&NewJudgement> = evaluation.judged.iter().filter(|one| one.is_news).collect();
        let groups = write_findings(tx, account, &news, now).await?;
        let written = groups.iter().map(|group| u64::try_from(group.count).unwrap_or(0)).sum();
        // What a new policy finds at first is a picture of what was there, and no news.
        let opened = groups
            .into_iter()
            .filter(|group| group.is_new && before.contains(&group.policy_id))
            .collect();
        let opened = with_names(tx, opened).await?;
        // A plan made while the tables were small would be kept when they are large. Not before the rows are written:
        // what checks their foreign keys would be planned for each of them.
        sqlx::query("set local plan_cache_mode = force_custom_plan").execute(&mut *tx).await?;
        let resolved = resolve_missing(tx, &news, now).await?
            + resolve_gone(tx, account, evaluation.round == 0, now).await?;
        let overdue = overdue(tx, account, now).await?;
        let fail = write_posture(tx, account, &evaluation.posture).await?;
        // An account enters the trend with its first evaluation of everything: not while its first scan runs or details
        // are still to be read. What cannot be read within a day of its discovery does not keep it out.
        sqlx::query(
            "insert into posture_day (day, account_id, passed, total, fail) select $1, $2, $3, $4, $5
             where exists (select 1 from posture_day where account_id = $2)
                or exists (select 1 from account where id = $2 and first_seen_at < $6)
                or not (exists (select 1 from scan
                        where account_id = $2 and complete_at is null and status in ('queued', 'running'))
                    or exists (select 1 from resource where account_id = $2 and kind = 'secret' and gone_at is null
                        and is_listed and deep_read_at is null))
             on conflict (day, account_id) do update set passed = excluded.passed, total = excluded.total, fail = excluded.fail",
        )
        .bind(now.date())
        .bind(account.as_str())
        .bind(whole(evaluation.score.passed))
        .bind(whole(evaluation.score.of))
        .bind(fail)
        .bind(now - Duration::days(1))
        .execute(&mut *tx)
        .await?;
        let is_as_counted = written + resolved == 0 && overdue.is_empty();
        let counts = !is_as_counted || groups_at.is_none();
        if counts {
            count_groups(tx, account, now).await?;
        }
        write_offenders(tx, account, &evaluation.offenders).await?;
        write_gaps(tx, account, &evaluation.gaps).await?;
        sqlx::query(
            "insert into evaluation (account_id, at, next_at, context, round, resources, groups_at, groups_round, overdue)
             values ($1, $2, $3, $4, 1, $5, $2, 1,
                (select count(*) from finding where account_id = $1 and resolved_at is null and waiver_id is null
                    and verdict = 'fail' and due_at < $2))
             on conflict (account_id) do update set at = excluded.at, next_at = excluded.next_at,
                context = excluded.context, round = evaluation.round + 1, resources = excluded.resources,
                groups_at = case when $6 then $2 else evaluation.groups_at end,
                groups_round = case when $6 then evaluation.round + 1 else evaluation.groups_round end,
                overdue = excluded.overdue",
        )
        .bind(account.as_str())
        .bind(now)
        .bind(evaluation.next_at)
        .bind(&evaluation.context)
        .bind(i32::try_from(evaluation.resources).unwrap_or(i32::MAX))
        .bind(counts)
        .execute(&mut *tx)
        .await?;
        notify(tx).await?;
        Ok(Some(EvaluationChange { written, resolved, opened, overdue }))
    }
}

async fn write_judgements(
    connection: &mut PgConnection,
    account: &AccountId,
    judged: &[NewJudgement],
) -> Result<(), StoreError> {
    let judged: Vec<&NewJudgement> = judged.iter().filter(|one| !one.is_same).collect();
    if judged.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "insert into judgement as j (resource_id, account_id, fingerprint, deep_fingerprint, used_on, verdicts, gaps,
            digest, until)
         select x.resource, $1, x.fingerprint, x.deep, x.used_on, x.verdicts, x.gaps, x.digest, x.until
         from unnest($2::uuid[], $3::bytea[], $4::bytea[], $5::date[], $6::text[], $7::text[], $8::bytea[],
            $9::timestamptz[]) as x (resource, fingerprint, deep, used_on, verdicts, gaps, digest, until)
         on conflict (resource_id) do update set fingerprint = excluded.fingerprint,
            deep_fingerprint = excluded.deep_fingerprint, used_on = excluded.used_on, verdicts = excluded.verdicts,
            gaps = excluded.gaps, digest = excluded.digest, until = excluded.until",
    )
    .bind(account.as_str())
    .bind(judged.iter().map(|one| one.came.resource.0).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.basis.fingerprint.as_slice()).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.basis.deep_fingerprint.as_deref()).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.basis.used_on).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.came.verdicts.as_str()).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.came.gaps.as_deref()).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.digest.as_slice()).collect::<Vec<_>>())
    .bind(judged.iter().map(|one| one.came.until).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes findings that are new or read differently, and says how many of which policy and team.
async fn write_findings(
    connection: &mut PgConnection,
    account: &AccountId,
    news: &[&NewJudgement],
    now: OffsetDateTime,
) -> Result<Vec<NewsRow>, StoreError> {
    let found: Vec<(ResourceId, Option<&str>, &NewFinding)> = news
        .iter()
        .flat_map(|one| {
            let came = &one.came;
            one.findings.iter().map(|finding| (came.resource, came.team.as_deref(), finding))
        })
        .collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let groups = sqlx::query_as(
        "with written as (insert into finding as f (id, resource_id, policy_id, account_id, category, severity, severity_rank, verdict,
            says, evidence, team, waiver_id, opened_at, due_at)
         select x.id, x.resource, x.policy, $1, x.category, x.severity, x.rank, x.verdict, x.says, x.evidence, x.team,
            x.waiver, $2, $2 + make_interval(days => x.due)
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::smallint[], $9::text[], $10::text[],
            $11::jsonb[], $12::text[], $13::bigint[], $14::integer[])
            as x (id, resource, policy, category, severity, rank, verdict, says, evidence, team, waiver, due)
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
            f.opened_at = $2 and f.verdict = 'fail' and f.waiver_id is null as is_new)
         select policy_id, team, is_new, count(*) as count, (array_agg(resource_id order by resource_id))[1:3] as some
         from written group by 1, 2, 3 order by 1, 2",
    )
    .bind(account.as_str())
    .bind(now)
    .bind(found.iter().map(|_| new_id()).collect::<Vec<_>>())
    .bind(found.iter().map(|(resource, ..)| resource.0).collect::<Vec<_>>())
    .bind(found.iter().map(|(.., finding)| finding.policy.as_str()).collect::<Vec<_>>())
    .bind(texts(&found.iter().map(|(.., finding)| finding.category).collect::<Vec<_>>()))
    .bind(texts(&found.iter().map(|(.., finding)| finding.severity).collect::<Vec<_>>()))
    .bind(found.iter().map(|(.., finding)| finding.severity.rank()).collect::<Vec<_>>())
    .bind(texts(&found.iter().map(|(.., finding)| finding.outcome.verdict).collect::<Vec<_>>()))
    .bind(found.iter().map(|(.., finding)| finding.outcome.says.as_str()).collect::<Vec<_>>())
    .bind(found.iter().map(|(.., finding)| Json(&finding.outcome.evidence)).collect::<Vec<_>>())
    .bind(found.iter().map(|(_, team, _)| *team).collect::<Vec<_>>())
    .bind(found.iter().map(|(.., finding)| finding.waiver.map(|id| id.0)).collect::<Vec<_>>())
    .bind(found.iter().map(|(.., finding)| i32::try_from(finding.due_days).unwrap_or(i32::MAX)).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    Ok(groups)
}

/// Resolves what is open of these resources and was not found again. Told apart here: a planner that has not seen the
/// table yet would compare every row with every other.
async fn resolve_missing(
    connection: &mut PgConnection,
    news: &[&NewJudgement],
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    if news.is_empty() {
        return Ok(0);
    }
    let open: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
        "select id, resource_id, policy_id from finding where resource_id = any($1) and resolved_at is null",
    )
    .bind(news.iter().map(|one| one.came.resource.0).collect::<Vec<_>>())
    .fetch_all(&mut *connection)
    .await?;
    let found: HashSet<(Uuid, &str)> = news
        .iter()
        .flat_map(|one| one.findings.iter().map(|f| (one.came.resource.0, f.policy.as_str())))
        .collect();
    let missing: Vec<Uuid> = open
        .iter()
        .filter(|(_, resource, policy)| !found.contains(&(*resource, policy.as_str())))
        .map(|(id, ..)| *id)
        .collect();
    if missing.is_empty() {
        return Ok(0);
    }
    let done = sqlx::query("update finding set resolved_at = $2 where id = any($1)")
        .bind(missing)
        .bind(now)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Resolves what is open of resources that are not there any more, or stand behind their primary now. An account's first
/// evaluation asks every finding: it may have some from before judgements were kept.
async fn resolve_gone(
    connection: &mut PgConnection,
    account: &AccountId,
    is_first: bool,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let gone: Vec<(Uuid,)> = sqlx::query_as(
        "delete from judgement j using resource r where j.account_id = $1 and r.id = j.resource_id
            and (r.gone_at is not null or not r.is_listed) returning j.resource_id",
    )
    .bind(account.as_str())
    .fetch_all(&mut *connection)
    .await?;
    if gone.is_empty() && !is_first {
        return Ok(0);
    }
    let done = if is_first {
        sqlx::query(
            "update finding f set resolved_at = $2 from resource r where f.account_id = $1 and f.resolved_at is null
                and r.id = f.resource_id and (r.gone_at is not null or not r.is_listed)",
        )
        .bind(account.as_str())
        .bind(now)
        .execute(connection)
        .await?
    } else {
        sqlx::query("update finding set resolved_at = $2 where resource_id = any($1) and resolved_at is null")
            .bind(gone.into_iter().map(|(id,)| id).collect::<Vec<_>>())
            .bind(now)
            .execute(connection)
            .await?
    };
    Ok(done.rows_affected())
}

/// Failures whose day has passed since the evaluation before.
async fn overdue(
    connection: &mut PgConnection,
    account: &AccountId,
    now: OffsetDateTime,
) -> Result<Vec<News>, StoreError> {
    let rows: Vec<NewsRow> = sqlx::query_as(
        "select f.policy_id, f.team, false as is_new, count(*) as count,
            (array_agg(f.resource_id order by f.resource_id))[1:3] as some
         from evaluation e join finding f on f.account_id = e.account_id
         where e.account_id = $1 and f.resolved_at is null and f.waiver_id is null and f.verdict = 'fail'
            and f.due_at >= e.at and f.due_at < $2
         group by 1, 2 order by 1, 2",
    )
    .bind(account.as_str())
    .bind(now)
    .fetch_all(&mut *connection)
    .await?;
    with_names(connection, rows).await
}

/// News with the names of what it is about.
async fn with_names(
    connection: &mut PgConnection,
    rows: Vec<NewsRow>,
) -> Result<Vec<News>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let named: Vec<(Uuid, String)> =
        sqlx::query_as("select id, name from resource where id = any($1)")
            .bind(rows.iter().flat_map(|row| &row.some).copied().collect::<Vec<_>>())
            .fetch_all(connection)
            .await?;
    let named: BTreeMap<Uuid, String> = named.into_iter().collect();
    let news = rows.into_iter().map(|row| News {
        policy: row.policy_id,
        team: row.team,
        count: u64::try_from(row.count).unwrap_or(0),
        names: row.some.iter().filter_map(|id| named.get(id).cloned()).collect(),
    });
    Ok(news.collect())
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
