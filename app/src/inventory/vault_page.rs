//! A new vault for a team: the form, and the files for Git. The URL holds its state, and sending the form changes nothing.

use crate::{
    ui::{
        Breadcrumb, PageHeader, PageTitle, Panel, SourceFileView, fault_of, line, lines, loaded,
        needed_line, needed_lines, options, own_query,
    },
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{
    VariantArray,
    creation::ShapeFault,
    inventory::vault::{VaultForm, VaultFormat, VaultView},
};
use leptos::prelude::*;

const PATH: &str = "/inventory/vault";

/// The page for a team.
pub(crate) fn vault_href(team: &str) -> String {
    let form = VaultForm { team: team.to_owned(), ..VaultForm::default() };
    format!("{PATH}?{}", form.to_url_query())
}

#[component]
pub(crate) fn VaultPage() -> impl IntoView {
    let query = own_query();
    let view = ArcResource::new(|| (), move |()| load(query.clone()));
    loaded(view, "New vault", |shown: VaultView| view! { <Vault shown /> }.into_any())
}

async fn load(query: String) -> Result<VaultView, WireError> {
    let (services, caller) = call()?;
    services.code_exports().vault(&caller, &query).await.map_err(wire)
}

#[component]
fn Vault(shown: VaultView) -> impl IntoView {
    let VaultView { form, accounts, faults, files } = shown;
    let wrong = (!faults.is_empty()).then(|| {
        view! { <p class="fault" role="alert">"There are no files yet: correct the fields below."</p> }
    });
    let formats = VaultFormat::VARIANTS.iter().map(|format| (format.to_string(), format.label()));
    let formats = options(formats, Some(&form.format().to_string()));
    let written = (!files.is_empty()).then(|| view! { <Files form=form.clone() files /> });
    let text =
        |field, value: &str, placeholder, note| line(field, value, placeholder, note, &faults);
    let needed = |field, value: &str, placeholder, note| {
        needed_line(field, value, placeholder, note, &faults)
    };
    view! {
        <PageHeader>
            <Breadcrumb><a href="/teams">"Teams"</a></Breadcrumb>
            <PageTitle text="New vault" />
            <h1>"New vault"</h1>
            <p class="context">
                "A team's key, name prefix, roles, required tags, resource policy, rotation and alarm, as files for Git. Claviger deploys nothing: you apply them with your own rights."
            </p>
        </PageHeader>
        <div class="stack">
            <section class="panel">
                <form method="get" action=PATH id="vault">
                    <input type="hidden" name="sent" value="yes" />
                    <div class="form">
                        {wrong}
                        {needed(("team", "Team"), &form.team, "payments", "As the owner rules name it. It becomes the owner tag.")}
                        {account(&form.account, accounts, &faults)}
                        {needed(("region", "Region"), &form.region, "eu-west-1", "")}
                        {needed(("organization", "Organization ID"), &form.organization, "o-a1b2c3d4e5", "No one outside it can use the secrets.")}
                        {text(("prefix", "Name prefix"), &form.prefix, "payments/", "Leave it empty for the team and a slash.")}
                        {needed(("function", "Rotation function"), &form.function, "arn:aws:lambda:…:function:…", "ARN. One secret can have another in the file.")}
                        {needed_lines(("readers", "Readers"), &form.readers, "Who assumes the readers' role, one per line: ARNs of IAM, or services such as ecs-tasks.amazonaws.com.", &faults)}
                        {lines(("others", "Other readers"), &form.others, "Roles that keep their own access, one ARN per line: those of rotation functions, and claviger-access. The resource policy denies everyone else.", &faults)}
                        {lines(("tags", "Required tags"), &form.tags, "key=value, one per line. The owner is the team.", &faults)}
                        {text(("topic", "Alarm topic"), &form.topic, "arn:aws:sns:…", "ARN of an SNS topic. Leave it empty for no alarm.")}
                        {text(("boundary", "Permissions boundary"), &form.boundary, "arn:aws:iam::…:policy/…", "ARN of a policy. Leave it empty for none.")}
                        {lines(("secrets", "Secrets"), &form.secrets, "name: what it is for, one per line. The prefix goes before each name. No values.", &faults)}
                        <label class="field"><span>"Format"</span><select name="as">{formats}</select></label>
                        <button class="button primary">"Write the files"</button>
                    </div>
                </form>
            </section>
            {written}
        </div>
    }
}

/// The accounts of the scope. Another one that was asked for stays chosen, beside its fault.
fn account(chosen: &str, accounts: Vec<(String, String)>, faults: &[ShapeFault]) -> AnyView {
    let chosen = chosen.trim();
    let is_known = chosen.is_empty() || accounts.iter().any(|(id, _)| id == chosen);
    let other = (!is_known).then(|| (chosen.to_owned(), chosen.to_owned()));
    let all = accounts.into_iter().map(|(id, name)| {
        let label = format!("{name} ({id})");
        (id, label)
    });
    let all = options(other.into_iter().chain(all), Some(chosen));
    view! {
        <label class="field">
            <span>"Account"</span>
            <select name="account" required>
                <option value="">"Choose an account"</option>
                {all}
            </select>
            {fault_of(faults, "account")}
        </label>
    }
    .into_any()
}

/// The file to adapt, and those that stay as they are.
#[component]
fn Files(form: VaultForm, files: Vec<claviger_domain::code::SourceFile>) -> impl IntoView {
    let query = form.to_url_query();
    let mut views = files.into_iter().map(|file| {
        let name: String = form_urlencoded::byte_serialize(file.name.as_bytes()).collect();
        let href = format!("/export/vault?{query}&file={name}");
        view! { <SourceFileView file href /> }
    });
    let first = views.next();
    let others = views.collect_view();
    let what = match form.format() {
        VaultFormat::Terraform => "The module team-vault, next to it",
        VaultFormat::Cdk => "The construct, next to it",
    };
    view! {
        <Panel title="Files">
            <p class="note">"A secret begins without a value and without rotation. Put the first value in, then let it rotate."</p>
            {first}
            <details><summary>{what}</summary>{others}</details>
        </Panel>
    }
}
