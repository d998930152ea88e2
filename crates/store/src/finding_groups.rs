//! How many findings there are of each kind. What a judging has counted is held in memory until another one counts.

use crate::{
    Store, StoreError,
    error::{column, texts},
    findings::{WORDS_FROM, asks_of_resource, bind_plain, plain, source},
    words::{patterns, word_conditions},
};
use claviger_domain::{
    access::VisibleAccounts,
    governance::{Category, FindingQuery, FindingState, Severity, Verdict},
    ids::AccountId,
};
use sqlx::{AssertSqlSafe, PgConnection};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};
use time::OffsetDateTime;

/// Findings of an account that share all that the facets tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingGroup {
    pub policy: Arc<str>,
    pub category: Category,
    pub severity: Severity,
    pub verdict: Verdict,
    /// `-` where nobody owns it.
    pub team: Arc<str>,
    /// `Open` means open and not overdue.
    pub state: FindingState,
    pub count: u64,
}

impl FindingGroup {
    fn key(&self) -> (&str, Category, Severity, Verdict, &str, FindingState) {
        let Self { policy, category, severity, verdict, team, state, .. } = self;
        (policy, *category, *severity, *verdict, team, *state)
    }
}

/// The groups of each account.
pub type FindingGroups = BTreeMap<AccountId, Arc<[FindingGroup]>>;

/// What was read already, by account, with the round in which it was counted.
#[derive(Debug, Default)]
pub(crate) struct KnownGroups(Mutex<HashMap<AccountId, Known>>);

type Known = (i64, Arc<[FindingGroup]>);

/// When an account's findings were counted, and in which round.
#[derive(sqlx::FromRow)]
struct Counted {
    account_id: String,
    groups_at: OffsetDateTime,
    groups_round: i64,
}

/// A finding's state; `$2` is the time.
const STATE: &str =
    "case when f.resolved_at is not null then 'resolved' when f.waiver_id is not null then 'waived'
    when f.verdict = 'fail' and f.due_at < $2 then 'overdue' else 'open' end";

/// Account, policy, category, severity, verdict, team, state, count.
type Row = (String, String, String, String, String, String, String, i64);

/// Each text once: a policy and a team are named by many groups.
#[derive(Default)]
struct Names(HashSet<Arc<str>>);

impl Names {
    fn of(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let name: Arc<str> = text.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}

fn by_account(rows: Vec<Row>) -> Result<FindingGroups, StoreError> {
    let mut names = Names::default();
    let mut groups: BTreeMap<AccountId, Vec<FindingGroup>> = BTreeMap::new();
    for (account, policy, category, severity, verdict, team, state, count) in rows {
        let id: AccountId = column("finding", "account_id", &policy, &account)?;
        groups.entry(id).or_default().push(FindingGroup {
            category: column("finding", "category", &policy, &category)?,
            severity: column("finding", "severity", &policy, &severity)?,
            verdict: column("finding", "verdict", &policy, &verdict)?,
            state: column("finding", "state", &policy, &state)?,
            policy: names.of(&policy),
            team: names.of(&team),
            count: u64::try_from(count).unwrap_or(0),
        });
    }
    Ok(groups.into_iter().map(|(account, groups)| (account, groups.into())).collect())
}

impl Store {
    /// Counts by all that the facets tell apart, within what no facet counts.
    pub async fn group_findings(
        &self,
        visible: &VisibleAccounts,
        query: &FindingQuery,
        now: OffsetDateTime,
    ) -> Result<FindingGroups, StoreError> {
        let words = patterns(&query.text);
        if !asks_of_resource(query) && query.days.is_none() && query.resources.is_empty() {
            return self.counted_findings(visible, now).await;
        }
        // As one text: PostgreSQL takes the combinations of six for as many as the rows, and would sort millions.
        let sql = format!(
            "select f.account_id,
                concat_ws(chr(31), f.policy_id, f.category, f.severity, f.verdict, {STATE}, coalesce(f.team, '-')), count(*)
             from {} where f.account_id = any($1){}{} group by 1, 2",
            source(query),
            plain(query),
            word_conditions(&words, WORDS_FROM)
        );
        let rows: Vec<(String, String, i64)> =
            bind_plain(sqlx::query_as(AssertSqlSafe(sql)), visible, query, now, words)
                .fetch_all(&self.pool)
                .await?;
        let apart = |(account, key, count): (String, String, i64)| {
            let mut parts = key.splitn(6, '\u{1f}').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_default();
            let (policy, category, severity, verdict, state) =
                (next(), next(), next(), next(), next());
            (account, policy, category, severity, verdict, next(), state, count)
        };
        by_account(rows.into_iter().map(apart).collect())
    }

