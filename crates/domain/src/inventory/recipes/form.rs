//! What the reader chose, as a URL has it.

use super::{RecipeId, Subject};
use crate::{
    creation::ShapeFault,
    ids::{AccountId, Arn},
    partition::Partition,
    text_fields::{append, put},
};
use serde::{Deserialize, Serialize};

/// Characters of a JSON key or of a staging label.
const MAX_CHARS: usize = 256;
/// Characters of a role's name, and of its path with both slashes.
const MAX_ROLE_NAME: usize = 64;
const MAX_ROLE_PATH: usize = 512;

/// The fields of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UseForm {
    /// A [`RecipeId`], in the URL `for`; empty for the first.
    pub recipe: String,
    pub key: String,
    pub stage: String,
    /// The ARN of a role.
    pub role: String,
}

impl UseForm {
    const fn fields(&mut self) -> [(&'static str, &mut String); 4] {
        [
            ("for", &mut self.recipe),
            ("key", &mut self.key),
            ("stage", &mut self.stage),
            ("role", &mut self.role),
        ]
    }

    /// The form in a URL's query; other fields are ignored, and of several the last counts.
    #[must_use]
    pub fn from_url_query(query: &str) -> Self {
        let mut form = Self::default();
        for (field, value) in form_urlencoded::parse(query.as_bytes()) {
            put(form.fields(), &field, value.trim());
        }
        form
    }

    /// The URL query of the form, without empty fields.
    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        append(&mut query, self.clone().fields());
        query.finish()
    }

    /// The same choices for another consumer.
    #[must_use]
    pub fn for_recipe(&self, recipe: RecipeId) -> Self {
        Self { recipe: recipe.to_string(), ..self.clone() }
    }

    /// The chosen recipe, the first without a choice, or what is wrong with the choice.
    pub fn chosen(&self, subject: &Subject) -> Result<RecipeId, ShapeFault> {
        let all = RecipeId::of(subject);
        if self.recipe.is_empty() {
            return Ok(all.first().copied().unwrap_or(RecipeId::AwsCli));
        }
        let found = self.recipe.parse().ok().filter(|id| all.contains(id));
        found.ok_or_else(|| {
            let reason = match self.recipe.parse::<RecipeId>() {
                Ok(id) => format!("{} reads secrets only. Choose one from the list.", id.label()),
                Err(_) => "There is no such recipe. Choose one from the list.".to_owned(),
            };
            ShapeFault::new("for", reason)
        })
    }

    /// Writes the choices into a subject; what cannot be read is named by its field, and left out.
    pub fn apply(&self, subject: &mut Subject) -> Vec<ShapeFault> {
        let mut faults = Vec::new();
        let is_text =
            |text: &str| text.chars().count() <= MAX_CHARS && !text.chars().any(char::is_control);
        if !self.key.is_empty() {
            if is_text(&self.key) {
                subject.json_key = Some(self.key.clone());
            } else {
                let reason = format!(
                    "Use a JSON key of at most {MAX_CHARS} characters, without control characters."
                );
                faults.push(ShapeFault::new("key", reason));
            }
        }
        if !self.stage.is_empty() && self.stage != "AWSCURRENT" {
            let is_label = self.stage.chars().count() <= MAX_CHARS
                && self.stage.chars().all(|c| c.is_ascii_alphanumeric() || "_.+=@-/".contains(c));
            if !subject.is_secret() {
                let reason = "A parameter has no stages: it has versions and labels.";
                faults.push(ShapeFault::new("stage", reason.to_owned()));
            } else if is_label {
                subject.stage = Some(self.stage.clone());
            } else {
                let reason = "Use a staging label, such as AWSCURRENT or AWSPREVIOUS.";
                faults.push(ShapeFault::new("stage", reason.to_owned()));
            }
        }
        if !self.role.is_empty() {
            match self.role.parse::<Arn>() {
                Ok(arn) if is_role(&self.role) && arn.partition() == subject.arn.partition() => {
                    subject.role = Some(arn);
                }
                Ok(arn) if is_role(&self.role) => {
                    let kind = if subject.is_secret() { "secret" } else { "parameter" };
                    let reason = format!(
                        "This role is of the partition {}, and the {kind} is in {}.",
                        arn.partition(),
                        subject.arn.partition()
                    );
                    faults.push(ShapeFault::new("role", reason));
                }
                _ => {
                    let reason =
                        "Use the ARN of a role, such as arn:aws:iam::111122223333:role/app.";
                    faults.push(ShapeFault::new("role", reason.to_owned()));
                }
            }
        }
        faults
    }
}

