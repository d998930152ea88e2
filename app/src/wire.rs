//! Between a server function and the services: who calls, and how an error travels.

use bytes::Bytes;
use claviger_domain::problem::Problem;
use leptos::{
    prelude::*,
    server_fn::{
        ContentType, Decodes, Encodes, Format, FormatType, codec::Post, error::ServerFnErrorErr,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned, de::Error as _};

/// What a server function answers when it cannot do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{0}")]
pub(crate) struct WireError(pub(crate) Problem);

impl FromServerFnError for WireError {
    type Encoder = TextEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = match error {
            ServerFnErrorErr::Request(_) => Problem::unavailable("The console"),
            // On the server, `Deserialization` is a body that is not text or that broke off. In the browser it is an
            // answer that cannot be read, which is not the person's fault.
            ServerFnErrorErr::Deserialization(_) => Problem::malformed_call(),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Problem::malformed_call()
            }
            _ => Problem::internal(),
        };
        // Leptos answers 500 unless a status was set.
        server::set_status(problem.code.status());
        Self(problem)
    }
}

/// JSON read from text, as the data inside the page are: one reader of each type in the browser instead of two.
pub(crate) struct TextEncoding;

/// The answers of our server functions.
pub(crate) type TextJson = Post<TextEncoding>;

impl ContentType for TextEncoding {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for TextEncoding {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for TextEncoding {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, serde_json::Error> {
        serde_json::to_vec(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for TextEncoding {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, serde_json::Error> {
        serde_json::from_str(std::str::from_utf8(&bytes).map_err(serde_json::Error::custom)?)
    }
}

pub(crate) mod server {
    use super::WireError;
    use claviger_domain::{
        authz::Caller,
        problem::Problem,
        queue::{QueueKey, QueueOutcome, QueueQuery},
    };
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

    /// Lets this page's own scripts run, and nothing else.
    pub(crate) fn protect() {
        let Some(response) = use_context::<ResponseOptions>() else { return };
        let nonce = leptos::nonce::use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
             img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
        if let Ok(policy) = http::HeaderValue::from_str(&policy) {
            response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
        }
    }

    /// Gives the services and the caller to the server functions of this request.
    pub fn provide_call(services: &Services, caller: Option<Caller>, theme: Theme) {
        provide_context(services.clone());
        provide_context(theme);
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

    /// After a decision in the queue: leads to the next item, or to the list when nothing is left. `queue` is what the form
    /// says of the list: empty outside of the queue, where the page stays.
    pub(crate) async fn open_next(
        services: &Services,
        caller: &Caller,
        queue: &str,
        decided: Option<QueueKey>,
        done: Option<QueueOutcome>,
    ) -> Result<(), WireError> {
        let (false, Some(decided)) = (queue.is_empty(), decided) else { return Ok(()) };
        let query = QueueQuery { kind: queue.parse().ok(), done };
        let next = services.queue().next(caller, decided, query).await.map_err(wire)?;
        leptos_axum::redirect(&next.map_or_else(|| query.path(), |next| next.path(query)));
        Ok(())
    }

    /// Remembers a choice in this browser for a year; without a value it is forgotten.
    pub(crate) fn remember(name: &str, value: Option<&str>) {
        set_cookie(name, value.unwrap_or_default(), if value.is_some() { 31_536_000 } else { 0 });
    }

    /// A problem with its status on the response.
    pub(crate) fn fail(problem: Problem) -> WireError {
        set_status(problem.code.status());
        WireError(problem)
    }

    /// Whether a browser posted a form without scripts: it wants a page, not JSON.
    pub(crate) fn is_plain_form() -> bool {
        use_context::<http::request::Parts>()
            .and_then(|parts| {
                parts.headers.get(http::header::ACCEPT)?.to_str().ok().map(str::to_owned)
            })
            .is_some_and(|accept| accept.contains("text/html"))
    }

    /// A cookie of this request.
    pub(crate) fn cookie(name: &str) -> Option<String> {
        let parts = use_context::<http::request::Parts>()?;
        let all = parts.headers.get_all(http::header::COOKIE);
        let each =
            all.iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
        let mut each = each.filter_map(|one| one.trim().split_once('='));
        each.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
    }

    /// Sets a cookie for so many seconds, which scripts can't read.
    pub(crate) fn set_cookie(name: &str, value: &str, seconds: u32) {
        let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; SameSite=Lax; HttpOnly");
        if let (Some(response), Ok(cookie)) =
            (use_context::<ResponseOptions>(), http::HeaderValue::from_str(&cookie))
        {
            response.append_header(http::header::SET_COOKIE, cookie);
        }
    }

    /// Redirects a page's request, no matter what the client accepts. `leptos_axum::redirect` redirects only clients that
    /// accept HTML.
    pub(crate) fn redirect_page(path: &str) {
        if let (Some(response), Ok(path)) =
            (use_context::<ResponseOptions>(), http::HeaderValue::from_str(path))
        {
            response.insert_header(http::header::LOCATION, path);
            response.set_status(StatusCode::FOUND);
        }
    }

    /// `browser` where the person has chosen the browser's time zone, by their cookie; absent is UTC.
    pub(crate) fn zone() -> Option<&'static str> {
        let parts = use_context::<http::request::Parts>()?;
        let cookies = parts.headers.get_all(http::header::COOKIE).iter();
        let mut each =
            cookies.filter_map(|cookie| cookie.to_str().ok()).flat_map(|one| one.split(';'));
        each.any(|cookie| cookie.trim() == "claviger-zone=browser").then_some("browser")
    }

    pub(crate) fn set_status(status: u16) {
        if let (Some(response), Ok(status)) =
            (use_context::<ResponseOptions>(), StatusCode::from_u16(status))
        {
            response.set_status(status);
        }
    }
}
