//! Using a grant: sessions, values, splits, STS refusals, the end of the window.

use super::fixture::{Fixture, KAFKA, LEDGER, US, access_request, ada, ben, problem, tomas};
use claviger_domain::{
    clock::Clock,
    facts::ResourceFacts,
    grants::{GrantStateName, view::Revealed},
    problem::ProblemCode,
    scan::{RegionScanFault, ScanTrigger},
};
use claviger_services::grants::{RequestInput, SessionPurpose};
use claviger_testkit::{
    fake_value,
    samples::{PAYMENTS, parameter, secret},
};
use sqlx::PgPool;
use std::collections::BTreeMap;
use time::{Duration, macros::datetime};

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_says_whose_it_is_and_can_do_exactly_that(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    let given = fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &grant.to_string(), None, SessionPurpose::Client)
        .await
        .unwrap();
    assert_eq!(given.session.expires_at, datetime!(2026-11-24 12:30 UTC));
    let order = fixture.aws.access.orders().remove(0);
    assert!(order.session_name.starts_with(&format!("{grant}-")), "{}", order.session_name);
    assert_eq!(order.source_identity, "ben@example.com");
    let tags: BTreeMap<String, String> = order.tags.into_iter().collect();
    assert_eq!(tags["claviger:grant"], grant.to_string());
    assert_eq!(tags["claviger:person"], "ben");
    assert_eq!(order.seconds, 1800);
    let policy: serde_json::Value = serde_json::from_str(&order.policy).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!(statement["Action"], "secretsmanager:GetSecretValue");
    assert_eq!(statement["Resource"], secret(PAYMENTS, US, LEDGER).arn.as_str());
    assert_eq!(statement["Condition"]["DateLessThan"]["aws:CurrentTime"], "2026-11-24T12:30:00Z");
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_window_shorter_than_aws_allows_is_closed_by_the_policy(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let grant =
        fixture.ask(&ben(), RequestInput { minutes: 5, ..access_request(&[id]) }).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.unwrap();
    let given = fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &grant.to_string(), None, SessionPurpose::Client)
        .await
        .unwrap();
    let order = fixture.aws.access.orders().remove(0);
    assert_eq!(order.seconds, 900);
    assert!(order.policy.contains("2026-11-24T12:05:00Z"));
    assert_eq!(given.session.expires_at, datetime!(2026-11-24 12:05 UTC), "renewed in time");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_longer_window_is_served_by_sessions_of_an_hour(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let grant =
        fixture.ask(&ben(), RequestInput { minutes: 120, ..access_request(&[id]) }).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.unwrap();
    for (minutes, seconds) in [(0, 3600), (70, 3000), (49, 900)] {
        fixture.clock.advance(Duration::minutes(minutes));
        let of = grant.to_string();
        fixture
            .services
            .grant_sessions()
            .issue_credentials(&ben(), &of, None, SessionPurpose::Client)
            .await
            .unwrap();
        assert_eq!(fixture.aws.access.orders().pop().unwrap().seconds, seconds);
    }
    fixture.clock.advance(Duration::minutes(1));
    let over = fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &grant.to_string(), None, SessionPurpose::Client)
        .await;
    assert!(problem(over).message.contains("It has expired"));
    assert_eq!(fixture.aws.access.orders().len(), 3, "AWS was not even asked");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_reveal_is_in_the_trail_before_it_happens_and_the_value_nowhere(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    let id = fixture.id(LEDGER).await.to_string();
    let shown =
        fixture.services.grant_sessions().reveal(&ben(), &grant.to_string(), &id).await.unwrap();
    let Revealed::Text(text) = shown else { panic!("text stays text") };
    assert_eq!(text.as_str(), fake_value(secret(PAYMENTS, US, LEDGER).arn.as_str()));
    let audit_actions = fixture.audit_actions().await;
    assert_eq!(
        audit_actions[audit_actions.len() - 4..],
        [
            "reveal started",
            "issue-session started",
            "issue-session completed well",
            "reveal completed well"
        ]
    );
    let value = fake_value(secret(PAYMENTS, US, LEDGER).arn.as_str());
    assert!(value.contains("CANARY"));
    let tables: Vec<(String,)> = sqlx::query_as(
        "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    assert!(tables.len() > 15);
    for (table,) in tables {
        let (found,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(format!(
            "select count(*) from {table} t where t::text like '%CANARY%'"
        )))
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
        assert_eq!(found, 0, "{table}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_allows_its_own_action_on_its_own_secrets_for_its_own_holder(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await.to_string();
    let (ledger, kafka) =
        (fixture.id(LEDGER).await.to_string(), fixture.id(KAFKA).await.to_string());
    let of = |p: claviger_domain::problem::Problem| (p.code, p.message);
    let other = of(problem(fixture.services.grant_sessions().reveal(&ben(), &grant, &kafka).await));
    assert!(other.0 == ProblemCode::Forbidden && other.1.contains("doesn't cover"), "{other:?}");
    let write = fixture
        .services
        .grant_sessions()
        .put_value(&ben(), &grant, &ledger, "x".to_owned().into())
        .await;
    assert!(problem(write).message.contains("doesn't allow this action"));
    let hers = of(problem(fixture.services.grant_sessions().reveal(&ada(), &grant, &ledger).await));
    assert!(hers.0 == ProblemCode::Forbidden && hers.1.contains("another person"), "{hers:?}");
    assert!(fixture.aws.access.orders().is_empty());
    assert!(
        fixture.audit_actions().await.iter().all(|audit_action| !audit_action.contains("reveal"))
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_new_value_is_written_under_a_write_grant(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let input =
        RequestInput { action: "write".into(), ticket: "PAY-7".into(), ..access_request(&[id]) };
    let grant = fixture.ask(&ben(), input).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.unwrap();
    let put = async |value: String| {
        let of = grant.to_string();
        fixture
            .services
            .grant_sessions()
            .put_value(&ben(), &of, &id.to_string(), value.into())
            .await
    };
    assert!(problem(put(String::new()).await).message.contains("empty or too large"));
    assert!(problem(put("x".repeat(65_537)).await).message.contains("empty or too large"));
    let version = put("new".into()).await.unwrap();
    assert!(!version.is_empty());
    let arn = secret(PAYMENTS, US, LEDGER).arn.to_string();
    assert_eq!(fixture.aws.access.puts(), [(arn.clone(), "new".to_owned())]);
    let bytes = async |bytes: Vec<u8>| {
        let of = grant.to_string();
        fixture
            .services
            .grant_sessions()
            .put_value(&ben(), &of, &id.to_string(), bytes.into())
            .await
    };
    assert!(problem(bytes(Vec::new()).await).message.contains("empty or too large"));
    assert!(problem(bytes(vec![0; 65_537]).await).message.contains("empty or too large"));
    bytes(vec![0, 0xff]).await.unwrap();
    assert_eq!(fixture.aws.access.binary_puts(), [(arn, vec![0, 0xff])]);
    assert!(fixture.aws.access.orders()[0].policy.contains("secretsmanager:PutSecretValue"));
    let audit_actions = fixture.audit_actions().await;
    assert!(
        audit_actions.contains(&"put-value started".into())
            && audit_actions.contains(&"put-value completed well".into())
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_too_large_for_one_session_is_split_and_never_widened(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let mut ids = Vec::new();
    for n in 0..30 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("payments/{n}/{}", "n".repeat(60))));
    }
    fixture.clock.advance(Duration::days(400));
    fixture
        .services
        .scans()
        .scan_if_due(claviger_domain::scan::ScanTrigger::Schedule)
        .await
        .unwrap();
    fixture.work().await;
    for caller in [ben(), tomas(), ada()] {
        fixture.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
    }
    for n in 0..30 {
        ids.push(fixture.id(&format!("payments/{n}/{}", "n".repeat(60))).await);
    }
    let grant = fixture.ask(&ben(), access_request(&ids)).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    let of = grant.to_string();
    fixture.services.grant_lifecycle().claim(&ben(), &of).await.unwrap();
    let shown = fixture.detail(&ben(), grant).await;
    assert!(shown.policies.len() > 1 && shown.policies.iter().all(|p| p.len() <= 2048));
    let all = fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &of, None, SessionPurpose::Client)
        .await;
    assert!(problem(all).message.contains("more than one AWS session can hold"));
    let name = ids[29].to_string();
    let issue = async || {
        let client = SessionPurpose::Client;
        fixture
            .services
            .grant_sessions()
            .issue_credentials(&ben(), &of, Some(&name), client)
            .await
            .unwrap()
    };
    let one = issue().await;
    assert!(one.resources.iter().any(|r| r.id == ids[29]) && one.resources.len() < 30);
    // AWS's packed limit is a measure of its own: what does not fit is split further.
    fixture.aws.access.pack_at_most(900);
    let packed = issue().await;
    assert!(packed.resources.iter().any(|r| r.id == ids[29]));
    assert!(packed.resources.len() < one.resources.len() || one.resources.len() == 1);
    assert!(fixture.aws.access.orders().pop().unwrap().policy.len() <= 900);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_sts_refusal_says_what_to_fix_and_hands_out_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    let id = fixture.id(LEDGER).await.to_string();
    let cases = [
        (
            RegionScanFault::RoleNotAssumable,
            "AccessDenied",
            "Deploy the role there",
            ProblemCode::Conflict,
        ),
        (
            RegionScanFault::Other,
            "RegionDisabledException",
            "STS is not activated",
            ProblemCode::Conflict,
        ),
        (RegionScanFault::Throttled, "Throttling", "did not answer", ProblemCode::Unavailable),
        (
            RegionScanFault::Other,
            "MalformedPolicyDocument",
            "fault of the console",
            ProblemCode::Conflict,
        ),
    ];
    for (fault, aws_code, says, code) in cases {
        fixture.aws.access.refuse(Some((fault, aws_code)));
        let problem = problem(
            fixture.services.grant_sessions().reveal(&ben(), &grant.to_string(), &id).await,
        );
        assert!(format!("{problem}").contains(says) && problem.code == code, "{problem:?}");
    }
    let audit_actions = fixture.audit_actions().await;
    assert_eq!(audit_actions.iter().filter(|d| *d == "issue-session completed badly").count(), 4);
    assert_eq!(fixture.detail(&ben(), grant).await.sessions, 0);
    fixture.aws.access.refuse(None);
    assert!(
        fixture.services.grant_sessions().reveal(&ben(), &grant.to_string(), &id).await.is_ok()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn overlapping_grants_live_side_by_side_and_end_each_alone(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let first = fixture.live(LEDGER).await;
    fixture.clock.advance(Duration::minutes(20));
    let shown = fixture.detail(&ben(), first).await;
    assert!(shown.may.extend && !shown.may.again);
    let id = fixture.id(LEDGER).await;
    let input = RequestInput { extends: first.to_string(), ..access_request(&[id]) };
    let second = fixture.ask(&ben(), input).await.grants[0];
    fixture.approve(&tomas(), second).await;
    fixture.approve(&ada(), second).await;
    fixture.services.grant_lifecycle().claim(&ben(), &second.to_string()).await.unwrap();
    assert_eq!(fixture.services.grants().my_access(&ben(), None).await.unwrap().live.len(), 2);
    fixture.pass(10).await;
    assert_eq!(
        (fixture.word(first).await, fixture.word(second).await),
        (GrantStateName::Ended, GrantStateName::Active)
    );
    // The holder alone requests the ended one again.
    assert!(fixture.detail(&ben(), first).await.may.again);
    assert!(!fixture.detail(&tomas(), first).await.may.again);
    assert!(!fixture.detail(&ben(), second).await.may.again);
    let id = id.to_string();
    assert!(
        fixture.services.grant_sessions().reveal(&ben(), &first.to_string(), &id).await.is_err()
    );
    assert!(
        fixture.services.grant_sessions().reveal(&ben(), &second.to_string(), &id).await.is_ok()
    );
    // An extension asks for no more than its grant covers.
    let kafka = fixture.id(KAFKA).await;
    let more = RequestInput { extends: second.to_string(), ..access_request(&[kafka]) };
    assert!(
        problem(fixture.services.requests().request_access(&ben(), more).await)
            .message
            .contains("doesn't cover")
    );
}

/// A grant that fitted when it was given, and does not any more: it is shown with the reason, and stops nothing else.
#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_that_cannot_be_used_stops_no_other(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let mut facts = parameter(PAYMENTS, US, &format!("/payments/{}", "x".repeat(800)));
    facts.tags = Some([("owner".to_owned(), "payments".to_owned())].into());
    let sweep = async |facts: &ResourceFacts| {
        fixture.aws.put(facts.clone());
        fixture.clock.advance(Duration::days(400));
        fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
        fixture.work().await;
    };
    sweep(&facts).await;
    let id = fixture.id(&facts.name).await;
    // Both requests at once, then the key changes.
    let bad = fixture.ask(&ben(), access_request(&[id])).await.grants[0];
    for approver in [tomas(), ada()] {
        fixture.approve(&approver, bad).await;
    }
    fixture.services.grant_lifecycle().claim(&ben(), &bad.to_string()).await.unwrap();
    let good = fixture.live(LEDGER).await;
    let until = fixture.clock.now();
    facts.kms_key_id = Some("5d0c0000-0000-0000-0000-000000000001".into());
    let store = claviger_store::Store::from_pool(fixture.pool.clone());
    let account = PAYMENTS.parse().unwrap();
    store
        .facts()
        .write_facts(&account, &claviger_testkit::samples::region(US), &[facts], until)
        .await
        .unwrap();

    let page = fixture.detail(&ben(), bad).await;
    assert_eq!(page.policies, Vec::<String>::new());
    assert!(page.policy_problem.unwrap().contains("does not fit"));
    let mine = fixture.services.grants().my_access(&ben(), None).await.unwrap();
    assert_eq!(mine.live.len(), 2);
    let refused = fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &bad.to_string(), None, SessionPurpose::Client)
        .await;
    assert!(problem(refused).to_string().contains("does not fit"));
    let page = fixture.detail(&ben(), good).await;
    assert_eq!((page.policies.len(), page.policy_problem), (1, None));
    fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &good.to_string(), None, SessionPurpose::Client)
        .await
        .unwrap();
}
