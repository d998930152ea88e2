//! The client's way in: JSON over HTTPS, with the identity provider's token. No cookies, no pages.

mod bearer;
mod grants;
mod requests;

use crate::AppState;
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use claviger_domain::problem::Problem;
use claviger_services::ServiceError;
use serde::Serialize;

/// All routes of the client, and who they are for is decided in the services.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/v1/client", get(client))
        .route("/v1/me", get(requests::me))
        .route("/v1/search", get(requests::search))
        .route("/v1/requests", post(requests::request))
        .route("/v1/queue", get(requests::queue))
        .route("/v1/grants", get(grants::mine))
        .route("/v1/grants/{id}", get(grants::one))
        .route("/v1/grants/{id}/decision", post(grants::decide))
        .route("/v1/grants/{id}/claim", post(grants::claim))
        .route("/v1/grants/{id}/give-back", post(grants::give_back))
        .route("/v1/grants/{id}/revoke", post(grants::revoke))
        .route("/v1/grants/{id}/credentials", post(grants::credentials))
        .route("/v1/grants/{id}/reveal", post(grants::reveal))
        .route("/v1/grants/{id}/value", put(grants::put))
        .route("/v1/grants/{id}/rotate", post(grants::rotate))
        .route("/v1/grants/{id}/console", post(grants::console))
}

/// The paths, for the permission matrix.
pub const PATHS: [&str; 16] = [
    "/v1/client",
    "/v1/me",
    "/v1/search",
    "/v1/requests",
    "/v1/queue",
    "/v1/grants",
    "/v1/grants/{id}",
    "/v1/grants/{id}/decision",
    "/v1/grants/{id}/claim",
    "/v1/grants/{id}/give-back",
    "/v1/grants/{id}/revoke",
    "/v1/grants/{id}/credentials",
    "/v1/grants/{id}/reveal",
    "/v1/grants/{id}/value",
    "/v1/grants/{id}/rotate",
    "/v1/grants/{id}/console",
];

#[derive(Serialize)]
struct ClientSettings {
    issuer: String,
    client_id: String,
    scopes: Vec<String>,
}

/// What the client needs to sign a person in. Nothing here is secret.
async fn client(State(state): State<AppState>) -> Response {
    let settings = &state.settings;
    match &settings.oidc_cli_client_id {
        Some(client_id) => Json(ClientSettings {
            issuer: settings.issuer(),
            client_id: client_id.clone(),
            scopes: settings.oidc_scopes.clone(),
        })
        .into_response(),
        None => refuse(Problem::new(
            claviger_domain::problem::ProblemCode::NotFound,
            "This console has no sign-in for clients.",
            "Its operators can set oidc_cli_client_id.",
        )),
    }
}

fn refuse(problem: Problem) -> Response {
    let status =
        StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Json(problem)).into_response()
}

/// An error on its way to the client.
struct Refused(Problem);

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
