//! Secrets Manager in memory: versions, stages, and calls that fail when a test says so.

use async_trait::async_trait;
use rotation_steps::{Event, Secrets, SecretsError, Versions};
use secrecy::{ExposeSecret, SecretString};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

const CURRENT: &str = "AWSCURRENT";
const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";

/// When a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailAt {
    /// Before it has done anything.
    Start,
    /// After it has done all.
    End,
}

#[derive(Debug, Clone, Default)]
struct Stored {
    id: String,
    stages: BTreeSet<String>,
    value: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    secrets: BTreeMap<String, Vec<Stored>>,
    is_rotation_disabled: bool,
    failures: Vec<(&'static str, FailAt)>,
    calls: Vec<&'static str>,
}

/// Shared by its clones.
#[derive(Debug, Clone, Default)]
pub struct MemorySecrets(Arc<Mutex<State>>);

impl MemorySecrets {
    /// With secrets by ARN, whose values are in the version `first`.
    pub fn with(secrets: &[(&str, &str)]) -> Self {
        let memory = Self::default();
        for (arn, value) in secrets {
            let stages = [CURRENT.to_owned()].into();
            let first = Stored { id: "first".into(), stages, value: Some((*value).to_owned()) };
            memory.lock().secrets.insert((*arn).to_owned(), vec![first]);
        }
        memory
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What Secrets Manager does before it calls the function: the version gets AWSPENDING, and no value.
    pub fn begin(&self, arn: &str, version: &str) {
        let mut state = self.lock();
        let versions = state.secrets.entry(arn.to_owned()).or_default();
        for other in versions.iter_mut() {
            other.stages.remove(PENDING);
        }
        if let Some(version) = versions.iter_mut().find(|it| it.id == version) {
            version.stages.insert(PENDING.into());
        } else {
            let stages = [PENDING.to_owned()].into();
            versions.push(Stored { id: version.into(), stages, value: None });
        }
    }

    /// What a person does who gives up a rotation.
    pub fn clear_pending(&self, arn: &str) {
        for version in self.lock().secrets.entry(arn.to_owned()).or_default() {
            version.stages.remove(PENDING);
        }
    }

    pub fn disable_rotation(&self) {
        self.lock().is_rotation_disabled = true;
    }

    /// The next call of this name fails.
    pub fn fail(&self, call: &'static str, at: FailAt) {
        self.lock().failures.push((call, at));
    }

    /// The id and the value at a stage.
    pub fn at(&self, arn: &str, stage: &str) -> Option<(String, Option<String>)> {
        let inner = self.lock();
        let version = inner.secrets.get(arn)?.iter().find(|it| it.stages.contains(stage))?;
        Some((version.id.clone(), version.value.clone()))
    }

    /// A member of the value at a stage.
    pub fn member(&self, arn: &str, stage: &str, member: &str) -> Option<String> {
        let value: serde_json::Value = serde_json::from_str(&self.at(arn, stage)?.1?).ok()?;
        value[member].as_str().map(str::to_owned)
    }

    /// Every value, of all versions.
    pub fn values(&self) -> Vec<String> {
        let state = self.lock();
        state.secrets.values().flatten().filter_map(|it| it.value.clone()).collect()
    }

    /// The names of the calls so far.
    pub fn calls(&self) -> Vec<&'static str> {
        self.lock().calls.clone()
    }

    /// Does a call, or fails as a test has asked for it.
    fn answer<T>(
        &self,
        call: &'static str,
        work: impl FnOnce(&mut State) -> Result<T, SecretsError>,
    ) -> Result<T, SecretsError> {
        let mut state = self.lock();
        state.calls.push(call);
        let at = state.failures.iter().position(|(name, _)| *name == call);
        let fails = at.map(|at| state.failures.remove(at).1);
        let cut = || SecretsError::Failed { call, code: "no answer in time".into(), hint: "" };
        match fails {
            Some(FailAt::Start) => Err(cut()),
            Some(FailAt::End) => work(&mut state).and_then(|_| Err(cut())),
            None => work(&mut state),
        }
    }
}

fn missing(call: &'static str) -> SecretsError {
    SecretsError::Failed { call, code: "ResourceNotFoundException".into(), hint: "" }
}

#[async_trait]
impl Secrets for MemorySecrets {
    async fn describe(&self, secret: &str) -> Result<Versions, SecretsError> {
        self.answer("DescribeSecret", |state| {
            let versions = state.secrets.get(secret).ok_or_else(|| missing("DescribeSecret"))?;
            let staged = versions.iter().filter(|it| !it.stages.is_empty());
            Ok(Versions {
                is_rotation_enabled: !state.is_rotation_disabled,
                stages: staged.map(|it| (it.id.clone(), it.stages.clone())).collect(),
            })
        })
    }

    async fn value(
        &self,
        secret: &str,
        version: Option<&str>,
        stage: &str,
    ) -> Result<Option<SecretString>, SecretsError> {
        self.answer("GetSecretValue", |state| {
            let mut versions = state.secrets.get(secret).into_iter().flatten();
            let found = versions
                .find(|it| version.is_none_or(|id| it.id == id) && it.stages.contains(stage));
            Ok(found.and_then(|it| it.value.clone()).map(SecretString::from))
        })
    }

    async fn put_pending(&self, event: &Event, value: &SecretString) -> Result<(), SecretsError> {
        self.answer("PutSecretValue", |state| {
            let versions = state.secrets.get_mut(&event.secret_id);
            let version = versions
                .and_then(|all| all.iter_mut().find(|it| it.id == event.client_request_token))
                .ok_or_else(|| missing("PutSecretValue"))?;
            match &version.value {
                Some(stored) if stored != value.expose_secret() => Err(SecretsError::Exists),
                _ => {
                    version.value = Some(value.expose_secret().to_owned());
                    Ok(())
                }
            }
        })
    }

    async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), SecretsError> {
        self.answer("UpdateSecretVersionStage", |state| {
            let versions = state.secrets.get_mut(secret);
            let versions = versions.ok_or_else(|| missing("UpdateSecretVersionStage"))?;
            let has = |it: &Stored, id: &str| it.id == id && it.stages.contains(CURRENT);
            if !versions.iter().any(|it| has(it, from)) || !versions.iter().any(|it| it.id == to) {
                return Err(missing("UpdateSecretVersionStage"));
            }
            for version in versions {
                version.stages.remove(CURRENT);
                version.stages.remove(PREVIOUS);
                if version.id == from {
                    version.stages.insert(PREVIOUS.into());
                } else if version.id == to {
                    version.stages.insert(CURRENT.into());
                }
            }
            Ok(())
        })
    }
}
