//! A small Organization with people, policies and rules.

use claviger_domain::{
    authz::{Caller, RoleBinding},
    grants::{
        Decision, GrantId, GrantStateName, Vote,
        view::{GrantDetail, Requested},
    },
    ids::ResourceId,
    notifications::{Channel, ChatPost},
    problem::Problem,
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::{
    ServiceError,
    grants::{AccessSettings, ChatMessage, Messenger, OutgoingNotice, RequestInput, SendFault},
};
use claviger_testkit::{
    Console, FakeAws, TestClock,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, parameter, secret},
};
use sqlx::PgPool;
use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};
use time::{Duration, OffsetDateTime};

pub use claviger_testkit::US;

pub const LEDGER: &str = "payments/ledger";
pub const KAFKA: &str = "payments/kafka";

pub const CEDAR: &str = r#"
    permit(principal in Claviger::Team::"payments", action in [Claviger::Action::"read", Claviger::Action::"write", Claviger::Action::"rotate"], resource)
    when { resource.hasTag("owner") && resource.getTag("owner") == "payments" };
    permit(principal in Claviger::Team::"payments", action == Claviger::Action::"breakGlass", resource in Claviger::Account::"441205839201");
    permit(principal in Claviger::Role::"security-admin", action == Claviger::Action::"read", resource);
"#;

pub const RULES: &str = r#"
    [[rule]]
    name = "Writing"
    scope = { ou = "Workloads/Production" }
    actions = ["write", "rotate"]
    longest_minutes = 60
    claim_minutes = 60
    decide_minutes = 240
    ticket = "PAY-[0-9]+"
    steps = [{ name = "Account", quorum = 1, approvers = ["parent-ou"] }]

    [[rule]]
    name = "Production"
    scope = { ou = "Workloads/Production" }
    actions = ["read"]
    longest_minutes = 120
    claim_minutes = 60
    decide_minutes = 240
    steps = [
      { name = "Account", quorum = 1, approvers = ["parent-ou"] },
      { name = "Security", quorum = 1, approvers = [{ role = "security-admin" }] },
    ]
    break_glass = { longest_minutes = 15 }

    [[rule]]
    name = "Sandbox"
    scope = { ou = "Sandbox" }
    actions = ["read"]
    longest_minutes = 60
    claim_minutes = 60
    decide_minutes = 60
    steps = [{ name = "Two", quorum = 2, approvers = [{ role = "security-admin" }, { team = "payments" }] }]
    auto_approve = { longest_minutes = 10 }
"#;

/// What left the console, and what does not work at present: `chat`, `events`, or a person's address; `gone` if messages
/// can no longer be replaced.
#[derive(Clone, Default)]
pub struct RecordingMessenger {
    pub sent: Arc<Mutex<Vec<String>>>,
    broken: Arc<Mutex<Vec<&'static str>>>,
    /// Whether messages in the channel can be replaced.
    pub replaces: Arc<AtomicBool>,
}

impl RecordingMessenger {
    /// What leaves by this way from now on fails; nothing else does.
    pub fn breaks(&self, ways: &[&'static str]) {
        *self.broken.lock().unwrap() = ways.to_vec();
    }

    fn is_broken(&self, way: &str) -> bool {
        self.broken.lock().unwrap().contains(&way)
    }

    fn send(&self, way: &str, text: String) -> Result<(), SendFault> {
        if self.is_broken(way) {
            return Err(format!("{way} is down").into());
        }
        self.sent.lock().unwrap().push(text);
        Ok(())
    }

    /// How many texts that begin so have left.
    pub fn count(&self, beginning: &str) -> usize {
        self.sent.lock().unwrap().iter().filter(|text| text.starts_with(beginning)).count()
    }
}

#[async_trait::async_trait]
impl Messenger for RecordingMessenger {
    fn sends(&self, _: Channel) -> bool {
        true
    }

    async fn email(&self, to: &str, title: &str, body: &str, link: &str) -> Result<(), SendFault> {
        if to.starts_with("nobody") {
            return Err(SendFault::for_good("no such mailbox"));
        }
        self.send(to, format!("to {to}\n{title}\n{body}\n{link}"))
    }

    async fn event(&self, notice: &OutgoingNotice, _: OffsetDateTime) -> Result<(), SendFault> {
        self.send("events", format!("event {}\n{}", notice.kind, notice.title))
    }

    fn replaces(&self) -> bool {
        self.replaces.load(Ordering::Relaxed)
    }

    async fn channel(&self, message: ChatMessage<'_>) -> Result<Option<ChatPost>, SendFault> {
        let ChatMessage { title, body, link, thread } = message;
        let below = thread.map(|post| format!(" below {}", post.message)).unwrap_or_default();
        self.send("chat", format!("to the channel{below}\n{title}\n{body}\n{link}"))?;
        let count = self.count("");
        Ok(self.replaces().then(|| ChatPost { channel: "C1".into(), message: count.to_string() }))
    }

    async fn update(&self, post: &ChatPost, message: ChatMessage<'_>) -> Result<(), SendFault> {
        if self.is_broken("gone") {
            return Err(SendFault::for_good("message_not_found"));
        }
        let ChatMessage { title, body, link, .. } = message;
        self.send("chat", format!("message {} is now\n{title}\n{body}\n{link}", post.message))
    }
}

/// A console, and what left it.
pub struct Fixture {
    console: Console,
    pub post: RecordingMessenger,
}

impl Deref for Fixture {
    type Target = Console;

