//! Why the server cannot start, and what to do.

use crate::surroundings::SYNCHRONISE;
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
    #[error(
        "the database's disk is full ({0}). Give PostgreSQL more space, and start again: nothing was changed"
    )]
    DiskFull(String),
    #[error("the database cannot be used: {0}")]
    Engine(String),
    #[error("the database schema cannot be brought up to date: {0}")]
    Migration(String),
    #[error(
        "a newer release has migrated the database (migration {0}), and this release cannot use its schema. Start the newer \
         release, or restore the backup from before it; see docs/operations.md"
    )]
    NewerSchema(i64),
    #[error(
        "the database schema is not ready for this console, and its database role may not change it ({0}). Run \
         `claviger migrate --grant-to ROLE` as the role that owns the schema, with the ROLE that the console runs as, and \
         start again"
    )]
    MayNotMigrate(String),
    #[error(
        "the role {role} cannot be granted ({reason}). Run this as the role that owns the schema, for another role that \
         exists: create role claviger_console login password '…'"
    )]
    Grant { role: String, reason: String },
    #[error(
        "{0}. AWS would refuse every call, and grants would end at the wrong time. {SYNCHRONISE}, and start again"
    )]
    Clock(String),
    #[error("the database cannot give the connections that are configured: {0}")]
    Connections(String),
    #[error(
        "{address} cannot be listened on ({reason}). Stop what uses the port, or choose another with --listen or CLAVIGER_LISTEN"
    )]
    Listen { address: SocketAddr, reason: String },
    #[error(
        "{address} cannot be listened on for metrics ({reason}). Stop what uses the port, or choose another with \
         CLAVIGER_METRICS_LISTEN"
    )]
    ListenForMetrics { address: SocketAddr, reason: String },
    #[error(
        "the browser's files are not in {folder} ({reason}). Build them with `cargo xtask web`, or set CLAVIGER_SITE_DIR"
    )]
    Site { folder: String, reason: String },
    #[error("{url} does not say that Claviger is ready: {reason}")]
    Unhealthy { url: String, reason: String },
    #[error("the queue's worker cannot start: {0}")]
    Worker(String),
    #[error("the audit trail was tampered with or damaged: {0}")]
    Audit(String),
    #[error("{0} of the checks failed; each says above what to do")]
    Checks(usize),
    #[error("{0} cases did not come out as the table says")]
    Cases(usize),
    #[error(
        "AWS has not confirmed the end of {open} of {of}; each is listed above with the reason. Access stays paused, and the \
         replicas continue. Run the command again to wait on; see docs/operations.md#revoke-everything-now"
    )]
    NotConfirmed { open: usize, of: usize },
    #[error("access could not be ended: {0}")]
    Incident(String),
    #[error("{0}")]
    Policy(String),
    #[error("serving failed: {0}")]
    Serve(#[from] std::io::Error),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        match error {
            error if error.is_disk_full() => Self::DiskFull(error.to_string()),
            StoreError::Migration(error) => Self::Migration(error.to_string()),
            StoreError::NewerSchema(version) => Self::NewerSchema(version),
            error @ (StoreError::OtherEngine(_) | StoreError::OldServer(_)) => {
                Self::Engine(error.to_string())
            }
            StoreError::Queue(error) => Self::Migration(error),
            StoreError::MayNotMigrate(reason) => Self::MayNotMigrate(reason),
            // sqlx repeats no password in its messages.
            other => Self::Database { reason: other.to_string() },
        }
    }
}
