//! The server functions that snooze and assign findings, and undo that.

use crate::wire::server::{call, cookie, set_cookie, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::compliance::{triage::TriageChange, view::TriageForm};
use leptos::prelude::*;

/// The caller's last change, for as long as pages offer to undo it.
const COOKIE: &str = "claviger-undo";
const OFFERED_SECONDS: u32 = 60;

/// The form about the findings of a list, as the URL's query names them.
#[server(output = TextJson, prefix = "/api", endpoint = "findings/triage")]
pub(crate) async fn load_triage_form(query: String) -> Result<TriageForm, WireError> {
    let (services, caller) = call()?;
    services.triage().triage_form(&caller, &query).await.map_err(wire)
}

/// Takes the findings of a list off it until a day; without one they come back now. `of` is the list's URL query,
/// `back` is the page to go to.
#[server(output = TextJson, prefix = "/api", endpoint = "findings/snooze")]
pub(crate) async fn snooze_findings(
    of: String,
    #[server(default)] until: String,
    #[server(default)] back: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let id = services.triage().snooze_findings(&caller, &of, &until).await.map_err(wire)?;
    offer_undo(&id.to_string(), &back);
    Ok(())
}

/// Assigns the findings of a list to a person by their subject (`me`, or nobody), under a ticket.
#[server(output = TextJson, prefix = "/api", endpoint = "findings/assign")]
pub(crate) async fn assign_findings(
    of: String,
    #[server(default)] assignee: String,
    #[server(default)] ticket: String,
    #[server(default)] back: String,
) -> Result<(), WireError> {
    let (services, caller) = call()?;
    let done = services.triage().assign_findings(&caller, &of, &assignee, &ticket).await;
    offer_undo(&done.map_err(wire)?.to_string(), &back);
    Ok(())
}

/// Gives findings back what they had before a change of the caller's.
#[server(output = TextJson, prefix = "/api", endpoint = "findings/undo")]
pub(crate) async fn undo_triage(change: String) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.triage().undo_triage(&caller, &change).await.map_err(wire)?;
    set_cookie(COOKIE, "", 0);
    Ok(())
}

/// The change that this browser made a moment ago, if it can be undone.
#[server(output = TextJson, prefix = "/api", endpoint = "findings/last-change")]
pub(crate) async fn load_last_change() -> Result<Option<TriageChange>, WireError> {
    let (services, caller) = call()?;
    let Some(change) = cookie(COOKIE) else { return Ok(None) };
    services.triage().last_change(&caller, &change).await.map_err(wire)
}

/// The next pages offer to undo it. Leads back to a page of the console; elsewhere it leads nowhere.
fn offer_undo(change: &str, back: &str) {
    set_cookie(COOKIE, change, OFFERED_SECONDS);
    if ["/findings", "/inventory/"].iter().any(|own| back.starts_with(own)) {
        leptos_axum::redirect(back);
    }
}