/// Whether a text is the ARN of a role, with nothing in it that a file of a recipe would read as more than a text.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return false };
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c);
    partition.parse::<Partition>().is_ok()
        && account.parse::<AccountId>().is_ok()
        && resource.strip_prefix("role/").is_some_and(|path| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            (1..=MAX_ROLE_NAME).contains(&name.len())
                && folder.len() + 2 <= MAX_ROLE_PATH
                && path.chars().all(is_name)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inventory::recipes::samples;
    use rstest::rstest;

    #[test]
    fn a_form_is_a_url_and_back() {
        let form = UseForm::from_url_query("for=ecs&key=a%26b&stage=AWSPREVIOUS&role=&other=1");
        assert_eq!(form.to_url_query(), "for=ecs&key=a%26b&stage=AWSPREVIOUS");
        assert_eq!(
            form.for_recipe(RecipeId::Rust).to_url_query(),
            "for=rust&key=a%26b&stage=AWSPREVIOUS"
        );
        let mut subject = samples::secret();
        assert!(form.apply(&mut subject).is_empty());
        assert_eq!(subject.json_key.as_deref(), Some("a&b"));
        assert_eq!(form.chosen(&subject), Ok(RecipeId::Ecs));
        assert_eq!(UseForm::default().chosen(&subject), Ok(RecipeId::AwsCli));
    }

    #[rstest]
    #[case::unknown("for=teapot", "for", "There is no such recipe")]
    #[case::only_for_secrets("for=java", "for", "reads secrets only")]
    #[case::stage_of_a_parameter("stage=AWSPREVIOUS", "stage", "A parameter has no stages")]
    #[case::no_role("role=arn:aws:iam::111122223333:user/app", "role", "the ARN of a role")]
    #[case::expression("role=arn:aws:iam::111122223333:role/${{x}}", "role", "the ARN of a role")]
    #[case::substitution("role=arn:aws:iam::111122223333:role/$(id)", "role", "the ARN of a role")]
    #[case::comment("role=arn:aws:iam::111122223333:role/a%23b", "role", "the ARN of a role")]
    #[case::account("role=arn:aws:iam::1111:role/app", "role", "the ARN of a role")]
    #[case::region("role=arn:aws:iam:us-east-1:111122223333:role/app", "role", "the ARN of a role")]
    #[case::partition(
        "role=arn:aws-cn:iam::111122223333:role/app",
        "role",
        "of the partition aws-cn"
    )]
    #[case::no_name("role=arn:aws:iam::111122223333:role/a/", "role", "the ARN of a role")]
    #[case::control("key=a%0Ab", "key", "without control characters")]
    fn what_is_wrong_names_its_field(#[case] query: &str, #[case] field: &str, #[case] said: &str) {
        let form = UseForm::from_url_query(query);
        let mut subject = samples::parameter();
        let mut faults = form.apply(&mut subject);
        faults.extend(form.chosen(&subject).err());
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(faults[0].field, field);
        assert!(faults[0].reason.contains(said), "{}", faults[0].reason);
        assert!(subject.json_key.is_none() && subject.stage.is_none() && subject.role.is_none());
    }

    #[test]
    fn what_is_too_long_names_its_field() {
        let role = |path: String| format!("role=arn:aws:iam::111122223333:role/{path}");
        for (query, field) in [
            (format!("key={}", "k".repeat(5_000)), "key"),
            (format!("stage={}", "s".repeat(257)), "stage"),
            (role("a".repeat(65)), "role"),
            (role(format!("{}/a", "p".repeat(511))), "role"),
        ] {
            let mut subject = samples::secret();
            let faults = UseForm::from_url_query(&query).apply(&mut subject);
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].field, field);
            assert_eq!(subject, samples::secret());
        }
    }
}
