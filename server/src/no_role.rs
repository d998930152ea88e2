//! The page for someone without a role: which groups the provider sent, in which claim, and whom to ask.

use crate::{
    AppState,
    auth::{Arrived, Source},
    settings::Settings,
};
use axum::extract::MatchedPath;
use claviger_app::public::PublicPage;
use claviger_domain::authz::Caller;

/// The maximum number of groups that are named.
const MAX_NAMED: usize = 50;
/// Pages of a person's own requests, decisions and notifications, which may be from earlier.
const OWN: [&str; 4] = ["/access", "/approvals", "/inbox", "/queue"];

/// The page for someone without a role, instead of a denial without a reason. `route` is the page's pattern.
pub(crate) async fn instead(
    state: &AppState,
    route: Option<MatchedPath>,
    caller: &Caller,
    arrived: &Arrived,
) -> Option<PublicPage> {
    if !caller.held.is_empty() {
        return None;
    }
    let route = route?;
    let route = route.as_str();
    let is_own = OWN.iter().any(|own| route == *own || route.starts_with(&format!("{own}/")));
    // Pages that do not exist are the same for everyone.
    if route.starts_with("/{*") || is_own && !is_first_and_empty(state, route, caller).await {
        return None;
    }
    let person = &caller.person;
    let who = match &person.email {
        Some(email) if *email != person.name => format!("{} ({email})", person.name),
        _ => person.name.clone(),
    };
    Some(PublicPage {
        title: "No access yet".into(),
        text: format!("You are signed in as {who}, but you have no role in Claviger."),
        fault: Some(explain(&state.settings, &caller.groups, arrived)),
        // Own requests and notifications, and the way to sign out.
        action: Some(("/access".into(), "Go to My access".into())),
    })
}

/// Whether this is the first page, with nothing in it: "all caught up" would hide that the person has no role. What is in it may
/// be from earlier.
async fn is_first_and_empty(state: &AppState, route: &str, caller: &Caller) -> bool {
    if route != "/queue" {
        return false;
    }
    let queue = state.services.queue().queue(caller, "").await;
    // The page itself says what went wrong.
    queue.is_ok_and(|queue| queue.sections.is_empty())
}

/// Which groups the provider sent, in which claim, and whom to ask.
pub(crate) fn explain(settings: &Settings, groups: &[String], arrived: &Arrived) -> String {
    let claim = &settings.oidc_groups_claim;
    let contact = &settings.access_contact;
    if arrived.overage {
        return format!(
            "Microsoft Entra ID left your groups out, because you are in too many for one token (claim “{claim}”). Ask {contact} to limit the claim to the groups that are assigned to Claviger."
        );
    }
    let unread = match arrived.unread {
        0 => String::new(),
        n => format!(" {n} more values of the claim could not be read as groups."),
    };
    if groups.is_empty() {
        let what = match arrived.source {
            Source::Nowhere => format!("Your identity provider sent no claim “{claim}”."),
            Source::IdToken | Source::UserInfo => {
                format!("The claim “{claim}” arrived without any group.")
            }
        };
        return format!(
            "{what}{unread} Ask {contact} to add you to a group that has a role in Claviger, or to send the groups in this claim."
        );
    }
    let mut named = groups.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
    if groups.len() > MAX_NAMED {
        let more = format!(" and {} more", groups.len() - MAX_NAMED);
        named.push_str(&more);
    }
    format!(
        "These groups arrived in the claim “{claim}”: {named}.{unread} None of them has a role in Claviger. Ask {contact} to give one of them a role, or to add you to a group that has one."
    )
}

/// Logs a person without a role, with the claim's name, because that is the usual reason.
pub(crate) fn warn_without_role(caller: &Caller, arrived: &Arrived) {
    if arrived.unread > 0 {
        tracing::warn!(person.id = %caller.person.subject, oidc.claim = %arrived.claim, oidc.unread_values = arrived.unread,
            "values of the groups claim cannot be read as groups");
    }
    if arrived.overage {
        tracing::warn!(person.id = %caller.person.subject, oidc.claim = %arrived.claim,
            "Microsoft Entra ID left the groups out of the token, because there are too many: assign groups to the application, \
             and send only those, or send application roles");
    } else if caller.held.is_empty() {
        tracing::warn!(person.id = %caller.person.subject, oidc.claim = %arrived.claim, oidc.groups_source = ?arrived.source,
            group.count = caller.groups.len(), "signed in without a role: no group of the claim is in [[roles]]");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_reads_what_arrived_and_whom_to_ask() {
        let settings: Settings = serde_json::from_value(serde_json::json!({
            "database_url": "x", "oidc_issuer": "https://id", "oidc_client_id": "c", "oidc_client_secret": "s",
            "oidc_groups_claim": "realm_access.roles", "access_contact": "#security",
        }))
        .unwrap();
        let said = |groups: &[&str], arrived: Arrived| {
            let groups: Vec<String> = groups.iter().map(|g| (*g).to_owned()).collect();
            explain(&settings, &groups, &arrived)
        };
        let from = |source| Arrived { source, ..Arrived::default() };
        let text = said(&["a", "b"], from(Source::IdToken));
        assert!(
            text.contains("“realm_access.roles”: a, b.") && text.contains("Ask #security"),
            "{text}"
        );
        assert!(said(&[], from(Source::Nowhere)).contains("sent no claim “realm_access.roles”"));
        assert!(said(&[], from(Source::UserInfo)).contains("without any group"));
        let overage = Arrived { overage: true, ..from(Source::IdToken) };
        assert!(said(&[], overage).contains("Entra ID left your groups out"));
        let odd = Arrived { unread: 3, ..from(Source::IdToken) };
        assert!(said(&["a"], odd).contains("3 more values"));
        let many: Vec<String> = (0..60).map(|n| n.to_string()).collect();
        assert!(explain(&settings, &many, &from(Source::IdToken)).contains("and 10 more"));
    }
}
