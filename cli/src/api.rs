//! The server's API.

use crate::{
    credential_store,
    error::CliError,
    http::{self, http, read},
    renewal::renew,
};
use reqwest::{Method, StatusCode};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::{Mutex, PoisonError};
use url::Url;

/// The server, with the signed-in person.
pub(crate) struct Api {
    http: reqwest::Client,
    console: Url,
    token: Mutex<String>,
}

impl Api {
    pub(crate) fn signed_in() -> Result<Self, CliError> {
        let credential_store::SignIn { console, token, ca_bundle, .. } = credential_store::read()?;
        let ca_bundle = http::ca_bundle(ca_bundle);
        Ok(Self::over(http(ca_bundle.as_deref())?, console, token))
    }

    pub(crate) fn over(http: reqwest::Client, console: Url, token: String) -> Self {
        Self { http, console, token: Mutex::new(token) }
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, CliError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, CliError> {
        self.call(Method::PUT, path, Some(body)).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, CliError> {
        let url =
            self.console.join(path).map_err(|error| CliError::Unreachable(error.to_string()))?;
        let send = async |token: &str| {
            let mut request = self.http.request(method.clone(), url.clone()).bearer_auth(token);
            if let Some(body) = body {
                request = request.json(body);
            }
            request.send().await
        };
        let token = self.token();
        let answer = send(&token).await?;
        // Tokens are valid for minutes; a rejected call has had no effect, so it can be repeated.
        if answer.status() == StatusCode::UNAUTHORIZED
            && let Some(newer) = renew(&self.http, &token).await?
        {
            let again = send(&newer).await?;
            *self.token.lock().unwrap_or_else(PoisonError::into_inner) = newer;
            return read(again).await;
        }
        read(answer).await
    }

    fn token(&self) -> String {
        self.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
