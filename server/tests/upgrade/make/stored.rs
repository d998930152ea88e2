//! The content of the tables after all events.

use super::Making;
use crate::v1::keys;
use std::collections::BTreeSet;

/// Tables that are empty between two events.
const MAY_BE_EMPTY: [&str; 18] = [
    "brake",
    "logout_token",
    "signed_out",
    "effective_tag_policy",
    "access_pause",
    "access_cutoff",
    // Tables of later releases.
    "alarm",
    "alarm_check",
    "alarm_event",
    "aws_event",
    "chat_message",
    "creation",
    "declared_consumer",
    "event_queue",
    "event_source",
    "favorite",
    "leak",
    "plain_variable",
];

/// Columns whose values the code defines.
const WORDS: [&str; 25] = [
    "category",
    "channel",
    "class",
    "deed",
    "fault",
    "field",
    "item",
    "kind",
    "key_class",
    "list",
    "mode",
    "named_by",
    "owner_class",
    "parameter_type",
    "phase",
    "purpose",
    "severity",
    "state",
    "status",
    "task_identifier",
    "trigger",
    "verdict",
    "what",
    "word",
    "written_by",
];

/// What the current release writes: each value of a column, and each key of a document. The dump has those of an earlier one.
#[tokio::test]
async fn what_is_stored_is_spelled_as_before() {
    let (making, _) = Making::filled("claviger_upgrade_stored").await;
    let lines: Vec<String> = making.spelled().await.into_iter().collect();
    insta::assert_snapshot!(lines.join("\n"));
}

impl Making {
    /// Table, column and value, or table, column and the path of a key.
    pub(super) async fn spelled(&self) -> BTreeSet<String> {
        let columns: Vec<(String, String, String)> = sqlx::query_as(
            "select c.table_name::text, c.column_name::text, c.data_type::text from information_schema.columns c
             join information_schema.tables t using (table_schema, table_name)
             where table_schema = 'public' and t.table_type = 'BASE TABLE' and table_name <> '_sqlx_migrations'",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let mut found = BTreeSet::new();
        for (table, column, kind) in columns {
            let is_document =
                kind.starts_with("json") || (table == "audit_entry" && column == "body");
            let is_word = WORDS.contains(&column.as_str());
            if !is_document && !is_word {
                found.insert(format!("{table}.{column} {kind}"));
                continue;
            }
            let sql =
                format!("select distinct {column}::text from {table} where {column} is not null");
            let values: Vec<(String,)> =
                sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await.unwrap();
            for (value,) in values {
                let at = format!("{table}.{column}");
                if is_document {
                    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
                    if table == "audit_entry" {
                        for key in value["detail"].as_object().unwrap().keys() {
                            let audit_action = value["deed"].as_str().unwrap();
                            found.insert(format!("{at} {audit_action} {key}"));
                        }
                    }
                    keys(&at, &value, &mut found);
                } else {
                    found.insert(format!("{at} = {value}"));
                }
            }
        }
        found
    }

    /// Every table has at least one row.
    pub(super) async fn is_whole(&self) {
        let tables: Vec<(String,)> = sqlx::query_as(
            "select table_name::text from information_schema.tables
             where table_schema = 'public' and table_type = 'BASE TABLE' order by 1",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        let mut empty = Vec::new();
        for (table,) in tables {
            let sql = format!("select count(*) from {table}");
            let (count,): (i64,) =
                sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_one(&self.pool).await.unwrap();
            if count == 0 && !MAY_BE_EMPTY.contains(&table.as_str()) {
                empty.push(table);
            }
        }
        assert!(empty.is_empty(), "nothing in {empty:?}");
    }
}
