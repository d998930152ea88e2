//! The caller of a request, which only the session identifies.

use super::{
    freshness::{Freshness, arrived, fresh},
    oidc::Arrived,
};
use crate::{AppState, pages};
use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use claviger_domain::{
    authz::Caller,
    error_line::ErrorLine,
    problem::{Problem, ProblemCode},
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tower_sessions::{Expiry, Session};
use uuid::Uuid;

/// The session's key for its sign-in.
pub(super) const SIGN_IN: &str = "sign_in";
/// How often a session in use is written, so that its idle timeout does not end it.
const TOUCH_AFTER: Duration = Duration::minutes(1);

/// The session's data of its sign-in. The rest is in a separate row, so that concurrent requests do not overwrite it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SessionSignIn {
    pub id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    pub seen_at: OffsetDateTime,
}

/// The caller, if known.
pub enum MaybeSigned {
    /// The caller, and the source of the groups.
    In(Caller, Arrived),
    /// Nobody is signed in.
    Out,
    /// Someone was signed in, and has to sign in again.
    Again,
}

impl MaybeSigned {
    pub fn caller(self) -> Option<Caller> {
        match self {
            Self::In(caller, _) => Some(caller),
            Self::Out | Self::Again => None,
        }
    }
}

/// The caller; without one the response is 401.
pub struct Signed(pub Caller);

impl FromRequestParts<AppState> for MaybeSigned {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let session = <Session as FromRequestParts<AppState>>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        current(&session, state).await.map_err(|why| why.answer(parts, state))
    }
}

impl FromRequestParts<AppState> for Signed {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let maybe = <MaybeSigned as FromRequestParts<AppState>>::from_request_parts(parts, state);
        maybe.await?.caller().map(Self).ok_or_else(|| {
            let problem = Problem::sign_in_needed();
            (StatusCode::UNAUTHORIZED, axum::Json(problem)).into_response()
        })
    }
}

/// Why the caller is unknown.
enum Unknown {
    Session,
    Groups,
}

impl Unknown {
    /// A page for a person who requests one, otherwise the response of a server function.
    fn answer(self, parts: &Parts, state: &AppState) -> Response {
        let (message, hint) = match self {
            Self::Session => ("The session cannot be read right now.", "Try again in a moment."),
            Self::Groups => (
                "Your identity provider does not answer, so Claviger cannot tell whether you still have access.",
                "Try again in a moment; if that does not help, tell your security team.",
            ),
        };
        let wants_page = parts
            .headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
        if wants_page {
            return pages::unavailable(state, &parts.headers, message, hint);
        }
        let problem = Problem::new(ProblemCode::Unavailable, message, hint);
        (StatusCode::SERVICE_UNAVAILABLE, axum::Json(problem)).into_response()
    }
}

impl<E: std::error::Error> From<E> for Unknown {
    fn from(error: E) -> Self {
        tracing::error!(error = %ErrorLine(&error), "the session cannot be read");
        Self::Session
    }
}

/// Reads the signed-in person, with recent groups, and keeps a session in use alive.
async fn current(session: &Session, state: &AppState) -> Result<MaybeSigned, Unknown> {
    let Some(mut kept) = session.get::<SessionSignIn>(SIGN_IN).await? else {
        return Ok(MaybeSigned::Out);
    };
    let Some(stored) = state.services.sign_ins().sign_in(kept.id).await? else {
        session.flush().await?;
        return Ok(MaybeSigned::Out);
    };
    let good = match fresh(state, stored).await? {
        Freshness::Good(good) => *good,
        Freshness::Ended => {
            session.flush().await?;
            return Ok(MaybeSigned::Out);
        }
        Freshness::Renewable => {
            session.flush().await?;
            return Ok(MaybeSigned::Again);
        }
        Freshness::Unknown => return Err(Unknown::Groups),
    };
    let now = state.clock.now();
    if now - kept.seen_at >= TOUCH_AFTER {
        kept.seen_at = now;
        session.set_expiry(Some(Expiry::AtDateTime(now + state.settings.session_idle())));
        session.insert(SIGN_IN, &kept).await?;
    }
    let arrived = arrived(&good);
    let caller = Caller::new(good.answer.person, &good.answer.groups, &state.settings.roles);
    Ok(MaybeSigned::In(caller, arrived))
}
