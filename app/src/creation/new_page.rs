//! The form of a new secret or parameter. The URL holds its state; the value is in a form of its own, which is only posted.

use super::{
    api::{SubmitCreation, load_creation_draft},
    hidden_shape::HiddenShape,
    secret_fields::{SecretFields, WantedTags},
    upload::NewFromFile,
    value_fields::ValueFields,
};
use crate::ui::{
    Breadcrumb, Chip, ErrorNotice, PageHeader, PageTitle, Panel, Tone, date, fault_of,
    format::{counted, who_decides},
    loaded, own_query, text_area,
};
use claviger_domain::{
    VariantArray,
    creation::{
        CreationForm, CreationId, JsonTemplate, ShapeFault, ShapeWarning, Tier,
        view::{CreationApproval, CreationDraft, CreationPreview, FailingCheck, KnownKey},
    },
    facts::ParameterType,
};
use leptos::prelude::*;

#[component]
pub(crate) fn NewResourcePage() -> impl IntoView {
    let query = own_query();
    let draft = ArcResource::new(|| (), move |()| load_creation_draft(query.clone()));
    loaded(draft, "New secret", |draft: CreationDraft| view! { <Draft draft /> }.into_any())
}

#[component]
fn Draft(draft: CreationDraft) -> impl IntoView {
    let is_parameter = draft.form.is_parameter();
    let title = if is_parameter { "New parameter" } else { "New secret" };
    let other = |kind: &str, label: &'static str| {
        let form = CreationForm {
            account: draft.form.account.clone(),
            region: draft.form.region.clone(),
            kind: kind.into(),
            ..CreationForm::default()
        };
        let current = (is_parameter == (kind == "parameter")).then_some("true");
        let href = format!("/secrets/new?{}", form.to_url_query());
        view! { <li><a href=href aria-current=current>{label}</a></li> }
    };
    let preview = draft.preview.clone().map(|preview| {
        view! { <Preview form=draft.form.clone() preview warnings=draft.warnings.clone() /> }
    });
    view! {
        <PageHeader>
            <Breadcrumb><a href="/creations">"New secrets"</a></Breadcrumb>
            <PageTitle text=title />
            <h1>{title}</h1>
            <p class="context">"Nothing is created before you have seen the preview."</p>
        </PageHeader>
        <div class="with-rail">
            <nav class="panel choices" aria-label="Kind">
                <h2>"Kind"</h2>
                <ul>{other("secret", "Secrets Manager secret")}{other("parameter", "SSM parameter")}</ul>
            </nav>
            <div class="stack">
                <ShapeForm draft />
                {preview}
            </div>
        </div>
    }
}

#[component]
fn ShapeForm(draft: CreationDraft) -> impl IntoView {
    let CreationDraft {
        form,
        accounts,
        regions,
        keys,
        siblings,
        open_request,
        faults,
        wanted_tags,
        ..
    } = draft;
    let of = |field: &str| fault_of(&faults, field);
    let accounts = accounts
        .into_iter()
        .map(|(id, name)| {
            let id = id.to_string();
            let selected = id == form.account;
            view! { <option value=id.clone() selected=selected>{format!("{name} ({id})")}</option> }
        })
        .collect_view();
    let has_regions = !regions.is_empty();
    let regions = regions
        .into_iter()
        .map(|region| {
            let region = region.to_string();
            let selected = region == form.region;
            view! { <option value=region.clone() selected=selected>{region.clone()}</option> }
        })
        .collect_view();
    let region = if has_regions {
        view! { <select name="region" required><option value="">"Choose a Region"</option>{regions}</select> }
            .into_any()
    } else {
        view! { <input name="region" value=form.region.clone() placeholder="us-east-1" autocomplete="off" required /> }
            .into_any()
    };
    let siblings = (!siblings.is_empty()).then(|| {
        view! { <small>"Beside it: "<span class="mono">{siblings.join(", ")}</span></small> }
    });
    let keys = view! { <KeyList keys /> };
    let more = if form.is_parameter() {
        view! { <ParameterFields form=form.clone() faults=faults.clone() /> }.into_any()
    } else {
        view! { <SecretFields form=form.clone() faults=faults.clone() /> }.into_any()
    };
    view! {
        <form method="get" action="/secrets/new" id="shape">
            <input type="hidden" name="kind" value=form.kind.clone() />
            <section class="panel">
                <div class="form">
                    <label class="field">
                        <span>"Account"</span>
                        <select name="account" required><option value="">"Choose an account"</option>{accounts}</select>
                        {of("account")}
                    </label>
                    <label class="field"><span>"Region"</span>{region}{of("region")}</label>
                    <label class="field">
                        <span>"Name"</span>
                        <input name="name" class="mono" value=form.name.clone() autocomplete="off" spellcheck="false" required />
                        {siblings}
                        {of("name")}
                    </label>
                    {open_request.map(|id| view! { <OpenRequest id /> })}
                    <label class="field">
                        <span>"Description"</span>
                        <input name="description" value=form.description.clone() autocomplete="off" />
                        {of("description")}
                    </label>
                    <label class="field">
                        <span>"Tags"</span>
                        <textarea name="tags" class="mono" rows="4" spellcheck="false">{text_area(&form.tags)}</textarea>
                        <small>"One key=value per line."</small>
                        <WantedTags tags=wanted_tags />
                        {of("tags")}
                    </label>
                    <label class="field">
                        <span>"KMS key"</span>
                        <input name="key" class="mono" value=form.key.clone() list="keys" autocomplete="off" spellcheck="false" />
                        <small>"ID, ARN or alias of a customer managed key. Leave it empty for the AWS managed key."</small>
                        {keys}
                        {of("key")}
                    </label>
                    {more}
                    <FormatFields form=form.clone() faults=faults.clone() />
                    <label class="field">
                        <span>"Reason"</span>
                        <textarea name="reason" rows="2" maxlength="1000" required>{text_area(&form.reason)}</textarea>
                        <small>"Recorded in the audit log; approvers read it."</small>
                        {of("reason")}
                    </label>
                    <button class="button primary">"Preview"</button>
                </div>
            </section>
        </form>
    }
}

