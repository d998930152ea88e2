//! The findings list: scoped, filtered, worst first, paged by key.

use crate::{
    Store, StoreError,
    error::{column, texts},
    judging::stamp,
    words::{patterns, word_conditions},
};
use claviger_domain::{
    access::VisibleAccounts,
    governance::{
        Evidence, FindingQuery, FindingState, Verdict,
        view::{Borne, FindingRow},
    },
    ids::ResourceId,
    waiver::WaiverId,
};
use sqlx::{AssertSqlSafe, Postgres, postgres::PgArguments, query::QueryAs, types::Json};
use std::fmt::Write;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// A page of findings.
#[derive(Debug, Clone, Default)]
pub struct FoundFindings {
    pub rows: Vec<FindingRow>,
    pub next: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    severity_rank: i16,
    resource_id: Uuid,
    arn: String,
    name: String,
    kind: String,
    account_id: String,
    account_name: String,
    region: String,
    team: Option<String>,
    policy_id: String,
    severity: String,
    verdict: String,
    says: String,
    evidence: Json<Vec<Evidence>>,
    opened_at: OffsetDateTime,
    due_at: OffsetDateTime,
    resolved_at: Option<OffsetDateTime>,
    reopened: i32,
    waiver_id: Option<i64>,
    waived_until: Option<OffsetDateTime>,
}

const SELECT: &str = "select f.id, f.severity_rank, f.resource_id, r.arn, r.name, r.kind, f.account_id, a.name as account_name, r.region,
        f.team, f.policy_id, f.severity, f.verdict, f.says, f.evidence, f.opened_at, f.due_at, f.resolved_at, f.reopened,
        f.waiver_id, w.ends_at as waived_until
     from finding f join resource r on r.id = f.resource_id join account a on a.id = f.account_id
        left join waiver w on w.id = f.waiver_id
     where f.account_id = any($1)";

impl Row {
    fn into_domain(self) -> Result<FindingRow, StoreError> {
        let key = self.id;
        Ok(FindingRow {
            resource: ResourceId(self.resource_id),
            arn: column("resource", "arn", key, &self.arn)?,
            name: self.name,
            kind: column("resource", "kind", key, &self.kind)?,
            account_id: column("finding", "account_id", key, &self.account_id)?,
            account_name: self.account_name,
            region: column("resource", "region", key, &self.region)?,
            team: self.team,
            policy_title: String::new(),
            policy: self.policy_id,
            severity: column("finding", "severity", key, &self.severity)?,
            verdict: column("finding", "verdict", key, &self.verdict)?,
            says: self.says,
            evidence: self.evidence.0,
            opened_at: self.opened_at,
            due_at: self.due_at,
            resolved_at: self.resolved_at,
            reopened: u32::try_from(self.reopened).unwrap_or(0),
            waiver: self
                .waiver_id
                .zip(self.waived_until)
                .map(|(id, until)| Borne { id: WaiverId(id), until }),
        })
    }
}

/// Whether the query asks for something of the secret or parameter itself.
pub(crate) fn asks_of_resource(query: &FindingQuery) -> bool {
    !(query.text.is_empty() && query.kinds.is_empty() && query.regions.is_empty())
}

/// The findings `f`, with the row `r` of what each is about only where the query needs it.
pub(crate) fn source(query: &FindingQuery) -> &'static str {
    if asks_of_resource(query) {
        "finding f join resource r on r.id = f.resource_id"
    } else {
        "finding f"
    }
}

/// The fields that no facet counts, words left out: kind, Region, days and the resource itself. `$2` is the time, `$3`
/// and on are theirs, asked for or not.
pub(crate) fn plain(query: &FindingQuery) -> String {
    let when = |is_asked: bool, holds: &str, unused: &str| {
        if is_asked { format!(" and {holds}") } else { format!(" and {unused} is not null") }
    };
    when(!query.kinds.is_empty(), "r.kind = any($3)", "$3::text[]")
        + &when(!query.regions.is_empty(), "r.region = any($4)", "$4::text[]")
        + " and ($5::timestamptz is null or f.opened_at >= $5)"
        // Joined, many are looked up one by one; `any` would hold each finding against all of them.
        + &when(
            !query.resources.is_empty(),
            "f.resource_id in (select unnest($6::uuid[]))",
            "$6::uuid[]",
        )
}

