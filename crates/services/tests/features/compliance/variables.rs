//! Credentials in plaintext variables, from what the job of an account has stored.

use super::fixture::*;
use claviger_aws::WorkloadVariables;
use claviger_domain::{
    accounts::AccountState,
    clock::Clock as _,
    ids::{AccountId, Region},
    problem::ProblemCode,
    scan::RegionScanFault,
    variables::{
        CredentialSign, EnvironmentVariable, OUTPUTS, VariableContent, WorkloadKind,
        view::{GapReason, VariablesView},
    },
};
use claviger_services::{FileExport as _, ScannedRegions, grants::AccessSettings};
use claviger_store::{NewVariable, NewVariableList, NewVariableRead, Store, VariableAccess};
use claviger_testkit::{
    Console,
    samples::{CHECKOUT, PAYMENTS, region},
};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime};

const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:ledger-export";
const OTHER_FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:ledger-import";
const FAMILY: &str = "arn:aws:ecs:us-east-1:441205839201:task-definition/shop";
const STACK: &str = "arn:aws:cloudformation:us-east-1:441205839201:stack/ledger-database";

fn variable(
    consumer: &str,
    container: Option<&str>,
    name: &str,
    content: VariableContent,
) -> EnvironmentVariable {
    EnvironmentVariable {
        consumer: consumer.into(),
        container: container.map(Into::into),
        name: name.into(),
        content,
    }
}

fn key(account: &str, kind: WorkloadKind) -> (AccountId, Region, WorkloadKind) {
    (account.parse().unwrap(), US.parse().unwrap(), kind)
}

/// Sets what a kind of the payments account has.
fn put(
    fixture: &Fixture,
    kind: WorkloadKind,
    list: Result<Vec<EnvironmentVariable>, RegionScanFault>,
) {
    let list = list.map(|variables| WorkloadVariables { variables, unreadable: Vec::new() });
    fixture.aws.change_variables(|all| drop(all.lists.insert(key(PAYMENTS, kind), list)));
}

async fn organization(pool: PgPool) -> Fixture {
    let fixture = Fixture::new(pool, OWNER).await;
    put(
        &fixture,
        WorkloadKind::Lambda,
        Ok(vec![
            variable(FUNCTION, None, "LEDGER_PASSWORD", VariableContent::Plain),
            variable(FUNCTION, None, "DATABASE_URL", VariableContent::UrlWithPassword),
            variable(FUNCTION, None, "API_TOKEN", VariableContent::Reference),
            variable(FUNCTION, None, "OLD_PASSWORD", VariableContent::Empty),
            variable(FUNCTION, None, "STAGE", VariableContent::Plain),
        ]),
    );
    put(
        &fixture,
        WorkloadKind::Ecs,
        // A container may list a variable twice.
        Ok(vec![
            variable(FAMILY, Some("web"), "API_KEY", VariableContent::Plain),
            variable(FAMILY, Some("web"), "API_KEY", VariableContent::Plain),
        ]),
    );
    fixture.aws.change_variables(|all| {
        all.closed.insert(CHECKOUT.parse().unwrap(), RegionScanFault::RoleNotAssumable);
    });
    fixture.scan().await;
    fixture
}

async fn list(fixture: &Fixture, query: &str) -> VariablesView {
    fixture.services.variables().plain_variables(&ada(), query).await.unwrap()
}

async fn again(fixture: &Fixture) {
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
}

fn names(view: &VariablesView) -> Vec<&str> {
    view.rows.iter().map(|row| row.name.as_str()).collect()
}

