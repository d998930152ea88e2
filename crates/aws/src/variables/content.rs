//! What a value is, without the value: it is looked at where it stands in the response, and nothing copies it.

use claviger_domain::variables::VariableContent;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The value of a variable, reduced while the response is parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Content(pub(super) VariableContent);

impl Default for Content {
    /// Of a variable without a value.
    fn default() -> Self {
        Self(VariableContent::Empty)
    }
}

impl<'de> Deserialize<'de> for Content {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Borrowed from the buffer of the response, which is overwritten when it is dropped.
        let raw = <&'de RawValue>::deserialize(deserializer)?;
        Ok(Self(content(raw.get())))
    }
}

/// What the JSON text of a value is.
fn content(json: &str) -> VariableContent {
    let Some(text) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return if json == "null" { VariableContent::Empty } else { VariableContent::Plain };
    };
    reduced(text)
}

/// What a text is: a value as it is, or with the escapes of JSON.
pub(super) fn reduced(text: &str) -> VariableContent {
    if text.trim().is_empty() {
        VariableContent::Empty
    } else if is_reference(text) {
        VariableContent::Reference
    } else if has_url_password(text) {
        VariableContent::UrlWithPassword
    } else {
        VariableContent::Plain
    }
}

/// An ARN of a secret or parameter, a dynamic reference of CloudFormation, or Parameter Store's name of a secret.
fn is_reference(text: &str) -> bool {
    let is_arn = text.strip_prefix("arn:aws").is_some_and(|rest| {
        let mut parts = rest.split(':');
        let partition = parts.next().unwrap_or_default();
        let is_partition = partition.is_empty() || partition.starts_with('-');
        is_partition && parts.next().is_some_and(|part| ["secretsmanager", "ssm"].contains(&part))
    });
    let starts = ["{{resolve:", "/aws/reference/secretsmanager/"];
    is_arn || starts.iter().any(|start| text.starts_with(start))
}

/// Whether it has a URL with a user and a password that is no placeholder. A slash may be escaped in JSON.
fn has_url_password(text: &str) -> bool {
    ["://", r":\/\/"].iter().any(|scheme| text.split(scheme).skip(1).any(begins_with_password))
}

/// Whether `user:password@` is at the start. A password may have `#` and, in JSON, a backslash; a quotation mark ends the URL, with
/// or without the backslash of JSON.
fn begins_with_password(rest: &str) -> bool {
    let is_end = |c: char| matches!(c, '/' | '?') || c.is_whitespace();
    let authority = rest.split(is_end).next().unwrap_or_default();
    let authority = authority.split('"').next().unwrap_or_default();
    let Some((user, _)) = authority.rsplit_once('@') else { return false };
    let Some((_, password)) = user.split_once(':') else { return false };
    let is_placeholder =
        password.starts_with(['$', '{', '<', '%']) || password.bytes().all(|byte| byte == b'*');
    !is_placeholder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_escapes_is_reduced_alike() {
        for (text, expected) in [
            ("", VariableContent::Empty),
            ("hunter2", VariableContent::Plain),
            ("{{resolve:ssm-secure:db}}", VariableContent::Reference),
            ("postgres://app:hunter2@db/app", VariableContent::UrlWithPassword),
            (r#"{"db": "postgres://app:hunter2@db"}"#, VariableContent::UrlWithPassword),
            (
                r#"{"url":"https://example.com:8443","mail":"a@example.com"}"#,
                VariableContent::Plain,
            ),
        ] {
            assert_eq!(reduced(text), expected, "{text}");
        }
    }

    #[test]
    fn a_value_is_reduced_to_what_it_is() {
        for (json, expected) in [
            (r#""""#, VariableContent::Empty),
            (r#"" ""#, VariableContent::Empty),
            ("null", VariableContent::Empty),
            (r#""hunter2""#, VariableContent::Plain),
            ("12", VariableContent::Plain),
            (
                r#""arn:aws:secretsmanager:us-east-1:441205839201:secret:db-AbCdEf""#,
                VariableContent::Reference,
            ),
            (
                r#""arn:aws-us-gov:ssm:us-gov-west-1:441205839201:parameter/db""#,
                VariableContent::Reference,
            ),
            (
                r#""{{resolve:secretsmanager:db:SecretString:password}}""#,
                VariableContent::Reference,
            ),
            (r#""/aws/reference/secretsmanager/db""#, VariableContent::Reference),
            // Others name no secret.
            (r#""arn:aws:s3:::bucket""#, VariableContent::Plain),
            (r#""arn:awsome:ssm:x""#, VariableContent::Plain),
            (r#""postgres://app:hunter2@db.internal:5432/app""#, VariableContent::UrlWithPassword),
            (r#""postgres:\/\/app:hunter2@db.internal\/app""#, VariableContent::UrlWithPassword),
            (r#""redis://:hunter2@cache:6379""#, VariableContent::UrlWithPassword),
            (r#""postgres://app:${PASSWORD}@db/app""#, VariableContent::Plain),
            (r#""postgres://app:***@db/app""#, VariableContent::Plain),
            (r#""postgres://app@db/app""#, VariableContent::Plain),
            (r#""https://example.com:8443/a?b=c@d:e""#, VariableContent::Plain),
            (r#""postgres://app:hunter#2@db/app""#, VariableContent::UrlWithPassword),
            (r#""postgres://app:hunter\\2@db/app""#, VariableContent::UrlWithPassword),
            (
                r#""https://example.com,postgres://app:hunter2@db/app""#,
                VariableContent::UrlWithPassword,
            ),
            (
                r#""{\"cache\": \"redis://cache\", \"db\": \"postgres://app:hunter2@db\"}""#,
                VariableContent::UrlWithPassword,
            ),
            (
                r#""{\"url\":\"https://example.com:8443\",\"mail\":\"a@example.com\"}""#,
                VariableContent::Plain,
            ),
        ] {
            let read: Content = serde_json::from_str(json).unwrap();
            assert_eq!(read.0, expected, "{json}");
        }
    }
}
