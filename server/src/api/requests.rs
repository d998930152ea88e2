//! Who I am, what there is, asking, and the approver's queue.

use super::{Answer, Refused, bearer::Bearer};
use crate::AppState;
use axum::{
    Json,
    extract::{Query, State},
};
use claviger_domain::{
    grant::view::{Queue, Requested},
    view::{InventoryRow, Me},
};
use claviger_services::access::RequestInput;
use serde::Deserialize;

pub(super) async fn me(State(state): State<AppState>, Bearer { caller }: Bearer) -> Answer<Me> {
    state.services.note_person(&caller.person, &caller.groups).await?;
    Ok(Json(state.services.me(&caller).await?))
}

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// The first page of what matches.
pub(super) async fn search(
    State(state): State<AppState>,
    Bearer { caller }: Bearer,
    Query(search): Query<Search>,
) -> Answer<Vec<InventoryRow>> {
    let query = crate::pages::query("q", &search.q);
    Ok(Json(state.services.inventory(&caller, &query).await?.page.rows))
}

pub(super) async fn request(
    State(state): State<AppState>,
    Bearer { caller }: Bearer,
    Json(input): Json<RequestInput>,
) -> Result<Json<Requested>, Refused> {
    Ok(Json(state.services.request_access(&caller, input).await?))
}

pub(super) async fn queue(
    State(state): State<AppState>,
    Bearer { caller }: Bearer,
) -> Answer<Queue> {
    Ok(Json(state.services.queue(&caller).await?))
}
