//! A console over an AWS in memory, with people in it.

use claviger_domain::{
    authz::{Caller, Person, Role, RoleBinding, Scope},
    clock::Clock,
    problem::ProblemCode,
};
use claviger_policy::AccessPolicy;
use claviger_services::{ScannedRegions, ServiceError, grants::AccessSettings};
use claviger_testkit::{
    Console, US,
    samples::{PAYMENTS, region},
};
use sqlx::PgPool;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

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
    let payments = || Scope::Accounts(vec![PAYMENTS.parse().unwrap()]);
    vec![
        binding("admins", Role::SecurityAdmin, Scope::Organization),
        binding("approvers", Role::Approver, Scope::Organization),
        binding("auditors", Role::Auditor, Scope::Organization),
        binding("viewers", Role::Viewer, Scope::Organization),
        binding("payments-admins", Role::SecurityAdmin, payments()),
        binding("payments-engineers", Role::Requester, payments()),
    ]
}

pub fn person(name: &str, group: &str) -> Caller {
    let person = Person { subject: name.into(), name: name.into(), email: None };
    Caller::new(person, &[group.to_owned()], &bindings())
}

/// A security admin of the Organization.
pub fn ada() -> Caller {
    person("ada", "admins")
}

/// Approves, and changes nothing.
pub fn ben() -> Caller {
    person("ben", "approvers")
}

/// An engineer of the payments account.
pub fn eve() -> Caller {
    person("eve", "payments-engineers")
}

impl Fixture {
    /// Nobody may do anything by Cedar; `policies` are those of compliance.
    pub async fn new(pool: &PgPool, policies: &str) -> Self {
        Self::with_access(pool, policies, "").await
    }

    /// `cedar` says who may access and create what.
    pub async fn with_access(pool: &PgPool, policies: &str, cedar: &str) -> Self {
        Self::with_rules(pool, policies, cedar, "owner_team = \"{owner}-engineers\"").await
    }

    /// The same with rules that say who approves.
    pub async fn with_rules(pool: &PgPool, policies: &str, cedar: &str, rules: &str) -> Self {
        Self::over(pool, policies, (cedar, rules), &[US]).await
    }

    /// The same, with the Regions that are scanned.
    pub async fn over(
        pool: &PgPool,
        policies: &str,
        (cedar, rules): (&str, &str),
        regions: &[&str],
    ) -> Self {
        let teams = AccessPolicy::read(cedar, rules).unwrap();
        let access = AccessSettings {
            roles: bindings(),
            policy: Arc::new(teams),
            ..AccessSettings::nothing().unwrap()
        };
        let console = Console::builder(pool)
            .access(access)
            .regions(ScannedRegions::These(regions.iter().map(|one| region(one)).collect()))
            .policies(policies)
            .build()
            .await;
        for caller in [ada(), ben(), eve()] {
            console.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
        }
        Self(console)
    }

    /// The id of the secret or parameter with this ARN.
    pub async fn id(&self, arn: &str) -> String {
        let id: sqlx::types::Uuid = sqlx::query_scalar("select id from resource where arn = $1")
            .bind(arn)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        id.to_string()
    }

    pub fn now(&self) -> time::OffsetDateTime {
        self.clock.now()
    }
}

pub fn code(error: ServiceError) -> ProblemCode {
    error.into_problem().code
}
