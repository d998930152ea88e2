//! The access policy: Cedar policies that decide who may request access, and rules that decide who approves.

use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};
use claviger_domain::{
    authz::scope_check::{ScopeReference, ScopeTarget},
    creation::{CreationRule, ShapeApproval},
    grants::ApprovalRule,
};
use regex::Regex;
use serde::Deserialize;
use std::collections::BTreeSet;

/// An invalid policy; the text has the position and the reason.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFault {
    #[error("the Cedar policies cannot be read: {0}")]
    Cedar(String),
    #[error("the Cedar policies do not fit the schema: {0}")]
    Schema(String),
    #[error("the approval rules cannot be read: {0}")]
    Rules(String),
    #[error("rule {name:?}: {what}")]
    ApprovalRule { name: String, what: String },
}

/// The file with the rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    /// How a value of the owner tag maps to the name of a team: `{owner}` stands for the value.
    #[serde(default = "the_same")]
    owner_team: String,
    #[serde(default)]
    rule: Vec<ApprovalRule>,
    #[serde(default)]
    creation: Vec<CreationRule>,
}

fn the_same() -> String {
    "{owner}".into()
}

/// The complete access policy.
pub struct AccessPolicy {
    pub(crate) schema: Schema,
    pub(crate) policies: PolicySet,
    rules: Vec<ApprovalRule>,
    creation_rules: Vec<CreationRule>,
    owner_team: String,
}

impl std::fmt::Debug for AccessPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessPolicy").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

/// The longest access window that a rule can allow.
const MAX_MINUTES: u32 = 7 * 24 * 60;

impl AccessPolicy {
    /// Nobody may request anything.
    pub fn empty() -> Result<Self, PolicyFault> {
        Self::read("", "")
    }

    /// Parses and validates the two texts: Cedar, and TOML.
    pub fn read(cedar: &str, rules: &str) -> Result<Self, PolicyFault> {
        let schema = Schema::from_cedarschema_str(crate::SCHEMA)
            .map_err(|error| PolicyFault::Schema(error.to_string()))?
            .0;
        let policies: PolicySet = cedar.parse().map_err(|error: cedar_policy::ParseErrors| {
            let each: Vec<String> = error.iter().map(|e| placed(cedar, e)).collect();
            PolicyFault::Cedar(each.join("; "))
        })?;
        let validated = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        if !validated.validation_passed() {
            let each: Vec<String> =
                validated.validation_errors().map(|e| placed(cedar, e)).collect();
            return Err(PolicyFault::Schema(each.join("; ")));
        }
        let file: RuleFile =
            toml::from_str(rules).map_err(|error| PolicyFault::Rules(error.to_string()))?;
        validate(&file.rule)?;
        validate_creation(&file.creation)?;
        Ok(Self {
            schema,
            policies,
            rules: file.rule,
            creation_rules: file.creation,
            owner_team: file.owner_team,
        })
    }

    pub fn rules(&self) -> &[ApprovalRule] {
        &self.rules
    }

    /// The rules about new secrets and parameters.
    pub fn creation_rules(&self) -> &[CreationRule] {
        &self.creation_rules
    }

    /// The OUs and accounts that the rules and the Cedar policies name, each with its source.
    pub fn scope_references(&self) -> Vec<ScopeReference> {
        let mut found = Vec::new();
        for rule in &self.rules {
            found.extend(rule.scope.references(&format!("the approval rule {}", rule.name)));
        }
        for rule in &self.creation_rules {
            found.extend(rule.scope.references(&format!("the creation rule {}", rule.name)));
        }
        for policy in self.policies.policies() {
            let source = format!("the Cedar policy {}", policy.id());
            for literal in policy.entity_literals() {
                let id: &str = literal.id().unescaped();
                let target = match literal.type_name().basename() {
                    "Ou" => Some(ScopeTarget::Ou(id.to_owned())),
                    "Account" => id.parse().ok().map(ScopeTarget::Account),
                    _ => None,
                };
                found
                    .extend(target.map(|target| ScopeReference { source: source.clone(), target }));
            }
        }
        found
    }

    /// The team of an owner tag's value.
    pub fn team_of(&self, owner: &str) -> String {
        self.owner_team.replace("{owner}", owner)
    }