/// The reasons of an account.
fn reasons<'a>(view: &'a VariablesView, account: &str) -> Vec<&'a GapReason> {
    let of = view.gaps.iter().filter(|gap| gap.account_id.as_str() == account);
    of.map(|gap| &gap.reason).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn credentials_are_listed_and_references_are_not(pool: PgPool) {
    let fixture = organization(pool).await;
    let found = list(&fixture, "").await;
    assert_eq!(names(&found), ["API_KEY", "DATABASE_URL", "LEDGER_PASSWORD"]);
    assert_eq!(found.total, 3);
    assert!(found.may_request);
    let viewer = person("vera", "viewers");
    let seen = fixture.services.variables().plain_variables(&viewer, "").await.unwrap();
    assert!(!seen.rows.is_empty() && !seen.may_request, "a new secret is not theirs to request");
    assert_eq!(found.rows[0].container.as_deref(), Some("web"));
    assert_eq!(found.rows[1].sign, CredentialSign::UrlPassword);
    assert_eq!(found.rows[2].sign, CredentialSign::Name);
    assert_eq!(names(&list(&fixture, "kind=ecs").await), ["API_KEY"]);
    assert_eq!(names(&list(&fixture, "q=LEDGER_pass").await), ["LEDGER_PASSWORD"]);
    assert_eq!(names(&list(&fixture, "q=web").await), ["API_KEY"]);
    assert!(list(&fixture, &format!("account={CHECKOUT}")).await.rows.is_empty());
    let behind = list(&fixture, "skip=50").await;
    assert_eq!((behind.rows.len(), behind.total), (0, 3), "there are some, on another page");
    let bad = fixture.services.variables().plain_variables(&ada(), "kind=fargate").await;
    assert_eq!(code(bad.unwrap_err()), ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn parameters_and_outputs_of_a_stack_are_rows_of_their_own(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    put(
        &fixture,
        WorkloadKind::CloudFormation,
        Ok(vec![
            variable(STACK, None, "DatabasePassword", VariableContent::Plain),
            variable(STACK, None, "MasterPassword", VariableContent::Masked),
            variable(STACK, None, "Stage", VariableContent::Plain),
            variable(STACK, Some(OUTPUTS), "DatabasePassword", VariableContent::Plain),
        ]),
    );
    fixture.scan().await;
    let found = list(&fixture, "kind=cloudformation").await;
    assert_eq!(names(&found), ["DatabasePassword", "DatabasePassword"], "NoEcho hides the other");
    let parts: Vec<_> = found.rows.iter().map(|row| row.container.as_deref()).collect();
    assert_eq!(parts, [None, Some(OUTPUTS)]);
    assert_eq!(found.rows[0].new_secret().name, "ledger-database/databasepassword");
    assert_eq!(list(&fixture, "q=outputs").await.total, 1);
    let variables = fixture.services.variables();
    let mut export = variables.export_variables(&ada(), "kind=cloudformation").await.unwrap();
    let text = export.piece().await.unwrap().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("account,account_name,region,kind,consumer,part,name,"), "{text}");
    assert!(lines[1].contains(&format!("{STACK},,DatabasePassword,name,")), "{text}");
    assert!(lines[2].contains(&format!("{STACK},{OUTPUTS},DatabasePassword,name,")), "{text}");

    // An output is taken away; the parameter stays.
    let left = variable(STACK, None, "DatabasePassword", VariableContent::Plain);
    put(&fixture, WorkloadKind::CloudFormation, Ok(vec![left]));
    again(&fixture).await;
    assert_eq!(list(&fixture, "kind=cloudformation").await.total, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_variable_that_is_gone_leaves_the_list_after_a_complete_read_only(pool: PgPool) {
    let fixture = organization(pool).await;
    let first = list(&fixture, "q=LEDGER_PASSWORD").await.rows.remove(0);

    put(&fixture, WorkloadKind::Lambda, Err(RegionScanFault::Throttled));
    again(&fixture).await;
    let found = list(&fixture, "kind=lambda").await;
    assert_eq!(names(&found), ["DATABASE_URL", "LEDGER_PASSWORD"], "they were not seen to be gone");
    let gap = found.gaps.iter().find(|gap| gap.kind == Some(WorkloadKind::Lambda)).unwrap();
    assert!(matches!(&gap.reason, GapReason::Failed(why) if why.contains("ListFunctions")));
    assert_eq!(gap.read_at, Some(first.last_seen_at), "the rows are of then");
    assert!(list(&fixture, "kind=ecs").await.gaps.iter().all(|gap| gap.kind.is_none()));

    let left = variable(FUNCTION, None, "LEDGER_PASSWORD", VariableContent::Plain);
    put(&fixture, WorkloadKind::Lambda, Ok(vec![left]));
    again(&fixture).await;
    let found = list(&fixture, "kind=lambda").await;
    assert_eq!(names(&found), ["LEDGER_PASSWORD"]);
    assert_eq!(found.rows[0].first_seen_at, first.first_seen_at);
    assert!(found.rows[0].last_seen_at > first.last_seen_at);
    assert!(reasons(&found, PAYMENTS).is_empty());
    assert_eq!(names(&list(&fixture, "kind=ecs").await), ["API_KEY"], "another kind's list stays");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_not_read_is_unknown_and_not_none(pool: PgPool) {
    let fixture = Fixture::new(pool.clone(), OWNER).await;
    fixture.aws.change_variables(|all| {
        all.closed.insert(CHECKOUT.parse().unwrap(), RegionScanFault::RoleNotAssumable);
    });
    fixture.scan().await;
    let found = list(&fixture, "").await;
    assert_eq!(reasons(&found, CHECKOUT), [&GapReason::NoRole]);
    assert!(reasons(&found, PAYMENTS).is_empty(), "it was read and has none");
    assert_eq!(found.role, "claviger-consumers");

    // The role is taken away again: what was read stays, and it is said that it is not read.
    let one = variable(FUNCTION, None, "LEDGER_PASSWORD", VariableContent::Plain);
    put(&fixture, WorkloadKind::Lambda, Ok(vec![one]));
    again(&fixture).await;
    fixture.aws.change_variables(|all| {
        all.closed.insert(PAYMENTS.parse().unwrap(), RegionScanFault::Unreachable);
    });
    again(&fixture).await;
    let found = list(&fixture, "").await;
    assert_eq!(names(&found), ["LEDGER_PASSWORD"]);
    let failed = reasons(&found, PAYMENTS);
    assert!(matches!(failed[..], [GapReason::Failed(why)] if why.contains("AssumeRole")));
    let gap = found.gaps.iter().find(|gap| gap.account_id.as_str() == PAYMENTS).unwrap();
    assert_eq!(gap.read_at, Some(found.rows[0].last_seen_at), "the rows are of then");

    // Workloads that AWS did not return, and a Region that was not read yet.
    fixture.aws.change_variables(|all| {
        all.closed.clear();
        let unreadable = vec![FUNCTION.to_owned(), OTHER_FUNCTION.to_owned()];
        let list = WorkloadVariables { variables: Vec::new(), unreadable };
        all.lists.insert(key(PAYMENTS, WorkloadKind::Lambda), Ok(list));
    });
    again(&fixture).await;
    let found = list(&fixture, "").await;
    assert_eq!(reasons(&found, PAYMENTS), [&GapReason::Unreadable(2)]);
    assert_eq!(names(&found), ["LEDGER_PASSWORD"], "what was known of an unreadable one stays");
    sqlx::query("delete from variable_read where account_id = $1")
        .bind(PAYMENTS)
        .execute(&pool)
        .await
        .unwrap();
    assert_eq!(reasons(&list(&fixture, "").await, PAYMENTS), [&GapReason::NotYet]);
    sqlx::query("delete from variable_check").execute(&pool).await.unwrap();
    assert_eq!(reasons(&list(&fixture, "").await, PAYMENTS), [&GapReason::NotYet]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_variables_outside_of_their_scope(pool: PgPool) {
    let fixture = organization(pool).await;
    let other = "arn:aws:lambda:us-east-1:772938104455:function:cart";
    fixture.aws.change_variables(|all| {
        all.closed.clear();
        let variables = vec![variable(other, None, "CART_TOKEN", VariableContent::Plain)];
        let list = WorkloadVariables { variables, unreadable: Vec::new() };
        all.lists.insert(key(CHECKOUT, WorkloadKind::Lambda), Ok(list));
    });
    again(&fixture).await;
    assert!(names(&list(&fixture, "").await).contains(&"CART_TOKEN"));
    let variables = fixture.services.variables();
    let engineer = person("eva", "payments-engineers");
    for query in [String::new(), format!("account={CHECKOUT}")] {
        let own = variables.plain_variables(&engineer, &query).await.unwrap();
        let is_own = |account: &AccountId| account.as_str() == PAYMENTS;
        assert!(own.rows.iter().all(|row| is_own(&row.account_id)), "{own:?}");
        assert!(own.gaps.iter().all(|gap| is_own(&gap.account_id)));
        assert!(own.accounts.iter().all(|(account, _)| is_own(account)));
        let mut export = variables.export_variables(&engineer, &query).await.unwrap();
        assert!(!export.piece().await.unwrap().unwrap().contains("CART_TOKEN"));
    }
    let nobody = person("noa", "nobodies");
    let error = variables.plain_variables(&nobody, "").await.unwrap_err();
    assert_eq!(code(error), ProblemCode::Forbidden);
    assert!(variables.export_variables(&nobody, "").await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_file_says_in_its_name_that_a_part_is_missing(pool: PgPool) {
    let fixture = organization(pool).await;
    let variables = fixture.services.variables();
    let mut export = variables.export_variables(&ada(), "kind=lambda").await.unwrap();
    assert!(export.file_name().ends_with("-incomplete.csv"), "{}", export.file_name());
    let text = export.piece().await.unwrap().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("account,account_name,region,kind,consumer"));
    assert!(lines[2].contains(&format!("lambda,{FUNCTION},,LEDGER_PASSWORD,name,")), "{text}");
    assert!(export.piece().await.unwrap().is_none());
    let whole = format!("account={PAYMENTS}");
    let export = variables.export_variables(&ada(), &whole).await.unwrap();
    assert!(!export.file_name().contains("incomplete"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_unreadable_workload_keeps_its_rows_and_others_do_not(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    let one = variable(FUNCTION, None, "LEDGER_PASSWORD", VariableContent::Plain);
    let other = variable(OTHER_FUNCTION, None, "IMPORT_PASSWORD", VariableContent::Plain);
    put(&fixture, WorkloadKind::Lambda, Ok(vec![one, other]));
    fixture.scan().await;
    assert_eq!(names(&list(&fixture, "").await), ["LEDGER_PASSWORD", "IMPORT_PASSWORD"]);
    fixture.aws.change_variables(|all| {
        let unreadable = vec![FUNCTION.to_owned()];
        let list = WorkloadVariables { variables: Vec::new(), unreadable };
        all.lists.insert(key(PAYMENTS, WorkloadKind::Lambda), Ok(list));
    });
    again(&fixture).await;
    assert_eq!(names(&list(&fixture, "").await), ["LEDGER_PASSWORD"]);

    // A name that no index takes makes its workload unreadable, and ends nothing.
    let long = format!("{}_PASSWORD", "A".repeat(3_000));
    let long = variable(FUNCTION, None, &long, VariableContent::Plain);
    put(&fixture, WorkloadKind::Lambda, Ok(vec![long]));
    again(&fixture).await;
    let found = list(&fixture, "").await;
    assert_eq!(names(&found), ["LEDGER_PASSWORD"]);
    assert_eq!(reasons(&found, PAYMENTS), [&GapReason::Unreadable(1)]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_old_list_is_not_the_present_state(pool: PgPool) {
    let fixture = organization(pool).await;
    let fresh = list(&fixture, &format!("account={PAYMENTS}")).await;
    assert!(reasons(&fresh, PAYMENTS).is_empty());
    assert_eq!(fresh.oldest_read_at, Some(fresh.rows[0].last_seen_at));
    fixture.clock.advance(Duration::hours(7));
    let found = list(&fixture, &format!("kind=lambda&account={PAYMENTS}")).await;
    assert_eq!(reasons(&found, PAYMENTS), [&GapReason::Stale]);
    assert_eq!(found.gaps[0].read_at, fresh.oldest_read_at);
    assert_eq!(found.oldest_read_at, fresh.oldest_read_at);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_suspended_account_is_not_read_and_its_rows_stay(pool: PgPool) {
    let fixture = organization(pool).await;
    fixture.aws.change_organization(|organization| {
        organization.accounts[0].state = AccountState::Suspended;
    });
    again(&fixture).await;
    let found = list(&fixture, &format!("account={PAYMENTS}")).await;
    assert_eq!(found.rows.len(), 3);
    assert_eq!(reasons(&found, PAYMENTS), [&GapReason::NotActive(AccountState::Suspended)]);
    assert_eq!(found.gaps[0].read_at, Some(found.rows[0].last_seen_at));
    let url = format!("account={PAYMENTS}");
    let export = fixture.services.variables().export_variables(&ada(), &url).await.unwrap();
    assert!(export.file_name().ends_with("-incomplete.csv"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_region_that_cannot_be_stored_does_not_hide_the_others(pool: PgPool) {
    const EU: &str = "eu-central-1";
    let access = AccessSettings { roles: bindings(), ..AccessSettings::nothing().unwrap() };
    let regions = ScannedRegions::These(vec![region(EU), region(US)]);
    let console = Console::builder(&pool).access(access).policies(OWNER).regions(regions);
    let fixture = Fixture(console.build().await);
    sqlx::query("alter table plain_variable add check (region <> 'eu-central-1')")
        .execute(&pool)
        .await
        .unwrap();
    let one = variable(FUNCTION, None, "LEDGER_PASSWORD", VariableContent::Plain);
    put(&fixture, WorkloadKind::Lambda, Ok(vec![one.clone()]));
    fixture.aws.change_variables(|all| {
        let list = WorkloadVariables { variables: vec![one], unreadable: Vec::new() };
        all.lists.insert((PAYMENTS.parse().unwrap(), region(EU), WorkloadKind::Lambda), Ok(list));
    });
    fixture.scan().await;
    let found = list(&fixture, &format!("account={PAYMENTS}")).await;
    assert_eq!(names(&found), ["LEDGER_PASSWORD"]);
    assert!(found.gaps.iter().all(|gap| gap.region == Some(region(EU))), "{:?}", found.gaps);
    let failed = reasons(&found, PAYMENTS);
    assert!(matches!(failed[0], GapReason::Failed(why) if why.contains("stored")), "{failed:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_file_misses_no_row_when_others_go_meanwhile(pool: PgPool) {
    let fixture = organization(pool.clone()).await;
    sqlx::query(
        "insert into plain_variable (account_id, region, kind, consumer, name, sign, first_seen_at, last_seen_at)
         select $1, 'us-east-1', 'lambda', $2, 'TOKEN_' || lpad(n::text, 4, '0'), 'name', now(), now()
         from generate_series(1, 1500) as n",
    )
    .bind(PAYMENTS)
    .bind(FUNCTION)
    .execute(&pool)
    .await
    .unwrap();
    let variables = fixture.services.variables();
    let mut export = variables.export_variables(&ada(), "q=TOKEN_").await.unwrap();
    let first = export.piece().await.unwrap().unwrap();
    assert_eq!(first.lines().count(), 1_001);
    sqlx::query("delete from plain_variable where name between 'TOKEN_0001' and 'TOKEN_0500'")
        .execute(&pool)
        .await
        .unwrap();
    let second = export.piece().await.unwrap().unwrap();
    assert_eq!(second.lines().count(), 500);
    assert!(second.lines().next().unwrap().contains(",TOKEN_1001,"));
    assert!(export.piece().await.unwrap().is_none());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_written_again_is_no_change(pool: PgPool) {
    let fixture = organization(pool).await;
    let variables = Store::from_pool(fixture.pool.clone()).variables();
    let (account, us): (AccountId, Region) = (PAYMENTS.parse().unwrap(), region(US));
    let complete = |name: &str| NewVariableRead {
        kind: WorkloadKind::CodeBuild,
        read: Ok(NewVariableList {
            variables: vec![NewVariable {
                consumer: "arn:aws:codebuild:us-east-1:441205839201:project/deploy".into(),
                container: None,
                name: name.into(),
                sign: CredentialSign::Name,
            }],
            unreadable: Vec::new(),
        }),
    };
    let failed =
        NewVariableRead { kind: WorkloadKind::CodeBuild, read: Err("ListProjects: denied".into()) };
    let mut now: OffsetDateTime = fixture.clock.now();
    for (read, is_changed) in [
        (complete("NPM_TOKEN"), true),
        (complete("NPM_TOKEN"), false),
        (complete("NPM_PASSWORD"), true),
        (failed.clone(), true),
        (failed, false),
        (complete("NPM_PASSWORD"), true),
        (complete("NPM_PASSWORD"), false),
    ] {
        now += Duration::hours(1);
        let written = variables
            .write_variables(&account, &us, std::slice::from_ref(&read), now)
            .await
            .unwrap();
        assert_eq!(written, is_changed, "{read:?}");
    }
    let closed = VariableAccess::NoRole("AssumeRole: denied".into());
    for (access, is_changed) in
        [(VariableAccess::Open, false), (closed.clone(), true), (closed, false)]
    {
        let regions = [us.clone()];
        let written = variables.write_variable_access(&account, &regions, &access, now).await;
        assert_eq!(written.unwrap(), is_changed, "{access:?}");
    }
}
