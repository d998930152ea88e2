//! The services over a test's database, with an AWS in memory and a clock that the test sets: the one fixture of all tests
//! that need them. What differs between tests is a setting of the builder.

use crate::{FakeAws, TestClock, own_pool, samples::region, work_off};
use claviger_aws::AllGateways;
use claviger_domain::{
    authz::{Caller, Person, Role, RoleBinding, Scope},
    scan::ScanTrigger,
};
use claviger_services::{ScanSettings, ScannedRegions, Services, grants::AccessSettings};
use claviger_store::{INVENTORY_LIMIT, Store};
use sqlx::PgPool;
use std::sync::Arc;
use time::Duration;

/// The Region that is scanned unless a test says otherwise.
pub const US: &str = "us-east-1";

/// The services with everything around them.
pub struct Console<A = FakeAws> {
    /// A pool of the test's own, over the database of `sqlx::test`.
    pub pool: PgPool,
    pub store: Store,
    pub aws: A,
    pub clock: Arc<TestClock>,
    pub services: Services,
}

/// The settings of a console, with defaults.
pub struct ConsoleBuilder {
    pool: PgPool,
    aws: FakeAws,
    clock: Arc<TestClock>,
    scan: ScanSettings,
    access: AccessSettings,
    inventory_limit: u64,
    policies: Option<String>,
}

impl Console {
    /// One Region, a scan every 15 minutes, no policy checks, and nobody may request access.
    pub fn builder(pool: &PgPool) -> ConsoleBuilder {
        ConsoleBuilder {
            pool: own_pool(pool),
            aws: FakeAws::default(),
            clock: Arc::new(TestClock::default()),
            scan: ScanSettings {
                regions: ScannedRegions::These(vec![region(US)]),
                interval: Duration::minutes(15),
                parameter_tags: Duration::hours(1),
            },
            access: AccessSettings::nothing().expect("an empty policy"),
            inventory_limit: INVENTORY_LIMIT,
            policies: None,
        }
    }
}

impl ConsoleBuilder {
    /// Another AWS in memory, such as one with resources, or that of another replica.
    #[must_use]
    pub fn aws(mut self, aws: FakeAws) -> Self {
        self.aws = aws;
        self
    }

    /// Another clock, such as that of another replica.
    #[must_use]
    pub fn clock(mut self, clock: Arc<TestClock>) -> Self {
        self.clock = clock;
        self
    }

    #[must_use]
    pub fn regions(mut self, regions: ScannedRegions) -> Self {
        self.scan.regions = regions;
        self
    }

    /// How long after the start of one scan the next is due.
    #[must_use]
    pub fn scan_interval(mut self, interval: Duration) -> Self {
        self.scan.interval = interval;
        self
    }

    /// Who may request what, and how people are notified.
    #[must_use]
    pub fn access(mut self, access: AccessSettings) -> Self {
        self.access = access;
        self
    }

    /// The most rows that lists of the inventory are answered from.
    #[must_use]
    pub fn inventory_limit(mut self, rows: u64) -> Self {
        self.inventory_limit = rows;
        self
    }

    /// The policies that are active from the start, as a policy file.
    #[must_use]
    pub fn policies(mut self, file: &str) -> Self {
        self.policies = Some(file.to_owned());
        self
    }

    /// Migrates the database and composes the services over the AWS in memory.
    pub async fn build(self) -> Console {
        let aws = self.aws.clone();
        self.compose(Arc::new(aws.clone()), aws).await
    }

    /// The same over another gateway to AWS.
    pub async fn build_over<A>(self, gateway: A) -> Console<Arc<A>>
    where
        A: AllGateways,
    {
        let gateway = Arc::new(gateway);
        self.compose(Arc::clone(&gateway), gateway).await
    }

    async fn compose<A, K>(self, gateway: Arc<A>, aws: K) -> Console<K>
    where
        A: AllGateways,
    {
        let store = Store::from_pool(self.pool.clone()).with_inventory_limit(self.inventory_limit);
        store.migrate().await.expect("the database can be migrated");
        let services =
            Services::new(store.clone(), gateway, self.clock.clone(), self.scan, self.access)
                .with_consumer_pause(std::time::Duration::from_millis(20));
        if let Some(file) = &self.policies {
            services.policies().import_policies(file).await.expect("valid policies");
        }
        Console { pool: self.pool, store, aws, clock: self.clock, services }
    }
}

impl<A> Console<A> {
    /// Starts a scan when one is due, and runs its jobs in whatever order the queue returns them.
    pub async fn scan(&self) {
        self.clock.advance(Duration::minutes(20));
        self.services.scans().scan_if_due(ScanTrigger::Schedule).await.expect("a scan starts");
        self.work().await;
    }

    /// Takes every job off the queue and runs it, until none is left.
    pub async fn work(&self) {
        work_off(&self.pool, async |job| {
            self.services.jobs().run(job).await.expect("the job succeeds");
        })
        .await;
    }
}

/// A person as a session has them: the roles follow from the groups.
pub fn person(subject: &str, groups: &[&str], bindings: &[RoleBinding]) -> Caller {
    let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
    let person = Person {
        subject: subject.into(),
        name: subject.to_uppercase(),
        email: Some(format!("{subject}@example.com")),
    };
    Caller::new(person, &groups, bindings)
}

/// A person who has these roles, from whatever group.
pub fn holder_of(held: Vec<(Role, Scope)>) -> Caller {
    let person = Person { subject: "ada".into(), name: "Ada".into(), email: None };
    Caller { person, groups: Vec::new(), held }
}
