//! Sessions, values and Deny statements in memory.

use crate::{FakeAws, TestClock, fake_aws::fault};
use async_trait::async_trait;
use claviger_aws::{
    AccessGateway, AwsError, CloudTrailEvent, IssuedSession, ReadVersion, SecretValue, SessionOrder,
};
use claviger_domain::{
    clock::Clock,
    facts::{Detail, ResourceFacts, Version},
    grants::GrantResource,
    ids::{AccountId, Arn, Region},
    parameter_change::{ParameterChange, Setting},
    scan::RegionScanFault,
};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};
use time::Duration;
use tokio::sync::Semaphore;

#[derive(Clone)]
enum FakeValue {
    Text(String),
    Binary(Vec<u8>),
}

struct State {
    clock: Arc<dyn Clock>,
    orders: Vec<SessionOrder>,
    refusal: Option<(RegionScanFault, &'static str)>,
    /// The maximum length of packed policies.
    packed_limit: usize,
    denials: HashMap<AccountId, String>,
    /// The number of probes that AWS still allows after a Deny was added.
    spreads_after: u32,
    probes: u32,
    puts: Vec<(String, String)>,
    binary_puts: Vec<(String, Vec<u8>)>,
    /// By ARN; every other secret has [`fake_value`].
    values: HashMap<String, FakeValue>,
    /// Values of other versions than the current one, by ARN and version id.
    version_values: HashMap<(String, String), FakeValue>,
    /// What somebody else writes right before the next write: the version's id and its text.
    rival: Option<(String, String)>,
    events: Vec<CloudTrailEvent>,
    gate: Option<Arc<Semaphore>>,
}

/// The access side of the fake.
#[derive(Clone)]
pub struct FakeAccess(Arc<Mutex<State>>);

impl std::fmt::Debug for FakeAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FakeAccess")
    }
}

impl Default for FakeAccess {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(State {
            clock: Arc::new(TestClock::default()),
            orders: Vec::new(),
            refusal: None,
            packed_limit: usize::MAX,
            denials: HashMap::new(),
            spreads_after: 0,
            probes: 0,
            puts: Vec::new(),
            binary_puts: Vec::new(),
            values: HashMap::new(),
            version_values: HashMap::new(),
            rival: None,
            events: Vec::new(),
            gate: None,
        })))
    }
}

impl FakeAccess {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the fake")
    }

    pub fn use_clock(&self, clock: Arc<dyn Clock>) {
        self.state().clock = clock;
    }

    /// Every requested session.
    pub fn orders(&self) -> Vec<SessionOrder> {
        self.state().orders.clone()
    }

    /// From now on STS denies; `None` resets it.
    pub fn refuse(&self, with: Option<(RegionScanFault, &'static str)>) {
        self.state().refusal = with;
    }

    pub fn pack_at_most(&self, characters: usize) {
        self.state().packed_limit = characters;
    }

    pub fn spread_after(&self, probes: u32) {
        self.state().spreads_after = probes;
    }

    pub fn denials_in(&self, account: &AccountId) -> Option<String> {
        self.state().denials.get(account).cloned()
    }

    /// A change by someone else.
    pub fn tamper(&self, account: &AccountId, document: &str) {
        self.state().denials.insert(account.clone(), document.to_owned());
    }

    /// Sets the text of the secret or parameter.
    pub fn hold_text(&self, arn: &str, text: &str) {
        self.state().values.insert(arn.to_owned(), FakeValue::Text(text.to_owned()));
    }

    /// Makes the secret binary.
    pub fn hold_bytes(&self, arn: &str, bytes: &[u8]) {
        self.state().values.insert(arn.to_owned(), FakeValue::Binary(bytes.to_vec()));
    }

    /// Sets the text of one version.
    pub fn hold_version(&self, arn: &str, id: &str, text: &str) {
        let of = (arn.to_owned(), id.to_owned());
        self.state().version_values.insert(of, FakeValue::Text(text.to_owned()));
    }

    /// Right before the next write, somebody else writes this text as a version of its own.
    pub fn race_next_write(&self, id: &str, text: &str) {
        self.state().rival = Some((id.to_owned(), text.to_owned()));
    }

    /// What was written: ARN and value.
    pub fn puts(&self) -> Vec<(String, String)> {
        self.state().puts.clone()
    }

    /// Binary values that were written, each with the secret's ARN.
    pub fn binary_puts(&self) -> Vec<(String, Vec<u8>)> {
        self.state().binary_puts.clone()
    }

    pub fn trace(&self, event: CloudTrailEvent) {
        self.state().events.push(event);
    }

    /// From now on `AssumeRole` waits for a permit of this semaphore.
    pub fn hold_issues(&self) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.state().gate = Some(Arc::clone(&gate));
        gate
    }
}

