//! The facet rail: for each choice, how many rows it would leave, all other fields kept. One query.

use crate::{
    Store, StoreError,
    listing::{LIFE_STATE, ROTATION_CLASS, bind_filter, conditions, patterns, word_conditions},
};
use claviger_domain::{access::VisibleAccounts, query::InventoryQuery};
use sqlx::AssertSqlSafe;
use std::{collections::HashMap, fmt::Write};
use time::OffsetDateTime;

/// Counts by field and value, with the number of rows that match in all.
#[derive(Debug, Default)]
pub struct FacetCounts {
    pub matching: u64,
    counts: HashMap<(String, String), u64>,
}

impl FacetCounts {
    pub fn of(&self, field: &str, value: &str) -> u64 {
        self.counts.get(&(field.to_owned(), value.to_owned())).copied().unwrap_or(0)
    }

    /// The values of a field that leave any row, in order.
    pub fn values(&self, field: &str) -> Vec<&str> {
        let mut values: Vec<&str> = self
            .counts
            .keys()
            .filter(|(f, _)| f == field)
            .map(|(_, value)| value.as_str())
            .collect();
        values.sort_unstable();
        values
    }
}

impl Store {
    /// Counts every facet within the scope.
    pub async fn count_facets(
        &self,
        visible: &VisibleAccounts,
        query: &InventoryQuery,
        now: OffsetDateTime,
    ) -> Result<FacetCounts, StoreError> {
        let words = patterns(&query.text);
        let sql = facet_sql(&words);
        let rows: Vec<(String, String, i64)> =
            bind_filter(sqlx::query_as(AssertSqlSafe(sql)), visible, i64::MAX, query, now, words)
                .fetch_all(&self.pool)
                .await?;
        let mut facets = FacetCounts::default();
        for (field, value, count) in rows {
            let count = u64::try_from(count).unwrap_or(0);
            if field == "matching" {
                facets.matching = count;
            } else {
                facets.counts.insert((field, value), count);
            }
        }
        Ok(facets)
    }
}

fn facet_sql(words: &[String]) -> String {
    let conditions = conditions();
    let mut sql = format!(
        "with base as materialized (select r.kind, a.ou_path as ou, r.account_id as account,
            r.region || r.replica_regions as region, {ROTATION_CLASS} as rotation, r.key_class as key,
            r.owner_class as owner, {LIFE_STATE} as state"
    );
    for (field, condition) in &conditions {
        let _ = write!(sql, ", {condition} as fits_{field}");
    }
    let _ = write!(
        sql,
        " from resource r join account a on a.id = r.account_id
          where r.account_id = any($1) and r.is_listed{})",
        word_conditions(words, 12)
    );
    for (field, _) in &conditions {
        let others = fits(conditions.iter().map(|(f, _)| *f).filter(|f| f != field));
        let (from, value) = match *field {
            "ou" | "region" => (format!("base, unnest({field}) as v"), "v"),
            plain => ("base".to_owned(), plain),
        };
        let _ = write!(
            sql,
            " select '{field}' as field, {value} as value, count(*) as n from {from} where {others} group by {value} union all"
        );
    }
    let all = fits(conditions.iter().map(|(f, _)| *f));
    let _ = write!(sql, " select 'matching', '', count(*) from base where {all} limit $2");
    sql
}

fn fits(fields: impl Iterator<Item = &'static str>) -> String {
    fields.map(|field| format!("fits_{field}")).collect::<Vec<_>>().join(" and ")
}
