//! A scanned Organization, a queue in memory, and the samples of the install templates.

use async_trait::async_trait;
use claviger_aws::{AwsError, EventQueue, QueueMessage, QueueSize};
use claviger_domain::{
    authz::{Caller, RoleBinding},
    clock::Clock,
    facts::ResourceFacts,
    inventory::activity::RotationFailure,
    scan::{RegionScanFault, ScanTrigger},
};
use claviger_testkit::{
    Console, FakeAws, TestClock, US,
    samples::{CHECKOUT, PAYMENTS, parameter, secret},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// The events of which the templates' patterns are tested.
const SAMPLES: &str = include_str!("../../../../infra/events/samples.json");
pub const DB: &str = "payments/db";

/// A queue in memory. What is not deleted is received again.
#[derive(Clone, Default)]
pub struct FakeQueue {
    messages: Arc<Mutex<Vec<QueueMessage>>>,
    pub is_down: Arc<AtomicBool>,
    sent: Arc<AtomicU32>,
}

impl FakeQueue {
    pub fn send(&self, body: impl ToString) {
        let handle = self.sent.fetch_add(1, Ordering::Relaxed).to_string();
        self.messages.lock().unwrap().push(QueueMessage { body: body.to_string(), handle });
    }

    pub fn left(&self) -> usize {
        self.messages.lock().unwrap().len()
    }
}

#[async_trait]
impl EventQueue for FakeQueue {
    async fn receive(&self) -> Result<Vec<QueueMessage>, AwsError> {
        if self.is_down.load(Ordering::Relaxed) {
            return Err(AwsError {
                operation: "ReceiveMessage",
                fault: RegionScanFault::Denied,
                code: Some("AccessDenied".into()),
                detail: "no\nrights".into(),
            });
        }
        Ok(self.messages.lock().unwrap().iter().take(10).cloned().collect())
    }

    async fn delete(&self, handles: &[String]) -> Result<(), AwsError> {
        self.messages.lock().unwrap().retain(|message| !handles.contains(&message.handle));
        Ok(())
    }

    async fn size(&self) -> Result<QueueSize, AwsError> {
        Ok(QueueSize { waiting: self.left() as u64, dead_letters: Some(2) })
    }
}

pub struct Fixture {
    pub console: Console,
    pub queue: FakeQueue,
}

impl Fixture {
    /// A scanned Organization, in which the secret and the parameter of the samples are not alone.
    pub async fn new(pool: &PgPool) -> Self {
        let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
        for name in [DB, "payments/other"] {
            aws.put(secret(PAYMENTS, US, name));
        }
        aws.put(parameter(PAYMENTS, US, "/payments/db"));
        aws.put(parameter(PAYMENTS, US, "/payments/other"));
        aws.put(secret(CHECKOUT, US, DB));
        let console = Console::builder(pool)
            .aws(aws)
            .clock(clock)
            .scan_interval(Duration::days(365))
            .build()
            .await;
        console.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
        console.work().await;
        console.aws.described();
        Self { console, queue: FakeQueue::default() }
    }

    /// Takes in what is in the queue, and runs what follows from it.
    pub async fn receive(&self) {
        self.console.services.events().read_queue(&self.queue).await.unwrap();
        self.console.work().await;
    }

    /// What AWS was asked about since the last look.
    pub fn described(&self) -> Vec<String> {
        self.console.aws.described()
    }

    pub async fn id(&self, arn: &str) -> String {
        let id: sqlx::types::Uuid = sqlx::query_scalar("select id from resource where arn = $1")
            .bind(arn)
            .fetch_one(&self.console.pool)
            .await
            .unwrap();
        id.to_string()
    }

    pub async fn description(&self, arn: &str) -> Option<String> {
        let id = self.id(arn).await;
        let shown = self.console.services.inventory().resource(&reader(), &id).await.unwrap();
        shown.facts.description
    }

    pub async fn failure(&self) -> Option<RotationFailure> {
        let id = self.id(&arn(DB)).await;
        let activity = self.console.services.activity();
        activity.resource_header(&reader(), &id).await.unwrap().failed_rotation
    }

    /// The secret changes, and the clock goes on.
    pub fn change(&self, facts: ResourceFacts, description: &str) {
        self.console.clock.advance(Duration::seconds(30));
        let changed_at = Some(self.console.clock.now());
        let description = Some(description.to_owned());
        self.console.aws.put(ResourceFacts { description, changed_at, ..facts });
    }

    /// An event of the samples that happens now.
    pub fn event(&self, what: &str) -> Value {
        at(samples()[what].clone(), self.console.clock.now())
    }
}

/// The event at this time.
pub fn at(mut event: Value, at: OffsetDateTime) -> Value {
    let at = json!(at.replace_nanosecond(0).unwrap().format(&Rfc3339).unwrap());
    event["time"] = at.clone();
    if event["detail"]["eventTime"].is_string() {
        event["detail"]["eventTime"] = at;
    }
    event
}

pub fn arn(name: &str) -> String {
    secret(PAYMENTS, US, name).arn.to_string()
}

pub fn bindings() -> Vec<RoleBinding> {
    serde_json::from_str(
        r#"[{"group": "readers", "role": "requester", "scope": "organization"},
            {"group": "audit", "role": "auditor", "scope": "organization"}]"#,
    )
    .unwrap()
}

pub fn reader() -> Caller {
    claviger_testkit::person("ben", &["readers"], &bindings())
}

/// The samples, about the fixture's account and secret.
pub fn samples() -> BTreeMap<String, Value> {
    let text = SAMPLES
        .replace("444455556666", PAYMENTS)
        .replace("payments/db-a1b2c3", "payments/db-AbCdEf");
    let samples: Vec<Value> = serde_json::from_str(&text).unwrap();
    samples
        .iter()
        .map(|one| (one["what"].as_str().unwrap().to_owned(), one["event"].clone()))
        .collect()
}

/// Which rules send each sample.
pub fn sent_by(rule: &str) -> Vec<String> {
    let samples: Vec<Value> = serde_json::from_str(SAMPLES).unwrap();
    let is_sent = |one: &&Value| {
        one["rules"].as_array().unwrap().contains(&json!(rule))
            && one["event"]["source"] != "claviger.test"
    };
    samples.iter().filter(is_sent).map(|one| one["what"].as_str().unwrap().to_owned()).collect()
}
