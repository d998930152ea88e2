//! The form for a requested action, field by field, as a browser sends it.

use super::{InvalidAction, RemediationAction};
use crate::filter::has_value;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The form's fields; `wish` determines which of them apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemediationForm {
    /// The action's name, such as `set-tags`.
    pub wish: String,
    /// `key=value`, one per line.
    pub tags: String,
    pub days: String,
    pub schedule: String,
    pub duration: String,
    pub lambda: String,
    /// `yes` if the value is to be rotated immediately.
    pub immediately: String,
    pub key: String,
    pub document: String,
    pub window: String,
    pub region: String,
    /// A version's id. This and the fields below are absent from the hash of a preview where they are empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub version: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The role with which Secrets Manager rotates a managed external secret.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub role: String,
    /// `key=value`, one per line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub metadata: String,
    /// Keys of tags, one per line.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub keys: String,
}

/// The URL of a plan in preparation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanQuery {
    /// The findings, as the URL query of their list; or the chosen resources, as one.
    pub of: String,
    pub form: RemediationForm,
    /// The reason as typed so far.
    pub reason: String,
    /// Whether a submission was rejected because its preview was outdated.
    pub is_stale: bool,
}

impl PlanQuery {
    /// The URL query for this.
    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(self.form.to_url_query(&self.of));
        query.append_pair("reason", &self.reason);
        if self.is_stale {
            query.append_pair("stale", "yes");
        }
        query.finish()
    }
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn number<T: std::str::FromStr>(field: &'static str, text: &str) -> Result<T, InvalidAction> {
    text.trim().parse().map_err(|_| InvalidAction::new(field, "use a whole number"))
}

impl RemediationForm {
    /// A form with nothing but the action's name.
    #[must_use]
    pub fn of_action(word: &str) -> Self {
        Self { wish: word.into(), ..Self::default() }
    }

    /// Parses the requested action; does not check AWS's limits.
    pub fn read(&self) -> Result<RemediationAction, InvalidAction> {
        let region = || {
            self.region.trim().parse().map_err(|error: crate::ids::InvalidId| {
                InvalidAction::new("region", format!("use {}", error.expected))
            })
        };
        Ok(match self.wish.as_str() {
            "set-tags" => RemediationAction::SetTags { tags: pairs("tags", &self.tags)? },
            "enable-rotation" => RemediationAction::EnableRotation {
                days: filled(&self.days).map(|days| number("days", &days)).transpose()?,
                schedule: filled(&self.schedule),
                duration: filled(&self.duration),
                lambda: filled(&self.lambda),
                role: filled(&self.role),
                metadata: pairs("metadata", &self.metadata)?,
                rotate_immediately: self.immediately == "yes",
            },
            "rotate-now" => RemediationAction::RotateNow {},
            "change-key" => RemediationAction::ChangeKey { key: self.key.trim().to_owned() },
            "remove-statements" => RemediationAction::RemoveStatements {},
            "replace-policy" => {
                RemediationAction::ReplacePolicy { document: self.document.trim().to_owned() }
            }
            "schedule-deletion" => {
                RemediationAction::ScheduleDeletion { window_days: number("window", &self.window)? }
            }
            "restore" => RemediationAction::Restore {},
            "replicate" => {
                RemediationAction::Replicate { region: region()?, key: filled(&self.key) }
            }
            "remove-replica" => RemediationAction::RemoveReplica { region: region()? },
            "roll-back" => RemediationAction::RollBack { version: filled(&self.version) },
            "clear-pending" => RemediationAction::ClearPending {},
            "cancel-rotation" => RemediationAction::CancelRotation {},
            "set-description" => RemediationAction::SetDescription {
                description: self.description.trim().to_owned(),
            },
            "remove-tags" => RemediationAction::RemoveTags { keys: self.read_keys() },
            _ => return Err(InvalidAction::new("wish", "Choose an action.")),
        })
    }

