//! Changes a value in part, and compares versions. No value is printed.

use crate::{api::Api, error::CliError, say, select::Which, value::without_last_break};
use clap::Args;
use claviger_domain::{
    grants::Action,
    json_shape::{KeyDifference, ShapeComparison, ValueShape},
    problem::{Problem, ProblemCode},
    value_change::{ParameterPreview, ShownKeys, Written},
};
use serde_json::{Value, json};
use std::io::Read;
use zeroize::Zeroizing;

#[derive(Debug, Args)]
pub(crate) struct Keys {
    #[command(flatten)]
    which: Which,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    #[command(flatten)]
    which: Which,
    /// Change this key; its new value is read from standard input.
    #[arg(long, value_name = "KEY", conflicts_with = "add", required_unless_present_any = ["add", "remove"])]
    set: Option<String>,
    /// Add this key behind the others; its value is read from standard input.
    #[arg(long, value_name = "KEY")]
    add: Option<String>,
    /// Remove this key. Can be repeated.
    #[arg(long, value_name = "KEY")]
    remove: Vec<String>,
    /// The value is JSON, such as a number or an object, and not the content of a string.
    #[arg(long)]
    json: bool,
    /// Remove one trailing line break, which `echo` and editors add. Without it every character is written.
    #[arg(long, short = 'n')]
    trim_newline: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    #[command(flatten)]
    which: Which,
    /// A stage or a version id.
    #[arg(long, default_value = "AWSPREVIOUS")]
    from: String,
    /// A stage or a version id.
    #[arg(long, default_value = "AWSCURRENT")]
    to: String,
}

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub(crate) struct Parameter {
    #[command(flatten)]
    which: Which,
    /// Read a new value from standard input. Without it, the current value is sent again.
    #[arg(long)]
    value: bool,
    /// With --value: remove one trailing line break.
    #[arg(long, short = 'n', requires = "value")]
    trim_newline: bool,
    /// `Advanced`. AWS lowers no tier.
    #[arg(long)]
    tier: Option<String>,
    /// Encrypt a `SecureString` under this key: an id, ARN or alias.
    #[arg(long)]
    key: Option<String>,
    /// A regular expression that values must match.
    #[arg(long, value_name = "PATTERN", conflicts_with = "remove_pattern")]
    allowed_pattern: Option<String>,
    /// Remove the allowed pattern.
    #[arg(long)]
    remove_pattern: bool,
    /// When AWS deletes the parameter, such as 2027-01-31T08:00:00Z. AWS replaces all policies.
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// Have AWS send an event so many days before it expires.
    #[arg(long, value_name = "DAYS")]
    notify_days: Option<u32>,
    /// Have AWS send an event if the parameter has not changed for so many days.
    #[arg(long, value_name = "DAYS")]
    no_change_days: Option<u32>,
    /// Remove all policies.
    #[arg(long, conflicts_with_all = ["expires", "notify_days", "no_change_days"])]
    remove_policies: bool,
    /// Show what would change, and change nothing.
    #[arg(long)]
    preview: bool,
}

pub(crate) async fn keys(keys: Keys) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = keys.which.held(&api, Action::Read).await?;
    let body = json!({ "resource": held.resource.id.to_string() });
    let shown: ShownKeys = api.post(&format!("/v1/grants/{}/keys", held.grant), &body).await?;
    let ValueShape::Object(all) = shown.shape else {
        let name = &keys.which.name;
        return Err(CliError::Input(format!("{name} is not a JSON object, so it has no keys")));
    };
    for key in all {
        let repeated = if key.repeated { "\trepeated" } else { "" };
        say(format_args!("{}\t{}{repeated}", key.key, key.json_type));
    }
    Ok(())
}

/// Standard input as text.
fn typed(trim_newline: bool) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| CliError::file("standard input", error))?;
    let kept = if trim_newline { without_last_break(&text).len() } else { text.len() };
    text.truncate(kept);
    Ok(text)
}

