//! The session policy of a grant: exactly its actions on exactly its ARNs, until it ends.

use crate::permissions::{
    self, Call, Limit, On, Role,
    statement::{Bound, KeyName, allow, needs, one_or_many},
};
use claviger_domain::{
    creation,
    facts::{Detail, KeyClass, Kind, ParameterType, ResourceFacts},
    grants::{Action, GrantResource},
    parameter_change::{ParameterChange, Setting},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// AWS's limit for the plain text of a session policy, in characters.
pub const SESSION_POLICY_LIMIT: usize = 2048;

/// The document of one session, with the resources that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy {
    pub document: String,
    pub resources: Vec<GrantResource>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    /// The resource does not fit even alone.
    #[error("the session policy for {0} is longer than AWS allows")]
    TooLarge(String),
    #[error("the end of the window cannot be written: {0}")]
    Time(String),
}

/// A secret or parameter with the facts that its session policy needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionResource {
    pub resource: GrantResource,
    /// The Lambda function that rotates it, as the secret names it: with its version or alias.
    pub rotation_function: Option<String>,
    /// The role that rotates a managed external secret.
    pub external_rotation_role: Option<String>,
    pub tier: Tier,
    /// A `SecureString` under the AWS managed key; always false for secrets.
    pub is_under_aws_key: bool,
    /// Whether the session may send the parameter's policies.
    pub changes_policies: bool,
}

/// A parameter's tier, which decides how AWS encrypts its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    Standard,
    Advanced,
    /// Unknown, or AWS chooses it with each value.
    Either,
}

impl SessionResource {
    /// A resource of which only the grant is known: its session policy has no rotation function.
    pub fn of_grant(resource: GrantResource) -> Self {
        Self {
            resource,
            rotation_function: None,
            external_rotation_role: None,
            tier: Tier::Either,
            is_under_aws_key: false,
            changes_policies: false,
        }
    }

    /// The resource as it will be: the session that changes a parameter may encrypt under its new key, in its new tier, and
    /// under no other.
    #[must_use]
    pub fn changed(mut self, change: &ParameterChange) -> Self {
        if let Some(key) = &change.key {
            self.is_under_aws_key = key.contains("alias/aws/");
            self.resource.key = Some(key.clone()).filter(|_| !self.is_under_aws_key);
        }
        match change.tier {
            Some(creation::Tier::Standard) => self.tier = Tier::Standard,
            Some(creation::Tier::Advanced) => self.tier = Tier::Advanced,
            None => {}
        }
        self.changes_policies = change.policies != Setting::Keep;
        self
    }

    /// The resource with its current facts: its current key counts, not the one at the time of the request.
    pub fn now(mut resource: GrantResource, facts: &ResourceFacts) -> Self {
        resource.key = facts.own_key();
        let mut now = Self::of_grant(resource);
        match &facts.detail {
            Detail::Secret(secret) => {
                now.rotation_function.clone_from(&secret.rotation.lambda_arn);
                now.external_rotation_role.clone_from(&secret.rotation.external_role_arn);
            }
            Detail::Parameter(parameter) => {
                now.tier = match parameter.tier.as_deref() {
                    Some("Standard") => Tier::Standard,
                    Some("Advanced") => Tier::Advanced,
                    _ => Tier::Either,
                };
                now.is_under_aws_key = parameter.parameter_type == ParameterType::SecureString
                    && facts.key_class() == KeyClass::AwsManaged;
            }
        }
        now
    }

    fn arn(&self) -> &str {
        self.resource.arn.as_str()
    }

    fn has(&self, limits: &[Limit]) -> bool {
        limits.iter().all(|limit| match limit {
            Limit::StandardTier => self.tier != Tier::Advanced,
            Limit::AdvancedTier => self.tier != Tier::Standard,
            _ => true,
        })
    }
}

