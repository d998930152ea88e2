//! Just-in-time access over an AWS in memory and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod asking;
mod deciding;
mod deliveries;
mod eligible;
mod ending;
mod fixture;
mod notices;
mod races;
mod random;
mod using;