/// The first parameter of the words.
pub(crate) const WORDS_FROM: usize = 7;

/// With more resources, each finding is looked at by itself.
const MANY_RESOURCES: usize = 50_000;

pub(crate) fn bind_plain<'q, T>(
    statement: QueryAs<'q, Postgres, T, PgArguments>,
    visible: &VisibleAccounts,
    query: &FindingQuery,
    now: OffsetDateTime,
    words: Vec<String>,
) -> QueryAs<'q, Postgres, T, PgArguments> {
    let since = query.days.map(|days| now - Duration::days(days.into()));
    let statement = statement
        .bind(texts(&visible.accounts))
        .bind(now)
        .bind(texts(&query.kinds))
        .bind(texts(&query.regions))
        .bind(since)
        .bind(query.resources.iter().map(|id| id.0).collect::<Vec<_>>());
    words.into_iter().fold(statement, QueryAs::bind)
}

impl Store {
    /// The same query, which names resources instead of words, kinds and Regions where they are not too many; `None`
    /// where no resource fits, and so no finding.
    pub async fn by_resource(
        &self,
        visible: &VisibleAccounts,
        query: FindingQuery,
    ) -> Result<Option<FindingQuery>, StoreError> {
        if !asks_of_resource(&query) {
            return Ok(Some(query));
        }
        let Some(mut fitting) = self.find_meant(visible, &query, MANY_RESOURCES).await? else {
            return Ok(Some(query));
        };
        if !query.resources.is_empty() {
            fitting.retain(|id| query.resources.contains(id));
        }
        Ok((!fitting.is_empty()).then(|| FindingQuery {
            text: String::new(),
            kinds: Vec::new(),
            regions: Vec::new(),
            resources: fitting,
            ..query
        }))
    }

