//! Accounts, OUs, Regions, and the scopes over them.

use super::{Fixture, admin};
use claviger_domain::{
    VariantArray,
    accounts::{
        AccountState, Ou, child_path,
        readiness::{ReadinessItem, ReadinessState},
    },
    authz::{
        Role, Scope,
        scope_check::{ScopeReference, ScopeTarget},
    },
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_services::{ScannedRegions, ServiceError};
use claviger_testkit::{
    Console, US, holder_of,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, account, region, secret},
};
use sqlx::PgPool;
use time::Duration;

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
    fixture.scan().await;
    let seen = async |scope: &str| -> Vec<String> {
        let approver = holder_of(vec![(Role::Approver, Scope::Ou(scope.into()))]);
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
    fixture.scan().await;
    let shown = services.accounts().accounts(&admin()).await.unwrap().scope_problems;
    assert_eq!(shown.len(), 2, "{shown:?}");
    let narrow = holder_of(vec![(Role::SecurityAdmin, Scope::Ou("Workloads".into()))]);
    assert!(services.accounts().accounts(&narrow).await.unwrap().scope_problems.is_empty());
    let viewer = holder_of(vec![(Role::Viewer, Scope::Organization)]);
    assert!(services.accounts().accounts(&viewer).await.unwrap().scope_problems.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_suspended_account_is_not_entered(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(SANDBOX, US, "a"));
    fixture.scan().await;
    fixture.aws.change_organization(|organization| {
        organization.accounts[2].state = AccountState::Suspended;
    });
    fixture.scan().await;
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
    fixture.scan().await;
    let progress = fixture.services.scans().scan_progress(&admin()).await.unwrap();
    assert_eq!((progress.running, progress.fault), (false, Some(RegionScanFault::NoCredentials)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_regions_are_those_that_are_enabled_in_each_account(pool: PgPool) {
    const EU: &str = "eu-south-1";
    let fixture = Fixture(
        Console::builder(&pool).regions(ScannedRegions::Enabled { home: region(US) }).build().await,
    );
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
    fixture.scan().await;
    assert_eq!(regions(PAYMENTS).await.len(), 17);
    assert_eq!(readiness().await.0, ReadinessState::Unknown);
    assert!(readiness().await.1.contains("no account can turn off, 17"), "{}", readiness().await.1);
    assert_eq!(regions(CHECKOUT).await, [(US.to_owned(), true)], "one refusal is enough");
    assert!(fixture.names("").await.is_empty());

    fixture.aws.set_enabled_regions(Ok(vec![region(EU), region(US)]));
    fixture.clock.advance(Duration::hours(1));
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["opted-in"]);
    assert_eq!(regions(PAYMENTS).await.into_iter().filter(|(_, is_swept)| *is_swept).count(), 2);
    assert_eq!(readiness().await.0, ReadinessState::Ready);

    // Disabled: what was there stays as it was last seen.
    fixture.aws.set_enabled_regions(Ok(vec![region(US)]));
    fixture.scan().await;
    assert!(regions(PAYMENTS).await.contains(&(EU.to_owned(), false)));
    assert_eq!(fixture.names("").await, ["opted-in"]);

    // AWS does not say any more: what it said before goes on.
    fixture.aws.set_enabled_regions(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::hours(1));
    fixture.scan().await;
    assert_eq!(regions(PAYMENTS).await.into_iter().filter(|(_, is_swept)| *is_swept).count(), 1);
    assert!(readiness().await.1.contains("those known before, 1"), "{}", readiness().await.1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_use_case_refuses_whom_nothing_was_given(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    let id = fixture.rows("").await[0].id.to_string();
    let nobody = holder_of(vec![]);
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
    let sandbox = holder_of(vec![(Role::SecurityAdmin, Scope::Ou("Sandbox".into()))]);
    refused(services.scans().start_scan(&sandbox).await.unwrap_err());
    for role in Role::VARIANTS.iter().filter(|role| **role != Role::SecurityAdmin) {
        refused(
            services
                .scans()
                .start_scan(&holder_of(vec![(*role, Scope::Organization)]))
                .await
                .unwrap_err(),
        );
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_outside_ones_scope_is_not_there(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    let id = fixture.rows("").await[0].id.to_string();
    let elsewhere = holder_of(vec![(Role::Viewer, Scope::Ou("Sandbox".into()))]);
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
