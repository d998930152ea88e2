//! Which pipelines may assume a role through an OIDC provider, as its trust policy says, and how severe that is.
//!
//! The trust policy alone is read. Which audiences the provider accepts is not, so a missing condition on `aud` is unknown to be
//! good. A condition on anything but the token, such as `aws:SourceIp`, is shown and never counted as a limit.

mod claims;
mod fix;
mod issuer;
mod routes;
mod subject;
mod token;

pub use fix::corrected;
pub use token::{TokenRequest, admits};

use crate::exposure::{Document, Principal, Principals};
use claims::ASSUME;
use claviger_domain::pipelines::{
    Breadth, Issuer, IssuerKind, PipelineTrust, TrustFinding, TrustSeverity,
};

const PROVIDER: &str = ":oidc-provider/";

/// Identity providers that a trust names without an ARN.
const WELL_KNOWN: [&str; 4] = [
    "accounts.google.com",
    "cognito-identity.amazonaws.com",
    "graph.facebook.com",
    "www.amazon.com",
];

/// The ways into a role through OIDC providers, the most severe first. Empty if its trust policy names none.
pub fn pipelines(trust: &str) -> Vec<PipelineTrust> {
    let document = match Document::read_trust(trust) {
        Ok(document) => document,
        Err(_) if !mentions_web_identity(trust) => return Vec::new(),
        Err(fault) => {
            return vec![undecided(
                "",
                "the document",
                format!("The trust policy cannot be interpreted: {fault}."),
            )];
        }
    };
    let mut found = Vec::new();
    for (at, statement) in document.statements.iter().enumerate() {
        if !statement.allows || !statement.covers_action(ASSUME) {
            continue;
        }
        let label = statement.sid.clone().unwrap_or_else(|| format!("statement {}", at + 1));
        match &statement.principals {
            Principals::Only(all) => {
                for provider in all.iter().filter_map(provider) {
                    found.extend(routes::routes(statement, &document, &label, provider));
                }
            }
            Principals::Any if !names_action(statement) => {}
            Principals::Any => found.push(undecided(
                "*",
                &label,
                "It names every principal: anyone who has a token of any OIDC provider of this account may get in.",
            )),
            Principals::Except(_) => found.push(undecided(
                "*",
                &label,
                "It has NotPrincipal, which IAM does not support in a trust policy: who gets in is not known.",
            )),
        }
    }
    found.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| b.breadth.cmp(&a.breadth))
            .then_with(|| a.who.cmp(&b.who))
    });
    found
}

/// Whether a trust policy has to do with OIDC providers at all.
pub fn mentions_web_identity(trust: &str) -> bool {
    trust.contains(PROVIDER) || trust.to_ascii_lowercase().contains("assumerolewithwebidentity")
}

/// Whether `*` alone does not make a statement one about web identities: a trust for everyone is AWS principals' as a rule.
fn names_action(statement: &crate::exposure::Statement) -> bool {
    statement.not_actions
        || statement.actions.iter().any(|one| one.to_ascii_lowercase().contains("webidentity"))
}

fn provider(principal: &Principal) -> Option<&str> {
    match principal {
        Principal::Federated(name)
            if name.contains(PROVIDER) || WELL_KNOWN.contains(&name.as_str()) =>
        {
            Some(name)
        }
        _ => None,
    }
}

/// The URL of a provider without the scheme.
fn url_of(provider: &str) -> &str {
    provider.split_once(PROVIDER).map_or(provider, |(_, url)| url)
}

fn undecided(provider: &str, label: &str, text: impl Into<String>) -> PipelineTrust {
    let url = url_of(provider).to_owned();
    PipelineTrust {
        issuer: Issuer { kind: IssuerKind::Other, url, tenant: None },
        provider: provider.to_owned(),
        statement: label.to_owned(),
        subject: None,
        breadth: Breadth::Unknown,
        who: "Unknown".to_owned(),
        repositories: String::new(),
        severity: TrustSeverity::Unknown,
        findings: vec![TrustFinding { severity: TrustSeverity::Unknown, text: text.into() }],
    }
}
