//! One secret or parameter: what matters now first, then facts, then relations.

use super::{
    api::load_resource,
    cells::{OwnerCell, RotationCell},
    detail::{Facts, Notices, Replicas, Sightings, Tags, Versions},
    words::kind_word,
};
use crate::{
    history::Timeline,
    posture::Checks,
    shell::use_live,
    ui::{Icon, PageTitle, ProblemPanel, Shape},
};
use claviger_domain::{
    facts::{Detail, KeyClass, Kind},
    view::ResourceDetail,
};
use leptos::{either::Either, prelude::*};
use leptos_router::{components::A, hooks::use_params_map};

#[component]
pub(crate) fn ResourcePage() -> impl IntoView {
    let live = use_live();
    let params = use_params_map();
    let id = move || params.read().get("id").unwrap_or_default();
    let resource = Resource::new(move || (id(), live.version.get()), |(id, _)| load_resource(id));
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"Reading the secret…"</p> }>
            {move || Suspend::new(async move {
                match resource.await {
                    Ok(shown) => Either::Left(view! { <Record shown /> }),
                    Err(error) => {
                        Either::Right(view! { <PageTitle text="Inventory" /> <ProblemPanel problem=error.0 /> })
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Record(shown: ResourceDetail) -> impl IntoView {
    let versions = match &shown.facts.detail {
        Detail::Secret(secret) => Some(view! { <Versions versions=secret.versions.clone() /> }),
        Detail::Parameter(_) => None,
    };
    let replicas = (!shown.replicas.is_empty())
        .then(|| view! { <Replicas replicas=shown.replicas.clone() now=shown.as_of /> });
    view! {
        <PageTitle text=shown.facts.name.clone() />
        <Head shown=shown.clone() />
        <div class="columns">
            <div>
                <Notices shown=shown.clone() />
                <Checks id=shown.id.to_string() />
                <Facts shown=shown.clone() />
                {versions}
                <Timeline id=shown.id.to_string() />
            </div>
            <div>
                {replicas}
                <Tags tags=shown.facts.tags.clone() />
                <Sightings shown />
            </div>
        </div>
    }
}

#[component]
fn Head(shown: ResourceDetail) -> impl IntoView {
    let parameter_type = match &shown.facts.detail {
        Detail::Parameter(parameter) => Some(parameter.parameter_type),
        Detail::Secret(_) => None,
    };
    let key = match shown.key {
        KeyClass::AwsManaged => "AWS managed key",
        KeyClass::CustomerManaged => "Customer-managed key",
        KeyClass::Plain => "Not encrypted",
    };
    let account = format!("/accounts/{}", shown.account_id);
    let in_region = format!("/inventory?account={}&region={}", shown.account_id, shown.region);
    let is_secret = shown.facts.kind() == Kind::Secret;
    let arn = shown.facts.arn.to_string();
    let request = shown.may_request.then(|| format!("/access/request?resource={}", shown.id));
    view! {
        <div class="head">
            <div>
                <nav class="crumbs" aria-label="Where this is">
                    <A href="/inventory">"Inventory"</A>" / "<A href=account>{shown.account_name}</A>" / "
                    <A href=in_region>{shown.region.to_string()}</A>
                </nav>
                <h1 class="mono">{shown.facts.name.clone()}</h1>
                <p class="chips">
                    <span class="chip plain">{kind_word(shown.facts.kind(), parameter_type)}</span>
                    {is_secret.then(|| view! { <RotationCell state=shown.rotation now=shown.as_of /> })}
                    <span class="chip plain">{key}</span>
                    <span class="chip plain">"Owner " <OwnerCell owner=shown.owner /></span>
                </p>
            </div>
            <div class="actions">
                {request.map(|href| view! { <A href=href attr:class="button primary">"Request access"</A> })}
                <CopyArn arn />
                <a class="button" href=shown.console_url rel="noopener noreferrer external" target="_blank">
                    "Open in AWS"<Icon shape=Shape::Out />
                </a>
            </div>
        </div>
    }
}

/// Copies, and says so. Without JavaScript the ARN stands among the facts.
#[component]
fn CopyArn(arn: String) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&arn);
        copied.set(true);
        set_timeout(move || copied.set(false), std::time::Duration::from_secs(2));
    };
    view! {
        <button type="button" class="button needs-script" on:click=copy>
            <Icon shape=Shape::Copy />
            <span aria-live="polite">{move || if copied.get() { "Copied" } else { "Copy ARN" }}</span>
        </button>
    }
}
