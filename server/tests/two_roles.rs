//! The server under a database role that owns nothing: everything works, and the audit log is append-only.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

#[path = "console/common/idp.rs"]
#[expect(dead_code, reason = "the tests of the console use more of it")]
mod idp;
mod process;

use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::{
    TestClock,
    simulator::{Behaviour, SimulatedOrganization, Simulator, as_inventoried},
};
use idp::{TestIdp, Token};
use process::{Console, command, count, fresh, maintain, until, url};
use reqwest::{StatusCode, header};
use sqlx::PgPool;
use std::{process::Output, sync::Arc};

const OWNER: &str = "claviger_test_owner";
const ROLE: &str = "claviger_test_console";
const STRANGER: &str = "claviger_test_stranger";
const DATABASE: &str = "claviger_two_roles";
const PASSWORD: &str = "two-roles";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn migrate(database: &str, more: &[&str]) -> Output {
    // It needs only the database's URL.
    let mut migrate = std::process::Command::new(env!("CARGO_BIN_EXE_claviger"));
    migrate.env_clear().env("DATABASE_URL", database).arg("migrate").args(more).output().unwrap()
}

/// Others use the cluster as well: roles are created once, without privileges outside of this database.
async fn set_up() {
    let roles = [OWNER, ROLE, STRANGER].map(|role| {
        format!(
            "do $$ begin
                if not exists (select 1 from pg_roles where rolname = '{role}') then
                    create role {role} login password '{PASSWORD}';
                end if;
            end $$"
        )
    });
    maintain(&roles).await;
    fresh(DATABASE, Some(OWNER)).await;
}

#[expect(clippy::too_many_lines, reason = "one console goes through all of it")]
#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_owns_nothing_works_and_cannot_change_the_audit_log() {
    set_up().await;
    let (owner, role) =
        (url(Some((OWNER, PASSWORD)), DATABASE), url(Some((ROLE, PASSWORD)), DATABASE));

    // Before the owner has migrated, the server reports what to do.
    let early = command(&role).arg("audit").arg("verify").output().unwrap();
    assert!(!early.status.success());
    let aws = Simulator::start(
        SimulatedOrganization::new(2, &["us-east-1"], 30, 10),
        Behaviour::default(),
    )
    .await;
    let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
    let refused = serve_to_its_end(&role, &aws);
    assert!(refused.contains("claviger migrate --grant-to"), "{refused}");

    let done = migrate(&owner, &["--grant-to", ROLE]);
    assert!(done.status.success(), "{}", said(&done));
    // A repetition is harmless; for a missing role, or the owner itself, it reports the error.
    assert!(migrate(&owner, &["--grant-to", ROLE]).status.success());
    assert!(
        said(&migrate(&owner, &["--grant-to", "nobody_of_this_name"])).contains("there is no role")
    );
    assert!(said(&migrate(&owner, &["--grant-to", OWNER])).contains("owns the audit log"));
    // A role without grants gets an error.
    let stranger = url(Some((STRANGER, PASSWORD)), DATABASE);
    assert!(serve_to_its_end(&stranger, &aws).contains("claviger migrate --grant-to"));

    let roles = claviger_testkit::test_folder!("roles").join("two-roles.toml");
    std::fs::write(
        &roles,
        "[[roles]]\ngroup = \"admins\"\nrole = \"security-admin\"\nscope = \"organization\"\n",
    )
    .unwrap();
    let _ = std::fs::remove_file(roles.with_extension("heads"));
    let console = Console::start(
        "two-roles",
        &role,
        &aws,
        &[
            ("CLAVIGER_FILE", roles.to_str().unwrap()),
            ("CLAVIGER_OIDC_ISSUER", &idp.issuer),
            ("CLAVIGER_OIDC_CLIENT_ID", idp::CLIENT),
            ("CLAVIGER_AUDIT_HEAD_FILE", roles.with_extension("heads").to_str().unwrap()),
        ],
    );
    let pool = PgPool::connect_lazy(&owner).unwrap();

    // The queue, the scan, and the jobs that follow.
    until(&console, &pool, "select count(*) from sweep where finished_at is not null", |n| n == 1)
        .await;
    assert!(
        as_inventoried(&pool).await == aws.organization().truth(),
        "the inventory is what AWS has"
    );
    until(&console, &pool, "select count(*) from graphile_worker.jobs", |n| n == 0).await;
    assert!(count(&pool, "select count(*) from finding").await > 0, "it was evaluated");
    assert!(!console.log().contains("permission denied"), "{}", console.log());
    assert!(!console.log().contains("can change the audit log"), "{}", console.log());

    signs_in(&console, &idp).await;
    until(&console, &pool, "select count(*) from session", |n| n == 1).await;
    until(&console, &pool, "select count(*) from audit_entry", |n| n > 0).await;

    // The exact operations that the server's role may not do.
    let mine = PgPool::connect_lazy(&role).unwrap();
    for sql in [
        "update audit_entry set subject = 'G-0'",
        "update audit_entry set phase = phase where false",
        "delete from audit_entry",
        "truncate audit_entry",
        "truncate audit_entry cascade",
        "alter table audit_entry disable trigger all",
        "alter table audit_entry disable trigger audit_entry_unchanged",
        "alter table audit_entry add column more text",
        "alter table audit_entry owner to claviger_test_console",
        "alter table audit_entry rename to entries",
        "drop trigger audit_entry_unchanged on audit_entry",
        "drop table audit_entry",
        "create trigger mine before insert on audit_entry for each row execute function audit_is_append_only()",
        "create rule mine as on insert to audit_entry do instead nothing",
        "create or replace function audit_is_append_only() returns trigger language plpgsql as 'begin return null; end'",
        "drop function audit_is_append_only() cascade",
        "alter function audit_is_append_only() owner to claviger_test_console",
        "set session_replication_role = replica",
        "set role claviger_test_owner",
        "grant claviger_test_owner to claviger_test_console",
        "grant update on audit_entry to claviger_test_console",
        "create table mine (a int)",
        "create schema mine",
        "update _sqlx_migrations set success = false",
        "delete from _sqlx_migrations",
        "delete from graphile_worker.migrations",
        "drop table resource",
        "alter table session add column mine text",
    ] {
        let outcome = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mine).await;
        let code = match &outcome {
            // A failed grant is a warning, and changes nothing.
            Ok(_) if sql.starts_with("grant update") => Some("42501".into()),
            Ok(_) => None,
            Err(error) => error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code)
                .map(std::borrow::Cow::into_owned),
        };
        assert_eq!(code.as_deref(), Some("42501"), "{sql}: {outcome:?}");
    }
    let may_update: bool =
        sqlx::query_scalar("select has_table_privilege('audit_entry', 'update, delete, truncate')")
            .fetch_one(&mine)
            .await
            .unwrap();
    assert!(!may_update);

    // The published heads are in the chain; they reveal a tail that the owner cuts off.
    let heads = roles.with_extension("heads");
    let verify = |arguments: &[&str]| {
        command(&role).args(["audit", "verify"]).args(arguments).output().unwrap()
    };
    drop(console);
    let console = Console::start(
        "two-roles",
        &role,
        &aws,
        &[("CLAVIGER_AUDIT_HEAD_FILE", heads.to_str().unwrap())],
    );
    until(&console, &pool, "select 1", |_| {
        std::fs::read_to_string(&heads).is_ok_and(|text| text.contains("\"head\""))
    })
    .await;
    drop(console);
    let sound = verify(&["--heads", heads.to_str().unwrap()]);
    assert!(
        sound.status.success() && said(&sound).contains("all are in the chain"),
        "{}",
        said(&sound)
    );
    let mut tx = pool.begin().await.unwrap();
    for sql in [
        "alter table audit_entry disable trigger all",
        "delete from audit_entry where seq = (select max(seq) from audit_entry)",
        "alter table audit_entry enable trigger all",
    ] {
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(verify(&[]).status.success(), "without a head a cut tail does not show");
    let cut = verify(&["--heads", heads.to_str().unwrap()]);
    assert!(!cut.status.success() && said(&cut).contains("cut off"), "{}", said(&cut));
}

