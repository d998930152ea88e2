//! Settings of the log, metrics and traces.

use super::Settings;
use crate::StartError;
use serde::Deserialize;
use url::Url;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

impl Settings {
    pub(super) fn validate_telemetry(&self) -> Result<(), StartError> {
        let is_shared = |address| address == self.listen && self.listen.port() != 0;
        if self.metrics_listen.is_some_and(is_shared) {
            return Err(StartError::Settings(
                "metrics_listen is the same as listen. Metrics have no sign-in: choose another port, on loopback or a \
                 network that only Prometheus reaches"
                    .to_owned(),
            ));
        }
        let is_http = |url: &Url| ["http", "https"].contains(&url.scheme()) && url.has_host();
        if self.otlp_endpoint.as_ref().is_some_and(|url| !is_http(url)) {
            return Err(StartError::Settings(
                "otlp_endpoint is to begin with http:// or https://, such as http://127.0.0.1:4318: traces are exported \
                 by OTLP over HTTP"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}
