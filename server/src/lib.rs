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
mod http;
mod http_client;
mod manual;
mod no_role;
pub mod notifier;
mod pages;
mod policy;
mod prepare;
mod request_id;
pub mod router;
mod serve;
pub mod settings;
mod start_error;
mod state;
pub mod worker;

pub use clock::SystemClock;
pub use serve::{run, services};
pub use start_error::StartError;
pub use state::AppState;
