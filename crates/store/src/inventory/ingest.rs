//! Facts from a scan into the table: in batches, an unchanged row untouched.

use crate::{
    FactRepository, StoreError,
    changes::{NewChange, remember},
    inventory::owners::{columns, holder},
    new_id,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use claviger_domain::{
    changes::{ChangeKind, differences},
    facts::{Detail, Kind, ResourceFacts},
    ids::{AccountId, Arn, Region},
    scan::RegionScanList,
};
use serde_json::json;
use sha2::{Digest, Sha256};
use sqlx::{PgConnection, types::Json};
use std::collections::HashMap;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

impl FactRepository {
    /// Writes a batch of a list of one account and Region, and remembers what changed. Says how many rows were new or changed;
    /// the others are not touched. Of a resource that AWS was asked about alone a moment ago, a list may be older.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, db.rows = batch.len()))]
    pub async fn write_facts(
        &self,
        account: &AccountId,
        region: &Region,
        batch: &[ResourceFacts],
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut tx = self.pool.begin().await?;
        let written = self.write_batch(&mut tx, account, region, batch, Some(now - LIST_LAG), now);
        let written = written.await?;
        tx.commit().await?;
        Ok(written)
    }

    /// Writes what AWS answered about one resource alone, which is newer than any list. It is not protected from one before
    /// `note_described`.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, resource.arn = %facts.arn))]
    pub async fn write_described(
        &self,
        account: &AccountId,
        region: &Region,
        facts: &ResourceFacts,
        now: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        self.write_batch(&mut tx, account, region, std::slice::from_ref(facts), None, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Notes when AWS was asked about a resource alone, once all of the answer is written.
    #[tracing::instrument(level = "debug", skip_all, fields(resource.arn = %arn))]
    pub async fn note_described(
        &self,
        arn: &Arn,
        asked_at: OffsetDateTime,
    ) -> Result<(), StoreError> {
        let mut connection = self.pool.acquire().await?;
        note_described(&mut connection, arn, asked_at).await
    }

    /// `lag`: what was described after it stays, unless the batch has a later change of it.
    async fn write_batch(
        &self,
        tx: &mut PgConnection,
        account: &AccountId,
        region: &Region,
        batch: &[ResourceFacts],
        lag: Option<OffsetDateTime>,
        now: OffsetDateTime,
    ) -> Result<u64, StoreError> {
        let mut rows: Vec<NewRow> =
            batch.iter().map(|facts| row_of(facts, region)).collect::<Result<_, _>>()?;
        let known = sqlx::query_as!(
            KnownRow,
            r#"select r.arn, r.gone_at is not null as "is_gone!", r.changed_at,
                coalesce(r.described_at > $3 and r.gone_at is null, false) as "is_described!", is_same as "is_same!", case when is_same then null else r.facts end as "facts?: Json<ResourceFacts>"
             from unnest($1::text[], $2::bytea[]) as x (arn, fingerprint) join resource r on r.arn = x.arn
             cross join lateral (select r.fingerprint = x.fingerprint and r.gone_at is null and r.last_seen_at is null) as s (is_same)"#,
            &rows.iter().map(|row| row.arn.as_str()).collect::<Vec<_>>() as _,
            &rows.iter().map(|row| row.fingerprint.as_slice()).collect::<Vec<_>>() as _,
            lag,
        )
        .fetch_all(&mut *tx)
        .await?;
        let known: HashMap<String, KnownRow> =
            known.into_iter().map(|row| (row.arn.clone(), row)).collect();
        let facts: HashMap<&str, &ResourceFacts> =
            batch.iter().map(|facts| (facts.arn.as_str(), facts)).collect();
        rows.retain(|row| {
            let changed_at = facts.get(row.arn.as_str()).and_then(|facts| facts.changed_at);
            known.get(row.arn.as_str()).is_none_or(|known| {
                let is_older = known.is_described && changed_at <= known.changed_at;
                !known.is_same && !is_older
            })
        });
        if rows.is_empty() {
            return Ok(0);
        }
        // A batch is a page of one list.
        let kind = batch.first().map_or(Kind::Secret, ResourceFacts::kind);
        let was_read = sqlx::query_scalar!(
            r#"select exists (select 1 from scan_list
                where account_id = $1 and region = $2 and list = $3 and complete_at is not null) as "was_read!""#,
            account.as_str(),
            region.as_str(),
            list_of(kind).to_string(),
        )
        .fetch_one(&mut *tx)
        .await?;
        let location = holder(&mut *tx, account).await?;
        for row in &mut rows {
            let tags = facts.get(row.arn.as_str()).and_then(|facts| facts.tags.as_ref());
            let (owner, class) = columns(self.owners.owner(tags, &location));
            row.value["owner"] = owner.into();
            row.value["owner_class"] = class.into();
        }
        let values = rows.iter_mut().map(|row| std::mem::take(&mut row.value)).collect();
        let written = upsert(&mut *tx, account, region, values, now).await?;
        let changes: Vec<NewChange> = written
            .iter()
            .filter_map(|(id, arn)| Some((*id, known.get(arn), facts.get(arn.as_str())?)))
            .flat_map(|(id, known, facts)| news(id, known, facts, was_read))
            .collect();
        remember(&mut *tx, account, &changes, now).await?;
        Ok(u64::try_from(written.len()).unwrap_or(u64::MAX))
    }

    /// What the table holds as present and a scan did not see: to be confirmed before a tombstone.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region, item.count = seen.len()))]
    pub async fn unseen(
        &self,
        account: &AccountId,
        region: &Region,
        kind: Kind,
        seen: &[String],
    ) -> Result<Vec<(Arn, String)>, StoreError> {
        let rows = sqlx::query!(
            "select arn, name from resource
             where account_id = $1 and region = $2 and kind = $3 and gone_at is null and not (arn = any($4))
             order by arn",
            account.as_str(),
            region.as_str(),
            kind.to_string(),
            seen,
        )
        .map(|row| (row.arn, row.name))
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|(arn, name)| Ok((crate::error::column("resource", "arn", &arn, &arn)?, name)))
            .collect()
    }
}

/// Notes when AWS was asked about a resource alone.
pub(crate) async fn note_described(
    connection: &mut PgConnection,
    arn: &Arn,
    asked_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update resource set described_at = $2 where arn = $1", arn.as_str(), asked_at)
        .execute(connection)
        .await?;
    Ok(())
}

/// How far the lists of Secrets Manager may lag behind `DescribeSecret`: up to five minutes by the API's reference.
const LIST_LAG: Duration = Duration::minutes(5);

/// What is known of a resource before it is written.
struct KnownRow {
    arn: String,
    is_gone: bool,
    changed_at: Option<OffsetDateTime>,
    /// Whether AWS was asked about it alone after the moment that a list may show.
    is_described: bool,
    is_same: bool,
    /// Where it differs.
    facts: Option<Json<ResourceFacts>>,
}

/// A resource as a row; its owner is worked out once it is known that the row is written.
struct NewRow {
    arn: Arn,
    fingerprint: Vec<u8>,
    value: serde_json::Value,
}

/// Writes rows that are new, differ or are there again, and returns those that it wrote.
async fn upsert(
    connection: &mut PgConnection,
    account: &AccountId,
    region: &Region,
    rows: Vec<serde_json::Value>,
    now: OffsetDateTime,
) -> Result<Vec<(Uuid, String)>, StoreError> {
    let written = sqlx::query!(
        "insert into resource (id, arn, kind, account_id, region, name, facts, search, owner, owner_class,
                parameter_type, key_class, rotation_enabled, next_rotation_at, stuck_version, primary_arn,
                used_on, is_listed, accessed_on, changed_at, deleted_at, fingerprint, first_seen_at, facts_changed_at)
             select x.id, x.arn, x.kind, $2, $3, x.name, x.facts, x.search, x.owner, x.owner_class,
                x.parameter_type, x.key_class, x.rotation_enabled, x.next_rotation_at, x.stuck_version, x.primary_arn,
                x.accessed_on, x.primary_arn is null, x.accessed_on, x.changed_at, x.deleted_at,
                decode(x.fingerprint, 'base64'), $4, $4
             from jsonb_to_recordset($1) as x (id uuid, arn text, kind text, name text, facts jsonb, search text,
                owner text, owner_class text, parameter_type text, key_class text, rotation_enabled boolean,
                next_rotation_at timestamptz, stuck_version text, primary_arn text, accessed_on date,
                changed_at timestamptz, deleted_at timestamptz, fingerprint text)
             on conflict (arn) do update set
                name = excluded.name, facts = excluded.facts, search = excluded.search, owner = excluded.owner,
                owner_class = excluded.owner_class, parameter_type = excluded.parameter_type,
                key_class = excluded.key_class, rotation_enabled = excluded.rotation_enabled,
                next_rotation_at = excluded.next_rotation_at, stuck_version = excluded.stuck_version,
                primary_arn = excluded.primary_arn, used_on = greatest(resource.used_on, excluded.used_on),
                is_listed = resource.is_listed or excluded.is_listed, accessed_on = excluded.accessed_on,
                changed_at = excluded.changed_at, deleted_at = excluded.deleted_at,
                fingerprint = excluded.fingerprint, facts_changed_at = excluded.facts_changed_at,
                gone_at = null, last_seen_at = null
             where resource.fingerprint <> excluded.fingerprint or resource.gone_at is not null
                or resource.last_seen_at is not null
             returning id, arn",
        serde_json::Value::Array(rows),
        account.as_str(),
        region.as_str(),
        now,
    )
    .map(|row| (row.id, row.arn))
    .fetch_all(connection)
    .await?;
    Ok(written)
}

