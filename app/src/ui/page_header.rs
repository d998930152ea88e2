//! The head of a page, and the frame of a page that is a list.

use crate::ui::PageTitle;
use leptos::prelude::*;

/// The head of a page. `children` are a breadcrumb, the `<h1>` and a line of context; `actions` are at the right.
#[component]
pub(crate) fn PageHeader(
    #[prop(into, default = None)] actions: Option<AnyView>,
    #[prop(default = "actions")] actions_class: &'static str,
    children: Children,
) -> impl IntoView {
    let actions = actions.map(|actions| view! { <div class=actions_class>{actions}</div> });
    view! { <div class="head"><div>{children()}</div>{actions}</div> }
}

/// The way from the pages above.
#[component]
pub(crate) fn Breadcrumb(children: Children) -> impl IntoView {
    view! { <nav class="crumbs" aria-label="Breadcrumb">{children()}</nav> }
}

/// A page that is a list: its title, and a line about the list that is announced when it changes.
#[component]
pub(crate) fn ListPage(
    title: &'static str,
    #[prop(into)] context: String,
    #[prop(into, default = None)] actions: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    view! {
        <PageTitle text=title />
        <PageHeader actions>
            <h1>{title}</h1>
            <p class="context" role="status">{context}</p>
        </PageHeader>
        {children()}
    }
}
