//! State that the router's handlers share.

use crate::{auth::Oidc, settings::Settings};
use axum::extract::FromRef;
use claviger_domain::clock::Clock;
use claviger_services::{Services, Touched};
use leptos::config::LeptosOptions;
use std::sync::Arc;
use tokio::sync::{broadcast, watch};

#[derive(Clone)]
pub struct AppState {
    pub services: Services,
    pub settings: Arc<Settings>,
    pub clock: Arc<dyn Clock>,
    pub oidc: Arc<Oidc>,
    pub leptos: LeptosOptions,
    /// Counts the steps of scans; receivers read again.
    pub steps: watch::Receiver<u64>,
    /// Announces changes of access and governance.
    pub changes: broadcast::Sender<Touched>,
    /// Becomes true when the server was told to stop: it still serves, and load balancers are to send requests elsewhere.
    pub draining: watch::Receiver<bool>,
    /// Why the server must not serve although the database answers, such as a wrong clock. Not ready until it is `None`.
    pub unfit: watch::Receiver<Option<String>>,
    /// Becomes true when the server shuts down, so that open streams end.
    pub shutdown: watch::Receiver<bool>,
}

impl AppState {
    /// The path of the browser's files.
    pub fn assets(&self) -> String {
        format!("/{}", self.leptos.site_pkg_dir)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
