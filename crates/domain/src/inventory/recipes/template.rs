//! Recipes' texts, with the facts of a resource in place of markers.
//!
//! `<<NAME>>` is replaced by a value. A line that begins with `?a,!b? ` stays, without this beginning, if the flag `a` is set
//! and `b` is not.

/// What a text is filled with.
#[derive(Debug, Default)]
pub(super) struct Facts {
    flags: Vec<(&'static str, bool)>,
    values: Vec<(&'static str, String)>,
}

impl Facts {
    pub(super) fn flag(mut self, name: &'static str, is_set: bool) -> Self {
        self.flags.push((name, is_set));
        self
    }

    pub(super) fn value(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// Whether a condition such as `a,!b` is met. A flag that nobody knows is not set.
    fn meets(&self, conditions: &str) -> bool {
        conditions.split(',').all(|condition| {
            let (name, wanted) = match condition.strip_prefix('!') {
                Some(name) => (name, false),
                None => (condition, true),
            };
            self.flags.iter().any(|(own, set)| *own == name && *set) == wanted
        })
    }

    /// The text. Lines of a value after its first have the indentation of the line that the marker is in.
    pub(super) fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        for line in text.lines() {
            let line = match line.strip_prefix('?').and_then(|rest| rest.split_once("? ")) {
                Some((conditions, _)) if !self.meets(conditions) => continue,
                Some((_, kept)) => kept,
                None => line,
            };
            filled.push_str(&self.line(line));
            filled.push('\n');
        }
        filled
    }

    fn line(&self, line: &str) -> String {
        let indent = &line[..line.len() - line.trim_start().len()];
        let (mut filled, mut rest) = (String::new(), line);
        while let Some((before, after)) = rest.split_once("<<") {
            let Some((name, behind)) = after.split_once(">>") else { break };
            filled.push_str(before);
            if let Some((_, value)) = self.values.iter().find(|(own, _)| *own == name) {
                filled.push_str(&value.replace('\n', &format!("\n{indent}")));
            } else {
                // Left as it is, so that a test finds it.
                filled.push_str("<<");
                filled.push_str(name);
                filled.push_str(">>");
            }
            rest = behind;
        }
        filled.push_str(rest);
        filled
    }
}

/// In double quotes, for JSON, YAML, TOML, and the languages whose texts are written like those of JSON. Control characters
/// are refused before.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_depend_on_flags_and_values_keep_the_indentation() {
        let facts = Facts::default()
            .flag("key", true)
            .flag("stage", false)
            .value("ARN", "arn:a")
            .value("LINES", "one\ntwo");
        let text = "?key? a <<ARN>>\n?stage? b\n?key,!stage?   <<LINES>>\nwhat? no\n";
        assert_eq!(facts.fill(text), "a arn:a\n  one\n  two\nwhat? no\n");
        assert_eq!(facts.fill("<<OTHER>> << 1\n"), "<<OTHER>> << 1\n");
    }

    #[test]
    fn a_text_stays_a_text() {
        assert_eq!(quoted("a\"b\\"), r#""a\"b\\""#);
    }
}
