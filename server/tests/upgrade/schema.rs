//! Two releases on one schema: the last release's statements, the migrations since, and a release on the schema of the next.

use crate::{aws::Aws, console::Around, dump, process};
use claviger_store::Store;
use regex::Regex;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqlSafeStr};
use std::{collections::BTreeSet, fs, path::PathBuf};

/// Statements of the last release that this schema no longer prepares: their beginning, and why that is harmless.
const GONE: [(&str, &str); 0] = [];

/// Migrations since the last release that remove or restrict something: the file, the words, and why the last release
/// runs all the same.
const CONTRACTED: [(&str, &str, &str); 2] = [
    (
        "20261129120000_alarms.sql",
        "alter table readiness drop constraint readiness_item_check",
        "the same statement's next line adds it again, with one word more",
    ),
    (
        "20261129120000_alarms.sql",
        "create unique index alarm_open",
        "the table is new: the last release writes no row of it",
    ),
];

/// What breaks a release that does not know of it.
const CONTRACTING: [&str; 9] = [
    r"drop\s+(table|column|type|function|view|schema|extension|sequence|trigger)\b[^;]*",
    r"\balter\s+table[^;]*\bdrop\s+(?:constraint\b|if\s+exists\b|[a-z_]+\s*[,;])[^;]*",
    r"\brename\b[^;]*",
    r"\balter\s+(column\s+)?[a-z_]+\s+(set\s+data\s+)?type\b[^;]*",
    r"\bset\s+not\s+null\b",
    r"\bdrop\s+default\b",
    r"\btruncate\b[^;]*",
    r"\bdelete\s+from\b[^;]*",
    r"\bcreate\s+unique\s+index\b[^;]*",
];

fn migrations() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../migrations")
}

/// Of each migration that the last release's database does not have: the file's name and its SQL without comments.
fn new_migrations() -> Vec<(String, String)> {
    let text = dump::text();
    let applied = text.split("INSERT INTO public._sqlx_migrations VALUES").nth(1).unwrap();
    let applied = applied.split("\n\n").next().unwrap();
    let known: BTreeSet<i64> = applied
        .lines()
        .filter_map(|line| line.trim().strip_prefix('(')?.split(',').next()?.parse().ok())
        .collect();
    assert!(known.len() > 20, "the dump lists its migrations");
    let comment = Regex::new("--[^\n]*").unwrap();
    let mut found: Vec<(String, String)> = fs::read_dir(migrations())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !known.contains(&name.split('_').next().unwrap().parse().unwrap()))
        .map(|name| {
            let sql = fs::read_to_string(migrations().join(&name)).unwrap().to_lowercase();
            (name, comment.replace_all(&sql, "").into_owned())
        })
        .collect();
    found.sort();
    found
}

/// The words of a migration that the last release may not survive.
fn contracting(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    for pattern in CONTRACTING {
        let pattern = Regex::new(pattern).unwrap();
        found.extend(pattern.find_iter(sql).map(|found| found.as_str().trim().to_owned()));
    }
    // A column that has to be filled, in a row that the last release adds.
    let column = Regex::new(r"\badd\s+column\s+(?:if\s+not\s+exists\s+)?[^,;]*").unwrap();
    for added in column.find_iter(sql).map(|found| found.as_str()) {
        let has_value = added.contains("default") || added.contains("generated");
        if added.contains("not null") && !has_value {
            found.push(added.trim().to_owned());
        }
    }
    found
}

#[test]
fn migrations_since_the_last_release_only_add() {
    let new = new_migrations();
    assert!(!new.is_empty(), "there are migrations since the last release");
    let mut faults = Vec::new();
    for (file, sql) in &new {
        for words in contracting(sql) {
            let is_listed =
                CONTRACTED.iter().any(|(name, start, _)| name == file && words.starts_with(start));
            if !is_listed {
                faults.push(format!("{file}: {words}"));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "the last release may still run on this schema: add now, and remove in the next release (CONTRIBUTING.md, Change the \
         database): {faults:#?}"
    );
}

#[test]
fn what_breaks_the_last_release_is_found() {
    for sql in [
        "drop table sweep;",
        "alter table resource drop column name;",
        "alter table resource drop name;",
        "alter table resource add column size integer, drop constraint resource_check;",
        "alter table resource rename column name to title;",
        "alter table resource rename to item;",
        "alter table resource alter column name type varchar(10);",
        "alter table resource alter name set not null;",
        "alter table resource alter name drop default;",
        "alter table resource add column size integer not null;",
        "create unique index on person (email);",
    ] {
        assert!(!contracting(sql).is_empty(), "{sql}");
    }
    for sql in [
        "alter table resource add column size integer;",
        "alter table resource add column size integer not null default 0, add column note text;",
        "create table thing (id bigint primary key, name text not null);",
        "create index on person (email);",
    ] {
        assert!(contracting(sql).is_empty(), "{sql}");
    }
}

async fn migrated(name: &str) -> String {
    process::fresh(name, None).await;
    let database = process::url(None, name);
    let store = Store::connect(&database, 2).await.unwrap();
    store.migrate().await.unwrap();
    database
}

#[tokio::test]
async fn the_last_releases_statements_prepare_on_the_new_schema() {
    let text = fs::read_to_string(dump::file(".statements.json")).unwrap();
    let statements: Vec<String> = serde_json::from_str(&text).unwrap();
    assert!(statements.len() > 250, "{} statements are few", statements.len());
    let database = migrated("claviger_upgrade_statements").await;
    let mut connection = PgConnection::connect(&database).await.unwrap();
    let mut faults = Vec::new();
    let mut gone = BTreeSet::new();
    for statement in statements {
        let prepared = connection.prepare(AssertSqlSafe(statement.clone()).into_sql_str()).await;
        let listed = GONE.iter().find(|(start, _)| statement.starts_with(start));
        match (prepared, listed) {
            (Err(error), None) => faults.push(format!("{error}: {statement}")),
            (Err(_), Some((start, _))) => {
                gone.insert(*start);
            }
            (Ok(_), _) => {}
        }
    }
    assert!(faults.is_empty(), "the last release asks these: {faults:#?}");
    assert_eq!(gone.len(), GONE.len(), "the list names statements that prepare");
}

#[tokio::test]
async fn a_release_runs_on_the_schema_of_the_next_until_that_says_no() {
    const NAME: &str = "claviger_upgrade_newer";
    let database = migrated(NAME).await;
    let mut connection = PgConnection::connect(&database).await.unwrap();
    let aws = Aws::start().await;
    let around =
        Around { folder: NAME, database: &database, issuer: "http://127.0.0.1:9", aws: &aws.url };
    // The next release adds a table and a column, as the rule has it.
    for statement in [
        "create table next_release (id bigint primary key)",
        "alter table person add column next_release text",
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (29991231000000, 'next release', true, '\\x00', 0)",
    ] {
        connection.execute(statement).await.unwrap();
    }
    let migrate = around.run(&["migrate"]);
    assert!(migrate.status.success(), "{}", String::from_utf8_lossy(&migrate.stderr));

    // One after it removes what this release needs, and says so.
    connection
        .execute("update schema_compatibility set oldest_migration = 29991231000000")
        .await
        .unwrap();
    let migrate = around.run(&["migrate"]);
    let said = String::from_utf8_lossy(&migrate.stderr);
    assert!(!migrate.status.success() && said.contains("29991231000000"), "{said}");
}
