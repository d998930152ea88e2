//! Every notification, word for word; and to whom.

use crate::world::{LEDGER, World, ada, ben, person, problem, tomas, wish};
use claviger_domain::grant::Verdict;
use claviger_services::access::RequestInput;
use sqlx::PgPool;

#[sqlx::test(migrations = "../../migrations")]
async fn every_step_is_told_to_those_it_concerns(pool: PgPool) {
    let world = World::new(pool).await;
    // The whole way, ended by a revocation.
    let first = world.live(LEDGER).await;
    world
        .services
        .reveal(&ben(), &first.to_string(), &world.id(LEDGER).await.to_string())
        .await
        .unwrap();
    world.work().await;
    world.services.revoke(&ada(), &first.to_string(), "Left the team.").await.unwrap();
    world.work().await;
    // Ended by time, with a warning.
    let second = world.live(LEDGER).await;
    world.pass(26).await;
    world.pass(4).await;
    // Given back.
    let third = world.live(LEDGER).await;
    world.services.give_back(&ben(), &third.to_string()).await.unwrap();
    // Denied, expired with reminders, failed.
    let denied = world.asked(LEDGER).await;
    let decision = world.decision(denied, Verdict::Deny).await;
    world.services.decide(&tomas(), &denied.to_string(), decision).await.unwrap();
    world.asked(LEDGER).await;
    for _ in 0..8 {
        world.pass(30).await;
    }
    let failed = world.asked(LEDGER).await;
    world.approve(&tomas(), failed).await;
    world.approve(&ada(), failed).await;
    assert!(
        world.services.claim(&person("ben", &["elsewhere"]), &failed.to_string()).await.is_err()
    );
    // Break-glass and its review.
    let id = world.id(LEDGER).await;
    let glass =
        RequestInput { break_glass: true, minutes: 15, ticket: "INC-9".into(), ..wish(&[id]) };
    let glass = world.ask(&ben(), glass).await.grants[0];
    world.services.close_review(&tomas(), &glass.to_string(), "Fine.").await.unwrap();
    world.work().await;
    assert_ne!(second, glass);

    let rows: Vec<(String, String, String, String, String)> = sqlx::query_as(
        "select coalesce(recipient, 'channel'), kind, title, body, link from notice order by id",
    )
    .fetch_all(&world.pool)
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
    assert_eq!(world.post.count("to "), rows.len(), "each went out once");
    assert_eq!(world.post.count("event "), to_channel, "programs hear what the channel hears");
}

#[sqlx::test(migrations = "../../migrations")]
async fn reminders_come_with_growing_pauses_and_stop(pool: PgPool) {
    let world = World::new(pool).await;
    world.asked(LEDGER).await;
    let mut at = Vec::new();
    let mut seen = 0;
    for minute in (5..=235).step_by(5) {
        world.pass(5).await;
        let (count,): (i64,) = sqlx::query_as("select count(*) from notice where kind = 'remind'")
            .fetch_one(&world.pool)
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
    let world = World::new(pool).await;
    world.asked(LEDGER).await;
    let inbox = world.services.inbox(&tomas()).await.unwrap();
    assert_eq!((inbox.rows.len(), inbox.unread), (1, 1));
    assert!(inbox.rows[0].link.starts_with("/approvals/G-"));
    assert_eq!(world.services.inbox(&ada()).await.unwrap().rows.len(), 0);
    world.services.mark_read(&ada(), inbox.rows[0].id).await.unwrap();
    assert_eq!(world.services.inbox(&tomas()).await.unwrap().unread, 1, "not hers to read");
    world.services.mark_read(&tomas(), inbox.rows[0].id).await.unwrap();
    assert_eq!(world.services.inbox(&tomas()).await.unwrap().unread, 0);
    // A link that was followed too late leads to what became of it, not to a second decision.
    let grant = inbox.rows[0].link.trim_start_matches("/approvals/").to_owned();
    world.services.give_back(&ben(), &grant).await.unwrap();
    let id: claviger_domain::grant::GrantId = grant.parse().unwrap();
    let decision = world.decision(id, Verdict::Approve).await;
    let late = problem(world.services.decide(&tomas(), &grant, decision).await);
    assert!(late.message.contains("given back"), "{late:?}");
}
