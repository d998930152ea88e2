//! The server as its users see it: over HTTP, with a real PostgreSQL.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod access;
mod analyzer;
mod api;
mod common;
mod created_file;
mod declared;
mod events;
mod leaving;
mod limits;
mod logs;
mod malformed;
mod notifier;
mod pages;
mod pipelines;
mod providers;
mod queue;
mod shell;
mod sign_in;
mod stale_groups;
mod values;
mod ways;