/// The output of a server that cannot start.
fn serve_to_its_end(database: &str, aws: &Simulator) -> String {
    let console = Console::start("two-roles-refused", database, aws, &[]);
    let began = std::time::Instant::now();
    // The whole line: it may be read while it is written.
    while !console.log().split_once("claviger: ").is_some_and(|(_, why)| why.contains('\n')) {
        assert!(began.elapsed().as_secs() < 60, "it did not end: {}", console.log());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    console.log()
}

/// Like a browser, with these cookies.
async fn signs_in(console: &Console, idp: &TestIdp) {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let http =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let cookies = |answer: &reqwest::Response| -> String {
        let all = answer.headers().get_all(header::SET_COOKIE).iter();
        let pairs = all.filter_map(|c| c.to_str().ok()?.split(';').next().map(ToOwned::to_owned));
        pairs.collect::<Vec<_>>().join("; ")
    };
    let login = http.get(format!("{}/auth/login", console.url)).send().await.unwrap();
    assert_eq!(login.status(), StatusCode::SEE_OTHER, "{}", console.log());
    let away = url::Url::parse(login.headers()[header::LOCATION].to_str().unwrap()).unwrap();
    let asked: std::collections::HashMap<_, _> = away.query_pairs().into_owned().collect();
    let mut token = Token::good(&idp.issuer, &asked["nonce"], SystemClock.now().unix_timestamp());
    token.set_groups(&["admins"]);
    idp.expect(token, &asked["code_challenge"]);
    let back = http
        .get(format!("{}/auth/callback?code=good&state={}", console.url, asked["state"]))
        .header(header::COOKIE, cookies(&login))
        .send()
        .await
        .unwrap();
    assert_eq!(back.status(), StatusCode::SEE_OTHER, "{}", console.log());
    let session = cookies(&back);
    for page in ["/inventory", "/findings", "/accounts", "/audit", "/policies"] {
        let answer = http
            .get(format!("{}{page}", console.url))
            .header(header::COOKIE, &session)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{page}: {}", console.log());
    }
}
