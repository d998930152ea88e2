//! The first tab: what is wrong and what can be done, who can read it, the facts, and the newest events.

use super::{
    detail::{Facts, Notices, Replicas, Sightings, Tags},
    labels::rotation_warning,
    readers::load_readers,
    relations::Siblings,
    tabs::Tab,
    timeline::{Events, load_newest},
};
use crate::{
    compliance::{Checks, load_resource_evaluation},
    ui::{Panel, loaded},
};
use claviger_domain::{
    compliance::view::ResourceEvaluation,
    inventory::{
        activity::ActivityView,
        entitlement::{EntitlementsView, ResourceHeader},
        view::ResourceDetail,
    },
};
use leptos::prelude::*;

/// Events of the short timeline.
const NEWEST: u16 = 5;

#[component]
pub(crate) fn OverviewTab(header: ResourceHeader) -> impl IntoView {
    let shown = header.shown;
    let id = shown.id.to_string();
    // All three load at once.
    let evaluated = ArcResource::new(|| (), {
        let shown = shown.clone();
        move |()| {
            let shown = shown.clone();
            async move {
                let evaluation = load_resource_evaluation(shown.id.to_string()).await?;
                Ok((shown, evaluation))
            }
        }
    });
    let readers = ArcResource::new(|| (), {
        let id = id.clone();
        move |()| load_readers(id.clone())
    });
    let newest = ArcResource::new(|| (), {
        let id = id.clone();
        move |()| {
            let id = id.clone();
            async move { load_newest(id.clone(), NEWEST).await.map(|shown| (id, shown)) }
        }
    });
    let replicas = (!shown.replicas.is_empty())
        .then(|| view! { <Replicas replicas=shown.replicas.clone() now=shown.as_of /> });
    view! {
        <div class="columns">
            <div>
                <Notices shown=shown.clone() />
                {loaded(evaluated.clone(), "Inventory", |(shown, evaluation): (ResourceDetail, ResourceEvaluation)| {
                    let warning = rotation_warning(&shown.rotation, shown.as_of);
                    view! { <Checks shown=evaluation warning /> }.into_any()
                })}
                {loaded(readers, "Inventory", |shown: EntitlementsView| view! { <WhoReads shown /> }.into_any())}
                <Facts shown=shown.clone() />
            </div>
            <div>
                {replicas}
                {loaded(evaluated, "Inventory", |(shown, evaluation): (ResourceDetail, ResourceEvaluation)| {
                    view! { <Tags tags=shown.facts.tags missing=evaluation.missing_tags /> }.into_any()
                })}
                {loaded(newest, "Inventory", |(id, shown): (String, ActivityView)| view! { <Newest id shown /> }.into_any())}
                <Siblings id now=shown.as_of />
                <Sightings shown />
            </div>
        </div>
    }
}

/// One sentence that leads to the Access tab.
#[component]
fn WhoReads(shown: EntitlementsView) -> impl IntoView {
    let summary = shown.summary();
    let is_exposed = summary.outside > 0 || summary.is_public;
    let class = if is_exposed { "panel who-reads bad" } else { "panel who-reads" };
    let href = Tab::Access.href(shown.resource);
    view! {
        <section class=class>
            <h2>"Who can read it"</h2>
            <p>{summary.sentence()}" "<a href=href>"Show who, and why"</a></p>
        </section>
    }
}

#[component]
fn Newest(id: String, shown: ActivityView) -> impl IntoView {
    let content = if shown.rows.is_empty() {
        view! { <p class="faint">"No activity since first seen."</p> }.into_any()
    } else {
        view! { <Events rows=shown.rows now=shown.as_of /> }.into_any()
    };
    view! {
        <Panel title="Timeline">
            {content}
            <p><a href=Tab::Activity.href(id)>"All activity"</a></p>
        </Panel>
    }
}
