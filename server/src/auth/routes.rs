//! The three steps of a session: start, callback, end.

use super::{
    SignInError,
    caller::{SIGN_IN, SessionSignIn},
    freshness::answer,
    oidc::{Oidc, Pending, SignedIn},
    pending::{PENDING_FOR, PendingCookie},
    seal::Tokens,
};
use crate::{
    AppState,
    no_role::warn_without_role,
    pages::{public, query, unavailable},
    request_id::quoted_text,
};
use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, header::SET_COOKIE},
    response::{IntoResponse, Redirect, Response},
};
use claviger_app::public::PublicPage;
use claviger_domain::{authz::Caller, error_line::ErrorLine};
use serde::Deserialize;
use tower_sessions::{Expiry, Session};

#[derive(Deserialize)]
pub(crate) struct Login {
    return_to: Option<String>,
}

/// Redirects the browser to the identity provider. The browser keeps the state until it returns.
pub(crate) async fn login(
    State(state): State<AppState>,
    headers: HeaderMap,
    Query(asked): Query<Login>,
) -> Response {
    let return_to = local_path(asked.return_to.as_deref());
    match begin(&state, &headers, return_to.clone()).await {
        Ok((url, cookie)) => ([(SET_COOKIE, cookie)], Redirect::to(&url)).into_response(),
        Err(error) => refused(&state, &headers, &error, &return_to),
    }
}

async fn begin(
    state: &AppState,
    headers: &HeaderMap,
    return_to: String,
) -> Result<(String, HeaderValue), SignInError> {
    let (url, pending) = state.oidc.begin(return_to).await?;
    let jar = cookie(state);
    let now = state.clock.now();
    let mut all = jar.read(headers, now);
    all.add(pending, now);
    let cookie = jar.write(all).ok_or_else(|| kept("the sign-in cannot be sealed"))?;
    Ok((url, cookie))
}

fn cookie(state: &AppState) -> PendingCookie {
    PendingCookie::new(&state.settings.oidc_client_secret, state.settings.is_https())
}

#[derive(Deserialize)]
pub(crate) struct Callback {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    /// The responding issuer (RFC 9207).
    iss: Option<String>,
}

