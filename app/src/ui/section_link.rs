//! A link of a navigation.

use super::own_path;
use leptos::prelude::*;

/// Current on the page it leads to and, unless it is `exact`, on the pages below it. `also` are paths of other pages that
/// belong to it, and `except` paths of pages below it that do not, both with what is below them.
#[component]
pub(crate) fn SectionLink(
    #[prop(into)] href: String,
    #[prop(optional)] exact: bool,
    #[prop(optional)] also: &'static [&'static str],
    #[prop(optional)] except: &'static [&'static str],
    children: Children,
) -> impl IntoView {
    let path = own_path();
    let is_own = is_of(&path, &href, exact) && !is_of_any(&path, except);
    let is_current = is_own || is_of_any(&path, also);
    view! { <a href=href aria-current=is_current.then_some("page")>{children()}</a> }
}

/// Whether `path` is the page at `section` or, unless it is `exact`, one below it.
fn is_of(path: &str, section: &str, exact: bool) -> bool {
    let below = path.strip_prefix(section);
    below.is_some_and(|rest| rest.is_empty() || !exact && rest.starts_with('/'))
}

/// Whether `path` is the page at one of these, or below it.
fn is_of_any(path: &str, sections: &[&str]) -> bool {
    sections.iter().any(|section| is_of(path, section, false))
}

#[cfg(test)]
mod tests {
    use super::{is_of, is_of_any};

    #[test]
    fn a_section_has_the_pages_below_it() {
        assert!(is_of("/inventory", "/inventory", false));
        assert!(is_of("/secrets/new", "/secrets", false));
        assert!(!is_of("/secretsmanager", "/secrets", false));
        assert!(!is_of("/access/live", "/access", true));
        assert!(is_of("/access/G-1", "/access", false));
        let except = ["/access/live", "/access/none"];
        assert!(is_of_any("/access/live", &except) && is_of_any("/access/live/1", &except));
        assert!(!is_of_any("/access/G-1", &except) && !is_of_any("/access", &except));
        assert!(!is_of_any("/access/live", &[]));
    }
}
