//! One secret or parameter: a header, and below it one of the tabs.

use super::{
    access_tab::AccessTab,
    activity_tab::ActivityTab,
    cells::{OwnerCell, RotationCell},
    changes::{ChangeMenu, OpenPlans, can_plan},
    code_page::CodeTab,
    favorites::FavoriteButton,
    labels::{href, kind_label, rotation_failed},
    overview_tab::OverviewTab,
    policy_tab::PolicyTab,
    rotation_tab::RotationTab,
    tabs::{Tab, Tabs},
    use_tab::UseTab,
    versions_tab::VersionsTab,
};
use crate::{
    compliance::severity_tone,
    leaks::report_href,
    remediation::plan_href,
    ui::{
        Breadcrumb, Chip, Copy, Icon, NotFound, PageHeader, PageTitle, Shape, Tone,
        format::counted, loaded, own_field,
    },
    wire::{
        WireError,
        server::{call, redirect_page, wire},
    },
};
use claviger_domain::{
    code::shell,
    facts::{Detail, KeyClass, Kind},
    inventory::{Exactly, InventoryQuery, entitlement::ResourceHeader, view::ResourceDetail},
    leaks::{LeakId, LeakMark},
    list_link::list_of,
    remediation::view::ResourceChanges,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The first tab.
#[component]
pub(crate) fn ResourcePage() -> impl IntoView {
    page(Tab::Overview)
}

/// The tab that the address names. The Access tab was a page of its own before.
#[component]
pub(crate) fn ResourceTabPage() -> impl IntoView {
    let params = use_params_map();
    let segment = params.read_untracked().get("tab").unwrap_or_default();
    if segment == "readers" {
        let id = params.read_untracked().get("id").unwrap_or_default();
        redirect_page(&Tab::Access.href(id));
        return ().into_any();
    }
    match Tab::of_segment(&segment) {
        Some(tab) => page(tab),
        None => view! { <NotFound /> }.into_any(),
    }
}

fn page(tab: Tab) -> AnyView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let header = ArcResource::new(|| (), move |()| load(id.clone()));
    let show: fn(Record) -> AnyView = match tab {
        Tab::Overview => |shown| record(Tab::Overview, shown),
        Tab::Access => |shown| record(Tab::Access, shown),
        Tab::Use => |shown| record(Tab::Use, shown),
        Tab::Versions => |shown| record(Tab::Versions, shown),
        Tab::Rotation => |shown| record(Tab::Rotation, shown),
        Tab::Activity => |shown| record(Tab::Activity, shown),
        Tab::Policy => |shown| record(Tab::Policy, shown),
        Tab::Code => |shown| record(Tab::Code, shown),
    };
    loaded(header, "Inventory", show)
}

/// The header, and what is about to change it.
type Record = (ResourceHeader, ResourceChanges, LeakMark);

async fn load(id: String) -> Result<Record, WireError> {
    let (services, caller) = call()?;
    let header = services.activity().resource_header(&caller, &id).await.map_err(wire)?;
    let changes = services.remediation().resource_changes(&caller, header.shown.id).await;
    let leak = services.leaks().mark(&caller, &header.shown).await.map_err(wire)?;
    Ok((header, changes.map_err(wire)?, leak))
}

fn record(tab: Tab, (header, changes, leak): Record) -> AnyView {
    let kind = header.shown.facts.kind();
    if !tab.is_of(kind) {
        return view! { <NotFound /> }.into_any();
    }
    let name = header.shown.facts.name.clone();
    let title = match tab {
        Tab::Overview => name,
        _ => format!("{name}: {}", tab.label()),
    };
    let id = header.shown.id.to_string();
    view! {
        <PageTitle text=title />
        <Head header=header.clone() changes=changes.clone() leak />
        {leak.open.map(|id| view! { <Leaked id /> })}
        <Tabs id kind current=tab />
        <OpenPlans changes=changes.clone() />
        {content(tab, header, &changes)}
    }
    .into_any()
}

fn content(tab: Tab, header: ResourceHeader, changes: &ResourceChanges) -> AnyView {
    let can_plan = can_plan(&header.shown, changes);
    match tab {
        Tab::Overview => view! { <OverviewTab header /> }.into_any(),
        Tab::Access => view! { <AccessTab shown=header.shown /> }.into_any(),
        Tab::Use => view! { <UseTab shown=header.shown /> }.into_any(),
        Tab::Versions => view! { <VersionsTab shown=header.shown can_plan /> }.into_any(),
        Tab::Rotation => {
            let can_check = header.can_remediate && header.shown.gone_at.is_none();
            view! { <RotationTab shown=header.shown failure=header.failed_rotation can_plan can_check /> }
                .into_any()
        }
        Tab::Activity => view! { <ActivityTab shown=header.shown /> }.into_any(),
        Tab::Policy => view! { <PolicyTab shown=header.shown /> }.into_any(),
        Tab::Code => view! { <CodeTab shown=header.shown /> }.into_any(),
    }
}

