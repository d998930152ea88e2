//! A file as a new value. The browser itself sends the form and follows the redirect, with scripts and without: the bytes
//! arrive as they are in the file.

use crate::{AppState, auth::Signed};
use axum::{
    body::Bytes,
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use claviger_app::{upload_refused, uploaded};
use claviger_domain::problem::{Problem, ProblemCode};
use claviger_services::grants::SecretValue;

/// The fields of the form.
#[derive(Default)]
struct Form {
    resource: String,
    is_binary: bool,
    file: Vec<u8>,
}

/// Writes the file under the grant, and leads back to the grant's page.
pub(crate) async fn upload(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(grant): Path<String>,
    form: Multipart,
) -> Response {
    let written = async {
        let Form { resource, is_binary, file } = read(form).await?;
        let value = if is_binary { SecretValue::from(file) } else { text(file)? };
        let put = state.services.grant_sessions().put_value(&caller, &grant, &resource, value);
        put.await.map_err(claviger_services::ServiceError::into_problem)
    };
    let to = match written.await {
        Ok(version) => uploaded(&grant, &version),
        Err(problem) => upload_refused(&grant, problem),
    };
    Redirect::to(&to).into_response()
}

async fn read(form: Multipart) -> Result<Form, Problem> {
    let mut read = Form::default();
    each_field(form, |name, bytes| match name {
        "resource" => read.resource = String::from_utf8_lossy(&bytes).into_owned(),
        "kind" => read.is_binary = &bytes[..] == b"binary",
        "file" => read.file = bytes.into(),
        _ => {}
    })
    .await?;
    Ok(read)
}

/// Passes field by field on, so that what comes before one that cannot be read is not lost.
pub(crate) async fn each_field(
    mut form: Multipart,
    mut take: impl FnMut(&str, Bytes),
) -> Result<(), Problem> {
    while let Some(field) = form.next_field().await.map_err(|error| unreadable(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        take(&name, field.bytes().await.map_err(|error| unreadable(&error))?);
    }
    Ok(())
}

/// Parts of a body are in no message.
fn unreadable(error: &MultipartError) -> Problem {
    let is_large = error.status() == StatusCode::PAYLOAD_TOO_LARGE;
    let message = if is_large { "The file is too large." } else { "The form could not be read." };
    Problem::new(ProblemCode::InvalidInput, message, "A secret holds up to 65,536 bytes.")
}

fn text(file: Vec<u8>) -> Result<SecretValue, Problem> {
    String::from_utf8(file).map(SecretValue::from).map_err(|_| {
        Problem::new(
            ProblemCode::InvalidInput,
            "The file is not text in UTF-8.",
            "Store it as a binary value, or convert it first.",
        )
    })
}
