//! Rotation of a credential at any vendor with an HTTP API, by a description: which calls create, find, prove and revoke it.

mod calls;
mod description;
mod jwt;
mod rotation;
mod template;

pub use description::{Description, READY};
pub use rotation::HttpRotation;
