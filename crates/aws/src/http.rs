//! The SDK's HTTP client: which certificates it trusts, and whether it goes through a proxy.

use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use std::{fmt, sync::Arc};

/// Additional root certificates, as PEM. The caller has checked that each can be read: the SDK panics over one that
/// cannot.
pub type RootCertificates = Arc<[u8]>;

/// The proxy for `https` requests, from the environment.
#[derive(Clone)]
pub struct HttpsProxy(ProxyConfig);

/// Without its URL, which may have a password.
impl fmt::Debug for HttpsProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpsProxy").finish_non_exhaustive()
    }
}

/// A variable that names a proxy and cannot be used. Its value may have a password, and is left out.
#[derive(Debug, thiserror::Error)]
#[error("{0} is to be a URL such as http://proxy.example.com:3128, with http:// or https://")]
pub struct InvalidProxy(&'static str);

/// In this order; the same as of the process's other HTTP client.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

impl HttpsProxy {
    /// The proxy that the process's environment names, if it does.
    pub fn of_environment() -> Result<Option<Self>, InvalidProxy> {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Only of `https` requests: the credentials of a container, of EKS and of an instance come by plain http from a
    /// link-local address, which no proxy reaches.
    fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, InvalidProxy> {
        let set = |name: &'static str| {
            variable(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value))
        };
        let Some((name, url)) = PROXIES.into_iter().find_map(set) else { return Ok(None) };
        let url = url.trim();
        // Other programs take a host and a port too.
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let proxy = ProxyConfig::https(url).map_err(|_| InvalidProxy(name))?;
        let exceptions = EXCEPTIONS.into_iter().find_map(set);
        Ok(Some(Self(match exceptions {
            Some((_, rules)) => proxy.no_proxy(rules),
            None => proxy,
        })))
    }
}

/// The client, if it is to differ from the SDK's own, which trusts the system's certificates and uses no proxy.
pub(crate) fn http_client(
    certificates: Option<&RootCertificates>,
    proxy: Option<HttpsProxy>,
) -> Option<SharedHttpClient> {
    if certificates.is_none() && proxy.is_none() {
        return None;
    }
    let mut trusted = TrustStore::default();
    if let Some(pem) = certificates {
        trusted = trusted.with_pem_certificate(pem.to_vec());
    }
    let tls = TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default();
    Some(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder()
            .tls_provider(Provider::rustls(CryptoMode::AwsLc))
            .tls_context(tls.clone());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.set_proxy_config(proxy.clone().map(|proxy| proxy.0));
        connector.build()
    }))
}

/// A connector with the same certificates and proxy, for requests that are sent without an SDK client.
pub(crate) fn connector(certificates: Option<&RootCertificates>) -> SharedHttpConnector {
    let mut trusted = TrustStore::default();
    if let Some(pem) = certificates {
        trusted = trusted.with_pem_certificate(pem.to_vec());
    }
    let tls = TlsContext::builder().with_trust_store(trusted).build().unwrap_or_default();
    let mut connector =
        Connector::builder().tls_provider(Provider::rustls(CryptoMode::AwsLc)).tls_context(tls);
    // The server refuses to start with a proxy that cannot be used.
    let proxy = HttpsProxy::of_environment().ok().flatten();
    connector.set_proxy_config(proxy.map(|proxy| proxy.0));
    SharedHttpConnector::new(connector.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let found = |name: &str| {
            variables.iter().find(|(set, _)| *set == name).map(|(_, value)| (*value).to_owned())
        };
        HttpsProxy::read(found)
            .map(|proxy| proxy.map(|proxy| format!("{:?}", proxy.0)))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_proxy_is_read_from_the_usual_variables() {
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&[("HTTPS_PROXY", " ")]).unwrap(), None);
        assert_eq!(read(&[("HTTP_PROXY", "http://proxy:3128")]).unwrap(), None, "https only");
        for variables in [
            [("HTTPS_PROXY", "http://proxy.test:3128"), ("ALL_PROXY", "http://other:1")],
            [("https_proxy", "proxy.test:3128"), ("all_proxy", "http://other:1")],
        ] {
            let proxy = read(&variables).unwrap().unwrap();
            assert!(proxy.contains("proxy.test:3128") && !proxy.contains("other"), "{proxy}");
        }
        let proxy = read(&[("ALL_PROXY", "http://all:1"), ("NO_PROXY", "a.test")]).unwrap();
        let proxy = proxy.unwrap();
        assert!(proxy.contains("all:1") && proxy.contains("a.test"), "{proxy}");
        for wrong in ["socks5://user:hunter2@proxy:1080", "http://", "http://a b"] {
            let fault = read(&[("HTTPS_PROXY", wrong)]).unwrap_err();
            assert!(fault.contains("HTTPS_PROXY") && !fault.contains("hunter2"), "{fault}");
        }
    }
}
