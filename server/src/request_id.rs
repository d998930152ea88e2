//! The id of each HTTP request: accepted or created, in the span, the response, and what the request's task starts.

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{HeaderName, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use claviger_domain::{
    error_line::panic_line,
    http_request::{HttpRequestId, REQUEST_ID_HEADER},
    problem::Problem,
};
use claviger_services::{current_request, for_request, for_request_now};
use hyper::body::{Frame, SizeHint};
use std::{
    any::Any,
    pin::Pin,
    task::{Context, Poll},
};
use tracing::Instrument;

/// The name of the header.
pub(crate) const HEADER: HeaderName = HeaderName::from_static(REQUEST_ID_HEADER);

/// Removes an id that is none, so that a new one is created: the id goes into logs, pages and jobs.
pub(crate) fn without_invalid_id(mut request: Request) -> Request {
    if request.headers().contains_key(HEADER) && of(&request).is_none() {
        request.headers_mut().remove(HEADER);
    }
    request
}

/// The id in a request's header.
pub(crate) fn of<B>(request: &axum::http::Request<B>) -> Option<HttpRequestId> {
    request.headers().get(HEADER)?.to_str().ok()?.parse().ok()
}

/// Answers the request, and later creates the rest of the body, as work for this request.
pub(crate) async fn as_work_for_the_request(request: Request, next: Next) -> Response {
    let id = of(&request);
    let response = for_request(id.clone(), next.run(request)).await;
    response.map(|body| Body::new(BodyOf { id, body }))
}

/// A body of which each part is created as work for a request.
struct BodyOf {
    id: Option<HttpRequestId>,
    body: Body,
}

impl HttpBody for BodyOf {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Self { id, body } = self.get_mut();
        for_request_now(id, || Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The response if a handler panics. The log has the reason.
pub(crate) fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic_line(&*panic);
    tracing::error!(error = text.as_deref().unwrap_or("no text"), "a request panicked");
    (StatusCode::INTERNAL_SERVER_ERROR, quoted(Problem::internal()).to_string()).into_response()
}

/// A problem with the id of the present request.
pub(crate) fn quoted(problem: Problem) -> Problem {
    match current_request() {
        Some(id) => problem.quoting(&id),
        None => problem,
    }
}

/// A text for people, with the id of the present request.
pub(crate) fn quoted_text(text: &str) -> String {
    match current_request() {
        Some(id) => format!("{text} Request ID: {id}."),
        None => text.to_owned(),
    }
}

/// Starts the tasks of Leptos: what a page reads is read in tasks of their own, which keep the span and the request.
struct KeepRequest;

impl CustomExecutor for KeepRequest {
    fn spawn(&self, task: PinnedFuture<()>) {
        tokio::spawn(for_request(current_request(), task).in_current_span());
    }

    fn spawn_local(&self, task: PinnedLocalFuture<()>) {
        tokio::task::spawn_local(for_request(current_request(), task).in_current_span());
    }

    fn poll_local(&self) {}
}

/// Before Leptos sets its own executor. In a process that already has one, nothing changes.
pub(crate) fn keep_request_in_tasks_of_pages() {
    let _ = Executor::init_custom_executor(KeepRequest);
}
