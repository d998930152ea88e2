//! Pages, server functions and the public pages.

use crate::{AppState, auth::MaybeSigned, forms, router::MAX_BODY};
use axum::{
    Extension,
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use claviger_app::{
    Theme, document, provide_call,
    public::{PublicPage, render},
};
use leptos_axum::{AxumRouteListing, handle_server_fns_with_context, render_route_with_context};
use serde::Deserialize;
use std::sync::Arc;

/// The app's routes, for Leptos to find how each is rendered.
pub type Routes = Arc<Vec<AxumRouteListing>>;

/// A page of the app. Who is not signed in goes to the sign-in, and comes back after it.
pub(crate) async fn page(
    State(state): State<AppState>,
    Extension(routes): Extension<Routes>,
    MaybeSigned(caller): MaybeSigned,
    request: Request,
) -> Response {
    let Some(caller) = caller else {
        let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
        return Redirect::to(&format!("/sign-in?{}", query("return_to", wanted))).into_response();
    };
    let theme = theme(request.headers());
    let services = state.services.clone();
    let form_target = state.oidc.origin();
    let options = state.leptos.clone();
    let handler = render_route_with_context(
        routes.as_ref().clone(),
        move || provide_call(&services, Some(caller.clone()), theme, &form_target),
        move || document(options.clone()),
    );
    handler(State(state), request).await
}

/// A server function. One without a session answers 401 by itself. To a form without scripts it never answers a value:
/// where the answer would be one, the function is not even called.
pub(crate) async fn server_function(
    State(state): State<AppState>,
    MaybeSigned(caller): MaybeSigned,
    request: Request<Body>,
) -> Response {
    let theme = theme(request.headers());
    let form_target = state.oidc.origin();
    let is_plain = forms::is_plain(request.headers());
    if is_plain && forms::needs_script(request.uri().path()) {
        let headers = request.headers().clone();
        return public(&state, &headers, StatusCode::BAD_REQUEST, no_value());
    }
    let request =
        if is_plain { forms::as_typed(request, MAX_BODY).await } else { Ok(request) };
    let Ok(request) = request else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let context = move || provide_call(&state.services, caller.clone(), theme, &form_target);
    forms::without_body(handle_server_fns_with_context(context, request).await.into_response())
}

/// What a form without scripts gets instead of a value.
fn no_value() -> PublicPage {
    PublicPage {
        title: "A value can't be shown here".into(),
        text: "The console shows a value for 30 seconds and then takes it off the page, which needs scripts. \
               Nothing was read from AWS. Turn scripts on, or use clv get or the AWS command line."
            .into(),
        fault: None,
        action: Some(("/access".into(), "Go to My access".into())),
    }
}

#[derive(Deserialize)]
pub(crate) struct SignIn {
    return_to: Option<String>,
}

/// The way in.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(asked): Query<SignIn>,
) -> Response {
    let wanted = asked.return_to.unwrap_or_else(|| "/inventory".into());
    let page = PublicPage {
        title: "Sign in".into(),
        text: "See every secret of your AWS Organization, who owns it, and how it is kept.".into(),
        fault: None,
        action: Some((
            format!("/auth/login?{}", query("return_to", &wanted)),
            "Sign in with your organization".into(),
        )),
    };
    public(&state, &headers, StatusCode::OK, page)
}

/// Where a person comes back to from the identity provider's sign-out.
pub(crate) async fn signed_out(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let page = PublicPage {
        title: "Signed out".into(),
        text: "Your session has ended, here and at your identity provider.".into(),
        fault: None,
        action: Some(("/auth/login".into(), "Sign in again".into())),
    };
    public(&state, &headers, StatusCode::OK, page)
}

/// Answers with a public page.
pub(crate) fn public(
    state: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    page: PublicPage,
) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    let html = render(page, &state.assets(), theme(headers));
    (status, [(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
}

/// One pair of a URL's query.
pub(crate) fn query(name: &str, value: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
}

fn theme(headers: &HeaderMap) -> Theme {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let chosen = cookies
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix("claviger-theme="));
    match chosen {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}
