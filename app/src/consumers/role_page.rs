//! The form of a consumer's role. The URL holds its state, and the role is below it, with the plan that creates and attaches it:
//! sending the form changes nothing.

use super::{
    api::load_role_page, conditions::ConditionFields, consumer_fields::ConsumerFields,
    role_plan::RolePlanPanel, role_result::RoleResult,
};
use crate::ui::{Breadcrumb, PageHeader, PageTitle, fault_of, line, loaded, options, own_query};
use claviger_domain::{
    VariantArray,
    consumers::{
        ConsumerKind, RoleForm,
        attach::RolePage,
        view::{RoleDraft, RoleTarget},
    },
    ids::ResourceId,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The page for one secret or parameter.
pub(crate) fn role_href(id: ResourceId) -> String {
    format!("/inventory/{id}/role")
}

/// For the resource of the address, or for those of its query.
#[component]
pub(crate) fn ConsumerRolePage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_role_page(id.clone(), query.clone()));
    loaded(page, "Role for a consumer", |page: RolePage| view! { <Page page /> }.into_any())
}

#[component]
fn Page(page: RolePage) -> impl IntoView {
    let RolePage { draft, can_apply, plan } = page;
    let faults =
        [draft.faults.clone(), plan.iter().flat_map(|plan| plan.faults.clone()).collect()].concat();
    let first = draft.targets.first().cloned();
    let id = first.as_ref().map(|first| first.id);
    let back = first.map(|first| {
        let access = format!("/inventory/{}/access", first.id);
        view! { <a href=access>{first.name}</a> }
    });
    let account = format!("{} ({})", draft.account_name, draft.account);
    let action = draft.targets.first().map(|first| role_href(first.id)).unwrap_or_default();
    let role = draft.role.clone().zip(id).map(|(role, id)| {
        view! { <RoleResult role id form=draft.form.clone() action=action.clone() /> }
    });
    let first_id = id.map(|id| id.to_string()).unwrap_or_default();
    let reason = draft.form.reason.clone();
    let plan = plan.map(|plan| view! { <RolePlanPanel plan id=first_id reason /> });
    let count = draft.faults.len();
    let refused = (draft.is_asked && count > 0).then(|| {
        let text = match count {
            1 => "There is no role yet: correct 1 field.".to_owned(),
            count => format!("There is no role yet: correct {count} fields."),
        };
        view! { <p class="notice bad" role="alert">{text}</p> }
    });
    let how = if can_apply {
        "Export it, or have Claviger create it with a plan that someone else approves."
    } else {
        "Export it. A security admin of this account can have Claviger create it with a plan."
    };
    let not_planned = (draft.form.is_applied() && !can_apply).then(|| {
        view! {
            <p class="notice soon" role="status">
                "There is no plan: you don't have permission to change this account. Export the role, or send the address of this page to a security admin of the account."
            </p>
        }
    });
    view! {
        <PageHeader>
            <Breadcrumb><a href="/inventory">"Inventory"</a>" / "{back}</Breadcrumb>
            <PageTitle text="Role for a consumer" />
            <h1>"Role for a consumer"</h1>
            <p class="context">
                "An IAM role of "{account}" with which one workload reads what is selected. "{how}
            </p>
        </PageHeader>
        <div class="stack">
            {refused}
            {not_planned}
            <RoleFormView draft=RoleDraft { faults, ..draft.clone() } action=action.clone() can_apply />
            {plan}
            {role}
        </div>
    }
}

#[component]
fn RoleFormView(draft: RoleDraft, action: String, can_apply: bool) -> impl IntoView {
    let RoleDraft { form, targets, faults, is_asked, .. } = draft;
    let of = |field: &str| fault_of(&faults, field);
    let kinds = ConsumerKind::VARIANTS.iter().map(|kind| (kind.to_string(), kind.label()));
    let kinds = options(kinds, Some(&form.consumer));
    // For the style sheet, in a browser without `:has`.
    let chosen = form.kind().map(|kind| kind.to_string()).unwrap_or_default();
    let others = form
        .resource
        .iter()
        .map(|id| view! { <input type="hidden" name="resource" value=id.clone() /> })
        .collect_view();
    let apply = (can_apply && is_asked).then(|| {
        view! { <button class="button" name="apply" value="yes">"Preview plan"</button> }
    });
    let has_secret = targets.iter().any(|target| target.is_secret);
    let stages = has_secret.then(|| {
        let note = "Leave it empty for no condition. With one, callers that don't name a stage are refused.";
        line(("stages", "Stages"), &form.stages, "AWSCURRENT", note, &faults)
    });
    view! {
        <form method="get" action=action id="role" class="panel" data-kind=chosen>
            {others}
            <h2>"What it reads"</h2>
            <Targets targets=targets.clone() />
            {of("resource")}
            <div class="form">
                <label class="field">
                    <span>"Consumer"</span>
                    <select name="consumer" required>
                        <option value="">"Choose who uses the role"</option>
                        {kinds}
                    </select>
                    {of("consumer")}
                </label>
                <ConsumerFields form=form.clone() faults=faults.clone() />
                <label class="field">
                    <span>"Role name"</span>
                    <input name="role_name" class="mono" value=form.role_name.clone() maxlength="64" autocomplete="off" spellcheck="false" required />
                    {of("role_name")}
                </label>
                <ModeFields form=form.clone() targets faults=faults.clone() />
                {stages}
                {line(("boundary", "Permissions boundary"), &form.boundary, "arn:aws:iam::…:policy/…", "ARN of a policy of this account. Leave it empty for none.", &faults)}
                <ConditionFields form=form.clone() faults=faults.clone() />
                <p class="actions">
                    <button class="button primary">"Show role"</button>
                    {apply}
                </p>
            </div>
        </form>
    }
}

#[component]
fn Targets(targets: Vec<RoleTarget>) -> impl IntoView {
    let rows = targets
        .into_iter()
        .map(|target| {
            let key = target.id.to_string();
            let href = format!("/inventory/{}", target.id);
            view! { <li data-key=key><a href=href>{target.name}</a>" "<small class="mono wrap">{target.arn}</small></li> }
        })
        .collect_view();
    view! { <ul class="sentences">{rows}</ul> }
}

/// By exact ARNs, or by a tag.
#[component]
fn ModeFields(
    form: RoleForm,
    targets: Vec<RoleTarget>,
    faults: Vec<claviger_domain::creation::ShapeFault>,
) -> impl IntoView {
    let mut keys: Vec<String> =
        targets.into_iter().flat_map(|target| target.tag_keys.unwrap_or_default()).collect();
    keys.sort();
    keys.dedup();
    let keys = keys.into_iter().map(|key| view! { <option value=key></option> }).collect_view();
    let is_by_tag = form.mode == "tag";
    view! {
        <label class="field">
            <span>"Policy"</span>
            <select name="mode">
                <option value="exact" selected=!is_by_tag>"By exact ARN"</option>
                <option value="tag" selected=is_by_tag>"By tag (ABAC)"</option>
            </select>
            <small>"By tag, the role also reads what gets the same tag later."</small>
            {fault_of(&faults, "mode")}
        </label>
        <label class="field">
            <span>"Tag key"</span>
            <input name="tag_key" class="mono" value=form.tag_key.clone() list="tag-keys" autocomplete="off" spellcheck="false" placeholder="team" />
            <small>"For a policy by tag: the role gets the tag with the value that the secret has."</small>
            <datalist id="tag-keys">{keys}</datalist>
            {fault_of(&faults, "tag_key")}
        </label>
    }
}
