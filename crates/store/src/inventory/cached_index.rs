//! The index beside the database: every question first takes in what was written since the last one, by any replica.

use crate::{
    StoreError,
    accounts::organization::ou_path,
    compliance::finding_rows::Mark,
    error::column,
    inventory::{
        held_index::{CachedIndex, Seen},
        index::{
            Ask, DbRow, FindingAsk, FindingsRow, Found, FoundRefs, Index, IndexRow, IndexedAccount,
            Step, Suggested, Suggestion, TeamRotation, TriageRow, second,
        },
        limit::InventorySize,
        search_patterns::words,
    },
};
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::FindingQuery,
    facts::Kind,
    ids::{AccountId, ResourceId},
    inventory::{InventoryQuery, view::PathStep},
};
use futures::TryStreamExt;
use sqlx::{PgPool, types::Json};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use uuid::Uuid;

/// Rows that are put in while readers wait; each batch is merged into the order of names.
const BATCH: usize = 20_000;

/// A catching up that took in a great deal, and took long, is followed by a pause of so many times its length: while a
/// sweep writes, people read what was there a moment ago instead of waiting for it. Otherwise anyone who wrote reads their
/// own writing, however slow the machine.
const PAUSE: u32 = 5;
const LONG: Duration = Duration::from_millis(40);
const GREAT_DEAL: usize = 1_000;

/// While the table has more rows than the index may hold, they are counted again after so many times as long as counting
/// took.
const COUNT_PAUSE: u32 = 20;

/// Rows whose values are drawn from those that fit.
const SUGGESTIONS: usize = 12;

/// The inventory and its findings in memory, and the database that it catches up with (ADR 18).
#[derive(Clone, Debug)]
pub struct InventoryIndex {
    pub(crate) pool: PgPool,
    pub(crate) cached_index: Arc<CachedIndex>,
}

impl InventoryIndex {
    /// A page's rows and all counts.
    pub(crate) async fn find(
        &self,
        visible: &VisibleAccounts,
        query: &InventoryQuery,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<Found, StoreError> {
        let query = query.clone();
        self.ask(visible, move |index, visible| {
            index.find(Ask { visible, query: &query, now }, limit).ok_or(StoreError::Cursor)
        })
        .await?
    }

    /// The ids of all that fit, in order.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn find_all(
        &self,
        visible: &VisibleAccounts,
        query: &InventoryQuery,
        now: OffsetDateTime,
    ) -> Result<Vec<ResourceId>, StoreError> {
        let query = query.clone();
        self.ask(visible, move |index, visible| index.find_all(Ask { visible, query: &query, now }))
            .await
    }

    /// A page of findings by resource and policy, and all counts.
    pub(crate) async fn find_refs(
        &self,
        visible: &VisibleAccounts,
        query: &FindingQuery,
        limit: usize,
        now: OffsetDateTime,
    ) -> Result<Arc<FoundRefs>, StoreError> {
        let query = query.clone();
        self.ask(visible, move |index, visible| {
            let ask = FindingAsk { visible, query: &query, now, limit };
            index.find_findings(ask).ok_or(StoreError::Cursor)
        })
        .await?
    }

    /// How many findings match each of these queries, each within its own scope.
    pub(crate) async fn count_findings(
        &self,
        queries: Vec<(VisibleAccounts, FindingQuery)>,
        now: OffsetDateTime,
    ) -> Result<Vec<u64>, StoreError> {
        let mut counts = Vec::with_capacity(queries.len());
        // One by one, so that anyone who writes waits for one pass and not for all.
        for (visible, query) in queries {
            counts.push(self.find_refs(&visible, &query, 0, now).await?.counts.matching);
        }
        Ok(counts)
    }

    /// Failures of these resources that no exception covers, by severity.
    pub(crate) async fn failures_of(
        &self,
        visible: &VisibleAccounts,
        ids: &[ResourceId],
    ) -> Result<HashMap<ResourceId, [u8; 4]>, StoreError> {
        let ids = ids.to_vec();
        self.ask(visible, move |index, _| index.failures_of(&ids)).await
    }

