//! The inventory's list: scoped, filtered, ordered, paged by key.

use crate::{
    Store, StoreError,
    error::{column, texts},
    ingest::owner_of,
};
use claviger_domain::{
    access::VisibleAccounts,
    cursor::Cursor,
    facts::ResourceFacts,
    ids::{Region, ResourceId},
    query::{Direction, InventoryQuery, LifeState, Sort},
    rotation::RotationState,
    view::{InventoryRow, Page},
};
use sqlx::{AssertSqlSafe, PgPool, Postgres, postgres::PgArguments, query::QueryAs, types::Json};
use std::fmt::Write;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// SQL's word for `RotationState::class`; a test holds the two together. `$11` is the time.
pub(crate) const ROTATION_CLASS: &str = "case when r.kind = 'parameter' then 'not-applicable'
    when r.stuck_version is not null then 'stuck'
    when r.rotation_enabled and r.next_rotation_at < $11 then 'overdue'
    when r.rotation_enabled then 'scheduled' else 'off' end";

pub(crate) const LIFE_STATE: &str = "case when r.gone_at is not null then 'gone' when r.deleted_at is not null then 'deleting' else 'live' end";

/// The filter's parts in SQL, each true where its field does not narrow. `$1` is the scope.
pub(crate) fn conditions() -> [(&'static str, String); 8] {
    let any = |n: u8, expression: &str| {
        format!("(cardinality(${n}::text[]) = 0 or {expression} = any(${n}))")
    };
    [
        ("kind", any(3, "r.kind")),
        ("ou", "(cardinality($4::text[]) = 0 or a.ou_path && $4)".to_owned()),
        ("account", any(5, "r.account_id")),
        (
            "region",
            "(cardinality($6::text[]) = 0 or r.region = any($6) or r.replica_regions && $6)"
                .to_owned(),
        ),
        ("rotation", any(7, &format!("({ROTATION_CLASS})"))),
        ("key", any(8, "r.key_class")),
        ("owner", any(9, "r.owner_class")),
        ("state", any(10, &format!("({LIFE_STATE})"))),
    ]
}

/// The search words as conditions, from parameter `first` on.
pub(crate) fn word_conditions(words: &[String], first: usize) -> String {
    (first..first + words.len()).fold(String::new(), |mut sql, n| {
        let _ = write!(sql, " and r.search like ${n}");
        sql
    })
}

/// Each word as a pattern that finds it anywhere.
pub(crate) fn patterns(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split_whitespace()
        .map(|word| {
            format!("%{}%", word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
        })
        .collect()
}

/// Binds parameters 1 to 11, and the words after them. Parameter 2 is the page's size.
pub(crate) fn bind_filter<'q, T>(
    statement: QueryAs<'q, Postgres, T, PgArguments>,
    visible: &VisibleAccounts,
    limit: i64,
    query: &InventoryQuery,
    now: OffsetDateTime,
    words: Vec<String>,
) -> QueryAs<'q, Postgres, T, PgArguments> {
    let states: &[LifeState] = if query.states.is_empty() {
        &[LifeState::Live, LifeState::Deleting]
    } else {
        &query.states
    };
    let statement = statement
        .bind(texts(&visible.accounts))
        .bind(limit)
        .bind(texts(&query.kinds))
        .bind(texts(&query.ous))
        .bind(texts(&query.accounts))
        .bind(texts(&query.regions))
        .bind(texts(&query.rotation))
        .bind(texts(&query.keys))
        .bind(texts(&query.owners))
        .bind(texts(states))
        .bind(now);
    words.into_iter().fold(statement, QueryAs::bind)
}

