//! Where the ids of an entry lead.

use claviger_domain::{
    audit::{AuditAction, AuditQuery},
    exceptions::ExceptionId,
    grants::GrantId,
    ids::{AccountId, Arn},
    inventory::InventoryQuery,
    leaks::LeakId,
    remediation::PlanId,
};

/// The page of an entry's target.
pub(super) fn of_target(action: AuditAction, subject: &str) -> Option<String> {
    match action {
        AuditAction::SavePolicy | AuditAction::RetirePolicy => Some(format!("/policies/{subject}")),
        _ => of_id(subject),
    }
}

/// The page of a value of an entry's details.
pub(super) fn of_detail(key: &str, value: &str) -> Option<String> {
    match key {
        // A hash can consist of 12 digits.
        "commit" => None,
        "policy" => Some(format!("/policies/{value}")),
        _ => of_id(value),
    }
}

/// The page of a grant, plan, exception, report of a leak, account, secret or parameter.
pub(super) fn of_id(id: &str) -> Option<String> {
    if let Ok(id) = id.parse::<GrantId>() {
        return Some(format!("/access/{id}"));
    }
    if let Ok(id) = id.parse::<PlanId>() {
        return Some(format!("/remediation/{id}"));
    }
    if let Ok(id) = id.parse::<ExceptionId>() {
        return Some(format!("/exceptions/{id}"));
    }
    if let Ok(id) = id.parse::<LeakId>() {
        return Some(format!("/leaks/{id}"));
    }
    let account = id.strip_prefix("account:").unwrap_or(id);
    if account.parse::<AccountId>().is_ok() {
        return Some(format!("/accounts/{account}"));
    }
    if let Some(resource) = id.strip_prefix("resource:") {
        return Some(format!("/inventory/{resource}"));
    }
    id.parse::<Arn>().is_ok().then(|| {
        let query = InventoryQuery { text: id.to_owned(), ..InventoryQuery::default() };
        format!("/inventory?{}", query.to_url_query())
    })
}

/// The list with these filters.
pub(super) fn list(query: &AuditQuery) -> String {
    match query.to_url_query() {
        query if query.is_empty() => "/audit".into(),
        query => format!("/audit?{query}"),
    }
}

/// Every entry about a target.
pub(super) fn about(subject: &str) -> String {
    list(&AuditQuery { targets: vec![subject.to_owned()], ..AuditQuery::default() })
}

/// Every entry of a person.
pub(super) fn by(subject: &str) -> String {
    list(&AuditQuery { actors: vec![subject.to_owned()], ..AuditQuery::default() })
}

/// A text in parts: a part that is an id has where it leads.
pub(super) fn parts(key: &str, text: &str) -> Vec<(String, Option<String>)> {
    let mut parts: Vec<(String, Option<String>)> = Vec::new();
    for word in text.split_inclusive([' ', ',', ';']) {
        let id = word.trim_end_matches([' ', ',', ';', '.']);
        match of_detail(key, id).filter(|_| !id.is_empty()) {
            Some(href) => {
                parts.push((id.to_owned(), Some(href)));
                parts.push((word[id.len()..].to_owned(), None));
            }
            None => match parts.last_mut() {
                Some((before, None)) => before.push_str(word),
                _ => parts.push((word.to_owned(), None)),
            },
        }
    }
    parts.retain(|(text, _)| !text.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_their_pages() {
        assert_eq!(of_id("G-2190").as_deref(), Some("/access/G-2190"));
        assert_eq!(of_id("P-7").as_deref(), Some("/remediation/P-7"));
        assert_eq!(of_id("W-3").as_deref(), Some("/exceptions/W-3"));
        assert_eq!(of_id("L-4").as_deref(), Some("/leaks/L-4"));
        assert_eq!(of_id("441205839201").as_deref(), Some("/accounts/441205839201"));
        let arn = "arn:aws:secretsmanager:eu-west-1:441205839201:secret:pay/ledger-AbCdEf";
        let href = of_id(arn).unwrap();
        assert!(href.starts_with("/inventory?q=arn%3Aaws%3A"), "{href}");
        for text in ["access", "G-", "42", "owner", ""] {
            assert_eq!(of_id(text), None, "{text}");
        }
        assert_eq!(of_target(AuditAction::SavePolicy, "owner").as_deref(), Some("/policies/owner"));
    }

    #[test]
    fn ids_within_a_text_are_links() {
        let link = |id: &str| (id.to_owned(), Some(format!("/access/{id}")));
        let text = |text: &str| (text.to_owned(), None);
        assert_eq!(
            parts("grants", "G-1, G-2 and more."),
            [link("G-1"), text(", "), link("G-2"), text(" and more.")]
        );
        assert_eq!(parts("reason", "No id here"), [text("No id here")]);
    }
}
