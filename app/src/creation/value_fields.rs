//! The fields of the first value. They are in no URL, and no page has them filled in.

use claviger_domain::creation::{CreationForm, JsonTemplate, PasswordRules, ValueFormat};
use claviger_services::TypedValue;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A value as a browser sends it: a text, or the fields of a template.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ValueInput {
    value: String,
    value_engine: String,
    value_host: String,
    value_port: String,
    value_dbname: String,
    value_username: String,
    value_password: String,
    value_name: String,
    value_api_key: String,
    value_client_id: String,
    value_client_secret: String,
    value_token_url: String,
    value_scope: String,
    value_public_key: String,
    value_private_key: String,
    value_certificate: String,
    value_chain: String,
}

/// Nothing of a value is ever printed.
impl std::fmt::Debug for ValueInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ValueInput")
    }
}

impl From<ValueInput> for TypedValue {
    fn from(input: ValueInput) -> Self {
        let fields = [
            ("engine", input.value_engine),
            ("host", input.value_host),
            ("port", input.value_port),
            ("dbname", input.value_dbname),
            ("username", input.value_username),
            ("password", input.value_password),
            ("name", input.value_name),
            ("api_key", input.value_api_key),
            ("client_id", input.value_client_id),
            ("client_secret", input.value_client_secret),
            ("token_url", input.value_token_url),
            ("scope", input.value_scope),
            ("public_key", input.value_public_key),
            ("private_key", input.value_private_key),
            ("certificate", input.value_certificate),
            ("chain", input.value_chain),
        ];
        // A secret's text is overwritten when it is dropped.
        Self {
            text: input.value.into(),
            fields: fields.into_iter().map(|(key, text)| (key.to_owned(), text.into())).collect(),
            file: None,
        }
    }
}

/// The fields that the chosen format needs.
#[component]
pub(super) fn ValueFields(form: CreationForm) -> impl IntoView {
    match form.value_format() {
        Ok(ValueFormat::Generated) => {
            let rules = form.password_rules().unwrap_or_default();
            view! { <p>{generated(rules)}</p> }.into_any()
        }
        Ok(ValueFormat::Pairs) => view! {
            <label class="field">
                <span>"Keys and values"</span>
                <textarea name="value" rows="6" class="mono" maxlength="65536" autocomplete="off" spellcheck="false" wrap="off" required></textarea>
                <small>"One key=value per line. They become one JSON object."</small>
            </label>
        }
        .into_any(),
        Ok(ValueFormat::Template(template)) => view! { <TemplateFields template form /> }.into_any(),
        Ok(ValueFormat::Text) | Err(_) => view! {
            <label class="field">
                <span>"Value"</span>
                <textarea name="value" rows="4" class="mono" maxlength="65536" autocomplete="off" spellcheck="false" wrap="off" required></textarea>
                <small>"Sent to AWS as typed. Claviger doesn't store it."</small>
            </label>
        }
        .into_any(),
    }
}

fn generated(rules: PasswordRules) -> String {
    let signs = if rules.without_punctuation {
        "letters and digits"
    } else {
        "letters, digits and punctuation"
    };
    format!(
        "AWS generates {} characters: {signs}. Nobody sees the value until somebody reads the secret.",
        rules.length
    )
}

#[component]
fn TemplateFields(template: JsonTemplate, form: CreationForm) -> impl IntoView {
    let rules = form.password_rules().unwrap_or_default();
    template
        .fields()
        .iter()
        .map(|field| {
            let name = format!("value_{}", field.key);
            let is_generated = template.generated_field() == Some(field.key);
            let help = is_generated.then(|| {
                let help = format!("Leave it empty, and AWS generates {} characters.", rules.length);
                view! { <small>{help}</small> }
            });
            let required = field.is_required && !is_generated;
            let is_long = field.key.ends_with("_key") && field.key != "api_key"
                || matches!(field.key, "certificate" | "chain");
            let input = if is_long {
                view! { <textarea name=name rows="4" class="mono" autocomplete="off" spellcheck="false" wrap="off" required=required></textarea> }.into_any()
            } else if field.is_secret {
                view! { <input name=name type="password" class="mono" autocomplete="new-password" required=required /> }.into_any()
            } else {
                view! { <input name=name autocomplete="off" required=required /> }.into_any()
            };
            view! { <label class="field"><span>{field.label}</span>{input}{help}</label> }
        })
        .collect_view()
}
