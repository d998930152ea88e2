//! What can go wrong between us and PostgreSQL.

use crate::InventorySize;
use sqlx::migrate::MigrateError;
use std::{
    fmt::Display,
    str::FromStr,
    sync::atomic::{AtomicU64, Ordering},
};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database: {0}")]
    Database(sqlx::Error),
    /// No password for a new connection, such as a token of RDS.
    #[error("no token for the database: {0}")]
    Password(String),
    #[error("migration: {0}")]
    Migration(#[from] MigrateError),
    #[error("queue: {0}")]
    Queue(String),
    /// The schema is a newer release's, which this one cannot use; the migration that this one does not know.
    #[error("the schema is that of a newer release: this one does not know migration {0}")]
    NewerSchema(i64),
    #[error(
        "this is {0}, not PostgreSQL. Claviger relies on LISTEN and NOTIFY, advisory locks and snapshots of PostgreSQL: use PostgreSQL 15 or newer, RDS or Aurora"
    )]
    OtherEngine(&'static str),
    #[error("this is {0}. Use PostgreSQL 15 or newer")]
    OldServer(String),
    /// Something of the schema is pending, or not granted, and our role may not do it.
    #[error("the database role lacks a right: {0}")]
    MayNotMigrate(String),
    /// A row that breaks a rule of the domain: somebody wrote past us.
    #[error("inconsistent row: {table}.{column} of {key}: {reason}")]
    Inconsistent { table: &'static str, column: &'static str, key: String, reason: String },
    /// A task of ours panicked: a fault in the code, not of the database.
    #[error("{0}")]
    Panicked(String),
    /// Something of ours that cannot be written as JSON.
    #[error("cannot be written: {0}")]
    Unwritable(String),
    /// A page's cursor whose key is not of its column's type.
    #[error("the cursor does not fit the list")]
    Cursor,
    /// More rows than the index may hold: a part of them is no answer.
    #[error("{0}")]
    InventoryLimit(InventorySize),
}

/// Statements that PostgreSQL refused because its disk is full, since the process started. Here every error of a statement
/// passes, wherever it is handled.
static DISK_FULL: AtomicU64 = AtomicU64::new(0);

/// How many statements PostgreSQL refused because its disk is full, since the process started.
pub fn disk_full_errors() -> u64 {
    DISK_FULL.load(Ordering::Relaxed)
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let error = Self::Database(error);
        if error.is_disk_full() {
            DISK_FULL.fetch_add(1, Ordering::Relaxed);
        }
        error
    }
}

impl StoreError {
    /// Whether PostgreSQL has no room to write (`disk_full`). Reading still works, and nothing of the transaction was written.
    pub fn is_disk_full(&self) -> bool {
        self.is_state("53100")
    }

    /// Whether PostgreSQL refused a statement, or one of a migration, with this SQLSTATE.
    pub(crate) fn is_state(&self, state: &str) -> bool {
        let (Self::Database(error)
        | Self::Migration(
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _),
        )) = self
        else {
            return false;
        };
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        code.is_some_and(|code| code == state)
    }

    /// Whether the database itself is out of reach, so that trying later may help.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Database(
                sqlx::Error::Io(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::Tls(_)
            )
        )
    }
}

/// Reads a column that the domain evaluates.
pub(crate) fn column<T: FromStr<Err: Display>>(
    table: &'static str,
    column: &'static str,
    key: impl Display,
    text: &str,
) -> Result<T, StoreError> {
    text.parse().map_err(|reason: T::Err| StoreError::Inconsistent {
        table,
        column,
        key: key.to_string(),
        reason: reason.to_string(),
    })
}

/// Texts of ids, for a query's array.
pub(crate) fn texts<T: Display>(items: &[T]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}
