//! The server function of the calendar.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::rotations::calendar::CalendarView;
use leptos::prelude::*;

/// A week or month of rotations, as the URL's query asks for it.
#[server(output = TextJson, prefix = "/api", endpoint = "rotations/calendar")]
pub(crate) async fn load_calendar(
    #[server(default)] query: String,
) -> Result<CalendarView, WireError> {
    let (services, caller) = call()?;
    services.rotations().calendar(&caller, &query).await.map_err(wire)
}
