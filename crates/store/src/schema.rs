//! The schema: brought up to date by the role that owns it, and opened to the role that the console runs as.

use crate::{Store, StoreError};
use sqlx::migrate::{MigrateError, Migrator};
use std::collections::BTreeMap;

pub(crate) static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");
const GRANTS: &str = include_str!("grants.sql");

/// What the role that we are connected as can do to the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditProtection {
    /// The role's name.
    pub role: String,
    /// Whether entries can be added, and neither changed nor removed, because PostgreSQL refuses it to the role.
    pub is_append_only: bool,
}

impl Store {
    /// Brings the schema and the queue's up to date. Replicas that start together wait for each other. Where nothing is
    /// pending, nothing but reading is needed.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.check_engine().await?;
        let pending = self.pending_migrations().await.map_err(may_not)?;
        if pending {
            MIGRATOR.run(&self.pool).await.map_err(|error| may_not(error.into()))?;
        }
        self.migrate_queue().await?;
        if pending {
            self.renew_grants().await?;
        }
        Ok(())
    }

    /// Whether a migration of ours was not applied yet. One that was applied and differs from ours is an error. So is one
    /// that is not ours, if the schema says that this release is too old for it.
    async fn pending_migrations(&self) -> Result<bool, StoreError> {
        let is_there = sqlx::query_scalar!(
            r#"select to_regclass('_sqlx_migrations') is not null as "is_there!""#
        )
        .fetch_one(&self.pool)
        .await?;
        if !is_there {
            return Ok(true);
        }
        let rows: Vec<(i64, Vec<u8>, bool)> =
            sqlx::query_as("select version, checksum, success from _sqlx_migrations")
                .fetch_all(&self.pool)
                .await?;
        let mut applied: BTreeMap<i64, (Vec<u8>, bool)> =
            rows.into_iter().map(|(version, sum, success)| (version, (sum, success))).collect();
        let mut pending = false;
        for migration in MIGRATOR.iter() {
            match applied.remove(&migration.version) {
                None => pending = true,
                Some((_, false)) => return Err(MigrateError::Dirty(migration.version).into()),
                Some((sum, true)) if sum != *migration.checksum => {
                    return Err(MigrateError::VersionMismatch(migration.version).into());
                }
                Some(_) => {}
            }
        }
        let Some(version) = applied.into_keys().next() else { return Ok(pending) };
        if !self.may_run_on_newer_schema().await? {
            return Err(StoreError::NewerSchema(version));
        }
        tracing::warn!(
            database.migration = version,
            "the database was migrated by a newer release, whose schema this release may use"
        );
        Ok(pending)
    }

    /// Whether the newer release that migrated the database still lets this one run (ADR 41).
    pub(crate) async fn may_run_on_newer_schema(&self) -> Result<bool, StoreError> {
        let is_there = sqlx::query_scalar!(
            r#"select to_regclass('schema_compatibility') is not null as "is_there!""#
        )
        .fetch_one(&self.pool)
        .await?;
        if !is_there {
            return Ok(false);
        }
        let oldest = sqlx::query_scalar!("select oldest_migration from schema_compatibility")
            .fetch_one(&self.pool)
            .await?;
        Ok(MIGRATOR.iter().map(|one| one.version).max().is_some_and(|newest| newest >= oldest))
    }

    /// Gives a role what the console needs, and no more. We are to be connected as the owner of the schema.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn grant_to(&self, role: &str) -> Result<(), StoreError> {
        let mut tx = self.pool.begin().await?;
        sqlx::query_scalar!("select set_config('claviger.grant_to', $1, true)", role)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::raw_sql(GRANTS).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Gives the roles that were granted before what is new. Does nothing where we do not own the schema.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn renew_grants(&self) -> Result<(), StoreError> {
        let roles = sqlx::query_scalar!(
            r#"select distinct r.rolname::text as "role!"
             from pg_class c, lateral aclexplode(c.relacl) a join pg_roles r on r.oid = a.grantee
             where c.oid = 'audit_entry'::regclass and a.privilege_type = 'INSERT'
                and not pg_has_role(r.oid, c.relowner, 'member') and pg_has_role(current_user, c.relowner, 'usage')"#,
        )
        .fetch_all(&self.pool)
        .await?;
        for role in roles {
            self.grant_to(&role).await?;
        }
        Ok(())
    }

    /// Whether PostgreSQL itself keeps our role from changing the audit log.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit_protection(&self) -> Result<AuditProtection, StoreError> {
        self.database().audit_protection().await
    }
}

/// Tells a missing right from everything else.
pub(crate) fn may_not(error: StoreError) -> StoreError {
    let is_denied = error.is_state("42501");
    if is_denied { StoreError::MayNotMigrate(error.to_string()) } else { error }
}
