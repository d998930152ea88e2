//! Endpoints for scans of repositories: the names that they look for, and what they found.

use super::{Answer, bearer::Bearer};
use crate::AppState;
use axum::{
    Json,
    extract::{Query, State},
};
use claviger_domain::consumers::declared::{Declared, DeclaredConsumers, NamesPage};
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct After {
    /// The id behind which the page begins.
    after: Option<String>,
}

pub(super) async fn names(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Query(After { after }): Query<After>,
) -> Answer<NamesPage> {
    Ok(Json(state.services.declared_consumers().names(&caller, after.as_deref()).await?))
}

pub(super) async fn declare(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Json(upload): Json<DeclaredConsumers>,
) -> Answer<Declared> {
    Ok(Json(state.services.declared_consumers().declare(&caller, &upload).await?))
}
