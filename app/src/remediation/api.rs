//! The server functions of remediation.

use crate::wire::server::{call, is_plain_form, open_next, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::queue::{QueueKey, QueueOutcome};
use claviger_domain::remediation::PlanQuery;
use claviger_domain::remediation::{
    PlanTransition, RemediationForm,
    view::{FixGroups, PlanDraft, PlanView, PlansView},
};
use claviger_services::ServiceError;
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "remediation/list")]
pub(crate) async fn load_plans() -> Result<PlansView, WireError> {
    let (services, caller) = call()?;
    services.remediation().plans(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "remediation/plan")]
pub(crate) async fn load_plan(id: String) -> Result<PlanView, WireError> {
    let (services, caller) = call()?;
    services.remediation().plan_page(&caller, &id).await.map_err(wire)
}

/// The failures of a list, by what one plan can fix. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "remediation/groups")]
pub(crate) async fn load_fix_groups(query: String) -> Result<FixGroups, WireError> {
    let (services, caller) = call()?;
    services.remediation().fix_groups(&caller, &query).await.map_err(wire)
}

/// What a plan would hold, as the URL's query asks for it. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "remediation/draft")]
pub(crate) async fn load_draft(query: String) -> Result<PlanDraft, WireError> {
    let (services, caller) = call()?;
    services.remediation().draft_plan(&caller, &query).await.map_err(wire)
}

/// Makes the plan of what was previewed, and leads to it. The fields are those of the page's one form.
#[server(output = TextJson, prefix = "/api", endpoint = "remediation/submit")]
pub(crate) async fn submit_plan(
    #[server(default)] of: String,
    #[server(flatten)] form: RemediationForm,
    reason: String,
    #[server(default)] preview: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    match services.remediation().submit_plan(&caller, &of, &form, &reason, &preview).await {
        Ok(id) => {
            leptos_axum::redirect(&format!("/remediation/{id}"));
            Ok(())
        }
        Err(error) => {
            let is_stale = matches!(error, ServiceError::StalePreview);
            let refused = wire(error);
            if is_stale && is_plain_form() {
                // Without scripts the page is loaded again: with what was typed, and its own preview.
                let typed = PlanQuery { of, form, reason, is_stale: true };
                leptos_axum::redirect(&format!("/remediation/new?{}", typed.to_url_query()));
            }
            Err(refused)
        }
    }
}

/// Approves, denies, withdraws, stops, resumes or retries. The hash says which plan was read.
#[server(output = TextJson, prefix = "/api", endpoint = "remediation/move")]
pub(crate) async fn transition_plan(
    plan: String,
    step: PlanTransition,
    #[server(default)] hash: String,
    #[server(default)] note: String,
    #[server(default)] queue: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let moved = services.remediation().transition_plan(&caller, &plan, step, &hash, &note).await;
    moved.map_err(wire)?;
    let decided = plan.parse().ok().map(QueueKey::Plan);
    open_next(&services, &caller, &queue, decided, QueueOutcome::of_plan(step)).await
}

#[server(output = TextJson, prefix = "/api", endpoint = "remediation/brake")]
pub(crate) async fn pause_remediation(reason: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.remediation().pause_remediation(&caller, &reason).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "remediation/release")]
pub(crate) async fn resume_remediation() -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.remediation().resume_remediation(&caller).await.map_err(wire)
}
