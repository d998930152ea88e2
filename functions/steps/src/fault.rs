//! Why a step failed. None of these texts has a value, an address with one, or a body that a server sent.

use crate::Step;
use lambda_runtime::Diagnostic;

/// What went wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(String);

impl Fault {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The same, with what was going on before it.
    #[must_use]
    pub fn during(self, what: &str) -> Self {
        Self(format!("{what}: {}", self.0))
    }
}

/// A step that failed. Secrets Manager shows its text in the event of the failed rotation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {fault}")]
pub struct StepError {
    pub step: Step,
    pub fault: Fault,
}

impl From<StepError> for Diagnostic {
    fn from(error: StepError) -> Self {
        Self { error_type: "RotationStepFailed".into(), error_message: error.to_string() }
    }
}
