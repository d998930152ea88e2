//! Why the server cannot start, and what to do.

use claviger_store::StoreError;
use std::net::SocketAddr;

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the configuration cannot be used: {0}")]
    Settings(String),
    #[error(
        "the database cannot be reached ({reason}). Check DATABASE_URL: it is to look like \
         postgres://user:password@host:5432/claviger, and PostgreSQL must be running there"
    )]
    Database { reason: String },
    #[error("the database schema cannot be brought up to date: {0}")]
    Migration(String),
    #[error(
        "{address} cannot be listened on ({reason}). Stop what uses the port, or choose another with --listen or CLAVIGER_LISTEN"
    )]
    Listen { address: SocketAddr, reason: String },
    #[error(
        "the browser's files are not in {0}. Build them with `cargo xtask web`, or set CLAVIGER_SITE_DIR"
    )]
    Site(String),
    #[error("the queue's worker cannot start: {0}")]
    Worker(String),
    #[error("the audit trail was tampered with or damaged: {0}")]
    Audit(String),
    #[error("{0} cases did not come out as the table says")]
    Cases(usize),
    #[error("{0}")]
    Policy(String),
    #[error("serving failed: {0}")]
    Serve(#[from] std::io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Migration(error) => Self::Migration(error.to_string()),
            StoreError::Queue(error) => Self::Migration(error),
            // sqlx repeats no password in its messages.
            other => Self::Database { reason: other.to_string() },
        }
    }
}
