//! Remediation, exceptions and what is told of findings; over an AWS in memory and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod counts;
mod exceptions;
mod fixture;
mod history;
mod news;
mod readiness;
mod remediation;
mod tag_policies;
mod unfinished;
