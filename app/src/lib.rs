//! The console's pages, which the server renders (ADR 37).

#![recursion_limit = "256"]

mod accounts;
mod alarms;
mod app;
mod audit;
mod changes;
mod compliance;
mod consumers;
mod creation;
mod exceptions;
mod grants;
mod inventory;
mod leaks;
mod notifications;
mod pipelines;
mod queue;
mod remediation;
mod rotations;
mod settings;
mod shell;
mod ui;
mod variables;
mod wire;

pub mod public;

pub use app::{Pages, document};

/// Where a browser goes after it has uploaded a file as the value of a new secret.
pub use creation::{creation_page, new_file_refused, value_file_refused};
/// Where a browser goes after it has uploaded a file as a new value.
pub use grants::{upload_refused, uploaded};

/// The scan's progress as the page says it, for its stream of events.
pub use shell::scan_event;

/// Everything a view may need of the server's side, provided per request by the server.
pub use wire::server::{Theme, provide_call};
