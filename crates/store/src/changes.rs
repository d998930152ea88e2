//! What changed between two readings.

use crate::{
    InventoryIndex, StoreError,
    error::{column, texts},
    inventory::search_patterns::patterns,
};
use claviger_domain::{
    authz::VisibleAccounts,
    changes::{Change, ChangeKind, ChangeQuery, ChangeRow},
    ids::{AccountId, ResourceId},
};
use sqlx::{PgConnection, PgPool};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Something to be remembered of a resource.
pub(crate) struct NewChange {
    pub(crate) resource: Uuid,
    pub(crate) what: ChangeKind,
    /// Where a field changed.
    pub(crate) change: Option<Change>,
}

impl NewChange {
    /// Of the whole of it.
    pub(crate) fn whole(resource: Uuid, what: ChangeKind) -> Self {
        Self { resource, what, change: None }
    }

    /// Of a field.
    pub(crate) fn field(resource: Uuid, change: Change) -> Self {
        Self { resource, what: ChangeKind::Changed, change: Some(change) }
    }
}

/// Remembers these.
pub(crate) async fn remember(
    connection: &mut PgConnection,
    account: &AccountId,
    changes: &[NewChange],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let of = |pick: fn(&Change) -> Option<String>| -> Vec<Option<String>> {
        changes.iter().map(|new| new.change.as_ref().and_then(pick)).collect()
    };
    sqlx::query!(
        "insert into resource_change (at, resource_id, account_id, what, field, before, after)
         select $1, x.resource, $2, x.what, coalesce(x.field, ''), x.before, x.after
         from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
            as x (resource, what, field, before, after)",
        now,
        account.as_str(),
        &changes.iter().map(|new| new.resource).collect::<Vec<_>>(),
        &texts(&changes.iter().map(|new| new.what).collect::<Vec<_>>()),
        &of(|change| Some(change.field.clone())) as _,
        &of(|change| change.before.clone()) as _,
        &of(|change| change.after.clone()) as _
    )
    .execute(connection)
    .await?;
    Ok(())
}

struct Row {
    id: i64,
    at: OffsetDateTime,
    what: String,
    field: String,
    before: Option<String>,
    after: Option<String>,
    resource_id: Uuid,
    name: String,
    kind: String,
    account_id: String,
    account_name: String,
    region: String,
}

macro_rules! select_changes {
    ([$($tail:tt)+] $(, $arg:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"select c.id, c.at, c.what, c.field, c.before, c.after, c.resource_id, r.name, r.kind,
        c.account_id, a.name as "account_name!", r.region
     from resource_change c join resource r on r.id = c.resource_id join account a on a.id = c.account_id"# + $($tail)+
            $(, $arg)*
        )
    };
}

impl Row {
    pub(crate) fn into_domain(self) -> Result<ChangeRow, StoreError> {
        let key = self.id;
        Ok(ChangeRow {
            id: self.id,
            at: self.at,
            what: column("resource_change", "what", key, &self.what)?,
            change: Change { field: self.field, before: self.before, after: self.after },
            resource: ResourceId(self.resource_id),
            name: self.name,
            kind: column("resource", "kind", key, &self.kind)?,
            account_id: column("resource_change", "account_id", key, &self.account_id)?,
            account_name: self.account_name,
            region: column("resource", "region", key, &self.region)?,
        })
    }
}

/// What changed in the inventory, field by field.
#[derive(Clone, Debug)]
pub struct ChangeRepository {
    pub(crate) pool: PgPool,
    pub(crate) index: InventoryIndex,
}

impl ChangeRepository {
    /// The newest first, with where the next page begins.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn changes(
        &self,
        visible: &VisibleAccounts,
        query: &ChangeQuery,
        limit: u16,
        now: OffsetDateTime,
    ) -> Result<(Vec<ChangeRow>, Option<i64>), StoreError> {
        let accounts = texts(&visible.accounts);
        let since = now - Duration::days(query.days.into());
        let (what, of_accounts) = (texts(&query.what), texts(&query.accounts));
        let (regions, patterns) = (texts(&query.regions), patterns(&query.text));
        let limit_and_one = i64::from(limit) + 1;
        macro_rules! matching {
            ($words:tt $(, $arg:expr)*) => {
                select_changes!(
                    [" where c.account_id = any($1) and c.at > $2 and c.id < coalesce($3, 9223372036854775807)
                and (cardinality($4::text[]) = 0 or c.what = any($4))
                and (cardinality($5::text[]) = 0 or split_part(c.field, '.', 1) = any($5))
                and (cardinality($6::text[]) = 0 or c.account_id = any($6))
                and (cardinality($7::text[]) = 0 or r.region = any($7))
                and r.is_listed and r.search like all($8::text[])" + $words + " order by c.id desc limit $9"],
                    &accounts,
                    since,
                    query.after,
                    &what,
                    &query.fields,
                    &of_accounts,
                    &regions,
                    &patterns,
                    limit_and_one
                    $(, $arg)*
                )
                .fetch_all(&self.pool)
                .await?
            };
        }
        // Words that few hold are looked up in memory: reading all changes for them would take long.
        let rows = match self.index.few_holding(&query.text).await? {
            Some(few) => matching!(" and c.resource_id = any($10)", &few),
            None => matching!(""),
        };
        let has_more = rows.len() > usize::from(limit);
        let rows = rows.into_iter().take(limit.into()).map(Row::into_domain);
        let rows: Vec<ChangeRow> = rows.collect::<Result<_, _>>()?;
        let next = rows.last().filter(|_| has_more).map(|row| row.id);
        Ok((rows, next))
    }
}
