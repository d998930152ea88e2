//! The query of a page's own URL.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Without the question mark. It stays as it was while another page is on its way in: what that one's URL says is
/// not this one's to load.
pub(crate) fn use_own_query() -> Memo<String> {
    let location = use_location();
    let own = location.pathname.get_untracked();
    Memo::new(move |before: Option<&String>| {
        let query = location.search.get().trim_start_matches('?').to_owned();
        match before {
            Some(before) if location.pathname.get() != own => before.clone(),
            _ => query,
        }
    })
}
