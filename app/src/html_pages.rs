//! HTML pages: the server renders them; in the browser, a small module does what needs no state (`browser/module`), and
//! islands do the rest (`claviger-islands`). The browser's build of this crate does not contain them.

use crate::{app::frame, grants::GrantPage, inventory::InventoryPage, shell::Shell, ui::NotFound};
use leptos::{nonce::use_nonce, prelude::*, reactive::owner::Owner};
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

/// The HTML document around an HTML page.
pub fn html_document(options: LeptosOptions) -> impl IntoView {
    // Only islands are hydrated, from their props: the page contains no other data for it.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    let module = format!("/{}/console.js", options.site_pkg_dir);
    let scripts = view! { <script type="module" src=module nonce=use_nonce()></script> }.into_any();
    frame(&options, scripts, view! { <HtmlPages /> }.into_any())
}

/// The routes of the HTML pages, and what is below `<body>`.
#[component]
pub fn HtmlPages() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Shell ssr=SsrMode::Async>
                    <Route path=path!("/inventory") view=InventoryPage ssr=SsrMode::Async />
                    <Route path=path!("/access/:id") view=GrantPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
