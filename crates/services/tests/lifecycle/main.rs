//! The life of a secret from the console, over a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod calendar;
mod change;
mod change_emulator;
mod code;
mod create;
mod fixture;
mod hosted;
mod kill;
mod leaked;
mod plans;
mod preflight;
mod preflight_emulator;
mod preflight_setup;
mod preflight_value;
mod recorder;
mod rollback;
