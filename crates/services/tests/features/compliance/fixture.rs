//! A console over an AWS in memory and a real PostgreSQL, with people in it.

use claviger_domain::{
    authz::{Caller, Person, Role, RoleBinding, Scope},
    facts::ResourceFacts,
    problem::ProblemCode,
};
use claviger_policy::AccessPolicy;
use claviger_services::{ServiceError, grants::AccessSettings};
use claviger_testkit::{
    Console,
    samples::{self, PAYMENTS},
};
use sqlx::PgPool;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

pub use claviger_testkit::US;

pub const OWNER: &str = "id: owner\ntitle: The owner\nseverity: high\nrule: {owner: {}}";

/// A console with people in it.
pub struct Fixture(pub Console);

impl Deref for Fixture {
    type Target = Console;

    fn deref(&self) -> &Console {
        &self.0
    }
}

impl DerefMut for Fixture {
    fn deref_mut(&mut self) -> &mut Console {
        &mut self.0
    }
}

pub fn bindings() -> Vec<RoleBinding> {
    let binding = |group: &str, role, scope| RoleBinding { group: group.into(), role, scope };
    vec![
        binding("admins", Role::SecurityAdmin, Scope::Organization),
        binding("approvers", Role::Approver, Scope::Organization),
        binding("payments", Role::SecurityAdmin, Scope::Accounts(vec![PAYMENTS.parse().unwrap()])),
        binding("viewers", Role::Viewer, Scope::Organization),
        binding(
            "payments-engineers",
            Role::Viewer,
            Scope::Accounts(vec![PAYMENTS.parse().unwrap()]),
        ),
    ]
}

pub fn person(name: &str, group: &str) -> Caller {
    let person = Person { subject: name.into(), name: name.into(), email: None };
    Caller::new(person, &[group.to_owned()], &bindings())
}

pub fn ada() -> Caller {
    person("ada", "admins")
}

pub fn ben() -> Caller {
    person("ben", "approvers")
}

pub fn unowned(account: &str, name: &str) -> ResourceFacts {
    samples::unowned(account, US, name)
}

impl Fixture {
    pub async fn new(pool: PgPool, policies: &str) -> Self {
        let teams = AccessPolicy::read("", "owner_team = \"{owner}-engineers\"").unwrap();
        let access = AccessSettings {
            roles: bindings(),
            policy: Arc::new(teams),
            ..AccessSettings::nothing().unwrap()
        };
        let console = Console::builder(&pool).access(access).policies(policies).build().await;
        for caller in [ada(), ben()] {
            console.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
        }
        Self(console)
    }

    pub async fn fails(&self) -> Vec<String> {
        let page = self.services.compliance().findings(&ada(), "").await.unwrap();
        page.rows.into_iter().map(|row| row.name).collect()
    }
}

pub fn code(error: ServiceError) -> ProblemCode {
    error.into_problem().code
}
