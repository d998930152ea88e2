//! What IAM tells of Claviger's own roles in an account.

use crate::{MemberRole, OurRole};
use aws_sdk_iam::types::RoleDetail;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Prefix of the tags that the templates set.
const OUR_TAGS: &str = "claviger:";

/// The names of the roles, and the external id that they should require.
pub(crate) struct Expected<'a> {
    pub(crate) names: [(OurRole, &'a str); 5],
    pub(crate) external_id: Option<&'a SecretString>,
}

impl Expected<'_> {
    /// The role, if it is one of ours. AWS compares names of roles without case when it creates them, and with case when
    /// they are assumed.
    pub(crate) fn find(&self, detail: &RoleDetail, trust: Option<&str>) -> Option<MemberRole> {
        let name = detail.role_name()?;
        let (role, _) = self.names.into_iter().find(|(_, expected)| *expected == name)?;
        let tags = detail
            .tags()
            .iter()
            .filter(|tag| tag.key().starts_with(OUR_TAGS))
            .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
            .collect();
        let own = self.external_id.map(ExposeSecret::expose_secret);
        let requires_other_external_id =
            trust.is_some_and(|document| requires_other(document, own));
        Some(MemberRole { role, tags, requires_other_external_id })
    }
}

/// Whether each statement that allows `sts:AssumeRole` compares the external id with texts of which none is ours. A document
/// that cannot be understood tells nothing.
fn requires_other(document: &str, own: Option<&str>) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(document) else { return false };
    let each = match &document["Statement"] {
        Value::Array(all) => all.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut admitting = each
        .iter()
        .filter(|statement| {
            let actions = texts(&statement["Action"]);
            statement["Effect"] == "Allow"
                && actions.iter().any(|one| matches!(*one, "sts:AssumeRole" | "sts:*" | "*"))
        })
        .peekable();
    admitting.peek().is_some()
        && admitting.all(|statement| {
            let expected = external_ids(&statement["Condition"]);
            !expected.is_empty() && own.is_none_or(|own| !expected.contains(&own))
        })
}

/// The values of `sts:ExternalId` under `StringEquals`; keys of conditions have no case. Patterns of `StringLike` are left
/// out: whether they fit is for AWS to decide.
fn external_ids(condition: &Value) -> Vec<&str> {
    let operators = condition.as_object().into_iter().flatten();
    let keys = operators
        .filter(|(operator, _)| operator.eq_ignore_ascii_case("StringEquals"))
        .filter_map(|(_, keys)| keys.as_object())
        .flatten();
    keys.filter(|(key, _)| key.eq_ignore_ascii_case("sts:ExternalId"))
        .flat_map(|(_, values)| texts(values))
        .collect()
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(one) => vec![one],
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::Tag;

    fn trust(condition: &str) -> String {
        format!(
            r#"{{"Statement": [
                {{"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": {condition}}},
                {{"Effect": "Allow", "Action": "sts:TagSession"}}
            ]}}"#
        )
    }

    #[test]
    fn only_a_role_that_cannot_admit_us_requires_another_external_id() {
        for (condition, own, other) in [
            (r#"{"StringEquals": {"sts:ExternalId": "ours"}}"#, Some("ours"), false),
            (r#"{"StringEquals": {"sts:ExternalId": ["old", "ours"]}}"#, Some("ours"), false),
            (r#"{"stringequals": {"STS:externalid": "other"}}"#, Some("ours"), true),
            (r#"{"StringEquals": {"sts:ExternalId": "other"}}"#, None, true),
            // Without a condition, whatever is sent is admitted.
            ("{}", Some("ours"), false),
            (r#"{"StringLike": {"sts:ExternalId": "o*"}}"#, Some("ours"), false),
        ] {
            assert_eq!(requires_other(&trust(condition), own), other, "{condition} {own:?}");
        }
        assert!(!requires_other("not JSON", Some("ours")));
        assert!(!requires_other(r#"{"Statement": []}"#, Some("ours")));
    }

    #[test]
    fn a_role_is_ours_by_its_exact_name_and_never_shows_the_external_id() {
        let own = SecretString::from("ours");
        let expected = Expected {
            names: [
                (OurRole::Inventory, "claviger-inventory"),
                (OurRole::Access, "claviger-access"),
                (OurRole::Remediation, "claviger-remediation"),
                (OurRole::Consumers, "claviger-consumers"),
                (OurRole::Iam, "claviger-iam"),
            ],
            external_id: Some(&own),
        };
        let tag = |key: &str| Tag::builder().key(key).value("1").build().unwrap();
        let detail = |name: &str| {
            RoleDetail::builder()
                .role_name(name)
                .tags(tag("claviger:template-version"))
                .tags(tag("team"))
                .build()
        };
        let document = trust(r#"{"StringEquals": {"sts:ExternalId": "canary-4711"}}"#);
        let found = expected.find(&detail("claviger-access"), Some(&document)).unwrap();
        assert_eq!((found.role, found.requires_other_external_id), (OurRole::Access, true));
        assert_eq!(found.tags.keys().collect::<Vec<_>>(), ["claviger:template-version"]);
        assert!(!format!("{found:?}").contains("canary-4711"));
        let opt_in = expected.find(&detail("claviger-iam"), Some(&document)).unwrap();
        assert_eq!(opt_in.role, OurRole::Iam);
        assert_eq!(expected.find(&detail("claviger-access-2"), Some(&document)), None);
    }
}
