//! Just-in-time access over an AWS in memory and a real PostgreSQL.

mod activity;
mod asking;
mod chat;
mod deciding;
mod deliveries;
mod eligible;
mod ending;
pub mod fixture;
mod incident;
mod notices;
mod races;
mod random;
mod using;
