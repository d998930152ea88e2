//! Searches the audit log. Each question looks at a bounded part of it.

use super::parsed;
use crate::{AuditRepository, StoreError, error::texts, inventory::search_patterns::patterns};
use claviger_domain::audit::{
    AuditQuery, CLAVIGER, Outcome, hex,
    view::{Actor, AuditRow, Position},
};
use sqlx::{PgConnection, Postgres, Transaction};
use std::ops::RangeInclusive;
use time::OffsetDateTime;

/// Entries that one question looks at, if an index finds them.
const WINDOW: i64 = 1_000_000;
/// Entries that one question looks at, if it reads the text of each.
const TEXT_WINDOW: i64 = 50_000;
/// Rows are counted up to this number.
const MAX_COUNTED: i64 = 10_000;
/// Actors that the filter offers.
const MAX_ACTORS: i64 = 200;

/// A page of entries, the newest first.
#[derive(Debug)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    pub position: Position,
    /// The number after which the page before begins.
    pub newer: Option<i64>,
    /// The number before which the next page begins.
    pub older: Option<i64>,
    /// The lowest and highest number that was searched, if the search stopped there.
    pub searched: Option<(i64, i64)>,
}

/// Entries without their place in the list.
#[derive(Debug)]
pub struct AuditEntries {
    /// The newest first.
    pub rows: Vec<AuditRow>,
    /// The highest number that could be among them.
    start: i64,
    /// The number before which the next ones begin.
    pub older: Option<i64>,
    /// The lowest and highest number that was searched, if the search stopped there.
    searched: Option<(i64, i64)>,
}

struct Entry {
    seq: i64,
    body: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
}

struct Counted {
    all: i64,
    newer: i64,
}

impl Entry {
    fn row(self) -> Result<AuditRow, StoreError> {
        let entry = parsed(self.seq, &self.body)?;
        Ok(AuditRow {
            seq: entry.seq,
            at: entry.at,
            who: entry.actor.map(|actor| (actor.subject, actor.name)),
            audit_action: entry.audit_action,
            phase: entry.phase,
            succeeded: entry.succeeded,
            started: entry.started,
            subject: entry.subject,
            detail: entry.detail,
            body: self.body,
            hash: hex(&self.hash),
            previous: hex(&self.previous),
        })
    }
}

/// A query as the SQL takes it.
struct Terms {
    actions: Vec<String>,
    targets: Vec<String>,
    /// As JSON writes them.
    actors: Vec<String>,
    outcomes: Vec<String>,
    from: Option<OffsetDateTime>,
    until: Option<OffsetDateTime>,
    patterns: Vec<String>,
}

impl From<&AuditQuery> for Terms {
    fn from(query: &AuditQuery) -> Self {
        let (from, until) = query.period();
        Self {
            actions: texts(&query.actions),
            targets: query.targets.clone(),
            actors: query.actors.iter().map(|actor| json_escaped(actor)).collect(),
            outcomes: texts::<Outcome>(&query.outcomes),
            from,
            until,
            patterns: patterns(&json_escaped(&query.text)),
        }
    }
}

fn window(query: &AuditQuery) -> i64 {
    if query.text.is_empty() { WINDOW } else { TEXT_WINDOW }
}

/// A text as it is within the quotation marks of JSON.
fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// Entries of a range that match. Words are searched in the values: the keys are the same in every entry.
macro_rules! matching {
    ($row:ident, $head:literal, $tail:literal, $terms:expr, $range:expr, $limit:expr $(, $arg:expr)*) => {
        sqlx::query_as!(
            $row,
            $head
                + r#" where seq between $1 and $2
                and (cardinality($3::text[]) = 0 or deed = any($3))
                and (cardinality($4::text[]) = 0 or subject = any($4))
                and (cardinality($5::text[]) = 0
                    or audit_actor(body) = any($5))
                and (cardinality($6::text[]) = 0
                    or 'failed' = any($6) and succeeded = false
                    or 'started' = any($6) and phase = 'started'
                    or 'succeeded' = any($6) and phase <> 'started' and succeeded is distinct from false)
                and ($7::timestamptz is null or at >= $7) and ($8::timestamptz is null or at < $8)
                and (cardinality($9::text[]) = 0 or lower(body) like all($9)
                    and lower(regexp_replace(body, '"[A-Za-z0-9_-]+":', ' ', 'g')) like all($9))"#
                + $tail,
            *$range.start(),
            *$range.end(),
            &$terms.actions,
            &$terms.targets,
            &$terms.actors,
            &$terms.outcomes,
            $terms.from,
            $terms.until,
            &$terms.patterns,
            $limit
            $(, $arg)*
        )
    };
}

