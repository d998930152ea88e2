//! A file as the value of a new secret or parameter. The browser itself sends the form and follows the redirect, with scripts and
//! without: the bytes arrive as they are in the file.

use crate::{AppState, auth::Signed, upload::each_field};
use axum::{
    extract::{Multipart, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use claviger_app::{creation_page, new_file_refused, value_file_refused};
use claviger_domain::{creation::CreationForm, problem::Problem};
use claviger_services::{ServiceError, TypedValue};

/// What arrived of the form.
#[derive(Default)]
struct Form {
    shape: CreationForm,
    preview: String,
    accepts_failing: bool,
    file: Vec<u8>,
}

/// Creates what was previewed with the file as its value, and leads to its page; otherwise back to the form.
pub(crate) async fn create_from_file(
    State(state): State<AppState>,
    Signed(caller): Signed,
    form: Multipart,
) -> Response {
    let mut read = Form::default();
    let created = async {
        read.fill(form).await?;
        let value = TypedValue::bytes(std::mem::take(&mut read.file));
        let creations = state.services.creations();
        let row =
            creations.submit(&caller, &read.shape, read.accepts_failing, &read.preview, value);
        row.await.map_err(ServiceError::into_problem)
    }
    .await;
    let to = match created {
        Ok(row) => creation_page(row.id),
        Err(problem) => new_file_refused(&read.shape, problem),
    };
    Redirect::to(&to).into_response()
}

/// Takes the file as the value of an approved shape, and leads to the creation's page.
pub(crate) async fn enter_file(
    State(state): State<AppState>,
    Signed(caller): Signed,
    Path(id): Path<String>,
    form: Multipart,
) -> Response {
    let mut read = Form::default();
    let entered = async {
        read.fill(form).await?;
        let value = TypedValue::bytes(read.file);
        let creations = state.services.creations();
        // Of the form only the format counts, and a file is stored as it is.
        let form = CreationForm::default();
        let row = creations.enter_value(&caller, &id, &form, value);
        row.await.map_err(ServiceError::into_problem)
    };
    let to = match entered.await {
        Ok(row) => creation_page(row.id),
        Err(problem) => value_file_refused(&id, problem),
    };
    Redirect::to(&to).into_response()
}

impl Form {
    /// What came before a file that is too large is kept.
    async fn fill(&mut self, form: Multipart) -> Result<(), Problem> {
        let mut fields = Vec::new();
        let read = each_field(form, |name, bytes| match name {
            "file" => self.file = bytes.into(),
            "preview" => self.preview = String::from_utf8_lossy(&bytes).into_owned(),
            "accept_failing" => self.accepts_failing = &bytes[..] == b"true",
            _ => fields.push((name.to_owned(), String::from_utf8_lossy(&bytes).into_owned())),
        });
        let read = read.await;
        self.shape = CreationForm::from_fields(fields);
        read
    }
}
