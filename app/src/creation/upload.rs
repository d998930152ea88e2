//! A file as the first value: the browser sends it to a route of the server, which leads on, or back to the form.

use super::{
    api::{EnterValue, SubmitCreation},
    hidden_shape::HiddenShape,
};
use crate::wire::WireError;
use claviger_domain::{
    creation::{CreationForm, CreationId, ValueFormat},
    facts::Kind,
    problem::Problem,
};
use leptos::{
    prelude::*,
    server_fn::{ServerFn, error::ServerFnUrlError},
};

/// The page of a creation, once its value was taken.
pub fn creation_page(id: CreationId) -> String {
    format!("/creations/{id}")
}

/// The form of a new secret with all that was typed, and the reason why it was not created from a file.
pub fn new_file_refused(form: &CreationForm, problem: Problem) -> String {
    let query = form.to_url_query();
    let error = refusal(<SubmitCreation as ServerFn>::PATH, problem);
    format!("/secrets/new?{query}&{error}")
}

/// The page of a creation with the reason why a file was not taken as its value.
pub fn value_file_refused(id: &str, problem: Problem) -> String {
    let error = refusal(<EnterValue as ServerFn>::PATH, problem);
    // Anything else in the address would lead somewhere else.
    match id.parse::<CreationId>() {
        Ok(id) => format!("{}?{error}", creation_page(id)),
        Err(_) => "/creations".to_owned(),
    }
}

/// The error as the form of this server function shows it: part of a URL's query.
fn refusal(path: &'static str, problem: Problem) -> String {
    let error = ServerFnUrlError::new(path, WireError(problem));
    // Only the query is used.
    let url = error.to_url("http://localhost/").ok();
    url.and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}

/// Whether a file can be the value: it is stored as it is.
fn takes_file(form: &CreationForm) -> bool {
    matches!(form.value_format(), Ok(ValueFormat::Text))
}

/// Creates what was previewed, with a file as its value.
#[component]
pub(super) fn NewFromFile(form: CreationForm, preview: String, has_failing: bool) -> impl IntoView {
    let accept = has_failing.then(|| {
        view! {
            <label class="field check">
                <input type="checkbox" name="accept_failing" value="true" required />
                <span>"Create it from the file although it fails these checks"</span>
            </label>
        }
    });
    let kind = if form.is_parameter() { Kind::Parameter } else { Kind::Secret };
    takes_file(&form).then(|| {
        view! {
            <details class="upload">
                <summary>"Upload a file"</summary>
                <form method="post" action="/secrets/new/file" enctype="multipart/form-data" class="form">
                    // Before the file, so that they are read if it is too large.
                    <HiddenShape form />
                    <input type="hidden" name="preview" value=preview />
                    {accept}
                    <FileField kind />
                    <div class="actions"><button class="button">"Create from the file"</button></div>
                </form>
            </details>
        }
    })
}

/// Takes a file as the value of an approved shape.
#[component]
pub(super) fn ValueFromFile(id: CreationId, form: CreationForm, kind: Kind) -> impl IntoView {
    takes_file(&form).then(|| {
        view! {
            <details class="upload">
                <summary>"Upload a file"</summary>
                <form method="post" action=format!("/creations/{id}/file") enctype="multipart/form-data" class="form">
                    <FileField kind />
                    <div class="actions"><button class="button">"Create from the file"</button></div>
                </form>
            </details>
        }
    })
}

#[component]
fn FileField(kind: Kind) -> impl IntoView {
    let help = match kind {
        Kind::Secret => {
            "Text in UTF-8 becomes a SecretString, other bytes a SecretBinary; at most 65,536 bytes. Claviger doesn't store them."
        }
        Kind::Parameter => {
            "Text in UTF-8, at most 4,096 bytes, or 8,192 in the Advanced tier. Claviger doesn't store it."
        }
    };
    view! {
        <label class="field">
            <span>"File"</span>
            <input type="file" name="file" required />
            <small>{help}</small>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::problem::ProblemCode;

    fn problem() -> Problem {
        Problem::new(ProblemCode::InvalidInput, "value: Enter a value.", "Correct it.")
    }

    #[test]
    fn a_refusal_keeps_the_form_and_leads_nowhere_else() {
        let form = CreationForm { name: "payments/new".into(), ..CreationForm::default() };
        let back = new_file_refused(&form, problem());
        assert!(back.starts_with("/secrets/new?name=payments%2Fnew&"), "{back}");
        assert!(back.contains("creations%2Fsubmit"), "{back}");
        assert!(value_file_refused("C-1", problem()).starts_with("/creations/C-1?"));
        assert_eq!(value_file_refused("//evil.example", problem()), "/creations");
    }
}
