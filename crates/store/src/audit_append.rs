//! Adds entries to the chain of the audit log.

use crate::{StoreError, locks::AdvisoryLock};
use claviger_domain::audit::{AuditEntry, GENESIS, NewEntry, chain_hash};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Takes the chain for this transaction.
pub(crate) async fn lock(connection: &mut PgConnection) -> Result<(), StoreError> {
    AdvisoryLock::AuditChain.acquire(connection).await
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
    let last = sqlx::query!("select seq, hash from audit_entry order by seq desc limit 1")
        .map(|row| (row.seq, row.hash))
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
            audit_action: new.audit_action,
            phase: new.phase,
            subject: new.subject,
            succeeded: new.succeeded,
            started: new.started,
            detail: new.detail,
        };
        let body = serde_json::to_string(&entry)
            .map_err(|error| StoreError::Unwritable(error.to_string()))?;
        let hash = chain_hash(&previous, &body);
        sqlx::query!(
            "insert into audit_entry (seq, body, previous, hash, at, deed, phase, subject, succeeded, started)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            seq,
            &body,
            &previous,
            hash.as_slice(),
            now,
            entry.audit_action.to_string(),
            entry.phase.to_string(),
            &entry.subject,
            entry.succeeded,
            entry.started,
        )
        .execute(&mut *connection)
        .await?;
        previous = hash.to_vec();
        numbers.push(seq);
    }
    Ok(numbers)
}
