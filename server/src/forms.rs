//! Forms that a browser posts without JavaScript: their input, and responses that they must never get.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};

/// Server functions that return a value. A page that can't hide a value again must not get one.
const ANSWERS_A_VALUE: [&str; 1] = ["/api/access/reveal"];

/// Whether the browser itself sent this and will show the response as a page: a form without JavaScript.
pub(crate) fn is_plain(headers: &HeaderMap) -> bool {
    let has = |name: &str, wanted: &str| {
        headers.get_all(name).iter().any(|value| {
            value.to_str().is_ok_and(|value| value.to_ascii_lowercase().contains(wanted))
        })
    };
    has("accept", "text/html") || has("sec-fetch-mode", "navigate")
}

/// Whether the server function at this path needs JavaScript, because its response contains a value.
pub(crate) fn needs_script(path: &str) -> bool {
    ANSWERS_A_VALUE.contains(&path.trim_end_matches('/'))
}

/// The request with its line breaks as typed. The HTML standard makes browsers send every line break of a form
/// as CRLF, whatever was typed; with JavaScript a text area returns LF. Both must store the same.
pub(crate) async fn as_typed(request: Request, longest: usize) -> Result<Request, axum::Error> {
    let is_form = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| {
            kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
        });
    if !is_form {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let body = with_typed_breaks(&to_bytes(body, longest).await?);
    // It was the previous length of the body.
    parts.headers.remove(header::CONTENT_LENGTH);
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// `%0D%0A` becomes `%0A`, in either case of the digits; the rest is unchanged.
fn with_typed_breaks(form: &[u8]) -> Bytes {
    let mut typed = Vec::with_capacity(form.len());
    let mut rest = form;
    while let Some((first, after)) = rest.split_first() {
        let is_break = rest.get(..6).is_some_and(|six| six.eq_ignore_ascii_case(b"%0D%0A"));
        if is_break {
            rest = &rest[3..];
        } else {
            typed.push(*first);
            rest = after;
        }
    }
    typed.into()
}

/// Redirects a form without JavaScript back to its page, which shows the error: the failure's status is for programs, and
/// the browser would show only JSON.
pub(crate) fn back_to_the_page(mut response: Response) -> Response {
    if response.headers().contains_key(header::LOCATION) {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}

/// The response without its body if it redirects: the function's result is for scripts, and a redirect's
/// body would stay in caches and proxies' logs.
pub(crate) fn without_body(response: Response) -> Response {
    if !response.status().is_redirection() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Body::empty())
}

#[cfg(test)]
mod tests {
    use super::with_typed_breaks;

    #[test]
    fn breaks_are_as_typed_and_nothing_else_changes() {
        for (sent, typed) in [
            ("value=a%0D%0Ab", "value=a%0Ab"),
            ("value=a%0d%0ab%0D%0A&x=%0D%0A%0D%0A", "value=a%0ab%0A&x=%0A%0A"),
            ("value=%250D%250A", "value=%250D%250A"),
            ("value=%0D", "value=%0D"),
            ("value=%0A", "value=%0A"),
            ("value=%0D%0D%0A", "value=%0D%0A"),
            ("value=%0", "value=%0"),
            ("", ""),
        ] {
            assert_eq!(with_typed_breaks(sent.as_bytes()), typed.as_bytes(), "{sent}");
        }
    }
}
