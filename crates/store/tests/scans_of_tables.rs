//! The tables that grow are read by their indexes: what a page or an evaluation asks of one account, one resource or one
//! subject never passes over a whole table. PostgreSQL itself counts the passes, of the statements that really run.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]
#![expect(dead_code, reason = "other tests use more of the module")]

use claviger_domain::{authz::VisibleAccounts, changes::ChangeQuery, ids::ResourceId};
use claviger_store::{ActivityPage, Store};
use claviger_testkit::samples::account;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use time::Duration;
use uuid::Uuid;

mod common;
use common::{NOW, planned};

const FIRST: i64 = 500_000_000_000;

/// 250 accounts with 400 secrets each; three changes, one evaluation result and one row of findings for each; 60,000 audit
/// entries.
const FILL: &str = "
    insert into account (id, name, email, state, ou_path, first_seen_at, written)
        select (500000000000 + n)::text, 'Account ' || n, '', 'ACTIVE', '{}', now(), 0 from generate_series(0, 249) n;
    insert into resource (id, arn, kind, account_id, region, name, facts, search, owner_class, key_class, is_listed,
        fingerprint, first_seen_at, facts_changed_at)
        select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'arn:' || n, 'secret',
            (500000000000 + n % 250)::text, 'us-east-1', 's' || n, '{}', 's' || n, 'missing', 'aws-managed', true, '',
            now(), now()
        from generate_series(0, 99999) n;
    insert into resource_change (at, resource_id, account_id, what)
        select timestamptz '2026-11-24 12:00Z' - m * interval '30 days', id, account_id, 'gone'
        from resource, generate_series(0, 2) m;
    insert into judgement (resource_id, account_id, fingerprint, verdicts, digest)
        select id, account_id, '', 'p', '' from resource;
    insert into resource_findings (resource_id, account_id, marks, texts)
        select id, account_id, '[]', '[]' from resource;
    insert into audit_entry (seq, body, previous, hash, at, deed, phase, subject)
        select n, '{}', '', '', now(), 'request', 'done', 'G-' || n from generate_series(1, 60000) n;";

const BIG: [&str; 4] = ["resource_change", "judgement", "resource_findings", "audit_entry"];

/// How often PostgreSQL has passed over the whole of each big table, by this one connection.
async fn passes(pool: &PgPool) -> Vec<(String, i64)> {
    sqlx::query("select pg_stat_force_next_flush()").execute(pool).await.unwrap();
    // A statement of its own: what was done is reported between two.
    sqlx::query("select 1").execute(pool).await.unwrap();
    sqlx::query_as(
        "select relname::text, seq_scan::bigint from pg_stat_user_tables where relname = any($1) order by 1",
    )
    .bind(BIG.as_slice())
    .fetch_all(pool)
    .await
    .unwrap()
}

/// The database by one connection alone, whose passes are counted, with [`FILL`] in it.
async fn filled(options: PgConnectOptions) -> (PgPool, Store) {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let store = Store::from_pool(pool.clone());
    planned(&store, &["us-east-1"]).await;
    // PostgreSQL counts a table when a test says so, and not when its own minute comes.
    for table in BIG {
        let sql = format!("alter table {table} set (autovacuum_enabled = false)");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    sqlx::raw_sql(FILL).execute(&pool).await.unwrap();
    (pool, store)
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_tables_that_grow_are_read_by_their_indexes(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (pool, store) = filled(options).await;
    sqlx::raw_sql("vacuum analyze").execute(&pool).await.unwrap();
    let one = account(&FIRST.to_string());
    let visible = VisibleAccounts { accounts: vec![one.clone()], whole_organization: false };
    let resource = ResourceId(Uuid::parse_str("00000000-0000-4000-8000-000000000000").unwrap());

    store.index().warm_up().await.unwrap();

    let before = passes(&pool).await;
    // A page of the changes of an account, of a few days and of a year, and those of a secret.
    for days in [7, 365] {
        let query = ChangeQuery { days, ..ChangeQuery::default() };
        let (rows, _) =
            store.changes().changes(&visible, &query, 50, NOW + Duration::days(1)).await.unwrap();
        assert_eq!(rows.len(), 50, "{days}");
    }
    // A rare word, among all changes of a year.
    let all = (0..250).map(|n| account(&(FIRST + n).to_string())).collect();
    let everywhere = VisibleAccounts { accounts: all, whole_organization: true };
    let query = ChangeQuery { days: 365, text: "S99999".into(), ..ChangeQuery::default() };
    let (rows, next) =
        store.changes().changes(&everywhere, &query, 50, NOW + Duration::days(1)).await.unwrap();
    assert_eq!((rows.len(), next), (3, None));
    let page = ActivityPage { after: None, limit: 100, until: NOW + Duration::days(1) };
    let changes = store.activity().changes(&visible, resource, None, page).await.unwrap();
    assert_eq!(changes.len(), 3);
    // An evaluation of an account that changed nothing, a page of findings, a secret's own.
    // What the rows say is not looked at: they are empty.
    let _ = store.evaluations().evaluation_input(&one, vec![1], NOW).await;
    store.findings().failures_in(&one, "rotation-on", 10, NOW).await.unwrap();
    store
        .findings()
        .read_findings(&visible, &[(resource, "rotation-on".into())], NOW)
        .await
        .unwrap();
    store.findings().findings_of(&visible, resource, NOW).await.unwrap();
    // The trail: the newest page, one subject, and the head.
    store.audit().chain_head().await.unwrap();
    let _ = store.audit().audit_of("G-7").await;
    for query in [
        "",
        "target=G-7",
        "action=deny",
        "actor=u-1",
        "outcome=failed",
        "from=2026-11-01&until=2026-11-02",
        "before=30000",
        "after=30000",
    ] {
        let _ = store.audit().audit_page(&query.parse().unwrap(), 50).await;
    }
    store.audit().actors().await.unwrap();
    assert_eq!(passes(&pool).await, before);

    // Nothing of it is there for those whose scope it is not in.
    let nothing =
        VisibleAccounts { accounts: vec![account("999999999999")], whole_organization: false };
    assert!(store.activity().changes(&nothing, resource, None, page).await.unwrap().is_empty());
    assert!(store.findings().findings_of(&nothing, resource, NOW).await.unwrap().is_empty());
    assert!(store.evaluations().resource_to_evaluate(&nothing, resource).await.unwrap().is_none());
    assert!(
        store
            .findings()
            .read_findings(&nothing, &[(resource, "rotation-on".into())], NOW)
            .await
            .unwrap()
            .is_empty()
    );

    // The counter counts: a pass over each is seen.
    for table in BIG {
        let sql =
            format!("select count(*) from (select * from {table} where {table}::text = '') x");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    }
    let after = passes(&pool).await;
    for ((table, then), (_, now)) in before.iter().zip(&after) {
        assert!(now > then, "{table}");
    }
}

/// As it is in the minute after a first evaluation.
#[sqlx::test(migrations = "../../migrations")]
async fn what_is_new_is_found_by_an_index_before_postgresql_has_counted_a_table(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let (pool, store) = filled(options).await;
    store.index().warm_up().await.unwrap();
    let before = passes(&pool).await;
    store.index().count_failures(&VisibleAccounts::default(), NOW).await.unwrap();
    assert_eq!(passes(&pool).await, before);
}
