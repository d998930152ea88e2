//! Reads a person's groups again while their session continues.

use super::{
    Claims, FRESH_FOR, Identity, Oidc, SignInError, Source, about, calls, calls::UserInfo,
    claims::text, jwt, keep, logout_hint,
};
use crate::auth::seal::Tokens;
use oauth2::RefreshToken;
use time::OffsetDateTime;

/// The result of calling the provider again.
pub(in crate::auth) enum Reread {
    Read(Identity, Tokens),
    /// It no longer accepts this person.
    Refused(String),
    /// The person has to sign in again: there is no other way to read the groups.
    NoMeans(&'static str),
    /// It did not answer; the tokens may have changed nevertheless.
    Silent(String, Tokens),
}

impl Oidc {
    /// Uses the refresh token, or otherwise userinfo with the access token.
    pub(in crate::auth) async fn reread(
        &self,
        before: &Identity,
        tokens: Tokens,
        now: OffsetDateTime,
    ) -> Reread {
        match tokens.refresh_token.clone() {
            Some(refresh) => self.by_refresh(before, tokens, RefreshToken::new(refresh), now).await,
            None => self.by_userinfo(before, tokens, None).await,
        }
    }

    async fn by_refresh(
        &self,
        before: &Identity,
        mut tokens: Tokens,
        refresh: RefreshToken,
        now: OffsetDateTime,
    ) -> Reread {
        let client = async {
            let found = self.discover(FRESH_FOR).await?;
            Ok(calls::client(&self.settings, &found.metadata, self.callback()?))
        };
        let client = match client.await {
            Ok(client) => client,
            Err(error) => return silent_or_refused(error, tokens),
        };
        let http = calls::over(&self.http);
        let asked = client.exchange_refresh_token(&refresh).request_async(&http);
        let answer = match asked.await.map_err(calls::token_error) {
            Ok(answer) => answer,
            Err(error) => return silent_or_refused(error, tokens),
        };
        keep(&mut tokens, &answer);
        // Without an id token (OpenID Connect Core 1.0, section 12.2) userinfo has to return the data.
        let Some(token) = answer.id_token.as_deref() else {
            return self.by_userinfo(before, tokens, None).await;
        };
        match self.refreshed(before, token, &tokens, now).await {
            Ok(claims) => {
                tokens.logout_hint = logout_hint(&claims).or(tokens.logout_hint.take());
                self.by_userinfo(before, tokens, Some(claims)).await
            }
            Err(error) => silent_or_refused(error, tokens),
        }
    }

    /// The claims of a refreshed id token: for the same person, and with no other nonce.
    async fn refreshed(
        &self,
        before: &Identity,
        token: &str,
        tokens: &Tokens,
        now: OffsetDateTime,
    ) -> Result<Claims, SignInError> {
        let claims = self.verified(token, jwt::Kind::IdToken).await?;
        let subject = self.expected(&[&self.settings.oidc_client_id], now).validate(&claims)?;
        if subject != before.person.subject {
            let expected = before.person.subject.clone();
            return Err(SignInError::UserInfo { expected, found: subject });
        }
        match text(&claims, "nonce")? {
            Some(nonce) if Some(nonce) != tokens.nonce.as_deref() => Err(SignInError::Nonce),
            _ => Ok(claims),
        }
    }

    /// Completes the id token's data with userinfo; without an id token userinfo has all data.
    async fn by_userinfo(
        &self,
        before: &Identity,
        tokens: Tokens,
        id_token: Option<Claims>,
    ) -> Reread {
        let subject = before.person.subject.clone();
        if let Some(claims) = id_token {
            return match self.more(&subject, &claims, &tokens).await {
                Ok(info) => {
                    let identity = self.identity(subject, &claims, info.as_ref(), Some(before));
                    Reread::Read(identity, tokens)
                }
                Err(error) => silent_or_refused(error, tokens),
            };
        }
        let Some(access_token) = &tokens.access_token else {
            return Reread::NoMeans(
                "the provider gave neither a refresh token nor an access token",
            );
        };
        let asked = async {
            let found = self.discover(FRESH_FOR).await?;
            calls::userinfo(&self.http, &found.metadata, access_token).await
        };
        let info = match asked.await {
            Ok(UserInfo::Claims(info)) => info,
            Ok(UserInfo::Denied(why)) => {
                tracing::debug!(auth.reason = why, "userinfo no longer answers");
                return Reread::NoMeans("there is no refresh token, and userinfo does not answer");
            }
            Err(error) => return silent_or_refused(error, tokens),
        };
        let info = match about(&subject, info) {
            Ok(info) => info,
            Err(error) => return Reread::Refused(error.to_string()),
        };
        // Userinfo cannot show the loss of groups that only the id token had.
        let is_seen = self.groups_in(&info, Source::UserInfo).is_some();
        if !is_seen && before.arrived.source == Source::IdToken && !before.groups.is_empty() {
            return Reread::NoMeans(
                "there is no refresh token, and userinfo does not list the groups",
            );
        }
        Reread::Read(self.identity(subject, &Claims::new(), Some(&info), Some(before)), tokens)
    }
}

/// A provider that does not answer, or that rejects our registration, has not rejected the person.
fn silent_or_refused(error: SignInError, tokens: Tokens) -> Reread {
    match error {
        SignInError::Unreachable(_)
        | SignInError::Misconfigured(_)
        | SignInError::Metadata(_)
        | SignInError::IssuerText { .. }
        | SignInError::Session(_)
        | SignInError::UnknownKey => Reread::Silent(error.to_string(), tokens),
        _ => Reread::Refused(error.to_string()),
    }
}
