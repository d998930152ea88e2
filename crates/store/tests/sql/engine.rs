//! Databases that Claviger refuses.

use claviger_store::{Store, StoreError};
use claviger_testkit::emptied;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

/// Another engine is simulated by its answer to `version()`; nothing of the schema is created there.
#[sqlx::test]
async fn another_engine_gets_no_schema(_: PgPoolOptions, options: PgConnectOptions) {
    let pool = emptied(&options).await;
    for statement in [
        "create schema disguise",
        "create function disguise.version() returns text language sql as
         $$ select 'CockroachDB CCL v24.1.0 (x86_64-pc-linux-gnu, built 2024/05/15)' $$",
    ] {
        sqlx::query(statement).execute(&pool).await.unwrap();
    }
    let url = std::env::var("DATABASE_URL").unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let name = options.get_database().unwrap();
    let url = format!("{server}/{name}?options[search_path]=disguise,public,pg_catalog");
    let store = Store::connect(&url, 1).await.unwrap();
    for refused in [store.migrate().await, store.diagnose().await.map(drop)] {
        assert!(matches!(refused, Err(StoreError::OtherEngine("CockroachDB"))), "{refused:?}");
    }
    let tables: i64 = sqlx::query_scalar(
        "select count(*) from pg_tables where schemaname in ('disguise', 'public')",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert_eq!(tables, 0);
}
