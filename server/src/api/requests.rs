//! Endpoints for the signed-in person, search, requests, and the approver's queue.

use super::{Answer, Refused, bearer::Bearer};
use crate::{AppState, no_role};
use axum::{
    Json,
    extract::{Query, RawQuery, State},
};
use claviger_domain::{
    grants::{
        Selector,
        view::{Candidate, Queue, Requested},
    },
    inventory::{
        code::CodeExport,
        view::{InventoryRow, Me},
    },
};
use claviger_services::grants::RequestInput;
use serde::{Deserialize, Serialize};

/// Who is signed in.
#[derive(Serialize)]
pub(super) struct SignedIn {
    #[serde(flatten)]
    me: Me,
    /// For someone without a role: which groups the provider sent, and whom to ask.
    no_role: Option<String>,
}

pub(super) async fn me(
    State(state): State<AppState>,
    Bearer { caller, arrived }: Bearer,
) -> Answer<SignedIn> {
    state.services.people().upsert_person(&caller.person, &caller.groups).await?;
    let me = state.services.navigation().me(&caller).await?;
    let no_role =
        caller.held.is_empty().then(|| no_role::explain(&state.settings, &caller.groups, &arrived));
    Ok(Json(SignedIn { me, no_role }))
}

#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
}

/// The first page of the results.
pub(super) async fn search(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Query(search): Query<Search>,
) -> Answer<Vec<InventoryRow>> {
    let query = crate::pages::query("q", &search.q);
    Ok(Json(state.services.inventory().inventory(&caller, &query).await?.page.rows))
}

#[derive(Deserialize)]
pub(super) struct Named {
    /// A name or an ARN; an empty one matches nothing.
    #[serde(default)]
    name: String,
    /// By number or name.
    account: Option<String>,
    region: Option<String>,
}

/// All resources that a name or an ARN matches: exact matches only.
pub(super) async fn candidates(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Query(named): Query<Named>,
) -> Answer<Vec<Candidate>> {
    let selector = Selector {
        text: &named.name,
        account: named.account.as_deref(),
        region: named.region.as_deref(),
    };
    Ok(Json(state.services.requests().candidates(&caller, selector).await?))
}

/// Secrets as code: those of `resource`, or those that the inventory's filter matches. `as` is the format.
pub(super) async fn code(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    RawQuery(query): RawQuery,
) -> Answer<CodeExport> {
    let query = query.unwrap_or_default();
    Ok(Json(state.services.code_exports().as_code(&caller, "", &query).await?.export))
}

#[derive(Deserialize)]
pub(super) struct RequestBody {
    /// By id, by ARN, or by a unique name.
    #[serde(flatten)]
    input: RequestInput,
    /// Restricts names: the account's number or name.
    account: Option<String>,
    /// Restricts names.
    region: Option<String>,
}

pub(super) async fn request(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Json(RequestBody { mut input, account, region }): Json<RequestBody>,
) -> Result<Json<Requested>, Refused> {
    let (account, region) = (account.as_deref(), region.as_deref());
    for resource in &mut input.resources {
        let selector = Selector { text: resource, account, region };
        *resource = state.services.requests().the_candidate(&caller, selector).await?.to_string();
    }
    Ok(Json(state.services.requests().request_access(&caller, input).await?))
}

pub(super) async fn queue(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
) -> Answer<Queue> {
    Ok(Json(state.services.grants().queue(&caller).await?))
}
