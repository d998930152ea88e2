//! The session policy of a grant: exactly its actions on exactly its ARNs, until its end.

use claviger_domain::{
    facts::Kind,
    grant::{Action, GrantResource},
    ids::{AccountId, Region},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// What AWS allows for the plain text of a session policy, in characters.
pub const SESSION_POLICY_LIMIT: usize = 2048;

/// The document of one session, with the resources that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy {
    pub document: String,
    pub resources: Vec<GrantResource>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeFault {
    /// Not even alone does the resource fit.
    #[error("the session policy for {0} is longer than AWS allows")]
    TooLarge(String),
    #[error("the end of the window cannot be written: {0}")]
    Time(String),
}

/// Composes the documents of a grant: as few as the limit allows, split rather than widened.
pub fn compose(
    action: Action,
    account: &AccountId,
    resources: &[GrantResource],
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
    let mut open: Vec<GrantResource> = Vec::new();
    let mut open_document = String::new();
    for resource in resources {
        open.push(resource.clone());
        let document = write(action, account, &open, &until);
        if document.chars().count() <= limit {
            open_document = document;
            continue;
        }
        open.pop();
        if !open.is_empty() {
            let resources = std::mem::take(&mut open);
            done.push(SessionPolicy { document: std::mem::take(&mut open_document), resources });
        }
        open_document = write(action, account, std::slice::from_ref(resource), &until);
        if open_document.chars().count() > limit {
            return Err(ComposeFault::TooLarge(resource.name.clone()));
        }
        open.push(resource.clone());
    }
    if !open.is_empty() {
        done.push(SessionPolicy { document: open_document, resources: open });
    }
    Ok(done)
}

fn write(action: Action, account: &AccountId, resources: &[GrantResource], until: &str) -> String {
    let end = json!({"DateLessThan": {"aws:CurrentTime": until}});
    let mut statements: Vec<Value> = Vec::new();
    for (kind, call) in [
        (
            Kind::Secret,
            match action {
                Action::Read => "secretsmanager:GetSecretValue",
                Action::Write => "secretsmanager:PutSecretValue",
                Action::Rotate => "secretsmanager:RotateSecret",
            },
        ),
        (
            Kind::Parameter,
            match action {
                Action::Read => "ssm:GetParameter",
                // A parameter has no rotation; a rule cannot offer it, and nothing is allowed here.
                Action::Write | Action::Rotate => "ssm:PutParameter",
            },
        ),
    ] {
        let arns: Vec<&str> =
            resources.iter().filter(|r| r.kind == kind).map(|r| r.arn.as_str()).collect();
        if arns.is_empty() || (kind == Kind::Parameter && action == Action::Rotate) {
            continue;
        }
        statements.push(json!({
            "Effect": "Allow", "Action": call, "Resource": one_or_many(&arns), "Condition": end,
        }));
    }
    statements.extend(key_statements(action, account, resources, until));
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// `kms:Decrypt` under each customer-managed key, for these secrets alone and through their service alone.
fn key_statements(
    action: Action,
    account: &AccountId,
    resources: &[GrantResource],
    until: &str,
) -> Vec<Value> {
    let mut by_key: BTreeMap<(String, Kind, &Region), Vec<&str>> = BTreeMap::new();
    for resource in resources {
        if let Some(key) = &resource.key {
            by_key
                .entry((key_arn(key, account, resource), resource.kind, &resource.region))
                .or_default()
                .push(resource.arn.as_str());
        }
    }
    by_key
        .into_iter()
        .map(|((key, kind, region), arns)| {
            let (service, context) = match kind {
                Kind::Secret => ("secretsmanager", "SecretARN"),
                Kind::Parameter => ("ssm", "PARAMETER_ARN"),
            };
            let calls = match action {
                Action::Read => json!("kms:Decrypt"),
                Action::Write | Action::Rotate => json!(["kms:Decrypt", "kms:GenerateDataKey"]),
            };
            json!({
                "Effect": "Allow",
                "Action": calls,
                "Resource": key,
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": format!("{service}.{region}.amazonaws.com"),
                        format!("kms:EncryptionContext:{context}"): one_or_many(&arns),
                    },
                    "DateLessThan": {"aws:CurrentTime": until},
                },
            })
        })
        .collect()
}

/// The key as a policy names it. An alias names no key in a policy: the encryption context, which
/// holds the secret's own ARN, then narrows it down to what is encrypted for this secret.
fn key_arn(key: &str, account: &AccountId, resource: &GrantResource) -> String {
    let (partition, region) = (resource.arn.partition(), &resource.region);
    if key.starts_with("arn:") && key.contains(":key/") {
        key.to_owned()
    } else if key.contains("alias/") {
        format!("arn:{partition}:kms:{region}:{account}:key/*")
    } else {
        format!("arn:{partition}:kms:{region}:{account}:key/{key}")
    }
}

fn one_or_many(items: &[&str]) -> Value {
    match items {
        [one] => json!(one),
        many => json!(many),
    }
}

/// The inline policy of the access role that ends live sessions: by their names, or where there are
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

    fn account() -> AccountId {
        "441205839201".parse().unwrap()
    }

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

    fn pretty(action: Action, resources: &[GrantResource]) -> String {
        let mut made = compose(action, &account(), resources, UNTIL, 2048).unwrap();
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
        let made = compose(Action::Read, &account(), &[long], UNTIL, 400);
        assert!(matches!(made, Err(ComposeFault::TooLarge(_))));
    }

    proptest! {
        /// However many there are: every resource is covered once, no document is too long, and no
        /// document names a resource that was not asked for or a wildcard among them.
        #[test]
        fn a_grant_is_split_and_never_widened(lengths in prop::collection::vec(1usize..180, 1..50)) {
            let resources: Vec<GrantResource> = lengths
                .iter()
                .enumerate()
                .map(|(n, length)| resource(Kind::Secret, &format!("{n}{}", "s".repeat(*length)), None))
                .collect();
            let made = compose(Action::Read, &account(), &resources, UNTIL, 2048).unwrap();
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
