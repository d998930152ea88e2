//! What is wrong with the machine or beside it: the clock, and other releases.

use crate::{check, database, folder, settings};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::process::Command;

/// A PostgreSQL whose clock is ten minutes ahead: its own function of the time is hidden by another.
#[sqlx::test(migrations = "../migrations")]
async fn a_wrong_clock_is_said_by_the_check_and_stops_the_server(
    pool_options: PgPoolOptions,
    options: PgConnectOptions,
) {
    let folder = folder("check-clock");
    let pool = pool_options.connect_with(options.clone()).await.unwrap();
    sqlx::raw_sql(
        "create schema disguise;
         create function disguise.clock_timestamp() returns timestamptz language sql as
         $$ select pg_catalog.clock_timestamp() + interval '10 minutes' $$",
    )
    .execute(&pool)
    .await
    .unwrap();
    let mut all = settings(&folder);
    let url = format!("{}?options[search_path]=disguise,public,pg_catalog", database(&options));
    all.insert("DATABASE_URL", url);
    let answer = check(&all).await;
    answer.is("Clock:", "failed", "seconds behind the database's. Synchronize");
    let output = Command::new(env!("CARGO_BIN_EXE_claviger"))
        .arg("serve")
        .env_clear()
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .envs(all.iter())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    for words in ["seconds behind the database's", "NTP", "start again"] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// A replica of another release shows itself by the name of its connections.
#[sqlx::test(migrations = "../migrations")]
async fn another_release_on_the_database_is_a_warning(_: PgPoolOptions, options: PgConnectOptions) {
    let folder = folder("check-releases");
    let mut all = settings(&folder);
    all.insert("DATABASE_URL", database(&options));
    let other = options.application_name("claviger 0.0.9");
    let _other = PgPoolOptions::new().min_connections(1).connect_with(other).await.unwrap();
    let answer = check(&all).await;
    answer.is("Releases:", "warning", "0.0.9 uses the database too");
}
