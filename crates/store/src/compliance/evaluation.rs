//! Writes the result of evaluating an account. Only what changed is written.

use crate::{
    StoreError, UnitOfWork,
    compliance::{
        evaluation_result::{EvaluationChange, FindingSummary, FindingSummaryRows, NewEvaluation},
        evaluation_rows::{
            PreviousRows, Written, due_since, resolve_all, rows_of_account, write_findings,
            write_results,
        },
        posture_writer::{
            write_breakdown, write_fixes, write_offenders, write_posture, write_unknown_reasons,
        },
    },
    locks::AdvisoryLock,
    scans::notify,
};
use claviger_domain::ids::AccountId;
use sqlx::PgConnection;
use std::collections::{BTreeMap, HashSet};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

impl UnitOfWork {
    /// Writes what an account came to, in one transaction. Nothing is written, and `None` is returned, where another
    /// evaluation ended after the evaluation input of this one was read: it has to begin again.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    pub async fn write_evaluation(
        &mut self,
        account: &AccountId,
        evaluation: &NewEvaluation,
    ) -> Result<Option<EvaluationChange>, StoreError> {
        let now = self.now;
        let tx = self.connection();
        AdvisoryLock::Evaluation(account).acquire(tx).await?;
        let last = sqlx::query_as!(
            Last,
            "select round, at, next_due_at from evaluation where account_id = $1",
            account.as_str()
        )
        .fetch_optional(&mut *tx)
        .await?;
        let round = last.as_ref().map_or(0, |last| last.round);
        if round != evaluation.round {
            return Ok(None);
        }
        // A plan made while the tables were small would be kept when they are large.
        sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(&mut *tx).await?;
        let evaluated_before = sqlx::query_scalar!(
            "select distinct policy_id from posture where account_id = $1",
            account.as_str()
        )
        .fetch_all(&mut *tx)
        .await?;
        let evaluated_before: HashSet<String> = evaluated_before.into_iter().collect();
        let is_first = round == 0;
        let before = PreviousRows::read(tx, account, is_first, &evaluation.evaluated).await?;
        write_results(tx, account, &evaluation.evaluated).await?;
        let Written { rows: written, mut resolved, fixed, mut opened, mut next_due } =
            write_findings(tx, account, evaluation, before, now).await?;
        resolved += resolve_gone(tx, account, is_first, now).await?;
        // What a new policy finds at first is a picture of what was there, and no news.
        opened.retain(|(policy, _), _| evaluated_before.contains(policy));
        let mut overdue = FindingSummaryRows::new();
        if let Some(last) = &last {
            let due = last.next_due_at;
            if is_first || due.is_some_and(|due| due < now) {
                let rows = rows_of_account(tx, account).await?;
                (overdue, next_due) = due_since(&rows, last.at, now);
            } else {
                next_due = next_due.into_iter().chain(due).min();
            }
        }
        let opened = with_names(tx, opened).await?;
        let overdue = with_names(tx, overdue).await?;
        let fail = write_posture(tx, account, &evaluation.posture).await?;
        // An account enters the trend with its first evaluation of everything: not while its first scan runs or details
        // are still to be read. What cannot be read within a day of its discovery does not keep it out.
        sqlx::query!(
            "insert into posture_day (day, account_id, passed, total, fail) select $1, $2, $3, $4, $5
             where exists (select 1 from posture_day where account_id = $2)
                or exists (select 1 from account where id = $2 and first_seen_at < $6)
                or not (exists (select 1 from scan
                        where account_id = $2 and complete_at is null and status in ('queued', 'running'))
                    or exists (select 1 from resource where account_id = $2 and kind = 'secret' and gone_at is null
                        and is_listed and deep_read_at is null))
             on conflict (day, account_id) do update set passed = excluded.passed, total = excluded.total, fail = excluded.fail",
            now.date(),
            account.as_str(),
            whole(evaluation.score.passed),
            whole(evaluation.score.of),
            fail,
            now - Duration::days(1),
        )
        .execute(&mut *tx)
        .await?;
        write_breakdown(tx, account, now.date(), evaluation).await?;
        write_fixes(tx, account, now.date(), &fixed).await?;
        write_offenders(tx, account, &evaluation.offenders).await?;
        write_unknown_reasons(tx, account, &evaluation.gaps).await?;
        sqlx::query!(
            "insert into evaluation (account_id, at, next_at, context, round, resources, next_due_at)
             values ($1, $2, $3, $4, 1, $5, $6)
             on conflict (account_id) do update set at = excluded.at, next_at = excluded.next_at,
                context = excluded.context, round = evaluation.round + 1, resources = excluded.resources,
                next_due_at = excluded.next_due_at",
            account.as_str(),
            now,
            evaluation.next_at,
            &evaluation.context,
            i32::try_from(evaluation.resources).unwrap_or(i32::MAX),
            next_due,
        )
        .execute(&mut *tx)
        .await?;
        notify(tx).await?;
        Ok(Some(EvaluationChange { written, resolved, opened, overdue }))
    }
}

/// What the evaluation before left.
struct Last {
    round: i64,
    at: OffsetDateTime,
    next_due_at: Option<OffsetDateTime>,
}

/// Resolves what is open of resources that are not there any more, or stand behind their primary now. An account's first
/// evaluation asks every finding: it may have some from before evaluation results were kept.
async fn resolve_gone(
    connection: &mut PgConnection,
    account: &AccountId,
    is_first: bool,
    now: OffsetDateTime,
) -> Result<u64, StoreError> {
    let mut gone = sqlx::query_scalar!(
        "delete from judgement where resource_id in (select id from resource
                where account_id = $1 and (gone_at is not null or not is_listed))
         returning resource_id",
        account.as_str()
    )
    .fetch_all(&mut *connection)
    .await?;
    if is_first {
        let more = sqlx::query_scalar!(
            "select f.resource_id from resource_findings f join resource r on r.id = f.resource_id
             where f.account_id = $1 and (r.gone_at is not null or not r.is_listed)",
            account.as_str()
        )
        .fetch_all(&mut *connection)
        .await?;
        gone.extend(more);
    }
    resolve_all(connection, &gone, now).await
}

/// News with the names of what it is about.
async fn with_names(
    connection: &mut PgConnection,
    rows: FindingSummaryRows,
) -> Result<Vec<FindingSummary>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let named = sqlx::query!(
        "select id, name from resource where id = any($1)",
        &rows.values().flat_map(|row| &row.some).copied().collect::<Vec<_>>()
    )
    .map(|row| (row.id, row.name))
    .fetch_all(connection)
    .await?;
    let named: BTreeMap<Uuid, String> = named.into_iter().collect();
    let news = rows.into_iter().map(|((policy, team), row)| FindingSummary {
        policy,
        team,
        count: row.count,
        names: row.some.iter().filter_map(|id| named.get(id).cloned()).collect(),
    });
    Ok(news.collect())
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
