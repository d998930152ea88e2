//! Calls of services whose SDK is not a part of this program: a request, signed by Signature Version 4 with the credentials of a
//! session, and the bytes of its response.

use crate::{
    AwsError, IssuedSession, RootCertificates,
    error::fault_of_code,
    http::connector,
    observer::{RequestOutcome, RequestReport, RequestReporter, error_code, outcome_of_error},
};
use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use aws_types::service_config::ServiceConfigKey;
use claviger_domain::{
    error_line::ErrorLine, ids::Region, partition::Partition, scan::RegionScanFault,
};
use secrecy::{
    ExposeSecret,
    zeroize::{Zeroize as _, Zeroizing},
};
use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant, SystemTime},
};

/// For one attempt.
const MAX_WAIT: Duration = Duration::from_secs(20);
const MAX_ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A request to a service. Its address and body have no value of a secret.
#[derive(Debug, Clone)]
pub(crate) struct SignedCall {
    /// AWS's id of the service, such as `Lambda`.
    pub(crate) service: &'static str,
    /// In host names and signatures, such as `lambda`.
    pub(crate) endpoint: &'static str,
    /// Such as `GetPolicy`.
    pub(crate) operation: &'static str,
    /// With the query, from the first slash on.
    pub(crate) path: String,
    pub(crate) body: SignedBody,
}

/// What a request sends.
#[derive(Debug, Clone)]
pub(crate) enum SignedBody {
    /// Nothing, with GET.
    None,
    /// JSON, with PUT.
    Put(String),
    /// JSON, with POST.
    Post(String),
    /// JSON, with POST, of a call that AWS charges for. AWS may have charged for a response that was lost, so the call is repeated
    /// only if it was throttled.
    Charged(String),
    /// A form, with POST.
    Form(String),
    /// JSON of a service that has one address, with POST.
    Json {
        /// The operation in the header `x-amz-target`.
        target: &'static str,
        text: String,
    },
}

/// Sends signed requests.
#[derive(Debug, Clone)]
pub(crate) struct SignedCalls {
    certificates: Option<RootCertificates>,
    /// Made by the first call: most processes make none.
    connector: Arc<OnceLock<SharedHttpConnector>>,
    reporter: RequestReporter,
}

/// A response that is no error. Its bytes are overwritten when it is dropped.
pub(crate) type ResponseBody = Zeroizing<Vec<u8>>;

/// How an attempt ended without a result.
struct Failed {
    error: AwsError,
    /// Whether another attempt may succeed, and costs nothing.
    is_transient: bool,
}

impl SignedCalls {
    pub(crate) fn new(certificates: Option<&RootCertificates>, reporter: RequestReporter) -> Self {
        Self { certificates: certificates.cloned(), connector: Arc::default(), reporter }
    }

    /// The bytes of a successful response. A call that is throttled, or that gets no response, is repeated; see
    /// [`SignedBody::Charged`] for the exception.
    pub(crate) async fn send(
        &self,
        config: &SdkConfig,
        credentials: &Credentials,
        region: &Region,
        call: &SignedCall,
    ) -> Result<ResponseBody, AwsError> {
        let mut pause = FIRST_PAUSE;
        for _ in 1..MAX_ATTEMPTS {
            match self.attempt(config, credentials, region, call).await {
                Err(Failed { is_transient: true, .. }) => tokio::time::sleep(pause).await,
                other => return other.map_err(|failed| failed.error),
            }
            pause *= 2;
        }
        self.attempt(config, credentials, region, call).await.map_err(|failed| failed.error)
    }

    async fn attempt(
        &self,
        config: &SdkConfig,
        credentials: &Credentials,
        region: &Region,
        call: &SignedCall,
    ) -> Result<ResponseBody, Failed> {
        let began = Instant::now();
        let request = request(config, credentials, region, call)
            .map_err(|error| Failed { error, is_transient: false })?;
        let answered = tokio::time::timeout(MAX_WAIT, self.exchange(request, call)).await;
        let result = answered.unwrap_or_else(|_| {
            Err((RequestOutcome::NoResponse, unreachable(call, "no response in time")))
        });
        let outcome = result.as_ref().err().map_or(RequestOutcome::Ok, |(outcome, _)| *outcome);
        self.reporter.report(RequestReport {
            service: call.service,
            operation: call.operation,
            outcome,
            elapsed: began.elapsed(),
        });
        let is_charged = matches!(call.body, SignedBody::Charged(_));
        result.map_err(|(outcome, error)| {
            let is_throttled = outcome == RequestOutcome::Throttled;
            let is_lost = outcome == RequestOutcome::NoResponse
                || error.fault == RegionScanFault::Unreachable;
            Failed { error, is_transient: is_throttled || (is_lost && !is_charged) }
        })
    }