/// Creates the documents of a grant: as few as the limit allows, split rather than widened.
pub fn compose(
    action: Action,
    resources: &[SessionResource],
    until: OffsetDateTime,
    limit: usize,
) -> Result<Vec<SessionPolicy>, ComposeFault> {
    let until = until
        .to_offset(time::UtcOffset::UTC)
        .replace_nanosecond(0)
        .map_err(|error| ComposeFault::Time(error.to_string()))?
        .format(&Rfc3339)
        .map_err(|error| ComposeFault::Time(error.to_string()))?;
    let mut done: Vec<SessionPolicy> = Vec::new();
    let mut open: Vec<SessionResource> = Vec::new();
    let mut open_document = String::new();
    let close = |open: Vec<SessionResource>, document: String| SessionPolicy {
        document,
        resources: open.into_iter().map(|one| one.resource).collect(),
    };
    for resource in resources {
        open.push(resource.clone());
        let document = write(action, &open, &until);
        if document.chars().count() <= limit {
            open_document = document;
            continue;
        }
        open.pop();
        if !open.is_empty() {
            done.push(close(std::mem::take(&mut open), std::mem::take(&mut open_document)));
        }
        open_document = write(action, std::slice::from_ref(resource), &until);
        if open_document.chars().count() > limit {
            return Err(ComposeFault::TooLarge(resource.resource.name.clone()));
        }
        open.push(resource.clone());
    }
    if !open.is_empty() {
        done.push(close(open, open_document));
    }
    Ok(done)
}

/// The call of a part of a grant's action; `None` if there is none, such as a parameter's rotation.
fn call_of(action: Action, kind: Kind) -> Option<&'static Call> {
    let (service, operation) = match (kind, action) {
        (Kind::Secret, Action::Read) => ("secretsmanager", "GetSecretValue"),
        (Kind::Secret, Action::Write) => ("secretsmanager", "PutSecretValue"),
        (Kind::Secret, Action::Rotate) => ("secretsmanager", "RotateSecret"),
        (Kind::Parameter, Action::Read) => ("ssm", "GetParameter"),
        (Kind::Parameter, Action::Write) => ("ssm", "PutParameter"),
        (Kind::Parameter, Action::Rotate) | (_, Action::Change) => return None,
    };
    permissions::call(Role::Access, service, operation)
}

