//! What leaves the console: each channel and each address by itself, again and again until it arrives.

use super::fixture::{Fixture, LEDGER, access_request, ada, ben, person, tomas};
use claviger_domain::{
    authz::Person,
    grants::GrantId,
    job::Job,
    notifications::{Channel, ChannelState, DeliveryState, MAX_ATTEMPTS},
};
use claviger_services::grants::RequestInput;
use claviger_testkit::taken_jobs;
use sqlx::PgPool;

/// Break-glass tells the approver, the security admin, the channel and programs.
async fn break_glass(fixture: &Fixture) -> GrantId {
    let id = fixture.id(LEDGER).await;
    let glass = RequestInput { break_glass: true, minutes: 15, ..access_request(&[id]) };
    let grant = fixture.ask(&ben(), glass).await.grants[0];
    fixture.work().await;
    grant
}

async fn channel(fixture: &Fixture, channel: Channel) -> ChannelState {
    let states = fixture.services.deliveries().deliveries(&ada()).await.unwrap().channels;
    states.into_iter().find(|state| state.channel == channel).unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_channel_that_fails_silences_no_other(pool: PgPool) {
    let ways = [
        ("events", "event break-glass"),
        ("chat", "to the channel\nBreak-glass"),
        ("tomas@example.com", "to tomas@example.com\nBreak-glass"),
        ("ada@example.com", "to ada@example.com\nBreak-glass"),
    ];
    let fixture = Fixture::new(pool).await;
    for (broken, _) in ways {
        fixture.post.sent.lock().unwrap().clear();
        fixture.post.breaks(&[broken]);
        let grant = break_glass(&fixture).await;
        for (way, begins) in ways {
            let count = fixture.post.count(begins);
            assert_eq!(count, usize::from(way != broken), "{way} while {broken} is down");
        }
        // What came through is not sent again with what did not.
        fixture.pass(1).await;
        fixture.post.breaks(&[]);
        fixture.pass(2).await;
        for (way, begins) in ways {
            assert_eq!(fixture.post.count(begins), 1, "{way} after {broken} was down");
        }
        fixture.services.grant_lifecycle().give_back(&ben(), &grant.to_string()).await.unwrap();
        fixture.work().await;
        fixture
            .services
            .grant_lifecycle()
            .close_review(&ada(), &grant.to_string(), "Fine.")
            .await
            .unwrap();
        fixture.work().await;
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn everything_that_is_told_goes_by_channels_of_its_own(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.post.breaks(&[
        "events",
        "chat",
        "ben@example.com",
        "tomas@example.com",
        "ada@example.com",
    ]);
    // Asked, approved, claimed, warned, ended, revoked: each kind of notification of these waits in its channels.
    let first = fixture.live(LEDGER).await;
    fixture.services.grant_lifecycle().revoke(&ada(), &first.to_string(), "Left.").await.unwrap();
    fixture.live(LEDGER).await;
    fixture.pass(26).await;
    fixture.pass(5).await;
    let (lone, all): (i64, i64) = sqlx::query_as(
        "select count(*) filter (where not exists (select 1 from delivery d where d.notice_id = n.id
             and d.channel = any(case when n.recipient is null then array['chat', 'events'] else array['email'] end))),
             count(*) from notice n",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert!(lone == 0 && all > 8, "{lone} of {all}");
    fixture.post.breaks(&[]);
    fixture.pass(60).await;
    let (waiting,): (i64,) =
        sqlx::query_as("select count(*) from delivery where state <> 'delivered'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(waiting, 0, "all of it arrives");
    let (unsent,): (i64,) = sqlx::query_as("select count(*) from notice where sent_at is null")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    assert_eq!(unsent, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn it_is_tried_with_growing_pauses_and_then_given_up(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.post.breaks(&["events"]);
    break_glass(&fixture).await;
    let state = channel(&fixture, Channel::Events).await;
    assert!(state.configured && state.waiting == 1 && state.retrying == 1 && state.given_up == 0);
    assert_eq!(state.last_reason.as_deref(), Some("events is down"));
    let attempts = async || -> i32 {
        let (n,): (i32,) = sqlx::query_as("select attempts from delivery where channel = 'events'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
        n
    };
    // A job that comes twice, or too early, makes no attempt.
    let (id,): (i64,) = sqlx::query_as("select id from delivery where channel = 'events'")
        .fetch_one(&fixture.pool)
        .await
        .unwrap();
    fixture.services.jobs().run(Job::Send { delivery: id }).await.unwrap();
    assert_eq!(attempts().await, 1);
    let mut at = Vec::new();
    for minute in 1..=15 {
        let before = attempts().await;
        fixture.pass(1).await;
        if attempts().await > before {
            at.push(minute);
        }
    }
    // 30 seconds, 1, 2, 4 and 8 minutes after the one before.
    assert_eq!(at, [1, 2, 4, 8], "the pauses grow");
    for _ in 0..MAX_ATTEMPTS {
        fixture.pass(61).await;
    }
    let state = channel(&fixture, Channel::Events).await;
    assert_eq!((state.waiting, state.given_up), (0, 1));
    assert_eq!(attempts().await, i32::try_from(MAX_ATTEMPTS).unwrap());
    let failed = fixture.services.deliveries().deliveries(&ada()).await.unwrap().failed;
    let of_events: Vec<_> = failed.iter().filter(|f| f.channel == Channel::Events).collect();
    assert_eq!(of_events.len(), 1);
    assert_eq!(
        (of_events[0].state, of_events[0].attempts, of_events[0].next_at),
        (DeliveryState::GivenUp, MAX_ATTEMPTS, None)
    );
    assert_eq!(channel(&fixture, Channel::Chat).await.given_up, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_address_that_does_not_exist_is_given_up_at_once(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let nobody = person("nobody", &["approvers"]);
    let without = person("without", &["approvers"]);
    let without = Person { email: None, ..without.person };
    fixture.services.people().upsert_person(&nobody.person, &nobody.groups).await.unwrap();
    fixture.services.people().upsert_person(&without, &["approvers".to_owned()]).await.unwrap();
    fixture.asked(LEDGER).await;
    fixture.work().await;
    assert_eq!(fixture.post.count("to tomas@example.com"), 1, "others hear of it");
    let state = channel(&fixture, Channel::Email).await;
    assert_eq!((state.given_up, state.waiting), (1, 0));
    assert!(state.last_delivered_at.is_some());
    let failed = fixture.services.deliveries().deliveries(&ada()).await.unwrap().failed;
    assert_eq!(failed.len(), 1);
    assert_eq!((failed[0].recipient.as_deref(), failed[0].attempts), (Some("NOBODY"), 1));
    let (skipped,): (i64,) =
        sqlx::query_as("select count(*) from delivery where state = 'skipped'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(skipped, 1, "who has no address is no failure");
}

#[sqlx::test(migrations = "../../migrations")]
async fn jobs_of_the_release_before_still_deliver(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.asked(LEDGER).await;
    // As that release left it: the notice with one job, and no deliveries.
    taken_jobs(&fixture.pool).await;
    sqlx::query("delete from delivery").execute(&fixture.pool).await.unwrap();
    let (notice, recipient): (i64, Option<String>) =
        sqlx::query_as("select id, recipient from notice order by id limit 1")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
    assert_eq!(recipient.as_deref(), Some("tomas"));
    let job: Job =
        serde_json::from_value(serde_json::json!({"job": "deliver", "notice": notice})).unwrap();
    for _ in 0..2 {
        fixture.services.jobs().run(job.clone()).await.unwrap();
        fixture.work().await;
    }
    assert_eq!(fixture.post.count("to tomas@example.com"), 1, "once, however often the job comes");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_state_is_for_security_admins_of_the_organization(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.services.deliveries().deliveries(&ada()).await.unwrap();
    for who in [ben(), tomas(), person("otto", &["audit"]), person("none", &[])] {
        assert!(
            fixture.services.deliveries().deliveries(&who).await.is_err(),
            "{}",
            who.person.subject
        );
    }
}
