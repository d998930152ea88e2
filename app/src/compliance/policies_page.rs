//! The policies in force, and the form for new ones.

use super::{
    api::{SavePolicies, TryPolicies, load_policies},
    labels::{category_label, percent, severity_tone},
    policy_text::PolicyText,
};
use crate::ui::{
    Breadcrumb, Chip, DataTable, ErrorNotice, Heading, Incomplete, PageHeader, PageTitle,
    format::{counted, grouped},
    loaded,
};
use claviger_domain::compliance::view::{PoliciesView, PolicyRow};
use leptos::{prelude::*, server_fn::ServerFn};

#[component]
pub(crate) fn PoliciesPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_policies());
    loaded(page, "Policies", |shown: PoliciesView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: PoliciesView) -> impl IntoView {
    let many = u64::try_from(shown.rows.len()).unwrap_or(u64::MAX);
    let context = format!("{} enabled", counted(many, "policy", "policies"));
    let new = shown.may_edit.then(|| {
        view! { <a href="/policies/new" class="button primary">"New policy"</a> }
    });
    let actions = view! { <a href="/rules" class="button">"Rules"</a> {new} }.into_any();
    let rows = shown.rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    let mut head: Vec<_> = ["Policy", "Severity", "Category", "Mode"].map(Heading::text).into();
    head.extend(["Failing", "Unknown", "Pass rate"].map(Heading::number));
    view! {
        <PageTitle text="Policies" />
        <PageHeader actions><h1>"Policies"</h1><p class="context">{context}</p></PageHeader>
        <Incomplete why=shown.incomplete />
        <div class="panel flush">
            <DataTable class="list policies" head>{rows}</DataTable>
        </div>
    }
}

#[component]
fn Row(row: PolicyRow) -> impl IntoView {
    let href = format!("/policies/{}", row.id);
    let fails = format!("/findings?policy={}", row.id);
    let unknown = format!("/findings?policy={}&verdict=unknown", row.id);
    view! {
        <tr>
            <td class="name"><a href=href class="row-link">{row.title}</a><small class="mono">{row.id}</small></td>
            <td data-label="Severity"><Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></td>
            <td data-label="Category">{category_label(row.category)}</td>
            <td data-label="Mode">{row.mode.to_string()}</td>
            <td data-label="Failing" class="number"><a href=fails>{grouped(row.tally.fail)}</a></td>
            <td data-label="Unknown" class="number"><a href=unknown>{grouped(row.tally.unknown)}</a></td>
            <td data-label="Pass rate" class="number">{percent(row.tally.per_mille())}</td>
        </tr>
    }
}

#[component]
pub(crate) fn NewPolicyPage() -> impl IntoView {
    const EXAMPLE: &str = "id: payments-rotate\ntitle: Payments rotate every 30 days\nseverity: high\nscope:\n  within:\n    tags:\n      owner: [payments]\nrule:\n  rotation-interval:\n    max-days: 30\n";
    view! {
        <PageTitle text="New policy" />
        <PageHeader>
            <Breadcrumb><a href="/policies">"Policies"</a></Breadcrumb>
            <h1>"New policy"</h1>
            <p class="context">"One policy per YAML document, separated by ---. An existing id creates a new version."</p>
        </PageHeader>
        <Editor document=EXAMPLE.to_owned() />
    }
}

/// The text with what it would do, before it does it. `fields` are beside it.
#[component]
pub(crate) fn Editor(
    document: String,
    #[prop(into, default = None)] fields: Option<AnyView>,
) -> impl IntoView {
    let save = ServerAction::<SavePolicies>::new();
    let class = if fields.is_some() { "beside-text" } else { "" };
    let try_url = <TryPolicies as ServerFn>::url();
    view! {
        <section class="panel editor">
            <ActionForm action=save>
                <div class=class>
                    {fields}
                    <div id="policy-text"><PolicyText document /></div>
                </div>
                <div class="actions">
                    <button class="button primary">"Save"</button>
                    // The page's module shows the result below.
                    <button class="button needs-script" formaction=try_url data-into="dry-run">"Dry run"</button>
                    <span class="faint">"A dry run saves nothing. Saving re-evaluates everything."</span>
                </div>
            </ActionForm>
            <ErrorNotice value=save.value() />
        </section>
        <div id="dry-run" aria-live="polite"></div>
    }
}