    /// The owner tag's value whose team this is; `None` if no owner has such a team.
    pub fn owner_of_team(&self, team: &str) -> Option<String> {
        let (before, after) = self.owner_team.split_once("{owner}")?;
        let owner = team.strip_prefix(before)?.strip_suffix(after)?;
        (!owner.is_empty() && self.team_of(owner) == team).then(|| owner.to_owned())
    }

    /// Whether a ticket matches the rule. The whole ticket has to match.
    pub fn ticket_fits(rule: &ApprovalRule, ticket: Option<&str>) -> bool {
        match (&rule.ticket, ticket) {
            (None, _) => true,
            (Some(pattern), Some(ticket)) => {
                whole(pattern).is_ok_and(|pattern| pattern.is_match(ticket))
            }
            (Some(_), None) => false,
        }
    }
}

fn whole(pattern: &str) -> Result<Regex, regex::Error> {
    Regex::new(&format!("^(?:{pattern})$"))
}

/// An error with its line.
fn placed(text: &str, error: &(impl miette::Diagnostic + ?Sized)) -> String {
    let at = error.labels().and_then(|mut labels| labels.next()).map(|label| {
        let before = text.get(..label.offset()).unwrap_or_default();
        format!("line {}: ", before.matches('\n').count() + 1)
    });
    format!("{}{error}", at.unwrap_or_default())
}

fn validate(rules: &[ApprovalRule]) -> Result<(), PolicyFault> {
    let mut names = BTreeSet::new();
    for rule in rules {
        let wrong = |what: &str| {
            Err(PolicyFault::ApprovalRule { name: rule.name.clone(), what: what.to_owned() })
        };
        if rule.name.trim().is_empty() || !names.insert(&rule.name) {
            return wrong("a rule needs a name of its own");
        }
        if rule.actions.is_empty() || rule.kinds.is_empty() {
            return wrong("without actions or kinds it applies to nothing");
        }
        if rule.steps.is_empty() {
            return wrong("it needs at least one step: without one nobody could approve");
        }
        for step in &rule.steps {
            if step.quorum == 0 {
                return wrong("a quorum of zero would let everything through: use at least 1");
            }
            if step.approvers.is_empty() {
                return wrong("a step without approvers can never be met");
            }
        }
        if rule.longest_minutes == 0 || rule.longest_minutes > MAX_MINUTES {
            return wrong("longest_minutes is to be between 1 and 10,080");
        }
        if rule.claim_minutes == 0 || rule.decide_minutes == 0 {
            return wrong("claim_minutes and decide_minutes are to be at least 1");
        }
        let windows = [
            rule.auto_approve.as_ref().map(|auto| auto.longest_minutes),
            rule.break_glass.as_ref().map(|glass| glass.longest_minutes),
        ];
        if windows.into_iter().flatten().any(|m| m == 0 || m > rule.longest_minutes) {
            return wrong(
                "auto_approve and break_glass are to be between 1 minute and longest_minutes",
            );
        }
        if let Some(Err(error)) = rule.ticket.as_deref().map(whole) {
            return wrong(&format!("its ticket is not a pattern: {error}"));
        }
    }
    Ok(())
}

