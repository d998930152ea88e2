//! Whole scans.

mod details;
mod lists;
mod organization;
mod runs;

use claviger_domain::{
    authz::{Caller, Role, Scope},
    inventory::view::InventoryRow,
};
use claviger_testkit::{Console, holder_of};
use sqlx::PgPool;
use std::ops::Deref;

struct Fixture(Console);

impl Deref for Fixture {
    type Target = Console;

    fn deref(&self) -> &Console {
        &self.0
    }
}

impl Fixture {
    async fn new(pool: PgPool) -> Self {
        Self(Console::builder(&pool).build().await)
    }

    async fn rows(&self, query: &str) -> Vec<InventoryRow> {
        self.services.inventory().inventory(&admin(), query).await.unwrap().page.rows
    }

    async fn names(&self, query: &str) -> Vec<String> {
        self.rows(query).await.into_iter().map(|row| row.name).collect()
    }
}

fn admin() -> Caller {
    holder_of(vec![(Role::SecurityAdmin, Scope::Organization)])
}
