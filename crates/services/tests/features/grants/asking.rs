//! Asking: what is offered, what is refused, what is made.

use super::fixture::{Fixture, LEDGER, US, access_request, ada, ben, person, problem, tomas};
use claviger_domain::{
    grants::{Action, GrantStateName},
    problem::ProblemCode,
    scan::ScanTrigger,
};
use claviger_services::grants::RequestInput;
use claviger_testkit::samples::{PAYMENTS, parameter};
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn the_form_shows_at_once_what_can_be_had(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let ids = [fixture.id(LEDGER).await.to_string(), fixture.id("/checkout/jwt").await.to_string()];
    let form =
        fixture.services.requests().request_form(&ben(), &ids[..1], "read", None).await.unwrap();
    let terms = form.offers[0].terms.clone().unwrap();
    assert_eq!((terms.rule.as_str(), terms.longest_minutes), ("Production", 120));
    assert_eq!(terms.approvers, "1 of an approver of the account's OU, then 1 of a security admin");
    assert_eq!(terms.people, ["TOMAS"]);
    assert_eq!((form.longest_minutes, form.break_glass_minutes), (120, Some(15)));

    let both = fixture.services.requests().request_form(&ben(), &ids, "read", None).await.unwrap();
    assert_eq!(both.longest_minutes, 0, "one of them is not to be had");
    let refused = both.offers.iter().find_map(|offer| offer.terms.as_ref().err()).unwrap();
    assert!(refused.contains("No policy allows you to request /checkout/jwt"), "{refused}");

    let write =
        fixture.services.requests().request_form(&ben(), &ids[..1], "write", None).await.unwrap();
    assert_eq!((write.action, write.ticket.as_deref()), (Action::Write, Some("PAY-[0-9]+")));
    assert_eq!(write.break_glass_minutes, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn bad_input_is_refused_and_nothing_is_made(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let cases: Vec<(&str, RequestInput, ProblemCode)> = vec![
        (
            "outside the allowed duration",
            RequestInput { minutes: 121, ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "outside the allowed duration",
            RequestInput { minutes: 0, ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "purpose",
            RequestInput { purpose: "  ".into(), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "purpose",
            RequestInput { purpose: "x".repeat(1001), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "in the past",
            RequestInput { starts_at: "2026-11-24T11:00".into(), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "in the past",
            RequestInput { starts_at: "tomorrow".into(), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "in the past",
            RequestInput { starts_at: "2027-11-24T11:00".into(), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "choice is not valid",
            RequestInput { action: "peek".into(), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "requires a ticket",
            RequestInput { action: "write".into(), ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "requires a ticket",
            RequestInput {
                action: "write".into(),
                ticket: "PAY-x".into(),
                ..access_request(&[id])
            },
            ProblemCode::InvalidInput,
        ),
        ("No secret selected", access_request(&[]), ProblemCode::InvalidInput),
        (
            "outside your scope: secret",
            RequestInput { resources: vec!["nonsense".into()], ..access_request(&[]) },
            ProblemCode::NotFound,
        ),
        (
            "No policy allows you",
            access_request(&[fixture.id("/checkout/jwt").await]),
            ProblemCode::Forbidden,
        ),
        (
            "Break-glass access is not available",
            RequestInput {
                break_glass: true,
                action: "write".into(),
                ticket: "PAY-1".into(),
                ..access_request(&[id])
            },
            ProblemCode::Forbidden,
        ),
        (
            "outside the allowed duration",
            RequestInput { break_glass: true, minutes: 16, ..access_request(&[id]) },
            ProblemCode::InvalidInput,
        ),
        (
            "outside your scope: grant",
            RequestInput { extends: "G-77".into(), ..access_request(&[id]) },
            ProblemCode::NotFound,
        ),
    ];
    for (says, input, code) in cases {
        let problem =
            problem(fixture.services.requests().request_access(&ben(), input.clone()).await);
        assert!(problem.message.contains(says) && problem.code == code, "{input:?}: {problem:?}");
    }
    let (requests, entries): (i64, i64) = sqlx::query_as(
        "select (select count(*) from access_request), (select count(*) from audit_entry)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert_eq!((requests, entries), (0, 0));
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_not_ask_is_refused_first(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    for caller in [person("noa", &[]), person("ines", &["audit"])] {
        let problem = problem(
            fixture.services.requests().request_access(&caller, access_request(&[id])).await,
        );
        assert_eq!(problem.code, ProblemCode::Forbidden, "{problem:?}");
    }
    // An approver may ask, but only for what a policy names.
    let problem =
        problem(fixture.services.requests().request_access(&tomas(), access_request(&[id])).await);
    assert!(problem.message.contains("No policy allows you"), "{problem:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn no_rule_means_no(pool: PgPool) {
    let fixture = Fixture::with(pool, super::fixture::CEDAR, "").await;
    let id = fixture.id(LEDGER).await;
    let problem =
        problem(fixture.services.requests().request_access(&ben(), access_request(&[id])).await);
    assert!(problem.message.contains("No approval rule covers payments/ledger"), "{problem:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn secrets_of_several_accounts_are_one_request_with_a_decision_each(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let ids = [
        fixture.id(LEDGER).await,
        fixture.id(super::fixture::KAFKA).await,
        fixture.id("payments/in-checkout").await,
    ];
    let made = fixture.ask(&ben(), access_request(&ids)).await;
    assert_eq!(made.grants.len(), 2, "one an account");
    let [first, second] = [
        fixture.detail(&ben(), made.grants[0]).await,
        fixture.detail(&ben(), made.grants[1]).await,
    ];
    assert_eq!(first.row.request, second.row.request);
    assert_eq!(first.hash, second.hash, "an approval signs the whole request");
    assert_eq!(first.resources.len() + second.resources.len(), 3);
    fixture.approve(&tomas(), made.grants[0]).await;
    assert_eq!(fixture.detail(&ben(), made.grants[1]).await.row.approvals, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_short_window_can_be_approved_by_the_rule_itself(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id("ml/openai").await;
    let ask = |minutes| RequestInput { minutes, ..access_request(&[id]) };
    let short = fixture.ask(&ada(), ask(10)).await.grants[0];
    assert_eq!(fixture.word(short).await, GrantStateName::Claimable);
    let long = fixture.ask(&ada(), ask(11)).await.grants[0];
    assert_eq!(fixture.word(long).await, GrantStateName::Requested);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_is_there_for_nobody_but_those_it_concerns(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await.to_string();
    for caller in [person("noa", &[]), person("mira", &["payments"])] {
        let detail = fixture.services.grants().grant_detail(&caller, &grant).await;
        assert_eq!(problem(detail).code, ProblemCode::NotFound);
        let claim = fixture.services.grant_lifecycle().claim(&caller, &grant).await;
        assert_eq!(problem(claim).code, ProblemCode::NotFound);
    }
    for caller in [ben(), tomas(), ada(), person("ines", &["audit"])] {
        assert!(fixture.services.grants().grant_detail(&caller, &grant).await.is_ok());
    }
    for bad in ["G-999", "12", "G-", "'; drop table"] {
        assert_eq!(
            problem(fixture.services.grants().grant_detail(&ada(), bad).await).code,
            ProblemCode::NotFound
        );
    }
}

/// A parameter of 920 characters under a key of its own: no session policy fits.
fn too_long() -> claviger_domain::facts::ResourceFacts {
    let name = format!("/payments/{}", "x".repeat(910));
    let mut facts = parameter(PAYMENTS, US, &name);
    facts.kms_key_id = Some("5d0c0000-0000-0000-0000-000000000001".into());
    facts.tags = Some([("owner".to_owned(), "payments".to_owned())].into());
    facts
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_no_session_can_hold_is_not_offered(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let facts = too_long();
    fixture.aws.put(facts.clone());
    fixture.clock.advance(time::Duration::days(400));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    fixture.work().await;
    let id = fixture.id(&facts.name).await;
    for action in ["read", "write"] {
        let form = fixture
            .services
            .requests()
            .request_form(&ben(), &[id.to_string()], action, None)
            .await
            .unwrap();
        let reason = form.offers[0].terms.clone().unwrap_err();
        assert!(reason.contains("does not fit") && reason.contains("2,048"), "{reason}");
        let input =
            RequestInput { action: action.into(), ticket: "PAY-1".into(), ..access_request(&[id]) };
        let refused = fixture.services.requests().request_access(&ben(), input).await;
        let refused = problem(refused);
        assert_eq!(refused.code, ProblemCode::InvalidInput);
        assert!(refused.to_string().contains("does not fit"), "{refused}");
    }
    // Together with one that fits, nothing is made.
    let both = access_request(&[id, fixture.id(LEDGER).await]);
    assert!(fixture.services.requests().request_access(&ben(), both).await.is_err());
}