/// Handles the identity provider's response.
pub(crate) async fn callback(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    Query(answer): Query<Callback>,
) -> Response {
    let jar = cookie(&state);
    let mut all = jar.read(&headers, state.clock.now());
    let pending = all.take(answer.state.as_deref());
    let is_known = pending.is_some();
    let mut response = match finish(&state, &session, answer, pending).await {
        Ok(return_to) => Redirect::to(&return_to).into_response(),
        Err(error) => refused(&state, &headers, &error, "/queue"),
    };
    // The browser deletes this sign-in, whatever its result.
    if is_known && let Some(cookie) = jar.write(all) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

async fn finish(
    state: &AppState,
    session: &Session,
    answer: Callback,
    pending: Option<Pending>,
) -> Result<String, SignInError> {
    let refusal =
        answer.error.map(|code| Oidc::refusal(&code, answer.error_description.as_deref()));
    if let Some(refusal) = &refusal {
        // If this browser did not start it, the error is only in the log.
        tracing::warn!(error = %ErrorLine(refusal), "the identity provider sent a browser back with an error");
    }
    let pending = pending.ok_or(SignInError::State)?;
    // A state is valid once, even if the browser's cookie was copied.
    let kept_until = state.clock.now() + PENDING_FOR;
    if !state.services.sign_ins().use_state(&pending.state, kept_until).await.map_err(kept)? {
        return Err(SignInError::State);
    }
    if let Some(found) = answer.iss.filter(|iss| iss != state.settings.oidc_issuer.as_str()) {
        return Err(SignInError::Issuer { expected: state.settings.issuer(), found });
    }
    if let Some(refusal) = refusal {
        return Err(refusal);
    }
    let code =
        answer.code.ok_or_else(|| Oidc::refusal("invalid_request", Some("no code came back")))?;
    let return_to = pending.return_to.clone();
    let signed = state.oidc.finish(code, pending, state.clock.now()).await?;
    keep(state, session, signed).await?;
    // Here a failure still has its own page.
    session.save().await.map_err(kept)?;
    Ok(return_to)
}

/// Stores a sign-in, in a session with a new id.
async fn keep(
    state: &AppState,
    session: &Session,
    SignedIn { identity, tokens }: SignedIn,
) -> Result<(), SignInError> {
    let person = identity.person.clone();
    tracing::info!(person.id = %person.subject, group.count = identity.groups.len(), "signed in");
    let caller = Caller::new(person.clone(), &identity.groups, &state.settings.roles);
    warn_without_role(&caller, &identity.arrived);
    // Without it they would not be found as an approver; that is no reason to keep them out.
    if let Err(error) = state.services.people().upsert_person(&person, &identity.groups).await {
        tracing::warn!(error = %ErrorLine(&error), "the person who signed in cannot be recorded");
    }
    if let Some(before) = session.get::<SessionSignIn>(SIGN_IN).await.map_err(kept)? {
        state.services.sign_ins().end_sign_in(before.id).await.map_err(kept)?;
    }
    let (id, now) = (state.services.sign_ins().new_sign_in(), state.clock.now());
    let answer = answer(identity, state.oidc.seal(id, &tokens)?);
    let expires_at = now + state.settings.session_absolute();
    state.services.sign_ins().keep_sign_in(id, &answer, expires_at).await.map_err(kept)?;
    // Anyone who knew the id before the sign-in does not know it after.
    session.clear().await;
    session.cycle_id().await.map_err(kept)?;
    session.set_expiry(Some(Expiry::AtDateTime(now + state.settings.session_idle())));
    session.insert(SIGN_IN, SessionSignIn { id, seen_at: now }).await.map_err(kept)
}

/// Ends the session in Claviger, then at the identity provider.
pub(crate) async fn logout(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
) -> Response {
    let tokens = match end(&state, &session).await {
        Ok(tokens) => tokens,
        Err(error) => {
            tracing::error!(error = %ErrorLine(&error), "the session cannot be ended");
            let text = "The session cannot be ended right now.";
            return unavailable(&state, &headers, text, "Try again.");
        }
    };
    let Some(target) = state.oidc.end_session(tokens.as_ref()).await else {
        return Redirect::to("/signed-out?here").into_response();
    };
    // Not a redirect of the form: browsers check its redirects, including those at the provider, against the page's
    // `form-action`, and the provider's sign-out may use any number of origins.
    let page = PublicPage {
        title: "Signing out".into(),
        text: "You are signed out of Claviger. Your identity provider ends its own session next."
            .into(),
        fault: None,
        action: Some((target.clone(), "Continue".into())),
    };
    let mut answer = public(&state, &headers, StatusCode::OK, page);
    if let Ok(refresh) = header::HeaderValue::from_str(&format!("0; url={target}")) {
        answer.headers_mut().insert(header::REFRESH, refresh);
    }
    answer
}

/// Ends the session; returns the tokens that the provider's sign-out can use.
async fn end(state: &AppState, session: &Session) -> Result<Option<Tokens>, SignInError> {
    let signed = session.get::<SessionSignIn>(SIGN_IN).await.map_err(kept)?;
    let mut tokens = None;
    if let Some(SessionSignIn { id, .. }) = signed {
        let stored = state.services.sign_ins().sign_in(id).await.map_err(kept)?;
        tokens = stored.and_then(|stored| state.oidc.open(id, &stored.answer.sealed));
        state.services.sign_ins().end_sign_in(id).await.map_err(kept)?;
    }
    session.flush().await.map_err(kept)?;
    Ok(tokens)
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
    if error.is_ours() {
        tracing::error!(error = %ErrorLine(&error), "sign-in failed; the configuration or the provider's registration is to be corrected");
    } else {
        tracing::warn!(error = %ErrorLine(&error), "sign-in failed");
    }
    let page = PublicPage {
        title: "Sign-in failed".into(),
        text: "You are not signed in.".into(),
        fault: Some(if error.is_ours() { quoted_text(&error.explain()) } else { error.explain() }),
        action: Some((
            format!("/auth/login?{}", query("return_to", return_to)),
            "Try again".into(),
        )),
    };
    public(state, headers, error.status(), page)
}

/// A path in Claviger, or the inventory: never another site's URL.
fn local_path(wanted: Option<&str>) -> String {
    let is_local = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.starts_with("/auth/")
            && !path.contains(['\\', '\r', '\n', '\t'])
            && path.len() <= 2048
    };
    wanted.filter(is_local).unwrap_or("/queue").to_owned()
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
            assert_eq!(local_path(Some(bad)), "/queue", "{bad}");
        }
        assert_eq!(local_path(Some("/inventory?q=a&kind=secret")), "/inventory?q=a&kind=secret");
        assert_eq!(local_path(None), "/queue");
    }
}
