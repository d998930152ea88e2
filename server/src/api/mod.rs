//! The client's API: JSON over HTTPS, with the identity provider's token. No cookies, no pages.

mod bearer;
mod changes;
mod consumers;
mod creations;
mod grants;
mod pipelines;
mod requests;

use crate::{AppState, pages::MAX_BODY};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post, put},
};
use claviger_domain::{
    consumers::declared::MAX_DECLARED_BYTES,
    error_line::ErrorLine,
    problem::{Problem, ProblemCode},
};
use claviger_services::ServiceError;
use serde::Serialize;
use tower_http::limit::RequestBodyLimitLayer;

/// Every endpoint, with the most bytes of a request's body. The services decide who may use it.
fn ways() -> [(&'static str, MethodRouter<AppState>, usize); 27] {
    [
        ("/v1/client", get(client), MAX_BODY),
        ("/v1/me", get(requests::me), MAX_BODY),
        ("/v1/search", get(requests::search), MAX_BODY),
        ("/v1/resources", get(requests::candidates), MAX_BODY),
        ("/v1/consumers/names", get(consumers::names), MAX_BODY),
        ("/v1/consumers/declared", post(consumers::declare), MAX_DECLARED_BYTES),
        ("/v1/consumers/found", post(pipelines::declare), MAX_DECLARED_BYTES),
        ("/v1/requests", post(requests::request), MAX_BODY),
        ("/v1/queue", get(requests::queue), MAX_BODY),
        ("/v1/grants", get(grants::mine), MAX_BODY),
        ("/v1/grants/{id}", get(grants::one), MAX_BODY),
        ("/v1/grants/{id}/decision", post(grants::decide), MAX_BODY),
        ("/v1/grants/{id}/claim", post(grants::claim), MAX_BODY),
        ("/v1/grants/{id}/give-back", post(grants::give_back), MAX_BODY),
        ("/v1/grants/{id}/revoke", post(grants::revoke), MAX_BODY),
        ("/v1/grants/{id}/credentials", post(grants::credentials), MAX_BODY),
        ("/v1/grants/{id}/reveal", post(grants::reveal), MAX_BODY),
        ("/v1/grants/{id}/value", put(grants::put), MAX_BODY),
        ("/v1/grants/{id}/keys", post(changes::keys).put(changes::edit), MAX_BODY),
        ("/v1/grants/{id}/compare", post(changes::compare), MAX_BODY),
        ("/v1/grants/{id}/parameter", put(changes::parameter), MAX_BODY),
        ("/v1/grants/{id}/parameter/preview", post(changes::preview), MAX_BODY),
        ("/v1/grants/{id}/rotate", post(grants::rotate), MAX_BODY),
        ("/v1/grants/{id}/console", post(grants::console), MAX_BODY),
        ("/v1/secrets", post(creations::create), MAX_BODY),
        ("/v1/secrets/code", get(requests::code), MAX_BODY),
        ("/v1/secrets/{id}/value", post(creations::value), MAX_BODY),
    ]
}

/// All routes of the client, each with its own limit: a smaller one around them would hold for all.
pub(crate) fn routes() -> Router<AppState> {
    ways().into_iter().fold(Router::new(), |router, (path, way, most)| {
        router.route(path, way.layer(RequestBodyLimitLayer::new(most)))
    })
}

/// Their paths, for the permission matrix.
pub fn paths() -> impl Iterator<Item = &'static str> {
    ways().into_iter().map(|(path, ..)| path)
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
