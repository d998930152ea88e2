//! What a session is ordered with at AWS: names that AWS allows, tags, policy and duration.

use claviger_domain::{
    authz::{Person, said},
    grants::Grant,
};
use claviger_gateways::{MIN_SESSION_SECONDS, SessionOrder};
use time::OffsetDateTime;

/// 2 to 64 of `[\w+=,.@-]`, from the person's address, or else their subject.
pub(crate) fn source_identity(person: &Person) -> String {
    let text = person.email.as_deref().and_then(said).unwrap_or_else(|| person.subject.clone());
    let mut clean: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' })
        .take(64)
        .collect();
    while clean.len() < 2 {
        clean.push('-');
    }
    clean
}

/// At most 256 of letters, digits, spaces and `_.:/=+-@`.
fn tag_value(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_alphanumeric() || " _.:/=+-@".contains(c) { c } else { '-' })
        .take(256)
        .collect()
}

pub(super) fn order(
    session_seconds: u32,
    grant: &Grant,
    policy: String,
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> SessionOrder {
    let rest = i32::try_from((until - now).whole_seconds()).unwrap_or(i32::MAX);
    let most = i32::try_from(session_seconds).unwrap_or(i32::MAX);
    SessionOrder {
        account: grant.account.clone(),
        session_name: grant.session_name.clone(),
        source_identity: source_identity(&grant.terms.requester),
        tags: vec![
            ("claviger:grant".into(), grant.id.to_string()),
            ("claviger:person".into(), tag_value(&grant.terms.requester.subject)),
        ],
        policy,
        seconds: rest.min(most).max(MIN_SESSION_SECONDS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_aws_hold_what_aws_allows() {
        let person = |subject: &str, email: Option<&str>| Person {
            subject: subject.into(),
            name: String::new(),
            email: email.map(Into::into),
        };
        assert_eq!(source_identity(&person("x", Some("ben@a.example"))), "ben@a.example");
        assert_eq!(source_identity(&person("auth0|Bén", None)), "auth0-B-n");
        assert_eq!(source_identity(&person("é", None)), "--");
        assert_eq!(source_identity(&person(&"a".repeat(80), None)).len(), 64);
        assert_eq!(tag_value("auth0|Bén\n"), "auth0-Bén-");
    }
}
