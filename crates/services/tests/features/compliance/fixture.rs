//! A console over an AWS in memory and a real PostgreSQL, with people in it.

use claviger_domain::{
    accounts::identities::{AttachedPolicy, Identity, PolicySource},
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

pub const ROTATION: &str = "id: rotation\ntitle: R\nseverity: high\nrule: {rotation-enabled: {}}";
pub const READ: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Sid": "Read", "Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}"#;
pub const ALL: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"}]}"#;

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

pub fn role_arn(name: &str) -> String {
    format!("arn:aws:iam::{PAYMENTS}:role/{name}")
}

/// A role of the payments account with one policy, whose document AWS may not have returned.
pub fn role(name: &str, document: Option<&str>) -> Identity {
    Identity {
        principal: role_arn(name),
        policies: vec![AttachedPolicy {
            source: PolicySource::Managed,
            name: format!("of-{name}"),
            document: document.map(Into::into),
        }],
        ..Identity::default()
    }
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

    /// The id of the only resource that the words find.
    pub async fn id(&self, words: &str) -> String {
        let found = self.services.inventory().inventory(&ada(), &format!("q={words}")).await;
        found.unwrap().page.rows[0].id.to_string()
    }

    pub async fn fails(&self) -> Vec<String> {
        let page = self.services.compliance().findings(&ada(), "").await.unwrap();
        page.rows.into_iter().map(|row| row.name).collect()
    }
}

pub fn code(error: ServiceError) -> ProblemCode {
    error.into_problem().code
}