    /// Its fields by the names that the browser sends.
    const fn fields(&mut self) -> [(&'static str, &mut String); 16] {
        [
            ("wish", &mut self.wish),
            ("tags", &mut self.tags),
            ("days", &mut self.days),
            ("schedule", &mut self.schedule),
            ("duration", &mut self.duration),
            ("lambda", &mut self.lambda),
            ("immediately", &mut self.immediately),
            ("key", &mut self.key),
            ("document", &mut self.document),
            ("window", &mut self.window),
            ("region", &mut self.region),
            ("version", &mut self.version),
            ("description", &mut self.description),
            ("keys", &mut self.keys),
            ("role", &mut self.role),
            ("metadata", &mut self.metadata),
        ]
    }

    /// Parses a plan's URL: its target (`of`), the form, and the other fields of the page's form.
    pub fn from_url_query(url_query: &str) -> Result<PlanQuery, InvalidAction> {
        let mut query = PlanQuery::default();
        let (mut stale, mut preview) = (String::new(), String::new());
        let said = form_urlencoded::parse(url_query.as_bytes())
            .filter(|(field, value)| has_value(field, value));
        for (field, value) in said {
            let slot = match field.as_ref() {
                "of" => &mut query.of,
                // Rows that were ticked in a list: a list of their own.
                "finding" | "resource" | "verdict" | "state" | "change" => {
                    let of = std::mem::take(&mut query.of);
                    let mut list = form_urlencoded::Serializer::new(of);
                    query.of = list.append_pair(&field, &value).finish();
                    continue;
                }
                "reason" => &mut query.reason,
                "stale" => &mut stale,
                // The preview button sends the whole form; the hash of the earlier preview is ignored.
                "preview" => &mut preview,
                _ => {
                    let mut fields = query.form.fields().into_iter();
                    let known = fields.find_map(|(name, slot)| (name == field).then_some(slot));
                    known.ok_or_else(|| {
                        InvalidAction::new("form", format!("{field} is not a field of this form"))
                    })?
                }
            };
            *slot = value.into_owned();
        }
        query.is_stale = stale == "yes";
        Ok(query)
    }

    /// The form in a normal form for comparison: browsers differ in line breaks, and spaces around a value are ignored.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let mut form = self.clone();
        for (_, value) in form.fields() {
            value.replace("\r\n", "\n").trim().clone_into(value);
        }
        form
    }

    /// The URL of the plan that changes the target `of`; empty fields are omitted.
    #[must_use]
    pub fn to_url_query(&self, of: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("of", of);
        for (name, value) in self.clone().fields() {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }

    fn read_keys(&self) -> BTreeSet<String> {
        self.keys.lines().filter_map(filled).collect()
    }
}

/// Lines of `key=value`.
fn pairs(field: &'static str, text: &str) -> Result<BTreeMap<String, String>, InvalidAction> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| InvalidAction::new(field, "write key=value, one a line"))?;
            let (key, value) = (key.trim(), value.trim());
            // AWS accepts an empty value, but nobody who fills in a form intends one.
            if value.is_empty() {
                return Err(InvalidAction::new(field, format!("enter a value for {key}")));
            }
            Ok((key.to_owned(), value.to_owned()))
        })
        .collect()
}

