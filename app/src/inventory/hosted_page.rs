//! A rotation by AWS's template: the form, and the CloudFormation template that an engineer deploys. The URL holds its state.

use super::{hosted_fields::HostedFields, preflight_result::CheckList, tabs::Tab};
use crate::{
    rotations::WindowList,
    ui::{Breadcrumb, Chip, Copy, PageHeader, PageTitle, Panel, Source, Tone, loaded, own_query},
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{
    ids::ResourceId,
    rotations::hosted::{
        CREATED, HostedForm, RIGHTS,
        view::{HostedTemplate, HostedView},
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The page of a secret's template.
pub(super) fn hosted_href(id: ResourceId) -> String {
    format!("/inventory/{id}/hosted-rotation")
}

#[component]
pub(crate) fn HostedRotationPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let query = own_query();
    let view = ArcResource::new(|| (), move |()| load(id.clone(), query.clone()));
    loaded(view, "Inventory", |shown: HostedView| view! { <Hosted shown /> }.into_any())
}

async fn load(id: String, query: String) -> Result<HostedView, WireError> {
    let (services, caller) = call()?;
    services.hosted_rotations().hosted_rotation(&caller, &id, &query).await.map_err(wire)
}

#[component]
fn Hosted(shown: HostedView) -> impl IntoView {
    let title = format!("{}: AWS rotation template", shown.name);
    let secret = format!("/inventory/{}", shown.id);
    let rotation = Tab::Rotation.href(shown.id);
    let name = shown.name.clone();
    let place = format!("{} ({}), {}", shown.account_name, shown.account, shown.region);
    let content = match shown.refusal.clone() {
        Some(why) => view! {
            <section class=format!("panel notice {}", Tone::Unknown.class())>
                <h2>"No template for this secret"</h2>
                <p>{why}</p>
            </section>
        }
        .into_any(),
        None => view! { <Content shown /> }.into_any(),
    };
    view! {
        <PageTitle text=title />
        <PageHeader>
            <Breadcrumb><a href=secret class="mono">{name}</a>" / "<a href=rotation>"Rotation"</a></Breadcrumb>
            <h1>"AWS rotation template"</h1>
            <p class="context">{place}". Writes a CloudFormation template that you deploy with your own rights. Claviger changes nothing."</p>
        </PageHeader>
        {content}
    }
}

#[component]
fn Content(shown: HostedView) -> impl IntoView {
    let replaces = shown.replaces.clone().map(|text| {
        view! { <p class=format!("panel notice {}", Tone::Soon.class())>{text}</p> }
    });
    let wrong = (!shown.faults.is_empty()).then(|| {
        view! { <p class="fault" role="alert">"There is no template yet: correct the fields below."</p> }
    });
    let (id, form) = (shown.id, shown.form.clone());
    let checks = (!shown.checks.is_empty()).then(|| {
        let checks = shown.checks.clone();
        view! {
            <Panel title="Before you deploy">
                <CheckList checks />
                <p class="note">"From the last scan. Once the function exists, "<a href=Tab::Rotation.href(id)>"Check rotation"</a>" reads the function, its role and its network from AWS."</p>
            </Panel>
        }
    });
    let template = shown.template.clone().map(|template| view! { <Template id form template /> });
    view! {
        <div class="stack">
            {replaces}
            <section class="panel">
                <form method="get" action=hosted_href(id) id="hosted">
                    <div class="form">
                        {wrong}
                        <HostedFields form=shown.form.clone() faults=shown.faults.clone() />
                        <button class="button primary">"Write the template"</button>
                    </div>
                </form>
            </section>
            {checks}
            {template}
        </div>
    }
}

#[component]
fn Template(id: ResourceId, form: HostedForm, template: HostedTemplate) -> impl IntoView {
    let HostedTemplate { rotation_type, file, command, is_in_vpc, windows } = template;
    let download = format!("{}.yaml?{}", hosted_href(id), form.to_url_query());
    let created = CREATED.iter().map(|text| view! { <li>{*text}</li> }).collect_view();
    let rights = RIGHTS
        .iter()
        .filter(|rights| is_in_vpc || !rights.is_for_vpc)
        .map(|rights| {
            view! { <dt>{rights.purpose}</dt><dd class="mono wrap">{rights.actions.join(", ")}</dd> }
        })
        .collect_view();
    view! {
        <section class="panel" id="template">
            <h2>"CloudFormation template "<Chip tone=Tone::Unknown text=rotation_type /></h2>
            <Source label="CloudFormation template" text=file.text />
            <p class="actions"><a class="button primary" href=download download=file.name>"Download"</a></p>
        </section>
        <Panel title="Deploy it">
            <p>"In the folder of the file, signed in to the secret's account:"</p>
            <Source label="Command" text=command.clone() />
            <p class="actions">
                <Copy text=command label="Copy" />
            </p>
            <p class="note">"CAPABILITY_IAM admits the role, and CAPABILITY_AUTO_EXPAND the transform and its nested stack. Claviger shows the rotation after AWS's event, or the next scan."</p>
        </Panel>
        <Panel title="What the stack creates"><ul class="sentences">{created}</ul></Panel>
        <Panel title="Rights to deploy it">
            <dl class="facts">{rights}</dl>
            <p class="note">"At least these: AWS documents no complete list. To delete the stack, the matching delete actions."</p>
        </Panel>
        <Panel title="Next rotation windows"><WindowList next=windows /></Panel>
    }
}
