//! The composition root: configuration, command line, router, sign-in, worker. No business logic.

pub mod api;
mod assets;
pub mod auth;
mod check;
pub mod cli;
mod clock;
mod connections;
mod events;
mod export;
mod forms;
mod heads;
mod health;
mod health_check;
mod http;
mod http_client;
mod incident;
mod manual;
mod metrics;
mod no_role;
pub mod notifier;
mod pages;
mod policy;
mod prepare;
mod request_id;
pub mod router;
mod scan;
mod serve;
pub mod settings;
mod start_error;
mod state;
mod traces;
pub mod worker;

pub use clock::SystemClock;
pub use serve::{run, services};
pub use start_error::StartError;
pub use state::AppState;
