//! Routes and middleware.

use crate::{
    AppState, api, assets,
    auth::{SessionTable, SignInLimits, backchannel_logout, callback, limit, login, logout},
    creation_upload::{create_from_file, enter_file},
    events::events,
    export::{
        audit, code, evidence, exceptions, findings, hosted_rotation, inventory, variables, vault,
    },
    health::{live, ready},
    pages::{MAX_BODY, PageRoutes, page, server_function, sign_in, signed_out},
    request_id::{
        as_work_for_the_request, keep_request_in_tasks_of_pages, of, panicked, quoted_text,
        without_invalid_id,
    },
    settings::Settings,
    upload::upload,
};
use axum::{
    Extension, Router,
    body::HttpBody,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Redirect, Response},
    routing::{any, get, post},
};
use claviger_app::Pages;
use leptos_axum::generate_route_list;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::CompressionLayer,
    csrf::{ConfigError, CsrfLayer},
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    sensitive_headers::SetSensitiveRequestHeadersLayer,
    set_header::SetResponseHeaderLayer,
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use tower_sessions::{Expiry, SessionManagerLayer, cookie::SameSite};
use tracing::field;

const TIMEOUT: Duration = Duration::from_secs(30);

/// The pages, as Leptos knows them. Found once in a process: while Leptos looks for them, every page that
/// starts to load anywhere in the process waits forever (leptos-rs/leptos#4773).
pub fn page_routes() -> PageRoutes {
    static ROUTES: LazyLock<PageRoutes> = LazyLock::new(|| {
        keep_request_in_tasks_of_pages();
        PageRoutes(Arc::new(generate_route_list(Pages)))
    });
    ROUTES.clone()
}

/// Rejects requests from other sites' pages.
pub(crate) fn csrf(settings: &Settings) -> Result<CsrfLayer, ConfigError> {
    CsrfLayer::new().add_trusted_origin(settings.origin())
}

/// The complete router.
pub fn router(state: AppState, sessions: SessionTable) -> Result<Router, ConfigError> {
    let routes = page_routes();
    let mut pages = Router::new();
    for path in routes.paths().filter(|path| *path != "/") {
        pages = pages.route(path, get(page));
    }
    let assets = assets::service(&state.leptos);
    let limits = Arc::new(SignInLimits::new(&state.settings));
    let sign_in_routes = Router::new()
        .route("/auth/login", get(login))
        .route("/auth/callback", get(callback))
        .route_layer(from_fn_with_state((state.clone(), limits), limit));
    // Those that are posted are in the audit log.
    let exports = Router::new()
        .route("/export/audit/{format}", post(audit))
        .route("/export/evidence/{framework}/{format}", post(evidence))
        .route("/export/exceptions/csv", get(exceptions))
        .route("/export/variables/csv", get(variables))
        .route("/export/findings/{format}", get(findings))
        .route("/export/inventory/{format}", get(inventory))
        .route_layer(from_fn(never_ahead));
    let timed = pages
        .layer(Extension(routes.clone()))
        .route("/api/{*function}", any(server_function))
        .route("/", get(|| async { Redirect::to("/queue") }))
        .route("/sign-in", get(sign_in))
        .route("/signed-out", get(signed_out))
        .route("/auth/logout", post(logout))
        .route("/access/{id}/file", post(upload))
        .route("/creations/{id}/file", post(enter_file))
        .route("/secrets/new/file", post(create_from_file))
        .route("/inventory/{id}/hosted-rotation.yaml", get(hosted_rotation))
        .route("/export/code", get(code))
        .route("/export/vault", get(vault))
        .merge(exports)
        .merge(sign_in_routes)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    let with_session = timed
        .route("/events", get(events))
        .layer(session_layer(&state, sessions))
        .layer(map_response(session_fault))
        .layer(csrf(&state.settings)?);
    let secured = with_session
        .route("/healthz", get(live))
        .route("/livez", get(live))
        .route("/readyz", get(ready))
        // From the identity provider itself: without browser, session and cookie.
        .route(
            "/auth/backchannel-logout",
            post(backchannel_logout)
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT)),
        )
        .layer(RequestBodyLimitLayer::new(MAX_BODY))
        // Outside of that limit: each of its routes has its own.
        .merge(
            api::routes()
                .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT)),
        )
        .layer(if_absent(header::CACHE_CONTROL, "no-store"))
        .nest_service(&state.assets(), assets);
    let closing = secured.layer(from_fn_with_state(state.clone(), close_while_draining));
    Ok(layered(closing, state.settings.is_https()).with_state(state))
}

/// Refuses what a browser fetches before anybody asked for it.
async fn never_ahead(request: Request, next: Next) -> Response {
    let purpose = request.headers().get("sec-purpose").and_then(|purpose| purpose.to_str().ok());
    if purpose.is_some_and(|purpose| purpose.contains("prefetch")) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

fn layered(router: Router<AppState>, https: bool) -> Router<AppState> {
    let trace = TraceLayer::new_for_http().make_span_with(|request: &Request| {
        // The path's pattern, never its query: search words are private.
        let path =
            request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str);
        let id = of(request).map(field::display);
        tracing::info_span!(
            "request", request.id = id, http.method = %request.method(), http.route = path
        )
    });
    let hsts = https.then(|| {
        if_absent(header::STRICT_TRANSPORT_SECURITY, "max-age=63072000; includeSubDomains")
    });
    router.layer(
        ServiceBuilder::new()
            .map_request(without_invalid_id)
            .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
            .layer(SetSensitiveRequestHeadersLayer::new([header::COOKIE, header::AUTHORIZATION]))
            .layer(trace)
            .layer(PropagateRequestIdLayer::x_request_id())
            .layer(from_fn(as_work_for_the_request))
            .layer(CatchPanicLayer::custom(panicked))
            .option_layer(hsts)
            .layer(if_absent(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(if_absent(header::X_FRAME_OPTIONS, "DENY"))
            // `same-origin`, so that a plain form post can return to its page.
            .layer(if_absent(header::REFERRER_POLICY, "same-origin"))
            .layer(if_absent(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
            .layer(if_absent(
                HeaderName::from_static("permissions-policy"),
                "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            ))
            .layer(CompressionLayer::new()),
    )
}

fn if_absent(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// `__Host-` if TLS allows it; on plain loopback another name.
fn session_layer(state: &AppState, sessions: SessionTable) -> SessionManagerLayer<SessionTable> {
    let https = state.settings.is_https();
    SessionManagerLayer::new(sessions)
        .with_name(if https { "__Host-claviger" } else { "claviger-loopback" })
        .with_secure(https)
        .with_http_only(true)
        // A Strict cookie would lose the session on the redirect from the identity provider.
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(state.settings.session_idle()))
}

/// The session layer responds with an empty 500 if it cannot write the session: the database is unavailable.
async fn session_fault(response: Response) -> Response {
    let is_empty = response.body().size_hint().exact() == Some(0);
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && is_empty {
        let text = "The session cannot be saved right now. Try again in a moment.";
        return (StatusCode::SERVICE_UNAVAILABLE, quoted_text(text)).into_response();
    }
    response
}

/// While the replica leaves, each response ends its connection, so that none is cut while it waits for a next request.
async fn close_while_draining(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    if *state.draining.borrow() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
