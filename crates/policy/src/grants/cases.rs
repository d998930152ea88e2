//! A table of cases that tests an access policy before it is used: `claviger access test`.

use crate::{AccessKind, AccessPolicy, Asked, Subject};
use claviger_domain::{
    InvalidChoice,
    authz::{AccountLocation, Caller, Person, Role, Scope},
    facts::Kind,
    grants::Action,
    ids::{AccountId, Arn, InvalidId, OuId, Region},
};
use serde::Deserialize;
use std::collections::BTreeMap;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// One row of the table.
#[expect(
    clippy::unsafe_derive_deserialize,
    reason = "the unsafe is within a macro of the time library"
)]
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    person: CasePerson,
    /// `read`, `write`, `rotate` or `break-glass`.
    action: String,
    resource: CaseResource,
    #[serde(default = "half_an_hour")]
    minutes: u32,
    /// RFC 3339; without it a Tuesday at noon.
    at: Option<String>,
    #[serde(default)]
    purpose: String,
    ticket: Option<String>,
    /// Whether the policies permit it.
    permit: bool,
    /// The rule that must apply.
    rule: Option<String>,
}

fn half_an_hour() -> u32 {
    30
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CasePerson {
    subject: String,
    #[serde(default)]
    teams: Vec<String>,
    /// Roles over the resource's account.
    #[serde(default)]
    roles: Vec<Role>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseResource {
    account: AccountId,
    /// Paths of the OUs from the top down, such as `["Workloads", "Workloads/Production"]`.
    #[serde(default)]
    units: Vec<String>,
    name: String,
    #[serde(default = "a_secret")]
    kind: Kind,
    #[serde(default)]
    tags: BTreeMap<String, String>,
}

fn a_secret() -> Kind {
    Kind::Secret
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(default)]
    case: Vec<Case>,
}

/// A case whose result differs from the table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {error}")]
pub struct FailedCase {
    pub name: String,
    pub error: CaseError,
}

/// How a case differs, or why it cannot be run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    #[error(transparent)]
    Id(#[from] InvalidId),
    #[error("action: use {0}")]
    Action(#[from] InvalidChoice),
    #[error("at: {0}")]
    At(#[from] time::error::Parse),
    #[error("{} where {} is expected", decision(!.0), decision(*.0))]
    Decision(bool),
    #[error("decided by {} where {expected:?} is expected", found.as_ref().map_or("no rule".to_owned(), |rule| format!("{rule:?}")))]
    Rule { found: Option<String>, expected: String },
}

fn decision(permitted: bool) -> &'static str {
    if permitted { "permitted" } else { "refused" }
}

/// Reads a table.
pub fn read_cases(text: &str) -> Result<Vec<Case>, toml::de::Error> {
    toml::from_str::<CaseFile>(text).map(|file| file.case)
}

/// Runs every case against the policy, and returns those that differ.
pub fn run_cases(policy: &AccessPolicy, cases: &[Case]) -> Vec<FailedCase> {
    cases
        .iter()
        .filter_map(|case| {
            let error = case.run(policy).err()?;
            Some(FailedCase { name: case.name.clone(), error })
        })
        .collect()
}

impl Case {
    fn run(&self, policy: &AccessPolicy) -> Result<(), CaseError> {
        let region: Region = "us-east-1".parse()?;
        let account = &self.resource.account;
        let arn: Arn =
            format!("arn:aws:secretsmanager:{region}:{account}:secret:{}", self.resource.name)
                .parse()?;
        let units: Result<Vec<(OuId, String)>, InvalidId> = (0..)
            .zip(&self.resource.units)
            .map(|(n, path)| {
                let id = format!("ou-case-{n}").parse()?;
                Ok((id, path.clone()))
            })
            .collect();
        let location = AccountLocation {
            account: account.clone(),
            account_name: account.to_string(),
            units: units?,
        };
        let caller = Caller {
            person: Person {
                subject: self.person.subject.clone(),
                name: self.person.subject.clone(),
                email: None,
            },
            groups: self.person.teams.clone(),
            held: self
                .person
                .roles
                .iter()
                .map(|role| (*role, Scope::Accounts(vec![account.clone()])))
                .collect(),
        };
        let (access_kind, action) = match self.action.as_str() {
            "break-glass" => (AccessKind::BreakGlass, Action::Read),
            other => {
                let action: Action = other.parse()?;
                (AccessKind::Ordinary(action), action)
            }
        };
        let subject = Subject {
            arn: &arn,
            kind: self.resource.kind,
            name: &self.resource.name,
            region: &region,
            owner: self.resource.tags.get("owner").map(String::as_str),
            tags: Some(&self.resource.tags),
            location: &location,
        };
        let start = match &self.at {
            Some(at) => OffsetDateTime::parse(at, &Rfc3339)?,
            None => time::macros::datetime!(2026-11-24 12:00 UTC),
        };
        let asked = Asked {
            minutes: self.minutes,
            start,
            purpose: &self.purpose,
            ticket: self.ticket.as_deref(),
        };
        let permitted = policy.permits(&caller, access_kind, subject, asked);
        if permitted != self.permit {
            return Err(CaseError::Decision(self.permit));
        }
        let rule = policy.rule_for(action, subject).map(|rule| rule.name.as_str());
        match &self.rule {
            Some(expected) if rule != Some(expected.as_str()) => {
                let found = rule.map(str::to_owned);
                Err(CaseError::Rule { found, expected: expected.clone() })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CEDAR: &str = r#"
        permit(principal in Claviger::Team::"payments", action == Claviger::Action::"read", resource in Claviger::Ou::"Workloads")
        when { resource.hasTag("owner") && resource.getTag("owner") == "payments" && context.minutes <= 60 };
        forbid(principal, action, resource) when { context.hour < 6 };
        permit(principal in Claviger::Role::"security-admin", action == Claviger::Action::"breakGlass", resource);
    "#;

    fn check(cases: &str) -> Vec<String> {
        let policy = AccessPolicy::read(CEDAR, "").unwrap();
        run_cases(&policy, &read_cases(cases).unwrap()).into_iter().map(|f| f.to_string()).collect()
    }

    fn case(change: &str) -> String {
        let base = r#"
            [[case]]
            name = "c"
            person = { subject = "ben", teams = ["payments"] }
            action = "read"
            resource = { account = "441205839201", units = ["Workloads", "Workloads/Production"], name = "a", tags = { owner = "payments" } }
            permit = true
        "#;
        match change.split_once(" -> ") {
            Some((from, to)) => base.replace(from, to),
            None => format!("{base}\n{change}"),
        }
    }

    #[test]
    fn a_descendant_of_the_unit_is_covered() {
        assert!(check(&case("")).is_empty());
    }

    #[test]
    fn deny_is_the_default() {
        for change in [
            r#"["payments"] -> ["growth"]"#,
            r#"["payments"] -> []"#,
            r#"owner = "payments" -> owner = "growth""#,
            r#"tags = { owner = "payments" } -> tags = {}"#,
            r#"["Workloads", "Workloads/Production"] -> ["Sandbox"]"#,
            r#"action = "read" -> action = "write""#,
            r#"action = "read" -> action = "break-glass""#,
            "minutes = 61",
            r#"at = "2026-11-24T05:59:00Z""#,
        ] {
            assert_eq!(check(&case(change)).len(), 1, "{change}");
        }
    }

    #[test]
    fn breaking_the_glass_is_permitted_by_name_alone() {
        let admin = case(r#"teams = ["payments"] } -> roles = ["security-admin"] }"#);
        let admin = admin.replace(r#"action = "read""#, r#"action = "break-glass""#);
        assert!(check(&admin).is_empty());
    }

    #[test]
    fn an_expected_rule_must_be_the_one() {
        assert!(check(&case(r#"rule = "Production""#))[0].contains("no rule"));
    }

    #[test]
    fn an_error_in_a_policy_is_a_no() {
        let cedar = r"
            permit(principal, action, resource);
            forbid(principal, action, resource) when { context.minutes * 9223372036854775807 > 1 };
        ";
        let policy = AccessPolicy::read(cedar, "").unwrap();
        let cases = read_cases(&case("")).unwrap();
        assert_eq!(run_cases(&policy, &cases).len(), 1);
    }
}