impl AuditRepository {
    /// A page of the list, of this many rows.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit_page(&self, query: &AuditQuery, rows: u16) -> Result<AuditPage, StoreError> {
        let terms = Terms::from(query);
        let mut reading = self.reading().await?;
        let whole = range(&mut reading, &terms).await?;
        let (low, high) = (*whole.start(), *whole.end());
        if let Some(after) = query.after {
            let from = low.max(after.saturating_add(1));
            let top = high.min(from.saturating_add(window(query) - 1));
            let (mut found, has_more) = nearest(&mut reading, &terms, from..=top, rows).await?;
            found.reverse();
            // Where nothing is before it, this is the first page, which is as long as it can be.
            if has_more || top < high {
                let newer = if has_more { found.first().map(|row| row.seq) } else { Some(top) };
                let older = found.last().map_or(Some(from), |row| Some(row.seq));
                let position = position(&mut reading, query, &terms, &whole, &found).await?;
                return Ok(AuditPage {
                    position,
                    newer,
                    older: older.filter(|seq| *seq > low),
                    searched: (!has_more).then_some((from, top)),
                    rows: found,
                });
            }
        }
        let AuditEntries { rows, start, older, searched } =
            downward(&mut reading, query, &terms, &whole, rows).await?;
        let first = rows.first().map_or(start, |row| row.seq);
        Ok(AuditPage {
            position: position(&mut reading, query, &terms, &whole, &rows).await?,
            newer: (start < high).then_some(first),
            older,
            searched,
            rows,
        })
    }

    /// The rows of [`Self::audit_page`] alone, and where the next ones begin: for lists that are read to their end.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn entries(&self, query: &AuditQuery, rows: u16) -> Result<AuditEntries, StoreError> {
        let terms = Terms::from(query);
        let mut reading = self.reading().await?;
        let whole = range(&mut reading, &terms).await?;
        downward(&mut reading, query, &terms, &whole, rows).await
    }

    /// A transaction in which each statement is planned for its own filters: a plan for all of them has no index.
    async fn reading(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query!("set local plan_cache_mode = force_custom_plan").execute(&mut *tx).await?;
        Ok(tx)
    }

    /// Everybody of whom there are entries: Claviger itself, then people by name.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn actors(&self) -> Result<Vec<Actor>, StoreError> {
        // One step through the index for each: the entries between are passed over.
        let rows = sqlx::query!(
            r#"with recursive known as (
                (select audit_actor(body) as actor
                 from audit_entry order by 1 limit 1)
                union all
                select (select audit_actor(body)
                    from audit_entry
                    where audit_actor(body) > known.actor
                    order by 1 limit 1)
                from known where known.actor is not null
            )
            select known.actor as "actor!", person.name as "name?"
            from known left join person on person.subject = known.actor
            where known.actor is not null limit $1"#,
            MAX_ACTORS,
        )
        .fetch_all(&self.pool)
        .await?;
        let mut actors: Vec<Actor> = rows
            .into_iter()
            .map(|row| {
                let value =
                    serde_json::from_str(&format!("\"{}\"", row.actor)).unwrap_or(row.actor);
                let name = match row.name {
                    _ if value == CLAVIGER => "Claviger".into(),
                    Some(name) => name,
                    None => value.clone(),
                };
                Actor { value, name }
            })
            .collect();
        actors.sort_by(|a, b| (a.value != CLAVIGER, &a.name).cmp(&(b.value != CLAVIGER, &b.name)));
        Ok(actors)
    }
}

/// The rows of a page, and whether there are more.
fn cut(found: Vec<Entry>, rows: u16) -> Result<(Vec<AuditRow>, bool), StoreError> {
    let has_more = found.len() > usize::from(rows);
    let rows = found.into_iter().take(rows.into()).map(Entry::row);
    Ok((rows.collect::<Result<_, _>>()?, has_more))
}

