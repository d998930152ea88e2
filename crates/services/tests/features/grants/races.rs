//! Two at once: approvers, clicks, claims, the clock, revocation against issue, two replicas.

use super::fixture::{CEDAR, Fixture, LEDGER, RULES, access_request, ada, ben, person, tomas};
use claviger_domain::grants::{GrantStateName, Vote};
use claviger_services::grants::{RequestInput, SessionPurpose};
use sqlx::PgPool;
use time::Duration;

async fn count(fixture: &Fixture, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&fixture.pool).await.unwrap();
    count
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_approvers_and_two_clicks_decide_once(pool: PgPool) {
    let fixture = Fixture::new(pool.clone()).await;
    let other = Fixture::over(pool, fixture.aws.clone(), fixture.clock.clone(), CEDAR, RULES).await;
    for _ in 0..10 {
        let grant = fixture.asked(LEDGER).await;
        let decision = fixture.decision(grant, Vote::Approve).await;
        let (first, second) = (tomas(), person("tina", &["approvers"]));
        let of = grant.to_string();
        let (a, b, c) = tokio::join!(
            fixture.services.grant_lifecycle().decide(&first, &of, decision.clone()),
            fixture.services.grant_lifecycle().decide(&first, &of, decision.clone()),
            other.services.grant_lifecycle().decide(&second, &of, decision.clone()),
        );
        let decided = [a.is_ok(), b.is_ok(), c.is_ok()].iter().filter(|ok| **ok).count();
        assert_eq!(decided, 1, "one step, one decision");
        assert_eq!(fixture.detail(&ada(), grant).await.row.approvals, 1);
    }
    assert_eq!(
        count(&fixture, "select count(*) from audit_entry where deed = 'approve'").await,
        10
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_double_claim_begins_one_window(pool: PgPool) {
    let fixture = Fixture::new(pool.clone()).await;
    let other = Fixture::over(pool, fixture.aws.clone(), fixture.clock.clone(), CEDAR, RULES).await;
    let grant = fixture.asked(LEDGER).await;
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    let (by, of) = (ben(), grant.to_string());
    let (a, b) = tokio::join!(
        fixture.services.grant_lifecycle().claim(&by, &of),
        other.services.grant_lifecycle().claim(&by, &of)
    );
    assert!(a.is_ok() != b.is_ok());
    assert_eq!(count(&fixture, "select count(*) from audit_entry where deed = 'claim'").await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_approval_in_the_moment_of_expiry_is_one_or_the_other(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    for _ in 0..10 {
        let grant = fixture.asked(LEDGER).await;
        let decision = fixture.decision(grant, Vote::Approve).await;
        fixture.clock.advance(Duration::minutes(240));
        let (by, of) = (tomas(), grant.to_string());
        let (decided, timed) = tokio::join!(
            fixture.services.grant_lifecycle().decide(&by, &of, decision),
            fixture.services.grant_timer().update_grants()
        );
        timed.unwrap();
        assert!(decided.is_err());
        assert_eq!(fixture.word(grant).await, GrantStateName::Expired);
    }
    assert_eq!(count(&fixture, "select count(*) from audit_entry where deed = 'expire'").await, 10);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_that_aws_gives_after_the_revocation_is_not_handed_over(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    let gate = fixture.aws.access.hold_issues();
    let (services, of) = (fixture.services.clone(), grant.to_string());
    let issue = tokio::spawn({
        let of = of.clone();
        async move {
            services
                .grant_sessions()
                .issue_credentials(&ben(), &of, None, SessionPurpose::Client)
                .await
        }
    });
    while !fixture.audit_actions().await.contains(&"issue-session started".to_owned()) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    fixture.services.grant_lifecycle().revoke(&ada(), &of, "In that very moment.").await.unwrap();
    gate.add_permits(1);
    let given = issue.await.unwrap();
    assert!(given.unwrap_err().into_problem().message.contains("It was revoked"));
    fixture.work().await;
    let denial = fixture.detail(&ben(), grant).await.denial.unwrap();
    assert!(denial.confirmed_at.is_some(), "what AWS gave is denied all the same");
    assert_eq!(fixture.detail(&ben(), grant).await.sessions, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn many_at_once_lengthen_one_chain(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id("ml/openai").await;
    let caller = ada();
    let ask = || fixture.ask(&caller, RequestInput { minutes: 5, ..access_request(&[id]) });
    tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
    let report = claviger_store::Store::from_pool(fixture.pool.clone())
        .audit()
        .verify_chain()
        .await
        .unwrap();
    assert_eq!((report.entries, report.fault), (16, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn both_replicas_timers_tell_once(pool: PgPool) {
    let fixture = Fixture::new(pool.clone()).await;
    let other = Fixture::over(pool, fixture.aws.clone(), fixture.clock.clone(), CEDAR, RULES).await;
    let grant = fixture.live(LEDGER).await;
    fixture.clock.advance(Duration::minutes(26));
    let (a, b) = tokio::join!(
        fixture.services.grant_timer().update_grants(),
        other.services.grant_timer().update_grants()
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&fixture, "select count(*) from notice where kind = 'ends-soon'").await, 1);
    fixture.clock.advance(Duration::minutes(4));
    let (a, b) = tokio::join!(
        fixture.services.grant_timer().update_grants(),
        other.services.grant_timer().update_grants()
    );
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&fixture, "select count(*) from notice where kind = 'ended'").await, 1);
    assert_eq!(fixture.word(grant).await, GrantStateName::Ended);
}
