//! Between a server function and the services: who calls, and how an error travels.

use claviger_domain::problem::{Problem, ProblemCode};
use leptos::{
    prelude::*,
    server_fn::{codec::JsonEncoding, error::ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// What a server function answers when it cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WireError(pub(crate) Problem);

impl FromServerFnError for WireError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self(match error {
            ServerFnErrorErr::Request(_) => Problem::unavailable("The console"),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Problem::new(ProblemCode::InvalidInput, "The request cannot be read.", "Reload the page and try again.")
            }
            _ => Problem::internal(),
        })
    }
}

#[cfg(feature = "ssr")]
pub(crate) mod server {
    use super::WireError;
    use claviger_domain::{access::Caller, problem::Problem};
    use claviger_services::{ServiceError, Services};
    use http::StatusCode;
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;

    /// The look that a person has switched to, from their cookie.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Theme {
        System,
        Light,
        Dark,
    }

    #[derive(Clone)]
    struct FormTarget(String);

    /// Lets this page's own scripts run, and nothing else.
    pub(crate) fn protect() {
        let Some(response) = use_context::<ResponseOptions>() else { return };
        let nonce = leptos::nonce::use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        let target = use_context::<FormTarget>().map(|target| target.0).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self' {target}; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        if let Ok(policy) = http::HeaderValue::from_str(&policy) {
            response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
        }
    }

    /// Hands the services and the caller to the server functions of this request.
    /// `form_target` is the one other origin to which a form may lead: the identity provider's.
    pub fn provide_call(services: &Services, caller: Option<Caller>, theme: Theme, form_target: &str) {
        provide_context(services.clone());
        provide_context(theme);
        provide_context(FormTarget(form_target.to_owned()));
        if let Some(caller) = caller {
            provide_context(caller);
        }
    }

    /// The services and who calls; identity comes from the session alone.
    pub(crate) fn call() -> Result<(Services, Caller), WireError> {
        let services = use_context::<Services>().ok_or_else(|| fail(Problem::internal()))?;
        let caller = use_context::<Caller>().ok_or_else(|| fail(Problem::sign_in_needed()))?;
        Ok((services, caller))
    }

    /// The person's side of an error, with its status on the response.
    pub(crate) fn wire(error: ServiceError) -> WireError {
        fail(error.into_problem())
    }

    fn fail(problem: Problem) -> WireError {
        set_status(problem.code.status());
        WireError(problem)
    }

    pub(crate) fn set_status(status: u16) {
        if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
            response.set_status(status);
        }
    }
}
