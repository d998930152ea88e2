//! The server functions of governance.

use super::{dry_run::DryRunResult, policy_text::PolicyText};
use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::compliance::{
    posture_view::{Overview, TeamView, TeamsView},
    view::{
        FindingsView, PoliciesView, PolicyComparison, PolicyForm, PolicyView, ResourceEvaluation,
        RuleRow,
    },
};
use leptos::prelude::*;

/// The overview of the period and OU that the URL's query asks for.
#[server(output = TextJson, prefix = "/api", endpoint = "posture/overview")]
pub(crate) async fn load_overview(query: String) -> Result<Overview, WireError> {
    let (services, caller) = call()?;
    services.compliance().overview(&caller, &query).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "posture/teams")]
pub(crate) async fn load_teams() -> Result<TeamsView, WireError> {
    let (services, caller) = call()?;
    services.compliance().teams(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "posture/team")]
pub(crate) async fn load_team(name: String, query: String) -> Result<TeamView, WireError> {
    let (services, caller) = call()?;
    services.compliance().team(&caller, &name, &query).await.map_err(wire)
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

/// The catalog of rules.
pub(super) async fn load_rules() -> Result<Vec<RuleRow>, WireError> {
    let (services, caller) = call()?;
    services.policies().rules(&caller).await.map_err(wire)
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

/// One policy, with two of its versions compared where the page's address names them.
pub(super) async fn load_policy_page(
    id: String,
    versions: Option<(i32, i32)>,
) -> Result<(PolicyView, Option<PolicyComparison>), WireError> {
    let (services, caller) = call()?;
    let policies = services.policies();
    let shown = policies.policy_page(&caller, &id).await.map_err(wire)?;
    let Some((from, to)) = versions else { return Ok((shown, None)) };
    let compared = policies.compare_versions(&caller, &id, from, to).await.map_err(wire)?;
    Ok((shown, Some(compared)))
}

/// What these policies would change, as the page shows it: HTML. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "posture/dry-run")]
pub(crate) async fn try_policies(document: String) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let run = services.policies().dry_run(&caller, &document).await.map_err(wire)?;
    Ok(view! { <DryRunResult run /> }.to_html())
}

/// The text of a policy with the fields of the form: the HTML of its text area. Nothing is saved.
#[server(output = TextJson, prefix = "/api", endpoint = "posture/write-fields")]
pub(crate) async fn write_fields(
    document: String,
    title: String,
    severity: String,
    mode: String,
    due_days: String,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let form = PolicyForm { title, severity, mode, due_days };
    let document = services.policies().write_fields(&caller, &document, &form).map_err(wire)?;
    Ok(view! { <PolicyText document /> }.to_html())
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
