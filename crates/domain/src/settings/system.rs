//! The state of the installation.

use super::SettingGroup;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How something of the installation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthState {
    Good,
    Warning,
    Bad,
    Unknown,
    /// A fact that is neither good nor bad.
    Info,
}

/// A fact about the installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthFact {
    pub about: String,
    pub state: HealthState,
    pub found: String,
    /// What to do, where it is not good.
    pub to_do: Option<String>,
}

impl HealthFact {
    pub fn new(about: &str, state: HealthState, found: impl Into<String>) -> Self {
        Self { about: about.to_owned(), state, found: found.into(), to_do: None }
    }

    /// With what to do.
    #[must_use]
    pub fn to_do(self, to_do: &str) -> Self {
        Self { to_do: Some(to_do.to_owned()), ..self }
    }
}

/// The state of the installation, with the settings that explain it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemView {
    pub facts: Vec<HealthFact>,
    pub settings: Vec<SettingGroup>,
    pub as_of: OffsetDateTime,
}
