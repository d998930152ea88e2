//! The conditions of a statement on the claims of a token, and which of them hold a caller to a value.

use super::issuer::Profile;
use crate::exposure::{Base, Condition as Written, Document, Operator, Principals, Set, Statement};
use claviger_domain::pipelines::{TrustFinding, TrustSeverity};

pub(super) const ASSUME: &str = "sts:AssumeRoleWithWebIdentity";

/// A condition on a claim.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// Such as `sub`, in lower case.
    pub(super) name: String,
    pub(super) written: Written,
    operator: Option<Operator>,
}

/// What the conditions of a statement say.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Those that hold the caller to one of their values.
    pub(super) binding: Vec<Claim>,
    /// Conditions on other keys than the token's, such as `aws:SourceIp`.
    pub(super) foreign: Vec<String>,
    pub(super) findings: Vec<TrustFinding>,
    /// Why nobody gets in.
    pub(super) never: Option<String>,
    /// Why it is not known who gets in.
    pub(super) unknown: Option<String>,
    /// The same, where another claim may say it.
    pub(super) unsure: Option<String>,
}

impl Claim {
    /// Whether wildcards in its values are plain characters.
    pub(super) fn is_literal(&self) -> bool {
        !matches!(self.operator, Some(Operator { base: Base::Like | Base::Arn, .. }))
    }
}

fn finding(severity: TrustSeverity, text: impl Into<String>) -> TrustFinding {
    TrustFinding { severity, text: text.into() }
}

/// The name of a claim, if a key is one of this issuer's.
pub(super) fn claim_of(key: &str, url: &str) -> Option<String> {
    let (key, url) = (key.to_ascii_lowercase(), url.to_ascii_lowercase());
    key.strip_prefix(&url)?.strip_prefix(':').map(ToOwned::to_owned)
}

impl Claims {
    /// Of an Allow for this issuer, with the Denies of the document that hold it to values as a condition would.
    pub(super) fn read(
        statement: &Statement,
        document: &Document,
        provider: &str,
        profile: &Profile,
    ) -> Self {
        let mut all = Self::default();
        let url = &profile.issuer.url;
        let guarded: Vec<String> = statement
            .conditions
            .iter()
            .filter(|one| one.operator == "Null" && is_false(&one.values))
            .filter_map(|one| claim_of(&one.key, url))
            .collect();
        for one in &statement.conditions {
            all.take(one, url, &guarded, profile, document.has_variables);
        }
        for deny in document.statements.iter().filter(|one| !one.allows) {
            all.deny(deny, provider, profile, document.has_variables);
        }
        all
    }

    fn take(
        &mut self,
        one: &Written,
        url: &str,
        guarded: &[String],
        profile: &Profile,
        has_variables: bool,
    ) {
        let Some(name) = claim_of(&one.key, url) else {
            self.foreign.push(one.to_string());
            return;
        };
        let Some(operator) = Operator::read(&one.operator) else {
            self.unknown = Some(format!("IAM does not know the operator {}", one.operator));
            return;
        };
        if operator.base == Base::Null {
            if !is_false(&one.values) && matches!(name.as_str(), "sub" | "aud") {
                self.never = Some(format!("every token has the claim {name}"));
            }
            return;
        }
        if !matches!(operator.base, Base::Text { .. } | Base::Like | Base::Arn) {
            self.unknown = Some(format!("{} on {} is not evaluated", one.operator, one.key));
            return;
        }
        if has_variables && one.values.iter().any(|value| has_variable(value)) {
            self.unknown = Some(format!(
                "{} has a policy variable, whose value only the request decides",
                one.key
            ));
            return;
        }
        if operator.is_negated {
            self.findings.push(finding(
                TrustSeverity::Low,
                format!(
                    "{} on {} only excludes values: whatever is not listed passes.",
                    one.operator, one.key
                ),
            ));
            return;
        }
        let passes_without = operator.set == Set::ForAll || operator.if_exists;
        if passes_without && !guarded.contains(&name) {
            let is_always_there = matches!(name.as_str(), "sub" | "aud");
            let (severity, end) = if is_always_there {
                (TrustSeverity::Medium, "Use a plain StringEquals or StringLike.")
            } else {
                (TrustSeverity::Medium, "It does not restrict who gets in.")
            };
            self.findings.push(finding(
                severity,
                format!(
                    "{} on {} also passes when the token lacks the claim, and there is no Null check. {end}",
                    one.operator, one.key
                ),
            ));
            if !is_always_there {
                return;
            }
        }
        if !profile.knows(&name) {
            self.unsure = Some(format!(
                "it is not known whether STS passes on the claim {name} of this issuer"
            ));
            return;
        }
        self.binding.push(Claim { name, written: one.clone(), operator: Some(operator) });
    }

    /// A Deny of everything but some values holds an Allow to these values.
    fn deny(&mut self, deny: &Statement, provider: &str, profile: &Profile, has_variables: bool) {
        if !deny.covers_action(ASSUME) || !may_name(&deny.principals, provider) {
            return;
        }
        let url = &profile.issuer.url;
        let is_for_all = matches!(&deny.principals, Principals::Any)
            || matches!(&deny.principals, Principals::Only(_));
        if let [one] = deny.conditions.as_slice()
            && is_for_all
            && let Some(name) = claim_of(&one.key, url)
            && let Some(operator) = Operator::read(&one.operator)
            && operator.is_negated
            && operator.set == Set::One
            && profile.knows(&name)
            && !(has_variables && one.values.iter().any(|value| has_variable(value)))
        {
            self.findings.push(finding(
                TrustSeverity::NoFinding,
                format!("A Deny refuses every other {name} than {}.", one.values.join(", ")),
            ));
            let operator = Operator { is_negated: false, if_exists: false, ..operator };
            self.binding.push(Claim { name, written: one.clone(), operator: Some(operator) });
            return;
        }
        if deny.conditions.is_empty() && is_for_all {
            self.never = Some("a Deny without conditions refuses everyone".to_owned());
            return;
        }
        let conditions: Vec<String> = deny.conditions.iter().map(ToString::to_string).collect();
        self.findings.push(finding(
            TrustSeverity::NoFinding,
            format!(
                "A Deny limits it as well, and is not counted as a limit here: {}.",
                conditions.join("; ")
            ),
        ));
    }

    pub(super) fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Claim> {
        self.binding.iter().filter(move |one| one.name == name)
    }

    /// The values of a claim without wildcards, if it is held to such alone.
    pub(super) fn fixed<'a>(&'a self, name: &str) -> Option<Vec<&'a str>> {
        let exact = self.binding.iter().filter(|one| one.name == name).find(|one| {
            one.is_literal() || !one.written.values.iter().any(|value| value.contains(['*', '?']))
        })?;
        Some(exact.written.values.iter().map(String::as_str).collect())
    }
}

fn is_false(values: &[String]) -> bool {
    values.iter().all(|value| value.eq_ignore_ascii_case("false"))
}

fn has_variable(text: &str) -> bool {
    text.contains("${")
}

/// Whether a statement may be about callers of this provider.
fn may_name(principals: &Principals, provider: &str) -> bool {
    match principals {
        Principals::Any | Principals::Except(_) => true,
        Principals::Only(all) => all.iter().any(|one| match one {
            crate::exposure::Principal::Federated(arn) => arn == provider,
            crate::exposure::Principal::Everyone => true,
            _ => false,
        }),
    }
}
