//! One policy: what it asks, how it comes out, its text and its history.

use super::{
    api::{RetirePolicy, load_policy_page},
    comparison::{Compare, Comparison},
    labels::{category_label, percent, severity_tone},
    policies_page::Editor,
    policy_form::PolicyFieldset,
};
use crate::{
    exceptions::exception_href,
    ui::{
        Ago, Breadcrumb, Chip, ErrorNotice, Incomplete, PageHeader, PageTitle, Panel,
        format::grouped, loaded, own_field,
    },
};
use claviger_domain::{
    compliance::view::{Group, PolicyComparison, PolicyVersion, PolicyView},
    exceptions::ExceptionScope,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use time::OffsetDateTime;

#[component]
pub(crate) fn PolicyPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let version = |name: &str| own_field(name).and_then(|version| version.parse().ok());
    let versions = version("from").zip(version("to"));
    let page = ArcResource::new(|| (), move |()| load_policy_page(id.clone(), versions));
    loaded(page, "Policies", |(shown, compared): (PolicyView, Option<PolicyComparison>)| {
        view! { <Record shown compared /> }.into_any()
    })
}

#[component]
fn Record(shown: PolicyView, compared: Option<PolicyComparison>) -> impl IntoView {
    let edit = shown.may_edit.then(|| {
        let (id, document) = (shown.row.id.clone(), shown.document.clone());
        let (row, due_days) = (shown.row.clone(), shown.due_days);
        let fields = view! { <PolicyFieldset row due_days /> }.into_any();
        view! {
            <details class="behind"><summary>"Edit"</summary><Editor document fields /></details>
            <Retire id />
        }
    });
    let chosen = compared.as_ref().map(|compared| (compared.from, compared.to));
    let compared = compared.map(|compared| view! { <Comparison compared /> });
    let PolicyView { row, by_account, versions, as_of, document, .. } = shown.clone();
    view! {
        <Head shown=shown.clone() />
        <div class="columns">
            <div>
                {compared}
                <Asks shown />
                <Panel title="YAML">
                    <pre class="mono source" tabindex="0">{document}</pre>
                    {edit}
                </Panel>
            </div>
            <div>
                <Accounts groups=by_account policy=row.id />
                <History versions chosen now=as_of />
            </div>
        </div>
    }
}

#[component]
fn Head(shown: PolicyView) -> impl IntoView {
    let row = shown.row;
    let fails = format!("/findings?policy={}", row.id);
    let exception = shown.may_edit.then(|| {
        let href = exception_href(&row.id, &ExceptionScope::Organization);
        view! { <a href=href class="button">"Request exception"</a> }
    });
    let actions = view! {
        {exception}
        <a href=fails class="button primary">{format!("See {} findings", grouped(row.tally.fail))}</a>
    }
    .into_any();
    view! {
        <PageTitle text=row.title.clone() />
        <PageHeader actions>
            <Breadcrumb><a href="/policies">"Policies"</a></Breadcrumb>
            <h1>{row.title}</h1>
            <p class="chips">
                <Chip tone=severity_tone(row.severity) text=row.severity.to_string() />
                <span class="chip plain">{category_label(row.category)}</span>
                <span class="chip plain">{row.mode.to_string()}</span>
            </p>
        </PageHeader>
        <Incomplete why=shown.incomplete />
    }
}

#[component]
fn Asks(shown: PolicyView) -> impl IntoView {
    let row = shown.row;
    let controls = (!row.controls.is_empty())
        .then(|| view! { <dt>"Controls"</dt><dd>{row.controls.join(", ")}</dd> });
    let rule = format!("/rules#{}", shown.rule);
    view! {
        <Panel title="Requirement">
            <p>{shown.asks}</p>
            <dl class="facts">
                <dt>"Rule"</dt><dd><a href=rule class="mono">{shown.rule}</a></dd>
                <dt>"Where"</dt><dd>{shown.scope}</dd>
                <dt>"On failure"</dt><dd>{shown.follows}</dd>
                <dt>"Due within"</dt><dd>{shown.due_days}" days"</dd>
                <dt>"Passing"</dt><dd>{percent(row.tally.per_mille())}" %: "{format!("{} pass, {} fail, {} unknown", grouped(row.tally.pass), grouped(row.tally.fail), grouped(row.tally.unknown))}</dd>
                {controls}
            </dl>
        </Panel>
    }
}

#[component]
fn Retire(id: String) -> impl IntoView {
    let action = ServerAction::<RetirePolicy>::new();
    view! {
        <details class="behind">
            <summary>"Disable policy"</summary>
            <p>"Disabling stops evaluation and closes its findings. Versions are kept; save again to re-enable."</p>
            <ActionForm action>
                <input type="hidden" name="id" value=id />
                <button class="button">"Disable policy"</button>
            </ActionForm>
            <ErrorNotice value=action.value() />
        </details>
    }
}

#[component]
fn Accounts(groups: Vec<Group>, policy: String) -> impl IntoView {
    let rows = groups
        .into_iter()
        .map(|group| {
            let href = format!("/findings?policy={policy}&account={}", group.value);
            view! {
                <tr>
                    <th scope="row">{group.label}</th>
                    <td class="number"><a href=href>{grouped(group.tally.fail)}</a></td>
                    <td class="number">{percent(group.tally.per_mille())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="By account">
            <table class="plain">
                <thead><tr><th scope="col">"Account"</th><th scope="col" class="number">"Failing"</th><th scope="col" class="number">"Pass rate"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </Panel>
    }
}

#[component]
fn History(
    versions: Vec<PolicyVersion>,
    chosen: Option<(i32, i32)>,
    now: OffsetDateTime,
) -> impl IntoView {
    let compare =
        (versions.len() > 1).then(|| view! { <Compare versions=versions.clone() chosen /> });
    let rows = versions
        .into_iter()
        .map(|version| {
            let what = if version.retired { "disabled" } else { "saved" };
            view! { <li>{format!("Version {}, {what} by {} ", version.version, version.saved_by)}<Ago at=version.saved_at now /></li> }
        })
        .collect_view();
    view! { <Panel title="History"><ul class="evidence">{rows}</ul>{compare}</Panel> }
}
