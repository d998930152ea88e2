//! The database as such: whether it answers, and what it tells every replica.

use crate::{AuditProtection, StoreError, Touched, schema::MIGRATOR};
use sqlx::{PgPool, postgres::PgListener};
use std::collections::BTreeSet;
use time::OffsetDateTime;

const APPLICATION: &str = "claviger";
/// How each connection presents itself to PostgreSQL: by it replicas see each other's release.
pub(crate) const APPLICATION_NAME: &str = concat!("claviger ", env!("CARGO_PKG_VERSION"));

/// The channel on which PostgreSQL tells every replica that a sweep has moved on.
pub(crate) const SWEEP_CHANNEL: &str = "claviger_sweep";

/// The channel on which PostgreSQL tells every replica that requests, grants or inboxes have changed.
pub(crate) const ACCESS_CHANNEL: &str = "claviger_access";

/// The database server, and what this release finds in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// PostgreSQL's version, such as `17.2`.
    pub version: String,
    pub size_bytes: u64,
    /// The newest migration that was applied.
    pub schema: i64,
    /// The newest migration of this release.
    pub own_schema: i64,
    /// The addresses from which Claviger is connected; behind a connection pooler, the pooler's.
    pub addresses: u64,
}

/// Answers, and tells of changes.
#[derive(Clone, Debug)]
pub struct Database {
    pub(crate) pool: PgPool,
}

impl Database {
    /// Answers when the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query!("select").execute(&self.pool).await?;
        Ok(())
    }

    /// PostgreSQL's own time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn time(&self) -> Result<OffsetDateTime, StoreError> {
        Ok(sqlx::query_scalar!(r#"select clock_timestamp() as "now!""#)
            .fetch_one(&self.pool)
            .await?)
    }

    /// The database server's version and size, and the state of the schema.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn engine(&self) -> Result<Engine, StoreError> {
        let row = sqlx::query!(
            r#"select current_setting('server_version') as "version!", pg_database_size(current_database()) as "size!",
                (select count(distinct coalesce(client_addr::text, 'local')) from pg_stat_activity
                    where datname = current_database() and application_name like 'claviger%') as "addresses!""#
        )
        .fetch_one(&self.pool)
        .await?;
        let schema: Option<i64> =
            sqlx::query_scalar("select max(version) from _sqlx_migrations where success")
                .fetch_one(&self.pool)
                .await?;
        Ok(Engine {
            version: row.version,
            size_bytes: u64::try_from(row.size).unwrap_or(0),
            schema: schema.unwrap_or(0),
            own_schema: MIGRATOR.iter().map(|one| one.version).max().unwrap_or(0),
            addresses: u64::try_from(row.addresses).unwrap_or(0),
        })
    }

    /// Whether PostgreSQL itself keeps our role from changing the audit log.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit_protection(&self) -> Result<AuditProtection, StoreError> {
        let row = sqlx::query!(
            r#"select current_user::text as "role!", r.rolsuper or pg_has_role(r.oid, c.relowner, 'member')
                or has_table_privilege(r.oid, c.oid, 'update, delete, truncate, trigger') as "can_change!"
             from pg_class c, pg_roles r
             where c.oid = 'audit_entry'::regclass and r.rolname = current_user"#,
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(AuditProtection { role: row.role, is_append_only: !row.can_change })
    }

    /// The releases other than this one that are connected to the database. Releases of before this was
    /// compared do not say which they are: `None`.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn other_releases(&self) -> Result<BTreeSet<Option<String>>, StoreError> {
        let names = sqlx::query_scalar!(
            r#"select distinct application_name as "name!" from pg_stat_activity
             where datname = current_database() and application_name is not null"#
        )
        .fetch_all(&self.pool)
        .await?;
        let others = names.iter().filter(|name| *name != APPLICATION_NAME).filter_map(|name| {
            if name == APPLICATION {
                return Some(None);
            }
            let release = name.strip_prefix(APPLICATION)?.strip_prefix(' ')?;
            Some(Some(release.to_owned()))
        });
        Ok(others.collect())
    }

    /// Listens for what changes, in any replica.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn listen(&self) -> Result<ChangeListener, StoreError> {
        let mut listener = PgListener::connect_with(&self.pool).await?;
        listener.listen_all([SWEEP_CHANNEL, ACCESS_CHANNEL]).await?;
        Ok(ChangeListener(listener))
    }
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Sweep,
    Access(Touched),
}

/// Hears of every change. It reconnects by itself.
pub struct ChangeListener(PgListener);

impl ChangeListener {
    /// Waits for the next change.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn next(&mut self) -> Result<Change, StoreError> {
        let heard = self.0.recv().await?;
        Ok(if heard.channel() == ACCESS_CHANNEL {
            Change::Access(Touched::read(heard.payload()))
        } else {
            Change::Sweep
        })
    }
}
