//! The server functions of new secrets and parameters.

use super::value_fields::ValueInput;
use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::creation::{
    CreationForm, CreationTransition,
    view::{CreationDraft, CreationList, CreationView},
};
use leptos::prelude::*;

/// What would be created, as the URL's query asks for it. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "creations/draft")]
pub(crate) async fn load_creation_draft(
    #[server(default)] query: String,
) -> Result<CreationDraft, WireError> {
    let (services, caller) = call()?;
    services.creations().draft(&caller, &query).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "creations/list")]
pub(crate) async fn load_creations() -> Result<CreationList, WireError> {
    let (services, caller) = call()?;
    services.creations().creations(&caller).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "creations/creation")]
pub(crate) async fn load_creation(id: String) -> Result<CreationView, WireError> {
    let (services, caller) = call()?;
    services.creations().creation(&caller, &id).await.map_err(wire)
}

/// Requests what was previewed; where nobody has to approve, it is created with this value. Leads to its page.
#[server(output = TextJson, prefix = "/api", endpoint = "creations/submit")]
pub(crate) async fn submit_creation(
    #[server(flatten)] form: CreationForm,
    #[server(flatten)] value: ValueInput,
    #[server(default)] preview: String,
    #[server(default)] accept_failing: bool,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let creations = services.creations();
    let row = creations.submit(&caller, &form, accept_failing, &preview, value.into()).await;
    leptos_axum::redirect(&format!("/creations/{}", row.map_err(wire)?.id));
    Ok(())
}

/// Creates an approved shape with this value. Of the form, only the format of the value counts.
#[server(output = TextJson, prefix = "/api", endpoint = "creations/value")]
pub(crate) async fn enter_value(
    creation: String,
    #[server(flatten)] form: CreationForm,
    #[server(flatten)] value: ValueInput,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let row = services.creations().enter_value(&caller, &creation, &form, value.into()).await;
    leptos_axum::redirect(&format!("/creations/{}", row.map_err(wire)?.id));
    Ok(())
}

/// Approves, denies or withdraws. The hash says which shape was read.
#[server(output = TextJson, prefix = "/api", endpoint = "creations/move")]
pub(crate) async fn transition_creation(
    creation: String,
    step: CreationTransition,
    #[server(default)] hash: String,
    #[server(default)] note: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let moved =
        services.creations().transition_creation(&caller, &creation, step, &hash, &note).await;
    moved.map_err(wire).map(drop)
}
