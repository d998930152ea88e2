//! Creates the dump: what people, AWS and time leave in a database, written by the product itself.

mod access;
mod governance;
mod inventory;
mod stored;

use crate::{
    console::{Around, bearer},
    dump,
    idp::TestIdp,
    process,
};
use claviger::{SystemClock, settings::Settings};
use claviger_domain::{
    authz::{Caller, Person},
    clock::Clock,
    grants::GrantId,
    job::Job,
    notifications::{Channel, ChatPost},
    remediation::PlanId,
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::{
    ExceptionLimits, InventoryFormat, RemediationLimits, ScanSettings, ScannedRegions, Services,
    grants::{AccessSettings, ChatMessage, Messenger, OutgoingNotice, SendFault},
};
use claviger_store::Store;
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{PAYMENTS, account, region},
    work_off,
};
use sqlx::PgPool;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

const US: &str = "us-east-1";
/// Email is rejected permanently, the channel is down, the event webhook works.
struct Post;

#[async_trait::async_trait]
impl Messenger for Post {
    fn sends(&self, _: Channel) -> bool {
        true
    }

    async fn email(&self, to: &str, _: &str, _: &str, _: &str) -> Result<(), SendFault> {
        if to.starts_with("ben") {
            return Err(SendFault::for_good("no such mailbox"));
        }
        Ok(())
    }

    async fn event(&self, _: &OutgoingNotice, _: OffsetDateTime) -> Result<(), SendFault> {
        Ok(())
    }

    async fn channel(&self, _: ChatMessage<'_>) -> Result<Option<ChatPost>, SendFault> {
        Err("the channel is down".to_owned().into())
    }

    async fn update(&self, _: &ChatPost, _: ChatMessage<'_>) -> Result<(), SendFault> {
        Ok(())
    }
}

struct Making {
    pool: PgPool,
    store: Store,
    aws: FakeAws,
    clock: Arc<TestClock>,
    services: Services,
    settings: Settings,
}

#[tokio::test]
#[ignore = "writes the dump: once for each release"]
async fn make_the_dump() {
    let (making, cookie) = Making::filled("claviger_upgrade_make").await;
    making.pool.close().await;
    dump::write(&process::url(None, "claviger_upgrade_make"), &cookie);
    assert!(dump::text().len() < 300_000, "the dump is to stay small: {}", dump::text().len());
}

