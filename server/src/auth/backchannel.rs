//! The provider reports that someone was signed out (OpenID Connect Back-Channel Logout 1.0).

use crate::AppState;
use axum::{
    Form, Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use claviger_domain::error_line::ErrorLine;
use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct LogoutForm {
    logout_token: String,
}

/// Ends the sign-ins that a logout token names. The provider's signature is the only required proof.
pub(crate) async fn backchannel_logout(
    State(state): State<AppState>,
    form: Result<Form<LogoutForm>, axum::extract::rejection::FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused(StatusCode::BAD_REQUEST, "there is no logout_token in a form");
    };
    let logout = match state.oidc.validate_logout(&form.logout_token, state.clock.now()).await {
        Ok(logout) => logout,
        Err(error) => {
            tracing::warn!(error = %ErrorLine(&error), "a logout token was refused");
            let status = match error.status() {
                StatusCode::SERVICE_UNAVAILABLE => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::BAD_REQUEST,
            };
            return refused(status, "the logout token was refused; the log of Claviger says why");
        }
    };
    match state.services.sign_ins().end_sign_ins(&logout).await {
        Ok(Some(ended)) => {
            tracing::info!(
                person.id = logout.subject,
                session.ended = ended,
                "the identity provider has signed out"
            );
            ([(header::CACHE_CONTROL, "no-store")], StatusCode::OK).into_response()
        }
        Ok(None) => refused(StatusCode::BAD_REQUEST, "this logout token was used before"),
        Err(error) => {
            tracing::error!(error = %ErrorLine(&error), "sessions cannot be ended");
            refused(StatusCode::SERVICE_UNAVAILABLE, "sessions cannot be ended right now")
        }
    }
}

fn refused(status: StatusCode, why: &str) -> Response {
    let body = serde_json::json!({"error": "invalid_request", "error_description": why});
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
