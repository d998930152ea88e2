//! What the tests of rotation functions share: Secrets Manager in memory, and over HTTP with Lambda's Runtime API.

mod lambda;
mod memory;

pub use lambda::Lambda;
pub use memory::{FailAt, MemorySecrets};

use rotation_steps::{Event, Step};

/// The secret that is rotated.
pub const SECRET: &str =
    "arn:aws:secretsmanager:us-east-1:111122223333:secret:payments/vendor-AbCdEf";
/// The administrator's secret.
pub const ADMIN: &str = "arn:aws:secretsmanager:us-east-1:111122223333:secret:admin/vendor-AbCdEf";
/// In the order of a rotation.
pub const STEPS: [Step; 4] = [Step::Create, Step::Set, Step::Test, Step::Finish];

/// A step of the rotation that makes this version.
pub fn event(step: Step, version: &str) -> Event {
    Event {
        secret_id: SECRET.into(),
        client_request_token: version.into(),
        step,
        rotation_token: None,
    }
}