    /// One page, the worst and newest first.
    pub async fn list_findings(
        &self,
        visible: &VisibleAccounts,
        query: &FindingQuery,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<FoundFindings, StoreError> {
        let words = patterns(&query.text);
        let at = WORDS_FROM + words.len();
        let mut sql = format!(
            "select f.id from {} join account a on a.id = f.account_id where f.account_id = any($1){}{}",
            source(query),
            plain(query),
            word_conditions(&words, WORDS_FROM)
        );
        for (n, (column, is_ou)) in [
            ("f.policy_id", false),
            ("f.category", false),
            ("f.severity", false),
            ("f.account_id", false),
            ("coalesce(f.team, '-')", false),
            ("a.ou_path", true),
        ]
        .into_iter()
        .enumerate()
        {
            let place = at + n;
            let holds = if is_ou {
                format!("a.ou_path && ${place}")
            } else {
                format!("{column} = any(${place})")
            };
            let _ = write!(sql, " and (cardinality(${place}::text[]) = 0 or {holds})");
        }
        let _ = write!(sql, " and f.verdict = any(${})", at + 6);
        if let Some(worst) = query.severities.iter().map(|severity| severity.rank()).min() {
            // The order begins with it.
            let _ = write!(sql, " and f.severity_rank >= {worst}");
        }
        let states =
            if query.states.is_empty() { &[FindingState::Open][..] } else { &query.states };
        let holds: Vec<&str> = states
            .iter()
            .map(|state| match state {
                FindingState::Open => "(f.resolved_at is null and f.waiver_id is null)",
                FindingState::Overdue => {
                    "(f.resolved_at is null and f.waiver_id is null and f.verdict = 'fail' and f.due_at < $2)"
                }
                FindingState::Waived => "(f.resolved_at is null and f.waiver_id is not null)",
                FindingState::Resolved => "f.resolved_at is not null",
            })
            .collect();
        let _ = write!(sql, " and ({})", holds.join(" or "));
        let after = query.after.as_deref().map(read_cursor).transpose()?;
        if after.is_some() {
            let (r, o, i) = (at + 8, at + 9, at + 10);
            let _ = write!(
                sql,
                " and (f.severity_rank > ${r} or (f.severity_rank = ${r} and (f.opened_at < ${o} or (f.opened_at = ${o} and f.id > ${i}))))"
            );
        }
        let order = "order by f.severity_rank, f.opened_at desc, f.id";
        // All else is read of the page's rows alone.
        let sql = format!("{SELECT} and f.id in ({sql} {order} limit ${}) {order}", at + 7);
        let verdicts =
            if query.verdicts.is_empty() { &[Verdict::Fail][..] } else { &query.verdicts };
        let statement =
            bind_plain(sqlx::query_as::<_, Row>(AssertSqlSafe(sql)), visible, query, now, words)
                .bind(query.policies.clone())
                .bind(texts(&query.categories))
                .bind(texts(&query.severities))
                .bind(texts(&query.accounts))
                .bind(query.teams.clone())
                .bind(texts(&query.ous))
                .bind(texts(verdicts))
                .bind(i64::from(limit) + 1);
        let statement = match after {
            Some((rank, opened, id)) => statement.bind(rank).bind(opened).bind(id),
            None => statement,
        };
        let mut rows = statement.fetch_all(&self.pool).await?;
        let more = rows.len() > usize::from(limit);
        rows.truncate(limit.into());
        let next = rows
            .last()
            .filter(|_| more)
            .map(|row| format!("{}_{}_{}", row.severity_rank, stamp(row.opened_at), row.id));
        let rows = rows.into_iter().map(Row::into_domain).collect::<Result<_, _>>()?;
        Ok(FoundFindings { rows, next })
    }

    /// The findings of one resource that are open.
    pub async fn findings_of(&self, resource: ResourceId) -> Result<Vec<FindingRow>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(format!(
            "{} and f.resource_id = $2 and f.resolved_at is null",
            SELECT.replace("f.account_id = any($1)", "$1::text[] is not null")
        )))
        .bind(Vec::<String>::new())
        .bind(resource.0)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_domain).collect()
    }

    /// The worst failures that opened since then, and are open.
    pub async fn newest_failures(
        &self,
        visible: &VisibleAccounts,
        since: OffsetDateTime,
        limit: i64,
    ) -> Result<Vec<FindingRow>, StoreError> {
        // By severity, so that each is the beginning of a range of the index.
        let rows: Vec<Row> = sqlx::query_as(AssertSqlSafe(format!(
            "{SELECT} and f.id in (
                select n.id from generate_series(0, 3) as s (rank) cross join lateral (
                    select i.id from finding i
                    where i.severity_rank = s.rank and i.opened_at >= $2 and i.account_id = any($1)
                        and i.resolved_at is null and i.waiver_id is null and i.verdict = 'fail'
                    order by i.opened_at desc, i.id limit $3) n)
             order by f.severity_rank, f.opened_at desc, f.id limit $3"
        )))
        .bind(texts(&visible.accounts))
        .bind(since)
        .bind(limit)
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(Row::into_domain).collect()
    }
}

fn read_cursor(text: &str) -> Result<(i16, OffsetDateTime, Uuid), StoreError> {
    let parts: Vec<&str> = text.split('_').collect();
    let [rank, opened, id] = parts.as_slice() else { return Err(StoreError::Cursor) };
    match (rank.parse(), OffsetDateTime::parse(opened, &Rfc3339), id.parse()) {
        (Ok(rank), Ok(opened), Ok(id)) => Ok((rank, opened, id)),
        _ => Err(StoreError::Cursor),
    }
}
