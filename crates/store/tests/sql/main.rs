//! What holds of the SQL itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod engine;
mod passwords;
mod states;
mod unchecked;