#[component]
fn Head(header: ResourceHeader, changes: ResourceChanges, leak: LeakMark) -> impl IntoView {
    let ResourceHeader { shown, findings, grants, can_remediate, failed_rotation, is_favorite } =
        header;
    let account = format!("/accounts/{}", shown.account_id);
    let in_region = format!("/inventory?account={}&region={}", shown.account_id, shown.region);
    // The list that led here, with its filters.
    let from = own_field("from").and_then(|from| list_of(&from));
    let list = from.unwrap_or_else(|| ("Inventory", "/inventory".to_owned()));
    let arn = shown.facts.arn.to_string();
    let command = cli_command(&shown);
    let request = shown.may_request.then(|| format!("/access/request?resource={}", shown.id));
    let has_failures = findings.as_ref().is_some_and(|found| !found.is_empty());
    let fix = (can_remediate && has_failures && shown.gone_at.is_none())
        .then(|| plan_href(&format!("resource={}", shown.id), None));
    let change = can_plan(&shown, &changes).then(|| shown.clone());
    let actions = view! {
        <Copy text=arn label="Copy ARN" />
        <Copy text=command label="Copy AWS CLI command" />
        <a class="button" href=shown.console_url.clone() rel="noopener noreferrer external" target="_blank">
            "Open in AWS console"<Icon shape=Shape::Out />
        </a>
        {change.map(|shown| view! { <ChangeMenu shown /> })}
        {leak.can_report.then(|| view! { <a href=report_href(shown.id) class="button">"This leaked"</a> })}
        {fix.map(|href| view! { <a href=href class="button">"Fix"</a> })}
        {request.map(|href| view! { <a href=href class="button primary">"Request access"</a> })}
    }
    .into_any();
    let overview = Tab::Overview.href(shown.id);
    let failing = findings.unwrap_or_default().into_iter().map(move |(severity, count)| {
        let text = format!("{count} {severity}");
        let href = overview.clone();
        view! { <a href=href><Chip tone=severity_tone(severity) text />" "<span class="sr">"failing"</span></a> }
    });
    let rotation = Tab::Rotation.href(shown.id);
    let failed = failed_rotation.map(|failure| {
        view! { <a href=rotation><Chip tone=Tone::Bad text=rotation_failed(&failure) /></a> }
    });
    let active = (grants > 0).then(|| {
        let text = counted(grants.into(), "active grant", "active grants");
        view! { <a class="chip plain" href=format!("{}#grants", Tab::Access.href(shown.id))>{text}</a> }
    });
    let (account_name, region) = (shown.account_name.clone(), shown.region.to_string());
    let (id, name) = (shown.id, steps(&shown.facts.name));
    view! {
        <PageHeader actions>
            <Breadcrumb>
                <a href=list.1>{list.0}</a>" / "<a href=account>{account_name}</a>" / "
                <a href=in_region>{region}</a>
            </Breadcrumb>
            <div class="named"><h1 class="mono">{name}</h1><FavoriteButton id is_favorite /></div>
            <p class="chips">{failed}{failing.collect_view()}<Traits shown />{active}</p>
        </PageHeader>
    }
}

/// Its value was reported, and not changed since.
#[component]
fn Leaked(id: LeakId) -> impl IntoView {
    view! {
        <p class=format!("panel notice leak {}", Tone::Bad.class())>
            "Reported as leaked, and no new value was found since: "<a href=format!("/leaks/{id}")>{id.to_string()}</a>
        </p>
    }
}

/// What it is, in a few chips.
#[component]
fn Traits(shown: ResourceDetail) -> impl IntoView {
    let parameter_type = match &shown.facts.detail {
        Detail::Parameter(parameter) => Some(parameter.parameter_type),
        Detail::Secret(_) => None,
    };
    let key = match shown.key {
        KeyClass::AwsManaged => "AWS managed key",
        KeyClass::CustomerManaged => "Customer managed key",
        KeyClass::Plain => "Not encrypted",
    };
    let is_secret = shown.facts.kind() == Kind::Secret;
    let environment = environment(&shown)
        .map(|name| view! { <span class="chip plain">"Environment "{name.to_owned()}</span> });
    view! {
        {is_secret.then(|| view! { <RotationCell state=shown.rotation.clone() now=shown.as_of alone=true /> })}
        <span class="chip plain">"Owner " <OwnerCell owner=shown.owner.clone() /></span>
        {environment}
        <span class="chip plain">{kind_label(shown.facts.kind(), parameter_type)}</span>
        <span class="chip plain">{key}</span>
    }
}

/// The environment, as its tag names it.
fn environment(shown: &ResourceDetail) -> Option<&str> {
    let tags = shown.facts.tags.as_ref()?;
    let of = |key: &str| tags.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(key));
    let (_, value) = of("env").or_else(|| of("environment"))?;
    Some(value.trim()).filter(|value| !value.is_empty())
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
            view! { <a href=href(&query) class="step">{step}</a><wbr /> }.into_any()
        })
        .collect::<Vec<_>>()
}

/// What describes it on the AWS command line. It asks for no value.
fn cli_command(shown: &ResourceDetail) -> String {
    let region = &shown.region;
    match shown.facts.kind() {
        Kind::Secret => {
            let id = shell::quoted(shown.facts.arn.as_str());
            format!("aws secretsmanager describe-secret --region {region} --secret-id {id}")
        }
        Kind::Parameter => {
            let filter =
                shell::quoted(&format!("Key=Name,Option=Equals,Values={}", shown.facts.name));
            format!("aws ssm describe-parameters --region {region} --parameter-filters {filter}")
        }
    }
}