fn write(action: Action, resources: &[SessionResource], until: &str) -> String {
    let mut statements: Vec<Value> = Vec::new();
    for kind in [Kind::Secret, Kind::Parameter] {
        let of_kind: Vec<&SessionResource> =
            resources.iter().filter(|one| one.resource.kind == kind).collect();
        for part in action.parts() {
            if let Some(call) = call_of(*part, kind).filter(|_| !of_kind.is_empty()) {
                statements.extend(own_statements(call, &of_kind, until));
                statements.extend(key_statements(call, &of_kind, until));
                if *part == Action::Write && kind == Kind::Parameter {
                    statements.extend(key_stays(&of_kind));
                }
            }
        }
    }
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// The call itself, and the function that it invokes.
fn own_statements(call: &Call, resources: &[&SessionResource], until: &str) -> Vec<Value> {
    let bound = Bound { until: Some(until), ..Bound::default() };
    let mut statements = Vec::new();
    for need in needs(call, On::Secret).chain(needs(call, On::Parameter)) {
        let sends_policies = resources.iter().all(|one| one.changes_policies);
        let limits: Vec<Limit> = need
            .limits
            .iter()
            .copied()
            .filter(|limit| !(sends_policies && *limit == Limit::SamePolicies))
            .collect();
        let depends =
            |limit: &Limit| matches!(limit, Limit::OwnRotationFunction | Limit::OwnExternalRole);
        // Secrets share a statement if their conditions are the same.
        let mut groups: BTreeMap<(Option<&str>, Option<&str>), Vec<&str>> = BTreeMap::new();
        for one in resources {
            let own = (one.rotation_function.as_deref(), one.external_rotation_role.as_deref());
            let group = if need.limits.iter().any(depends) { own } else { (None, None) };
            groups.entry(group).or_default().push(one.arn());
        }
        for ((function, external_role), arns) in groups {
            let bound = Bound { function, external_role, ..bound };
            statements.push(allow(&[need.action], &arns, &limits, &bound));
        }
    }
    let functions: BTreeSet<&str> =
        resources.iter().filter_map(|one| one.rotation_function.as_deref()).collect();
    let functions: Vec<&str> = functions.into_iter().collect();
    if !functions.is_empty() {
        for need in needs(call, On::RotationFunction) {
            statements.push(allow(&[need.action], &functions, need.limits, &bound));
        }
    }
    statements
}

/// The permissions on each customer managed key: only for these ARNs and only through their service.
fn key_statements(call: &Call, resources: &[&SessionResource], until: &str) -> Vec<Value> {
    type Group<'a> = (KeyName, &'a claviger_domain::ids::Region, Vec<&'static str>);
    let mut groups: BTreeMap<Group<'_>, Vec<&str>> = BTreeMap::new();
    let is_write = call.operation == "PutParameter";
    for one in resources {
        let Some(key) = &one.resource.key else { continue };
        let mut name = KeyName::of(key, &one.resource.arn, &one.resource.region);
        // The alias may name another key than when a value was written: reading has to continue.
        name.alias = name.alias.filter(|_| is_write);
        let actions: Vec<&str> = needs(call, On::Key)
            .filter(|need| one.has(need.limits))
            .map(|need| need.action)
            .collect();
        if !actions.is_empty() {
            groups.entry((name, &one.resource.region, actions)).or_default().push(one.arn());
        }
    }
    let limits = needs(call, On::Key).next().map_or(&[][..], |need| need.limits);
    groups
        .into_iter()
        .map(|((key, region, actions), arns)| {
            let bound = Bound {
                until: Some(until),
                regions: &[region],
                context: &arns,
                alias: key.alias.as_deref(),
                ..Bound::default()
            };
            allow(&actions, &[&key.arn], limits, &bound)
        })
        .collect()
}

/// AWS has no condition key for `KeyId` and `Tier`, but the use of keys shows them. A value is never
/// encrypted under a key other than the parameter's, and no standard parameter becomes an advanced one.
fn key_stays(resources: &[&SessionResource]) -> Vec<Value> {
    let mut own: BTreeMap<KeyName, Vec<&str>> = BTreeMap::new();
    let mut standard = Vec::new();
    for one in resources {
        match &one.resource.key {
            Some(key) => {
                let name = KeyName::of(key, &one.resource.arn, &one.resource.region);
                own.entry(name).or_default().push(one.arn());
            }
            None if one.is_under_aws_key && one.tier == Tier::Standard => standard.push(one.arn()),
            None => {}
        }
    }
    let deny = |actions: Value, key: (&str, &str), arns: &[&str]| {
        let context = json!({"kms:EncryptionContext:PARAMETER_ARN": one_or_many(arns)});
        json!({
            "Effect": "Deny", "Action": actions, key.0: key.1,
            "Condition": {"StringEquals": context},
        })
    };
    let both = || json!(["kms:Encrypt", "kms:GenerateDataKey"]);
    let mut statements: Vec<Value> = own
        .into_iter()
        .map(|(key, arns)| match &key.alias {
            None => deny(both(), ("NotResource", &key.arn), &arns),
            Some(alias) => {
                let mut other = deny(both(), ("Resource", "*"), &arns);
                other["Condition"]["ForAllValues:StringNotEquals"] =
                    json!({"kms:ResourceAliases": alias});
                other
            }
        })
        .collect();
    if !standard.is_empty() {
        statements.push(deny(json!("kms:GenerateDataKey"), ("Resource", "*"), &standard));
    }
    statements
}

/// The inline policy of the access role that denies active sessions: by their names, or if there are
/// too many for the limit (in characters), all that were issued before `wide_before`.
pub fn denials(session_names: &[String], wide_before: Option<OffsetDateTime>) -> Option<String> {
    let mut statements = Vec::new();
    if !session_names.is_empty() {
        let ids: Vec<String> = session_names.iter().map(|name| format!("*:{name}")).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        statements.push(json!({
            "Sid": "RevokedGrants",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"StringLike": {"aws:userid": one_or_many(&ids)}},
        }));
    }
    if let Some(before) = wide_before.and_then(|at| at.format(&Rfc3339).ok()) {
        statements.push(json!({
            "Sid": "RevokedOlderSessions",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": before}},
        }));
    }
    (!statements.is_empty())
        .then(|| json!({"Version": "2012-10-17", "Statement": statements}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    const UNTIL: OffsetDateTime = datetime!(2026-11-24 13:04:05.678 UTC);

    fn resource(kind: Kind, name: &str, key: Option<&str>) -> GrantResource {
        let arn = match kind {
            Kind::Secret => {
                format!("arn:aws:secretsmanager:us-east-1:441205839201:secret:{name}-AbCdEf")
            }
            Kind::Parameter => format!("arn:aws:ssm:us-east-1:441205839201:parameter{name}"),
        };
        GrantResource {
            id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
            arn: arn.parse().unwrap(),
            name: name.into(),
            kind,
            region: "us-east-1".parse().unwrap(),
            key: key.map(Into::into),
            owner_team: None,
        }
    }

    fn of_grant(resources: &[GrantResource]) -> Vec<SessionResource> {
        resources.iter().cloned().map(SessionResource::of_grant).collect()
    }

    fn pretty(action: Action, resources: &[GrantResource]) -> String {
        let mut made = compose(action, &of_grant(resources), UNTIL, 2048).unwrap();
        assert_eq!(made.len(), 1);
        let value: Value = serde_json::from_str(&made.remove(0).document).unwrap();
        serde_json::to_string_pretty(&value).unwrap()
    }

    #[test]
    fn reading_one_secret_under_the_aws_managed_key() {
        insta::assert_snapshot!(pretty(
            Action::Read,
            &[resource(Kind::Secret, "payments/ledger", None)]
        ));
    }

    #[test]
    fn reading_secrets_and_a_parameter_under_keys_of_their_own() {
        let key = "arn:aws:kms:us-east-1:441205839201:key/5d0c0000-0000-0000-0000-000000000001";
        insta::assert_snapshot!(pretty(
            Action::Read,
            &[
                resource(Kind::Secret, "payments/ledger", Some(key)),
                resource(Kind::Secret, "payments/kafka", Some(key)),
                resource(Kind::Parameter, "/payments/db/password", Some("alias/payments")),
            ]
        ));
    }

    #[test]
    fn writing() {
        insta::assert_snapshot!(pretty(
            Action::Write,
            &[resource(Kind::Secret, "payments/ledger", Some("5d0c"))]
        ));
    }

    #[test]
    fn reading_and_writing() {
        let key = "arn:aws:kms:us-east-1:441205839201:key/5d0c0000-0000-0000-0000-000000000001";
        insta::assert_snapshot!(pretty(
            Action::Change,
            &[
                resource(Kind::Secret, "payments/ledger", None),
                resource(Kind::Parameter, "/payments/db/password", Some(key)),
            ]
        ));
    }

    #[test]
    fn rotating() {
        insta::assert_snapshot!(pretty(
            Action::Rotate,
            &[resource(Kind::Secret, "payments/ledger", None)]
        ));
    }

    #[test]
    fn ending_sessions() {
        let names = ["G-1-aa".to_owned(), "G-2-bb".to_owned()];
        let text = denials(&names, Some(datetime!(2026-11-24 12:00 UTC))).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(denials(&[], None), None);
    }

    #[test]
    fn what_does_not_fit_even_alone_is_refused() {
        let long = resource(Kind::Secret, &"x".repeat(500), None);
        let made = compose(Action::Read, &of_grant(&[long]), UNTIL, 400);
        assert!(matches!(made, Err(ComposeFault::TooLarge(_))));
    }

    proptest! {
        /// For any number: every resource is covered once, no document is too long, and no
        /// document names a resource that was not requested, or a wildcard.
        #[test]
        fn a_grant_is_split_and_never_widened(lengths in prop::collection::vec(1usize..180, 1..50)) {
            let resources: Vec<GrantResource> = lengths
                .iter()
                .enumerate()
                .map(|(n, length)| resource(Kind::Secret, &format!("{n}{}", "s".repeat(*length)), None))
                .collect();
            let made = compose(Action::Read, &of_grant(&resources), UNTIL, 2048).unwrap();
            let covered: Vec<GrantResource> =
                made.iter().flat_map(|policy| policy.resources.clone()).collect();
            prop_assert_eq!(&covered, &resources);
            for policy in &made {
                prop_assert!(policy.document.chars().count() <= SESSION_POLICY_LIMIT);
                prop_assert!(!policy.document.contains('*'));
                let named = policy.document.matches("arn:aws:").count();
                prop_assert_eq!(named, policy.resources.len());
            }
        }
    }
}
