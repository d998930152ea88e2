//! The audit chain: entries are added under one lock, each with the hash of the one before.

use crate::{Store, StoreError};
use claviger_domain::audit::{
    AuditEntry, ChainFault, ChainReport, ChainWalk, GENESIS, NewEntry, chain_hash, hex,
};
use claviger_domain::grant::view::{AuditPage, AuditRow};
use futures::TryStreamExt;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The lock that lets one transaction at a time lengthen the chain; an arbitrary number, ours alone.
const CHAIN_LOCK: i64 = 0x636c_6176_6175;

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    body: String,
    hash: Vec<u8>,
}

impl Row {
    fn entry(&self) -> Result<AuditEntry, StoreError> {
        serde_json::from_str(&self.body).map_err(|error| StoreError::Inconsistent {
            table: "audit_entry",
            column: "body",
            key: self.seq.to_string(),
            reason: error.to_string(),
        })
    }
}

/// Takes the chain for this transaction.
pub(crate) async fn lock(connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("select pg_advisory_xact_lock($1)").bind(CHAIN_LOCK).execute(connection).await?;
    Ok(())
}

/// Adds entries at the end of the transaction. The lock is held until it commits: call this last.
pub(crate) async fn append(
    connection: &mut PgConnection,
    entries: Vec<NewEntry>,
    now: OffsetDateTime,
) -> Result<Vec<i64>, StoreError> {
    if entries.is_empty() {
        return Ok(Vec::new());
    }
    lock(connection).await?;
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("select seq, hash from audit_entry order by seq desc limit 1")
            .fetch_optional(&mut *connection)
            .await?;
    let (mut seq, mut previous) = last.unwrap_or((0, GENESIS.to_vec()));
    let mut numbers = Vec::with_capacity(entries.len());
    for new in entries {
        seq += 1;
        let entry = AuditEntry {
            seq,
            at: now,
            actor: new.actor,
            deed: new.deed,
            phase: new.phase,
            subject: new.subject,
            succeeded: new.succeeded,
            started: new.started,
            detail: new.detail,
        };
        let body = serde_json::to_string(&entry)
            .map_err(|error| StoreError::Unwritable(error.to_string()))?;
        let hash = chain_hash(&previous, &body);
        sqlx::query(
            "insert into audit_entry (seq, body, previous, hash, at, deed, phase, subject, succeeded, started)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(seq)
        .bind(&body)
        .bind(&previous)
        .bind(hash.as_slice())
        .bind(now)
        .bind(entry.deed.to_string())
        .bind(entry.phase.to_string())
        .bind(&entry.subject)
        .bind(entry.succeeded)
        .bind(entry.started)
        .execute(&mut *connection)
        .await?;
        previous = hash.to_vec();
        numbers.push(seq);
    }
    Ok(numbers)
}

impl Store {
    /// Walks the whole chain, entry by entry, and says where it breaks.
    pub async fn verify_chain(&self) -> Result<ChainReport, StoreError> {
        type Link = (i64, String, Vec<u8>, Vec<u8>, String, String, OffsetDateTime);
        let mut walk = ChainWalk::default();
        let mut rows = sqlx::query_as::<_, Link>(
            "select seq, body, previous, hash, subject, deed, at from audit_entry order by seq",
        )
        .fetch(&self.pool);
        while let Some((seq, body, previous, hash, subject, deed, at)) = rows.try_next().await? {
            let judged = walk.step(seq, &body, &previous, &hash).and_then(|()| {
                let entry: Option<AuditEntry> = serde_json::from_str(&body).ok();
                let agrees = entry.is_some_and(|entry| {
                    entry.subject == subject
                        && entry.deed.to_string() == deed
                        // PostgreSQL keeps microseconds.
                        && (entry.at - at).abs() < time::Duration::MILLISECOND
                });
                if agrees {
                    Ok(())
                } else {
                    Err(ChainFault { seq, what: "its columns are not what was hashed" })
                }
            });
            if let Err(fault) = judged {
                return Ok(walk.report(Some(fault)));
            }
        }
        Ok(walk.report(None))
    }

    /// Everything about one subject, oldest first.
    pub async fn audit_of(&self, subject: &str) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select seq, body, hash from audit_entry where subject = $1 order by seq limit 500",
        )
        .bind(subject)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Row::entry).collect()
    }

    /// The newest entries, or those before a number.
    pub async fn audit_page(
        &self,
        before: Option<i64>,
        rows: u16,
        now: OffsetDateTime,
    ) -> Result<AuditPage, StoreError> {
        let found: Vec<Row> = sqlx::query_as(
            "select seq, body, hash from audit_entry where seq < $1 order by seq desc limit $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(rows))
        .fetch_all(&self.pool)
        .await?;
        let rows: Vec<AuditRow> = found
            .into_iter()
            .map(|row| {
                let entry = row.entry()?;
                Ok::<_, StoreError>(AuditRow {
                    seq: entry.seq,
                    at: entry.at,
                    who: entry.actor.map(|actor| actor.name),
                    deed: entry.deed,
                    phase: entry.phase,
                    succeeded: entry.succeeded,
                    subject: entry.subject,
                    detail: entry.detail,
                    hash: hex(row.hash.get(..4).unwrap_or_default()),
                })
            })
            .collect::<Result<_, _>>()?;
        let older = rows.last().map(|row| row.seq).filter(|seq| *seq > 1);
        Ok(AuditPage { rows, older, as_of: now })
    }

    /// Deeds that were begun before this moment and never ended: a replica died in between.
    pub async fn orphaned_deeds(
        &self,
        before: OffsetDateTime,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select seq, body, hash from audit_entry s
             where phase = 'started' and at < $1 and at > $1 - interval '7 days'
                and not exists (select 1 from audit_entry e where e.started = s.seq)
             order by seq limit 100",
        )
        .bind(before)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Row::entry).collect()
    }

    /// The number of the newest entry; 0 where there is none.
    pub async fn audit_seq(&self) -> Result<i64, StoreError> {
        let (seq,): (Option<i64>,) =
            sqlx::query_as("select max(seq) from audit_entry").fetch_one(&self.pool).await?;
        Ok(seq.unwrap_or_default())
    }

    /// Whether some entry has this hash, in hexadecimal.
    pub async fn chain_has(&self, hash: &str) -> Result<bool, StoreError> {
        let (found,): (bool,) = sqlx::query_as(
            "select exists (select 1 from audit_entry where encode(hash, 'hex') = lower($1))",
        )
        .bind(hash)
        .fetch_one(&self.pool)
        .await?;
        Ok(found)
    }
}
