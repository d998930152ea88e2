//! A database of an earlier release: the server starts with it, verifies its audit log, runs its queue, and names that people
//! and programs know still work: URLs, fields of `/v1`, words of both command lines, keys of the configuration.
//!
//! Two replicas are replaced under load, and the last release's statements are prepared on the new schema.
//!
//! Renamed ones lead from the old name to the new one: a URL responds with 308, the rest works for one release.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod aws;
mod backup;
mod balancer;
mod console;
mod dump;
#[path = "../console/common/idp.rs"]
#[expect(dead_code, reason = "the other tests ask more of it")]
mod idp;
mod incident;
mod load;
mod make;
mod names;
#[path = "../process/mod.rs"]
#[expect(dead_code, reason = "the other tests ask more of it")]
mod process;
mod replica;
mod rolling;
mod schema;
mod upgrade;
mod v1;

/// The release whose database, configuration and names are tested.
const RELEASE: &str = "0.1.0";
