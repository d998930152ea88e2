//! Who a client's request is from: the identity provider's token says so, and nothing else.

use super::refuse;
use crate::AppState;
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
    response::Response,
};
use claviger_domain::{
    access::{Caller, Person},
    problem::{Problem, ProblemCode},
};

/// The caller of a client's request; without a good token the answer is 401.
pub(super) struct Bearer {
    pub caller: Caller,
}

impl FromRequestParts<AppState> for Bearer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let Some(token) = token else { return Err(refuse(sign_in("You are not signed in."))) };
        let signed = state.oidc.judge_bearer(token, state.clock.now()).await.map_err(|error| {
            tracing::info!(error = %error, "a client's token was refused");
            refuse(sign_in(error.explain()))
        })?;
        let person = Person { subject: signed.subject, name: signed.name, email: signed.email };
        let caller = Caller::new(person, &signed.groups, &state.settings.roles);
        Ok(Self { caller })
    }
}

fn sign_in(why: &str) -> Problem {
    Problem::new(ProblemCode::SignInNeeded, why, "Sign in with `clv login`.")
}