pub(crate) async fn edit(edit: Edit) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = edit.which.held(&api, Action::Change).await?;
    let mut keys: Vec<Value> =
        edit.remove.iter().map(|key| json!({ "key": key, "do": "remove" })).collect();
    let new = match (&edit.set, &edit.add) {
        (Some(key), _) => Some((key, "change")),
        (None, Some(key)) => Some((key, "add")),
        (None, None) => None,
    };
    if let Some((key, verb)) = new {
        let value = typed(edit.trim_newline)?;
        let field = if edit.json { "json" } else { "text" };
        keys.push(json!({ "key": key, "do": verb, field: value.as_str() }));
    }
    let body = json!({ "resource": held.resource.id.to_string(), "keys": keys });
    let written: Written = api.put(&format!("/v1/grants/{}/keys", held.grant), &body).await?;
    finished(&written, &held.resource.name, &held.location())
}

/// Says which version was written; what somebody has to look at is an error.
fn finished(written: &Written, name: &str, location: &str) -> Result<(), CliError> {
    if let Some((message, hint)) = written.warning() {
        return Err(CliError::Problem(Problem::new(ProblemCode::Conflict, message, hint)));
    }
    say(format_args!("Written to {name} in {location} as version {}", written.version));
    Ok(())
}

pub(crate) async fn compare(compare: Compare) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = compare.which.held(&api, Action::Read).await?;
    let body = json!({
        "resource": held.resource.id.to_string(),
        "from": compare.from,
        "to": compare.to,
    });
    let path = format!("/v1/grants/{}/compare", held.grant);
    let shown: ShapeComparison = api.post(&path, &body).await?;
    say(format_args!("{}\t{}", shown.from_version, shown.from.label()));
    say(format_args!("{}\t{}", shown.to_version, shown.to.label()));
    for row in shown.rows {
        let (word, types) = match row.difference {
            KeyDifference::Added { json_type } => ("added", json_type.to_string()),
            KeyDifference::Removed { json_type } => ("removed", json_type.to_string()),
            KeyDifference::Same { json_type } => ("same", json_type.to_string()),
            KeyDifference::TypeChanged { from, to } => ("type changed", format!("{from} to {to}")),
        };
        say(format_args!("{}\t{word}\t{types}", row.key));
    }
    Ok(())
}

pub(crate) async fn parameter(of: Parameter) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = of.which.held(&api, Action::Change).await?;
    let days = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
    let mut body = json!({
        "resource": held.resource.id.to_string(),
        "tier": of.tier.clone().unwrap_or_default(),
        "key": of.key.clone().unwrap_or_default(),
        "allowed_pattern": of.allowed_pattern.clone().unwrap_or_default(),
        "remove_pattern": of.remove_pattern,
        "expires": of.expires.clone().unwrap_or_default(),
        "notify_days": days(of.notify_days),
        "no_change_days": days(of.no_change_days),
        "remove_policies": of.remove_policies,
    });
    let value = if of.value { Some(typed(of.trim_newline)?) } else { None };
    if let Some(value) = &value {
        body["value"] = json!(value.as_str());
    }
    let path = format!("/v1/grants/{}/parameter", held.grant);
    if of.preview {
        let shown: ParameterPreview = api.post(&format!("{path}/preview"), &body).await?;
        print_preview(&shown, value.is_some());
        return match shown.faults.first() {
            Some(_) => Err(CliError::Input("AWS would refuse this change".into())),
            None => Ok(()),
        };
    }
    let written: Written = api.put(&path, &body).await?;
    finished(&written, &held.resource.name, &held.location())
}

fn print_preview(shown: &ParameterPreview, has_value: bool) {
    for change in &shown.changes {
        let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "(none)".into());
        say(format_args!("{}: {} -> {}", change.field, said(&change.before), said(&change.after)));
    }
    say(if has_value { "Value: new" } else { "Value: sent again, unchanged" });
    for fault in &shown.faults {
        say(format_args!("{}: {}", fault.field, fault.reason));
    }
    if let Some(pattern) = &shown.unchecked_pattern {
        say(format_args!("Only AWS can check the value against {pattern}"));
    }
}
