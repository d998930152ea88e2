//! The features, each through its services, over an AWS in memory and a real PostgreSQL. One binary: linking it costs more
//! than compiling a feature's tests.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod account_scan;
mod audit;
mod compliance;
mod declared;
mod declared_by_pipelines;
mod favorites;
mod findings;
mod grants;
mod queue;
mod retention;
mod scan;
mod settings;
