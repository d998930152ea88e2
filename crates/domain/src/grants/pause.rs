//! The pause of all access, while an incident is handled.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Access is paused: nobody can start access or get a session, whatever was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessPause {
    /// The name of the person who paused it.
    pub by: String,
    pub reason: String,
    pub at: OffsetDateTime,
}
