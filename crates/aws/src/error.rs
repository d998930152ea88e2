//! The meaning of AWS errors for a scan.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId as _,
};
use claviger_domain::{
    error_line::{ErrorLine, one_line},
    scan::RegionScanFault,
};
use claviger_gateways::AwsError;
use std::error::Error;

/// Operations whose request or response contains a value. What AWS says about such a call is not logged, nor is a response
/// that cannot be read: either could repeat the value.
const WITH_VALUES: [&str; 4] = ["GetParameter", "GetSecretValue", "PutParameter", "PutSecretValue"];

/// Interprets errors of the SDK.
pub(crate) trait FromSdk {
    /// The error of a call.
    fn of<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static;
}

impl FromSdk for AwsError {
    fn of<E, R>(operation: &'static str, error: &SdkError<E, R>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        R: std::fmt::Debug + Send + Sync + 'static,
    {
        let code =
            error.as_service_error().and_then(ProvideErrorMetadata::code).map(ToOwned::to_owned);
        let fault = match (error, code.as_deref()) {
            (SdkError::ServiceError(_), Some(code)) => fault_of_code(code),
            (SdkError::ServiceError(_), None) => RegionScanFault::Other,
            _ if has_credentials_error(error) => RegionScanFault::NoCredentials,
            (SdkError::ConstructionFailure(_), _) => RegionScanFault::Other,
            _ => RegionScanFault::Unreachable,
        };
        let detail = detail(operation, error);
        // Never of another kind of error: its dump contains the raw response.
        if let (SdkError::ServiceError(refusal), false) = (error, WITH_VALUES.contains(&operation))
        {
            tracing::debug!(aws.operation = operation, error = ?refusal.err(), "AWS refused a call");
        }
        Self { operation, fault, code, detail }
    }
}

/// The error as one line: what AWS said with its request id, or what prevented a response.
fn detail<E, R>(operation: &str, error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let may_contain_value = WITH_VALUES.contains(&operation);
    match error {
        SdkError::ServiceError(refusal) => {
            let told = refusal.err().meta();
            let code = told.code().unwrap_or("no error code");
            let message = told.message().filter(|_| !may_contain_value);
            let message = message.map(|message| format!(": {message}")).unwrap_or_default();
            let id = told.request_id().map(|id| format!(" (AWS request id {id})"));
            one_line(&format!("{code}{message}{}", id.unwrap_or_default()))
        }
        SdkError::ResponseError(_) if may_contain_value => "the response cannot be read".to_owned(),
        _ => ErrorLine(error).to_string(),
    }
}

/// Whether AWS's code means that there were too many requests.
pub(crate) fn is_throttling(code: &str) -> bool {
    fault_of_code(code) == RegionScanFault::Throttled
}

pub(crate) fn fault_of_code(code: &str) -> RegionScanFault {
    match code {
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            RegionScanFault::Denied
        }
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "SlowDown" => RegionScanFault::Throttled,
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "RequestTimeTooSkewed"
        | "RequestExpired"
        | "IncompleteSignature" => RegionScanFault::NoCredentials,
        "InternalFailure"
        | "InternalServiceError"
        | "InternalServerError"
        | "ServiceUnavailable" => RegionScanFault::Unreachable,
        _ => RegionScanFault::Other,
    }
}

