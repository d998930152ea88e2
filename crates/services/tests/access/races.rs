//! Two at once: approvers, clicks, claims, the clock, revocation against issue, two replicas.

use crate::world::{CEDAR, LEDGER, RULES, World, ada, ben, person, tomas, wish};
use claviger_domain::grant::{StateWord, Verdict};
use claviger_services::access::{RequestInput, SessionPurpose};
use sqlx::PgPool;
use time::Duration;

async fn count(world: &World, sql: &'static str) -> i64 {
    let (count,): (i64,) = sqlx::query_as(sql).fetch_one(&world.pool).await.unwrap();
    count
}

#[sqlx::test(migrations = "../../migrations")]
async fn two_approvers_and_two_clicks_decide_once(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let other = World::over(pool, world.aws.clone(), world.clock.clone(), CEDAR, RULES).await;
    for _ in 0..10 {
        let grant = world.asked(LEDGER).await;
        let decision = world.decision(grant, Verdict::Approve).await;
        let (first, second) = (tomas(), person("tina", &["approvers"]));
        let of = grant.to_string();
        let (a, b, c) = tokio::join!(
            world.services.decide(&first, &of, decision.clone()),
            world.services.decide(&first, &of, decision.clone()),
            other.services.decide(&second, &of, decision.clone()),
        );
        let decided = [a.is_ok(), b.is_ok(), c.is_ok()].iter().filter(|ok| **ok).count();
        assert_eq!(decided, 1, "one step, one decision");
        assert_eq!(world.detail(&ada(), grant).await.row.approvals, 1);
    }
    assert_eq!(count(&world, "select count(*) from audit_entry where deed = 'approve'").await, 10);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_double_claim_begins_one_window(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let other = World::over(pool, world.aws.clone(), world.clock.clone(), CEDAR, RULES).await;
    let grant = world.asked(LEDGER).await;
    world.approve(&tomas(), grant).await;
    world.approve(&ada(), grant).await;
    let (by, of) = (ben(), grant.to_string());
    let (a, b) = tokio::join!(world.services.claim(&by, &of), other.services.claim(&by, &of));
    assert!(a.is_ok() != b.is_ok());
    assert_eq!(count(&world, "select count(*) from audit_entry where deed = 'claim'").await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_approval_in_the_moment_of_expiry_is_one_or_the_other(pool: PgPool) {
    let world = World::new(pool).await;
    for _ in 0..10 {
        let grant = world.asked(LEDGER).await;
        let decision = world.decision(grant, Verdict::Approve).await;
        world.clock.advance(Duration::minutes(240));
        let (by, of) = (tomas(), grant.to_string());
        let (decided, timed) = tokio::join!(
            world.services.decide(&by, &of, decision),
            world.services.keep_access_time()
        );
        timed.unwrap();
        assert!(decided.is_err());
        assert_eq!(world.word(grant).await, StateWord::Expired);
    }
    assert_eq!(count(&world, "select count(*) from audit_entry where deed = 'expire'").await, 10);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_session_that_aws_gives_after_the_revocation_is_not_handed_over(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.live(LEDGER).await;
    let gate = world.aws.access.hold_issues();
    let (services, of) = (world.services.clone(), grant.to_string());
    let issue = tokio::spawn({
        let of = of.clone();
        async move { services.issue_credentials(&ben(), &of, None, SessionPurpose::Client).await }
    });
    while !world.deeds().await.contains(&"issue-session started".to_owned()) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    world.services.revoke(&ada(), &of, "In that very moment.").await.unwrap();
    gate.add_permits(1);
    let given = issue.await.unwrap();
    assert!(given.unwrap_err().into_problem().message.contains("It was revoked"));
    world.work().await;
    let denial = world.detail(&ben(), grant).await.denial.unwrap();
    assert!(denial.confirmed_at.is_some(), "what AWS gave is denied all the same");
    assert_eq!(world.detail(&ben(), grant).await.sessions, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn many_at_once_lengthen_one_chain(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.id("ml/openai").await;
    let caller = ada();
    let ask = || world.ask(&caller, RequestInput { minutes: 5, ..wish(&[id]) });
    tokio::join!(ask(), ask(), ask(), ask(), ask(), ask(), ask(), ask());
    let report = claviger_store::Store::over(world.pool.clone()).verify_chain().await.unwrap();
    assert_eq!((report.entries, report.fault), (16, None));
}

#[sqlx::test(migrations = "../../migrations")]
async fn both_replicas_timers_tell_once(pool: PgPool) {
    let world = World::new(pool.clone()).await;
    let other = World::over(pool, world.aws.clone(), world.clock.clone(), CEDAR, RULES).await;
    let grant = world.live(LEDGER).await;
    world.clock.advance(Duration::minutes(26));
    let (a, b) = tokio::join!(world.services.keep_access_time(), other.services.keep_access_time());
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&world, "select count(*) from notice where kind = 'ends-soon'").await, 1);
    world.clock.advance(Duration::minutes(4));
    let (a, b) = tokio::join!(world.services.keep_access_time(), other.services.keep_access_time());
    a.unwrap();
    b.unwrap();
    assert_eq!(count(&world, "select count(*) from notice where kind = 'ended'").await, 1);
    assert_eq!(world.word(grant).await, StateWord::Ended);
}
