//! Whole sweeps over an AWS in memory and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    accounts::{
        AccountState, Ou, child_path,
        readiness::{ReadinessItem, ReadinessState},
    },
    authz::{
        Caller, Person, Role, Scope,
        scope_check::{ScopeReference, ScopeTarget},
    },
    clock::Clock,
    facts::{Reading, ResourceFacts},
    inventory::{
        OwnerClass,
        view::{Coverage, InventoryRow, Owner},
    },
    job::Job,
    key::{KeyManager, KmsKey},
    problem::ProblemCode,
    scan::{RegionScanFault, RegionScanList, ScanTrigger},
};
use claviger_services::{
    InventoryFormat, ScanSettings, ScannedRegions, ServiceError, Services, grants::AccessSettings,
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

struct Fixture {
    pool: PgPool,
    aws: FakeAws,
    clock: Arc<TestClock>,
    services: Services,
}

impl Fixture {
    async fn new(pool: PgPool) -> Self {
        Self::over(pool, ScannedRegions::These(vec![region(US)])).await
    }

    async fn over(pool: PgPool, regions: ScannedRegions) -> Self {
        Self::limited(pool, regions, INVENTORY_LIMIT).await
    }

    async fn limited(pool: PgPool, regions: ScannedRegions, limit: u64) -> Self {
        let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
        let pool = claviger_testkit::own_pool(&pool);
        let store = Store::from_pool(pool.clone()).with_inventory_limit(limit);
        store.migrate().await.unwrap();
        let settings = ScanSettings {
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
        self.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
        self.work().await;
    }

    /// Takes every job off the queue and does it.
    async fn work(&self) {
        work_off(&self.pool, async |job| self.services.jobs().run(job).await.unwrap()).await;
    }

    async fn rows(&self, query: &str) -> Vec<InventoryRow> {
        self.services.inventory().inventory(&admin(), query).await.unwrap().page.rows
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
    let fixture = Fixture::new(pool).await;
    for n in 0..5 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("s{n}")));
        fixture.aws.put(parameter(PAYMENTS, US, &format!("/p{n}")));
    }
    fixture.aws.put(secret(SANDBOX, US, "sand"));
    fixture.sweep().await;
    assert_eq!(fixture.rows("").await.len(), 11);
    let accounts = fixture.services.accounts().accounts(&admin()).await.unwrap().rows;
    assert!(accounts.iter().all(|row| row.reach == Coverage::Whole));
    let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!((detail.account.secrets, detail.account.parameters), (5, 5));
    // Three pages of two for each kind; nothing per secret.
    assert_eq!(detail.regions[0].api_calls, 6);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_that_fails_keeps_its_last_data_and_says_why(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(secret(CHECKOUT, US, "b"));
    fixture.sweep().await;
    let before = fixture
        .services
        .accounts()
        .account(&admin(), PAYMENTS)
        .await
        .unwrap()
        .account
        .complete_as_of;
    fixture.aws.close(&account(PAYMENTS), Some(RegionScanFault::RoleNotAssumable));
    fixture.aws.remove(&secret(CHECKOUT, US, "b").arn);
    fixture.sweep().await;
    assert_eq!(
        fixture.names("").await,
        ["a"],
        "one account's fault is not another's, and loses nothing"
    );
    let row = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!((row.reach, row.fault), (Coverage::None, Some(RegionScanFault::RoleNotAssumable)));
    assert_eq!(row.complete_as_of, before, "the age of the data does not pretend");
    fixture.aws.close(&account(PAYMENTS), None);
    fixture.sweep().await;
    let row = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!((row.reach, row.fault), (Coverage::Whole, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_breaks_off_tombstones_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    for n in 0..6 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("s{n}")));
    }
    fixture.sweep().await;
    fixture.aws.remove(&secret(PAYMENTS, US, "s5").arn);
    fixture.aws.break_lists_after(Some(1));
    fixture.sweep().await;
    assert_eq!(fixture.names("").await.len(), 6);
    let row = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap().account;
    assert_eq!(row.fault, Some(RegionScanFault::Throttled));
    fixture.aws.break_lists_after(None);
    fixture.sweep().await;
    assert_eq!(fixture.names("").await.len(), 5);
    assert_eq!(fixture.names("state=gone").await, ["s5"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_aws_denies_does_not_hide_the_other(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(parameter(PAYMENTS, US, "/old"));
    fixture.sweep().await;
    let first = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    for (denied, open) in [
        (RegionScanList::Parameters, RegionScanList::Secrets),
        (RegionScanList::Secrets, RegionScanList::Parameters),
    ] {
        fixture.aws.fail_list(denied, Some(RegionScanFault::Denied));
        fixture.aws.put(secret(PAYMENTS, US, "new"));
        fixture.aws.put(parameter(PAYMENTS, US, "/new"));
        fixture.aws.remove(&secret(PAYMENTS, US, "a").arn);
        fixture.aws.remove(&parameter(PAYMENTS, US, "/old").arn);
        fixture.sweep().await;
        let expected: &[&str] =
            if denied == RegionScanList::Parameters { &["/old", "new"] } else { &["/new", "a"] };
        assert_eq!(fixture.names("").await, expected, "{open} is read, {denied} keeps its data");
        let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
        assert_eq!(detail.account.reach, Coverage::Partial);
        let list = |list| detail.regions[0].lists.iter().find(|row| row.list == list).unwrap();
        let fault = list(denied).fault.as_ref().unwrap();
        assert_eq!(fault.fault, RegionScanFault::Denied);
        assert!(fault.operation.is_some(), "the page says which call");
        assert_eq!(
            list(denied).complete_at,
            first.regions[0].complete_at,
            "its age does not pretend"
        );
        assert_eq!(list(open).fault, None);
        assert!(list(open).complete_at > first.regions[0].complete_at);
        // What the denied list shows says so itself; what the other shows does not.
        for row in fixture.rows("").await {
            let detail =
                fixture.services.inventory().resource(&admin(), &row.id.to_string()).await.unwrap();
            let is_stale = (denied == RegionScanList::Secrets) != row.name.starts_with('/');
            assert_eq!(detail.fault.is_some(), is_stale, "{}", row.name);
        }
        // As it was, for the other list.
        fixture.aws.fail_list(denied, None);
        fixture.aws.put(secret(PAYMENTS, US, "a"));
        fixture.aws.put(parameter(PAYMENTS, US, "/old"));
        fixture.aws.remove(&secret(PAYMENTS, US, "new").arn);
        fixture.aws.remove(&parameter(PAYMENTS, US, "/new").arn);
        fixture.sweep().await;
        assert_eq!(fixture.names("").await, ["/old", "a"]);
        sqlx::query("update scan_list set complete_at = $1 where account_id = $2")
            .bind(first.regions[0].complete_at)
            .bind(PAYMENTS)
            .execute(&fixture.pool)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_scan_of_one_list_is_no_change_in_the_other(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(parameter(PAYMENTS, US, "/b"));
    fixture.aws.fail_list(RegionScanList::Parameters, Some(RegionScanFault::Denied));
    fixture.sweep().await;
    let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!(detail.account.complete_as_of, None, "the parameters were never read");
    fixture.aws.fail_list(RegionScanList::Parameters, None);
    fixture.sweep().await;
    assert_eq!(fixture.names("").await, ["/b", "a"]);
    let (seen,): (i64,) =
        sqlx::query_as("select count(*) from resource_change where what = 'first-seen'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(seen, 0, "what the first complete list finds is no change");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_denies_describing_is_neither_deleted_nor_fresh(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.sweep().await;
    let arn = secret(PAYMENTS, US, "a").arn;
    fixture.aws.leave_out_of_lists(&arn);
    fixture.aws.deny_describe(&arn);
    fixture.aws.put(secret(PAYMENTS, US, "c"));
    let last_seen = fixture.clock.now();
    fixture.sweep().await;
    assert_eq!(fixture.names("").await, ["a", "b", "c"], "one denied call hides nothing");
    let row = fixture.rows("").await.into_iter().find(|row| row.name == "a").unwrap();
    let detail =
        fixture.services.inventory().resource(&admin(), &row.id.to_string()).await.unwrap();
    assert!(detail.is_unconfirmed && detail.gone_at.is_none());
    assert!(detail.last_seen_at.unwrap() <= last_seen, "it was last seen by the list before");
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_that_can_no_longer_be_read_stay_and_say_why(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let tags = BTreeMap::from([("owner".to_owned(), "one".to_owned())]);
    fixture.aws.put(ResourceFacts { tags: Some(tags), ..parameter(PAYMENTS, US, "/a") });
    fixture.sweep().await;
    for fault in [RegionScanFault::Denied, RegionScanFault::Throttled, RegionScanFault::Unreachable]
    {
        fixture.aws.fail_list(RegionScanList::ParameterTags, Some(fault));
        fixture.aws.put(parameter(PAYMENTS, US, &format!("/new-{fault}")));
        // A person's scan asks for the tags in any case.
        fixture.clock.advance(Duration::minutes(5));
        fixture.services.scans().start_scan(&admin()).await.unwrap();
        fixture.work().await;
        let row = fixture.rows("").await.into_iter().find(|row| row.name == "/a").unwrap();
        assert_eq!(row.owner, Owner::Named("one".into()), "{fault}");
        let unknown = fixture.names(&format!("owner={}", OwnerClass::Unknown)).await;
        assert!(unknown.contains(&format!("/new-{fault}")), "{unknown:?}");
        let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
        let tags =
            detail.regions[0].lists.iter().find(|row| row.list == RegionScanList::ParameterTags);
        assert_eq!(tags.unwrap().fault.as_ref().unwrap().fault, fault);
        assert_eq!(detail.account.reach, Coverage::Whole, "the parameters themselves were read");
    }
    fixture.aws.fail_list(RegionScanList::ParameterTags, None);
    fixture.clock.advance(Duration::minutes(5));
    fixture.services.scans().start_scan(&admin()).await.unwrap();
    fixture.work().await;
    let detail = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
    assert_eq!(detail.regions[0].lists.len(), 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_ou_whose_name_reads_like_a_path_is_not_that_path(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.change_organization(|organization| {
        let flat = "ou-flat".parse().unwrap();
        organization.ous.push(Ou {
            id: "ou-flat".parse().unwrap(),
            parent: Some("r-test".parse().unwrap()),
            name: "Workloads/Production".into(),
            path: child_path("", "Workloads/Production"),
        });
        organization.accounts[2].ou_path = vec!["r-test".parse().unwrap(), flat];
    });
    fixture.aws.put(secret(PAYMENTS, US, "real"));
    fixture.aws.put(secret(SANDBOX, US, "other"));
    fixture.sweep().await;
    let seen = async |scope: &str| -> Vec<String> {
        let approver = caller(vec![(Role::Approver, Scope::Ou(scope.into()))]);
        let rows = fixture.services.inventory().inventory(&approver, "").await.unwrap().page.rows;
        rows.into_iter().map(|row| row.name).collect()
    };
    assert_eq!(seen("Workloads/Production").await, ["real"]);
    assert_eq!(seen(r"Workloads\/Production").await, ["other"]);
    assert_eq!(seen("ou-flat").await, ["other"]);
    assert_eq!(seen("Production").await, [""; 0]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn scopes_that_name_nothing_are_shown_to_admins_of_the_whole_organization(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let reference =
        |target| ScopeReference { source: "the role approver of the group x".into(), target };
    let services = fixture.services.clone().with_scope_references(vec![
        reference(ScopeTarget::Ou("Workloads/Prodution".into())),
        reference(ScopeTarget::Ou("Workloads/Production".into())),
        reference(ScopeTarget::Account("999999999999".parse().unwrap())),
    ]);
    // Nothing is stored yet: AWS Organizations is asked.
    assert_eq!(services.scope_checks().check_scopes_at_start().await.unwrap().unwrap().len(), 2);
    assert!(services.accounts().accounts(&admin()).await.unwrap().scope_problems.is_empty());
    fixture.sweep().await;
    let shown = services.accounts().accounts(&admin()).await.unwrap().scope_problems;
    assert_eq!(shown.len(), 2, "{shown:?}");
    let narrow = caller(vec![(Role::SecurityAdmin, Scope::Ou("Workloads".into()))]);
    assert!(services.accounts().accounts(&narrow).await.unwrap().scope_problems.is_empty());
    let viewer = caller(vec![(Role::Viewer, Scope::Organization)]);
    assert!(services.accounts().accounts(&viewer).await.unwrap().scope_problems.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_lags_is_not_believed(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.put(parameter(PAYMENTS, US, "/b"));
    fixture.sweep().await;
    fixture.aws.leave_out_of_lists(&secret(PAYMENTS, US, "a").arn);
    fixture.aws.leave_out_of_lists(&parameter(PAYMENTS, US, "/b").arn);
    fixture.sweep().await;
    assert_eq!(fixture.names("").await, ["/b", "a"], "describing it says that it is still there");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_suspended_account_is_not_entered(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(SANDBOX, US, "a"));
    fixture.sweep().await;
    fixture.aws.change_organization(|organization| {
        organization.accounts[2].state = AccountState::Suspended;
    });
    fixture.sweep().await;
    let row = fixture.services.accounts().account(&admin(), SANDBOX).await.unwrap().account;
    assert_eq!(
        (row.state, row.fault),
        (AccountState::Suspended, Some(RegionScanFault::AccountNotActive))
    );
    assert_eq!(fixture.names("").await, ["a"], "what was last seen stays");
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_organization_that_cannot_be_read_ends_the_sweep_with_the_reason(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.lose_organization(RegionScanFault::NoCredentials);
    fixture.sweep().await;
    let progress = fixture.services.scans().scan_progress(&admin()).await.unwrap();
    assert_eq!((progress.running, progress.fault), (false, Some(RegionScanFault::NoCredentials)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_that_may_not_be_read_are_unknown_and_not_missing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(parameter(PAYMENTS, US, "/b"));
    fixture.aws.deny_tags();
    fixture.sweep().await;
    assert_eq!(fixture.names("owner=missing").await, [""; 0]);
    assert_eq!(fixture.names(&format!("owner={}", OwnerClass::Unknown)).await, ["/b"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn tags_of_parameters_are_good_for_an_hour_unless_one_is_new_or_a_person_asks(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let owned_by = |name: &str, team: &str| {
        let tags = BTreeMap::from([("owner".to_owned(), team.to_owned())]);
        fixture.aws.put(ResourceFacts { tags: Some(tags), ..parameter(PAYMENTS, US, name) });
    };
    let owners = async || -> Vec<(String, Owner)> {
        fixture.rows("").await.into_iter().map(|row| (row.name, row.owner)).collect()
    };
    let expected = |pairs: &[(&str, &str)]| -> Vec<(String, Owner)> {
        let pair = |(name, team): &(&str, &str)| ((*name).into(), Owner::Named((*team).into()));
        pairs.iter().map(pair).collect()
    };
    owned_by("/a", "one");
    fixture.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "one")]));

    owned_by("/a", "two");
    fixture.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "one")]), "20 minutes later they are still good");

    owned_by("/b", "one");
    fixture.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "two"), ("/b", "one")]), "/b is new");

    owned_by("/a", "three");
    fixture.services.scans().start_scan(&admin()).await.unwrap();
    fixture.work().await;
    assert_eq!(owners().await, expected(&[("/a", "three"), ("/b", "one")]), "a person asked");

    owned_by("/a", "four");
    fixture.clock.advance(Duration::minutes(41));
    fixture.sweep().await;
    assert_eq!(owners().await, expected(&[("/a", "four"), ("/b", "one")]), "an hour is over");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_job_done_twice_does_no_harm(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    let (plan,): (serde_json::Value,) =
        sqlx::query_as("select payload::jsonb from graphile_worker._private_jobs")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    fixture.work().await;
    let plan: Job = serde_json::from_value(plan).unwrap();
    let Job::PlanScan { sweep } = plan else { panic!("the first job plans") };
    fixture.services.jobs().run(plan).await.unwrap();
    fixture
        .services
        .jobs()
        .run(Job::ScanRegion { sweep, account: account(PAYMENTS), region: region(US) })
        .await
        .unwrap();
    assert_eq!(fixture.names("").await, ["a"]);
    assert!(!fixture.services.scans().scan_progress(&admin()).await.unwrap().running);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_schedule_waits_for_its_time_and_a_start_does_not(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let sweeps = async || -> i64 {
        sqlx::query_as::<_, (i64,)>("select count(*) from sweep")
            .fetch_one(&fixture.pool)
            .await
            .unwrap()
            .0
    };
    fixture.sweep().await;
    fixture.clock.advance(Duration::minutes(14));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    assert_eq!(sweeps().await, 1);
    fixture.clock.advance(Duration::minutes(1));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    fixture.work().await;
    assert_eq!(sweeps().await, 2);
    fixture.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    assert_eq!(sweeps().await, 3);
}

/// Lists say how many there are and what to do; whatever needs no list goes on, and no number is made up.
#[sqlx::test(migrations = "../../migrations")]
async fn an_inventory_beyond_its_limit_is_refused_and_not_shown_in_part(pool: PgPool) {
    let regions = ScannedRegions::These(vec![region(US)]);
    let fixture = Fixture::limited(pool, regions, 2).await;
    for name in ["a", "b"] {
        fixture.aws.put(secret(PAYMENTS, US, name));
    }
    fixture.sweep().await;
    assert_eq!(fixture.names("").await, ["a", "b"]);
    let id = fixture.rows("").await[0].id.to_string();
    fixture.aws.put(secret(PAYMENTS, US, "c"));
    fixture.sweep().await;
    let (services, admin) = (&fixture.services, admin());
    let refused = |error: ServiceError| {
        let problem = error.into_problem();
        assert_eq!(problem.code.status(), 503);
        assert!(problem.message.contains("at most 2"), "{problem}");
        assert!(problem.message.contains("found 3"), "{problem}");
        assert!(problem.hint.contains("inventory_limit"), "{problem}");
    };
    refused(services.inventory().inventory(&admin, "").await.unwrap_err());
    refused(services.accounts().accounts(&admin).await.unwrap_err());
    refused(services.accounts().account(&admin, PAYMENTS).await.unwrap_err());
    refused(services.inventory().siblings(&admin, &id).await.unwrap_err());
    refused(services.compliance().findings(&admin, "").await.unwrap_err());
    refused(services.compliance().overview(&admin).await.unwrap_err());
    refused(services.inventory().complete(&admin, "tag:owner=t").await.unwrap_err());
    let csv = services.inventory().export_inventory(&admin, InventoryFormat::Csv, "", None).await;
    refused(csv.map(drop).unwrap_err());
    let me = services.navigation().me(&admin).await.unwrap();
    assert_eq!((me.resources, me.failures), (None, None));
    assert_eq!(services.inventory().resource(&admin, &id).await.unwrap().facts.name, "a");
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_use_case_refuses_whom_nothing_was_given(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.sweep().await;
    let id = fixture.rows("").await[0].id.to_string();
    let nobody = caller(vec![]);
    let services = &fixture.services;
    let refused =
        |error: ServiceError| assert_eq!(error.into_problem().code, ProblemCode::Forbidden);
    refused(services.inventory().inventory(&nobody, "").await.unwrap_err());
    refused(services.inventory().resource(&nobody, &id).await.unwrap_err());
    refused(services.accounts().accounts(&nobody).await.unwrap_err());
    refused(services.accounts().account(&nobody, PAYMENTS).await.unwrap_err());
    refused(services.scans().start_scan(&nobody).await.unwrap_err());
    let me = services.navigation().me(&nobody).await.unwrap();
    assert_eq!((me.resources, me.accounts, me.can_scan), (None, None, false));
    assert_eq!(services.scans().scan_progress(&nobody).await.unwrap().accounts, 0);
    let sandbox = caller(vec![(Role::SecurityAdmin, Scope::Ou("Sandbox".into()))]);
    refused(services.scans().start_scan(&sandbox).await.unwrap_err());
    for role in Role::ALL.iter().filter(|role| **role != Role::SecurityAdmin) {
        refused(
            services
                .scans()
                .start_scan(&caller(vec![(*role, Scope::Organization)]))
                .await
                .unwrap_err(),
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_outside_ones_scope_is_not_there(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.sweep().await;
    let id = fixture.rows("").await[0].id.to_string();
    let elsewhere = caller(vec![(Role::Viewer, Scope::Ou("Sandbox".into()))]);
    let missing =
        |error: ServiceError| assert_eq!(error.into_problem().code, ProblemCode::NotFound);
    missing(fixture.services.inventory().resource(&elsewhere, &id).await.unwrap_err());
    missing(fixture.services.accounts().account(&elsewhere, PAYMENTS).await.unwrap_err());
    missing(fixture.services.inventory().resource(&elsewhere, "not-an-id").await.unwrap_err());
    let page = fixture
        .services
        .inventory()
        .inventory(&elsewhere, &format!("account={PAYMENTS}"))
        .await
        .unwrap();
    assert!(page.page.rows.is_empty());
    assert!(
        page.facets.accounts.iter().all(|account| account.label != "Payments Prod"),
        "not even its name"
    );
    assert_eq!(fixture.services.accounts().accounts(&elsewhere).await.unwrap().rows.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_regions_are_those_that_are_enabled_in_each_account(pool: PgPool) {
    const EU: &str = "eu-south-1";
    let fixture = Fixture::over(pool, ScannedRegions::Enabled { home: region(US) }).await;
    let regions = async |id: &str| -> Vec<(String, bool)> {
        let shown = fixture.services.accounts().account(&admin(), id).await.unwrap();
        shown.regions.into_iter().map(|row| (row.region.to_string(), row.is_swept)).collect()
    };
    let readiness = async || {
        let shown = fixture.services.accounts().account(&admin(), PAYMENTS).await.unwrap();
        let one = shown.readiness.into_iter().find(|one| one.item == ReadinessItem::Regions);
        one.map(|one| (one.state, one.says)).unwrap()
    };
    fixture.aws.put(secret(PAYMENTS, EU, "opted-in"));
    // AWS does not say: what no account can turn off is read, and it is told that there may be more.
    fixture.aws.close(&account(CHECKOUT), Some(RegionScanFault::RoleNotAssumable));
    fixture.sweep().await;
    assert_eq!(regions(PAYMENTS).await.len(), 17);
    assert_eq!(readiness().await.0, ReadinessState::Unknown);
    assert!(readiness().await.1.contains("no account can turn off, 17"), "{}", readiness().await.1);
    assert_eq!(regions(CHECKOUT).await, [(US.to_owned(), true)], "one refusal is enough");
    assert!(fixture.names("").await.is_empty());

    fixture.aws.set_enabled_regions(Ok(vec![region(EU), region(US)]));
    fixture.clock.advance(Duration::hours(1));
    fixture.sweep().await;
    assert_eq!(fixture.names("").await, ["opted-in"]);
    assert_eq!(regions(PAYMENTS).await.into_iter().filter(|(_, is_swept)| *is_swept).count(), 2);
    assert_eq!(readiness().await.0, ReadinessState::Ready);

    // Disabled: what was there stays as it was last seen.
    fixture.aws.set_enabled_regions(Ok(vec![region(US)]));
    fixture.sweep().await;
    assert!(regions(PAYMENTS).await.contains(&(EU.to_owned(), false)));
    assert_eq!(fixture.names("").await, ["opted-in"]);

    // AWS does not say any more: what it said before goes on.
    fixture.aws.set_enabled_regions(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::hours(1));
    fixture.sweep().await;
    assert_eq!(regions(PAYMENTS).await.into_iter().filter(|(_, is_swept)| *is_swept).count(), 1);
    assert!(readiness().await.1.contains("those known before, 1"), "{}", readiness().await.1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn kms_says_whose_a_key_is_and_whether_it_works(pool: PgPool) {
    const OWN: &str = "arn:aws:kms:us-east-1:111122223333:key/own";
    const AWS: &str = "arn:aws:kms:us-east-1:111122223333:key/aws";
    let fixture = Fixture::new(pool).await;
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
        fixture.aws.put(ResourceFacts { kms_key_id: Some(key.into()), ..facts });
    }
    fixture.aws.set_key(OWN, key(OWN, KeyManager::Customer, "Enabled"));
    fixture.aws.set_key(AWS, key(AWS, KeyManager::Aws, "Enabled"));
    let kms = async |name: &str| {
        let id = fixture.rows(&format!("q={name}")).await[0].id.to_string();
        fixture.services.inventory().resource(&admin(), &id).await.unwrap().kms
    };
    fixture.sweep().await;
    assert_eq!(
        kms("by-own").await,
        Some(Reading::Read(Some(key(OWN, KeyManager::Customer, "Enabled"))))
    );
    assert_eq!(kms("by-unknown").await, Some(Reading::Read(None)));
    // What KMS said counts at once, and still with the next sweep, whatever the key is called.
    for is_first in [true, false] {
        assert_eq!(fixture.names("key=aws-managed").await, ["by-aws"]);
        assert_eq!(fixture.names("key=customer-managed").await, ["by-own", "by-unknown"]);
        if is_first {
            fixture.sweep().await;
        }
    }

    fixture.aws.set_key(OWN, key(OWN, KeyManager::Customer, "Disabled"));
    fixture.sweep().await;
    let enabled = async || match kms("by-own").await {
        Some(Reading::Read(Some(key))) => key.is_enabled(),
        other => panic!("{other:?}"),
    };
    assert!(enabled().await, "not asked again so soon");
    fixture.clock.advance(Duration::hours(1));
    fixture.sweep().await;
    assert!(!enabled().await);
}
