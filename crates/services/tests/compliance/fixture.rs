//! A console over an AWS in memory and a real PostgreSQL, with people in it.

use claviger_domain::{
    authz::{Caller, Person, Role, RoleBinding, Scope},
    facts::ResourceFacts,
    problem::ProblemCode,
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::{
    ScanSettings, ScannedRegions, ServiceError, Services, grants::AccessSettings,
};
use claviger_store::Store;
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{PAYMENTS, region, secret},
    work_off,
};
use sqlx::PgPool;
use std::sync::Arc;
use time::Duration;

pub const US: &str = "us-east-1";
pub const OWNER: &str = "id: owner\ntitle: The owner\nseverity: high\nrule: {owner: {}}";

/// The services with what is around them.
pub struct Fixture {
    pub pool: PgPool,
    pub aws: FakeAws,
    pub clock: Arc<TestClock>,
    pub services: Services,
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
    let mut facts = secret(account, US, name);
    facts.tags = Some([("env".to_owned(), "dev".to_owned())].into());
    facts
}

impl Fixture {
    pub async fn new(pool: PgPool, policies: &str) -> Self {
        let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
        let pool = claviger_testkit::own_pool(&pool);
        let store = Store::from_pool(pool.clone());
        store.migrate().await.unwrap();
        let settings = ScanSettings {
            regions: ScannedRegions::These(vec![region(US)]),
            interval: Duration::minutes(15),
            parameter_tags: Duration::hours(1),
        };
        let teams = AccessPolicy::read("", "owner_team = \"{owner}-engineers\"").unwrap();
        let access = AccessSettings {
            roles: bindings(),
            policy: Arc::new(teams),
            ..AccessSettings::nothing().unwrap()
        };
        let services = Services::new(store, Arc::new(aws.clone()), clock.clone(), settings, access);
        services.policies().import_policies(policies).await.unwrap();
        for (caller, group) in [(ada(), "admins"), (ben(), "approvers")] {
            services.people().upsert_person(&caller.person, &[group.to_owned()]).await.unwrap();
        }
        Self { pool, aws, clock, services }
    }

    pub async fn sweep(&self) {
        self.clock.advance(Duration::minutes(20));
        self.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
        self.work().await;
    }

    pub async fn work(&self) {
        work_off(&self.pool, async |job| self.services.jobs().run(job).await.unwrap()).await;
    }

    pub async fn fails(&self) -> Vec<String> {
        let page = self.services.compliance().findings(&ada(), "").await.unwrap();
        page.rows.into_iter().map(|row| row.name).collect()
    }
}

pub fn code(error: ServiceError) -> ProblemCode {
    error.into_problem().code
}
