//! The server functions that change a value in part, and compare versions. Fields arrive as they were typed.

use super::change_results::{ComparisonFound, KeysFound, PreviewFound};
use crate::wire::{
    TextJson, WireError,
    server::{call, fail, wire},
};
use claviger_domain::{
    json_edit::{KeyChange, KeyEdit, NewMember},
    parameter_change::ParameterForm,
    problem::{Problem, ProblemCode},
    value_change::Written,
};
use claviger_services::grants::{NewText, typed_value};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// Up to three keys, each with what becomes of it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct KeyRows {
    key_1: String,
    do_1: String,
    text_1: String,
    json_1: String,
    key_2: String,
    do_2: String,
    text_2: String,
    json_2: String,
    key_3: String,
    do_3: String,
    text_3: String,
    json_3: String,
}

/// The settings of a parameter, and a new value.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ParameterInput {
    value: String,
    tier: String,
    key: String,
    allowed_pattern: String,
    remove_pattern: String,
    expires: String,
    notify_days: String,
    no_change_days: String,
    remove_policies: String,
}

/// Nothing of a value is ever printed.
impl std::fmt::Debug for KeyRows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyRows")
    }
}

impl std::fmt::Debug for ParameterInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ParameterInput")
    }
}

impl KeyRows {
    /// The rows that were filled in, or what is missing in one.
    fn edits(self) -> Result<Vec<KeyEdit>, Problem> {
        let rows = [
            (self.key_1, self.do_1, self.text_1, self.json_1),
            (self.key_2, self.do_2, self.text_2, self.json_2),
            (self.key_3, self.do_3, self.text_3, self.json_3),
        ];
        let mut edits = Vec::new();
        for (at, (key, verb, text, json)) in rows.into_iter().enumerate() {
            let invalid = |message: &str, hint: &str| {
                let message = format!("Key {}: {message}", at + 1);
                Problem::new(ProblemCode::InvalidInput, message, hint)
            };
            let is_removed = verb == "remove";
            match (key.is_empty(), text.is_empty()) {
                (true, true) => continue,
                (true, false) => {
                    return Err(invalid("a value without a key.", "Enter the key's name."));
                }
                (false, true) if !is_removed => {
                    return Err(invalid(
                        "no value was entered.",
                        "For an empty text choose JSON, and enter two quotes.",
                    ));
                }
                (false, false) if is_removed => {
                    return Err(invalid(
                        "a key that is removed has no new value.",
                        "Empty the value, or choose Change.",
                    ));
                }
                _ => {}
            }
            let member = NewMember::typed(text, json == "true")
                .ok_or_else(|| invalid("this is not JSON.", "Correct it, or choose text."));
            let change = match verb.as_str() {
                "remove" => KeyChange::Remove,
                "add" => KeyChange::Add(member?),
                _ => KeyChange::Replace(member?),
            };
            edits.push(KeyEdit { key, change });
        }
        Ok(edits)
    }
}

impl ParameterInput {
    fn split(self) -> (ParameterForm, Option<NewText>) {
        let form = ParameterForm {
            tier: self.tier,
            key: self.key,
            allowed_pattern: self.allowed_pattern,
            remove_pattern: self.remove_pattern == "true",
            expires: self.expires,
            notify_days: self.notify_days,
            no_change_days: self.no_change_days,
            remove_policies: self.remove_policies == "true",
        };
        let has_value = !self.value.is_empty();
        // A secret's text is overwritten when it is dropped.
        (form, has_value.then(|| typed_value(self.value, false)))
    }
}

/// Reads a secret's keys and returns them as the page shows them: HTML without any value.
#[server(output = TextJson, prefix = "/api", endpoint = "access/keys")]
pub(crate) async fn show_keys(grant: String, resource: String) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let shown = services.grant_changes().show_keys(&caller, &grant, &resource).await;
    let shown = shown.map_err(wire)?;
    Ok(view! { <KeysFound shown list=list_id(&resource) /> }.to_html())
}

/// The element with the names of a secret's keys, from which fields are completed.
pub(super) fn list_id(resource: &str) -> String {
    format!("names-{resource}")
}

