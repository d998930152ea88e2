//! `claviger health`: one question to a running server. The image has no curl, and a health check needs no secret.

use crate::{StartError, http_client::local_client, settings};
use clap::Args;
use claviger_domain::error_line::ErrorLine;
use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::Path,
    time::Duration,
};
use url::Url;

#[derive(Debug, Args)]
pub(crate) struct Health {
    /// What to ask. Default: `/readyz` on loopback, on the port of `listen`.
    #[arg(long)]
    url: Option<Url>,
    /// How many seconds the answer may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 3)]
    within: u64,
}

impl Health {
    /// Succeeds if the answer is a 2xx; otherwise the error holds the status and the start of the body.
    pub(crate) async fn ask(self, file: Option<&Path>) -> Result<(), StartError> {
        let url = match self.url {
            Some(url) => url.to_string(),
            None => ready_url(settings::listen(std::env::var("CLAVIGER_LISTEN").ok(), file)?),
        };
        let unhealthy = |reason: String| StartError::Unhealthy { url: url.clone(), reason };
        let answer = local_client()?
            .get(&url)
            .timeout(Duration::from_secs(self.within))
            .send()
            .await
            .map_err(|error| unhealthy(ErrorLine(error.without_url()).to_string()))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let body = answer.text().await.unwrap_or_default();
        let start: String = body.lines().next().unwrap_or_default().chars().take(200).collect();
        Err(unhealthy(format!("{status} {start}").trim_end().to_owned()))
    }
}

/// A server that listens on every address is asked on loopback.
fn ready_url(listen: SocketAddr) -> String {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}/readyz", SocketAddr::new(ip, listen.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_is_asked_on_loopback() {
        let url = |listen: &str| listen.parse().map(ready_url).unwrap_or_default();
        assert_eq!(url("0.0.0.0:8080"), "http://127.0.0.1:8080/readyz");
        assert_eq!(url("[::]:9000"), "http://[::1]:9000/readyz");
        assert_eq!(url("10.1.2.3:80"), "http://10.1.2.3:80/readyz");
    }
}