async fn downward(
    connection: &mut PgConnection,
    query: &AuditQuery,
    terms: &Terms,
    whole: &RangeInclusive<i64>,
    rows: u16,
) -> Result<AuditEntries, StoreError> {
    let (low, high) = (*whole.start(), *whole.end());
    let start = query.before.map_or(high, |before| high.min(before.saturating_sub(1)));
    let bottom = low.max(start.saturating_sub(window(query) - 1));
    let (rows, has_more) = newest(connection, terms, bottom..=start, rows).await?;
    let older = match rows.last() {
        Some(last) if has_more => Some(last.seq),
        _ => Some(bottom).filter(|bottom| *bottom > low),
    };
    Ok(AuditEntries {
        older,
        searched: (!has_more && bottom > low).then_some((bottom, start)),
        start,
        rows,
    })
}

/// The numbers between which every match is. Empty if there can be none.
async fn range(
    connection: &mut PgConnection,
    terms: &Terms,
) -> Result<RangeInclusive<i64>, StoreError> {
    let (low, high) = if terms.from.is_some() || terms.until.is_some() {
        // Entries are not quite in the order of their times: two units of work can overlap. The offset keeps PostgreSQL
        // from looking for the first and the last of them along the numbers.
        sqlx::query!(
            "select min(seq), max(seq) from (select seq from audit_entry
             where at >= coalesce($1::timestamptz, '-infinity') and at < coalesce($2::timestamptz, 'infinity')
             offset 0) found",
            terms.from,
            terms.until,
        )
        .map(|row| (row.min, row.max))
        .fetch_one(&mut *connection)
        .await?
    } else {
        let head = sqlx::query_scalar!("select max(seq) from audit_entry");
        (Some(1), head.fetch_one(&mut *connection).await?)
    };
    Ok(low.unwrap_or(1)..=high.unwrap_or(0))
}

async fn newest(
    connection: &mut PgConnection,
    terms: &Terms,
    range: RangeInclusive<i64>,
    rows: u16,
) -> Result<(Vec<AuditRow>, bool), StoreError> {
    let found = matching!(
        Entry,
        "select seq, body, previous, hash from audit_entry",
        " order by seq desc limit $10",
        terms,
        range,
        i64::from(rows) + 1
    )
    .fetch_all(&mut *connection)
    .await?;
    cut(found, rows)
}

/// From the other end: the oldest first.
async fn nearest(
    connection: &mut PgConnection,
    terms: &Terms,
    range: RangeInclusive<i64>,
    rows: u16,
) -> Result<(Vec<AuditRow>, bool), StoreError> {
    let found = matching!(
        Entry,
        "select seq, body, previous, hash from audit_entry",
        " order by seq limit $10",
        terms,
        range,
        i64::from(rows) + 1
    )
    .fetch_all(&mut *connection)
    .await?;
    cut(found, rows)
}

/// Where a page is in its list.
async fn position(
    connection: &mut PgConnection,
    query: &AuditQuery,
    terms: &Terms,
    whole: &RangeInclusive<i64>,
    page: &[AuditRow],
) -> Result<Position, StoreError> {
    let unsigned = |number: i64| u64::try_from(number).unwrap_or_default();
    let Some(first) = page.first().map(|row| row.seq) else { return Ok(Position::Unknown) };
    if query.filters().is_empty() {
        // Numbers have no gap.
        let (newest, first) = (unsigned(*whole.end()), unsigned(first));
        return Ok(Position::Exact { first: newest - first + 1, of: newest });
    }
    if whole.end() - whole.start() >= window(query) {
        return Ok(Position::Unknown);
    }
    let counted = matching!(
        Counted,
        r#"select count(*) as "all!", count(*) filter (where seq > $11) as "newer!" from (select seq from audit_entry"#,
        " limit $10) counted",
        terms,
        whole,
        MAX_COUNTED + 1,
        first
    )
    .fetch_one(&mut *connection)
    .await?;
    if counted.all > MAX_COUNTED {
        return Ok(Position::MoreThan(unsigned(MAX_COUNTED)));
    }
    Ok(Position::Exact { first: unsigned(counted.newer) + 1, of: unsigned(counted.all) })
}