    /// As the judgings have counted, and what has become overdue since.
    async fn counted_findings(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<FindingGroups, StoreError> {
        let counted = self.counted(visible).await?;
        let (accounts, times): (Vec<&str>, Vec<OffsetDateTime>) =
            counted.iter().map(|one| (one.account_id.as_str(), one.groups_at)).unzip();
        let overdue: Vec<Row> = sqlx::query_as(
            "select f.account_id, f.policy_id, f.category, f.severity, f.verdict, coalesce(f.team, '-'), 'overdue', count(*)
             from unnest($1::text[], $2::timestamptz[]) as e (account_id, at)
             join finding f on f.account_id = e.account_id
             where f.resolved_at is null and f.waiver_id is null and f.verdict = 'fail'
                and f.due_at >= e.at and f.due_at < $3
             group by 1, 2, 3, 4, 5, 6",
        )
        .bind(accounts)
        .bind(times)
        .bind(now)
        .fetch_all(&self.pool)
        .await?;
        let mut groups = self.held_groups(&counted).await?;
        for (account, overdue) in by_account(overdue)? {
            if let Some(own) = groups.get_mut(&account) {
                *own = moved_on(own, &overdue);
            }
        }
        Ok(groups)
    }

    /// Checks that fail, for the navigation.
    pub async fn count_failures(&self, visible: &VisibleAccounts) -> Result<u64, StoreError> {
        let groups = self.held_groups(&self.counted(visible).await?).await?;
        let fails = |group: &&FindingGroup| {
            group.verdict == Verdict::Fail
                && matches!(group.state, FindingState::Open | FindingState::Overdue)
        };
        let each = groups.values().flat_map(|groups| groups.iter());
        Ok(each.filter(fails).map(|group| group.count).sum())
    }

    /// When which account's findings were counted.
    async fn counted(&self, visible: &VisibleAccounts) -> Result<Vec<Counted>, StoreError> {
        let counted = sqlx::query_as(
            "select account_id, groups_at, groups_round from evaluation
             where account_id = any($1) and groups_round is not null",
        )
        .bind(texts(&visible.accounts))
        .fetch_all(&self.pool)
        .await?;
        Ok(counted)
    }

    /// The groups of these accounts; what is not held is read. What another judging counted meanwhile is taken for older
    /// than it is, and is read again the next time.
    async fn held_groups(&self, counted: &[Counted]) -> Result<FindingGroups, StoreError> {
        let mut wanted: BTreeMap<AccountId, i64> = BTreeMap::new();
        for Counted { account_id, groups_round, .. } in counted {
            let account = column("evaluation", "account_id", account_id, account_id)?;
            wanted.insert(account, *groups_round);
        }
        let mut groups = FindingGroups::new();
        {
            let known = self.groups.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (account, round) in &wanted {
                if let Some((_, own)) = known.get(account).filter(|(of, _)| of == round) {
                    groups.insert(account.clone(), Arc::clone(own));
                }
            }
        }
        let missing: Vec<&AccountId> =
            wanted.keys().filter(|account| !groups.contains_key(account)).collect();
        if missing.is_empty() {
            return Ok(groups);
        }
        let rows: Vec<Row> = sqlx::query_as(
            "select account_id, policy_id, category, severity, verdict, team, state, count::bigint
             from finding_group where account_id = any($1)",
        )
        .bind(texts(&missing))
        .fetch_all(&self.pool)
        .await?;
        let mut read = by_account(rows)?;
        let mut known = self.groups.0.lock().unwrap_or_else(PoisonError::into_inner);
        for account in missing {
            let own = read.remove(account).unwrap_or_default();
            known.insert(account.clone(), (wanted[account], Arc::clone(&own)));
            groups.insert(account.clone(), own);
        }
        Ok(groups)
    }
}

/// The groups, where so many that were open have become overdue.
fn moved_on(groups: &[FindingGroup], overdue: &[FindingGroup]) -> Arc<[FindingGroup]> {
    let mut groups = groups.to_vec();
    for late in overdue {
        let open = FindingGroup { state: FindingState::Open, ..late.clone() };
        if let Some(group) = groups.iter_mut().find(|group| group.key() == open.key()) {
            group.count = group.count.saturating_sub(late.count);
        }
        match groups.iter_mut().find(|group| group.key() == late.key()) {
            Some(group) => group.count += late.count,
            None => groups.push(late.clone()),
        }
    }
    groups.into()
}

/// Counts an account's findings anew.
pub(crate) async fn count_groups(
    connection: &mut PgConnection,
    account: &AccountId,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query("delete from finding_group where account_id = $1")
        .bind(account.as_str())
        .execute(&mut *connection)
        .await?;
    // Each half by an index of its own.
    sqlx::query(AssertSqlSafe(format!(
        "insert into finding_group (account_id, policy_id, category, severity, verdict, team, state, count)
         select f.account_id, f.policy_id, f.category, f.severity, f.verdict, coalesce(f.team, '-'), {STATE}, count(*)
         from (select * from finding where account_id = $1 and resolved_at is null
            union all select * from finding where account_id = $1 and resolved_at is not null) f
         group by 1, 2, 3, 4, 5, 6, 7"
    )))
    .bind(account.as_str())
    .bind(now)
    .execute(connection)
    .await?;
    Ok(())
}
