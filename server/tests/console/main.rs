//! The console as its users meet it: over HTTP, with a real PostgreSQL behind it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod access;
mod api;
mod common;
mod events;
mod limits;
mod malformed;
mod notifier;
mod pages;
mod providers;
mod sign_in;
mod stale_groups;
mod values;
