//! Requests and grants.

use super::Making;
use claviger_aws::CloudTrailEvent;
use claviger_domain::{
    authz::Caller,
    clock::Clock,
    grants::{Decision, GrantId, Vote},
    job::Job,
};
use claviger_services::grants::{RequestInput, SessionPurpose};
use time::Duration;

/// Grants that start then are still active whenever the dump is loaded.
const FAR_AHEAD: Duration = Duration::days(365 * 70);

impl Making {
    pub(super) async fn ask(&self, name: &str, change: impl FnOnce(&mut RequestInput)) -> GrantId {
        let mut input = RequestInput {
            resources: vec![self.id(name).await],
            action: "read".into(),
            minutes: 30,
            purpose: "Reconcile the ledger.".into(),
            ticket: "PAY-1".into(),
            ..RequestInput::default()
        };
        change(&mut input);
        self.services.requests().request_access(&self.mira(), input).await.unwrap().grants[0]
    }

    pub(super) async fn decide(&self, caller: &Caller, grant: GrantId, verdict: Vote) {
        let id = grant.to_string();
        let hash = self.services.grants().grant_detail(caller, &id).await.unwrap().hash;
        let reason = (verdict == Vote::Deny).then(|| "Not now.".to_owned());
        let decision = Decision { verdict, reason, minutes: None, hash };
        self.services.grant_lifecycle().decide(caller, &id, decision).await.unwrap();
    }

    pub(super) async fn claimed(&self, name: &str, minutes: u32) -> GrantId {
        let grant = self.ask(name, |input| input.minutes = minutes).await;
        self.decide(&self.tomas(), grant, Vote::Approve).await;
        self.services.grant_lifecycle().claim(&self.mira(), &grant.to_string()).await.unwrap();
        grant
    }

    pub(super) async fn session(&self, grant: GrantId) {
        let (mira, id) = (self.mira(), grant.to_string());
        self.services
            .grant_sessions()
            .issue_credentials(&mira, &id, None, SessionPurpose::Client)
            .await
            .unwrap();
    }

    /// Grants in every state; active ones are active in the far future.
    pub(super) async fn access(&self) {
        let (mira, ada) = (self.mira(), self.ada());
        let ledger = "payments/ledger";
        // G-1 waits, G-2 waits for its second approval.
        self.ask(ledger, |_| {}).await;
        let half = self.ask("ml/openai", |_| {}).await;
        self.decide(&ada, half, Vote::Approve).await;
        // G-3 is approved and starts later; G-4 is ready to start.
        let later = (self.clock.now() + Duration::days(20)).date();
        let approved = self.ask(ledger, |input| input.starts_at = format!("{later}T15:00")).await;
        self.decide(&self.tomas(), approved, Vote::Approve).await;
        let claimable = self.ask("payments/kafka", |_| {}).await;
        self.decide(&self.tomas(), claimable, Vote::Approve).await;
        let denied = self.ask(ledger, |_| {}).await;
        self.decide(&self.tomas(), denied, Vote::Deny).await;
        let by_rule = self.ask("ml/openai", |input| input.minutes = 5).await;
        let write = self.ask(ledger, |input| input.action = "write".into()).await;
        self.decide(&self.tomas(), write, Vote::Approve).await;
        self.services.grant_lifecycle().claim(&mira, &write.to_string()).await.unwrap();
        let id = self.id(ledger).await;
        let value = "CANARY-new-value".to_owned().into();
        self.services
            .grant_sessions()
            .put_value(&mira, &write.to_string(), &id, value)
            .await
            .unwrap();
        self.services.grant_lifecycle().give_back(&mira, &write.to_string()).await.unwrap();
        let rotate = self.ask(ledger, |input| input.action = "rotate".into()).await;
        self.decide(&self.tomas(), rotate, Vote::Approve).await;
        self.services.grant_lifecycle().claim(&mira, &rotate.to_string()).await.unwrap();
        self.services.grant_sessions().rotate(&mira, &rotate.to_string(), &id).await.unwrap();
        let withdrawn = self.ask(ledger, |_| {}).await;
        self.services.grant_lifecycle().give_back(&mira, &withdrawn.to_string()).await.unwrap();
        for closed in [true, false] {
            let glass = self.ask(ledger, |input| input.break_glass = true).await;
            self.services.grant_sessions().reveal(&mira, &glass.to_string(), &id).await.unwrap();
            if closed {
                let note = "It was needed.";
                self.services
                    .grant_lifecycle()
                    .close_review(&ada, &glass.to_string(), note)
                    .await
                    .unwrap();
            }
        }
        let ended = self.claimed("payments/stripe", 15).await;
        self.session(ended).await;
        self.aws.access.trace(CloudTrailEvent {
            event_id: "e-1".into(),
            at: self.clock.now(),
            name: "GetSecretValue".into(),
            error: None,
            source_ip: Some("192.0.2.1".into()),
            access_key_id: self.key_of(ended).await,
            session_name: None,
            source_identity: None,
        });
        let lost = self.claimed("payments/stripe", 60).await;
        self.session(lost).await;
        self.services.grant_lifecycle().revoke(&ada, &lost.to_string(), "Left.").await.unwrap();
        self.work().await;
        let extended = self.ask("payments/stripe", |input| {
            input.extends = ended.to_string();
        });
        extended.await;
        self.pass(Duration::minutes(30)).await;
        self.pass(Duration::hours(2)).await;
        assert_eq!((claimable, by_rule), (GrantId(4), GrantId(6)));

        self.clock.advance(FAR_AHEAD);
        let active = self.claimed(ledger, 10_080).await;
        self.session(active).await;
        let revoked = self.claimed("payments/kafka", 10_080).await;
        self.session(revoked).await;
        self.services.grant_lifecycle().revoke(&ada, &revoked.to_string(), "Left.").await.unwrap();
        assert_eq!(self.taken(|job| matches!(job, Job::EndSessions { .. })).await.len(), 1);
        self.clock.advance(-FAR_AHEAD);
        eprintln!("active {active}, revoked {revoked}");
    }

    pub(super) async fn key_of(&self, grant: GrantId) -> Option<String> {
        let (key,): (Option<String>,) =
            sqlx::query_as("select access_key_id from access_session where grant_id = $1")
                .bind(grant.0)
                .fetch_one(&self.pool)
                .await
                .unwrap();
        key
    }
}
