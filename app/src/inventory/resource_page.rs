//! One secret or parameter: what matters now first, then facts, then relations.

use super::{
    api::load_resource,
    cells::{OwnerCell, RotationCell},
    detail::{Facts, Notices, Replicas, Sightings, Tags, Versions},
    labels::{href, kind_label},
    relations::Siblings,
};
use crate::{
    changes::Timeline,
    compliance::Checks,
    ui::{Breadcrumb, Icon, PageHeader, PageTitle, Shape, loaded},
};
use claviger_domain::{
    facts::{Detail, KeyClass, Kind},
    inventory::{Exactly, InventoryQuery, view::ResourceDetail},
    list_link::list_of,
};
use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_params_map, use_query_map},
};

#[component]
pub(crate) fn ResourcePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let resource = Resource::new(|| (), move |()| load_resource(id.clone()));
    loaded(resource, "Inventory", |shown: ResourceDetail| view! { <Record shown /> }.into_any())
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
                <Siblings id=shown.id.to_string() now=shown.as_of />
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
    // The list that led here, with its filters.
    let from = use_query_map().read_untracked().get("from").and_then(|from| list_of(&from));
    let list = from.unwrap_or_else(|| ("Inventory", "/inventory".to_owned()));
    let in_region = format!("/inventory?account={}&region={}", shown.account_id, shown.region);
    let is_secret = shown.facts.kind() == Kind::Secret;
    let arn = shown.facts.arn.to_string();
    let command = cli_command(&shown);
    let request = shown.may_request.then(|| format!("/access/request?resource={}", shown.id));
    let readers = format!("/inventory/{}/readers", shown.id);
    let actions = view! {
        {request.map(|href| view! { <A href=href attr:class="button primary">"Request access"</A> })}
        <A href=readers attr:class="button">"Who can read it"</A>
        <Copy text=arn label="Copy ARN" />
        <Copy text=command label="Copy AWS CLI command" />
        <a class="button" href=shown.console_url rel="noopener noreferrer external" target="_blank">
            "Open in AWS console"<Icon shape=Shape::Out />
        </a>
    }
    .into_any();
    view! {
        <PageHeader actions>
            <Breadcrumb>
                <A href=list.1>{list.0}</A>" / "<A href=account>{shown.account_name}</A>" / "
                <A href=in_region>{shown.region.to_string()}</A>
            </Breadcrumb>
            <h1 class="mono">{steps(&shown.facts.name)}</h1>
            <p class="chips">
                <span class="chip plain">{kind_label(shown.facts.kind(), parameter_type)}</span>
                {is_secret.then(|| view! { <RotationCell state=shown.rotation now=shown.as_of alone=true /> })}
                <span class="chip plain">{key}</span>
                <span class="chip plain">"Owner " <OwnerCell owner=shown.owner /></span>
            </p>
        </PageHeader>
    }
}

/// The name, each step of its path a link to what lies below it.
fn steps(name: &str) -> impl IntoView + use<> {
    let mut whole = String::new();
    name.split_inclusive('/')
        .map(|step| {
            whole.push_str(step);
            let step = step.to_owned();
            if !step.ends_with('/') || whole == "/" {
                return view! { {step}<wbr /> }.into_any();
            }
            let query =
                InventoryQuery { paths: vec![Exactly(whole.clone())], ..Default::default() };
            view! { <A href=href(&query) attr:class="step">{step}</A><wbr /> }.into_any()
        })
        .collect::<Vec<_>>()
}

/// What describes it on the AWS command line. It asks for no value.
fn cli_command(shown: &ResourceDetail) -> String {
    let region = &shown.region;
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
    match shown.facts.kind() {
        Kind::Secret => {
            let id = quoted(shown.facts.arn.as_str());
            format!("aws secretsmanager describe-secret --region {region} --secret-id {id}")
        }
        Kind::Parameter => {
            let filter = quoted(&format!("Key=Name,Option=Equals,Values={}", shown.facts.name));
            format!("aws ssm describe-parameters --region {region} --parameter-filters {filter}")
        }
    }
}

/// The page's module copies, and says so. Without scripts the ARN is among the facts.
#[component]
fn Copy(text: String, label: &'static str) -> impl IntoView {
    view! {
        <button type="button" class="button needs-script" data-copy=text>
            <Icon shape=Shape::Copy />
            <span aria-live="polite">{label}</span>
        </button>
    }
}
