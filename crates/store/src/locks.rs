//! Advisory locks of PostgreSQL: every one that the console takes, with its key.

use crate::StoreError;
use claviger_domain::ids::AccountId;
use sqlx::PgConnection;

/// A lock that one transaction of all replicas holds at a time. Releases that run side by side share the keys, so a key
/// is never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AdvisoryLock<'a> {
    /// Adding entries to the audit chain.
    AuditChain,
    /// Changing the Deny statements of an account's access role.
    Denials(&'a AccountId),
    /// Writing what an evaluation of an account came to.
    Evaluation(&'a AccountId),
    /// Counting the remediation calls of the last hour before the next one is made.
    RemediationLimits,
    /// Altering the job queue's functions.
    QueueFunctions,
    /// Adding a favorite of a person.
    Favorites(&'a str),
    /// Replacing what a repository declares.
    DeclaredConsumers(&'a str),
    /// Counting the repositories that declare consumers before the next one is added.
    DeclaringRepositories,
    /// Requesting a new secret or parameter in an account.
    Creations(&'a AccountId),
}

/// What PostgreSQL knows a lock by. All keys of a database share one space of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key<'a> {
    Number(i64),
    /// The hash of a text with a seed: those of accounts differ by their seeds.
    Hash(&'a str, i64),
}

impl<'a> AdvisoryLock<'a> {
    fn key(self) -> Key<'a> {
        match self {
            Self::QueueFunctions => Key::Hash("claviger: the functions of the queue", 0),
            Self::Denials(account) => Key::Hash(account.as_str(), 7),
            Self::Evaluation(account) => Key::Hash(account.as_str(), 8),
            Self::Favorites(subject) => Key::Hash(subject, 10),
            Self::DeclaredConsumers(repository) => Key::Hash(repository, 11),
            Self::DeclaringRepositories => Key::Hash("claviger-declaring-repositories", 12),
            Self::Creations(account) => Key::Hash(account.as_str(), 13),
            Self::RemediationLimits => Key::Hash("claviger-remedy", 9),
            Self::AuditChain => Key::Number(0x636c_6176_6175),
        }
    }

    /// Waits for the lock and keeps it until the transaction ends.
    pub(crate) async fn acquire(self, connection: &mut PgConnection) -> Result<(), StoreError> {
        match self.key() {
            Key::Number(key) => {
                sqlx::query!("select pg_advisory_xact_lock($1)", key).execute(connection).await?;
            }
            Key::Hash(text, seed) => {
                sqlx::query!("select pg_advisory_xact_lock(hashtextextended($1, $2))", text, seed)
                    .execute(connection)
                    .await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Releases that run side by side during an update share these.
    #[test]
    fn keys_stay_and_no_two_locks_share_one() {
        let account: AccountId = "111122223333".parse().unwrap();
        let keys = [
            (AdvisoryLock::AuditChain, Key::Number(109_317_142_765_941)),
            (AdvisoryLock::Denials(&account), Key::Hash("111122223333", 7)),
            (AdvisoryLock::Evaluation(&account), Key::Hash("111122223333", 8)),
            (AdvisoryLock::RemediationLimits, Key::Hash("claviger-remedy", 9)),
            (AdvisoryLock::Favorites("ada"), Key::Hash("ada", 10)),
            (AdvisoryLock::DeclaredConsumers("a/b"), Key::Hash("a/b", 11)),
            (AdvisoryLock::DeclaringRepositories, Key::Hash("claviger-declaring-repositories", 12)),
            (AdvisoryLock::Creations(&account), Key::Hash("111122223333", 13)),
            (AdvisoryLock::QueueFunctions, Key::Hash("claviger: the functions of the queue", 0)),
        ];
        for (lock, key) in keys {
            assert_eq!(lock.key(), key);
        }
        let distinct: BTreeSet<String> =
            keys.iter().map(|(lock, _)| format!("{:?}", lock.key())).collect();
        assert_eq!(distinct.len(), keys.len());
    }
}
