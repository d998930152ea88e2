//! The list of exceptions.

use super::{ExceptionRepository, Row};
use crate::{
    StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::{Person, VisibleAccounts},
    exceptions::{
        EXCEPTION_ROWS, EXPIRES_SOON_DAYS, ExceptionQuery, ExceptionState,
        view::{ExceptionNote, ExceptionRow},
    },
};
use sqlx::types::Json;
use time::{Duration, OffsetDateTime};

/// How many exceptions one person has of one policy in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExceptionCount {
    pub state: ExceptionState,
    /// `None` means every policy.
    pub policy: Option<String>,
    /// Subject and name of the person who is responsible.
    pub owner: (String, String),
    pub all: u64,
    /// Those that match the filter.
    pub matching: u64,
    /// Active ones whose review is due.
    pub review_due: u64,
    /// Active ones that expire within [`EXPIRES_SOON_DAYS`].
    pub expiring: u64,
}

struct CountRow {
    state: String,
    policy: Option<String>,
    subject: String,
    name: String,
    number: i64,
    matching: i64,
    review_due: i64,
    expiring: i64,
}

/// The values of a filter, as the statements take them.
struct Bound {
    states: Vec<String>,
    due: Vec<String>,
    words: Vec<String>,
    soon: OffsetDateTime,
}

impl Bound {
    fn of(query: &ExceptionQuery, now: OffsetDateTime) -> Self {
        Self {
            states: texts(&query.states),
            due: texts(&query.due),
            words: query.text.split_whitespace().map(str::to_lowercase).collect(),
            soon: now + Duration::days(EXPIRES_SOON_DAYS),
        }
    }
}

impl ExceptionRepository {
    /// A page of those that reach any of these accounts.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn list_exceptions(
        &self,
        visible: &VisibleAccounts,
        query: &ExceptionQuery,
        now: OffsetDateTime,
    ) -> Result<Vec<ExceptionRow>, StoreError> {
        let Bound { states, due, words, soon } = Bound::of(query, now);
        let rows = select_exceptions!(
            within "and (cardinality($2::text[]) = 0 or w.state = any($2))
                and (cardinality($3::text[]) = 0 or w.policy_id = any($3))
                and (cardinality($4::text[]) = 0 or w.owner->>'subject' = any($4))
                and (cardinality($5::text[]) = 0 or w.state = 'approved'
                    and ('review' = any($5) and w.review_at <= $7 or 'expiry' = any($5) and w.ends_at <= $8))
                and not exists (select 1 from unnest($6::text[]) word where position(word in lower(
                    concat_ws(' ', 'W-' || w.id, w.reason, w.policy_id, r.name, a.name, o.path, w.owner->>'name'))) = 0)
                order by case $9 when 'work' then case w.state when 'waiting' then 0 when 'approved' then 1 else 2 end
                        when 'expires' then case when w.state in ('waiting', 'approved') then 0 else 1 end end,
                    case when $9 = 'expires' or ($9 = 'work' and w.state = 'approved') then w.ends_at end,
                    w.id desc
                limit $10 offset $11",
            &texts(&visible.accounts),
            &states,
            &query.policies,
            &query.owners,
            &due,
            &words,
            now,
            soon,
            query.sort.to_string(),
            i64::from(EXCEPTION_ROWS),
            i64::from(query.page) * i64::from(EXCEPTION_ROWS)
        )
        .fetch_all(&self.pool)
        .await?;
        self.counted(rows).await
    }

    /// The rows, each with how many findings it covers.
    async fn counted(&self, rows: Vec<Row>) -> Result<Vec<ExceptionRow>, StoreError> {
        let covered = self.index.count_covered().await?;
        rows.into_iter().map(|row| row.into_domain(&covered)).collect()
    }

    /// All that wait or are in force and reach any of these accounts.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn open_exceptions(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Vec<ExceptionRow>, StoreError> {
        let rows = select_exceptions!(
            within "and w.state in ('waiting', 'approved') order by w.state desc, w.ends_at, w.id desc",
            &texts(&visible.accounts)
        )
        .fetch_all(&self.pool)
        .await?;
        self.counted(rows).await
    }

    /// Those that reach any of these accounts, counted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_exceptions(
        &self,
        visible: &VisibleAccounts,
        query: &ExceptionQuery,
        now: OffsetDateTime,
    ) -> Result<Vec<ExceptionCount>, StoreError> {
        let Bound { states, due, words, soon } = Bound::of(query, now);
        let rows = sqlx::query_as!(
            CountRow,
            r#"select w.state as "state!", w.policy_id as policy, w.owner->>'subject' as "subject!",
                max(w.owner->>'name') as "name!", count(*) as "number!",
                count(*) filter (where (cardinality($2::text[]) = 0 or w.state = any($2))
                    and (cardinality($3::text[]) = 0 or w.policy_id = any($3))
                    and (cardinality($4::text[]) = 0 or w.owner->>'subject' = any($4))
                    and (cardinality($5::text[]) = 0 or w.state = 'approved'
                        and ('review' = any($5) and w.review_at <= $7 or 'expiry' = any($5) and w.ends_at <= $8))
                    and not exists (select 1 from unnest($6::text[]) word where position(word in lower(
                        concat_ws(' ', 'W-' || w.id, w.reason, w.policy_id, r.name, a.name, o.path, w.owner->>'name'))) = 0)
                ) as "matching!",
                count(*) filter (where w.state = 'approved' and w.review_at <= $7) as "review_due!",
                count(*) filter (where w.state = 'approved' and w.ends_at <= $8) as "expiring!"
             from waiver w left join resource r on r.id = w.resource_id
                left join account a on a.id = coalesce(w.account_id, r.account_id) left join ou o on o.id = w.ou_id
             where case when num_nonnulls(w.resource_id, w.account_id, w.ou_id) = 0 then cardinality($1::text[]) > 0
                when w.ou_id is not null then exists (select 1 from account x where x.id = any($1) and w.ou_id = any(x.ou_path))
                else a.id = any($1) end
             group by w.state, w.policy_id, w.owner->>'subject'"#,
            &texts(&visible.accounts),
            &states,
            &query.policies,
            &query.owners,
            &due,
            &words,
            now,
            soon
        )
        .fetch_all(&self.pool)
        .await?;
        let number = |count: i64| u64::try_from(count).unwrap_or(0);
        rows.into_iter()
            .map(|row| {
                Ok(ExceptionCount {
                    state: column("waiver", "state", &row.subject, &row.state)?,
                    policy: row.policy,
                    owner: (row.subject, row.name),
                    all: number(row.number),
                    matching: number(row.matching),
                    review_due: number(row.review_due),
                    expiring: number(row.expiring),
                })
            })
            .collect()
    }
}