/// What is to be remembered of a resource that was written.
fn news(
    id: Uuid,
    known: Option<&KnownRow>,
    facts: &ResourceFacts,
    was_read: bool,
) -> Vec<NewChange> {
    let whole = |what| NewChange::whole(id, what);
    let Some(known) = known else {
        // What the first reading of a Region finds was there, and is no news.
        return if was_read { vec![whole(ChangeKind::FirstSeen)] } else { Vec::new() };
    };
    let back = known.is_gone.then(|| whole(ChangeKind::Back));
    let changed = known.facts.iter().flat_map(|before| differences(&before.0, facts));
    back.into_iter().chain(changed.map(|change| NewChange::field(id, change))).collect()
}

/// The list that shows resources of this kind.
pub(crate) fn list_of(kind: Kind) -> RegionScanList {
    match kind {
        Kind::Secret => RegionScanList::Secrets,
        Kind::Parameter => RegionScanList::Parameters,
    }
}

fn row_of(facts: &ResourceFacts, region: &Region) -> Result<NewRow, StoreError> {
    let inconsistent = |reason: String| StoreError::Inconsistent {
        table: "resource",
        column: "facts",
        key: facts.arn.to_string(),
        reason,
    };
    let whole = serde_json::to_value(facts).map_err(|error| inconsistent(error.to_string()))?;
    let fingerprint = Sha256::digest(whole.to_string()).to_vec();
    let stamp = |at: Option<OffsetDateTime>| at.and_then(|at| at.format(&Rfc3339).ok());
    let secret = match &facts.detail {
        Detail::Secret(secret) => Some(secret),
        Detail::Parameter(_) => None,
    };
    let parameter_type = match &facts.detail {
        Detail::Parameter(parameter) => Some(parameter.parameter_type.to_string()),
        Detail::Secret(_) => None,
    };
    let value = json!({
        "id": new_id(),
        "arn": facts.arn,
        "kind": facts.kind(),
        "name": facts.name,
        "search": search_text(facts),
        "parameter_type": parameter_type,
        "key_class": facts.key_class(),
        "rotation_enabled": secret.and_then(|s| s.rotation.enabled),
        "next_rotation_at": stamp(secret.and_then(|s| s.rotation.next_rotation_at)),
        "stuck_version": secret.and_then(|s| s.stuck_version()),
        "primary_arn": facts.primary_arn(region),
        "accessed_on": secret.and_then(|s| s.accessed_on).map(|day| day.to_string()),
        "changed_at": stamp(facts.changed_at),
        "deleted_at": stamp(secret.and_then(|s| s.deleted_at)),
        "fingerprint": STANDARD.encode(&fingerprint),
        "facts": whole,
    });
    Ok(NewRow { arn: facts.arn.clone(), fingerprint, value })
}

/// What the search looks through, in lower case, the parts divided by line ends.
fn search_text(facts: &ResourceFacts) -> String {
    let mut text = format!("{}\n{}", facts.name, facts.arn);
    if let Some(description) = &facts.description {
        text.push('\n');
        text.push_str(description);
    }
    for (key, value) in facts.tags.iter().flatten() {
        text.push('\n');
        text.push_str(key);
        text.push('=');
        text.push_str(value);
    }
    text.to_lowercase()
}
