//! The audit chain: entries are added under one lock, each with the hash of the one before.

pub(crate) mod search;

use crate::{StoreError, UnitOfWork};
use claviger_domain::audit::{AuditAction, AuditEntry, ChainFault, ChainReport, ChainWalk, hex};
use futures::TryStreamExt;
use sqlx::PgPool;
use std::collections::BTreeMap;
use time::OffsetDateTime;

struct Row {
    seq: i64,
    body: String,
}

impl Row {
    fn entry(&self) -> Result<AuditEntry, StoreError> {
        parsed(self.seq, &self.body)
    }
}

fn parsed(seq: i64, body: &str) -> Result<AuditEntry, StoreError> {
    serde_json::from_str(body).map_err(|error| StoreError::Inconsistent {
        table: "audit_entry",
        column: "body",
        key: seq.to_string(),
        reason: error.to_string(),
    })
}

/// An entry of the chain by which everything before it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainHead {
    pub seq: i64,
    /// In hexadecimal.
    pub hash: String,
}

/// A row with every column that stands beside the hashed text.
struct Link {
    seq: i64,
    body: String,
    previous: Vec<u8>,
    hash: Vec<u8>,
    at: OffsetDateTime,
    deed: String,
    phase: String,
    subject: String,
    succeeded: Option<bool>,
    started: Option<i64>,
}

impl Link {
    /// Compares each column with what was hashed: queries read the columns.
    fn agrees(&self, entry: &AuditEntry) -> Result<(), ChainFault> {
        // PostgreSQL keeps microseconds, cut off.
        let cut_off = entry.at - self.at;
        let what = if self.subject != entry.subject {
            "its column subject is not what was hashed"
        } else if self.deed != entry.audit_action.to_string() {
            "its column deed is not what was hashed"
        } else if self.phase != entry.phase.to_string() {
            "its column phase is not what was hashed"
        } else if self.succeeded != entry.succeeded {
            "its column succeeded is not what was hashed"
        } else if self.started != entry.started {
            "its column started is not what was hashed"
        } else if cut_off.is_negative() || cut_off >= time::Duration::MICROSECOND {
            "its column at is not what was hashed"
        } else {
            return Ok(());
        };
        Err(ChainFault { seq: self.seq, what })
    }
}

/// The audit log: its entries, its chain of hashes and its pages.
#[derive(Clone, Debug)]
pub struct AuditRepository {
    pub(crate) pool: PgPool,
}

impl AuditRepository {
    /// Walks the whole chain, entry by entry, and says where it breaks.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn verify_chain(&self) -> Result<ChainReport, StoreError> {
        let mut walk = ChainWalk::default();
        let mut rows = sqlx::query_as!(
            Link,
            "select seq, body, previous, hash, at, deed, phase, subject, succeeded, started
             from audit_entry order by seq"
        )
        .fetch(&self.pool);
        while let Some(link) = rows.try_next().await? {
            let evaluated = walk
                .step(link.seq, &link.body, &link.previous, &link.hash)
                .and_then(|entry| link.agrees(&entry));
            if let Err(fault) = evaluated {
                return Ok(walk.report(Some(fault)));
            }
        }
        Ok(walk.report(None))
    }

    /// The newest entry's number and hash; `None` where there is no entry.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn chain_head(&self) -> Result<Option<ChainHead>, StoreError> {
        let row = sqlx::query!("select seq, hash from audit_entry order by seq desc limit 1")
            .map(|row| (row.seq, row.hash))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|(seq, hash)| ChainHead { seq, hash: hex(&hash) }))
    }

    /// The hashes of these entries, as far as they are there.
    #[tracing::instrument(level = "debug", skip_all, fields(item.count = entries.len()))]
    pub async fn chain_hashes(&self, entries: &[i64]) -> Result<BTreeMap<i64, String>, StoreError> {
        let rows = sqlx::query!("select seq, hash from audit_entry where seq = any($1)", entries)
            .map(|row| (row.seq, row.hash))
            .fetch_all(&self.pool)
            .await?;
        Ok(rows.into_iter().map(|(seq, hash)| (seq, hex(&hash))).collect())
    }

    /// Everything about one subject, oldest first.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit_of(&self, subject: &str) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select seq, body from audit_entry where subject = $1 order by seq limit 500",
            subject
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Row::entry).collect()
    }

    /// The newest entry about a subject by one of these actions, which has ended or needed no end.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn last_entry(
        &self,
        subject: &str,
        actions: &[AuditAction],
    ) -> Result<Option<AuditEntry>, StoreError> {
        let actions: Vec<String> = actions.iter().map(ToString::to_string).collect();
        let row = sqlx::query_as!(
            Row,
            "select seq, body from audit_entry
             where subject = $1 and deed = any($2) and phase <> 'started' order by seq desc limit 1",
            subject,
            &actions,
        )
        .fetch_optional(&self.pool)
        .await?;
        row.as_ref().map(Row::entry).transpose()
    }

    /// When a head of the log was last published, and its number.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn published_head(&self) -> Result<Option<(i64, OffsetDateTime)>, StoreError> {
        let row = sqlx::query!("select seq, published_at from audit_head")
            .map(|row| (row.seq, row.published_at))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row)
    }

    /// Actions that were begun before this moment and never ended: a replica died in between.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn orphaned_entries(
        &self,
        before: OffsetDateTime,
    ) -> Result<Vec<AuditEntry>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            "select seq, body from audit_entry s
             where phase = 'started' and at < $1 and at > $1 - interval '7 days'
                and not exists (select 1 from audit_entry e where e.started = s.seq)
             order by seq limit 100",
            before
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(Row::entry).collect()
    }

    /// Whether some entry has this hash, in hexadecimal.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn chain_has(&self, hash: &str) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar!(
            r#"select exists (select 1 from audit_entry where encode(hash, 'hex') = lower($1)) as "found!""#,
            hash,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(found)
    }
}

impl UnitOfWork {
    /// Claims the publication of this head for all replicas; `false` where it, or another within the interval, was
    /// published already.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn claim_head(
        &mut self,
        head: &ChainHead,
        interval: time::Duration,
    ) -> Result<bool, StoreError> {
        let now = self.now;
        let done = sqlx::query!(
            "insert into audit_head (seq, published_at) values ($1, $2)
             on conflict (only_row) do update set seq = excluded.seq, published_at = excluded.published_at
             where audit_head.seq <> excluded.seq and audit_head.published_at <= $3",
            head.seq,
            now,
            now - interval,
        )
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
