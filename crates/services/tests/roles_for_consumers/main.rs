//! Roles of workloads, drafted by the console over a real PostgreSQL, and held against an emulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod boundary;
mod draft;
mod emulator;
#[path = "../lifecycle/fixture.rs"]
mod fixture;
