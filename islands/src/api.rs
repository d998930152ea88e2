//! The server functions that islands call.

use claviger_domain::{grants::view::Revealed, problem::Problem};

/// Reads a value that the grant allows to read.
#[cfg(feature = "hydrate")]
pub(crate) async fn reveal(grant: &str, resource: &str) -> Result<Revealed, Problem> {
    let unavailable = || Problem::unavailable("Claviger");
    let fields = [("grant", grant), ("resource", resource)];
    let (ok, text) = browser::post("/api/access/reveal", &fields).await.ok_or_else(unavailable)?;
    if ok {
        return serde_json::from_str(&text).map_err(|_| unavailable());
    }
    Err(serde_json::from_str(&text).unwrap_or_else(|_| unavailable()))
}

/// For the server, which renders islands and calls nothing for them.
#[cfg(not(feature = "hydrate"))]
#[expect(clippy::unused_async, reason = "has the signature of the browser's")]
pub(crate) async fn reveal(_grant: &str, _resource: &str) -> Result<Revealed, Problem> {
    Err(Problem::unavailable("Claviger"))
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::window;
    use wasm_bindgen::JsCast;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{Headers, RequestInit, Response, UrlSearchParams};
    use zeroize::Zeroizing;

    /// Posts a form. Returns whether the status is a success, and the body; `None` without a response.
    pub(super) async fn post(
        path: &str,
        fields: &[(&str, &str)],
    ) -> Option<(bool, Zeroizing<String>)> {
        let form = UrlSearchParams::new().ok()?;
        for (name, value) in fields {
            form.append(name, value);
        }
        let headers = Headers::new().ok()?;
        headers.append("accept", "application/json").ok()?;
        let init = RequestInit::new();
        init.set_method("POST");
        init.set_headers(&headers);
        init.set_body(&form);
        let response = JsFuture::from(window().fetch_with_str_and_init(path, &init)).await.ok()?;
        let response: Response = response.unchecked_into();
        let text = JsFuture::from(response.text().ok()?).await.ok()?.as_string()?;
        Some((response.ok(), Zeroizing::new(text)))
    }
}
