//! Exceptions: asked for, decided, reviewed, over.

use crate::{
    InventoryIndex, StoreError,
    error::{column, texts},
};
use claviger_domain::{
    authz::{AccountLocation, Person, VisibleAccounts},
    compliance::{FindingQuery, FindingState},
    exceptions::{
        ExceptionId, ExceptionScope,
        view::{ExceptionNote, ExceptionRow},
    },
    ids::{AccountId, ResourceId},
};
use sqlx::{PgPool, types::Json};
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// An exception about to be asked for.
#[derive(Debug, Clone)]
pub struct NewException<'a> {
    /// `None` means every policy.
    pub policy: Option<&'a str>,
    pub target: &'a ExceptionScope,
    pub reason: &'a str,
    pub owner: &'a Person,
    pub ends_at: OffsetDateTime,
}

/// An exception in force, as evaluation needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForceException {
    pub id: ExceptionId,
    /// `None` means every policy.
    pub policy: Option<String>,
    pub target: ExceptionScope,
    pub ends_at: OffsetDateTime,
}

struct Row {
    id: i64,
    policy_id: Option<String>,
    resource_id: Option<Uuid>,
    more_resources: Vec<Uuid>,
    account_id: Option<String>,
    ou_id: Option<String>,
    target_name: Option<String>,
    reason: String,
    owner: Json<Person>,
    state: String,
    created_at: OffsetDateTime,
    ends_at: OffsetDateTime,
    decision: Option<Json<ExceptionNote>>,
    review: Option<Json<ExceptionNote>>,
    ending: Option<Json<ExceptionNote>>,
    review_at: Option<OffsetDateTime>,
}

/// With the name of what it reaches. A unit that is gone keeps its id.
macro_rules! select_exceptions {
    // Those that reach any of the accounts in `$1`.
    (within $tail:tt $(, $arg:expr)* $(,)?) => {
        select_exceptions!(
            @ (" where (case when num_nonnulls(w.resource_id, w.account_id, w.ou_id) = 0 then cardinality($1::text[]) > 0
                when w.ou_id is not null then exists (select 1 from account x where x.id = any($1) and w.ou_id = any(x.ou_path))
                else a.id = any($1) end) " + $tail)
            $(, $arg)*
        )
    };
    (@ ($($tail:tt)+) $(, $arg:expr)*) => {
        sqlx::query_as!(
            Row,
            r#"select w.id as "id!", w.policy_id, w.resource_id, w.more_resources as "more_resources!", w.account_id, w.ou_id,
        coalesce(r.name || ' (' || a.name || ', ' || r.region || ')', a.name, nullif(o.path, ''), w.ou_id) as "target_name?",
        w.reason as "reason!", w.owner as "owner!: Json<Person>", w.state as "state!", w.created_at as "created_at!", w.ends_at as "ends_at!", w.decision as "decision: Json<ExceptionNote>", w.review as "review: Json<ExceptionNote>", w.ending as "ending: Json<ExceptionNote>", w.review_at
     from waiver w left join resource r on r.id = w.resource_id
        left join account a on a.id = coalesce(w.account_id, r.account_id) left join ou o on o.id = w.ou_id"# + $($tail)+
            $(, $arg)*
        )
    };
    ($tail:tt $(, $arg:expr)* $(,)?) => {
        select_exceptions!(@ ($tail) $(, $arg)*)
    };
}

/// After the macro, which they use.
mod list;
mod writes;

pub use list::ExceptionCount;

fn target_of(
    id: i64,
    resource: Option<Uuid>,
    more: &[Uuid],
    account: Option<&str>,
    ou: Option<&str>,
) -> Result<ExceptionScope, StoreError> {
    Ok(match (resource, account, ou) {
        (Some(resource), ..) if more.is_empty() => ExceptionScope::Resource(ResourceId(resource)),
        (Some(resource), ..) => {
            let all = std::iter::once(&resource).chain(more);
            ExceptionScope::Resources(all.map(|id| ResourceId(*id)).collect())
        }
        (_, Some(account), _) => {
            ExceptionScope::Account(column("waiver", "account_id", id, account)?)
        }
        (_, _, Some(ou)) => ExceptionScope::Ou(column("waiver", "ou_id", id, ou)?),
        (None, None, None) => ExceptionScope::Organization,
    })
}

/// The name of the first resource, with how many more there are.
fn with_more(name: Option<String>, more: usize) -> Option<String> {
    name.map(|name| if more == 0 { name } else { format!("{name} and {more} more") })
}

