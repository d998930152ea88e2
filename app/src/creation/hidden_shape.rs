//! The shape in the forms that create it.

use claviger_domain::creation::CreationForm;
use leptos::prelude::*;

/// The shape that was previewed, as it is submitted.
#[component]
pub(super) fn HiddenShape(form: CreationForm) -> impl IntoView {
    let query = form.to_url_query();
    let fields: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
}
