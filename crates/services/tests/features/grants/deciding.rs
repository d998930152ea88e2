//! Deciding: steps and quorum, one's own request, a second identity, a changed hash, too late.

use super::fixture::{Fixture, KAFKA, LEDGER, access_request, ada, ben, person, problem, tomas};
use claviger_domain::{
    authz::{Caller, Person},
    grants::{
        Decision, GrantStateName, Vote,
        view::{GrantRow, InboxRow},
    },
    problem::ProblemCode,
    waits::Waits,
};
use claviger_services::grants::RequestInput;
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn steps_follow_each_other_and_each_needs_its_own_people(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    let of = grant.to_string();
    assert!(
        fixture.services.grants().queue(&ada()).await.unwrap().rows.is_empty(),
        "not her step yet"
    );
    let decision = fixture.decision(grant, Vote::Approve).await;
    let early = fixture.services.grant_lifecycle().decide(&ada(), &of, decision.clone()).await;
    assert!(problem(early).message.contains("not an approver of this step"));
    assert_eq!(fixture.services.grants().queue(&tomas()).await.unwrap().rows.len(), 1);
    fixture.approve(&tomas(), grant).await;
    assert!(fixture.services.grants().queue(&tomas()).await.unwrap().rows.is_empty());
    let twice = fixture.services.grant_lifecycle().decide(&tomas(), &of, decision).await;
    assert!(problem(twice).message.contains("already decided on this request"));
    assert_eq!(fixture.services.grants().queue(&ada()).await.unwrap().rows.len(), 1);
    fixture.approve(&ada(), grant).await;
    assert_eq!(fixture.word(grant).await, GrantStateName::Claimable);
    let late = person("otto", &["admins"]);
    let decision = fixture.decision(grant, Vote::Deny).await;
    let late = problem(fixture.services.grant_lifecycle().decide(&late, &of, decision).await);
    assert!(
        late.code == ProblemCode::Conflict && late.message.contains("Start access first"),
        "{late:?}"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_approves_their_own_request_nor_by_a_second_identity(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    // He is an approver as well.
    let both = person("ben", &["payments", "approvers", "admins"]);
    let id = fixture.id(LEDGER).await;
    let grant = fixture.ask(&both, access_request(&[id])).await.grants[0];
    assert!(fixture.services.grants().queue(&both).await.unwrap().rows.is_empty());
    let decision = fixture.decision(grant, Vote::Approve).await;
    let own = fixture
        .services
        .grant_lifecycle()
        .decide(&both, &grant.to_string(), decision.clone())
        .await;
    assert!(problem(own).message.contains("can't approve your own request"));
    let mut second = person("ben-of-the-other-provider", &["approvers"]);
    second.person = Person { email: Some("BEN@example.com".into()), ..second.person };
    let second =
        fixture.services.grant_lifecycle().decide(&second, &grant.to_string(), decision).await;
    assert!(problem(second).message.contains("can't approve your own request"));
    assert_eq!(fixture.word(grant).await, GrantStateName::Requested);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_quorum_of_two_wants_two_people(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id("ml/openai").await;
    let input = RequestInput { minutes: 60, ..access_request(&[id]) };
    let grant = fixture.ask(&ada(), input).await.grants[0];
    fixture.approve(&ben(), grant).await;
    assert_eq!(fixture.word(grant).await, GrantStateName::Requested);
    // The same person under another subject is still the same person.
    let mut second = person("ben2", &["payments"]);
    second.person.email = Some("ben@example.com".into());
    let decision = fixture.decision(grant, Vote::Approve).await;
    let twice =
        fixture.services.grant_lifecycle().decide(&second, &grant.to_string(), decision).await;
    assert!(problem(twice).message.contains("already decided on this request"));
    fixture.approve(&person("otto", &["admins"]), grant).await;
    assert_eq!(fixture.word(grant).await, GrantStateName::Claimable);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_approval_signs_the_hash_of_what_was_read(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    let decision =
        Decision { hash: "0".repeat(64), ..fixture.decision(grant, Vote::Approve).await };
    let changed = problem(
        fixture.services.grant_lifecycle().decide(&tomas(), &grant.to_string(), decision).await,
    );
    assert!(changed.message.contains("changed since you opened it"), "{changed:?}");
    assert_eq!(fixture.detail(&ben(), grant).await.row.approvals, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_approver_can_shorten_but_not_lengthen(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    let with = |minutes, hash: &Decision| Decision { minutes: Some(minutes), ..hash.clone() };
    let decision = fixture.decision(grant, Vote::Approve).await;
    for minutes in [0, 31] {
        let refused = fixture
            .services
            .grant_lifecycle()
            .decide(&tomas(), &grant.to_string(), with(minutes, &decision))
            .await;
        assert!(problem(refused).message.contains("outside the allowed duration"));
    }
    fixture
        .services
        .grant_lifecycle()
        .decide(&tomas(), &grant.to_string(), with(12, &decision))
        .await
        .unwrap();
    fixture.approve(&ada(), grant).await;
    assert_eq!(fixture.detail(&ben(), grant).await.row.minutes, 12);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_denial_needs_a_reason_and_ends_it(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    let decision = fixture.decision(grant, Vote::Deny).await;
    let silent = Decision { reason: Some(" ".into()), ..decision.clone() };
    let refused =
        fixture.services.grant_lifecycle().decide(&tomas(), &grant.to_string(), silent).await;
    assert!(problem(refused).message.contains("Enter a reason"));
    fixture
        .services
        .grant_lifecycle()
        .decide(&tomas(), &grant.to_string(), decision)
        .await
        .unwrap();
    assert_eq!(fixture.word(grant).await, GrantStateName::Denied);
    assert!(
        problem(fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await)
            .message
            .contains("denied")
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_nobody_decides_or_claims_expires(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let undecided = fixture.asked(LEDGER).await;
    let unclaimed = fixture.asked(LEDGER).await;
    fixture.approve(&tomas(), unclaimed).await;
    fixture.approve(&ada(), unclaimed).await;
    fixture.clock.advance(time::Duration::minutes(60));
    // Without any timer: time alone decides.
    let late =
        problem(fixture.services.grant_lifecycle().claim(&ben(), &unclaimed.to_string()).await);
    assert!(late.message.contains("It expired"), "{late:?}");
    assert_eq!(fixture.word(undecided).await, GrantStateName::Requested);
    fixture.pass(180).await;
    assert_eq!(fixture.word(undecided).await, GrantStateName::Expired);
    let decision = fixture.decision(undecided, Vote::Approve).await;
    let late = problem(
        fixture.services.grant_lifecycle().decide(&tomas(), &undecided.to_string(), decision).await,
    );
    assert!(late.message.contains("It expired"), "{late:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_scheduled_start_is_kept(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let input = RequestInput { starts_at: "2026-11-24T14:00".into(), ..access_request(&[id]) };
    let grant = fixture.ask(&ben(), input).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    assert_eq!(fixture.word(grant).await, GrantStateName::Approved);
    let early = problem(fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await);
    assert!(early.message.contains("starts later"), "{early:?}");
    fixture.pass(120).await;
    fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.unwrap();
    assert_eq!(fixture.word(grant).await, GrantStateName::Active);
}

#[sqlx::test(migrations = "../../migrations")]
async fn eligibility_lost_since_the_approval_is_seen_at_the_claim(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    // He has left the team.
    let elsewhere = person("ben", &["admins-of-nothing"]);
    let refused =
        problem(fixture.services.grant_lifecycle().claim(&elsewhere, &grant.to_string()).await);
    assert_eq!(refused.code, ProblemCode::Forbidden);
    assert_eq!(fixture.word(grant).await, GrantStateName::Failed);
    assert!(fixture.audit_actions().await.contains(&"claim done badly".to_owned()));
    assert!(fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_secret_that_is_gone_is_not_given(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    sqlx::query("update resource set gone_at = now() where name = $1")
        .bind(LEDGER)
        .execute(&fixture.pool)
        .await
        .unwrap();
    assert!(fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.is_err());
    let detail = fixture.detail(&ben(), grant).await;
    assert!(
        format!("{:?}", detail.row.state).contains("deleted from AWS"),
        "{:?}",
        detail.row.state
    );
    let id = fixture.id(LEDGER).await;
    let again =
        problem(fixture.services.requests().request_access(&ben(), access_request(&[id])).await);
    assert!(again.message.contains("deleted from AWS"), "{again:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_can_decide_is_named_step_by_step(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    let approvers = async || fixture.detail(&ben(), grant).await.approvers;
    assert_eq!(approvers().await, ["TOMAS"], "never the requester, and only the step that waits");
    fixture.approve(&tomas(), grant).await;
    assert_eq!(approvers().await, ["ADA"]);
    fixture.approve(&ada(), grant).await;
    assert!(approvers().await.is_empty(), "nothing waits");
    let id = fixture.id(LEDGER).await;
    let glass = RequestInput {
        break_glass: true,
        minutes: 15,
        ticket: "INC-9".into(),
        ..access_request(&[id])
    };
    let glass = fixture.ask(&ben(), glass).await.grants[0];
    assert_eq!(fixture.detail(&ben(), glass).await.approvers, ["ADA", "TOMAS"], "its review");
}

/// Lists name who can act, as the page of each grant does.
#[sqlx::test(migrations = "../../migrations")]
async fn lists_name_who_can_act_on_what_waits(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let approval =
        |names: &[&str]| Some(Waits::Approval(names.iter().map(ToString::to_string).collect()));
    let first = fixture.asked(LEDGER).await;
    let second = fixture.asked(KAFKA).await;
    fixture.approve(&tomas(), second).await;
    let mine = async || fixture.services.grants().my_access(&ben(), None).await.unwrap();
    let of = |rows: &[GrantRow], id| rows.iter().find(|row| row.id == id).unwrap().waits.clone();
    let waiting = mine().await.waiting;
    assert_eq!(of(&waiting, first), approval(&["TOMAS"]));
    assert_eq!(of(&waiting, second), approval(&["ADA"]), "the step that waits");
    let (approver, admin) = (tomas(), ada());
    let queue = fixture.services.grants().queue(&approver).await.unwrap().rows;
    assert_eq!((queue.len(), of(&queue, first)), (1, approval(&["TOMAS"])));
    let queue = fixture.services.grants().queue(&ada()).await.unwrap().rows;
    assert_eq!(of(&queue, second), approval(&["ADA"]));
    // The inbox says of what it told whether it still waits.
    let inbox = async |who: &Caller| fixture.services.inbox().inbox(who, "").await.unwrap().rows;
    let link = format!("/approvals/{first}");
    let told = |rows: Vec<InboxRow>, link: &str| {
        rows.into_iter().find(|row| row.link == link).unwrap().waits
    };
    assert_eq!(told(inbox(&approver).await, &link), approval(&["TOMAS"]));
    fixture.approve(&tomas(), first).await;
    fixture.approve(&ada(), first).await;
    assert_eq!(told(inbox(&approver).await, &link), None, "decided");
    fixture.services.grant_lifecycle().claim(&ben(), &first.to_string()).await.unwrap();
    assert_eq!(of(&mine().await.live, first), None, "nothing waits");

    // A break-glass waits for its review, also when its time is over.
    let id = fixture.id(LEDGER).await;
    let glass = RequestInput {
        break_glass: true,
        minutes: 15,
        ticket: "INC-9".into(),
        ..access_request(&[id])
    };
    let glass = fixture.ask(&ben(), glass).await.grants[0];
    let review = Some(Waits::Review(vec!["ADA".into(), "TOMAS".into()]));
    assert_eq!(of(&mine().await.live, glass), review);
    assert_eq!(of(&fixture.services.grants().reviews(&ada()).await.unwrap().rows, glass), review);
    assert_eq!(
        of(&fixture.services.grants().live_access(&ada()).await.unwrap().rows, glass),
        review
    );
    assert_eq!(told(inbox(&admin).await, &format!("/access/{glass}")), review);
    fixture.services.grant_lifecycle().give_back(&ben(), &glass.to_string()).await.unwrap();
    assert_eq!(of(&mine().await.past, glass), review);
    fixture
        .services
        .grant_lifecycle()
        .close_review(&tomas(), &glass.to_string(), "All well.")
        .await
        .unwrap();
    assert_eq!(of(&mine().await.past, glass), None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_never_granted_is_not_counted_as_granted(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    // Withdrawn, and revoked before anybody approved: asked for, not granted.
    let withdrawn = fixture.asked(LEDGER).await;
    fixture.services.grant_lifecycle().give_back(&ben(), &withdrawn.to_string()).await.unwrap();
    let revoked = fixture.asked(LEDGER).await;
    fixture
        .services
        .grant_lifecycle()
        .revoke(&ada(), &revoked.to_string(), "Not now.")
        .await
        .unwrap();
    let latest = fixture.asked(LEDGER).await;
    assert_eq!(fixture.detail(&ada(), latest).await.earlier, (2, 0));
    // Used, then given back: granted.
    let used = fixture.live(LEDGER).await;
    fixture.services.grant_lifecycle().give_back(&ben(), &used.to_string()).await.unwrap();
    assert_eq!(fixture.detail(&ada(), latest).await.earlier, (3, 1));
    for (grant, label) in [(withdrawn, "Withdrawn"), (used, "Ended early")] {
        assert_eq!(fixture.detail(&ada(), grant).await.row.state_label(), label);
    }
    // Where no session was, none is said to be ended.
    let bodies: Vec<(String,)> =
        sqlx::query_as("select body from notice where kind = 'revoked' order by id")
            .fetch_all(&fixture.pool)
            .await
            .unwrap();
    assert!(!bodies.is_empty());
    assert!(bodies.iter().all(|(body,)| !body.contains("sessions")), "{bodies:?}");
}
