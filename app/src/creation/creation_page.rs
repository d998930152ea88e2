//! One request for a new secret or parameter: its shape, who decided, the value's form while it waits for it.

use super::{
    api::{EnterValue, TransitionCreation, load_creation},
    labels::state_label,
    new_page::Checks,
    upload::ValueFromFile,
    value_fields::ValueFields,
};
use crate::inventory::Tab;
use crate::ui::{
    Ago, Breadcrumb, Chip, ErrorNotice, Menu, PageHeader, PageTitle, Panel, Timestamp,
    format::who_decides, loaded, own_query,
};
use claviger_domain::{
    VariantArray,
    creation::{
        CreationForm, CreationState, CreationTransition, JsonTemplate, NewDetail, NewResource,
        NewRotation, view::CreationView,
    },
    facts::Kind,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn CreationPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let page = ArcResource::new(|| (), move |()| load_creation(id.clone()));
    loaded(page, "New secrets", |shown: CreationView| view! { <Record shown /> }.into_any())
}

#[component]
fn Record(shown: CreationView) -> impl IntoView {
    let action = ServerAction::<TransitionCreation>::new();
    let row = shown.row.clone();
    let (tone, text) = state_label(row.state);
    let name = row.shape.name.clone();
    let actions = view! { <Transitions shown=shown.clone() action /> }.into_any();
    let waits = (row.state == CreationState::Waiting).then(|| {
        let said = who_decides(&shown.approvers, "No value exists yet.");
        view! { <p class="notice soon" role="status">{said}</p> }
    });
    let message = row.message.clone().map(|message| {
        view! { <p class="notice soon" role="status">{message}</p> }
    });
    let made = row.resource.clone().map(|id| view! { <Created id /> });
    let plan = row.plan.map(|plan| {
        view! { <p>"Its policy and replicas follow in "<a href=format!("/remediation/{plan}")>{plan.to_string()}</a>"."</p> }
    });
    let value = if shown.can_enter_value {
        view! { <Value shown=shown.clone() /> }.into_any()
    } else {
        // Why a file was refused, when its form is no longer there.
        let refused = ServerAction::<EnterValue>::new();
        view! { <ErrorNotice value=refused.value() /> }.into_any()
    };
    let failing = (!row.failing.is_empty()).then(|| {
        view! { <Panel title="Failing checks".to_owned()><Checks failing=row.failing.clone() said=failing_words(row.state) passing=None /></Panel> }
    });
    view! {
        <PageTitle text=name.clone() />
        <PageHeader actions actions_class="actions decisions">
            <Breadcrumb><a href="/creations">"New secrets"</a></Breadcrumb>
            <h1 class="mono">{name}</h1>
            <p class="chips"><span class="mono">{row.id.to_string()}</span><Chip tone text /></p>
        </PageHeader>
        {waits}
        {message}
        {made}
        {plan}
        {value}
        <Panel title="Details".to_owned()><Shape shown=shown.clone() /></Panel>
        {failing}
        <ErrorNotice value=action.value() />
    }
}

/// How the failing checks of the request are introduced. What fails by now is on the page of the secret.
fn failing_words(state: CreationState) -> &'static str {
    match state {
        CreationState::Waiting | CreationState::Approved => "It would fail",
        CreationState::Creating | CreationState::Created => "When it was requested, it failed",
        CreationState::Failed
        | CreationState::Denied
        | CreationState::Withdrawn
        | CreationState::Expired => "It would have failed",
    }
}

/// What comes next for what is there.
#[component]
fn Created(id: String) -> impl IntoView {
    let role = format!("/inventory/{id}/role");
    let recipes = Tab::Use.href(&id);
    view! {
        <p class="done" role="status">
            "Created. "<a href=format!("/inventory/{id}")>"Open it in the inventory"</a>
        </p>
        <p>
            "Next: "<a href=role>"Role for a consumer"</a>" that reads it, and "
            <a href=recipes>"Use it"</a>" for recipes."
        </p>
    }
}

/// Everything but the value.
#[component]
fn Shape(shown: CreationView) -> impl IntoView {
    let row = shown.row;
    let now = shown.as_of;
    let shape = row.shape;
    let tags: Vec<String> =
        shape.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let tags = if tags.is_empty() { "None".to_owned() } else { tags.join(", ") };
    let key = shape.key.clone().unwrap_or_else(|| match shape.kind() {
        Kind::Secret => "aws/secretsmanager".into(),
        Kind::Parameter => "The AWS managed key, or none for plain text".into(),
    });
    let decision = row.decision.map(|decision| {
        let word = if row.state == CreationState::Denied { "Denied by" } else { "Approved by" };
        let note = decision.note.map(|note| format!(": {note}"));
        view! { <dt>{word}</dt><dd>{decision.by.name}{note}" "<Ago at=decision.at now /></dd> }
    });
    let until = (!row.state.is_over()).then(|| {
        let word = match row.state {
            CreationState::Waiting => "Can be decided until",
            _ => "Value can be entered until",
        };
        view! { <dt>{word}</dt><dd><Timestamp at=row.expires_at now /></dd> }
    });
    let calls = shown.calls.join("; ");
    view! {
        <p>{row.reason}</p>
        <dl class="facts">
            <dt>"Account and Region"</dt><dd>{format!("{}, {}", row.account_name, shape.region)}</dd>
            <dt>"KMS key"</dt><dd class="mono">{key}</dd>
            <dt>"Tags"</dt><dd class="mono">{tags}</dd>
            <Detail shape />
            <dt>"API calls"</dt><dd>{calls}</dd>
            <dt>"Requested by"</dt><dd>{row.requester.name}" "<Ago at=row.created_at now /></dd>
            {decision}
            {until}
        </dl>
    }
}

