//! The form, field by field, as a browser sends it in the URL.

use crate::facts::{Detail, ResourceFacts, RotationRules};
use serde::{Deserialize, Serialize};

/// The longest field that is taken, in characters.
const MAX_FIELD: usize = 2_048;
/// The longest name of a Lambda function.
pub(super) const MAX_FUNCTION: usize = 64;

/// What to rotate by which of AWS's templates.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostedForm {
    /// A [`super::HostedEngine`]; empty until the form was sent.
    pub engine: String,
    /// A [`super::HostedUsers`].
    pub users: String,
    /// The name of the function to create.
    pub function: String,
    /// The ARN of the secret with the superuser's credentials.
    pub superuser: String,
    /// Separated by commas, spaces or line breaks.
    pub subnets: String,
    pub security_groups: String,
    /// The ARN of the secret's customer managed key; empty for the one that was read.
    pub key: String,
    /// Characters that are in no password.
    pub exclude: String,
    pub days: String,
    pub schedule: String,
    pub duration: String,
    /// `yes` or `no`.
    pub immediately: String,
}

impl HostedForm {
    /// The form as a URL has it. Fields of another name are left out.
    pub fn from_url_query(query: &str) -> Self {
        let mut form = Self::default();
        for (name, text) in form_urlencoded::parse(query.as_bytes()) {
            if let Some((_, field)) = form.fields().into_iter().find(|(own, _)| *own == name) {
                *field = text.chars().filter(|c| *c != '\0').take(MAX_FIELD).collect();
            }
        }
        form
    }

    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, text) in self.clone().fields() {
            if !text.is_empty() {
                query.append_pair(name, text);
            }
        }
        query.finish()
    }

    const fn fields(&mut self) -> [(&'static str, &mut String); 12] {
        [
            ("engine", &mut self.engine),
            ("users", &mut self.users),
            ("function", &mut self.function),
            ("superuser", &mut self.superuser),
            ("subnets", &mut self.subnets),
            ("security_groups", &mut self.security_groups),
            ("key", &mut self.key),
            ("exclude", &mut self.exclude),
            ("days", &mut self.days),
            ("schedule", &mut self.schedule),
            ("duration", &mut self.duration),
            ("immediately", &mut self.immediately),
        ]
    }

    /// Whether the URL has any of its fields.
    pub fn is_sent(&self) -> bool {
        *self != Self::default()
    }

    /// The form before anybody has filled it in.
    pub fn first(facts: &ResourceFacts) -> Self {
        let rules = match &facts.detail {
            Detail::Secret(secret) => secret.rotation.rules.clone().unwrap_or_default(),
            Detail::Parameter(_) => RotationRules::default(),
        };
        let schedule = rules.schedule_expression.unwrap_or_default();
        let days = match (schedule.is_empty(), rules.automatically_after_days) {
            (true, Some(days)) => days.to_string(),
            (true, None) => "30".to_owned(),
            (false, _) => String::new(),
        };
        Self {
            users: "single".to_owned(),
            function: function_name(&facts.name),
            days,
            schedule,
            duration: rules.duration.unwrap_or_default(),
            immediately: "no".to_owned(),
            ..Self::default()
        }
    }
}

/// A name for the function, from the secret's.
fn function_name(secret: &str) -> String {
    const START: &str = "rotate-";
    let mut name = START.to_owned();
    for letter in secret.chars().take(MAX_FUNCTION - START.len()) {
        let is_plain = letter.is_ascii_alphanumeric() || letter == '_';
        if is_plain {
            name.push(letter);
        } else if !name.ends_with('-') {
            name.push('-');
        }
    }
    name.trim_end_matches('-').to_owned()
}
