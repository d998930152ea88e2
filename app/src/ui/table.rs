//! Lists as tables, and the way to their other pages.

use leptos::prelude::*;
use leptos_router::components::A;

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

    /// A column of numbers.
    pub(crate) fn number(label: &'static str) -> Self {
        Self { class: Some("number"), ..Self::text(label) }
    }
}

/// Columns that a list can be sorted by, and selected from.
mod sorted {
    use super::Heading;
    use crate::ui::{Icon, Shape};
    use claviger_domain::inventory::Direction;
    use leptos::prelude::*;
    use leptos_router::components::A;

    impl Heading {
        /// A link that sorts the list. `order` is the list's order if this column determines it.
        pub(crate) fn sorted(label: &'static str, href: String, order: Option<Direction>) -> Self {
            let (sort, arrow) = match order {
                None => ("none", None),
                Some(Direction::Ascending) => ("ascending", Some(Shape::Up)),
                Some(Direction::Descending) => ("descending", Some(Shape::Down)),
            };
            let arrow = arrow.map(|shape| view! { <Icon shape /> });
            let content = view! { <A href=href attr:class="sort">{label}{arrow}</A> }.into_any();
            Self { content, class: None, sort: Some(sort) }
        }

        /// The column of `SelectCell`.
        pub(crate) fn select() -> Self {
            let content = view! { <span class="sr">"Select"</span> }.into_any();
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

/// Links to other pages of a list, for those that exist.
#[component]
pub(crate) fn Pager<const N: usize>(links: [(&'static str, Option<String>); N]) -> impl IntoView {
    links.iter().any(|(_, href)| href.is_some()).then(|| {
        let links = links.map(|(label, href)| {
            href.map(|href| view! { <A href=href attr:class="button">{label}</A> })
        });
        view! { <nav class="pager" aria-label="Pages">{links.into_iter().collect_view()}</nav> }
    })
}
