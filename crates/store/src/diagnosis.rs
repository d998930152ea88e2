//! What is to be known of a database before a server uses it. Nothing is changed.

use crate::{Store, StoreError, schema::MIGRATOR};
use std::collections::HashMap;

/// The state of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Diagnosis {
    /// Such as `17.2`.
    pub version: String,
    /// The role that we connect as.
    pub role: String,
    /// Migrations of this release that are still to run.
    pub pending: Vec<i64>,
    /// Migrations in the database that this release does not know: a newer one was here.
    pub unknown: Vec<i64>,
    /// Whether a newer release that was here lets this one run.
    pub may_run_on_newer_schema: bool,
    /// Migrations that were not completed, or are not those of this release.
    pub damaged: Vec<i64>,
    /// Whether the role may create schemas and tables, as migrations do.
    pub may_migrate: bool,
    /// Whether the extension `pg_trgm` is installed, or can be.
    pub has_trigrams: bool,
    /// Whether the inventory's table is there and may be read.
    pub has_inventory: bool,
    /// Tables that the role may not read or may not add to.
    pub forbidden: Vec<String>,
}

impl Store {
    /// Looks at the database, with nothing but reads.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn diagnose(&self) -> Result<Diagnosis, StoreError> {
        self.check_engine().await?;
        let found = sqlx::query!(
            r#"select current_setting('server_version') as "version!",
                current_user::text as "role!",
                has_database_privilege(current_database(), 'create')
                    and coalesce(has_schema_privilege(current_schema(), 'create'), false) as "may_migrate!",
                exists (select 1 from pg_available_extensions where name = 'pg_trgm') as "has_trigrams!",
                to_regclass('_sqlx_migrations') is not null as "has_schema!",
                coalesce(has_table_privilege(to_regclass('resource'), 'select'), false) as "has_inventory!""#,
        )
        .fetch_one(&self.pool)
        .await?;
        let applied: Vec<(i64, Vec<u8>, bool)> = if found.has_schema {
            sqlx::query_as(
                "select version, checksum, success from _sqlx_migrations order by version",
            )
            .fetch_all(&self.pool)
            .await?
        } else {
            Vec::new()
        };
        let forbidden = sqlx::query_scalar!(
            r#"select n.nspname || '.' || c.relname as "name!" from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and n.nspname in (current_schema(), 'graphile_worker')
                and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select')
                    and (has_table_privilege(c.oid, 'insert') or c.relname in ('_sqlx_migrations', 'migrations')))
             order by 1"#,
        )
        .fetch_all(&self.pool)
        .await?;
        let known: HashMap<i64, &[u8]> =
            MIGRATOR.iter().map(|one| (one.version, one.checksum.as_ref())).collect();
        let is_applied = |version: i64| applied.iter().any(|(applied, ..)| *applied == version);
        let unknown: Vec<i64> = applied
            .iter()
            .map(|(version, ..)| *version)
            .filter(|version| !known.contains_key(version))
            .collect();
        // Asked only where it matters: a role may lack the right to read it.
        let may_run_on_newer_schema = !unknown.is_empty() && self.may_run_on_newer_schema().await?;
        Ok(Diagnosis {
            version: found.version,
            role: found.role,
            pending: MIGRATOR
                .iter()
                .map(|one| one.version)
                .filter(|version| !is_applied(*version))
                .collect(),
            unknown,
            may_run_on_newer_schema,
            damaged: applied
                .iter()
                .filter(|(version, checksum, succeeded)| {
                    known
                        .get(version)
                        .is_some_and(|known| !succeeded || *known != checksum.as_slice())
                })
                .map(|(version, ..)| *version)
                .collect(),
            may_migrate: found.may_migrate,
            has_trigrams: found.has_trigrams,
            has_inventory: found.has_inventory,
            forbidden,
        })
    }
}
