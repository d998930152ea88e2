//! From a row of a filtered list and back: the link of the row carries the list's address in `from`.

use crate::{compliance::FindingQuery, exceptions::ExceptionQuery, inventory::InventoryQuery};

/// The link of a row in a list; `list` is the list's path with its query. An unfiltered list is not carried, except
/// favorites.
pub fn with_list(href: &str, list: &str) -> String {
    if !list.contains('?') && list != "/access" {
        return href.to_owned();
    }
    let from = form_urlencoded::Serializer::new(String::new()).append_pair("from", list).finish();
    format!("{href}?{from}")
}

/// The name and the address of a list that `from` names. The address is written again from what was understood of it, so it is
/// always one of this console's own lists; `None` if it is not one.
pub fn list_of(from: &str) -> Option<(&'static str, String)> {
    let (path, query) = from.split_once('?').unwrap_or((from, ""));
    let (name, path, query) = match path {
        "/inventory" => {
            ("Inventory", "/inventory", query.parse::<InventoryQuery>().ok()?.to_url_query())
        }
        "/findings" => {
            ("Findings", "/findings", query.parse::<FindingQuery>().ok()?.to_url_query())
        }
        // Favorites.
        "/access" => ("My access", "/access", String::new()),
        "/exceptions" => {
            ("Exceptions", "/exceptions", query.parse::<ExceptionQuery>().ok()?.to_url_query())
        }
        _ => return None,
    };
    let href = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    Some((name, href))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_carried_and_found_again() {
        let list = "/inventory?kind=secret&rotation=stuck";
        let href = with_list("/inventory/1", list);
        let query = href.split_once('?').unwrap().1;
        let (name, from) = form_urlencoded::parse(query.as_bytes()).next().unwrap();
        assert_eq!((&*name, &*from), ("from", list));
        assert_eq!(list_of(&from), Some(("Inventory", list.to_owned())));
        assert_eq!(with_list("/inventory/1", "/inventory"), "/inventory/1");
        assert_eq!(with_list("/inventory/1", "/access"), "/inventory/1?from=%2Faccess");
        assert_eq!(list_of("/access"), Some(("My access", "/access".to_owned())));
        assert_eq!(list_of("/findings"), Some(("Findings", "/findings".to_owned())));
    }

    #[test]
    fn nothing_but_our_own_lists_is_taken() {
        for from in [
            "https://example.com/inventory",
            "//example.com/inventory?kind=secret",
            "/inventory/../../evil",
            "/inventory?colour=red",
            "javascript:alert(1)",
            "/auth/logout",
            "",
        ] {
            assert_eq!(list_of(from), None, "{from}");
        }
    }
}
