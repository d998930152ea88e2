//! The document and the routes. The server renders every page; in the browser, a small module does what needs no state
//! (`browser/module`), and islands do the rest (`claviger-islands`).

use crate::{
    Theme,
    accounts::{AccountPage, AccountsPage},
    alarms::{AlarmChecksPage, AlarmsPage},
    audit::AuditPage,
    changes::ChangesPage,
    compliance::{
        EvidenceListPage, EvidencePage, FindingsPage, NewPolicyPage, OverviewPage, PoliciesPage,
        PolicyPage, RulesPage, TeamPage, TeamsPage, TriagePage,
    },
    consumers::ConsumerRolePage,
    creation::{CreationPage, CreationsPage, NewResourcePage},
    exceptions::{ExceptionPage, ExceptionsPage, NewExceptionPage},
    grants::{GrantPage, LivePage, MyAccessPage, RequestPage, ReviewsPage},
    inventory::{
        CodePage, HostedRotationPage, InventoryPage, PrincipalsPage, ResourcePage, ResourceTabPage,
        VaultPage,
    },
    leaks::{LeakPage, LeaksPage, NewLeakPage},
    notifications::{DeliveriesPage, InboxPage},
    pipelines::PipelinesPage,
    queue::{OpenAccessPage, OpenExceptionPage, OpenPlanPage, OpenReviewPage, QueuePage},
    remediation::{NewPlanPage, PlanPage, PlansPage},
    rotations::CalendarPage,
    settings::{
        AccessRulesPage, ChannelsPage, EventsPage, JobsPage, OwnerRulesPage, RolesPage,
        SchedulePage, SetupPage, SystemPage,
    },
    shell::{DocumentPage, HelpPage, Shell},
    ui::NotFound,
    variables::VariablesPage,
};
use leptos::{nonce::use_nonce, prelude::*, reactive::owner::Owner};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

/// The HTML document. The style sheet, the fonts and the page's module are among its assets.
pub fn document(options: LeptosOptions) -> impl IntoView {
    // Only islands are hydrated, from their props: the page contains no other data for it.
    if let Some(shared) = Owner::current_shared_context() {
        shared.set_is_hydrating(false);
    }
    crate::wire::server::protect();
    let assets = format!("/{}", options.site_pkg_dir);
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme() data-zone=crate::wire::server::zone()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href=format!("{assets}/icon.svg") />
                <link rel="preload" href=format!("{assets}/inter.woff2") r#as="font" type="font/woff2" crossorigin="" />
                <link rel="stylesheet" href=format!("{assets}/claviger.css") />
                <script type="module" src=format!("{assets}/console.js") nonce=use_nonce()></script>
                <script type="speculationrules" nonce=use_nonce() inner_html=PREFETCH></script>
                <MetaTags />
            </head>
            <body>
                <Pages />
            </body>
        </html>
    }
}

