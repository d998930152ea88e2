//! The life of a secret from the console, over a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod change;
mod change_emulator;
mod create;
mod fixture;
mod kill;
mod plans;
mod preflight;
mod preflight_emulator;
mod preflight_setup;
mod recorder;
mod rollback;