impl From<&RemediationAction> for RemediationForm {
    /// The form fields for this request.
    fn from(action: &RemediationAction) -> Self {
        let mut form = Self { wish: action.word().into(), ..Self::default() };
        match action {
            RemediationAction::SetTags { tags } => {
                let lines: Vec<String> =
                    tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                form.tags = lines.join("\n");
            }
            RemediationAction::EnableRotation {
                days,
                schedule,
                duration,
                lambda,
                role,
                metadata,
                rotate_immediately,
            } => {
                form.days = days.map(|days| days.to_string()).unwrap_or_default();
                form.schedule = schedule.clone().unwrap_or_default();
                form.duration = duration.clone().unwrap_or_default();
                form.lambda = lambda.clone().unwrap_or_default();
                form.role = role.clone().unwrap_or_default();
                let lines: Vec<String> =
                    metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
                form.metadata = lines.join("\n");
                form.immediately = if *rotate_immediately { "yes" } else { "no" }.into();
            }
            RemediationAction::ChangeKey { key } => form.key.clone_from(key),
            RemediationAction::ReplacePolicy { document } => form.document.clone_from(document),
            RemediationAction::ScheduleDeletion { window_days } => {
                form.window = window_days.to_string();
            }
            RemediationAction::Replicate { region, key } => {
                form.region = region.to_string();
                form.key = key.clone().unwrap_or_default();
            }
            RemediationAction::RemoveReplica { region } => form.region = region.to_string(),
            RemediationAction::RollBack { version } => {
                form.version = version.clone().unwrap_or_default();
            }
            RemediationAction::SetDescription { description } => {
                form.description.clone_from(description);
            }
            RemediationAction::RemoveTags { keys } => {
                let lines: Vec<&str> = keys.iter().map(String::as_str).collect();
                form.keys = lines.join("\n");
            }
            RemediationAction::RotateNow {}
            | RemediationAction::RemoveStatements {}
            | RemediationAction::Restore {}
            | RemediationAction::ClearPending {}
            | RemediationAction::CancelRotation {} => {}
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_filled_in_from_a_wish_reads_as_that_request() {
        let actions = [
            r#"{"set-tags": {"tags": {"owner": "payments", "note": "a=b"}}}"#,
            r#"{"enable-rotation": {"days": 30, "duration": "3h", "rotate-immediately": true}}"#,
            r#"{"enable-rotation": {"schedule": "rate(4 hours)", "lambda": "arn:x", "rotate-immediately": false}}"#,
            r#"{"rotate-now": {}}"#,
            r#"{"change-key": {"key": "alias/secrets"}}"#,
            r#"{"remove-statements": {}}"#,
            r#"{"replace-policy": {"document": "{}"}}"#,
            r#"{"schedule-deletion": {"window-days": 7}}"#,
            r#"{"restore": {}}"#,
            r#"{"replicate": {"region": "eu-west-1", "key": "alias/x"}}"#,
            r#"{"remove-replica": {"region": "eu-west-1"}}"#,
            r#"{"roll-back": {}}"#,
            r#"{"roll-back": {"version": "5d0c"}}"#,
            r#"{"clear-pending": {}}"#,
            r#"{"cancel-rotation": {}}"#,
            r#"{"set-description": {"description": "Orders"}}"#,
            r#"{"remove-tags": {"keys": ["env", "owner"]}}"#,
        ];
        for text in actions {
            let action: RemediationAction = serde_json::from_str(text).unwrap();
            let form = RemediationForm::from(&action);
            assert_eq!(form.read().unwrap(), action, "{text}");
            let url = form.to_url_query("policy=a&team=b");
            let of = "policy=a&team=b".to_owned();
            let read = RemediationForm::from_url_query(&url).unwrap();
            assert_eq!(read, PlanQuery { of, form, ..PlanQuery::default() });
        }
        let empty = RemediationForm::from_url_query("of=&=&__err=x&tags=&preview=abc").unwrap();
        assert_eq!(empty, PlanQuery::default());
        assert_eq!(RemediationForm::from_url_query("wsh=restore").unwrap_err().field, "form");
    }

    #[test]
    fn what_cannot_be_read_names_its_field() {
        let field = |form: RemediationForm| form.read().unwrap_err().field;
        let form = |wish: &str| RemediationForm { wish: wish.into(), ..RemediationForm::default() };
        assert_eq!(field(form("")), "wish");
        assert_eq!(field(form("schedule-deletion")), "window");
        assert_eq!(field(form("replicate")), "region");
        assert_eq!(field(RemediationForm { tags: "owner".into(), ..form("set-tags") }), "tags");
        for empty in ["owner=", "owner= ", "env=prod\nowner="] {
            assert_eq!(field(RemediationForm { tags: empty.into(), ..form("set-tags") }), "tags");
        }
        assert_eq!(
            field(RemediationForm { days: "soon".into(), ..form("enable-rotation") }),
            "days"
        );
    }
}
