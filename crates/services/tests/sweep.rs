//! Whole sweeps over an AWS in memory and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    access::{Caller, Person, Role, Scope},
    clock::Clock,
    facts::{Reading, ResourceFacts},
    job::Job,
    key::{KeyManager, KmsKey},
    organization::{AccountState, Ou, child_path},
    problem::ProblemCode,
    query::OwnerClass,
    readiness::{ReadinessItem, ReadinessState},
    scope_check::{ScopeReference, ScopeTarget},
    sweep::{ScanFault, ScanList, SweepTrigger},
    view::{InventoryRow, Owner, Reach},
};
use claviger_services::{
    InventoryFormat, ServiceError, Services, SweepSettings, SweptRegions, access::AccessSettings,
};
use claviger_store::{INVENTORY_LIMIT, Store};
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, account, parameter, region, secret},
    work_off,
};
use sqlx::PgPool;
use std::{collections::BTreeMap, sync::Arc};
use time::Duration;

const US: &str = "us-east-1";

struct World {
    pool: PgPool,
    aws: FakeAws,
    clock: Arc<TestClock>,
    services: Services,
}

impl World {
    async fn new(pool: PgPool) -> Self {
        Self::over(pool, SweptRegions::These(vec![region(US)])).await
    }

    async fn over(pool: PgPool, regions: SweptRegions) -> Self {
        Self::limited(pool, regions, INVENTORY_LIMIT).await
    }

    async fn limited(pool: PgPool, regions: SweptRegions, limit: u64) -> Self {
        let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
        let pool = claviger_testkit::own_pool(&pool);
        let store = Store::over(pool.clone()).with_inventory_limit(limit);
        store.migrate().await.unwrap();
        let settings = SweepSettings {
            regions,
            interval: Duration::minutes(15),
            parameter_tags: Duration::hours(1),
        };
        let services = Services::new(
            store,
            Arc::new(aws.clone()),
            clock.clone(),
            settings,
            AccessSettings::nothing().unwrap(),
        );
        Self { pool, aws, clock, services }
    }

    /// Begins a sweep and does its jobs, whatever order the queue gives.
    async fn sweep(&self) {
        self.clock.advance(Duration::minutes(20));
        self.services.sweep_if_due(SweepTrigger::Schedule).await.unwrap();
        self.work().await;
    }

    /// Takes every job off the queue and does it.
    async fn work(&self) {
        work_off(&self.pool, async |job| self.services.run(job).await.unwrap()).await;
    }

    async fn rows(&self, query: &str) -> Vec<InventoryRow> {
        self.services.inventory(&admin(), query).await.unwrap().page.rows
    }

    async fn names(&self, query: &str) -> Vec<String> {
        self.rows(query).await.into_iter().map(|row| row.name).collect()
    }
}

fn caller(held: Vec<(Role, Scope)>) -> Caller {
    let person = Person { subject: "s".into(), name: "S".into(), email: None };
    Caller { person, groups: Vec::new(), held }
}

