//! Claviger's domain types: ids, facts, filters and people.
//!
//! No I/O and no clock; everything here also compiles to WebAssembly, because the browser uses
//! the same types that the services return.

pub mod accounts;
pub mod alarms;
pub mod audit;
pub mod authz;
pub mod aws_event;
pub mod changes;
mod choice;
pub mod clock;
pub mod code;
pub mod compliance;
pub mod consumers;
pub mod creation;
pub mod day;
pub mod error_line;
pub mod exceptions;
pub mod facts;
pub mod filter;
pub mod grants;
pub mod http_request;
pub mod ids;
pub mod inventory;
pub mod job;
pub mod json_edit;
pub mod json_shape;
pub mod key;
pub mod leaks;
pub mod list_link;
pub mod notifications;
pub mod owner;
pub mod parameter_change;
pub mod partition;
pub mod pipelines;
pub mod problem;
pub mod queue;
pub mod remediation;
pub mod rotation;
pub mod rotations;
pub mod scan;
pub mod settings;
mod text_fields;
pub mod value;
pub mod value_change;
pub mod variables;
pub mod waits;

pub use choice::InvalidChoice;
pub use strum::VariantArray;