/// Whether the cause is that the SDK found no credentials.
fn has_credentials_error(error: &(dyn Error + 'static)) -> bool {
    let mut at = Some(error);
    while let Some(error) = at {
        if error.is::<CredentialsError>() {
            return true;
        }
        at = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_secretsmanager::Client;
    use aws_smithy_mocks::{Rule, RuleMode, mock, mock_client};
    use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::ConnectorError};
    use aws_smithy_types::body::SdkBody;

    const CANARY: &str = "canary-value-4711";

    fn client(rule: &Rule) -> Client {
        mock_client!(aws_sdk_secretsmanager, RuleMode::MatchAny, [rule])
    }

    fn response(status: u16, body: &'static str) -> HttpResponse {
        let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert("x-amzn-requestid", "aws-id-1");
        response
    }

    fn assert_is_a_line(error: &AwsError) {
        let line = ErrorLine(error).to_string();
        assert!(line.len() < 400, "{line}");
        for dump in ["SdkError", "ServiceError", "Unhandled", "{", "\n"] {
            assert!(!line.contains(dump), "{dump:?} in {line}");
        }
    }

    #[tokio::test]
    async fn a_refusal_is_one_line_with_what_aws_said() {
        const DENIED: &str = r#"{"__type":"AccessDeniedException","Message":"User: arn:aws:sts::1:x is not\n authorized"}"#;
        let rule = mock!(Client::describe_secret).then_http_response(|| response(400, DENIED));
        let error = client(&rule).describe_secret().secret_id("a").send().await.unwrap_err();
        let error = AwsError::of("DescribeSecret", &error);
        assert_eq!(
            error.to_string(),
            "DescribeSecret: AccessDeniedException: User: arn:aws:sts::1:x is not authorized (AWS request id aws-id-1)"
        );
        assert_eq!(error.fault, RegionScanFault::Denied);
        assert_is_a_line(&error);
    }

    #[tokio::test]
    async fn a_wrong_clock_is_told_from_a_wrong_key() {
        const LATE: &str = r#"{"__type":"InvalidSignatureException","message":"Signature expired: 20261128T100000Z is now earlier than 20261128T101000Z (20261128T101500Z - 5 min.)"}"#;
        const WRONG: &str = r#"{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided."}"#;
        for (body, is_clock) in [(LATE, true), (WRONG, false)] {
            let rule =
                mock!(Client::describe_secret).then_http_response(move || response(403, body));
            let error = client(&rule).describe_secret().secret_id("a").send().await.unwrap_err();
            let error = AwsError::of("DescribeSecret", &error);
            assert_eq!(error.fault, RegionScanFault::NoCredentials);
            assert_eq!(error.is_clock_skew(), is_clock, "{error}");
        }
    }

    #[tokio::test]
    async fn a_call_without_a_response_is_one_line_with_the_cause() {
        let error: SdkError<aws_sdk_sts::operation::assume_role::AssumeRoleError, HttpResponse> =
            SdkError::dispatch_failure(ConnectorError::io("connection\nrefused".into()));
        let error = AwsError::of("AssumeRole", &error);
        assert!(error.detail.contains("connection refused"), "{}", error.detail);
        assert_eq!(error.fault, RegionScanFault::Unreachable);
        assert_is_a_line(&error);
    }

    /// A response that contains the value and cannot be parsed, and a refusal that repeats it.
    #[tokio::test]
    async fn an_error_of_a_call_with_a_value_never_contains_the_value() {
        const BROKEN: &str =
            r#"{"SecretString":"canary-value-4711","CreatedDate":"canary-value-4711"}"#;
        const REPEATS: &str = r#"{"__type":"ValidationException","Message":"Value 'canary-value-4711' at 'secretString'"}"#;
        for (status, body) in [(200, BROKEN), (400, REPEATS)] {
            let rule =
                mock!(Client::get_secret_value).then_http_response(move || response(status, body));
            let error = client(&rule).get_secret_value().secret_id("a").send().await.unwrap_err();
            let error = AwsError::of("GetSecretValue", &error);
            assert!(!format!("{error:?}{error}").contains(CANARY), "{error:?}");
            assert_is_a_line(&error);
        }
        let rule = mock!(Client::put_secret_value).then_http_response(|| response(400, REPEATS));
        let put = client(&rule).put_secret_value().secret_id("a").secret_string(CANARY).send();
        let error = AwsError::of("PutSecretValue", &put.await.unwrap_err());
        assert_eq!(
            error.to_string(),
            "PutSecretValue: ValidationException (AWS request id aws-id-1)"
        );
    }
}
