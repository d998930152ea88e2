//! Who a request is from: the session says so, and nothing else.

use super::oidc::SignedIn;
use crate::AppState;
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use claviger_domain::{
    access::{Caller, Person},
    problem::Problem,
};
use time::Duration;
use tower_sessions::Session;

/// The session's key for who is signed in.
pub(super) const SIGNED_IN: &str = "signed_in";
/// How often a session that is used is written, so that it does not idle out.
const TOUCH_AFTER: Duration = Duration::minutes(1);

/// The caller, where there is one.
pub struct MaybeSigned(pub Option<Caller>);

/// The caller; without one the answer is 401.
pub struct Signed(pub Caller);

impl FromRequestParts<AppState> for MaybeSigned {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let session = <Session as FromRequestParts<AppState>>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        current(&session, state).await.map(Self).map_err(|error| {
            tracing::error!(error = %error, "the session cannot be read");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "The session cannot be read right now. Try again in a moment.",
            )
                .into_response()
        })
    }
}

impl FromRequestParts<AppState> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let MaybeSigned(caller) =
            <MaybeSigned as FromRequestParts<AppState>>::from_request_parts(parts, state).await?;
        caller.map(Self).ok_or_else(|| {
            let problem = Problem::sign_in_needed();
            (StatusCode::UNAUTHORIZED, axum::Json(problem)).into_response()
        })
    }
}

/// Reads who is signed in, ends a session that has lasted long enough, and keeps a used one alive.
async fn current(
    session: &Session,
    state: &AppState,
) -> Result<Option<Caller>, tower_sessions::session::Error> {
    let Some(mut signed) = session.get::<SignedIn>(SIGNED_IN).await? else { return Ok(None) };
    let now = state.clock.now();
    if now - signed.signed_in_at >= state.settings.session_absolute() {
        session.flush().await?;
        return Ok(None);
    }
    if now - signed.seen_at >= TOUCH_AFTER {
        signed.seen_at = now;
        session.insert(SIGNED_IN, &signed).await?;
    }
    let person = Person { subject: signed.subject, name: signed.name, email: signed.email };
    Ok(Some(Caller::new(person, &signed.groups, &state.settings.roles)))
}
