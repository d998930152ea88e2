//! What the router's handlers share.

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
    /// Counts the steps of sweeps; anyone who watches looks again.
    pub steps: watch::Receiver<u64>,
    /// Tells what has changed of access and governance.
    pub changes: broadcast::Sender<Touched>,
    /// Turns true when the server is to end, so that open streams do.
    pub shutdown: watch::Receiver<bool>,
}

impl AppState {
    /// Where the browser's files are served, as a path.
    pub fn assets(&self) -> String {
        format!("/{}", self.leptos.site_pkg_dir)
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
