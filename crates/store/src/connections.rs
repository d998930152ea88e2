//! How many connections PostgreSQL has for us.

use crate::{Store, StoreError};

/// What bounds the connections of our role to our database, and how many are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// PostgreSQL's `max_connections`.
    pub server: i64,
    /// Kept for superusers and for those with `pg_use_reserved_connections`.
    pub reserved: i64,
    /// `connection limit` of our role, where it has one.
    pub role: Option<i64>,
    /// The same of our database.
    pub database: Option<i64>,
    /// Connections of clients to the whole server at this moment, without the one that counts them.
    pub in_use: i64,
}

impl ConnectionLimits {
    /// The most that all replicas together can have.
    pub fn most(&self) -> i64 {
        let server = self.server - self.reserved;
        [self.role, self.database].into_iter().flatten().fold(server, i64::min)
    }
}

/// The connections of a pool at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Running a query, or held for one.
    pub used: u32,
    /// Open and free.
    pub idle: u32,
    /// The most that the pool opens.
    pub limit: u32,
}

impl Store {
    /// From memory: no query is made.
    pub fn pool_use(&self) -> PoolUse {
        let idle = u32::try_from(self.pool.num_idle()).unwrap_or(u32::MAX);
        let used = self.pool.size().saturating_sub(idle);
        PoolUse { used, idle, limit: self.pool.options().get_max_connections() }
    }

    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn connection_limits(&self) -> Result<ConnectionLimits, StoreError> {
        // `reserved_connections` is there from PostgreSQL 16 on.
        let row = sqlx::query!(
            r#"select current_setting('max_connections')::bigint as "server!",
                current_setting('superuser_reserved_connections')::bigint
                    + coalesce(current_setting('reserved_connections', true)::bigint, 0) as "reserved!",
                (select case when rolsuper then -1 else rolconnlimit end::bigint from pg_roles where rolname = current_user) as "role!",
                (select datconnlimit::bigint from pg_database where datname = current_database()) as "database!",
                (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as "in_use!""#,
        )
        .fetch_one(&self.pool)
        .await?;
        let limit = |limit: i64| (limit >= 0).then_some(limit);
        Ok(ConnectionLimits {
            server: row.server,
            reserved: row.reserved,
            role: limit(row.role),
            database: limit(row.database),
            in_use: row.in_use,
        })
    }
}
