//! Checks of the settings alone. `claviger serve` begins with them and `claviger check` runs the same, so that neither accepts
//! what the other rejects.

use crate::{
    StartError, assets,
    health::ALIVE,
    http_client::{http_client, local_client},
    notifier::Notifier,
    router::csrf,
    settings::Settings,
};
use claviger_policy::AccessPolicy;
use leptos::config::LeptosOptions;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// The parts of a server before its first connection.
pub(crate) struct Prepared {
    pub(crate) leptos: LeptosOptions,
    pub(crate) http: reqwest::Client,
    pub(crate) policy: Arc<AccessPolicy>,
    pub(crate) notifier: Arc<Notifier>,
}

/// Reads every file that the settings name, and validates every setting with its own format.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    settings.database().address().map(drop)?;
    let _ = csrf(settings).map_err(|error| StartError::Settings(format!("public_url: {error}")))?;
    let policy = Arc::new(settings.access_policy()?);
    let http = http_client(settings.ca_bundle.as_ref())?;
    let notifier = Arc::new(Notifier::new(settings, http.clone())?);
    let leptos = assets::options(&settings.site_dir)?;
    Ok(Prepared { leptos, http, policy, notifier })
}

pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| StartError::Listen { address, reason: error.to_string() })
}

/// The listener of metrics, if they are enabled.
pub(crate) async fn bind_metrics(settings: &Settings) -> Result<Option<TcpListener>, StartError> {
    let Some(address) = settings.metrics_listen else { return Ok(None) };
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| StartError::ListenForMetrics { address, reason: error.to_string() })?;
    Ok(Some(listener))
}

/// Whether the server could listen. If Claviger is already listening, that is not an error: the check may run in parallel.
pub(crate) async fn could_listen(settings: &Settings) -> Result<(), StartError> {
    let Err(error) = bind(settings.listen).await else {
        return bind_metrics(settings).await.map(drop);
    };
    let mut address = settings.listen;
    if address.ip().is_unspecified() {
        let v4 = address.is_ipv4();
        address.set_ip(if v4 {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let asked =
        local_client()?.get(format!("http://{address}/healthz")).timeout(Duration::from_secs(2));
    let answer = match asked.send().await {
        Ok(answer) => answer.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    if answer == ALIVE { Ok(()) } else { Err(error) }
}
