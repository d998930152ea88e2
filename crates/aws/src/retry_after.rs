//! `Retry-After`, which the SDK's classifiers do not read: they support only AWS's `x-amz-retry-after`.

use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority},
};
use aws_smithy_types::retry::ErrorKind;
use std::time::Duration;

/// The maximum delay; longer ones are cut to this.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(20);

/// Waits as long as a response with 429 or 503 requests, in seconds.
#[derive(Debug)]
pub(crate) struct RetryAfter;

impl ClassifyRetry for RetryAfter {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let asked = context
            .response()
            .filter(|response| matches!(response.status().as_u16(), 429 | 503))
            .and_then(|response| response.headers().get("retry-after"))
            .and_then(|seconds| seconds.trim().parse().ok());
        match asked {
            Some(seconds) => RetryAction::retryable_error_with_explicit_delay(
                ErrorKind::ThrottlingError,
                Duration::from_secs(seconds).min(MAX_RETRY_AFTER),
            ),
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Retry-After"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
