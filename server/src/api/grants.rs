//! Endpoints for grants: view, decide, start, use, end.

use super::{Answer, Refused, bearer::Bearer};
use crate::AppState;
use axum::{
    Json,
    extract::{Path, State},
};
use base64::Engine;
use claviger_domain::{
    InvalidChoice,
    clock::in_whole_seconds,
    grants::{
        Decision, Vote,
        view::{Ending, GrantDetail, MyAccess, Revealed},
    },
    problem::{Problem, ProblemCode},
};
use claviger_services::grants::{SecretValue, SessionPurpose};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

pub(super) async fn mine(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
) -> Answer<MyAccess> {
    Ok(Json(state.services.grants().my_access(&caller, None).await?))
}

pub(super) async fn one(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
) -> Answer<GrantDetail> {
    Ok(Json(state.services.grants().grant_detail(&caller, &id).await?))
}

#[derive(Deserialize)]
pub(super) struct DecisionBody {
    verdict: String,
    reason: Option<String>,
    minutes: Option<u32>,
    hash: String,
}

pub(super) async fn decide(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(body): Json<DecisionBody>,
) -> Answer<()> {
    let verdict: Vote = body.verdict.parse().map_err(|expected: InvalidChoice| {
        Refused(Problem::new(
            ProblemCode::InvalidInput,
            "This decision is not valid.",
            format!("Use {expected}."),
        ))
    })?;
    let decision =
        Decision { verdict, reason: body.reason, minutes: body.minutes, hash: body.hash };
    state.services.grant_lifecycle().decide(&caller, &id, decision).await?;
    Ok(Json(()))
}

pub(super) async fn claim(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
) -> Answer<()> {
    Ok(Json(state.services.grant_lifecycle().claim(&caller, &id).await?))
}

pub(super) async fn give_back(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
) -> Answer<Ending> {
    Ok(Json(state.services.grant_lifecycle().give_back(&caller, &id).await?))
}

#[derive(Deserialize)]
pub(super) struct Reason {
    reason: String,
}

pub(super) async fn revoke(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(body): Json<Reason>,
) -> Answer<Ending> {
    Ok(Json(state.services.grant_lifecycle().revoke(&caller, &id, &body.reason).await?))
}

#[derive(Deserialize)]
pub(super) struct Of {
    /// By id, by ARN, or by a name that is unique within the grant.
    resource: Option<String>,
}

/// Credentials with the names that AWS tools use. Only ever in a response, never stored.
#[derive(Serialize)]
pub(super) struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    /// RFC 3339 in UTC and in whole seconds, never later than the credentials expire.
    expiration: String,
    /// The Region of the named resource, or otherwise of the first.
    region: String,
    /// ARNs that the session can use.
    resources: Vec<String>,
}

pub(super) async fn credentials(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(of): Json<Of>,
) -> Answer<Credentials> {
    let given = state
        .services
        .grant_sessions()
        .issue_credentials(&caller, &id, of.resource.as_deref(), SessionPurpose::Client)
        .await?;
    let region = given.resources.first().map(|r| r.region.to_string()).unwrap_or_default();
    Ok(Json(Credentials {
        access_key_id: given.session.access_key_id,
        secret_access_key: given.session.secret_access_key.expose_secret().to_owned(),
        session_token: given.session.session_token.expose_secret().to_owned(),
        expiration: in_whole_seconds(given.session.expires_at),
        region,
        resources: given.resources.iter().map(|r| r.arn.to_string()).collect(),
    }))
}

#[derive(Deserialize)]
pub(super) struct One {
    /// By id, by ARN, or by a name that is unique within the grant.
    pub(super) resource: String,
}

pub(super) async fn reveal(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(of): Json<One>,
) -> Answer<Revealed> {
    Ok(Json(state.services.grant_sessions().reveal(&caller, &id, &of.resource).await?))
}

#[derive(Deserialize)]
pub(super) struct NewValue {
    /// By id, by ARN, or by a name that is unique within the grant.
    resource: String,
    /// Text, written exactly as given.
    value: Option<SecretString>,
    /// Bytes in base64 (RFC 4648, with padding), written as `SecretBinary`. Instead of `value`.
    binary: Option<SecretString>,
}

impl NewValue {
    fn content(self) -> Result<SecretValue, Refused> {
        let invalid = |message: &str, hint: &str| {
            Refused(Problem::new(ProblemCode::InvalidInput, message, hint))
        };
        match (self.value, self.binary) {
            (Some(text), None) => Ok(text.into()),
            (None, Some(encoded)) => base64::engine::general_purpose::STANDARD
                .decode(encoded.expose_secret())
                .map(SecretValue::from)
                .map_err(|_| {
                    invalid("The binary value is not base64.", "Encode the bytes as RFC 4648 says.")
                }),
            _ => Err(invalid(
                "A new value is either text or binary.",
                "Send one of the fields value and binary.",
            )),
        }
    }
}

pub(super) async fn put(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(new): Json<NewValue>,
) -> Answer<String> {
    let resource = new.resource.clone();
    Ok(Json(
        state.services.grant_sessions().put_value(&caller, &id, &resource, new.content()?).await?,
    ))
}

pub(super) async fn rotate(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(of): Json<One>,
) -> Answer<()> {
    Ok(Json(state.services.grant_sessions().rotate(&caller, &id, &of.resource).await?))
}

pub(super) async fn console(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(of): Json<Of>,
) -> Answer<String> {
    Ok(Json(
        state.services.grant_sessions().console_link(&caller, &id, of.resource.as_deref()).await?,
    ))
}
