//! A link of a navigation.

use super::own_path;
use leptos::prelude::*;

/// Current on the page it leads to and, unless it is `exact`, on the pages below it.
#[component]
pub(crate) fn SectionLink(
    #[prop(into)] href: String,
    #[prop(optional)] exact: bool,
    children: Children,
) -> impl IntoView {
    let path = own_path();
    let below = path.strip_prefix(href.as_str());
    let is_current = below.is_some_and(|rest| rest.is_empty() || !exact && rest.starts_with('/'));
    view! { <a href=href aria-current=is_current.then_some("page")>{children()}</a> }
}
