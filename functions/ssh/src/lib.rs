//! Rotation of an SSH key: a new Ed25519 key in the account's `authorized_keys`, signed in with the present one.

mod authorized_keys;
mod rotation;
mod session;

pub use rotation::SshRotation;