fn validate_creation(rules: &[CreationRule]) -> Result<(), PolicyFault> {
    let mut names = BTreeSet::new();
    for rule in rules {
        let wrong = |what: &str| {
            Err(PolicyFault::ApprovalRule { name: rule.name.clone(), what: what.to_owned() })
        };
        if rule.name.trim().is_empty() || !names.insert(&rule.name) {
            return wrong("a creation rule needs a name of its own");
        }
        if rule.kinds.is_empty() {
            return wrong("without kinds it applies to nothing");
        }
        if rule.approval == ShapeApproval::By(Vec::new()) {
            return wrong(
                "without approvers nobody could approve: name some, or approval = \"none\"",
            );
        }
        let minutes = 1..=MAX_MINUTES;
        if !minutes.contains(&rule.decide_minutes) || !minutes.contains(&rule.value_minutes) {
            return wrong("decide_minutes and value_minutes are to be between 1 and 10,080");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const RULE: &str = r#"
        [[rule]]
        name = "Production"
        scope = { ou = "Workloads/Production" }
        actions = ["read"]
        longest_minutes = 60
        claim_minutes = 60
        decide_minutes = 60
        ticket = "PAY-[0-9]+"
        steps = [{ name = "Owner", quorum = 1, approvers = ["owner", { team = "security" }] }]
    "#;

    #[test]
    fn a_rule_is_read() {
        let policy = AccessPolicy::read("", RULE).unwrap();
        let rule = &policy.rules()[0];
        assert_eq!(rule.words(), "1 of the owner team or team security");
        assert!(AccessPolicy::ticket_fits(rule, Some("PAY-12")));
        for bad in [None, Some(""), Some("XPAY-12"), Some("PAY-12 or so")] {
            assert!(!AccessPolicy::ticket_fits(rule, bad), "{bad:?}");
        }
    }

    #[rstest]
    #[case("quorum = 1", "quorum = 0", "quorum of zero")]
    #[case(r#"["owner", { team = "security" }]"#, "[]", "can never be met")]
    #[case(r#"["read"]"#, "[]", "applies to nothing")]
    #[case(r#"["read"]"#, r#"["peek"]"#, "peek")]
    #[case("longest_minutes = 60", "longest_minutes = 0", "longest_minutes")]
    #[case("PAY-[0-9]+", "PAY-[", "not a pattern")]
    #[case("ticket =", "tickets =", "unknown field")]
    #[case(
        "decide_minutes = 60",
        "decide_minutes = 60\nbreak_glass = { longest_minutes = 61 }",
        "break_glass"
    )]
    fn what_is_wrong_is_said(#[case] from: &str, #[case] to: &str, #[case] says: &str) {
        let fault = AccessPolicy::read("", &RULE.replace(from, to)).unwrap_err().to_string();
        assert!(fault.contains(says), "{fault}");
    }

    const CREATION: &str = r#"
        [[creation]]
        name = "Production"
        scope = { ou = "Workloads/Production" }
        approval = { by = ["owner", { role = "security-admin" }] }
    "#;

    #[test]
    fn a_rule_about_new_secrets_is_read() {
        let policy = AccessPolicy::read("", CREATION).unwrap();
        let rule = &policy.creation_rules()[0];
        assert!(rule.needs_approval());
        assert_eq!((rule.decide_minutes, rule.value_minutes), (1440, 1440));
        let free =
            CREATION.replace(r#"{ by = ["owner", { role = "security-admin" }] }"#, "\"none\"");
        assert!(!AccessPolicy::read("", &free).unwrap().creation_rules()[0].needs_approval());
    }

    #[rstest]
    #[case(r#"["owner", { role = "security-admin" }]"#, "[]", "nobody could approve")]
    #[case("Production\"", "\"", "a name of its own")]
    #[case("approval = {", "approvals = {", "unknown field")]
    #[case("[[creation]]", "[[creation]]\nkinds = []", "applies to nothing")]
    #[case("[[creation]]", "[[creation]]\nvalue_minutes = 0", "value_minutes")]
    fn what_is_wrong_about_it_is_said(#[case] from: &str, #[case] to: &str, #[case] says: &str) {
        let fault =
            AccessPolicy::read("", &CREATION.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(fault.contains(says), "{fault}");
    }

    #[rstest]
    #[case("{owner}-engineers", "payments-engineers", Some("payments"))]
    #[case("{owner}-engineers", "approvers", None)]
    #[case("{owner}-engineers", "-engineers", None)]
    #[case("{owner}", "payments", Some("payments"))]
    #[case("engineers", "engineers", None)]
    fn a_team_has_an_owner(
        #[case] template: &str,
        #[case] team: &str,
        #[case] expected: Option<&str>,
    ) {
        let policy = AccessPolicy::read("", &format!("owner_team = {template:?}")).unwrap();
        assert_eq!(policy.owner_of_team(team).as_deref(), expected);
    }

    #[rstest]
    #[case("permit(principal, action == Claviger::Action::\"peek\", resource);", "peek")]
    #[case("permit(principal in Claviger::Squad::\"a\", action, resource);", "Squad")]
    #[case("permit(principal, action, resource) when { resource.colour == \"red\" };", "colour")]
    #[case("\n\npermit(principal, action, resource)", "line 3")]
    fn unknown_entities_and_words_are_refused(#[case] cedar: &str, #[case] says: &str) {
        let fault = AccessPolicy::read(cedar, "").unwrap_err().to_string();
        assert!(fault.contains(says), "{fault}");
    }
}