/// The server itself creates the tables, writes its first policies, fails a scan, and signs Ada in.
async fn sign_in(folder: &str, database: &str) -> String {
    let clock = Arc::new(TestClock::at(SystemClock.now()));
    let idp = TestIdp::start(clock).await;
    let around = Around { folder, database, issuer: &idp.issuer, aws: "http://127.0.0.1:9" };
    let console = around.serve().await;
    let cookie = console.sign_in(&idp, "ada", &["admins"]).await;
    for (subject, group) in [("mira", "requesters"), ("tomas", "approvers"), ("ben", "approvers")] {
        let token = bearer(&idp, subject, &[group]);
        console.done(&token, reqwest::Method::GET, "/v1/me", serde_json::json!({})).await;
    }
    let pool = PgPool::connect(database).await.unwrap();
    for sql in [
        "select count(*) from sweep where finished_at is null",
        "select count(*) from graphile_worker.jobs",
    ] {
        while process::count(&pool, sql).await != 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
    cookie
}

impl Making {
    async fn filled(name: &str) -> (Self, String) {
        process::fresh(name, None).await;
        let database = process::url(None, name);
        let cookie = sign_in(name, &database).await;
        let making = Self::over(&database).await;
        making.inventory().await;
        making.governance().await;
        making.access().await;
        making.kept().await;
        making.queue().await;
        making.is_whole().await;
        (making, cookie)
    }

    async fn over(database: &str) -> Self {
        let pool = PgPool::connect(database).await.unwrap();
        let store = Store::from_pool(pool.clone());
        let (aws, clock) =
            (FakeAws::default(), Arc::new(TestClock::at(SystemClock.now() - Duration::days(10))));
        aws.access.use_clock(clock.clone());
        let text = std::fs::read_to_string(dump::file(".toml")).unwrap();
        let text =
            text.replace("{issuer}", "https://id.example.com").replace("{address}", "127.0.0.1:1");
        let settings: Settings = toml::from_str(&text).unwrap();
        let read = |file: &Option<std::path::PathBuf>| {
            std::fs::read_to_string(file.as_ref().unwrap()).unwrap()
        };
        let policy =
            AccessPolicy::read(&read(&settings.access_policies), &read(&settings.access_rules));
        let access = AccessSettings {
            policy: Arc::new(policy.unwrap()),
            roles: settings.roles.clone(),
            messenger: Arc::new(Post),
            ..AccessSettings::nothing().unwrap()
        };
        let sweep = ScanSettings {
            regions: ScannedRegions::Enabled { home: region(US) },
            interval: Duration::minutes(15),
            parameter_tags: Duration::hours(1),
        };
        let store = store.with_owners(settings.owners());
        let services =
            Services::new(store.clone(), Arc::new(aws.clone()), clock.clone(), sweep, access)
                .with_limits(RemediationLimits { an_hour: 500, an_account: 1 })
                .with_exception_limits(ExceptionLimits { longest_days: 40_000, review_days: 30 });
        Self { pool, store, aws, clock, services, settings }
    }

    fn person(&self, subject: &str, groups: &[&str]) -> Caller {
        let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
        let email = Some(format!("{subject}@example.com"));
        let person = Person { subject: subject.into(), name: subject.into(), email };
        Caller::new(person, &groups, &self.settings.roles)
    }

    fn ada(&self) -> Caller {
        self.person("ada", &["admins"])
    }

    fn sol(&self) -> Caller {
        self.person("sol", &["admins"])
    }

    fn mira(&self) -> Caller {
        self.person("mira", &["requesters"])
    }

    fn tomas(&self) -> Caller {
        self.person("tomas", &["approvers"])
    }

    async fn work(&self) {
        work_off(&self.pool, async |job| self.services.jobs().run(job).await.unwrap()).await;
    }

    /// Time passes, and due work is done.
    async fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.services.grant_timer().update_grants().await.unwrap();
        self.services.evaluations().schedule_due_evaluations().await.unwrap();
        self.services.exceptions().update_exceptions().await.unwrap();
        self.services.digests().send_due_digests().await.unwrap();
        self.work().await;
    }

    async fn sweep(&self) {
        self.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
        self.work().await;
    }

    async fn id(&self, name: &str) -> String {
        let (id,): (sqlx::types::Uuid,) = sqlx::query_as("select id from resource where name = $1")
            .bind(name)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        id.to_string()
    }

    /// What people save.
    async fn kept(&self) {
        let ada = self.ada();
        let views = [
            ("Mine", "kind=secret&sort=changed&dir=desc", false),
            ("All of payments", "team=payments", true),
        ];
        for (name, query, shared) in views {
            self.services.inventory().save_view(&ada, name, query, shared).await.unwrap();
        }
        let export = self.services.inventory().export_inventory(
            &ada,
            InventoryFormat::Csv,
            "",
            Some("token"),
        );
        export.await.unwrap();
        self.services.inbox().mark_read(&ada, 3).await.unwrap();
        let head = self.services.audit().audit_head().await.unwrap().unwrap();
        self.services.audit().announce_head(&head, Duration::minutes(60)).await.unwrap();
    }

    /// Takes every job off the queue; returns those that match.
    async fn taken(&self, fits: impl Fn(&Job) -> bool) -> Vec<Job> {
        let jobs = claviger_testkit::taken_jobs(&self.pool).await;
        jobs.into_iter().filter(fits).collect()
    }

    /// A job of every kind, each for an existing subject.
    async fn queue(&self) {
        // Jobs for the notifications of the far future are no longer needed.
        self.taken(|_| false).await;
        let (payments, us) = (account(PAYMENTS), region(US));
        self.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
        let plans = self.taken(|job| matches!(job, Job::PlanScan { .. })).await;
        let plan = plans[0].clone();
        // Its worker ended before it could say that it was done: the scans wait as well.
        self.services.jobs().run(plan.clone()).await.unwrap();
        let ids: (i64, i64, i64, i64) = sqlx::query_as(
            "select (select min(id) from notice), (select min(id) from delivery where state = 'waiting'),
                (select max(grant_id) from access_denial), (select min(grant_id) from access_session)",
        )
        .fetch_one(&self.pool)
        .await
        .unwrap();
        let (notice, delivery, revoked, traced) = ids;
        let mut work = self.store.transactions().begin(self.clock.now()).await.unwrap();
        for job in [
            plan,
            Job::ReadDeep { account: payments.clone(), region: us.clone() },
            Job::Evaluate { account: payments.clone() },
            Job::CheckAccount { account: payments.clone() },
            Job::EndSessions { grant: GrantId(revoked) },
            Job::CollectDenials { account: payments.clone() },
            Job::Deliver { notice },
            Job::Send { delivery },
            Job::ReadTrail { grant: GrantId(traced) },
            Job::Remediate { plan: PlanId(7), account: payments.clone() },
        ] {
            work.enqueue(&job).await.unwrap();
        }
        work.commit().await.unwrap();
    }
}
