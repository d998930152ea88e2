//! Deciding: steps and quorum, one's own request, a second identity, a changed hash, too late.

use crate::world::{KAFKA, LEDGER, World, ada, ben, person, problem, tomas, wish};
use claviger_domain::{
    access::{Caller, Person},
    grant::{
        Decision, StateWord, Verdict,
        view::{GrantRow, InboxRow},
    },
    problem::ProblemCode,
    waits::Waits,
};
use claviger_services::access::RequestInput;
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn steps_follow_each_other_and_each_needs_its_own_people(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    let of = grant.to_string();
    assert!(world.services.queue(&ada()).await.unwrap().rows.is_empty(), "not her step yet");
    let decision = world.decision(grant, Verdict::Approve).await;
    let early = world.services.decide(&ada(), &of, decision.clone()).await;
    assert!(problem(early).message.contains("no approver of this step"));
    assert_eq!(world.services.queue(&tomas()).await.unwrap().rows.len(), 1);
    world.approve(&tomas(), grant).await;
    assert!(world.services.queue(&tomas()).await.unwrap().rows.is_empty());
    let twice = world.services.decide(&tomas(), &of, decision).await;
    assert!(problem(twice).message.contains("decided on this request already"));
    assert_eq!(world.services.queue(&ada()).await.unwrap().rows.len(), 1);
    world.approve(&ada(), grant).await;
    assert_eq!(world.word(grant).await, StateWord::Claimable);
    let late = person("otto", &["admins"]);
    let decision = world.decision(grant, Verdict::Deny).await;
    let late = problem(world.services.decide(&late, &of, decision).await);
    assert!(
        late.code == ProblemCode::Conflict && late.message.contains("claimed first"),
        "{late:?}"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_approves_their_own_request_nor_by_a_second_identity(pool: PgPool) {
    let world = World::new(pool).await;
    // He is an approver as well.
    let both = person("ben", &["payments", "approvers", "admins"]);
    let id = world.id(LEDGER).await;
    let grant = world.ask(&both, wish(&[id])).await.grants[0];
    assert!(world.services.queue(&both).await.unwrap().rows.is_empty());
    let decision = world.decision(grant, Verdict::Approve).await;
    let own = world.services.decide(&both, &grant.to_string(), decision.clone()).await;
    assert!(problem(own).message.contains("Nobody approves their own request"));
    let mut second = person("ben-of-the-other-provider", &["approvers"]);
    second.person = Person { email: Some("BEN@example.com".into()), ..second.person };
    let second = world.services.decide(&second, &grant.to_string(), decision).await;
    assert!(problem(second).message.contains("Nobody approves their own request"));
    assert_eq!(world.word(grant).await, StateWord::Requested);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_quorum_of_two_wants_two_people(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.id("ml/openai").await;
    let input = RequestInput { minutes: 60, ..wish(&[id]) };
    let grant = world.ask(&ada(), input).await.grants[0];
    world.approve(&ben(), grant).await;
    assert_eq!(world.word(grant).await, StateWord::Requested);
    // The same person under another subject is still the same person.
    let mut second = person("ben2", &["payments"]);
    second.person.email = Some("ben@example.com".into());
    let decision = world.decision(grant, Verdict::Approve).await;
    let twice = world.services.decide(&second, &grant.to_string(), decision).await;
    assert!(problem(twice).message.contains("decided on this request already"));
    world.approve(&person("otto", &["admins"]), grant).await;
    assert_eq!(world.word(grant).await, StateWord::Claimable);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_approval_signs_the_hash_of_what_was_read(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    let decision =
        Decision { hash: "0".repeat(64), ..world.decision(grant, Verdict::Approve).await };
    let changed = problem(world.services.decide(&tomas(), &grant.to_string(), decision).await);
    assert!(changed.message.contains("not the one that you saw"), "{changed:?}");
    assert_eq!(world.detail(&ben(), grant).await.row.approvals, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_approver_can_shorten_but_not_lengthen(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    let with = |minutes, hash: &Decision| Decision { minutes: Some(minutes), ..hash.clone() };
    let decision = world.decision(grant, Verdict::Approve).await;
    for minutes in [0, 31] {
        let refused =
            world.services.decide(&tomas(), &grant.to_string(), with(minutes, &decision)).await;
        assert!(problem(refused).message.contains("outside the rule"));
    }
    world.services.decide(&tomas(), &grant.to_string(), with(12, &decision)).await.unwrap();
    world.approve(&ada(), grant).await;
    assert_eq!(world.detail(&ben(), grant).await.row.minutes, 12);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_denial_needs_a_reason_and_ends_it(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    let decision = world.decision(grant, Verdict::Deny).await;
    let silent = Decision { reason: Some(" ".into()), ..decision.clone() };
    let refused = world.services.decide(&tomas(), &grant.to_string(), silent).await;
    assert!(problem(refused).message.contains("needs a reason"));
    world.services.decide(&tomas(), &grant.to_string(), decision).await.unwrap();
    assert_eq!(world.word(grant).await, StateWord::Denied);
    assert!(
        problem(world.services.claim(&ben(), &grant.to_string()).await).message.contains("denied")
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_nobody_decides_or_claims_expires(pool: PgPool) {
    let world = World::new(pool).await;
    let undecided = world.asked(LEDGER).await;
    let unclaimed = world.asked(LEDGER).await;
    world.approve(&tomas(), unclaimed).await;
    world.approve(&ada(), unclaimed).await;
    world.clock.advance(time::Duration::minutes(60));
    // Without any timer: time alone decides.
    let late = problem(world.services.claim(&ben(), &unclaimed.to_string()).await);
    assert!(late.message.contains("It expired"), "{late:?}");
    assert_eq!(world.word(undecided).await, StateWord::Requested);
    world.pass(180).await;
    assert_eq!(world.word(undecided).await, StateWord::Expired);
    let decision = world.decision(undecided, Verdict::Approve).await;
    let late = problem(world.services.decide(&tomas(), &undecided.to_string(), decision).await);
    assert!(late.message.contains("It expired"), "{late:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_scheduled_start_is_kept(pool: PgPool) {
    let world = World::new(pool).await;
    let id = world.id(LEDGER).await;
    let input = RequestInput { starts_at: "2026-11-24T14:00".into(), ..wish(&[id]) };
    let grant = world.ask(&ben(), input).await.grants[0];
    world.approve(&tomas(), grant).await;
    world.approve(&ada(), grant).await;
    assert_eq!(world.word(grant).await, StateWord::Approved);
    let early = problem(world.services.claim(&ben(), &grant.to_string()).await);
    assert!(early.message.contains("start still lies ahead"), "{early:?}");
    world.pass(120).await;
    world.services.claim(&ben(), &grant.to_string()).await.unwrap();
    assert_eq!(world.word(grant).await, StateWord::Active);
}

#[sqlx::test(migrations = "../../migrations")]
async fn eligibility_lost_since_the_approval_is_seen_at_the_claim(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    world.approve(&tomas(), grant).await;
    world.approve(&ada(), grant).await;
    // He has left the team.
    let elsewhere = person("ben", &["admins-of-nothing"]);
    let refused = problem(world.services.claim(&elsewhere, &grant.to_string()).await);
    assert_eq!(refused.code, ProblemCode::Forbidden);
    assert_eq!(world.word(grant).await, StateWord::Failed);
    assert!(world.deeds().await.contains(&"claim done badly".to_owned()));
    assert!(world.services.claim(&ben(), &grant.to_string()).await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_secret_that_is_gone_is_not_given(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    world.approve(&tomas(), grant).await;
    world.approve(&ada(), grant).await;
    sqlx::query("update resource set gone_at = now() where name = $1")
        .bind(LEDGER)
        .execute(&world.pool)
        .await
        .unwrap();
    assert!(world.services.claim(&ben(), &grant.to_string()).await.is_err());
    let detail = world.detail(&ben(), grant).await;
    assert!(format!("{:?}", detail.row.state).contains("gone from AWS"), "{:?}", detail.row.state);
    let id = world.id(LEDGER).await;
    let again = problem(world.services.request_access(&ben(), wish(&[id])).await);
    assert!(again.message.contains("gone from AWS"), "{again:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_can_decide_is_named_step_by_step(pool: PgPool) {
    let world = World::new(pool).await;
    let grant = world.asked(LEDGER).await;
    let deciders = async || world.detail(&ben(), grant).await.deciders;
    assert_eq!(deciders().await, ["TOMAS"], "never the requester, and only the step that waits");
    world.approve(&tomas(), grant).await;
    assert_eq!(deciders().await, ["ADA"]);
    world.approve(&ada(), grant).await;
    assert!(deciders().await.is_empty(), "nothing waits");
    let id = world.id(LEDGER).await;
    let glass =
        RequestInput { break_glass: true, minutes: 15, ticket: "INC-9".into(), ..wish(&[id]) };
    let glass = world.ask(&ben(), glass).await.grants[0];
    assert_eq!(world.detail(&ben(), glass).await.deciders, ["ADA", "TOMAS"], "its review");
}

/// Lists name who can act, as the page of each grant does.
#[sqlx::test(migrations = "../../migrations")]
async fn lists_name_who_can_act_on_what_waits(pool: PgPool) {
    let world = World::new(pool).await;
    let approval =
        |names: &[&str]| Some(Waits::Approval(names.iter().map(ToString::to_string).collect()));
    let first = world.asked(LEDGER).await;
    let second = world.asked(KAFKA).await;
    world.approve(&tomas(), second).await;
    let mine = async || world.services.my_access(&ben(), None).await.unwrap();
    let of = |rows: &[GrantRow], id| rows.iter().find(|row| row.id == id).unwrap().waits.clone();
    let waiting = mine().await.waiting;
    assert_eq!(of(&waiting, first), approval(&["TOMAS"]));
    assert_eq!(of(&waiting, second), approval(&["ADA"]), "the step that waits");
    let (approver, admin) = (tomas(), ada());
    let queue = world.services.queue(&approver).await.unwrap().rows;
    assert_eq!((queue.len(), of(&queue, first)), (1, approval(&["TOMAS"])));
    let queue = world.services.queue(&ada()).await.unwrap().rows;
    assert_eq!(of(&queue, second), approval(&["ADA"]));
    // The inbox says of what it told whether it still waits.
    let inbox = async |who: &Caller| world.services.inbox(who).await.unwrap().rows;
    let link = format!("/approvals/{first}");
    let told = |rows: Vec<InboxRow>, link: &str| {
        rows.into_iter().find(|row| row.link == link).unwrap().waits
    };
    assert_eq!(told(inbox(&approver).await, &link), approval(&["TOMAS"]));
    world.approve(&tomas(), first).await;
    world.approve(&ada(), first).await;
    assert_eq!(told(inbox(&approver).await, &link), None, "decided");
    world.services.claim(&ben(), &first.to_string()).await.unwrap();
    assert_eq!(of(&mine().await.live, first), None, "nothing waits");

    // A break-glass waits for its review, also when its time is over.
    let id = world.id(LEDGER).await;
    let glass =
        RequestInput { break_glass: true, minutes: 15, ticket: "INC-9".into(), ..wish(&[id]) };
    let glass = world.ask(&ben(), glass).await.grants[0];
    let review = Some(Waits::Review(vec!["ADA".into(), "TOMAS".into()]));
    assert_eq!(of(&mine().await.live, glass), review);
    assert_eq!(of(&world.services.reviews(&ada()).await.unwrap().rows, glass), review);
    assert_eq!(of(&world.services.live_access(&ada()).await.unwrap().rows, glass), review);
    assert_eq!(told(inbox(&admin).await, &format!("/access/{glass}")), review);
    world.services.give_back(&ben(), &glass.to_string()).await.unwrap();
    assert_eq!(of(&mine().await.past, glass), review);
    world.services.close_review(&tomas(), &glass.to_string(), "All well.").await.unwrap();
    assert_eq!(of(&mine().await.past, glass), None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_never_granted_is_not_counted_as_granted(pool: PgPool) {
    let world = World::new(pool).await;
    // Withdrawn, and revoked before anybody approved: asked for, not granted.
    let withdrawn = world.asked(LEDGER).await;
    world.services.give_back(&ben(), &withdrawn.to_string()).await.unwrap();
    let revoked = world.asked(LEDGER).await;
    world.services.revoke(&ada(), &revoked.to_string(), "Not now.").await.unwrap();
    let latest = world.asked(LEDGER).await;
    assert_eq!(world.detail(&ada(), latest).await.earlier, (2, 0));
    // Used, then given back: granted.
    let used = world.live(LEDGER).await;
    world.services.give_back(&ben(), &used.to_string()).await.unwrap();
    assert_eq!(world.detail(&ada(), latest).await.earlier, (3, 1));
    // Where no session was, none is said to be ended.
    let bodies: Vec<(String,)> =
        sqlx::query_as("select body from notice where kind = 'revoked' order by id")
            .fetch_all(&world.pool)
            .await
            .unwrap();
    assert!(!bodies.is_empty());
    assert!(bodies.iter().all(|(body,)| !body.contains("sessions")), "{bodies:?}");
}
