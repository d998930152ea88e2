//! Exports spans to an OpenTelemetry collector, by OTLP over HTTP (ADR 40).

use crate::{StartError, http_client::http_client, settings::Settings};
use async_trait::async_trait;
use claviger_domain::error_line::ErrorLine;
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};
use tokio::runtime::Handle;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

const SERVICE: &str = "claviger";
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long the last spans may take at shutdown.
const LAST_SPANS: Duration = Duration::from_secs(2);

/// The fields of spans that are exported. People are not among them, and neither is a field that somebody adds later.
const EXPORTED: [&str; 21] = [
    "aws.account",
    "aws.account_count",
    "aws.operation",
    "aws.region",
    "aws.role",
    "db.rows",
    "delivery.id",
    "exception.id",
    "grant.id",
    "http.method",
    "http.route",
    "item.count",
    "job.attempt",
    "job.count",
    "job.id",
    "job.kind",
    "key.count",
    "notice.id",
    "plan.id",
    "request.id",
    "scan.id",
];

/// The running export.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Prepares the export to the collector of the settings, if there is one. Nothing is sent yet.
    pub(crate) fn new(settings: &Settings) -> Result<Option<Self>, StartError> {
        let Some(endpoint) = &settings.otlp_endpoint else { return Ok(None) };
        Self::to(endpoint, http_client(settings.ca_bundle.as_ref())?).map(Some)
    }

    fn to(endpoint: &Url, http: reqwest::Client) -> Result<Self, StartError> {
        let collector =
            Collector { http, runtime: Handle::current(), is_failing: AtomicBool::new(false) };
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(collector)
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", endpoint.as_str().trim_end_matches('/')))
            .with_timeout(TIMEOUT)
            .build()
            .map_err(|error| StartError::Settings(format!("otlp_endpoint: {error}")))?;
        let resource = Resource::builder_empty()
            .with_service_name(SERVICE)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Redacted(exporter))
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// Takes the spans of our crates. Lines of the log are not exported: their texts can name people.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer(SERVICE))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(is_ours))
    }

    /// Sends what is left.
    pub(crate) async fn end(self) {
        let ending = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_SPANS));
        // A collector that does not answer was reported when it failed first.
        let _ = ending.await;
    }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span()
        && metadata.target().starts_with("claviger")
        && *metadata.level() <= Level::DEBUG
}

/// Leaves out every field that is not in the list.
#[derive(Debug)]
struct Redacted<E>(E);

