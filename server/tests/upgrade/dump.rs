//! The dump as a file: written by `pg_dump`, loaded without any tool.

use crate::{RELEASE, process};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{path::PathBuf, process::Command};

/// The header of the dump; the cookie of an open session follows.
const HEAD: &str = "-- A database as this release writes it, made by
--     cargo test -p claviger --test upgrade -- --ignored make_the_dump
-- Every name, address and secret in it is a fake one.
";
const COOKIE: &str = "-- cookie: ";

pub fn file(ending: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/upgrade/{RELEASE}{ending}"))
}

pub fn text() -> String {
    std::fs::read_to_string(file(".sql")).unwrap()
}

/// The session cookie of Ada, who was signed in when the dump was created.
pub fn cookie() -> String {
    let text = text();
    let line = text.lines().find_map(|line| line.strip_prefix(COOKIE)).unwrap();
    line.to_owned()
}

/// Writes a database to the file.
pub fn write(database: &str, cookie: &str) {
    let made = Command::new("pg_dump")
        .args([
            "--inserts",
            "--rows-per-insert=100",
            "--no-owner",
            "--no-privileges",
            "--no-comments",
        ])
        .arg(database)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let sql = String::from_utf8(made.stdout).unwrap();
    let mut text = format!("{HEAD}{COOKIE}{cookie}\n");
    let mut was_empty = false;
    for line in sql.lines() {
        // Settings apply to this session, and psql commands are not SQL.
        let is_setting = line.starts_with("SET ") && !line.contains("check_function_bodies");
        let is_left_out = line.starts_with("--") || is_setting || line.starts_with('\\');
        if is_left_out || (was_empty && line.is_empty()) {
            continue;
        }
        was_empty = line.is_empty();
        text.push_str(line);
        text.push('\n');
    }
    std::fs::write(file(".sql"), text).unwrap();
}

/// A database of this name with the content of the file.
pub async fn load(name: &str) {
    process::fresh(name, None).await;
    let mut connection = PgConnection::connect(&process::url(None, name)).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(text())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
