//! The reference of rules, as Markdown.

use super::catalog::RULES;
use std::fmt::Write;

/// The page `docs/rules.md`.
pub fn reference_page() -> String {
    let mut page = String::from(INTRODUCTION);
    for rule in RULES {
        let _ = write!(page, "\n## {}\n\n{}\n\n", rule.name, rule.checks);
        let severity = rule.baseline_severity().unwrap_or_else(|| "not in the baseline".to_owned());
        let fixes: Vec<String> = rule.fixes().iter().map(|fix| format!("`{fix}`")).collect();
        let fixes = if fixes.is_empty() { "none".to_owned() } else { fixes.join(", ") };
        let _ = writeln!(page, "- **Applies to:** {}", rule.applies_to.label());
        for one in rule.parameters {
            let default =
                one.default.map_or("required".to_owned(), |text| format!("default {text}"));
            let _ = writeln!(page, "- **Parameter** `{}`: {}; {default}", one.name, one.value);
        }
        let _ = writeln!(page, "- **Unknown:** {}", rule.unknown);
        let _ = writeln!(page, "- **Fixes that a plan can make:** {fixes}");
        let _ = writeln!(page, "- **Severity in the baseline:** {severity}");
        if let Some(source) = rule.source {
            let _ = writeln!(page, "- **AWS:** <{source}>");
        }
        let example = rule.example.replace('\n', "\n  ");
        let _ = write!(page, "\n```yaml\nrule:\n  {example}\n```\n");
    }
    page
}

const INTRODUCTION: &str = "\
# Rules

<!-- Written by `cargo run -p claviger-policy --example rules` from crates/policy/src/compliance/catalog.rs. -->

Every built-in rule of [policies](compliance.md). A rule fails only if the facts prove it. A missing fact makes the result unknown, which the score counts as not passed.

Rules about secrets are not applicable to parameters, and the reverse. Secrets that are pending deletion, and replicas, are not applicable either, except to `customer-managed-key`, `deletion-in-use`, `naming`, `owner`, `required-tags`, `tag-policy` and `tagged`.

## A policy file

A file has one or more YAML documents, separated by `---`; [the JSON schema](policy.schema.json) has every field.

| field | meaning | default |
|---|---|---|
| `id` | lower-case letters, digits and dashes; it never changes | required |
| `title` | what people read | required |
| `severity` | `critical`, `high`, `medium` or `low` | required |
| `mode` | `observe`, `notify` or `enforce` | `observe` |
| `due-days` | days within which a failure has to be fixed | 3, 14, 30 or 90, by severity |
| `scope.within` | conditions: all that are given must match, each by any entry of its list | everywhere |
| `….ous` | OUs with everything below them, by id or by path, such as `Workloads/Production` | |
| `….accounts` | account ids | |
| `….tags` | tag keys, all of which it must have, each with one of the listed values; an empty list matches any value | |
| `….kinds` | `secret`, `parameter` | |
| `….names` | the start of names | |
| `scope.except` | a list of the same conditions; what matches any entry of it is excluded | nothing |
| `rule` | one rule of this page, with its parameters | required |
| `fix.do` | the action by which a failure is fixed; `enforce` needs it | none |
| `fix.approval` | `required`, or `none`: then this fix starts without approval | `required` |

Exceptions are not part of the file: people request them for findings, and another person approves them. To leave resources out for good, use `scope.except`.
";
