//! From a scan to findings.

mod evaluation;
mod history;
mod policies;
mod triage;

use claviger_domain::{
    authz::{Caller, Role, Scope},
    compliance::{
        posture_view::Overview,
        view::{FindingRow, FindingsView},
    },
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
    /// With the policies of a text active.
    async fn new(pool: PgPool, policies: &str) -> Self {
        Self(Console::builder(&pool).policies(policies).build().await)
    }

    async fn page(&self, query: &str) -> FindingsView {
        self.services.compliance().findings(&admin(), query).await.unwrap()
    }

    async fn findings(&self, query: &str) -> Vec<FindingRow> {
        self.page(query).await.rows
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let mut names: Vec<String> =
            self.findings(query).await.into_iter().map(|row| row.name).collect();
        names.sort();
        names
    }

    async fn overview(&self) -> Overview {
        self.services.compliance().overview(&admin(), "").await.unwrap()
    }
}

fn caller(role: Role, scope: Scope) -> Caller {
    holder_of(vec![(role, scope)])
}

fn admin() -> Caller {
    caller(Role::SecurityAdmin, Scope::Organization)
}

fn policy(id: &str, severity: &str, rule: &str) -> String {
    format!("id: {id}\ntitle: The {id}\nseverity: {severity}\nrule:\n  {rule}\n")
}
