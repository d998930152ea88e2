//! Endpoints that change a value in part under a grant, or compare versions without showing them.

use super::{Answer, Refused, bearer::Bearer, grants::One};
use crate::AppState;
use axum::{
    Json,
    extract::{Path, State},
};
use claviger_domain::{
    json_edit::{KeyChange, KeyEdit, NewMember},
    json_shape::ShapeComparison,
    parameter_change::ParameterForm,
    problem::{Problem, ProblemCode},
    value_change::{ParameterPreview, ShownKeys, Written},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

pub(super) async fn keys(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(of): Json<One>,
) -> Answer<ShownKeys> {
    Ok(Json(state.services.grant_changes().show_keys(&caller, &id, &of.resource).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verb {
    Change,
    Add,
    Remove,
}

#[derive(Deserialize)]
struct Edit {
    key: String,
    #[serde(rename = "do")]
    verb: Verb,
    /// The content of a JSON string.
    text: Option<SecretString>,
    /// Any JSON value as written. Instead of `text`.
    json: Option<SecretString>,
}

#[derive(Deserialize)]
pub(super) struct Edits {
    /// By id, by ARN, or by a name that is unique within the grant.
    resource: String,
    keys: Vec<Edit>,
}

impl Edit {
    fn read(self) -> Result<KeyEdit, Refused> {
        let invalid = |message: &str, hint: &str| {
            Refused(Problem::new(ProblemCode::InvalidInput, message, hint))
        };
        let member = match (&self.text, &self.json) {
            (Some(text), None) => Some(NewMember::text(text.expose_secret())),
            (None, Some(json)) => {
                let member = NewMember::json(json.expose_secret());
                let invalid = || {
                    invalid("A value in the field json is not JSON.", "Correct it, or use text.")
                };
                Some(member.ok_or_else(invalid)?)
            }
            (None, None) => None,
            (Some(_), Some(_)) => {
                return Err(invalid(
                    "A key has two values.",
                    "Send one of the fields text and json.",
                ));
            }
        };
        let change = match (self.verb, member) {
            (Verb::Change, Some(member)) => KeyChange::Replace(member),
            (Verb::Add, Some(member)) => KeyChange::Add(member),
            (Verb::Remove, None) => KeyChange::Remove,
            _ => {
                return Err(invalid(
                    "A key that is changed or added has a value, and one that is removed has none.",
                    "Send one of the fields text and json, or none with remove.",
                ));
            }
        };
        Ok(KeyEdit { key: self.key, change })
    }
}

pub(super) async fn edit(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(body): Json<Edits>,
) -> Answer<Written> {
    let edits = body.keys.into_iter().map(Edit::read).collect::<Result<_, _>>()?;
    let done = state.services.grant_changes().edit_keys(&caller, &id, &body.resource, edits);
    Ok(Json(done.await?))
}

#[derive(Deserialize)]
pub(super) struct Versions {
    /// By id, by ARN, or by a name that is unique within the grant.
    resource: String,
    /// A version's id, or a stage.
    #[serde(default = "previous")]
    from: String,
    #[serde(default = "current")]
    to: String,
}

fn previous() -> String {
    "AWSPREVIOUS".into()
}

fn current() -> String {
    "AWSCURRENT".into()
}

pub(super) async fn compare(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(of): Json<Versions>,
) -> Answer<ShapeComparison> {
    let changes = state.services.grant_changes();
    Ok(Json(changes.compare(&caller, &id, &of.resource, &of.from, &of.to).await?))
}

#[derive(Deserialize)]
pub(super) struct Parameter {
    /// By id, by ARN, or by a name that is unique within the grant.
    resource: String,
    /// Without it, the current value is sent again.
    value: Option<SecretString>,
    #[serde(flatten)]
    form: ParameterForm,
}

pub(super) async fn parameter(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(body): Json<Parameter>,
) -> Answer<Written> {
    let Parameter { resource, value, form } = body;
    let changes = state.services.grant_changes();
    Ok(Json(changes.change_parameter(&caller, &id, &resource, &form, value).await?))
}

pub(super) async fn preview(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(body): Json<Parameter>,
) -> Answer<ParameterPreview> {
    let Parameter { resource, value, form } = body;
    let changes = state.services.grant_changes();
    Ok(Json(changes.preview_parameter(&caller, &id, &resource, &form, value).await?))
}