impl<E: SpanExporter> SpanExporter for Redacted<E> {
    fn export(&self, mut batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        for span in &mut batch {
            span.attributes.retain(|field| EXPORTED.contains(&field.key.as_str()));
        }
        self.0.export(batch)
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// Sends by our HTTP client. The exporter's thread has no runtime, so requests run in the server's.
#[derive(Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
    is_failing: AtomicBool,
}

impl Collector {
    /// One line when it stops working, and one when it works again.
    fn report(&self, failure: Option<&str>) {
        let was_failing = self.is_failing.swap(failure.is_some(), Ordering::Relaxed);
        match failure {
            Some(failure) if !was_failing => {
                tracing::warn!(
                    error = failure,
                    "traces cannot be exported; spans are dropped until the collector answers"
                );
            }
            None if was_failing => tracing::info!("traces are exported again"),
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let sending = self
            .http
            .request(head.method, head.uri.to_string())
            .headers(head.headers)
            .timeout(TIMEOUT)
            .body(body);
        let sent = self.runtime.spawn(async move {
            let answer = sending.send().await.map_err(|error| ErrorLine(&error).to_string())?;
            let status = answer.status();
            // What a collector says about a batch is not needed, and could be long.
            if status.is_success() {
                Ok(status)
            } else {
                Err(format!("the collector answered {status}"))
            }
        });
        let outcome = match sent.await {
            Ok(outcome) => outcome,
            Err(error) => Err(ErrorLine(&error).to_string()),
        };
        self.report(outcome.as_ref().err().map(String::as_str));
        match outcome {
            Ok(status) => Ok(Response::builder().status(status).body(Bytes::new())?),
            Err(failure) => Err(io::Error::other(failure).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::CaBundle;
    use axum::{Router, body::Bytes, extract::State, routing::post};
    use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
    use std::{
        io::{Read, Write},
        path::Path,
        sync::{Arc, Mutex},
    };
    use tracing_subscriber::layer::SubscriberExt;

    type Received = Arc<Mutex<Vec<u8>>>;

    async fn collector() -> (Url, Received) {
        let received = Received::default();
        let take = |State(received): State<Received>, body: Bytes| async move {
            received.lock().unwrap().extend_from_slice(&body);
        };
        let app = Router::new().route("/v1/traces", post(take)).with_state(Arc::clone(&received));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        (url, received)
    }

    fn make_spans(traces: &Traces) {
        let subscriber = tracing_subscriber::registry().with(traces.layer());
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!(
                target: "claviger_services::grants",
                "reveal",
                person.id = "person-4711",
                aws.account = "111122223333"
            );
            let _in_span = span.enter();
            tracing::warn!(target: "claviger_services::grants", "line-4711");
            drop(tracing::info_span!(target: "hyper", "library-4711"));
        });
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn spans_are_exported_without_people_and_lines() {
        let (url, received) = collector().await;
        let traces = Traces::to(&url, http_client(None).unwrap()).unwrap();
        make_spans(&traces);
        traces.end().await;
        let bytes = received.lock().unwrap().clone();
        let text = String::from_utf8_lossy(&bytes);
        for part in [
            "service.name",
            "claviger",
            "service.version",
            env!("CARGO_PKG_VERSION"),
            "reveal",
            "aws.account",
            "111122223333",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("4711") && !text.contains("person"), "{text}");
    }

    fn openssl(folder: &Path, arguments: &str) {
        let mut command = std::process::Command::new("openssl");
        let output = command.args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A collector whose certificate is of an authority in the folder, `ca.pem`. It answers each connection once.
    fn private_collector(folder: &Path) -> (Url, Received) {
        const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        let run = |arguments: &str| openssl(folder, arguments);
        run(&format!("req -x509 {KEY} -keyout ca.key -out ca.pem -subj /CN=Authority -days 2"));
        run(&format!("req -new {KEY} -keyout server.key -out server.csr -subj /CN=server"));
        std::fs::write(folder.join("hosts.cnf"), "subjectAltName=DNS:localhost\n").unwrap();
        run(
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile hosts.cnf -out server.pem",
        );
        let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let (server, received) = (Arc::new(server), Received::default());
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let taken = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = rustls::ServerConnection::new(Arc::clone(&server)).unwrap();
                let mut tls = rustls::StreamOwned::new(connection, stream);
                let mut bytes = [0; 8 * 1024];
                // A client that does not trust the certificate ends the handshake.
                while let Ok(read @ 1..) = tls.read(&mut bytes) {
                    let mut taken = taken.lock().unwrap();
                    taken.extend_from_slice(&bytes[..read]);
                    let is_whole = String::from_utf8_lossy(&taken).contains("reveal");
                    if is_whole
                        && tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err()
                    {
                        break;
                    }
                }
            }
        });
        (format!("https://localhost:{port}/").parse().unwrap(), received)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_collector_of_a_private_authority_needs_the_bundle() {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = std::env::temp_dir().join(format!("claviger-otlp-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (url, received) = private_collector(&folder);
        let without = Traces::to(&url, http_client(None).unwrap()).unwrap();
        make_spans(&without);
        without.end().await;
        assert!(received.lock().unwrap().is_empty(), "sent to a server that was not verified");
        let bundle = CaBundle::read(&folder.join("ca.pem")).unwrap();
        let with = Traces::to(&url, http_client(Some(&bundle)).unwrap()).unwrap();
        make_spans(&with);
        with.end().await;
        let text = String::from_utf8_lossy(&received.lock().unwrap()).into_owned();
        assert!(text.starts_with("POST /v1/traces") && text.contains("reveal"), "{text}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_unreachable_collector_costs_a_moment_at_the_end() {
        let traces =
            Traces::to(&"http://127.0.0.1:9".parse().unwrap(), http_client(None).unwrap()).unwrap();
        let began = std::time::Instant::now();
        make_spans(&traces);
        assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
        traces.end().await;
        assert!(began.elapsed() < LAST_SPANS + Duration::from_secs(1), "{:?}", began.elapsed());
    }
}