/// The value that every secret of the fake has.
pub fn fake_value(arn: &str) -> String {
    format!(r#"{{"username":"app","password":"CANARY-{}"}}"#, arn.len())
}

impl FakeAws {
    /// A new current version of a secret, as AWS moves its stages.
    fn add_version(&self, arn: &str, id: &str, value: FakeValue) {
        self.access.state().values.insert(arn.to_owned(), value.clone());
        self.access.state().version_values.insert((arn.to_owned(), id.to_owned()), value);
        let Some(mut facts) = self.known(arn) else { return };
        let Detail::Secret(secret) = &mut facts.detail else { return };
        let old = secret.staged("AWSCURRENT").map(|version| version.id.clone());
        secret.versions.retain(|version| !version.has("AWSPREVIOUS"));
        for version in &mut secret.versions {
            if Some(&version.id) == old.as_ref() {
                version.stages = vec!["AWSPREVIOUS".into()];
            }
        }
        secret.versions.push(Version { id: id.to_owned(), stages: vec!["AWSCURRENT".into()] });
        self.put(facts);
    }

    fn known(&self, arn: &str) -> Option<ResourceFacts> {
        let arn: Arn = arn.parse().ok()?;
        self.resource(&arn)
    }

    fn rival_writes(&self, arn: &str) -> bool {
        let rival = self.access.state().rival.take();
        if let Some((id, text)) = &rival {
            self.add_version(arn, id, FakeValue::Text(text.clone()));
        }
        rival.is_some()
    }
}

#[async_trait]
impl AccessGateway for FakeAws {
    async fn issue(&self, order: &SessionOrder) -> Result<IssuedSession, AwsError> {
        let gate = self.access.state().gate.clone();
        if let Some(gate) = gate {
            gate.acquire().await.expect("the gate stays").forget();
        }
        let mut state = self.access.state();
        if let Some((why, code)) = state.refusal {
            return Err(AwsError { code: Some(code.into()), ..fault("AssumeRole", why) });
        }
        if order.policy.len() > state.packed_limit {
            let error = fault("AssumeRole", RegionScanFault::Other);
            return Err(AwsError { code: Some("PackedPolicyTooLarge".into()), ..error });
        }
        state.orders.push(order.clone());
        Ok(IssuedSession {
            account: order.account.clone(),
            access_key_id: format!("ASIA{:016}", state.orders.len()),
            secret_access_key: "CANARY-secret-key".into(),
            session_token: "CANARY-token".into(),
            expires_at: state.clock.now() + Duration::seconds(order.seconds.into()),
        })
    }

    async fn value(
        &self,
        _: &IssuedSession,
        resource: &GrantResource,
    ) -> Result<SecretValue, AwsError> {
        let arn = resource.arn.as_str();
        Ok(match self.access.state().values.get(arn).cloned() {
            Some(FakeValue::Text(text)) => SecretValue::Text(text.into()),
            Some(FakeValue::Binary(bytes)) => SecretValue::Binary(SecretBox::new(Box::new(bytes))),
            None => SecretValue::Text(fake_value(arn).into()),
        })
    }

    async fn version(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        id: Option<&str>,
    ) -> Result<ReadVersion, AwsError> {
        let arn = resource.arn.as_str();
        let facts = self.known(arn);
        let current = facts.and_then(|facts| match facts.detail {
            Detail::Secret(secret) => secret.staged("AWSCURRENT").map(|version| version.id.clone()),
            Detail::Parameter(parameter) => parameter.version.map(|number| number.to_string()),
        });
        if let Some(id) = id.filter(|id| current.as_deref() != Some(*id)) {
            let of = (arn.to_owned(), id.to_owned());
            let Some(value) = self.access.state().version_values.get(&of).cloned() else {
                let error = fault("GetSecretValue", RegionScanFault::Other);
                return Err(AwsError { code: Some("ResourceNotFoundException".into()), ..error });
            };
            let value = match value {
                FakeValue::Text(text) => SecretValue::Text(text.into()),
                FakeValue::Binary(bytes) => bytes.into(),
            };
            return Ok(ReadVersion { value, version: id.to_owned() });
        }
        let value = self.value(session, resource).await?;
        Ok(ReadVersion { value, version: current.unwrap_or_default() })
    }

    async fn put_value(
        &self,
        _: &IssuedSession,
        resource: &GrantResource,
        value: &SecretValue,
        idempotency: &str,
    ) -> Result<String, AwsError> {
        let arn = resource.arn.to_string();
        self.rival_writes(&arn);
        let written = match value {
            SecretValue::Text(text) => {
                let text = text.expose_secret().to_owned();
                self.access.state().puts.push((arn.clone(), text.clone()));
                FakeValue::Text(text)
            }
            SecretValue::Binary(bytes) => {
                let bytes = bytes.expose_secret().clone();
                self.access.state().binary_puts.push((arn.clone(), bytes.clone()));
                FakeValue::Binary(bytes)
            }
        };
        self.add_version(&arn, idempotency, written);
        Ok(idempotency.to_owned())
    }

    async fn change_parameter(
        &self,
        _: &IssuedSession,
        resource: &GrantResource,
        value: &SecretString,
        change: &ParameterChange,
    ) -> Result<String, AwsError> {
        let arn = resource.arn.as_str();
        let text = value.expose_secret().to_owned();
        let numbers = 1 + i64::from(self.rival_writes(arn));
        let mut facts = self.known(arn).expect("a parameter that was put");
        let Detail::Parameter(parameter) = &mut facts.detail else { panic!("a parameter") };
        let version = parameter.version.unwrap_or_default() + numbers;
        parameter.version = Some(version);
        if let Some(tier) = change.tier {
            parameter.tier = Some(tier.to_string());
        }
        match &change.pattern {
            Setting::Keep => {}
            Setting::Set(pattern) => parameter.allowed_pattern = Some(pattern.clone()),
            Setting::Remove => parameter.allowed_pattern = None,
        }
        match change.policies_json() {
            Some(json) if change.policies != Setting::Remove => {
                let all: Vec<Box<serde_json::value::RawValue>> =
                    serde_json::from_str(&json).expect("an array");
                parameter.policies = all.iter().map(|one| one.get().to_owned()).collect();
            }
            Some(_) => parameter.policies.clear(),
            None => {}
        }
        if let Some(key) = &change.key {
            facts.kms_key_id = Some(key.clone());
        }
        self.put(facts);
        let mut state = self.access.state();
        state.puts.push((arn.to_owned(), text.clone()));
        state.values.insert(arn.to_owned(), FakeValue::Text(text));
        Ok(version.to_string())
    }

    async fn rotate(&self, _: &IssuedSession, _: &GrantResource, _: &str) -> Result<(), AwsError> {
        Ok(())
    }

    async fn put_denials(
        &self,
        account: &AccountId,
        document: Option<&str>,
    ) -> Result<(), AwsError> {
        let mut state = self.access.state();
        state.probes = 0;
        match document {
            Some(document) => state.denials.insert(account.clone(), document.to_owned()),
            None => state.denials.remove(account),
        };
        Ok(())
    }

    async fn denials(&self, account: &AccountId) -> Result<Option<String>, AwsError> {
        Ok(self.access.denials_in(account))
    }

    async fn is_refused(&self, order: &SessionOrder, _: &Region) -> Result<bool, AwsError> {
        let mut state = self.access.state();
        state.probes += 1;
        let spread = state.probes > state.spreads_after;
        let named = format!("*:{}\"", order.session_name);
        Ok(spread && state.denials.get(&order.account).is_some_and(|text| text.contains(&named)))
    }

    async fn issue_probe(&self, account: &AccountId) -> Result<IssuedSession, AwsError> {
        let state = self.access.state();
        if let Some((why, code)) = state.refusal {
            return Err(AwsError { code: Some(code.into()), ..fault("AssumeRole", why) });
        }
        Ok(IssuedSession {
            account: account.clone(),
            access_key_id: "ASIAPROBE".into(),
            secret_access_key: "CANARY-secret-key".into(),
            session_token: "CANARY-token".into(),
            expires_at: state.clock.now() + Duration::minutes(15),
        })
    }

    async fn is_probe_refused(&self, probe: &IssuedSession, _: &Region) -> Result<bool, AwsError> {
        let denials = self.access.denials_in(&probe.account);
        Ok(denials.is_some_and(|text| text.contains("RevokedOlderSessions")))
    }

    async fn events_of(
        &self,
        _: &AccountId,
        _: &Region,
        access_key_id: &str,
    ) -> Result<Vec<CloudTrailEvent>, AwsError> {
        let state = self.access.state();
        let ours = |event: &&CloudTrailEvent| event.access_key_id.as_deref() == Some(access_key_id);
        Ok(state.events.iter().filter(ours).cloned().collect())
    }
}
