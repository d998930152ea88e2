//! Reports each request to AWS, with its outcome and duration, to what measures them.

use crate::error::is_throttling;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef},
        },
        orchestrator::{HttpResponse, Metadata},
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use serde::Deserialize;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::Display, strum::VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum RequestOutcome {
    Ok,
    /// AWS refused it because there were too many.
    Throttled,
    /// AWS answered with another error, such as `AccessDeniedException`.
    Error,
    /// AWS did not answer: no connection, or the request took too long.
    NoResponse,
}

/// One request to AWS. A call that the SDK repeats is several requests. It has no account, no ARN and no parameter.
#[derive(Debug, Clone, Copy)]
pub struct RequestReport<'a> {
    /// AWS's id of the service, such as `Secrets Manager`.
    pub service: &'a str,
    /// Such as `ListSecrets`.
    pub operation: &'a str,
    pub outcome: RequestOutcome,
    /// From the start of the request to the end of the response, without waits for the budget and between attempts.
    pub elapsed: Duration,
}

/// Takes reports of requests. It is called in the request's task and must not wait.
pub trait RequestObserver: Send + Sync + 'static {
    fn observe(&self, report: RequestReport<'_>);
}

/// Takes no report.
struct NoObserver;

impl RequestObserver for NoObserver {
    fn observe(&self, _: RequestReport<'_>) {}
}

/// When the attempt began.
#[derive(Debug)]
struct Began(Instant);

impl Storable for Began {
    type Storer = StoreReplace<Self>;
}

/// The interceptor of every client of the gateway.
#[derive(Clone)]
pub(crate) struct RequestReporter(Arc<dyn RequestObserver>);

impl RequestReporter {
    pub(crate) fn new(observer: Arc<dyn RequestObserver>) -> Self {
        Self(observer)
    }

    /// A request that was sent without an SDK client.
    pub(crate) fn report(&self, report: RequestReport<'_>) {
        self.0.observe(report);
    }

    pub(crate) fn none() -> Self {
        Self(Arc::new(NoObserver))
    }
}

impl fmt::Debug for RequestReporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestReporter")
    }
}

impl Intercept for RequestReporter {
    fn name(&self) -> &'static str {
        "claviger request reporter"
    }

    fn read_before_signing(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        config.interceptor_state().store_put(Began(Instant::now()));
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Without it nothing was sent: credentials could not be resolved.
        let (Some(Began(began)), Some(metadata)) =
            (config.load::<Began>(), config.load::<Metadata>())
        else {
            return Ok(());
        };
        let outcome = match context.output_or_error() {
            Some(Ok(_)) => RequestOutcome::Ok,
            _ => outcome_of(context.response()),
        };
        self.0.observe(RequestReport {
            service: metadata.service(),
            operation: metadata.name(),
            outcome,
            elapsed: began.elapsed(),
        });
        Ok(())
    }
}

/// What a response means that is no success.
fn outcome_of(response: Option<&HttpResponse>) -> RequestOutcome {
    let Some(response) = response else { return RequestOutcome::NoResponse };
    let header = response.headers().get("x-amzn-errortype");
    let code = error_code(header, response.body().bytes().unwrap_or_default());
    outcome_of_error(response.status().as_u16(), code.as_deref())
}

/// What an error means, by its status and AWS's code.
pub(crate) fn outcome_of_error(status: u16, code: Option<&str>) -> RequestOutcome {
    let throttled = status == 429 || code.is_some_and(is_throttling);
    if throttled { RequestOutcome::Throttled } else { RequestOutcome::Error }
}

/// AWS's error code: from the header of the JSON protocols, their body, or the body of the query protocol. Nothing else of
/// the body is kept.
pub(crate) fn error_code(header: Option<&str>, body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct JsonError {
        #[serde(rename = "__type", alias = "code")]
        code: String,
    }
    let written = if let Some(code) = header {
        code.to_owned()
    } else if let Ok(error) = serde_json::from_slice::<JsonError>(body) {
        error.code
    } else {
        let text = std::str::from_utf8(body).ok()?;
        let (_, rest) = text.split_once("<Code>")?;
        rest.split_once("</Code>")?.0.to_owned()
    };
    // `com.amazon.coral.service#ThrottlingException` and `ThrottlingException:http://…`.
    let code = written.rsplit_once('#').map_or(written.as_str(), |(_, code)| code);
    Some(code.split(':').next().unwrap_or(code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_secretsmanager::Client;
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use std::sync::Mutex;

    #[derive(Default)]
    struct Recorded(Mutex<Vec<(String, String, RequestOutcome)>>);

    impl RequestObserver for Recorded {
        fn observe(&self, report: RequestReport<'_>) {
            assert!(report.elapsed < Duration::from_mins(1));
            self.0.lock().unwrap().push((
                report.service.to_owned(),
                report.operation.to_owned(),
                report.outcome,
            ));
        }
    }

    fn response(status: u16, body: &'static str) -> HttpResponse {
        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body))
    }

    async fn reported(rule: &Rule) -> Vec<(String, String, RequestOutcome)> {
        let recorded = Arc::new(Recorded::default());
        let reporter = RequestReporter::new(Arc::<Recorded>::clone(&recorded));
        let client = mock_client!(aws_sdk_secretsmanager, RuleMode::MatchAny, [rule]);
        let config = client.config().to_builder().interceptor(reporter).build();
        let _ = Client::from_conf(config).list_secrets().send().await;
        recorded.0.lock().unwrap().clone()
    }

    #[tokio::test]
    async fn a_request_is_reported_by_service_operation_and_outcome() {
        const THROTTLED: &str = r#"{"__type":"com.amazon.coral.availability#ThrottlingException"}"#;
        const DENIED: &str =
            r#"{"__type":"AccessDeniedException","Message":"ThrottlingException"}"#;
        for (status, body, outcome) in [
            (200, r#"{"SecretList":[]}"#, RequestOutcome::Ok),
            (400, THROTTLED, RequestOutcome::Throttled),
            (429, "", RequestOutcome::Throttled),
            (400, DENIED, RequestOutcome::Error),
            (500, "<html>", RequestOutcome::Error),
        ] {
            let rule =
                mock!(Client::list_secrets).then_http_response(move || response(status, body));
            let found = reported(&rule).await;
            assert!(!found.is_empty());
            for (service, operation, was) in found {
                assert_eq!(
                    (service.as_str(), operation.as_str()),
                    ("Secrets Manager", "ListSecrets")
                );
                assert_eq!(was, outcome, "{status} {body}");
            }
        }
    }

    #[test]
    fn codes_of_all_protocols_are_read() {
        const QUERY: &str = "<ErrorResponse><Error><Code>Throttling</Code><Message>x</Message></Error></ErrorResponse>";
        assert_eq!(outcome_of(Some(&response(400, QUERY))), RequestOutcome::Throttled);
        let mut rest = response(403, "{}");
        rest.headers_mut().insert("x-amzn-errortype", "TooManyRequestsException:http://x/");
        assert_eq!(outcome_of(Some(&rest)), RequestOutcome::Throttled);
        assert_eq!(outcome_of(None), RequestOutcome::NoResponse);
        assert_eq!(outcome_of(Some(&response(400, ""))), RequestOutcome::Error);
    }
}
