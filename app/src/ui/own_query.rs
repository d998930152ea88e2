//! The query of a page's own URL.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// Without the question mark.
pub(crate) fn own_query() -> String {
    use_location().search.read_untracked().trim_start_matches('?').to_owned()
}
