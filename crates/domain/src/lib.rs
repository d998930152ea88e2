//! What Claviger speaks of: ids, facts, filters and the people who ask.
//!
//! No I/O and no clock; everything here also compiles to WebAssembly, because the browser shows
//! the very types that the services return.

pub mod access;
pub mod audit;
pub mod clock;
pub mod cursor;
pub mod delivery;
pub mod facts;
pub mod governance;
pub mod grant;
pub mod history;
pub mod ids;
pub mod job;
pub mod key;
pub mod organization;
pub mod owner;
pub mod partition;
pub mod problem;
pub mod query;
pub mod readiness;
pub mod remedy;
pub mod rotation;
pub mod scope_check;
pub mod sweep;
pub mod value;
pub mod view;
pub mod waits;
pub mod waiver;
