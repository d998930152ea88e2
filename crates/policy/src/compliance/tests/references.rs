//! The reference of rules names the kinds of resources that the rules evaluate.

use super::*;

#[test]
fn the_reference_names_the_kinds_that_a_rule_evaluates() {
    for rule in RULES {
        let policy = rule.example_policy().unwrap();
        let evaluates = |case: &Case, other: &str| {
            let outcome = outcome_at(&policy, case, NOW).unwrap();
            !(outcome.verdict == NotApplicable && outcome.says == other)
        };
        let found = (
            evaluates(&case(), "It is about parameters."),
            evaluates(
                &parameter("/payments/a", ParameterType::SecureString, |_| ()),
                "It is about secrets of Secrets Manager.",
            ),
        );
        let named = match rule.applies_to {
            AppliesTo::Secrets => (true, false),
            AppliesTo::Parameters => (false, true),
            AppliesTo::Both => (true, true),
        };
        assert_eq!(found, named, "{}", rule.name);
    }
}

/// Policies find their rule in the catalog by this name.
#[test]
fn a_rule_has_the_name_of_its_reference() {
    for rule in RULES {
        assert_eq!(rule.example_policy().unwrap().rule.name(), rule.name);
    }
}

/// The page lists the rules that evaluate secrets which are pending deletion, and replicas.
#[test]
fn the_reference_names_the_rules_that_evaluate_secrets_pending_deletion() {
    let page = reference_page();
    let (_, exceptions) = page.split_once("not applicable either, except to ").unwrap();
    let (exceptions, _) = exceptions.split_once(".\n").unwrap();
    let pending = secret(|facts| facts.deleted_at = Some(ago(1)));
    for rule in RULES {
        let outcome = outcome_at(&rule.example_policy().unwrap(), &pending, NOW).unwrap();
        let is_left_out = outcome.verdict == NotApplicable;
        let is_named = exceptions.contains(&format!("`{}`", rule.name));
        assert_eq!(is_left_out, !is_named, "{}", rule.name);
    }
}