#[component]
fn Detail(shape: NewResource) -> impl IntoView {
    let description = shape.description.map(|text| view! { <dt>"Description"</dt><dd>{text}</dd> });
    let rest = match shape.detail {
        NewDetail::Secret { policy, replicas, secret_type, rotation } => {
            let secret_type =
                secret_type.map(|text| view! { <dt>"Type"</dt><dd class="mono">{text}</dd> });
            let rotation = rotation.map(|rotation| view! { <Rotation rotation=*rotation /> });
            let policy = policy.map(|text| {
                view! { <dt>"Resource policy"</dt><dd><pre class="mono">{text}</pre></dd> }
            });
            let regions: Vec<String> =
                replicas.iter().map(|replica| replica.region.to_string()).collect();
            let replicas = (!regions.is_empty())
                .then(|| view! { <dt>"Replicas"</dt><dd>{regions.join(", ")}</dd> });
            view! { {secret_type}{policy}{replicas}{rotation} }.into_any()
        }
        NewDetail::Parameter { parameter_type, tier, allowed_pattern, expires } => {
            let pattern = allowed_pattern
                .map(|text| view! { <dt>"Allowed pattern"</dt><dd class="mono">{text}</dd> });
            let expires = expires.map(|text| view! { <dt>"Expires"</dt><dd>{text}</dd> });
            view! {
                <dt>"Type"</dt><dd>{format!("{parameter_type}, {tier}")}</dd>
                {pattern}
                {expires}
            }
            .into_any()
        }
    };
    view! { {description}{rest} }
}

/// How it will be rotated.
#[component]
fn Rotation(rotation: NewRotation) -> impl IntoView {
    let rules = &rotation.rules;
    let days = rules.automatically_after_days.map(|days| format!("every {days} days"));
    let every = days.or_else(|| rules.schedule_expression.clone()).unwrap_or_default();
    let first = if rotation.is_immediate { "the first one at once" } else { "none at once" };
    let by = rotation.function.or_else(|| rotation.external.as_ref().map(|it| it.role_arn.clone()));
    let metadata: Vec<String> = rotation
        .external
        .iter()
        .flat_map(|external| external.metadata.iter().map(|(key, value)| format!("{key}={value}")))
        .collect();
    let metadata = (!metadata.is_empty()).then(|| {
        view! { <dt>"Metadata for the partner"</dt><dd class="mono">{metadata.join(", ")}</dd> }
    });
    view! {
        <dt>"Rotation"</dt>
        <dd>{format!("{every}, {first}, by ")}<span class="mono">{by}</span></dd>
        {metadata}
    }
}

/// The value of an approved shape. Its format is in the URL.
#[component]
fn Value(shown: CreationView) -> impl IntoView {
    let action = ServerAction::<EnterValue>::new();
    let form = CreationForm::from_url_query(&own_query());
    let id = shown.row.id.to_string();
    let kind = shown.row.shape.kind();
    let is_secret = kind == Kind::Secret;
    let mut formats = vec![
        ("text".to_owned(), "Text"),
        ("generated".to_owned(), "Generated by AWS"),
        ("pairs".to_owned(), "JSON from key=value lines"),
    ];
    if is_secret {
        formats.extend(JsonTemplate::VARIANTS.iter().map(|one| (one.to_string(), one.label())));
    }
    let current = if form.format.is_empty() { "text" } else { &form.format };
    let choices = formats
        .into_iter()
        .map(|(name, label)| {
            let is_current = (name == current).then_some("true");
            view! { <li><a href=format!("/creations/{id}?format={name}") aria-current=is_current>{label}</a></li> }
        })
        .collect_view();
    let file = view! { <ValueFromFile id=shown.row.id form=form.clone() kind /> };
    view! {
        <Panel title="Enter the value".to_owned()>
            <nav class="tabs" aria-label="Format of the value"><ul>{choices}</ul></nav>
            <ActionForm action attr:class="form" attr:data-still="" attr:autocomplete="off">
                <input type="hidden" name="creation" value=id.clone() />
                <input type="hidden" name="format" value=form.format.clone() />
                <ValueFields form />
                <ErrorNotice value=action.value() />
                <button class="button primary">"Create"</button>
            </ActionForm>
            {file}
        </Panel>
    }
}

/// Each a form of its own, so that each works without scripts.
#[component]
fn Transitions(shown: CreationView, action: ServerAction<TransitionCreation>) -> impl IntoView {
    shown
        .transitions
        .iter()
        .map(|step| {
            let hidden = view! {
                <input type="hidden" name="creation" value=shown.row.id.to_string() />
                <input type="hidden" name="step" value=step.to_string() />
                <input type="hidden" name="hash" value=shown.hash.clone() />
            };
            match step {
                CreationTransition::Approve => view! {
                    <ActionForm action>{hidden}<button class="button primary">"Approve"</button></ActionForm>
                }
                .into_any(),
                CreationTransition::Withdraw => view! {
                    <ActionForm action>{hidden}<button class="button">"Withdraw"</button></ActionForm>
                }
                .into_any(),
                CreationTransition::Deny => view! {
                    <Menu label="Deny" class="right menu">
                        <ActionForm action attr:class="form">
                            {hidden}
                            <label class="field"><span>"Reason"</span><textarea name="note" rows="2" maxlength="1000" required></textarea></label>
                            <button class="button danger">"Deny"</button>
                        </ActionForm>
                    </Menu>
                }
                .into_any(),
            }
        })
        .collect_view()
}