/// The order's SQL expression and its type. Nulls get a place of their own.
fn sort_key(sort: Sort) -> (&'static str, &'static str) {
    match sort {
        Sort::Name => ("r.name collate \"C\"", "text"),
        Sort::Account => ("a.name collate \"C\"", "text"),
        Sort::Region => ("r.region collate \"C\"", "text"),
        Sort::Changed => ("coalesce(r.changed_at, '-infinity')", "timestamptz"),
        Sort::Read => ("coalesce(r.used_on, '-infinity')", "date"),
        Sort::Rotation => ("coalesce(r.next_rotation_at, 'infinity')", "timestamptz"),
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    region: String,
    account_name: String,
    account_id: String,
    replica_regions: Vec<String>,
    facts: Json<ResourceFacts>,
    used_on: Option<Date>,
    deleted_at: Option<OffsetDateTime>,
    gone_at: Option<OffsetDateTime>,
    sort_key: String,
}

impl Store {
    /// One page of the inventory, `limit` rows at most.
    pub async fn list_inventory(
        &self,
        visible: &VisibleAccounts,
        query: &InventoryQuery,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<Page<InventoryRow>, StoreError> {
        let rows = fetch(&self.pool, visible, query, limit, now).await?;
        page(rows, query, limit, now)
    }

    /// How many rows there are within the scope that are not gone.
    pub async fn count_inventory(&self, visible: &VisibleAccounts) -> Result<u64, StoreError> {
        let (count,): (i64,) = sqlx::query_as(
            "select count(*) from resource where account_id = any($1) and is_listed and gone_at is null",
        )
        .bind(texts(&visible.accounts))
        .fetch_one(&self.pool)
        .await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

async fn fetch(
    pool: &PgPool,
    visible: &VisibleAccounts,
    query: &InventoryQuery,
    limit: u16,
    now: OffsetDateTime,
) -> Result<Vec<Row>, StoreError> {
    let (key, key_type) = sort_key(query.sort);
    let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    let (order, after) = match (query.direction, backwards) {
        (Direction::Ascending, false) | (Direction::Descending, true) => ("asc", ">"),
        _ => ("desc", "<"),
    };
    let words = patterns(&query.text);
    let mut sql = format!(
        "select r.id, r.region, a.name as account_name, r.account_id, r.replica_regions, r.facts, r.used_on,
            r.deleted_at, r.gone_at, ({key})::text as sort_key
         from resource r join account a on a.id = r.account_id
         where r.account_id = any($1) and r.is_listed"
    );
    for (_, condition) in conditions() {
        let _ = write!(sql, " and {condition}");
    }
    sql.push_str(&word_conditions(&words, 12));
    if query.cursor.is_some() {
        let at = 12 + words.len();
        let _ = write!(sql, " and ({key}, r.id) {after} (${at}::{key_type}, ${})", at + 1);
    }
    let _ = write!(sql, " order by {key} {order}, r.id {order} limit $2");
    let statement = bind_filter(
        sqlx::query_as::<_, Row>(AssertSqlSafe(sql)),
        visible,
        i64::from(limit) + 1,
        query,
        now,
        words,
    );
    let statement = match &query.cursor {
        Some(cursor) => statement.bind(cursor.key.clone()).bind(cursor.id.0),
        None => statement,
    };
    statement.fetch_all(pool).await.map_err(|error| {
        match error.as_database_error().and_then(sqlx::error::DatabaseError::code) {
            // Class 22: the cursor's key is no such date.
            Some(code) if code.starts_with("22") && query.cursor.is_some() => StoreError::Cursor,
            _ => StoreError::Database(error),
        }
    })
}

fn page(
    mut rows: Vec<Row>,
    query: &InventoryQuery,
    limit: u16,
    now: OffsetDateTime,
) -> Result<Page<InventoryRow>, StoreError> {
    let more = rows.len() > usize::from(limit);
    rows.truncate(limit.into());
    let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
    if backwards {
        rows.reverse();
    }
    let cursor = |row: &Row, backwards: bool| Cursor {
        sort: query.sort,
        direction: query.direction,
        key: row.sort_key.clone(),
        id: ResourceId(row.id),
        backwards,
    };
    let has_previous = if backwards { more } else { query.cursor.is_some() };
    let has_next = if backwards { true } else { more };
    Ok(Page {
        previous: rows.first().filter(|_| has_previous).map(|row| cursor(row, true)),
        next: rows.last().filter(|_| has_next).map(|row| cursor(row, false)),
        rows: rows.into_iter().map(|row| row.into_domain(now)).collect::<Result<_, _>>()?,
    })
}

impl Row {
    fn into_domain(self, now: OffsetDateTime) -> Result<InventoryRow, StoreError> {
        let facts = self.facts.0;
        let parameter_type = match &facts.detail {
            claviger_domain::facts::Detail::Parameter(parameter) => Some(parameter.parameter_type),
            claviger_domain::facts::Detail::Secret(_) => None,
        };
        Ok(InventoryRow {
            id: ResourceId(self.id),
            kind: facts.kind(),
            parameter_type,
            owner: owner_of(&facts),
            rotation: RotationState::of(&facts, now),
            key: facts.key_class(),
            account_id: column("resource", "account_id", self.id, &self.account_id)?,
            account_name: self.account_name,
            region: column("resource", "region", self.id, &self.region)?,
            replica_regions: self
                .replica_regions
                .iter()
                .map(|region| column::<Region>("resource", "replica_regions", self.id, region))
                .collect::<Result<_, _>>()?,
            accessed_on: self.used_on,
            changed_at: facts.changed_at,
            deleted_at: self.deleted_at,
            gone_at: self.gone_at,
            name: facts.name,
        })
    }
}
