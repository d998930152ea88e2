//! The document, and the routes of the pages that are hydrated.

use crate::{
    accounts::{AccountPage, AccountsPage},
    audit::AuditPage,
    changes::ChangesPage,
    compliance::{FindingsPage, NewPolicyPage, OverviewPage, PoliciesPage, PolicyPage},
    exceptions::{ExceptionPage, ExceptionsPage, NewExceptionPage},
    grants::{ApprovalPage, ApprovalsPage, LivePage, MyAccessPage, RequestPage, ReviewsPage},
    inventory::ResourcePage,
    notifications::{DeliveriesPage, InboxPage},
    remediation::{NewPlanPage, PlanPage, PlansPage},
    shell::Shell,
    ui::{FullLoad, NotFound},
};
use leptos::prelude::*;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

/// The HTML document around a page that is hydrated.
pub fn document(options: LeptosOptions) -> impl IntoView {
    let scripts = view! { <HydrationScripts options=options.clone() /> }.into_any();
    frame(&options, scripts, view! { <App /> }.into_any())
}

/// Every document: its head, with the scripts that the page needs. The style sheet and the fonts are among its assets.
pub(crate) fn frame(
    options: &LeptosOptions,
    scripts: AnyView,
    body: AnyView,
) -> impl IntoView + use<> {
    #[cfg(feature = "ssr")]
    crate::wire::server::protect();
    let assets = format!("/{}", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href=format!("{assets}/icon.svg") />
                <link rel="preload" href=format!("{assets}/inter.woff2") r#as="font" type="font/woff2" crossorigin="" />
                <link rel="stylesheet" href=format!("{assets}/claviger.css") />
                {scripts}
                <MetaTags />
            </head>
            <body>{body}</body>
        </html>
    }
}

/// `light` or `dark` once switched; absent follows the system.
#[cfg(feature = "ssr")]
fn theme() -> Option<&'static str> {
    use crate::Theme;
    match use_context::<Theme>() {
        Some(Theme::Light) => Some("light"),
        Some(Theme::Dark) => Some("dark"),
        Some(Theme::System) | None => None,
    }
}

/// The browser never renders the document.
#[cfg(not(feature = "ssr"))]
fn theme() -> Option<&'static str> {
    None
}

/// The whole app below `<body>`. HTML pages are loaded from the server.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Shell ssr=SsrMode::Async>
                    <Route path=path!("/") view=|| view! { <Redirect path="/inventory" /> } />
                    <Route path=path!("/inventory") view=FullLoad ssr=SsrMode::Async />
                    <Route path=path!("/inventory/:id") view=ResourcePage ssr=SsrMode::Async />
                    <Route path=path!("/changes") view=ChangesPage ssr=SsrMode::Async />
                    <Route path=path!("/overview") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("/findings") view=FindingsPage ssr=SsrMode::Async />
                    <Route path=path!("/policies") view=PoliciesPage ssr=SsrMode::Async />
                    <Route path=path!("/policies/new") view=NewPolicyPage ssr=SsrMode::Async />
                    <Route path=path!("/policies/:id") view=PolicyPage ssr=SsrMode::Async />
                    <Route path=path!("/remediation") view=PlansPage ssr=SsrMode::Async />
                    <Route path=path!("/remediation/new") view=NewPlanPage ssr=SsrMode::Async />
                    <Route path=path!("/remediation/:id") view=PlanPage ssr=SsrMode::Async />
                    <Route path=path!("/exceptions") view=ExceptionsPage ssr=SsrMode::Async />
                    <Route path=path!("/exceptions/new") view=NewExceptionPage ssr=SsrMode::Async />
                    <Route path=path!("/exceptions/:id") view=ExceptionPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts") view=AccountsPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/:id") view=AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/access") view=MyAccessPage ssr=SsrMode::Async />
                    <Route path=path!("/access/request") view=RequestPage ssr=SsrMode::Async />
                    <Route path=path!("/access/live") view=LivePage ssr=SsrMode::Async />
                    <Route path=path!("/access/:id") view=FullLoad ssr=SsrMode::Async />
                    <Route path=path!("/approvals") view=ApprovalsPage ssr=SsrMode::Async />
                    <Route path=path!("/approvals/:id") view=ApprovalPage ssr=SsrMode::Async />
                    <Route path=path!("/reviews") view=ReviewsPage ssr=SsrMode::Async />
                    <Route path=path!("/inbox") view=InboxPage ssr=SsrMode::Async />
                    <Route path=path!("/notifications") view=DeliveriesPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
