//! The server functions of exceptions.

use crate::wire::server::{call, open_next, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::{
    compliance::triage::FindingRef,
    exceptions::{
        ExceptionTransition,
        view::{ExceptionChoice, ExceptionForm, ExceptionView, ExceptionsView},
    },
    queue::{QueueKey, QueueOutcome},
};
use claviger_services::{ExceptionSubject, ServiceError};
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/list")]
pub(crate) async fn load_exceptions(
    #[server(default)] query: String,
) -> Result<ExceptionsView, WireError> {
    let (services, caller) = call()?;
    services.exceptions().exceptions(&caller, &query).await.map_err(wire)
}

#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/exception")]
pub(crate) async fn load_exception(id: String) -> Result<ExceptionView, WireError> {
    let (services, caller) = call()?;
    services.exceptions().exception_page(&caller, &id).await.map_err(wire)
}

/// What an exception would bear. Nothing is written.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/form")]
pub(crate) async fn load_form(
    #[server(default)] policy: String,
    #[server(default)] target: String,
) -> Result<ExceptionForm, WireError> {
    let (services, caller) = call()?;
    services
        .exceptions()
        .exception_form(&caller, &ExceptionSubject { policy, target })
        .await
        .map_err(wire)
}

/// The exceptions that selected findings need. `findings` are separated by commas.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/choices")]
pub(crate) async fn load_choices(findings: String) -> Result<Vec<ExceptionChoice>, WireError> {
    let (services, caller) = call()?;
    let findings: Result<Vec<FindingRef>, _> = findings.split(',').map(str::parse).collect();
    let findings = findings.map_err(|expected| wire(ServiceError::Invalid(expected)))?;
    services.exceptions().exception_choices(&caller, &findings).await.map_err(wire)
}

/// Asks for one, and leads to it.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/ask")]
pub(crate) async fn request_exception(
    #[server(default)] policy: String,
    target: String,
    reason: String,
    until: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let about = ExceptionSubject { policy, target };
    let id = services
        .exceptions()
        .request_exception(&caller, &about, &reason, &until)
        .await
        .map_err(wire)?;
    leptos_axum::redirect(&format!("/exceptions/{id}"));
    Ok(())
}

/// Approves, denies, withdraws, reviews or ends.
#[server(output = TextJson, prefix = "/api", endpoint = "exceptions/move")]
pub(crate) async fn transition_exception(
    id: String,
    step: ExceptionTransition,
    #[server(default)] note: String,
    #[server(default)] queue: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.exceptions().transition_exception(&caller, &id, step, &note).await.map_err(wire)?;
    let decided = id.parse().ok().map(QueueKey::Exception);
    open_next(&services, &caller, &queue, decided, QueueOutcome::of_exception(step)).await
}
