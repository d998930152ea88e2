//! What can be changed of one secret or parameter, each as a link to its plan; and the plans that are on their way.

use crate::{
    remediation::{plan_label, target_href},
    ui::{Chip, Menu, Tone},
};
use claviger_domain::{
    facts::{Detail, SecretFacts},
    inventory::view::ResourceDetail,
    remediation::{
        RemediationForm,
        view::{ResourceChanges, ResourcePlan},
    },
};
use leptos::prelude::*;

/// Whether the caller may plan a change here, and nothing stands against one: it exists, is no replica, and no other plan is
/// about to change it. A plan that creates a role for it is none of these.
pub(super) fn can_plan(shown: &ResourceDetail, changes: &ResourceChanges) -> bool {
    let is_replica = shown.facts.primary_arn(&shown.region).is_some();
    changes.can_plan && shown.gone_at.is_none() && !is_replica
}

/// Whether it can be changed beyond its tags: AWS refuses that for a secret that a service owns, or that is being deleted.
pub(super) fn is_changeable(secret: &SecretFacts) -> bool {
    secret.deleted_at.is_none() && secret.owning_service.is_none()
}

/// The changes of the whole resource, in a menu. Versions and rotation have theirs on their tabs.
#[component]
pub(super) fn ChangeMenu(shown: ResourceDetail) -> impl IntoView {
    let id = shown.id;
    let items = changes_of(&shown)
        .into_iter()
        .map(|(label, form)| view! { <li><a href=target_href(&[id], &form)>{label}</a></li> })
        .collect_view();
    view! { <Menu label="Change" class="right menu"><ul class="form">{items}</ul></Menu> }
}

fn changes_of(shown: &ResourceDetail) -> Vec<(&'static str, RemediationForm)> {
    let tags = [
        ("Set tags", RemediationForm::of_action("set-tags")),
        ("Remove tags", RemediationForm::of_action("remove-tags")),
    ];
    let secret = match &shown.facts.detail {
        Detail::Secret(secret) => secret,
        Detail::Parameter(_) => return tags.into(),
    };
    if secret.deleted_at.is_some() {
        return vec![("Cancel deletion", RemediationForm::of_action("restore"))];
    }
    if !is_changeable(secret) {
        return tags.into();
    }
    let description = shown.facts.description.clone().unwrap_or_default();
    let rest = [
        (
            "Change the description",
            RemediationForm { description, ..RemediationForm::of_action("set-description") },
        ),
        ("Change the KMS key", RemediationForm::of_action("change-key")),
        ("Schedule deletion", RemediationForm::of_action("schedule-deletion")),
        ("Other changes", RemediationForm::default()),
    ];
    tags.into_iter().chain(rest).collect()
}

/// The plans that are about to change it, or to create a role for it.
#[component]
pub(super) fn OpenPlans(changes: ResourceChanges) -> impl IntoView {
    changes
        .plans
        .into_iter()
        .map(|ResourcePlan { row: plan, is_changing }| {
            let label = if is_changing { "Planned change: " } else { "Open plan: " };
            let (tone, text) = plan_label(&plan);
            let href = format!("/remediation/{}", plan.id);
            view! {
                <p class=format!("panel notice {}", Tone::Soon.class())>
                    {label}<a href=href>{plan.title}</a>" "<Chip tone text />
                </p>
            }
        })
        .collect_view()
}

/// A row of links to plans about one resource.
#[component]
pub(super) fn ChangeButtons(
    shown: ResourceDetail,
    forms: Vec<(&'static str, RemediationForm)>,
) -> impl IntoView {
    let id = shown.id;
    (!forms.is_empty()).then(|| {
        let links = forms
            .into_iter()
            .map(|(label, form)| {
                view! { <a class="button" href=target_href(&[id], &form)>{label}</a>" " }
            })
            .collect_view();
        view! { <p class="actions">{links}</p> }
    })
}
