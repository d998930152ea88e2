//! The caller of a client's request, which only the identity provider's token identifies.

use super::refuse;
use crate::{
    AppState,
    auth::{Arrived, BearerIdentity, SignInError},
    no_role::warn_without_role,
};
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
    response::Response,
};
use claviger_domain::{
    authz::Caller,
    error_line::ErrorLine,
    problem::{Problem, ProblemCode},
};

/// The caller of a client's request; without a valid token the response is 401.
pub(super) struct Bearer {
    pub caller: Caller,
    /// The source of the caller's groups.
    pub arrived: Arrived,
}

impl FromRequestParts<AppState> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Some(token) = token(parts) else {
            return Err(refuse(sign_in("You are not signed in.")));
        };
        let (caller, arrived) = evaluated(token, state).await.map_err(|error| {
            tracing::info!(error = %ErrorLine(&error), "a client's token was refused");
            let problem = match error {
                SignInError::Unreachable(_) | SignInError::Session(_) => Problem::new(
                    ProblemCode::Unavailable,
                    error.explain(),
                    "Try again in a moment.",
                ),
                _ => sign_in(&error.explain()),
            };
            refuse(problem)
        })?;
        Ok(Self { caller, arrived })
    }
}

/// The token of a request.
pub(super) fn token(parts: &Parts) -> Option<&str> {
    let header = parts.headers.get(header::AUTHORIZATION)?;
    header.to_str().ok()?.strip_prefix("Bearer ")
}

/// The caller, if the token is valid, recent enough, and issued after the provider's last sign-out.
async fn evaluated(token: &str, state: &AppState) -> Result<(Caller, Arrived), SignInError> {
    let BearerIdentity { identity, issued_at } =
        state.oidc.validate_bearer(token, state.clock.now()).await?;
    let session = identity.provider_session.as_deref();
    let signed_out =
        state.services.sign_ins().signed_out_since(&identity.person, session, issued_at).await;
    if signed_out.map_err(|error| SignInError::Session(error.to_string()))? {
        return Err(SignInError::SignedOut);
    }
    let caller = Caller::new(identity.person, &identity.groups, &state.settings.roles);
    warn_without_role(&caller, &identity.arrived);
    Ok((caller, identity.arrived))
}

fn sign_in(why: &str) -> Problem {
    Problem::new(ProblemCode::SignInNeeded, why, "Run `clv login` again.")
}
