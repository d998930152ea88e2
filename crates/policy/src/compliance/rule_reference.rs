//! What people need to know about a built-in rule, as plain data for pages.

use super::{PACKS, Policy, read_policies};
use crate::remediation::actions_for;

/// A built-in rule, for people.
#[derive(Debug, Clone, Copy)]
pub struct RuleReference {
    /// Its name in policy files.
    pub name: &'static str,
    /// What passes, in a sentence.
    pub checks: &'static str,
    pub applies_to: AppliesTo,
    pub parameters: &'static [ParameterReference],
    /// When the result is unknown.
    pub unknown: &'static str,
    /// The rule in a policy file, in YAML, without indentation.
    pub example: &'static str,
    /// AWS's documentation, if AWS decides what is right.
    pub source: Option<&'static str>,
}

/// The kinds of resources that a rule evaluates; others are not applicable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppliesTo {
    Secrets,
    Parameters,
    Both,
}

impl AppliesTo {
    pub fn label(self) -> &'static str {
        match self {
            Self::Secrets => "secrets",
            Self::Parameters => "parameters",
            Self::Both => "secrets and parameters",
        }
    }
}

/// A parameter of a rule.
#[derive(Debug, Clone, Copy)]
pub struct ParameterReference {
    pub name: &'static str,
    /// Its type, with the unit and limits.
    pub value: &'static str,
    /// `None` if it is required.
    pub default: Option<&'static str>,
}

impl RuleReference {
    /// The example as a policy; `None` if it cannot be read, which a test excludes.
    pub fn example_policy(&self) -> Option<Policy> {
        let rule = self.example.replace('\n', "\n  ");
        let text = format!("id: example\ntitle: Example\nseverity: low\nrule:\n  {rule}\n");
        read_policies(&text).ok()?.into_iter().next()
    }

    /// Its severity in the baseline; `None` if the baseline does not have it.
    pub fn baseline_severity(&self) -> Option<String> {
        let (_, baseline) = PACKS.iter().find(|(name, _)| *name == "baseline")?;
        let start = format!("\nrule:\n  {}:", self.name);
        let document = baseline.split("\n---\n").find(|document| document.contains(&start))?;
        document.lines().find_map(|line| line.strip_prefix("severity: ")).map(str::to_owned)
    }

    /// The names of the actions by which a plan can fix a failure.
    pub fn fixes(&self) -> Vec<&'static str> {
        let policy = self.example_policy();
        policy.iter().flat_map(|policy| actions_for(&policy.rule)).map(|one| one.word()).collect()
    }
}