    async fn exchange(
        &self,
        request: HttpRequest,
        call: &SignedCall,
    ) -> Result<ResponseBody, (RequestOutcome, AwsError)> {
        let no_response = |line: String| (RequestOutcome::NoResponse, unreachable(call, &line));
        let response = self
            .connector
            .get_or_init(|| connector(self.certificates.as_ref()))
            .call(request)
            .await
            .map_err(|error| no_response(ErrorLine(&error).to_string()))?;
        let status = response.status();
        let header = |name: &str| response.headers().get(name).map(ToOwned::to_owned);
        let (kind, id) = (header("x-amzn-errortype"), header("x-amzn-requestid"));
        // Without the cause: it could repeat what was received.
        let received = ByteStream::new(response.into_body()).collect().await;
        let received = received.map_err(|_| no_response("the response broke off".to_owned()))?;
        let received = received.into_bytes();
        let body = Zeroizing::new(received.to_vec());
        if let Ok(mut own) = received.try_into_mut() {
            own.zeroize();
        }
        if status.is_success() {
            return Ok(body);
        }
        let code = error_code(kind.as_deref(), &body);
        let outcome = outcome_of_error(status.as_u16(), code.as_deref());
        let fault = match &code {
            _ if status.is_server_error() => RegionScanFault::Unreachable,
            Some(code) => fault_of_code(code),
            None => RegionScanFault::Other,
        };
        let id = id.map(|id| format!(" (AWS request id {id})")).unwrap_or_default();
        // AWS's message could name what the function is configured with.
        let detail = format!("{}{id}", code.as_deref().unwrap_or("no error code"));
        // People read why there is no result: where AWS gives no code, its status says more than nothing.
        let code = code.or_else(|| Some(format!("HTTP {}", status.as_u16())));
        Err((outcome, AwsError { operation: call.operation, fault, code, detail }))
    }
}

fn unreachable(call: &SignedCall, line: &str) -> AwsError {
    AwsError {
        operation: call.operation,
        fault: RegionScanFault::Unreachable,
        code: None,
        detail: line.to_owned(),
    }
}

/// The address of a service in a Region: a configured one, otherwise AWS's.
fn base(config: &SdkConfig, region: &Region, call: &SignedCall) -> String {
    let configured = if config.get_origin("endpoint_url").is_client_config() {
        config.endpoint_url().map(ToOwned::to_owned)
    } else {
        let key = ServiceConfigKey::builder()
            .service_id(call.service)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build();
        let of_service = key.ok().and_then(|key| config.service_config()?.load_config(key));
        of_service.or_else(|| config.endpoint_url().map(ToOwned::to_owned))
    };
    configured.unwrap_or_else(|| {
        let host = host(call.endpoint, region, config.use_fips() == Some(true));
        format!("https://{host}")
    })
}

/// Services whose usual host is the FIPS one in GovCloud.
const FIPS_IN_GOVCLOUD: [&str; 3] = ["access-analyzer", "cloudformation", "ec2"];

/// AWS's host of a service in a Region.
fn host(endpoint: &str, region: &Region, is_fips: bool) -> String {
    let partition = Partition::of_region(region);
    let is_usual = partition.as_str() == "aws-us-gov" && FIPS_IN_GOVCLOUD.contains(&endpoint);
    let fips = if is_fips && !is_usual { "-fips" } else { "" };
    format!("{endpoint}{fips}.{region}.{}", partition.dns_suffix())
}

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
const JSON: &str = "application/x-amz-json-1.1";
const PLAIN_JSON: &str = "application/json";

/// A session's credentials, as requests are signed with them.
pub(crate) fn credentials(session: &IssuedSession) -> Credentials {
    Credentials::new(
        session.access_key_id.clone(),
        session.secret_access_key.expose_secret().to_owned(),
        Some(session.session_token.expose_secret().to_owned()),
        Some(SystemTime::from(session.expires_at)),
        "claviger-signed",
    )
}

fn request(
    config: &SdkConfig,
    credentials: &Credentials,
    region: &Region,
    call: &SignedCall,
) -> Result<HttpRequest, AwsError> {
    let wrong = |error: &dyn std::fmt::Display| {
        AwsError::nonsense(call.operation, format!("the request cannot be signed: {error}"))
    };
    let url = format!("{}{}", base(config, region, call).trim_end_matches('/'), call.path);
    let (method, headers, body) = match &call.body {
        SignedBody::Form(form) => ("POST", vec![("content-type", FORM)], form.as_str()),
        SignedBody::Json { target, text } => {
            ("POST", vec![("content-type", JSON), ("x-amz-target", *target)], text.as_str())
        }
        SignedBody::Put(text) => ("PUT", vec![("content-type", PLAIN_JSON)], text.as_str()),
        SignedBody::Post(text) | SignedBody::Charged(text) => {
            ("POST", vec![("content-type", PLAIN_JSON)], text.as_str())
        }
        SignedBody::None => ("GET", Vec::new(), ""),
    };
    let identity = credentials.clone().into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region.as_str())
        .name(call.endpoint)
        .time(SystemTime::now())
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| wrong(&error))?
        .into();
    let signable = SignableRequest::new(
        method,
        &url,
        headers.iter().copied(),
        SignableBody::Bytes(body.as_bytes()),
    )
    .map_err(|error| wrong(&error))?;
    let (instructions, _) =
        sign(signable, &parameters).map_err(|error| wrong(&error))?.into_parts();
    let mut request = HttpRequest::new(SdkBody::from(body));
    request.set_method(method).map_err(|error| wrong(&error))?;
    request.set_uri(url).map_err(|error| wrong(&error))?;
    let signed = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let own = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    for (name, value) in own.chain(signed) {
        request.headers_mut().try_insert(name, value).map_err(|error| wrong(&error))?;
    }
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn some_services_have_no_fips_host_of_their_own_in_govcloud() {
        for (endpoint, region, is_fips, expected) in [
            ("cloudformation", "us-east-1", false, "cloudformation.us-east-1.amazonaws.com"),
            ("cloudformation", "us-east-1", true, "cloudformation-fips.us-east-1.amazonaws.com"),
            ("cloudformation", "us-gov-west-1", true, "cloudformation.us-gov-west-1.amazonaws.com"),
            ("lambda", "us-gov-west-1", true, "lambda-fips.us-gov-west-1.amazonaws.com"),
            ("codebuild", "cn-north-1", false, "codebuild.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(host(endpoint, &region.parse().unwrap(), is_fips), expected);
        }
    }
}
