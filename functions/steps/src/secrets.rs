//! What a rotation asks of Secrets Manager.

use crate::{Event, Fault};
use async_trait::async_trait;
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};

/// A secret's versions, as `DescribeSecret` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    pub is_rotation_enabled: bool,
    /// Stages by the version's id.
    pub stages: BTreeMap<String, BTreeSet<String>>,
}

impl Versions {
    /// The id of the version at a stage.
    pub fn at(&self, stage: &str) -> Option<&str> {
        let mut all = self.stages.iter();
        all.find(|(_, stages)| stages.contains(stage)).map(|(id, _)| id.as_str())
    }

    pub fn has(&self, id: &str, stage: &str) -> bool {
        self.stages.get(id).is_some_and(|stages| stages.contains(stage))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretsError {
    /// A version of this id has another value already.
    #[error("Secrets Manager has this version with another value already")]
    Exists,
    #[error("Secrets Manager answered {call} with {code}: {hint}")]
    Failed { call: &'static str, code: String, hint: &'static str },
}

impl From<SecretsError> for Fault {
    fn from(error: SecretsError) -> Self {
        Self::new(error.to_string())
    }
}

/// Secrets Manager.
#[async_trait]
pub trait Secrets: Send + Sync {
    async fn describe(&self, secret: &str) -> Result<Versions, SecretsError>;

    /// The value of a version, which must have the stage; `None` if it has no value yet. Without a version: the one at the
    /// stage.
    async fn value(
        &self,
        secret: &str,
        version: Option<&str>,
        stage: &str,
    ) -> Result<Option<SecretString>, SecretsError>;

    /// Stores the value of the event's version, as AWSPENDING.
    async fn put_pending(&self, event: &Event, value: &SecretString) -> Result<(), SecretsError>;

    /// Moves AWSCURRENT. Refused if `from` does not have it.
    async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), SecretsError>;
}
