//! What is deleted when it is old, and what never is.

use claviger_services::{RETENTION, Retention};
use claviger_testkit::Console;
use sqlx::PgPool;
use time::Duration;

/// A row of each kind that is two days too old and one that is not, and failed jobs that are and are not the last attempt.
const ROWS: &str = "
    insert into account (id, name, email, state, ou_path, first_seen_at)
        values ('441205839201', 'Payments', 'a@example.com', 'ACTIVE', '{}', $old);
    insert into sweep (id, trigger, started_at, planned_at, finished_at)
        select gen_random_uuid(), 'schedule', at, at, at from unnest(array[$old, $old, $new]) as x (at);
    insert into scan (account_id, region, sweep_id, status)
        select '441205839201', 'us-east-1', id, 'complete' from sweep order by started_at, id limit 1;
    insert into notice (recipient, kind, title, body, link, created_at)
        select 'ben', kind, 't', 'b', '/', at from (values ('old', $old), ('new', $new), ('waiting', $old)) as x (kind, at);
    insert into delivery (notice_id, channel, state, next_at)
        select id, 'chat', case kind when 'waiting' then 'waiting' else 'delivered' end, created_at from notice;
    select graphile_worker.add_job('claviger_job', '{\"n\": 1}'), graphile_worker.add_job('claviger_job', '{\"n\": 2}');
    update graphile_worker._private_jobs set updated_at = $old, attempts = case payload ->> 'n' when '1' then max_attempts else 1 end;
";

async fn counts(pool: &PgPool) -> [i64; 4] {
    let mut found = [0; 4];
    for (number, sql) in found.iter_mut().zip([
        "select count(*) from sweep",
        "select count(*) from notice",
        "select count(*) from delivery",
        "select count(*) from graphile_worker._private_jobs",
    ]) {
        *number = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
    }
    found
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_old_is_deleted_and_what_is_still_needed_stays(pool: PgPool) {
    let console = Console::builder(&pool).build().await;
    let kept = Duration::days(10);
    let services = console.services.clone().with_retention(Retention {
        notifications: kept,
        scans: kept,
        failed_jobs: kept,
        ..RETENTION
    });
    console.clock.advance(Duration::days(40));
    let now = claviger_domain::clock::Clock::now(console.clock.as_ref());
    let at = |days: i64| format!("timestamptz '{}'", now - Duration::days(days));
    let rows = ROWS.replace("$old", &at(12)).replace("$new", &at(8));
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&console.pool).await.unwrap();
    assert_eq!(counts(&console.pool).await, [3, 3, 3, 2]);
    services.retention().prune().await.unwrap();
    // The scan of an account's last result stays, a message that is still to be sent, and a job with attempts left.
    assert_eq!(counts(&console.pool).await, [2, 2, 2, 1]);
    services.retention().prune().await.unwrap();
    assert_eq!(counts(&console.pool).await, [2, 2, 2, 1]);
    let waiting: i64 = sqlx::query_scalar("select count(*) from notice where kind = 'waiting'")
        .fetch_one(&console.pool)
        .await
        .unwrap();
    assert_eq!(waiting, 1);
}
