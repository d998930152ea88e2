//! Roles of workloads, drafted by the console over a real PostgreSQL, and held against an emulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod analyzer;
mod apply;
mod apply_broken;
mod apply_builds;
mod apply_emulator;
mod apply_instances;
mod apply_refused;
mod boundary;
mod boundary_instances;
mod draft;
mod emulator;
#[path = "../lifecycle/fixture.rs"]
mod fixture;
