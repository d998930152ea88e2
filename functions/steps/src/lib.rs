//! The four steps of a rotation as Secrets Manager calls them, for functions that make and revoke credentials.
//!
//! A function says how it makes, registers, proves and revokes a credential ([`Rotation`]). The [`Frame`] reads and writes the
//! secret, decides what a step that is called twice still has to do, and revokes nothing before the new credential is proven.

mod aws;
mod credential;
mod event;
mod fault;
mod frame;
pub mod keys;
mod runtime;
mod secrets;

pub use aws::AwsSecrets;
pub use credential::{Credential, Member};
pub use event::{Event, Step};
pub use fault::{Fault, StepError};
pub use frame::{Frame, Rotation, Run};
pub use runtime::{log_to, serve};
pub use secrets::{Secrets, SecretsError, Versions};
