//! The three steps of a session: begin, come back, end.

use super::{
    SignInError,
    caller::SIGNED_IN,
    oidc::{Pending, SignedIn},
};
use crate::{
    AppState,
    pages::{public, query},
};
use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use claviger_app::public::PublicPage;
use claviger_domain::access::Person;
use serde::Deserialize;
use time::Duration;
use tower_sessions::{Expiry, Session};

/// The session's key for sign-ins under way, each browser tab its own.
const PENDING: &str = "pending";
const MAX_PENDING: usize = 5;
/// A person has this long to sign in at the provider.
const PENDING_FOR: Duration = Duration::minutes(10);

#[derive(Deserialize)]
pub(crate) struct Login {
    return_to: Option<String>,
}

/// Sends the browser to the identity provider.
pub(crate) async fn login(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    Query(asked): Query<Login>,
) -> Response {
    let return_to = local_path(asked.return_to.as_deref());
    match begin(&state, &session, return_to.clone()).await {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => refused(&state, &headers, &error, &return_to),
    }
}

async fn begin(
    state: &AppState,
    session: &Session,
    return_to: String,
) -> Result<String, SignInError> {
    let (url, pending) = state.oidc.begin(return_to).await?;
    let mut all: Vec<Pending> = session.get(PENDING).await.map_err(kept)?.unwrap_or_default();
    if all.len() >= MAX_PENDING {
        all.remove(0);
    }
    all.push(pending);
    session.insert(PENDING, &all).await.map_err(kept)?;
    if session.get::<SignedIn>(SIGNED_IN).await.map_err(kept)?.is_none() {
        session.set_expiry(Some(Expiry::OnInactivity(PENDING_FOR)));
    }
    Ok(url)
}

#[derive(Deserialize)]
pub(crate) struct Callback {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
}

/// Takes the identity provider's answer.
pub(crate) async fn callback(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    Query(answer): Query<Callback>,
) -> Response {
    match finish(&state, &session, answer).await {
        Ok(return_to) => Redirect::to(&return_to).into_response(),
        Err(error) => refused(&state, &headers, &error, "/inventory"),
    }
}

async fn finish(
    state: &AppState,
    session: &Session,
    answer: Callback,
) -> Result<String, SignInError> {
    let mut all: Vec<Pending> = session.get(PENDING).await.map_err(kept)?.unwrap_or_default();
    let at = all
        .iter()
        .position(|pending| Some(&pending.state) == answer.state.as_ref())
        .ok_or(SignInError::State)?;
    // A state is good for one answer.
    let pending = all.remove(at);
    session.insert(PENDING, &all).await.map_err(kept)?;
    if let Some(error) = answer.error {
        return Err(SignInError::Refused(error));
    }
    let code = answer.code.ok_or_else(|| SignInError::Refused("no code".into()))?;
    let return_to = pending.return_to.clone();
    let signed = state.oidc.finish(code, pending, state.clock.now()).await?;
    tracing::info!(person = %signed.subject, groups = signed.groups.len(), "signed in");
    let person = Person {
        subject: signed.subject.clone(),
        name: signed.name.clone(),
        email: signed.email.clone(),
    };
    // Without it they would not be found as an approver; that is no reason to keep them out.
    if let Err(error) = state.services.note_person(&person, &signed.groups).await {
        tracing::warn!(error = %error, "who has signed in cannot be remembered");
    }
    // Whoever knew the id before the sign-in does not know it after.
    session.clear().await;
    session.cycle_id().await.map_err(kept)?;
    session.set_expiry(Some(Expiry::OnInactivity(state.settings.session_idle())));
    session.insert(SIGNED_IN, &signed).await.map_err(kept)?;
    Ok(return_to)
}

/// Ends the session here, then at the identity provider.
pub(crate) async fn logout(State(state): State<AppState>, session: Session) -> Response {
    let signed = session.get::<SignedIn>(SIGNED_IN).await.ok().flatten();
    if let Err(error) = session.flush().await {
        tracing::error!(error = %error, "the session cannot be ended");
        return (
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "The session cannot be ended right now. Try again.",
        )
            .into_response();
    }
    let target =
        state.oidc.end_session(signed.as_ref()).await.unwrap_or_else(|| "/signed-out".into());
    Redirect::to(&target).into_response()
}

fn kept(error: impl std::fmt::Display) -> SignInError {
    SignInError::Session(error.to_string())
}

fn refused(
    state: &AppState,
    headers: &HeaderMap,
    error: &SignInError,
    return_to: &str,
) -> Response {
    tracing::warn!(error = %error, "sign-in failed");
    let page = PublicPage {
        title: "Sign-in failed".into(),
        text: "You are not signed in.".into(),
        fault: Some(error.explain().into()),
        action: Some((
            format!("/auth/login?{}", query("return_to", return_to)),
            "Try again".into(),
        )),
    };
    public(state, headers, error.status(), page)
}

/// A path of this console, or the inventory: never another site's address.
fn local_path(wanted: Option<&str>) -> String {
    let is_local = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.starts_with("/auth/")
            && !path.contains(['\\', '\r', '\n', '\t'])
            && path.len() <= 2048
    };
    wanted.filter(is_local).unwrap_or("/inventory").to_owned()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "javascript:alert(1)",
            "/auth/logout",
            "/a\nb",
            "",
        ] {
            assert_eq!(local_path(Some(bad)), "/inventory", "{bad}");
        }
        assert_eq!(local_path(Some("/inventory?q=a&kind=secret")), "/inventory?q=a&kind=secret");
        assert_eq!(local_path(None), "/inventory");
    }
}
