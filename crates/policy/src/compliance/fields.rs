//! The fields of a policy's form, written into its text: everything else of the text stays as it is.

use claviger_domain::compliance::{Mode, Severity};

/// The fields that a form has beside the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyFields {
    pub title: String,
    pub severity: Severity,
    pub mode: Mode,
    /// `None` for the severity's own.
    pub due_days: Option<u32>,
}

impl PolicyFields {
    /// The text of one policy with these fields. A field that is missing there follows the one before it.
    pub fn write_into(&self, document: &str) -> String {
        let mut lines: Vec<String> = document.lines().map(str::to_owned).collect();
        let mode = (self.mode != Mode::Observe || position(&lines, "mode").is_some())
            .then(|| self.mode.to_string());
        let fields = [
            ("title", Some(scalar(&self.title))),
            ("severity", Some(self.severity.to_string())),
            ("mode", mode),
            ("due-days", self.due_days.map(|days| days.to_string())),
        ];
        let mut after = position(&lines, "id").map_or(0, |at| at + 1);
        for (key, value) in fields {
            let found = position(&lines, key);
            if let Some(at) = found {
                // A value over several lines goes as a whole.
                let continued =
                    lines[at + 1..].iter().take_while(|line| line.starts_with([' ', '\t']));
                let end = at + 1 + continued.count();
                lines.drain(at..end);
            }
            if let Some(value) = value {
                let at = found.unwrap_or(after).min(lines.len());
                lines.insert(at, format!("{key}: {value}"));
                after = at + 1;
            }
        }
        let mut text = lines.join("\n");
        text.push('\n');
        text
    }
}

/// The line of a field of the policy itself, not of its rule or scope.
fn position(lines: &[String], key: &str) -> Option<usize> {
    lines.iter().position(|line| line.strip_prefix(key).is_some_and(|rest| rest.starts_with(':')))
}

/// In quotes where YAML would read it as something else.
fn scalar(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || " -.,/()".contains(c);
    let is_plain = text.contains(' ')
        && text.starts_with(char::is_alphabetic)
        && text.chars().all(is_word)
        && !text.ends_with(' ');
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::read_policies;
    use proptest::prelude::*;

    const TEXT: &str = "id: owner\n# Who answers for it.\ntitle: Owners\nseverity: low\nrule:\n  required-tags:\n    tags:\n      mode: [a]\n";

    fn fields(title: &str) -> PolicyFields {
        PolicyFields {
            title: title.into(),
            severity: Severity::High,
            mode: Mode::Notify,
            due_days: Some(7),
        }
    }

    #[test]
    fn fields_are_written_and_the_rest_stays() {
        let text = fields("Secrets must have an owner").write_into(TEXT);
        assert_eq!(
            text,
            "id: owner\n# Who answers for it.\ntitle: Secrets must have an owner\nseverity: high\nmode: notify\ndue-days: 7\nrule:\n  required-tags:\n    tags:\n      mode: [a]\n"
        );
        let without = PolicyFields { mode: Mode::Observe, due_days: None, ..fields("A title") };
        let text = without.write_into(&text);
        assert!(text.contains("mode: observe\n") && !text.contains("due-days"), "{text}");
        let folded = TEXT.replace("title: Owners", "title: >-\n  Owners\n  of secrets");
        assert!(!fields("New title").write_into(&folded).contains("of secrets"));
    }

    proptest! {
        #[test]
        fn any_title_is_read_as_it_was_written(title in "[^\\p{C}]{1,40}") {
            let text = fields(&title).write_into(TEXT);
            if let Ok(policies) = read_policies(&text) {
                prop_assert_eq!(&policies[0].title, &title);
                prop_assert_eq!(policies[0].due_days, Some(7));
            } else {
                // What may not be a title is refused when the policy is read.
                prop_assert!(title.trim().is_empty() || title.trim() != title, "{}", text);
            }
        }
    }
}
