//! The conditions of a role: on which statement each belongs, what it restricts, and its traps.

use super::kind_of;
use crate::permissions::statement::one_or_many;
use claviger_domain::consumers::{Consumer, ConsumerKind, RoleConditions, RoleRequest};
use serde_json::{Map, Value, json};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

/// The conditions of one statement.
#[derive(Debug, Default)]
pub(super) struct Conditions(Map<String, Value>);

impl Conditions {
    pub(super) fn add(&mut self, operator: &str, key: &str, value: impl Into<Value>) {
        self.0.entry(operator).or_insert_with(|| json!({}))[key] = value.into();
    }

    pub(super) fn all_of(&mut self, operator: &str, key: &str, values: &[String]) {
        if !values.is_empty() {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            self.add(operator, key, one_or_many(&values));
        }
    }

    /// Puts them into a statement, if there are any.
    pub(super) fn into_statement(self, mut statement: Value) -> Value {
        if !self.0.is_empty() {
            statement["Condition"] = Value::Object(self.0);
        }
        statement
    }
}

pub(super) fn instant(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// When the role reads, such as `only from 2026-12-01 until the end of 2027-01-31 (UTC)`; `None` if that is from now on without an
/// end.
pub fn dates_in_words(wanted: &RoleConditions, now: OffsetDateTime) -> Option<String> {
    let from = wanted.from.filter(|from| now < *from).map(|from| format!(" from {}", from.date()));
    // The end is exclusive.
    let until = wanted
        .until
        .map(|until| format!(" until the end of {}", (until - Duration::seconds(1)).date()));
    if from.is_none() && until.is_none() {
        return None;
    }
    Some(format!("only{}{} (UTC)", from.unwrap_or_default(), until.unwrap_or_default()))
}

/// Those of the caller and of the time: on every statement of the permission policy.
///
/// A role that another account assumes is of its own account whatever it does: there the Organization and the OUs belong into
/// the trust policy.
pub(super) fn of_callers(request: &RoleRequest) -> Conditions {
    let mut found = Conditions::default();
    let wanted = &request.conditions;
    if kind_of(request) != ConsumerKind::Account {
        of_organization(request, &mut found);
    }
    if let Some((key, value)) = &wanted.principal_tag {
        found.add("StringEquals", &format!("aws:PrincipalTag/{key}"), value.as_str());
    }
    if let Some(from) = wanted.from {
        found.add("DateGreaterThanEquals", "aws:CurrentTime", instant(from));
    }
    if let Some(until) = wanted.until {
        found.add("DateLessThan", "aws:CurrentTime", instant(until));
    }
    found
}

/// The Organization and the OUs of the principal.
pub(super) fn of_organization(request: &RoleRequest, found: &mut Conditions) {
    let wanted = &request.conditions;
    if let Some(id) = &wanted.organization {
        found.add("StringEquals", "aws:PrincipalOrgID", id.as_str());
    }
    found.all_of("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", &wanted.ou_paths);
}

/// Those of a request that the workload sends itself, and of what it reads. A service that calls KMS for it sends neither the
/// network nor the function, and the key has tags of its own.
pub(super) fn of_reads(request: &RoleRequest) -> Conditions {
    let mut found = of_callers(request);
    let wanted = &request.conditions;
    found.all_of("StringEquals", "aws:SourceVpc", &wanted.vpcs);
    found.all_of("StringEquals", "aws:SourceVpce", &wanted.endpoints);
    found.all_of("IpAddress", "aws:SourceIp", &wanted.source_ips);
    if let Some((key, value)) = &wanted.resource_tag {
        found.add("StringEquals", &format!("aws:ResourceTag/{key}"), value.as_str());
    }
    found
}

/// What each condition restricts, with its traps.
pub(super) fn in_words(request: &RoleRequest) -> Vec<String> {
    let wanted = &request.conditions;
    let is_other = kind_of(request) == ConsumerKind::Account;
    let mut said = Vec::new();
    let mut say = |text: String| said.push(text);
    if !request.stages.is_empty() {
        say(format!(
            "secretsmanager:VersionStage: only the version with {}. It refuses callers that leave the stage out, also where AWS would take AWSCURRENT, and those that ask by version id, such as caching clients.",
            request.stages.join(" or ")
        ));
    }
    if let Some(id) = &wanted.organization {
        say(if is_other {
            format!("aws:PrincipalOrgID: only principals of the Organization {id} assume the role.")
        } else {
            format!(
                "aws:PrincipalOrgID: the role reads only while its own account is in the Organization {id}. It does not restrict who assumes the role."
            )
        });
    }
    if !wanted.ou_paths.is_empty() {
        let whose =
            if is_other { "principals of accounts" } else { "the role while its account is" };
        say(format!(
            "aws:PrincipalOrgPaths: only {whose} below {}. The path changes when the account moves to another OU.",
            wanted.ou_paths.join(" or ")
        ));
    }
    if !wanted.vpcs.is_empty() {
        say(format!(
            "aws:SourceVpc: only requests from {}. The key is absent unless the VPC has an interface endpoint for the service: without one, every request is refused. An Allow with it is not enough to keep other roles out.",
            wanted.vpcs.join(" or ")
        ));
    }
    if !wanted.endpoints.is_empty() {
        say(format!(
            "aws:SourceVpce: only requests through {}. A service needs an endpoint of its own: one for Secrets Manager serves no Parameter Store.",
            wanted.endpoints.join(" or ")
        ));
    }
    if wanted.from.is_some() || wanted.until.is_some() {
        let from = wanted.from.map(|at| format!("at or after {}", instant(at)));
        let until = wanted.until.map(|at| format!("before {}", instant(at)));
        let times: Vec<String> = from.into_iter().chain(until).collect();
        say(format!(
            "aws:CurrentTime: only requests {}. The dates are absolute and in UTC. IAM has no time of day: working hours are a rule of Claviger's access policies, on context.hour and context.weekday of a grant.",
            times.join(" and ")
        ));
    }
    if let Some((key, value)) = &wanted.principal_tag {
        say(format!(
            "aws:PrincipalTag/{key}: only while the role has the tag {key}={value}, which exports and plans set. Who may tag the role decides."
        ));
    }
    if let Some((key, value)) = &wanted.resource_tag {
        say(format!(
            "aws:ResourceTag/{key}: only while the secret or parameter has the tag {key}={value}. Who may tag it decides, and a removed tag stops the workload."
        ));
    }
    if !wanted.source_ips.is_empty() {
        say(format!(
            "aws:SourceIp: only requests from {}. Public addresses count: the one of the NAT gateway, not of the instance. Requests through a VPC endpoint have no aws:SourceIp, and AWS services that read for the workload have addresses of their own.",
            wanted.source_ips.join(" or ")
        ));
    }
    if let Consumer::Lambda { function: Some(name) } = &request.consumer {
        say(format!(
            "lambda:SourceFunctionArn: only calls by the function {name}, with any of its versions and aliases. Another function with this role reads nothing."
        ));
    }
    said
}