    fn deref(&self) -> &Console {
        &self.console
    }
}

impl DerefMut for Fixture {
    fn deref_mut(&mut self) -> &mut Console {
        &mut self.console
    }
}

pub fn bindings() -> Vec<RoleBinding> {
    serde_json::from_str(
        r#"[
            {"group": "payments", "role": "requester", "scope": "organization"},
            {"group": "approvers", "role": "approver", "scope": {"ou": "Workloads/Production"}},
            {"group": "admins", "role": "security-admin", "scope": "organization"},
            {"group": "audit", "role": "auditor", "scope": "organization"}
        ]"#,
    )
    .unwrap()
}

/// A person as a session has them.
pub fn person(subject: &str, groups: &[&str]) -> Caller {
    claviger_testkit::person(subject, groups, &bindings())
}

pub fn ben() -> Caller {
    person("ben", &["payments"])
}
pub fn tomas() -> Caller {
    person("tomas", &["approvers"])
}
pub fn ada() -> Caller {
    person("ada", &["admins"])
}

pub fn access_request(resources: &[ResourceId]) -> RequestInput {
    RequestInput {
        resources: resources.iter().map(ToString::to_string).collect(),
        action: "read".into(),
        minutes: 30,
        purpose: "Reconcile the ledger.".into(),
        ..RequestInput::default()
    }
}

impl Fixture {
    pub async fn new(pool: PgPool) -> Self {
        Self::with(pool, CEDAR, RULES).await
    }

    pub async fn with(pool: PgPool, cedar: &str, rules: &str) -> Self {
        let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
        aws.access.use_clock(clock.clone());
        for name in [LEDGER, KAFKA] {
            aws.put(secret(PAYMENTS, US, name));
        }
        aws.put(parameter(CHECKOUT, US, "/checkout/jwt"));
        aws.put(secret(CHECKOUT, US, "payments/in-checkout"));
        aws.put(secret(SANDBOX, US, "ml/openai"));
        let fixture = Self::over(pool, aws, clock, cedar, rules).await;
        fixture.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
        fixture.work().await;
        for caller in [ben(), tomas(), ada()] {
            fixture.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
        }
        fixture
    }

    /// A replica over the same database and the same AWS.
    pub async fn over(
        pool: PgPool,
        aws: FakeAws,
        clock: Arc<TestClock>,
        cedar: &str,
        rules: &str,
    ) -> Self {
        let post = RecordingMessenger::default();
        let access = AccessSettings {
            policy: Arc::new(AccessPolicy::read(cedar, rules).unwrap()),
            roles: bindings(),
            messenger: Arc::new(post.clone()),
            ..AccessSettings::nothing().unwrap()
        };
        let console = Console::builder(&pool)
            .aws(aws)
            .clock(clock)
            .scan_interval(Duration::days(365))
            .access(access)
            .build()
            .await;
        Self { console, post }
    }

    /// Time passes, and what is due is done.
    pub async fn pass(&self, minutes: i64) {
        self.clock.advance(Duration::minutes(minutes));
        self.services.grant_timer().update_grants().await.unwrap();
        self.work().await;
    }

    pub async fn id(&self, name: &str) -> ResourceId {
        let (id,): (sqlx::types::Uuid,) = sqlx::query_as("select id from resource where name = $1")
            .bind(name)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        ResourceId(id)
    }

    pub async fn ask(&self, caller: &Caller, input: RequestInput) -> Requested {
        self.services.requests().request_access(caller, input).await.unwrap()
    }

    pub async fn asked(&self, name: &str) -> GrantId {
        let id = self.id(name).await;
        self.ask(&ben(), access_request(&[id])).await.grants[0]
    }

    pub async fn detail(&self, caller: &Caller, grant: GrantId) -> GrantDetail {
        self.services.grants().grant_detail(caller, &grant.to_string()).await.unwrap()
    }

    pub async fn word(&self, grant: GrantId) -> GrantStateName {
        self.detail(&ada(), grant).await.row.state.word()
    }

    pub async fn decision(&self, grant: GrantId, verdict: Vote) -> Decision {
        let hash = self.detail(&ada(), grant).await.hash;
        let reason = (verdict == Vote::Deny).then(|| "Not now.".to_owned());
        Decision { verdict, reason, minutes: None, hash }
    }

    pub async fn approve(&self, caller: &Caller, grant: GrantId) {
        let decision = self.decision(grant, Vote::Approve).await;
        self.services.grant_lifecycle().decide(caller, &grant.to_string(), decision).await.unwrap();
    }

    /// Asked, approved by both, claimed.
    pub async fn live(&self, name: &str) -> GrantId {
        let grant = self.asked(name).await;
        self.approve(&tomas(), grant).await;
        self.approve(&ada(), grant).await;
        self.services.grant_lifecycle().claim(&ben(), &grant.to_string()).await.unwrap();
        grant
    }

    /// Every action in the trail, with its phase and whether it succeeded.
    pub async fn audit_actions(&self) -> Vec<String> {
        let rows: Vec<(String, String, Option<bool>)> =
            sqlx::query_as("select deed, phase, succeeded from audit_entry order by seq")
                .fetch_all(&self.pool)
                .await
                .unwrap();
        rows.into_iter()
            .map(|(audit_action, phase, succeeded)| match succeeded {
                Some(true) => format!("{audit_action} {phase} well"),
                Some(false) => format!("{audit_action} {phase} badly"),
                None => format!("{audit_action} {phase}"),
            })
            .collect()
    }
}

/// The problem that a person would read.
pub fn problem<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> Problem {
    result.unwrap_err().into_problem()
}
