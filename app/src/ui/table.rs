//! Lists as tables, and the way to their other pages.

use crate::ui::format::grouped;
use leptos::prelude::*;

/// The head of a column.
pub(crate) struct Heading {
    content: AnyView,
    class: Option<&'static str>,
    /// For assistive technology: `none`, `ascending` or `descending`. `None` where the column cannot be sorted.
    sort: Option<&'static str>,
}

impl Heading {
    pub(crate) fn text(label: &'static str) -> Self {
        Self { content: label.into_any(), class: None, sort: None }
    }

    /// The column of `SelectCell` in a list that has no more than a page.
    pub(crate) fn picks() -> Self {
        let content = view! { <span class="sr">"Select"</span> }.into_any();
        Self { content, class: Some("pick"), sort: None }
    }

    /// A column of numbers.
    pub(crate) fn number(label: &'static str) -> Self {
        Self { class: Some("number"), ..Self::text(label) }
    }
}

/// Columns that a list can be sorted by, and selected from.
mod sorted {
    use super::Heading;
    use crate::ui::{AllMatching, Icon, Shape, format::grouped};
    use claviger_domain::inventory::Direction;
    use leptos::prelude::*;

    impl Heading {
        /// A link that sorts the list. `order` is the list's order if this column determines it.
        pub(crate) fn sorted(label: &'static str, href: String, order: Option<Direction>) -> Self {
            let (sort, arrow) = match order {
                None => ("none", None),
                Some(Direction::Ascending) => ("ascending", Some(Shape::Up)),
                Some(Direction::Descending) => ("descending", Some(Shape::Down)),
            };
            let arrow = arrow.map(|shape| view! { <Icon shape /> });
            let content = view! { <a href=href class="sort">{label}{arrow}</a> }.into_any();
            Self { content, class: None, sort: Some(sort) }
        }

        /// The column of `SelectCell`, with the link that selects all rows that match.
        pub(crate) fn select(all: &AllMatching) -> Self {
            let label = if all.is_selected {
                "Clear selection".to_owned()
            } else {
                format!("Select all {} that match", grouped(all.count))
            };
            let class = if all.is_selected { "select-all ticked" } else { "select-all" };
            let title = label.clone();
            let content = view! {
                <a href=all.href.clone() class=class title=title data-in-place=""><span class="sr">{label}</span></a>
            }
            .into_any();
            Self { content, class: Some("pick"), sort: None }
        }
    }
}

/// A table of `children`, which are its rows. `class` is the style sheet's name for its columns.
#[component]
pub(crate) fn DataTable(
    #[prop(default = "list")] class: &'static str,
    #[prop(into)] head: Vec<Heading>,
    children: Children,
) -> impl IntoView {
    let head = head
        .into_iter()
        .map(|Heading { content, class, sort }| {
            view! { <th scope="col" class=class aria-sort=sort>{content}</th> }
        })
        .collect_view();
    view! {
        <table class=class>
            <thead><tr>{head}</tr></thead>
            <tbody>{children()}</tbody>
        </table>
    }
}

/// Which rows of a list a page has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PageRange {
    /// Rows on the pages before it.
    pub(crate) before: u64,
    pub(crate) rows: usize,
    pub(crate) of: u64,
}

impl PageRange {
    /// `51–100 of 800`.
    fn says(self) -> String {
        let rows = u64::try_from(self.rows).unwrap_or(0);
        let (first, last) = (self.before + 1, self.before + rows);
        format!("{}–{} of {}", grouped(first), grouped(last), grouped(self.of.max(last)))
    }
}

/// Links to other pages of a list, for those that exist, and where this one stands.
#[component]
pub(crate) fn Pager<const N: usize>(
    links: [(&'static str, Option<String>); N],
    #[prop(optional)] range: Option<PageRange>,
) -> impl IntoView {
    let range = range.map(|range| view! { <span class="range">{range.says()}</span> });
    (range.is_some() || links.iter().any(|(_, href)| href.is_some())).then(|| {
        let links = links.map(|(label, href)| {
            href.map(|href| view! { <a href=href class="button">{label}</a> })
        });
        view! { <nav class="pager" aria-label="Pages">{range}{links.into_iter().collect_view()}</nav> }
    })
}

#[cfg(test)]
mod tests {
    use super::PageRange;

    #[test]
    fn a_page_says_which_rows_it_has() {
        assert_eq!(PageRange { before: 50, rows: 50, of: 800 }.says(), "51–100 of 800");
        assert_eq!(PageRange { before: 0, rows: 3, of: 3 }.says(), "1–3 of 3");
    }
}
