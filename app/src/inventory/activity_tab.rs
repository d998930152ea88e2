//! Everything that happened to a secret or parameter, in one timeline.

use super::{
    tabs::Tab,
    timeline::{Events, load_activity},
};
use crate::ui::{EmptyState, Pager, Panel, loaded, own_query};
use claviger_domain::{
    VariantArray,
    inventory::{
        activity::{ActivityKind, ActivityQuery, ActivityView},
        view::ResourceDetail,
    },
};
use leptos::prelude::*;

#[component]
pub(crate) fn ActivityTab(shown: ResourceDetail) -> impl IntoView {
    let (id, query) = (shown.id.to_string(), own_query());
    let page = ArcResource::new(
        || (),
        move |()| {
            let (id, query) = (id.clone(), query.clone());
            async move { load_activity(id.clone(), query).await.map(|shown| (id, shown)) }
        },
    );
    loaded(page, "Inventory", |(id, shown): (String, ActivityView)| {
        view! { <Timeline id shown /> }.into_any()
    })
}

pub(crate) fn kind_label(kind: ActivityKind) -> &'static str {
    match kind {
        ActivityKind::Change => "Changes",
        ActivityKind::Rotation => "Rotation",
        ActivityKind::Access => "Access",
        ActivityKind::Session => "Sessions and reveals",
        ActivityKind::Remediation => "Remediation",
        ActivityKind::Exception => "Exceptions",
    }
}

#[component]
fn Timeline(id: String, shown: ActivityView) -> impl IntoView {
    let now = shown.as_of;
    let href = |query: &ActivityQuery| {
        let query = query.to_url_query();
        let path = Tab::Activity.href(&id);
        if query.is_empty() { path } else { format!("{path}?{query}") }
    };
    let kinds = std::iter::once(None).chain(ActivityKind::VARIANTS.iter().copied().map(Some));
    let links = kinds
        .map(|kind| {
            let state = (kind == shown.query.kind).then_some("true");
            let label = kind.map_or("All", kind_label);
            let to = href(&ActivityQuery { kind, after: None });
            view! { <li><a class="chip plain" href=to aria-current=state>{label}</a></li> }
        })
        .collect_view();
    let newest =
        shown.query.after.map(|_| href(&ActivityQuery { kind: shown.query.kind, after: None }));
    let older =
        shown.next.map(|after| href(&ActivityQuery { kind: shown.query.kind, after: Some(after) }));
    let content = if shown.rows.is_empty() {
        view! {
            <EmptyState title="No activity of this kind.">
                <p>"Changes appear from the second scan on; access and fixes when they are requested."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let title = shown.query.kind.map_or("Activity", kind_label);
        view! { <Panel title><Events rows=shown.rows now /></Panel> }.into_any()
    };
    let hides = shown.hides_grants.then(|| {
        view! { <p class="note">"Other people's access requests are not shown: you don't have permission to view access in this account."</p> }
    });
    view! {
        <nav class="kinds" aria-label="Kinds of activity"><ul>{links}</ul></nav>
        {content}
        {hides}
        <p class="note">"Changes have the time at which Claviger detected them. The actor is shown where Claviger made the change or AWS reports it."</p>
        <Pager links=[("Newest", newest), ("Older", older)] />
    }
}
