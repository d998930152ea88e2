//! The server function of the queue. Decisions are those of grants, plans and exceptions.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::queue::WorkQueue;
use leptos::prelude::*;

#[server(output = TextJson, prefix = "/api", endpoint = "queue/list")]
pub(crate) async fn load_work_queue(
    #[server(default)] query: String,
) -> Result<WorkQueue, WireError> {
    let (services, caller) = call()?;
    services.queue().queue(&caller, &query).await.map_err(wire)
}
