//! The address of the request that is being answered. It is read from the request: what the router provides is gone in a
//! part that is rendered after its reader has left, and asking for it then panics.

use leptos::prelude::*;

fn own_address<T>(read: impl FnOnce(&http::Uri) -> T) -> Option<T> {
    use_context::<http::request::Parts>().map(|parts| read(&parts.uri))
}

/// The path of the page.
pub(crate) fn own_path() -> String {
    own_address(|uri| uri.path().to_owned()).unwrap_or_default()
}

/// The query of the page, without the question mark.
pub(crate) fn own_query() -> String {
    own_address(|uri| uri.query().unwrap_or_default().to_owned()).unwrap_or_default()
}

/// A value of a query, readable: only the characters that would take the query apart are escaped.
pub(crate) fn escaped(value: &str) -> String {
    value.replace('%', "%25").replace('+', "%2B").replace('&', "%26").replace('#', "%23")
}

/// A field of the page's query; the last, if it has several.
pub(crate) fn own_field(name: &str) -> Option<String> {
    own_fields(name).pop()
}

/// All values of a field of the page's query.
pub(crate) fn own_fields(name: &str) -> Vec<String> {
    let query = own_query();
    let fields = form_urlencoded::parse(query.as_bytes());
    fields.filter(|(own, _)| own == name).map(|(_, value)| value.into_owned()).collect()
}