/// A request that has the name already.
#[component]
fn OpenRequest(id: CreationId) -> impl IntoView {
    view! { <p>"Open request: "<a href=format!("/creations/{id}")>{id.to_string()}</a></p> }
}

#[component]
fn KeyList(keys: Vec<KnownKey>) -> impl IntoView {
    let options = keys
        .into_iter()
        .map(|known| {
            let used = counted(known.resources, "secret or parameter", "secrets and parameters");
            view! { <option value=known.key>{format!("Encrypts {used} here")}</option> }
        })
        .collect_view();
    view! { <datalist id="keys">{options}</datalist> }
}

#[component]
fn ParameterFields(form: CreationForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let types = [ParameterType::SecureString, ParameterType::String, ParameterType::StringList]
        .map(|one| {
            let name = one.to_string();
            let selected = name == form.parameter_type;
            view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    let tiers = Tier::VARIANTS
        .iter()
        .map(|tier| {
            let name = tier.to_string();
            let selected = name == form.tier;
            view! { <option value=name.clone() selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>"Type"</span>
            <select name="parameter_type">{types}</select>
            <small>"Only a SecureString is encrypted."</small>
            {fault_of(&faults, "parameter_type")}
        </label>
        <label class="field">
            <span>"Tier"</span>
            <select name="tier">{tiers}</select>
            <small>"Advanced costs money, and can't be lowered later."</small>
            {fault_of(&faults, "tier")}
        </label>
        <label class="field">
            <span>"Allowed pattern"</span>
            <input name="allowed_pattern" class="mono" value=form.allowed_pattern.clone() autocomplete="off" />
            {fault_of(&faults, "allowed_pattern")}
        </label>
        {date(("expires", "Expires"), &form.expires, "AWS deletes an Advanced parameter then.", &faults)}
    }
}

/// How the value is given. The value itself is entered after the preview.
#[component]
fn FormatFields(form: CreationForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let mut formats = vec![
        ("text".to_owned(), "Text"),
        ("generated".to_owned(), "Generated by AWS"),
        ("pairs".to_owned(), "JSON from key=value lines"),
    ];
    if !form.is_parameter() {
        formats.extend(JsonTemplate::VARIANTS.iter().map(|one| (one.to_string(), one.label())));
    }
    let formats = formats
        .into_iter()
        .map(|(name, label)| {
            let selected = name == form.format;
            view! { <option value=name selected=selected>{label}</option> }
        })
        .collect_view();
    view! {
        <label class="field">
            <span>"Value"</span>
            <select name="format">{formats}</select>
            <small>"You enter it after the preview. Claviger doesn't store it."</small>
            {fault_of(&faults, "format")}
        </label>
        <label class="field">
            <span>"Length of a generated password"</span>
            <input name="length" type="number" min="8" max="4096" value=form.length.clone() placeholder="32" />
            {fault_of(&faults, "length")}
        </label>
        <label class="field check">
            <input type="checkbox" name="plain" value="yes" checked=form.plain == "yes" />
            <span>"Generate letters and digits only"</span>
        </label>
    }
}

/// What would be created, and the form that does it.
#[component]
fn Preview(
    form: CreationForm,
    preview: CreationPreview,
    warnings: Vec<ShapeWarning>,
) -> impl IntoView {
    let action = ServerAction::<SubmitCreation>::new();
    let calls = preview.calls.iter().cloned().map(|call| view! { <li>{call}</li> }).collect_view();
    let warnings = warnings
        .into_iter()
        .map(|warning| view! { <p class="note">{warning.reason}</p> })
        .collect_view();
    let needs_approval = preview.approval != CreationApproval::NotNeeded;
    let said = match &preview.approval {
        CreationApproval::NotNeeded => "It is created at once: no approval is needed.".to_owned(),
        CreationApproval::Needed(approvers) => {
            let hours = preview.value_minutes.div_ceil(60);
            let rest = format!(
                "They approve everything but the value. You enter the value within {} after the approval; until then there is none.",
                counted(u64::from(hours), "hour", "hours")
            );
            who_decides(approvers, &rest)
        }
    };
    let value = (!needs_approval).then(|| view! { <ValueFields form=form.clone() /> });
    let has_failing = !preview.failing.is_empty();
    let file = (!needs_approval).then(|| {
        view! { <NewFromFile form=form.clone() preview=preview.hash.clone() has_failing /> }
    });
    let label = if needs_approval { "Submit for approval" } else { "Create" };
    let accept = has_failing.then(|| {
        view! {
            <label class="field check">
                <input type="checkbox" name="accept_failing" value="true" required />
                <span>"Create it although it fails these checks"</span>
            </label>
        }
    });
    let place =
        format!("{} in {}, {}", preview.shape.name, preview.account_name, preview.shape.region);
    view! {
        <Panel title="Preview".to_owned()>
            <p><span class="mono">{place}</span></p>
            <ol class="sentences">{calls}</ol>
            <Checks failing=preview.failing.clone() said="It would fail" passing=Some(preview.passing) />
            <UnknownChecks titles=preview.unknown.clone() />
            {warnings}
            <ActionForm action attr:class="form" attr:data-still="" attr:id="create" attr:autocomplete="off">
                <HiddenShape form=form.clone() />
                <input type="hidden" name="preview" value=preview.hash.clone() />
                {value}
                {accept}
                <p class="note">{said}</p>
                <ErrorNotice value=action.value() />
                <button class="button primary">{label}</button>
            </ActionForm>
            {file}
        </Panel>
    }
}

/// The checks that it would fail, introduced by `said`, and how many it would pass.
#[component]
pub(super) fn Checks(
    failing: Vec<FailingCheck>,
    said: &'static str,
    passing: Option<u32>,
) -> impl IntoView {
    let count = u64::try_from(failing.len()).unwrap_or(0);
    let rows = failing
        .into_iter()
        .map(|check| {
            let severity = check.severity.to_string();
            let href = format!("/policies/{}", check.policy);
            view! { <li><Chip tone=Tone::Bad text=severity />" "<a href=href>{check.title}</a>": "{check.message}</li> }
        })
        .collect_view();
    let passes = passing
        .map(|passing| format!("It passes {}.", counted(u64::from(passing), "check", "checks")));
    if count == 0 {
        return view! { <p class="done" role="status">{passes}</p> }.into_any();
    }
    let fails = format!("{said} {}:", counted(count, "check", "checks"));
    view! {
        <p class="notice soon" role="status">{fails}</p>
        <ul class="sentences">{rows}</ul>
        <p class="faint">{passes}</p>
    }
    .into_any()
}

/// The checks of which nothing is known before it is there.
#[component]
fn UnknownChecks(titles: Vec<String>) -> impl IntoView {
    let count = u64::try_from(titles.len()).unwrap_or(0);
    (count > 0).then(|| {
        let text = format!(
            "{} can't be evaluated before it exists: {}.",
            counted(count, "check", "checks"),
            titles.join("; ")
        );
        view! { <p class="faint">{text}</p> }
    })
}