    /// Checks that fail, that no exception covers and that nobody has snoozed, for the navigation.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_failures(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        self.ask(visible, move |index, visible| index.count_failures(visible, now)).await
    }

    /// How many open findings each exception covers, wherever they are.
    pub(crate) async fn count_covered(&self) -> Result<HashMap<i64, u64>, StoreError> {
        self.ask(&VisibleAccounts::default(), |index, _| index.count_covered()).await
    }

    /// The ids of what holds all words of a text, where they are so few that other tables are best read by them; `None` where
    /// they are many, where there is no word, and where not all of the inventory is held.
    pub(crate) async fn few_holding(&self, text: &str) -> Result<Option<Vec<Uuid>>, StoreError> {
        let words = words(text);
        if words.is_empty() {
            return Ok(None);
        }
        match self.ask(&VisibleAccounts::default(), move |index, _| index.few_holding(&words)).await
        {
            Err(StoreError::InventoryLimit(_)) => Ok(None),
            answer => answer,
        }
    }

    /// The paths of steps, in their own case: the index holds names in lower case only.
    pub(crate) async fn folders(&self, steps: &[Step]) -> Result<Vec<PathStep>, StoreError> {
        if steps.is_empty() {
            return Ok(Vec::new());
        }
        let samples: Vec<Uuid> = steps.iter().map(|step| step.sample.0).collect();
        let names = sqlx::query!("select id, name from resource where id = any($1)", &samples)
            .map(|row| (row.id, row.name))
            .fetch_all(&self.pool)
            .await?;
        let names: HashMap<Uuid, String> = names.into_iter().collect();
        let each = steps.iter().filter_map(|step| {
            let path = names.get(&step.sample.0)?.get(..step.length)?.to_owned();
            Some(PathStep { path, count: step.count })
        });
        Ok(each.collect())
    }

    /// Values that could be meant, the most frequent first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn suggest(
        &self,
        visible: &VisibleAccounts,
        what: Suggested,
        begun: &str,
    ) -> Result<Vec<Suggestion>, StoreError> {
        let begun = begun.to_owned();
        self.ask(visible, move |index, visible| index.suggest(visible, &what, &begun, SUGGESTIONS))
            .await
    }

    /// Those that share a visible resource's kind and name.
    pub(crate) async fn namesakes(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        limit: usize,
    ) -> Result<Vec<ResourceId>, StoreError> {
        self.ask(visible, move |index, visible| index.namesakes(visible, id, limit)).await
    }

    /// The visible accounts' names.
    pub(crate) async fn names(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<HashMap<AccountId, String>, StoreError> {
        self.catch_up().await?;
        Ok(self.cached_index.read_accounts(|index| {
            let known = visible
                .accounts
                .iter()
                .filter_map(|id| Some((id.clone(), index.name_of(id)?.to_owned())));
            known.collect()
        }))
    }

    /// How many rows there are within the scope that are not gone.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_inventory(&self, visible: &VisibleAccounts) -> Result<u64, StoreError> {
        self.ask(visible, Index::count).await
    }

    /// Rotation of the visible secrets, by team.
    pub(crate) async fn rotation_by_team(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<Vec<TeamRotation>, StoreError> {
        self.ask(visible, move |index, visible| index.rotation_by_team(visible, now)).await
    }

    /// Secrets and parameters of each visible account.
    pub(crate) async fn held(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<HashMap<AccountId, (u64, u64)>, StoreError> {
        self.ask(visible, |index, visible| {
            let counts = index.count_by_account();
            let of = |account, kind| counts.get(&(account, kind)).copied().unwrap_or(0);
            let each = visible.accounts.iter().map(|account| {
                (account.clone(), (of(account, Kind::Secret), of(account, Kind::Parameter)))
            });
            each.collect()
        })
        .await
    }

    /// Reads the whole inventory into the index, so that the first person does not wait for it. Where there are more rows
    /// than the limit, none is read.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn warm_up(&self) -> Result<InventorySize, StoreError> {
        // A restored database may hold numbers of transactions that this cluster has yet to reach: they would be read
        // again with every question.
        sqlx::query!(
            "update resource set written = pg_current_xact_id()::text::bigint
             where written > pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "update account set written = pg_current_xact_id()::text::bigint
             where written > pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "update resource_findings set written = pg_current_xact_id()::text::bigint
             where written > pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "update finding_triage set written = pg_current_xact_id()::text::bigint
             where written > pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        .execute(&self.pool)
        .await?;
        self.catch_up().await?;
        match self.cached_index.read(Index::len) {
            Ok(rows) => Ok(InventorySize { rows: rows as u64, limit: self.cached_index.limit() }),
            Err(StoreError::InventoryLimit(size)) => Ok(size),
            Err(error) => Err(error),
        }
    }

    async fn ask<T: Send + 'static>(
        &self,
        visible: &VisibleAccounts,
        ask: impl FnOnce(&Index, &VisibleAccounts) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        self.catch_up().await?;
        let (cached_index, visible) = (Arc::clone(&self.cached_index), visible.clone());
        // Some milliseconds at a million rows: too long for a thread that others wait for.
        tokio::task::spawn_blocking(move || cached_index.read(|index| ask(index, &visible)))
            .await
            .map_err(|error| StoreError::Panicked(error.to_string()))?
    }

    /// Takes in what was written since the last time. That there are too many rows is no error here.
    async fn catch_up(&self) -> Result<(), StoreError> {
        let asked = Instant::now();
        let mut seen = self.cached_index.seen.lock().await;
        let is_fresh = seen.began.is_some_and(|began| began >= asked);
        if is_fresh || seen.not_before.is_some_and(|at| asked < at) {
            return Ok(());
        }
        let began = Instant::now();
        // In one snapshot: what is not visible in it was written by a transaction that is not before `oldest`.
        // The largest of each index: `exists` reads a table whole where PostgreSQL does not know yet how few rows fit.
        let news = sqlx::query!(
            r#"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldest!",
                coalesce((select max(written) from resource) >= $1, false) as "any_rows!",
                coalesce((select max(written) from account) >= $3, false) as "any_accounts!",
                coalesce((select max(written) from resource_findings) >= $2, false) as "any_findings!",
                coalesce((select max(written) from finding_triage) >= $4, false) as "any_triage!""#,
            seen.from,
            seen.findings_from,
            seen.accounts_from,
            seen.triage_from,
        )
        .fetch_one(&self.pool)
        .await?;
        if news.any_accounts {
            let accounts = self.indexed_accounts().await?;
            self.cached_index.write(|index| index.set_accounts(accounts));
        }
        seen.accounts_from = news.oldest;
        // Before any row is held, whether all of them can be.
        if seen.began.is_none() && !self.have_room(&mut seen).await? {
            return Ok(());
        }
        let mut taken = 0;
        if news.any_rows {
            match self.take_in(seen.from).await? {
                Some(rows) => taken = rows,
                None => return self.refuse(&mut seen).await,
            }
        }
        let mut is_whole = true;
        if news.any_findings {
            let (rows, whole) = self.take_in_findings(seen.findings_from).await?;
            taken += rows;
            is_whole = whole;
        }
        if !news.any_triage || self.take_in_triage(seen.triage_from).await? {
            seen.triage_from = news.oldest;
        }
        let took = began.elapsed();
        // The first time is no sweep.
        let is_busy = taken >= GREAT_DEAL && took > LONG && seen.began.is_some();
        seen.not_before = is_busy.then(|| Instant::now() + took * PAUSE);
        seen.from = news.oldest;
        if is_whole {
            seen.findings_from = news.oldest;
        }
        seen.began = Some(began);
        if self.cached_index.is_beyond() {
            self.cached_index.admit();
        }
        Ok(())
    }

    /// Whether the table has no more rows than the index may hold. Too many are counted again now and then.
    async fn have_room(&self, seen: &mut Seen) -> Result<bool, StoreError> {
        let began = Instant::now();
        if seen.count_not_before.is_some_and(|at| began < at) {
            return Ok(false);
        }
        let size = self.inventory_size().await?;
        seen.count_not_before =
            size.is_beyond().then(|| Instant::now() + began.elapsed() * COUNT_PAUSE);
        if size.is_beyond() {
            self.cached_index.refuse(size.rows);
        }
        Ok(!size.is_beyond())
    }

    /// The rows have become too many while they were taken in.
    async fn refuse(&self, seen: &mut Seen) -> Result<(), StoreError> {
        // At least one too many, should some be gone when they are counted.
        self.cached_index.refuse(self.cached_index.limit().saturating_add(1));
        *seen = Seen { accounts_from: seen.accounts_from, ..Seen::default() };
        self.have_room(seen).await.map(drop)
    }

    /// Gives the number of rows; `None` where they are too many.
    async fn take_in(&self, from: i64) -> Result<Option<usize>, StoreError> {
        let mut rows = DbRow::written_since(&self.pool, from);
        let mut batch: Vec<IndexRow> = Vec::new();
        let mut taken = 0;
        while let Some(row) = rows.try_next().await? {
            batch.push(row.try_into()?);
            taken += 1;
            if batch.len() >= BATCH && !self.cached_index.put_rows(std::mem::take(&mut batch)) {
                return Ok(None);
            }
        }
        Ok(self.cached_index.put_rows(batch).then_some(taken))
    }

    /// Gives the number of rows, and whether all of them are of resources in the index: one that was written after the
    /// inventory was caught up with comes the next time.
    async fn take_in_findings(&self, from: i64) -> Result<(usize, bool), StoreError> {
        let mut rows = sqlx::query!(
            r#"select resource_id, team, marks as "marks: Json<Vec<Mark>>" from resource_findings where written >= $1"#,
            from,
        )
        .fetch(&self.pool);
        let (mut taken, mut is_whole, mut batch) = (0, true, Vec::new());
        let put =
            |batch: Vec<FindingsRow>| self.cached_index.write(|index| index.put_findings(batch));
        while let Some(row) = rows.try_next().await? {
            batch.push(FindingsRow {
                resource: row.resource_id,
                team: row.team,
                marks: row.marks.0,
            });
            taken += 1;
            if batch.len() >= BATCH {
                is_whole &= put(std::mem::take(&mut batch));
            }
        }
        is_whole &= put(batch);
        Ok((taken, is_whole))
    }

    /// Whether all of it is of resources in the index.
    async fn take_in_triage(&self, from: i64) -> Result<bool, StoreError> {
        let rows = sqlx::query!(
            r#"select resource_id, policy_id, assignee ->> 'subject' as assignee, snoozed_at, snoozed_until
             from finding_triage where written >= $1"#,
            from,
        )
        .map(|row| TriageRow {
            resource: row.resource_id,
            policy: row.policy_id,
            assignee: row.assignee,
            snoozed_at: second(row.snoozed_at),
            snoozed_until: second(row.snoozed_until),
        })
        .fetch_all(&self.pool)
        .await?;
        Ok(self.cached_index.write(|index| index.put_triage(rows)))
    }

    async fn indexed_accounts(&self) -> Result<HashMap<AccountId, IndexedAccount>, StoreError> {
        let rows =
            sqlx::query!("select id, name, ou_path from account").fetch_all(&self.pool).await?;
        rows.into_iter()
            .map(|row| {
                let account =
                    IndexedAccount { name: row.name, ous: ou_path(&row.id, &row.ou_path)? };
                Ok((column("account", "id", &row.id, &row.id)?, account))
            })
            .collect()
    }
}
