//! The HTTP request that the present task works for. Like a span of the log, it is a property of the task and no argument:
//! nothing depends on it but the log, and the jobs that the task queues.

use claviger_domain::http_request::HttpRequestId;
use std::future::Future;
use tokio::task::futures::TaskLocalFuture;

tokio::task_local! {
    static CURRENT: Option<HttpRequestId>;
}

/// The request that the present task works for; none for scheduled work.
pub fn current_request() -> Option<HttpRequestId> {
    CURRENT.try_with(Clone::clone).ok().flatten()
}

/// Runs `work` for a request. A spawned task does not inherit it.
pub fn for_request<F: Future>(
    request: Option<HttpRequestId>,
    work: F,
) -> TaskLocalFuture<Option<HttpRequestId>, F> {
    CURRENT.scope(request, work)
}

/// The same for work that does not wait.
pub fn for_request_now<T>(request: &Option<HttpRequestId>, work: impl FnOnce() -> T) -> T {
    CURRENT.sync_scope(request.clone(), work)
}