/// The browser fetches the page behind a link while the pointer rests on it. Reading a page changes nothing; an export and
/// the sign-in do, and a link that the module follows is not answered from what was fetched. What happened since it was fetched
/// arrives over the event stream, which begins at the page's own entry.
const PREFETCH: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":["/api/*","/auth/*","/export/*"]}},{"not":{"selector_matches":"[data-in-place],[download],[rel~=external],[target=_blank]"}}]},"eagerness":"moderate"}]}"#;

/// `light` or `dark` once switched; absent follows the system.
fn theme() -> Option<&'static str> {
    match use_context::<Theme>() {
        Some(Theme::Light) => Some("light"),
        Some(Theme::Dark) => Some("dark"),
        Some(Theme::System) | None => None,
    }
}

/// The routes, and what is below `<body>`.
#[component]
pub fn Pages() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <ParentRoute path=path!("") view=Shell ssr=SsrMode::Async>
                    <Route path=path!("/") view=|| view! { <Redirect path="/queue" /> } />
                    <Route path=path!("/queue") view=QueuePage ssr=SsrMode::Async />
                    <Route path=path!("/queue/access/:id") view=OpenAccessPage ssr=SsrMode::Async />
                    <Route path=path!("/queue/plan/:id") view=OpenPlanPage ssr=SsrMode::Async />
                    <Route path=path!("/queue/exception/:id") view=OpenExceptionPage ssr=SsrMode::Async />
                    <Route path=path!("/queue/review/:id") view=OpenReviewPage ssr=SsrMode::Async />
                    <Route path=path!("/inventory") view=InventoryPage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/role") view=ConsumerRolePage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/code") view=CodePage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/vault") view=VaultPage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/:id") view=ResourcePage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/:id/hosted-rotation") view=HostedRotationPage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/:id/role") view=ConsumerRolePage ssr=SsrMode::Async />
                    <Route path=path!("/inventory/:id/:tab") view=ResourceTabPage ssr=SsrMode::Async />
                    <Route path=path!("/principals") view=PrincipalsPage ssr=SsrMode::Async />
                    <Route path=path!("/pipelines") view=PipelinesPage ssr=SsrMode::Async />
                    <Route path=path!("/variables") view=VariablesPage ssr=SsrMode::Async />
                    <Route path=path!("/alarms") view=AlarmsPage ssr=SsrMode::Async />
                    <Route path=path!("/alarms/checks") view=AlarmChecksPage ssr=SsrMode::Async />
                    <Route path=path!("/changes") view=ChangesPage ssr=SsrMode::Async />
                    <Route path=path!("/rotations") view=CalendarPage ssr=SsrMode::Async />
                    <Route path=path!("/overview") view=OverviewPage ssr=SsrMode::Async />
                    <Route path=path!("/teams") view=TeamsPage ssr=SsrMode::Async />
                    <Route path=path!("/teams/:name") view=TeamPage ssr=SsrMode::Async />
                    <Route path=path!("/findings") view=FindingsPage ssr=SsrMode::Async />
                    <Route path=path!("/findings/triage") view=TriagePage ssr=SsrMode::Async />
                    <Route path=path!("/policies") view=PoliciesPage ssr=SsrMode::Async />
                    <Route path=path!("/policies/new") view=NewPolicyPage ssr=SsrMode::Async />
                    <Route path=path!("/policies/:id") view=PolicyPage ssr=SsrMode::Async />
                    <Route path=path!("/rules") view=RulesPage ssr=SsrMode::Async />
                    <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async />
                    <Route path=path!("/help/:document") view=DocumentPage ssr=SsrMode::Async />
                    <Route path=path!("/secrets/new") view=NewResourcePage ssr=SsrMode::Async />
                    <Route path=path!("/creations") view=CreationsPage ssr=SsrMode::Async />
                    <Route path=path!("/creations/:id") view=CreationPage ssr=SsrMode::Async />
                    <Route path=path!("/leaks") view=LeaksPage ssr=SsrMode::Async />
                    <Route path=path!("/leaks/new") view=NewLeakPage ssr=SsrMode::Async />
                    <Route path=path!("/leaks/:id") view=LeakPage ssr=SsrMode::Async />
                    <Route path=path!("/remediation") view=PlansPage ssr=SsrMode::Async />
                    <Route path=path!("/remediation/new") view=NewPlanPage ssr=SsrMode::Async />
                    <Route path=path!("/remediation/:id") view=PlanPage ssr=SsrMode::Async />
                    <Route path=path!("/exceptions") view=ExceptionsPage ssr=SsrMode::Async />
                    <Route path=path!("/exceptions/new") view=NewExceptionPage ssr=SsrMode::Async />
                    <Route path=path!("/exceptions/:id") view=ExceptionPage ssr=SsrMode::Async />
                    <Route path=path!("/evidence") view=EvidenceListPage ssr=SsrMode::Async />
                    <Route path=path!("/evidence/:framework") view=EvidencePage ssr=SsrMode::Async />
                    <Route path=path!("/accounts") view=AccountsPage ssr=SsrMode::Async />
                    <Route path=path!("/accounts/:id") view=AccountPage ssr=SsrMode::Async />
                    <Route path=path!("/access") view=MyAccessPage ssr=SsrMode::Async />
                    <Route path=path!("/access/request") view=RequestPage ssr=SsrMode::Async />
                    <Route path=path!("/access/live") view=LivePage ssr=SsrMode::Async />
                    <Route path=path!("/access/:id") view=GrantPage ssr=SsrMode::Async />
                    <Route path=path!("/approvals") view=|| view! { <Redirect path="/queue?kind=access" /> } />
                    <Route path=path!("/approvals/:id") view=OpenAccessPage ssr=SsrMode::Async />
                    <Route path=path!("/reviews") view=ReviewsPage ssr=SsrMode::Async />
                    <Route path=path!("/inbox") view=InboxPage ssr=SsrMode::Async />
                    <Route path=path!("/notifications") view=DeliveriesPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=AuditPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=RolesPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/access-rules") view=AccessRulesPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/owners") view=OwnerRulesPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/channels") view=ChannelsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/schedule") view=SchedulePage ssr=SsrMode::Async />
                    <Route path=path!("/settings/jobs") view=JobsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/events") view=EventsPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/system") view=SystemPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/setup") view=SetupPage ssr=SsrMode::Async />
                    <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}
