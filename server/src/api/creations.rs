//! Endpoints for new secrets and parameters.

use super::{Refused, bearer::Bearer};
use crate::AppState;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use claviger_domain::{
    creation::{CreationForm, CreationState, ShapeFault, view::CreationRow},
    problem::{Problem, ProblemCode},
};
use claviger_services::{ServiceError, TypedValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write};

/// A new secret or parameter: the fields of the console's form, with tags as an object and replicas as a list.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct NewBody {
    account: String,
    region: String,
    kind: String,
    name: String,
    description: String,
    key: String,
    tags: BTreeMap<String, String>,
    policy: String,
    replicas: Vec<Replica>,
    /// Of a managed external secret.
    secret_type: String,
    rotation: Option<RotationBody>,
    /// A secret that nobody uses, of which each read raises an alarm.
    canary: bool,
    parameter_type: String,
    tier: String,
    allowed_pattern: String,
    expires: String,
    reason: String,
    accept_failing: bool,
    /// The hash of a preview: anything else is refused. Without it, what is sent counts.
    preview: Option<String>,
    value: Option<SecretString>,
    value_base64: Option<SecretString>,
    generate: Option<Generate>,
}

/// How the new secret is rotated: days or a schedule, by a function or by the role of a managed external secret.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RotationBody {
    function: String,
    role: String,
    metadata: BTreeMap<String, String>,
    days: Option<u16>,
    schedule: String,
    /// Whether the first rotation follows the creation at once.
    immediately: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replica {
    region: String,
    #[serde(default)]
    key: String,
}

/// The value of an approved request.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ValueFields {
    /// Text, written exactly as given. Where somebody else has to approve, it is not looked at.
    value: Option<SecretString>,
    /// Instead of `value`: bytes, in Base64. What is no text becomes `SecretBinary`.
    value_base64: Option<SecretString>,
    /// Instead of `value`: AWS generates a password that nobody sees.
    generate: Option<Generate>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Generate {
    /// 8 to 4,096 characters; 32 by default.
    length: Option<u16>,
    /// Letters and digits only.
    plain: bool,
}

/// A problem with the fields that it is about.
#[derive(Serialize)]
struct ShapeProblem {
    #[serde(flatten)]
    problem: Problem,
    fields: Vec<ShapeFault>,
}

fn refuse(error: ServiceError) -> Response {
    let fields = match &error {
        ServiceError::Shape(faults) => faults.clone(),
        _ => return Refused::from(error).into_response(),
    };
    let problem = error.into_problem();
    (StatusCode::BAD_REQUEST, Json(ShapeProblem { problem, fields })).into_response()
}

/// 201 if it is there, 202 if something is still to come; and AWS's refusal as a problem.
fn answer(row: CreationRow) -> Response {
    let status = match row.state {
        CreationState::Created => StatusCode::CREATED,
        CreationState::Waiting | CreationState::Creating => StatusCode::ACCEPTED,
        _ => {
            let message = row.message.unwrap_or_else(|| "Nothing was created.".into());
            let hint = format!("{} has the state {}.", row.id, row.state);
            return Refused(Problem::new(ProblemCode::Conflict, message, hint)).into_response();
        }
    };
    (status, Json(row)).into_response()
}

impl ValueFields {
    fn fill(self, form: &mut CreationForm) -> Result<TypedValue, ServiceError> {
        if let Some(generate) = self.generate {
            form.format = "generated".into();
            form.length = generate.length.map(|length| length.to_string()).unwrap_or_default();
            form.plain = if generate.plain { "yes".into() } else { String::new() };
            return Ok(TypedValue::default());
        }
        let Some(text) = self.value_base64 else {
            return Ok(TypedValue::text(self.value.unwrap_or_default()));
        };
        let bytes = BASE64.decode(text.expose_secret()).map_err(|_| {
            ServiceError::Shape(vec![ShapeFault::new("value_base64", "Send Base64 with padding.")])
        })?;
        Ok(TypedValue::bytes(bytes))
    }

    fn check(&self) -> Result<(), ServiceError> {
        let given = [self.value.is_some(), self.value_base64.is_some(), self.generate.is_some()];
        if given.into_iter().filter(|is_given| *is_given).count() > 1 {
            let reason = "Send one of the fields value, value_base64 and generate.";
            return Err(ServiceError::Shape(vec![ShapeFault::new("value", reason)]));
        }
        Ok(())
    }
}

/// Pairs as the form's lines. One that they cannot hold is refused.
fn lines(field: &str, pairs: &BTreeMap<String, String>) -> Result<String, ServiceError> {
    let mut lines = String::new();
    for (key, value) in pairs {
        if key.contains('=') || [key, value].iter().any(|text| text.contains(['\n', '\r'])) {
            let reason = format!("{key:?}: a key has no = and no line break here.");
            return Err(ServiceError::Shape(vec![ShapeFault::new(field, reason)]));
        }
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "{key}={value}");
    }
    Ok(lines)
}

impl NewBody {
    /// The form, and the value.
    fn read(self) -> Result<(CreationForm, TypedValue), ServiceError> {
        let value = ValueFields {
            value: self.value,
            value_base64: self.value_base64,
            generate: self.generate,
        };
        value.check()?;
        let rotation = self.rotation.unwrap_or_default();
        let yes = |is_set: bool| if is_set { "yes".to_owned() } else { String::new() };
        let replicas = self.replicas.iter().map(|one| format!("{} {}", one.region, one.key));
        let mut form = CreationForm {
            replicas: replicas.collect::<Vec<_>>().join("\n"),
            tags: lines("tags", &self.tags)?,
            secret_type: self.secret_type,
            function: rotation.function,
            role: rotation.role,
            metadata: lines("rotation.metadata", &rotation.metadata)?,
            days: rotation.days.map(|days| days.to_string()).unwrap_or_default(),
            schedule: rotation.schedule,
            immediately: yes(rotation.immediately),
            canary: yes(self.canary),
            account: self.account,
            region: self.region,
            kind: self.kind,
            name: self.name,
            description: self.description,
            key: self.key,
            policy: self.policy,
            parameter_type: self.parameter_type,
            tier: self.tier,
            allowed_pattern: self.allowed_pattern,
            expires: self.expires,
            reason: self.reason,
            ..CreationForm::default()
        };
        let value = value.fill(&mut form)?;
        Ok((form, value))
    }
}

pub(super) async fn create(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Json(body): Json<NewBody>,
) -> Response {
    let (accepts_failing, preview) = (body.accept_failing, body.preview.clone());
    let submitted = async {
        let (form, value) = body.read()?;
        let hash = match preview {
            Some(hash) => hash,
            None => form.read().map_err(ServiceError::Shape)?.hash(&form.reason),
        };
        state.services.creations().submit(&caller, &form, accepts_failing, &hash, value).await
    };
    submitted.await.map_or_else(refuse, answer)
}

pub(super) async fn value(
    State(state): State<AppState>,
    Bearer { caller, .. }: Bearer,
    Path(id): Path<String>,
    Json(value): Json<ValueFields>,
) -> Response {
    let entered = async {
        value.check()?;
        let mut form = CreationForm::default();
        let value = value.fill(&mut form)?;
        state.services.creations().enter_value(&caller, &id, &form, value).await
    };
    entered.await.map_or_else(refuse, answer)
}
