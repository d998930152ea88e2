//! The server functions of governance.

use super::dry_run::DryRunResult;
use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::compliance::view::{
    FindingsView, Overview, PoliciesView, PolicyView, ResourceEvaluation,
};
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "posture/overview")]
pub(crate) async fn load_overview() -> Result<Overview, WireError> {
    let (services, caller) = call()?;
    services.compliance().overview(&caller).await.map_err(wire)
}

/// The findings as the URL's query asks for them.
#[server(output = TextJson, prefix = "/api", endpoint = "posture/findings")]
pub(crate) async fn load_findings(query: String) -> Result<FindingsView, WireError> {
    let (services, caller) = call()?;
    services.compliance().findings(&caller, &query).await.map_err(wire)
}

/// What the policies say of one secret or parameter.
pub(crate) async fn load_resource_evaluation(id: String) -> Result<ResourceEvaluation, WireError> {
    let (services, caller) = call()?;
    services.compliance().resource_evaluation(&caller, &id).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "posture/policies")]
pub(crate) async fn load_policies() -> Result<PoliciesView, WireError> {
    let (services, caller) = call()?;
    services.policies().policies_page(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "posture/policy")]
pub(crate) async fn load_policy(id: String) -> Result<PolicyView, WireError> {
    let (services, caller) = call()?;
    services.policies().policy_page(&caller, &id).await.map_err(wire)
}

/// What these policies would change, as the page shows it: HTML. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "posture/dry-run")]
pub(crate) async fn try_policies(document: String) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let run = services.policies().dry_run(&caller, &document).await.map_err(wire)?;
    Ok(view! { <DryRunResult run /> }.to_html())
}

/// Saves, and leads to the policies.
#[server(output = TextJson, prefix = "/api", endpoint = "posture/save")]
pub(crate) async fn save_policies(document: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.policies().save_policies(&caller, &document).await.map_err(wire)?;
    leptos_axum::redirect("/policies");
    Ok(())
}

#[server(output = TextJson, prefix = "/api", endpoint = "posture/retire")]
pub(crate) async fn retire_policy(id: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.policies().retire_policy(&caller, &id).await.map_err(wire)?;
    leptos_axum::redirect("/policies");
    Ok(())
}
