//! A document of this release, beside the list of all of them.

use super::documents::{DOCUMENTS, document};
use crate::ui::{NotFound, PageHeader, PageTitle, SectionLink};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn DocumentPage() -> impl IntoView {
    let name = use_params_map().read_untracked().get("document").unwrap_or_default();
    let Some(document) = document(&name) else {
        return view! { <NotFound /> }.into_any();
    };
    let page = document.page();
    view! {
        <PageTitle text=format!("{} · Help", document.label) />
        <PageHeader>
            <h1>{page.title}</h1>
            <p class="context">"The documentation of this release."</p>
        </PageHeader>
        <div class="with-rail">
            <DocumentList />
            <article class="panel prose" inner_html=page.html></article>
        </div>
    }
    .into_any()
}

/// The list of all documents.
#[component]
pub(super) fn DocumentList() -> impl IntoView {
    let links = DOCUMENTS
        .iter()
        .map(|document| {
            let href = format!("/help/{}", document.name);
            view! { <li><SectionLink href>{document.label}</SectionLink></li> }
        })
        .collect_view();
    view! {
        <nav class="panel choices" aria-label="Documentation">
            <h2>"Documentation"</h2>
            <ul>{links}</ul>
        </nav>
    }
}
