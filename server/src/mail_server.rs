//! The connection to the mail server.

use crate::{StartError, settings::CaBundle};
use lettre::{
    AsyncSmtpTransport, Tokio1Executor,
    transport::smtp::{
        self,
        client::{Certificate, Tls, TlsParameters},
    },
};
use std::time::Duration;
use url::Url;

/// For each step; a delivery's next attempt is later than that.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the URL. Nothing is connected.
pub(crate) fn mail_server(
    url: &str,
    bundle: Option<&CaBundle>,
) -> Result<AsyncSmtpTransport<Tokio1Executor>, StartError> {
    let wrong = |error: smtp::Error| StartError::Settings(format!("smtp_url: {error}"));
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(wrong)?;
    if let Some(bundle) = bundle
        && let Some(tls) = tls(url, bundle).map_err(wrong)?
    {
        builder = builder.tls(tls);
    }
    Ok(builder.timeout(Some(TIMEOUT)).build())
}

/// The same kind of TLS as the library reads from the URL, with more certificates; `None` without TLS.
fn tls(url: &str, bundle: &CaBundle) -> Result<Option<Tls>, smtp::Error> {
    let Ok(url) = Url::parse(url) else { return Ok(None) };
    let asked =
        url.query_pairs().find(|(key, _)| key == "tls").map(|(_, value)| value.into_owned());
    let kind: fn(TlsParameters) -> Tls = match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => Tls::Wrapper,
        ("smtp", Some("required")) => Tls::Required,
        ("smtp", Some("opportunistic")) => Tls::Opportunistic,
        _ => return Ok(None),
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let certificates = Certificate::from_pem(bundle.pem())?;
    Ok(Some(kind(TlsParameters::builder(host).add_root_certificate(certificates).build()?)))
}
