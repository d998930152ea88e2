//! Every notification, word for word; and to whom.

use super::fixture::{Fixture, LEDGER, access_request, ada, ben, person, problem, tomas};
use claviger_domain::grants::Vote;
use claviger_services::grants::RequestInput;
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn every_step_is_told_to_those_it_concerns(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    // The whole way, ended by a revocation.
    let first = fixture.live(LEDGER).await;
    fixture
        .services
        .grant_sessions()
        .reveal(&ben(), &first.to_string(), &fixture.id(LEDGER).await.to_string())
        .await
        .unwrap();
    fixture.work().await;
    fixture
        .services
        .grant_lifecycle()
        .revoke(&ada(), &first.to_string(), "Left the team.")
        .await
        .unwrap();
    fixture.work().await;
    // Ended by time, with a warning.
    let second = fixture.live(LEDGER).await;
    fixture.pass(26).await;
    fixture.pass(4).await;
    // Given back.
    let third = fixture.live(LEDGER).await;
    fixture.services.grant_lifecycle().give_back(&ben(), &third.to_string()).await.unwrap();
    // Denied, expired with reminders, failed.
    let denied = fixture.asked(LEDGER).await;
    let decision = fixture.decision(denied, Vote::Deny).await;
    fixture
        .services
        .grant_lifecycle()
        .decide(&tomas(), &denied.to_string(), decision)
        .await
        .unwrap();
    fixture.asked(LEDGER).await;
    for _ in 0..8 {
        fixture.pass(30).await;
    }
    let failed = fixture.asked(LEDGER).await;
    fixture.approve(&tomas(), failed).await;
    fixture.approve(&ada(), failed).await;
    assert!(
        fixture
            .services
            .grant_lifecycle()
            .claim(&person("ben", &["elsewhere"]), &failed.to_string())
            .await
            .is_err()
    );
    // Break-glass and its review.
    let id = fixture.id(LEDGER).await;
    let glass = RequestInput {
        break_glass: true,
        minutes: 15,
        ticket: "INC-9".into(),
        ..access_request(&[id])
    };
    let glass = fixture.ask(&ben(), glass).await.grants[0];
    fixture
        .services
        .grant_lifecycle()
        .close_review(&tomas(), &glass.to_string(), "Fine.")
        .await
        .unwrap();
    fixture.work().await;
    assert_ne!(second, glass);

    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "select coalesce(recipient, 'channel'), kind, title, body, link from notice order by id",
    )
    .fetch_all(&fixture.pool)
    .await
    .unwrap();
    let kinds: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.1.as_str()).collect();
    assert_eq!(kinds.len(), 13, "every kind there is: {kinds:?}");
    let text: Vec<String> = rows
        .iter()
        .map(|(to, kind, title, body, link)| {
            format!("{kind} to {to}\n  {title}\n  {body}\n  {link}")
        })
        .collect();
    insta::assert_snapshot!(text.join("\n"));
    let to_channel = rows.iter().filter(|row| row.0 == "channel").count();
    assert_eq!(fixture.post.count("to "), rows.len(), "each went out once");
    assert_eq!(fixture.post.count("event "), to_channel, "programs hear what the channel hears");
}

#[sqlx::test(migrations = "../../migrations")]
async fn reminders_come_with_growing_pauses_and_stop(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.asked(LEDGER).await;
    let mut at = Vec::new();
    let mut seen = 0;
    for minute in (5..=235).step_by(5) {
        fixture.pass(5).await;
        let (count,): (i64,) = sqlx::query_as("select count(*) from notice where kind = 'remind'")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
        if count > seen {
            seen = count;
            at.push(minute);
        }
    }
    assert_eq!(at, [60, 120], "a quarter of the time, then twice as long");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_inbox_is_ones_own(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    fixture.asked(LEDGER).await;
    let inbox = fixture.services.inbox().inbox(&tomas(), "").await.unwrap();
    assert_eq!((inbox.rows.len(), inbox.unread), (1, 1));
    assert!(inbox.rows[0].link.starts_with("/approvals/G-"));
    assert_eq!(fixture.services.inbox().inbox(&ada(), "").await.unwrap().rows.len(), 0);
    fixture.services.inbox().mark_read(&ada(), inbox.rows[0].id).await.unwrap();
    assert_eq!(
        fixture.services.inbox().inbox(&tomas(), "").await.unwrap().unread,
        1,
        "not hers to read"
    );
    fixture.services.inbox().mark_read(&tomas(), inbox.rows[0].id).await.unwrap();
    assert_eq!(fixture.services.inbox().inbox(&tomas(), "").await.unwrap().unread, 0);
    // A link that was followed too late leads to what became of it, not to a second decision.
    let grant = inbox.rows[0].link.trim_start_matches("/approvals/").to_owned();
    fixture.services.grant_lifecycle().give_back(&ben(), &grant).await.unwrap();
    let id: claviger_domain::grants::GrantId = grant.parse().unwrap();
    let decision = fixture.decision(id, Vote::Approve).await;
    let late = problem(fixture.services.grant_lifecycle().decide(&tomas(), &grant, decision).await);
    assert!(late.message.contains("ended"), "{late:?}");
}
