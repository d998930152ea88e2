//! What Secrets Manager sends to a rotation function.

use serde::Deserialize;
use std::fmt;

/// One step of one rotation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Event {
    /// The secret's ARN.
    pub secret_id: String,
    /// The id of the version that the rotation makes.
    pub client_request_token: String,
    pub step: Step,
    /// Proves to Secrets Manager that a call belongs to this rotation, where the function has a role of another account.
    #[serde(default)]
    pub rotation_token: Option<String>,
}

/// In the order in which they are called. Each may be called again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Step {
    #[serde(rename = "createSecret")]
    Create,
    #[serde(rename = "setSecret")]
    Set,
    #[serde(rename = "testSecret")]
    Test,
    #[serde(rename = "finishSecret")]
    Finish,
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Create => "createSecret",
            Self::Set => "setSecret",
            Self::Test => "testSecret",
            Self::Finish => "finishSecret",
        })
    }
}
