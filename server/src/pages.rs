//! Pages, server functions and the public pages.

use crate::{AppState, auth::MaybeSigned, forms, no_role, request_id::quoted_text};
use axum::{
    Extension, Json,
    body::Body,
    extract::{MatchedPath, Query, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use claviger_app::{
    Theme, document, provide_call,
    public::{PublicPage, render, render_signed_in},
};
use claviger_domain::problem::{Problem, ProblemCode};
use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::{AxumRouteListing, handle_server_fns_with_context, render_route_with_context};
use serde::Deserialize;
use std::sync::Arc;

/// A value of 65,536 bytes, in its longest encoding.
pub(crate) const MAX_BODY: usize = 512 * 1024;

/// The app's routes, which Leptos renders.
#[derive(Clone)]
pub struct PageRoutes(pub(crate) Arc<Vec<AxumRouteListing>>);

impl PageRoutes {
    /// Their paths, as axum writes them.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AxumRouteListing::path)
    }
}

/// A page. Without a sign-in, the browser is redirected to the sign-in and back.
pub(crate) async fn page(
    State(state): State<AppState>,
    Extension(routes): Extension<PageRoutes>,
    signed: MaybeSigned,
    request: Request,
) -> Response {
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    let back = query("return_to", wanted);
    let to = |path: &str| Redirect::to(&format!("{path}?{back}")).into_response();
    let caller = match signed {
        MaybeSigned::In(caller, arrived) => {
            let route = request.extensions().get::<MatchedPath>().cloned();
            if let Some(page) = no_role::instead(&state, route, &caller, &arrived).await {
                return private(&state, request.headers(), page);
            }
            caller
        }
        MaybeSigned::Out => return to("/sign-in"),
        // If the provider's session continues, the person does not notice.
        MaybeSigned::Again => return to("/auth/login"),
    };
    let theme = theme(request.headers());
    let services = state.services.clone();
    let options = state.leptos.clone();
    let handler = render_route_with_context(
        routes.0.as_ref().clone(),
        move || provide_call(&services, Some(caller.clone()), theme),
        move || document(options.clone()),
    );
    handler(State(state), request).await
}

/// A server function. Without a session it responds with 401. It never returns a value to a form without JavaScript:
/// if the response would contain one, the function is not called.
pub(crate) async fn server_function(
    State(state): State<AppState>,
    signed: MaybeSigned,
    request: Request<Body>,
) -> Response {
    let theme = theme(request.headers());
    let caller = signed.caller();
    let is_plain = forms::is_plain(request.headers());
    if is_plain && forms::needs_script(request.uri().path()) {
        let headers = request.headers().clone();
        return public(&state, &headers, StatusCode::BAD_REQUEST, no_value());
    }
    if let Some(response) = no_function(&state, &request) {
        return response;
    }
    let request = if is_plain { forms::as_typed(request, MAX_BODY).await } else { Ok(request) };
    let Ok(request) = request else { return StatusCode::PAYLOAD_TOO_LARGE.into_response() };
    let context = move || provide_call(&state.services, caller.clone(), theme);
    let response = handle_server_fns_with_context(context, request).await.into_response();
    forms::without_body(if is_plain { forms::back_to_the_page(response) } else { response })
}

/// The response to a call that no server function accepts: an unknown path, or a known one with another method. Leptos would
/// answer with a text for developers.
fn no_function(state: &AppState, request: &Request<Body>) -> Option<Response> {
    let path = request.uri().path();
    let methods: Vec<Method> =
        server_fn_paths().filter(|(own, _)| *own == path).map(|(_, method)| method).collect();
    if methods.contains(request.method()) {
        return None;
    }
    let allowed: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let allowed = allowed.join(", ");
    let is_known = !methods.is_empty();
    let status = if is_known { StatusCode::METHOD_NOT_ALLOWED } else { StatusCode::NOT_FOUND };
    let mut response = if forms::is_plain(request.headers()) {
        let page = PublicPage {
            title: "Page not found".into(),
            text: "Check the address, or go to Inventory.".into(),
            fault: None,
            action: Some(("/inventory".into(), "Go to Inventory".into())),
        };
        public(state, request.headers(), status, page)
    } else {
        let problem = if is_known {
            let hint = format!("Use {allowed}.");
            Problem::new(ProblemCode::InvalidInput, "The method is not allowed here.", hint)
        } else {
            Problem::new(ProblemCode::NotFound, "Not found.", "Check the address.")
        };
        (status, Json(problem)).into_response()
    };
    if let Some(allowed) = HeaderValue::from_str(&allowed).ok().filter(|_| is_known) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    Some(response)
}

/// The response to a form without JavaScript instead of a value.
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

/// The sign-in page.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(asked): Query<SignIn>,
) -> Response {
    let wanted = asked.return_to.unwrap_or_else(|| "/queue".into());
    let page = PublicPage {
        title: "Sign in".into(),
        text: "See every secret in your AWS Organization, who owns it, and whether it is secure."
            .into(),
        fault: None,
        action: Some((
            format!("/auth/login?{}", query("return_to", &wanted)),
            "Sign in with SSO".into(),
        )),
    };
    public(&state, &headers, StatusCode::OK, page)
}

#[derive(Deserialize)]
pub(crate) struct SignedOut {
    /// The identity provider was not requested to sign the person out.
    here: Option<String>,
}

/// The return page after the identity provider's sign-out.
pub(crate) async fn signed_out(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(asked): Query<SignedOut>,
) -> Response {
    let text = match asked.here {
        None => "Your session has ended, here and at your identity provider.",
        Some(_) => {
            "Your session here has ended. Your identity provider may still keep you signed in: sign out there too, or close the browser."
        }
    };
    let page = PublicPage {
        title: "Signed out".into(),
        text: text.into(),
        fault: None,
        action: Some(("/auth/login".into(), "Sign in again".into())),
    };
    public(&state, &headers, StatusCode::OK, page)
}

/// Responds that something is currently not available.
pub(crate) fn unavailable(
    state: &AppState,
    headers: &HeaderMap,
    message: &str,
    hint: &str,
) -> Response {
    let page = PublicPage {
        title: "Not available".into(),
        text: message.into(),
        fault: Some(quoted_text(hint)),
        action: None,
    };
    public(state, headers, StatusCode::SERVICE_UNAVAILABLE, page)
}

/// Responds with a public page.
pub(crate) fn public(
    state: &AppState,
    headers: &HeaderMap,
    status: StatusCode,
    page: PublicPage,
) -> Response {
    whole(status, render(page, &state.assets(), theme(headers)))
}

/// Responds to a signed-in person without a role.
fn private(state: &AppState, headers: &HeaderMap, page: PublicPage) -> Response {
    whole(StatusCode::FORBIDDEN, render_signed_in(page, &state.assets(), theme(headers)))
}

fn whole(status: StatusCode, html: String) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; \
                          form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
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