/// Changes keys of a JSON object; returns the new version. A write that met somebody else's is an error that says so.
#[server(output = TextJson, prefix = "/api", endpoint = "access/edit-keys")]
pub(crate) async fn edit_keys(
    grant: String,
    resource: String,
    #[server(flatten)] rows: KeyRows,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let edits = rows.edits().map_err(fail)?;
    let written = services.grant_changes().edit_keys(&caller, &grant, &resource, edits).await;
    version_of(written.map_err(wire)?)
}

/// The shapes of two versions, as HTML.
#[server(output = TextJson, prefix = "/api", endpoint = "access/compare")]
pub(crate) async fn compare_versions(
    grant: String,
    resource: String,
    from: String,
    to: String,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let shown = services.grant_changes().compare(&caller, &grant, &resource, &from, &to).await;
    let shown = shown.map_err(wire)?;
    Ok(view! { <ComparisonFound shown /> }.to_html())
}

/// What a change of a parameter would do, as HTML.
#[server(output = TextJson, prefix = "/api", endpoint = "access/preview-parameter")]
pub(crate) async fn preview_parameter(
    grant: String,
    resource: String,
    #[server(flatten)] input: ParameterInput,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let (form, value) = input.split();
    let keeps_value = value.is_none();
    let changes = services.grant_changes();
    let shown = changes.preview_parameter(&caller, &grant, &resource, &form, value).await;
    let shown = shown.map_err(wire)?;
    Ok(view! { <PreviewFound shown keeps_value /> }.to_html())
}

/// Changes a parameter; returns the new version.
#[server(output = TextJson, prefix = "/api", endpoint = "access/change-parameter")]
pub(crate) async fn change_parameter(
    grant: String,
    resource: String,
    #[server(flatten)] input: ParameterInput,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let (form, value) = input.split();
    let changes = services.grant_changes();
    let written = changes.change_parameter(&caller, &grant, &resource, &form, value).await;
    version_of(written.map_err(wire)?)
}

/// The new version. What somebody has to look at is an error, so that it is also shown without scripts.
fn version_of(written: Written) -> Result<String, WireError> {
    match written.warning() {
        Some((message, hint)) => Err(fail(Problem::new(ProblemCode::Conflict, message, hint))),
        None => Ok(written.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, verb: &str, text: &str, json: &str) -> KeyRows {
        KeyRows {
            key_2: key.into(),
            do_2: verb.into(),
            text_2: text.into(),
            json_2: json.into(),
            ..KeyRows::default()
        }
    }

    #[test]
    fn a_row_is_whole_or_empty() {
        let edits = |rows: KeyRows| rows.edits().map_err(|problem| problem.message);
        assert_eq!(edits(KeyRows::default()), Ok(Vec::new()));
        let change = KeyChange::Replace(NewMember::text(" a\n"));
        assert_eq!(
            edits(row("pass", "change", " a\n", "")),
            Ok(vec![KeyEdit { key: "pass".into(), change }])
        );
        let change = KeyChange::Add(NewMember::json("1.10").unwrap());
        assert_eq!(
            edits(row("port", "add", "1.10", "true")),
            Ok(vec![KeyEdit { key: "port".into(), change }])
        );
        assert_eq!(
            edits(row("old", "remove", "", "")),
            Ok(vec![KeyEdit { key: "old".into(), change: KeyChange::Remove }])
        );
        for (rows, says) in [
            (row("", "change", "CANARY", ""), "a value without a key"),
            (row("pass", "change", "", ""), "no value was entered"),
            (row("pass", "remove", "CANARY", ""), "has no new value"),
            (row("pass", "change", "CANARY", "true"), "not JSON"),
        ] {
            let message = edits(rows).unwrap_err();
            assert!(message.contains(says) && message.starts_with("Key 2"), "{message}");
            assert!(!message.contains("CANARY"));
        }
    }

    #[test]
    fn nothing_typed_is_printed() {
        let rows = row("pass", "change", "CANARY", "");
        let input = ParameterInput { value: "CANARY".into(), ..ParameterInput::default() };
        assert_eq!(format!("{rows:?} {input:?}"), "KeyRows ParameterInput");
    }
}
