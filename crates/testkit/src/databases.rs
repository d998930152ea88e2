//! Databases of tests.

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

/// A pool for the test, like the server's. The one from `sqlx::test` shares the
/// connections of a parent with every other test: at its limit, permits that it waits for may return to the
/// parent, and then it waits in vain until its timeout.
pub fn own_pool(handed: &PgPool) -> PgPool {
    PgPoolOptions::new().max_connections(5).connect_lazy_with((*handed.connect_options()).clone())
}

/// Removes every schema: `cargo xtask test` migrates the template of all databases.
pub async fn emptied(options: &PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(2).connect_lazy_with(options.clone());
    sqlx::raw_sql(
        "do $$ declare own name; begin
            for own in
                select nspname from pg_namespace
                where nspname !~ '^pg_' and nspname <> 'information_schema'
            loop
                execute format('drop schema %I cascade', own);
            end loop;
            create schema public;
         end $$",
    )
    .execute(&pool)
    .await
    .expect("the test owns its database");
    pool
}
