//! The message about a request in a chat whose messages can be replaced.

use super::fixture::{Fixture, LEDGER, access_request, ada, ben, tomas};
use claviger_domain::{grants::GrantId, job::Job};
use claviger_services::grants::RequestInput;
use sqlx::PgPool;
use std::sync::atomic::Ordering;

impl Fixture {
    async fn with_slack(pool: PgPool) -> Self {
        let fixture = Self::new(pool).await;
        fixture.post.replaces.store(true, Ordering::Relaxed);
        fixture
    }

    /// What reached the chat since the last look.
    fn chat(&self) -> Vec<String> {
        let mut sent = self.post.sent.lock().unwrap();
        let (chat, rest) = std::mem::take(&mut *sent)
            .into_iter()
            .partition(|text| text.starts_with("to the channel") || text.starts_with("message "));
        *sent = rest;
        chat
    }

    /// The second lines of it: what the message says of the state.
    fn states(&self) -> Vec<String> {
        self.chat().iter().map(|text| text.lines().nth(2).unwrap_or_default().to_owned()).collect()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn it_follows_the_request_from_beginning_to_end(pool: PgPool) {
    let fixture = Fixture::with_slack(pool).await;
    let grant = fixture.asked(LEDGER).await;
    fixture.work().await;
    let asked = fixture.chat();
    assert_eq!(asked.len(), 1, "posted once, and not replaced by the same: {asked:?}");
    assert_eq!(
        asked[0],
        format!(
            "to the channel\nBEN requests to read {LEDGER}\nNeeds a decision.\nFor 30 minutes. Reconcile the ledger.\n/approvals/{grant}"
        )
    );
    fixture.approve(&tomas(), grant).await;
    fixture.work().await;
    assert_eq!(fixture.states(), ["Needs a decision. Approved by TOMAS so far."]);
    fixture.approve(&ada(), grant).await;
    fixture.work().await;
    let approved = fixture.chat();
    assert_eq!(approved.len(), 1);
    assert!(approved[0].contains("\nApproved by TOMAS, ADA. Not started yet"), "{approved:?}");
    assert!(approved[0].ends_with(&format!("/access/{grant}")), "{approved:?}");
    fixture.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.unwrap();
    fixture.work().await;
    let active = fixture.states();
    assert!(active[0].starts_with("Active, until ") && active.len() == 1, "{active:?}");
    fixture.services.grant_lifecycle().revoke(&ada(), &grant.to_string(), "Done.").await.unwrap();
    fixture.work().await;
    let mut ended = fixture.chat();
    ended.sort();
    assert_eq!(ended.len(), 2, "the message, and what happened below it: {ended:?}");
    assert!(ended[0].contains("\nRevoked.\n"), "{ended:?}");
    assert!(ended[1].starts_with("to the channel below "), "{ended:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_time_does_is_followed_too(pool: PgPool) {
    let fixture = Fixture::with_slack(pool).await;
    fixture.asked(LEDGER).await;
    fixture.work().await;
    fixture.chat();
    fixture.pass(300).await;
    assert_eq!(fixture.states(), ["Expired: not approved or not started in time."]);
    let id = fixture.id(LEDGER).await;
    let glass = RequestInput {
        break_glass: true,
        minutes: 15,
        incident: "INC-7".into(),
        ..access_request(&[id])
    };
    fixture.ask(&ben(), glass).await;
    fixture.work().await;
    let glass = fixture.chat();
    assert!(
        glass[0].contains("Break-glass: BEN") && glass[0].contains("Incident INC-7."),
        "{glass:?}"
    );
    assert!(glass[0].contains("Without approval; needs review"), "{glass:?}");
    fixture.pass(20).await;
    assert_eq!(fixture.states(), ["Ended on time."]);
}

/// The chat is down when the request is decided; the message catches up with what it is by then.
#[sqlx::test(migrations = "../../migrations")]
async fn a_chat_that_was_down_catches_up(pool: PgPool) {
    let fixture = Fixture::with_slack(pool).await;
    let grant = fixture.asked(LEDGER).await;
    fixture.post.breaks(&["chat"]);
    fixture.work().await;
    fixture.approve(&tomas(), grant).await;
    fixture.work().await;
    fixture.post.breaks(&[]);
    fixture.pass(2).await;
    assert_eq!(fixture.states(), ["Needs a decision. Approved by TOMAS so far."], "late, but true");
    fixture.post.breaks(&["chat"]);
    fixture.approve(&ada(), grant).await;
    let follow = Job::FollowRequest { grant };
    assert!(fixture.services.jobs().run(follow.clone()).await.is_err(), "the queue tries it again");
    fixture.post.breaks(&[]);
    fixture.work().await;
    assert_eq!(fixture.chat().len(), 1);
    fixture.services.jobs().run(follow).await.unwrap();
    assert_eq!(fixture.chat(), [""; 0], "it says that already");
}

/// Somebody deleted the message: nothing is tried again, and later messages stand by themselves.
#[sqlx::test(migrations = "../../migrations")]
async fn a_deleted_message_is_forgotten(pool: PgPool) {
    let fixture = Fixture::with_slack(pool).await;
    let grant: GrantId = fixture.asked(LEDGER).await;
    fixture.work().await;
    fixture.chat();
    fixture.post.breaks(&["gone"]);
    fixture.approve(&tomas(), grant).await;
    fixture.work().await;
    assert_eq!(fixture.chat(), [""; 0]);
    fixture.post.breaks(&[]);
    fixture.approve(&ada(), grant).await;
    fixture.work().await;
    assert_eq!(fixture.chat(), [""; 0]);
    fixture.services.grant_lifecycle().revoke(&ada(), &grant.to_string(), "Done.").await.unwrap();
    fixture.work().await;
    let revoked = fixture.chat();
    assert!(revoked[0].starts_with("to the channel\n") && revoked[0].contains("Revoked."));
}

/// A webhook takes new messages only: it hears of a request and of its revocation, as before.
#[sqlx::test(migrations = "../../migrations")]
async fn a_webhook_hears_what_it_heard_before(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.asked(LEDGER).await;
    fixture.work().await;
    fixture.approve(&tomas(), grant).await;
    fixture.work().await;
    fixture.services.grant_lifecycle().revoke(&ada(), &grant.to_string(), "Done.").await.unwrap();
    fixture.work().await;
    let chat = fixture.chat();
    assert_eq!(chat.len(), 2, "{chat:?}");
    assert!(chat[0].contains("Needs your decision.") && chat[1].contains("Revoked: read"));
}