impl Row {
    /// With how many findings each exception covers.
    pub(crate) fn into_domain(
        self,
        covered: &HashMap<i64, u64>,
    ) -> Result<ExceptionRow, StoreError> {
        Ok(ExceptionRow {
            id: ExceptionId(self.id),
            policy: self.policy_id,
            policy_title: None,
            target: target_of(
                self.id,
                self.resource_id,
                &self.more_resources,
                self.account_id.as_deref(),
                self.ou_id.as_deref(),
            )?,
            target_name: with_more(self.target_name, self.more_resources.len())
                .unwrap_or_else(|| "The whole Organization".into()),
            reason: self.reason,
            owner: self.owner.0,
            state: column("waiver", "state", self.id, &self.state)?,
            created_at: self.created_at,
            ends_at: self.ends_at,
            decision: self.decision.map(|said| said.0),
            review: self.review.map(|said| said.0),
            ending: self.ending.map(|said| said.0),
            review_at: self.review_at,
            findings: covered.get(&self.id).copied().unwrap_or(0),
            waits: None,
        })
    }
}

/// Exceptions, and what each of them covers.
#[derive(Clone, Debug)]
pub struct ExceptionRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

impl ExceptionRepository {
    /// Those that reach any of these accounts and wait for a decision or whose review is due, the oldest first. What they
    /// cover is not counted.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn undecided_exceptions(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Result<Vec<ExceptionRow>, StoreError> {
        let rows = select_exceptions!(
            within "and (w.state = 'waiting' or (w.state = 'approved' and w.review_at <= $2)) and w.ends_at > $2
                order by w.id limit 500",
            &texts(&visible.accounts),
            now
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| row.into_domain(&HashMap::new())).collect()
    }

    /// One of them.
    #[tracing::instrument(level = "debug", skip_all, fields(exception.id = %id))]
    pub async fn exception(
        &self,
        visible: &VisibleAccounts,
        id: ExceptionId,
    ) -> Result<Option<ExceptionRow>, StoreError> {
        let Some(mut row) = self.exception_uncounted(visible, id).await? else { return Ok(None) };
        row.findings = self.index.count_covered().await?.get(&id.0).copied().unwrap_or(0);
        Ok(Some(row))
    }

    /// The same for anyone who changes it: what it covers is not counted.
    #[tracing::instrument(level = "debug", skip_all, fields(exception.id = %id))]
    pub async fn exception_uncounted(
        &self,
        visible: &VisibleAccounts,
        id: ExceptionId,
    ) -> Result<Option<ExceptionRow>, StoreError> {
        let row = select_exceptions!(within "and w.id = $2", &texts(&visible.accounts), id.0)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| row.into_domain(&HashMap::new())).transpose()
    }

    /// Those in force that may reach something in this account, the one that lasts longest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn exceptions_at(
        &self,
        location: &AccountLocation,
        now: OffsetDateTime,
    ) -> Result<Vec<InForceException>, StoreError> {
        let units: Vec<String> = location.units.iter().map(|(id, _)| id.to_string()).collect();
        let rows = sqlx::query!(
            "select w.id, w.policy_id, w.resource_id, w.more_resources, w.account_id, w.ou_id, w.ends_at
             from waiver w left join resource r on r.id = w.resource_id
             where w.state = 'approved' and w.ends_at > $1 and coalesce(w.account_id, r.account_id, $2) = $2
                and (w.ou_id is null or w.ou_id = any($3))
             order by w.ends_at desc, w.id",
            now,
            location.account.as_str(),
            &units,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(InForceException {
                    id: ExceptionId(row.id),
                    policy: row.policy_id,
                    target: target_of(
                        row.id,
                        row.resource_id,
                        &row.more_resources,
                        row.account_id.as_deref(),
                        row.ou_id.as_deref(),
                    )?,
                    ends_at: row.ends_at,
                })
            })
            .collect()
    }

    /// The accounts that a target lies in or holds.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn accounts_of(&self, target: &ExceptionScope) -> Result<Vec<AccountId>, StoreError> {
        let (resource, account, ou) = columns(target);
        let rows = sqlx::query_scalar!(
            "select a.id from account a
             where a.left_at is null and ($1::uuid is null or a.id = (select account_id from resource where id = $1))
                and ($2::text is null or a.id = $2) and ($3::text is null or $3 = any(a.ou_path)) order by a.id",
            resource,
            account,
            ou,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|id| column("account", "id", id, id)).collect()
    }

    /// The same for each of many targets, in their order.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = targets.len()))]
    pub async fn accounts_of_each(
        &self,
        targets: &[&ExceptionScope],
    ) -> Result<Vec<Vec<AccountId>>, StoreError> {
        let columns: Vec<_> = targets.iter().map(|target| columns(target)).collect();
        let rows = sqlx::query_scalar!(
            r#"select array(select a.id from account a
                where a.left_at is null
                    and (t.resource is null or a.id = (select account_id from resource where id = t.resource))
                    and (t.account is null or a.id = t.account) and (t.ou is null or t.ou = any(a.ou_path))
                order by a.id) as "ids!"
             from unnest($1::uuid[], $2::text[], $3::text[]) with ordinality as t (resource, account, ou, at) order by t.at"#,
            &columns.iter().map(|of| of.0).collect::<Vec<_>>() as _,
            &columns.iter().map(|of| of.1.clone()).collect::<Vec<_>>() as _,
            &columns.iter().map(|of| of.2.clone()).collect::<Vec<_>>() as _,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|ids| ids.iter().map(|id| column("account", "id", id, id)).collect())
            .collect()
    }

    /// What a target is called; `None` where it is not there.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn target_name(&self, target: &ExceptionScope) -> Result<Option<String>, StoreError> {
        let (resource, account, ou) = columns(target);
        let name = sqlx::query_scalar!(
            r#"select coalesce(
                (select r.name || ' (' || a.name || ', ' || r.region || ')' from resource r
                    join account a on a.id = r.account_id where r.id = $1 and r.gone_at is null),
                (select name from account where id = $2 and left_at is null),
                (select case path when '' then name else path end from ou where id = $3)) as "name?""#,
            resource,
            account,
            ou,
        )
        .fetch_one(&self.pool)
        .await?;
        let name = with_more(name, target.resources().len().saturating_sub(1));
        Ok(match target {
            ExceptionScope::Organization => Some("The whole Organization".into()),
            _ => name,
        })
    }

    /// Of these resources those that are within the scope and not gone, each with its account and the account's name.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn places_of(
        &self,
        visible: &[AccountId],
        ids: &[ResourceId],
    ) -> Result<Vec<(ResourceId, AccountId, String)>, StoreError> {
        let rows = sqlx::query!(
            "select r.id, r.account_id, a.name from resource r join account a on a.id = r.account_id
             where r.id = any($1) and r.account_id = any($2) and r.gone_at is null order by a.name, a.id, r.name",
            &ids.iter().map(|id| id.0).collect::<Vec<_>>(),
            &texts(visible),
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let account = column("resource", "account_id", row.id, &row.account_id)?;
                Ok((ResourceId(row.id), account, row.name))
            })
            .collect()
    }

    /// Failures that such an exception would bear now.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = accounts.len()))]
    pub async fn count_coverable(
        &self,
        accounts: &[AccountId],
        policy: Option<&str>,
        target: &ExceptionScope,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let counts = self.count_coverable_each(&[(accounts.to_vec(), policy, target)], now).await?;
        Ok(counts.into_iter().sum())
    }

    /// The same for each of many: accounts, policy and target, in their order.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account_count = those.len()))]
    pub async fn count_coverable_each(
        &self,
        those: &[(Vec<AccountId>, Option<&str>, &ExceptionScope)],
        now: OffsetDateTime,
    ) -> Result<Vec<u64>, StoreError> {
        let queries = those.iter().map(|(accounts, policy, target)| {
            let query = FindingQuery {
                policies: policy.map(str::to_owned).into_iter().collect(),
                resources: target.resources().to_vec(),
                // A snoozed finding can be excepted as well.
                states: vec![FindingState::Open, FindingState::Snoozed],
                ..FindingQuery::default()
            };
            (VisibleAccounts { accounts: accounts.clone(), whole_organization: false }, query)
        });
        self.index.count_findings(queries.collect(), now).await
    }

    /// Those of these exceptions that reach any of these accounts. What they cover is not counted.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = ids.len()))]
    pub async fn exceptions_among(
        &self,
        visible: &VisibleAccounts,
        ids: &[ExceptionId],
    ) -> Result<Vec<ExceptionRow>, StoreError> {
        let rows = select_exceptions!(
            within "and w.id = any($2)",
            &texts(&visible.accounts),
            &ids.iter().map(|id| id.0).collect::<Vec<_>>()
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(|row| row.into_domain(&HashMap::new())).collect()
    }

    /// Those whose day has come, and those whose owner is to be told that it comes before `soon`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn exceptions_due(
        &self,
        now: OffsetDateTime,
        soon: OffsetDateTime,
    ) -> Result<Vec<(ExceptionId, ExceptionScope)>, StoreError> {
        let rows = sqlx::query!(
            "select id, resource_id, more_resources, account_id, ou_id from waiver where (state in ('waiting', 'approved') and ends_at <= $1)
                or (state = 'approved' and ends_at <= $2 and warned_at is null) order by id",
            now,
            soon,
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok((
                    ExceptionId(row.id),
                    target_of(
                        row.id,
                        row.resource_id,
                        &row.more_resources,
                        row.account_id.as_deref(),
                        row.ou_id.as_deref(),
                    )?,
                ))
            })
            .collect()
    }
}

fn columns(target: &ExceptionScope) -> (Option<Uuid>, Option<String>, Option<String>) {
    match target {
        ExceptionScope::Resource(id) => (Some(id.0), None, None),
        ExceptionScope::Resources(ids) => (ids.first().map(|id| id.0), None, None),
        ExceptionScope::Account(id) => (None, Some(id.to_string()), None),
        ExceptionScope::Ou(id) => (None, None, Some(id.to_string())),
        ExceptionScope::Organization => (None, None, None),
    }
}
