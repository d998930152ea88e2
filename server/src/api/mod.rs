//! The client's API: JSON over HTTPS, with the identity provider's token. No cookies, no pages.

mod bearer;
mod changes;
mod consumers;
mod creations;
mod grants;
mod requests;

use crate::AppState;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post, put},
};
use claviger_domain::{
    error_line::ErrorLine,
    problem::{Problem, ProblemCode},
};
use claviger_services::ServiceError;
use serde::Serialize;

/// Every endpoint. The services decide who may use it.
fn ways() -> [(&'static str, MethodRouter<AppState>); 25] {
    [
        ("/v1/client", get(client)),
        ("/v1/me", get(requests::me)),
        ("/v1/search", get(requests::search)),
        ("/v1/resources", get(requests::candidates)),
        ("/v1/consumers/names", get(consumers::names)),
        ("/v1/requests", post(requests::request)),
        ("/v1/queue", get(requests::queue)),
        ("/v1/grants", get(grants::mine)),
        ("/v1/grants/{id}", get(grants::one)),
        ("/v1/grants/{id}/decision", post(grants::decide)),
        ("/v1/grants/{id}/claim", post(grants::claim)),
        ("/v1/grants/{id}/give-back", post(grants::give_back)),
        ("/v1/grants/{id}/revoke", post(grants::revoke)),
        ("/v1/grants/{id}/credentials", post(grants::credentials)),
        ("/v1/grants/{id}/reveal", post(grants::reveal)),
        ("/v1/grants/{id}/value", put(grants::put)),
        ("/v1/grants/{id}/keys", post(changes::keys).put(changes::edit)),
        ("/v1/grants/{id}/compare", post(changes::compare)),
        ("/v1/grants/{id}/parameter", put(changes::parameter)),
        ("/v1/grants/{id}/parameter/preview", post(changes::preview)),
        ("/v1/grants/{id}/rotate", post(grants::rotate)),
        ("/v1/grants/{id}/console", post(grants::console)),
        ("/v1/secrets", post(creations::create)),
        ("/v1/secrets/code", get(requests::code)),
        ("/v1/secrets/{id}/value", post(creations::value)),
    ]
}

/// All routes of the client but [`declared_route`].
pub(crate) fn routes() -> Router<AppState> {
    ways().into_iter().fold(Router::new(), |router, (path, way)| router.route(path, way))
}

/// Takes more bytes than the others.
const DECLARED: &str = "/v1/consumers/declared";

/// The route of the client whose requests may be larger.
pub(crate) fn declared_route() -> Router<AppState> {
    Router::new().route(DECLARED, post(consumers::declare))
}

/// Their paths, for the permission matrix.
pub fn paths() -> impl Iterator<Item = &'static str> {
    ways().into_iter().map(|(path, _)| path).chain([DECLARED])
}

#[derive(Serialize)]
struct ClientSettings {
    issuer: String,
    client_id: String,
    scopes: Vec<String>,
}

/// What the client needs for the sign-in. Nothing here is secret.
async fn client(State(state): State<AppState>) -> Response {
    let Some(client_id) = &state.settings.oidc_cli_client_id else {
        return refuse(Problem::new(
            ProblemCode::NotFound,
            "This console has no sign-in for clients.",
            "Its operators can set oidc_cli_client_id.",
        ));
    };
    match state.oidc.scopes().await {
        Ok(scopes) => Json(ClientSettings {
            issuer: state.settings.issuer(),
            client_id: client_id.clone(),
            scopes,
        })
        .into_response(),
        Err(error) => {
            tracing::warn!(error = %ErrorLine(&error), "the sign-in settings for clients cannot be read");
            refuse(Problem::new(
                ProblemCode::Unavailable,
                error.explain(),
                "Try again in a moment.",
            ))
        }
    }
}

fn refuse(problem: Problem) -> Response {
    let status =
        StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(problem)).into_response()
}

/// An error in a response to the client.
pub(crate) struct Refused(Problem);

impl From<ServiceError> for Refused {
    fn from(error: ServiceError) -> Self {
        Self(error.into_problem())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        refuse(self.0)
    }
}

type Answer<T> = Result<Json<T>, Refused>;