fn admin() -> Caller {
    caller(vec![(Role::SecurityAdmin, Scope::Organization)])
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_sweep_finds_everything_page_by_page(pool: PgPool) {
    let world = World::new(pool).await;
    for n in 0..5 {
        world.aws.put(secret(PAYMENTS, US, &format!("s{n}")));
        world.aws.put(parameter(PAYMENTS, US, &format!("/p{n}")));
    }
    world.aws.put(secret(SANDBOX, US, "sand"));
    world.sweep().await;
    assert_eq!(world.rows("").await.len(), 11);
    let accounts = world.services.accounts(&admin()).await.unwrap().rows;
    assert!(accounts.iter().all(|row| row.reach == Reach::Whole));
    let detail = world.services.account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!((detail.account.secrets, detail.account.parameters), (5, 5));
    // Three pages of two for each kind; nothing per secret.
    assert_eq!(detail.regions[0].api_calls, 6);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_that_fails_keeps_its_last_data_and_says_why(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.aws.put(secret(CHECKOUT, US, "b"));
    world.sweep().await;
    let before = world.services.account(&admin(), PAYMENTS).await.unwrap().account.complete_as_of;
    world.aws.close(&account(PAYMENTS), Some(ScanFault::RoleNotAssumable));
    world.aws.remove(&secret(CHECKOUT, US, "b").arn);
    world.sweep().await;
    assert_eq!(
        world.names("").await,
        ["a"],
        "one account's fault is not another's, and loses nothing"
    );
    let row = world.services.account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!((row.reach, row.fault), (Reach::None, Some(ScanFault::RoleNotAssumable)));
    assert_eq!(row.complete_as_of, before, "the age of the data does not pretend");
    world.aws.close(&account(PAYMENTS), None);
    world.sweep().await;
    let row = world.services.account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!((row.reach, row.fault), (Reach::Whole, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_breaks_off_tombstones_nothing(pool: PgPool) {
    let world = World::new(pool).await;
    for n in 0..6 {
        world.aws.put(secret(PAYMENTS, US, &format!("s{n}")));
    }
    world.sweep().await;
    world.aws.remove(&secret(PAYMENTS, US, "s5").arn);
    world.aws.break_lists_after(Some(1));
    world.sweep().await;
    assert_eq!(world.names("").await.len(), 6);
    let row = world.services.account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!(row.fault, Some(ScanFault::Throttled));
    world.aws.break_lists_after(None);
    world.sweep().await;
    assert_eq!(world.names("").await.len(), 5);
    assert_eq!(world.names("state=gone").await, ["s5"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_aws_denies_does_not_hide_the_other(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.aws.put(parameter(PAYMENTS, US, "/old"));
    world.sweep().await;
    let first = world.services.account(&admin(), PAYMENTS).await.unwrap();
    for (denied, open) in
        [(ScanList::Parameters, ScanList::Secrets), (ScanList::Secrets, ScanList::Parameters)]
    {
        world.aws.fail_list(denied, Some(ScanFault::Denied));
        world.aws.put(secret(PAYMENTS, US, "new"));
        world.aws.put(parameter(PAYMENTS, US, "/new"));
        world.aws.remove(&secret(PAYMENTS, US, "a").arn);
        world.aws.remove(&parameter(PAYMENTS, US, "/old").arn);
        world.sweep().await;
        let expected: &[&str] =
            if denied == ScanList::Parameters { &["/old", "new"] } else { &["/new", "a"] };
        assert_eq!(world.names("").await, expected, "{open} is read, {denied} keeps its data");
        let detail = world.services.account(&admin(), PAYMENTS).await.unwrap();
        assert_eq!(detail.account.reach, Reach::Partial);
        let list = |list| detail.regions[0].lists.iter().find(|row| row.list == list).unwrap();
        let fault = list(denied).fault.as_ref().unwrap();
        assert_eq!(fault.fault, ScanFault::Denied);
        assert!(fault.operation.is_some(), "the page says which call");
        assert_eq!(
            list(denied).complete_at,
            first.regions[0].complete_at,
            "its age does not pretend"
        );
        assert_eq!(list(open).fault, None);
        assert!(list(open).complete_at > first.regions[0].complete_at);
        // What the denied list shows says so itself; what the other shows does not.
        for row in world.rows("").await {
            let detail = world.services.resource(&admin(), &row.id.to_string()).await.unwrap();
            let is_stale = (denied == ScanList::Secrets) != row.name.starts_with('/');
            assert_eq!(detail.fault.is_some(), is_stale, "{}", row.name);
        }
        // As it was, for the other list.
        world.aws.fail_list(denied, None);
        world.aws.put(secret(PAYMENTS, US, "a"));
        world.aws.put(parameter(PAYMENTS, US, "/old"));
        world.aws.remove(&secret(PAYMENTS, US, "new").arn);
        world.aws.remove(&parameter(PAYMENTS, US, "/new").arn);
        world.sweep().await;
        assert_eq!(world.names("").await, ["/old", "a"]);
        sqlx::query("update scan_list set complete_at = $1 where account_id = $2")
            .bind(first.regions[0].complete_at)
            .bind(PAYMENTS)
            .execute(&world.pool)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_scan_of_one_list_is_no_change_in_the_other(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.aws.put(parameter(PAYMENTS, US, "/b"));
    world.aws.fail_list(ScanList::Parameters, Some(ScanFault::Denied));
    world.sweep().await;
    let detail = world.services.account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!(detail.account.complete_as_of, None, "the parameters were never read");
    world.aws.fail_list(ScanList::Parameters, None);
    world.sweep().await;
    assert_eq!(world.names("").await, ["/b", "a"]);
    let (seen,): (i64,) =
        sqlx::query_as("select count(*) from resource_change where what = 'first-seen'")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    assert_eq!(seen, 0, "what the first complete list finds is no change");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_denies_describing_is_neither_deleted_nor_fresh(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.aws.put(secret(PAYMENTS, US, "b"));
    world.sweep().await;
    let arn = secret(PAYMENTS, US, "a").arn;
    world.aws.leave_out_of_lists(&arn);
    world.aws.deny_describe(&arn);
    world.aws.put(secret(PAYMENTS, US, "c"));
    let last_seen = world.clock.now();
    world.sweep().await;
    assert_eq!(world.names("").await, ["a", "b", "c"], "one denied call hides nothing");
    let row = world.rows("").await.into_iter().find(|row| row.name == "a").unwrap();
    let detail = world.services.resource(&admin(), &row.id.to_string()).await.unwrap();
    assert!(detail.is_unconfirmed && detail.gone_at.is_none());
    assert!(detail.last_seen_at.unwrap() <= last_seen, "it was last seen by the list before");
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_that_can_no_longer_be_read_stay_and_say_why(pool: PgPool) {
    let world = World::new(pool).await;
    let tags = BTreeMap::from([("owner".to_owned(), "one".to_owned())]);
    world.aws.put(ResourceFacts { tags: Some(tags), ..parameter(PAYMENTS, US, "/a") });
    world.sweep().await;
    for fault in [ScanFault::Denied, ScanFault::Throttled, ScanFault::Unreachable] {
        world.aws.fail_list(ScanList::ParameterTags, Some(fault));
        world.aws.put(parameter(PAYMENTS, US, &format!("/new-{fault}")));
        // A person's scan asks for the tags in any case.
        world.clock.advance(Duration::minutes(5));
        world.services.start_sweep(&admin()).await.unwrap();
        world.work().await;
        let row = world.rows("").await.into_iter().find(|row| row.name == "/a").unwrap();
        assert_eq!(row.owner, Owner::Named("one".into()), "{fault}");
        let unknown = world.names(&format!("owner={}", OwnerClass::Unknown)).await;
        assert!(unknown.contains(&format!("/new-{fault}")), "{unknown:?}");
        let detail = world.services.account(&admin(), PAYMENTS).await.unwrap();
        let tags = detail.regions[0].lists.iter().find(|row| row.list == ScanList::ParameterTags);
        assert_eq!(tags.unwrap().fault.as_ref().unwrap().fault, fault);
        assert_eq!(detail.account.reach, Reach::Whole, "the parameters themselves were read");
    }
    world.aws.fail_list(ScanList::ParameterTags, None);
    world.clock.advance(Duration::minutes(5));
    world.services.start_sweep(&admin()).await.unwrap();
    world.work().await;
    let detail = world.services.account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!(detail.regions[0].lists.len(), 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_ou_whose_name_reads_like_a_path_is_not_that_path(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.change_organization(|organization| {
        let flat = "ou-flat".parse().unwrap();
        organization.ous.push(Ou {
            id: "ou-flat".parse().unwrap(),
            parent: Some("r-test".parse().unwrap()),
            name: "Workloads/Production".into(),
            path: child_path("", "Workloads/Production"),
        });
        organization.accounts[2].ou_path = vec!["r-test".parse().unwrap(), flat];
    });
    world.aws.put(secret(PAYMENTS, US, "real"));
    world.aws.put(secret(SANDBOX, US, "other"));
    world.sweep().await;
    let seen = async |scope: &str| -> Vec<String> {
        let approver = caller(vec![(Role::Approver, Scope::Ou(scope.into()))]);
        let rows = world.services.inventory(&approver, "").await.unwrap().page.rows;
        rows.into_iter().map(|row| row.name).collect()
    };
    assert_eq!(seen("Workloads/Production").await, ["real"]);
    assert_eq!(seen(r"Workloads\/Production").await, ["other"]);
    assert_eq!(seen("ou-flat").await, ["other"]);
    assert_eq!(seen("Production").await, [""; 0]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn scopes_that_name_nothing_are_shown_to_admins_of_the_whole_organization(pool: PgPool) {
    let world = World::new(pool).await;
    let reference =
        |target| ScopeReference { source: "the role approver of the group x".into(), target };
    let services = world.services.clone().with_scope_references(vec![
        reference(ScopeTarget::Ou("Workloads/Prodution".into())),
        reference(ScopeTarget::Ou("Workloads/Production".into())),
        reference(ScopeTarget::Account("999999999999".parse().unwrap())),
    ]);
    // Nothing is stored yet: AWS Organizations is asked.
    assert_eq!(services.check_scopes_at_start().await.unwrap().unwrap().len(), 2);
    assert!(services.accounts(&admin()).await.unwrap().scope_problems.is_empty());
    world.sweep().await;
    let shown = services.accounts(&admin()).await.unwrap().scope_problems;
    assert_eq!(shown.len(), 2, "{shown:?}");
    let narrow = caller(vec![(Role::SecurityAdmin, Scope::Ou("Workloads".into()))]);
    assert!(services.accounts(&narrow).await.unwrap().scope_problems.is_empty());
    let viewer = caller(vec![(Role::Viewer, Scope::Organization)]);
    assert!(services.accounts(&viewer).await.unwrap().scope_problems.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_lags_is_not_believed(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.aws.put(parameter(PAYMENTS, US, "/b"));
    world.sweep().await;
    world.aws.leave_out_of_lists(&secret(PAYMENTS, US, "a").arn);
    world.aws.leave_out_of_lists(&parameter(PAYMENTS, US, "/b").arn);
    world.sweep().await;
    assert_eq!(world.names("").await, ["/b", "a"], "describing it says that it is still there");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_suspended_account_is_not_entered(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(SANDBOX, US, "a"));
    world.sweep().await;
    world.aws.change_organization(|organization| {
        organization.accounts[2].state = AccountState::Suspended;
    });
    world.sweep().await;
    let row = world.services.account(&admin(), SANDBOX).await.unwrap().account;
    assert_eq!(
        (row.state, row.fault),
        (AccountState::Suspended, Some(ScanFault::AccountNotActive))
    );
    assert_eq!(world.names("").await, ["a"], "what was last seen stays");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_organization_that_cannot_be_read_ends_the_sweep_with_the_reason(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.lose_organization(ScanFault::NoCredentials);
    world.sweep().await;
    let progress = world.services.sweep_progress(&admin()).await.unwrap();
    assert_eq!((progress.running, progress.fault), (false, Some(ScanFault::NoCredentials)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_that_may_not_be_read_are_unknown_and_not_missing(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(parameter(PAYMENTS, US, "/b"));
    world.aws.deny_tags();
    world.sweep().await;
    assert_eq!(world.names("owner=missing").await, [""; 0]);
    assert_eq!(world.names(&format!("owner={}", OwnerClass::Unknown)).await, ["/b"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_of_parameters_are_good_for_an_hour_unless_one_is_new_or_a_person_asks(pool: PgPool) {
    let world = World::new(pool).await;
    let owned_by = |name: &str, team: &str| {
        let tags = BTreeMap::from([("owner".to_owned(), team.to_owned())]);
        world.aws.put(ResourceFacts { tags: Some(tags), ..parameter(PAYMENTS, US, name) });
    };
    let owners = async || -> Vec<(String, Owner)> {
        world.rows("").await.into_iter().map(|row| (row.name, row.owner)).collect()
    };
    let expected = |pairs: &[(&str, &str)]| -> Vec<(String, Owner)> {
        let pair = |(name, team): &(&str, &str)| ((*name).into(), Owner::Named((*team).into()));
        pairs.iter().map(pair).collect()
    };
    owned_by("/a", "one");
    world.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "one")]));

    owned_by("/a", "two");
    world.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "one")]), "20 minutes later they are still good");

    owned_by("/b", "one");
    world.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "two"), ("/b", "one")]), "/b is new");

    owned_by("/a", "three");
    world.services.start_sweep(&admin()).await.unwrap();
    world.work().await;
    assert_eq!(owners().await, expected(&[("/a", "three"), ("/b", "one")]), "a person asked");

    owned_by("/a", "four");
    world.clock.advance(Duration::minutes(41));
    world.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "four"), ("/b", "one")]), "an hour is over");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_job_done_twice_does_no_harm(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.services.sweep_if_due(SweepTrigger::Start).await.unwrap();
    let (plan,): (serde_json::Value,) =
        sqlx::query_as("select payload::jsonb from graphile_worker._private_jobs")
            .fetch_one(&world.pool)
            .await
            .unwrap();
    world.work().await;
    let plan: Job = serde_json::from_value(plan).unwrap();
    let Job::PlanSweep { sweep } = plan else { panic!("the first job plans") };
    world.services.run(plan).await.unwrap();
    world
        .services
        .run(Job::Scan { sweep, account: account(PAYMENTS), region: region(US) })
        .await
        .unwrap();
    assert_eq!(world.names("").await, ["a"]);
    assert!(!world.services.sweep_progress(&admin()).await.unwrap().running);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_schedule_waits_for_its_time_and_a_start_does_not(pool: PgPool) {
    let world = World::new(pool).await;
    let sweeps = async || -> i64 {
        sqlx::query_as::<_, (i64,)>("select count(*) from sweep")
            .fetch_one(&world.pool)
            .await
            .unwrap()
            .0
    };
    world.sweep().await;
    world.clock.advance(Duration::minutes(14));
    world.services.sweep_if_due(SweepTrigger::Schedule).await.unwrap();
    assert_eq!(sweeps().await, 1);
    world.clock.advance(Duration::minutes(1));
    world.services.sweep_if_due(SweepTrigger::Schedule).await.unwrap();
    world.work().await;
    assert_eq!(sweeps().await, 2);
    world.services.sweep_if_due(SweepTrigger::Start).await.unwrap();
    assert_eq!(sweeps().await, 3);
}

/// Lists say how many there are and what to do; whatever needs no list goes on, and no number is made up.
#[sqlx::test(migrations = "../../migrations")]
async fn an_inventory_beyond_its_limit_is_refused_and_not_shown_in_part(pool: PgPool) {
    let regions = SweptRegions::These(vec![region(US)]);
    let world = World::limited(pool, regions, 2).await;
    for name in ["a", "b"] {
        world.aws.put(secret(PAYMENTS, US, name));
    }
    world.sweep().await;
    assert_eq!(world.names("").await, ["a", "b"]);
    let id = world.rows("").await[0].id.to_string();
    world.aws.put(secret(PAYMENTS, US, "c"));
    world.sweep().await;
    let (services, admin) = (&world.services, admin());
    let refused = |error: ServiceError| {
        let problem = error.into_problem();
        assert_eq!(problem.code.status(), 503);
        assert!(problem.message.contains("at most 2"), "{problem}");
        assert!(problem.message.contains("found 3"), "{problem}");
        assert!(problem.hint.contains("inventory_limit"), "{problem}");
    };
    refused(services.inventory(&admin, "").await.unwrap_err());
    refused(services.accounts(&admin).await.unwrap_err());
    refused(services.account(&admin, PAYMENTS).await.unwrap_err());
    refused(services.siblings(&admin, &id).await.unwrap_err());
    refused(services.findings(&admin, "").await.unwrap_err());
    refused(services.overview(&admin).await.unwrap_err());
    refused(services.complete(&admin, "tag:owner=t").await.unwrap_err());
    let csv = services.export_inventory(&admin, InventoryFormat::Csv, "", None).await;
    refused(csv.map(drop).unwrap_err());
    let me = services.me(&admin).await.unwrap();
    assert_eq!((me.resources, me.failures), (None, None));
    assert_eq!(services.resource(&admin, &id).await.unwrap().facts.name, "a");
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_use_case_refuses_whom_nothing_was_given(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.sweep().await;
    let id = world.rows("").await[0].id.to_string();
    let nobody = caller(vec![]);
    let services = &world.services;
    let refused =
        |error: ServiceError| assert_eq!(error.into_problem().code, ProblemCode::Forbidden);
    refused(services.inventory(&nobody, "").await.unwrap_err());
    refused(services.resource(&nobody, &id).await.unwrap_err());
    refused(services.accounts(&nobody).await.unwrap_err());
    refused(services.account(&nobody, PAYMENTS).await.unwrap_err());
    refused(services.start_sweep(&nobody).await.unwrap_err());
    let me = services.me(&nobody).await.unwrap();
    assert_eq!((me.resources, me.accounts, me.may_sweep), (None, None, false));
    assert_eq!(services.sweep_progress(&nobody).await.unwrap().accounts, 0);
    let sandbox = caller(vec![(Role::SecurityAdmin, Scope::Ou("Sandbox".into()))]);
    refused(services.start_sweep(&sandbox).await.unwrap_err());
    for role in Role::ALL.iter().filter(|role| **role != Role::SecurityAdmin) {
        refused(
            services.start_sweep(&caller(vec![(*role, Scope::Organization)])).await.unwrap_err(),
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_outside_ones_scope_is_not_there(pool: PgPool) {
    let world = World::new(pool).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.sweep().await;
    let id = world.rows("").await[0].id.to_string();
    let elsewhere = caller(vec![(Role::Viewer, Scope::Ou("Sandbox".into()))]);
    let missing =
        |error: ServiceError| assert_eq!(error.into_problem().code, ProblemCode::NotFound);
    missing(world.services.resource(&elsewhere, &id).await.unwrap_err());
    missing(world.services.account(&elsewhere, PAYMENTS).await.unwrap_err());
    missing(world.services.resource(&elsewhere, "not-an-id").await.unwrap_err());
    let page = world.services.inventory(&elsewhere, &format!("account={PAYMENTS}")).await.unwrap();
    assert!(page.page.rows.is_empty());
    assert!(
        page.facets.accounts.iter().all(|account| account.label != "Payments Prod"),
        "not even its name"
    );
    assert_eq!(world.services.accounts(&elsewhere).await.unwrap().rows.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_regions_are_those_that_are_enabled_in_each_account(pool: PgPool) {
    const EU: &str = "eu-south-1";
    let world = World::over(pool, SweptRegions::Enabled { home: region(US) }).await;
    let regions = async |id: &str| -> Vec<(String, bool)> {
        let shown = world.services.account(&admin(), id).await.unwrap();
        shown.regions.into_iter().map(|row| (row.region.to_string(), row.is_swept)).collect()
    };
    let readiness = async || {
        let shown = world.services.account(&admin(), PAYMENTS).await.unwrap();
        let one = shown.readiness.into_iter().find(|one| one.item == ReadinessItem::Regions);
        one.map(|one| (one.state, one.says)).unwrap()
    };
    world.aws.put(secret(PAYMENTS, EU, "opted-in"));
    // AWS does not say: what no account can turn off is read, and it is told that there may be more.
    world.aws.close(&account(CHECKOUT), Some(ScanFault::RoleNotAssumable));
    world.sweep().await;
    assert_eq!(regions(PAYMENTS).await.len(), 17);
    assert_eq!(readiness().await.0, ReadinessState::Unknown);
    assert!(readiness().await.1.contains("no account can turn off, 17"), "{}", readiness().await.1);
    assert_eq!(regions(CHECKOUT).await, [(US.to_owned(), true)], "one refusal is enough");
    assert!(world.names("").await.is_empty());

    world.aws.set_enabled_regions(Ok(vec![region(EU), region(US)]));
    world.clock.advance(Duration::hours(1));
    world.sweep().await;
    assert_eq!(world.names("").await, ["opted-in"]);
    assert_eq!(regions(PAYMENTS).await.into_iter().filter(|(_, is_swept)| *is_swept).count(), 2);
    assert_eq!(readiness().await.0, ReadinessState::Ready);

    // Disabled: what was there stays as it was last seen.
    world.aws.set_enabled_regions(Ok(vec![region(US)]));
    world.sweep().await;
    assert!(regions(PAYMENTS).await.contains(&(EU.to_owned(), false)));
    assert_eq!(world.names("").await, ["opted-in"]);

    // AWS does not say any more: what it said before goes on.
    world.aws.set_enabled_regions(Err(ScanFault::Denied));
    world.clock.advance(Duration::hours(1));
    world.sweep().await;
    assert_eq!(regions(PAYMENTS).await.into_iter().filter(|(_, is_swept)| *is_swept).count(), 1);
    assert!(readiness().await.1.contains("those known before, 1"), "{}", readiness().await.1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn kms_says_whose_a_key_is_and_whether_it_works(pool: PgPool) {
    const OWN: &str = "arn:aws:kms:us-east-1:111122223333:key/own";
    const AWS: &str = "arn:aws:kms:us-east-1:111122223333:key/aws";
    let world = World::new(pool).await;
    let key = |arn: &str, manager, state: &str| KmsKey {
        arn: arn.into(),
        manager,
        state: state.into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: Some(vec!["alias/payments".into()]),
    };
    for (name, key) in [("by-own", OWN), ("by-aws", AWS), ("by-unknown", "alias/unknown")] {
        let facts = secret(PAYMENTS, US, name);
        world.aws.put(ResourceFacts { kms_key_id: Some(key.into()), ..facts });
    }
    world.aws.set_key(OWN, key(OWN, KeyManager::Customer, "Enabled"));
    world.aws.set_key(AWS, key(AWS, KeyManager::Aws, "Enabled"));
    let kms = async |name: &str| {
        let id = world.rows(&format!("q={name}")).await[0].id.to_string();
        world.services.resource(&admin(), &id).await.unwrap().kms
    };
    world.sweep().await;
    assert_eq!(
        kms("by-own").await,
        Some(Reading::Read(Some(key(OWN, KeyManager::Customer, "Enabled"))))
    );
    assert_eq!(kms("by-unknown").await, Some(Reading::Read(None)));
    // What KMS said counts at once, and still with the next sweep, whatever the key is called.
    for is_first in [true, false] {
        assert_eq!(world.names("key=aws-managed").await, ["by-aws"]);
        assert_eq!(world.names("key=customer-managed").await, ["by-own", "by-unknown"]);
        if is_first {
            world.sweep().await;
        }
    }

    world.aws.set_key(OWN, key(OWN, KeyManager::Customer, "Disabled"));
    world.sweep().await;
    let enabled = async || match kms("by-own").await {
        Some(Reading::Read(Some(key))) => key.is_enabled(),
        other => panic!("{other:?}"),
    };
    assert!(enabled().await, "not asked again so soon");
    world.clock.advance(Duration::hours(1));
    world.sweep().await;
    assert!(!enabled().await);
}
