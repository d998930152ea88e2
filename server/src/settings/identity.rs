//! Settings of the identity provider.

use super::{Settings, is_loopback};
use crate::StartError;
use claviger_domain::authz::said;
use serde::{Deserialize, Deserializer, de::Error as _};
use time::Duration;
use url::Url;

/// The issuer exactly as in the provider's metadata and tokens: `https://host` and `https://host/` are different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer {
    text: String,
    url: Url,
}

impl Issuer {
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The URL of its metadata (OpenID Connect Discovery 1.0, section 4).
    pub fn metadata_url(&self) -> String {
        let text = self.text.strip_suffix('/').unwrap_or(&self.text);
        format!("{text}/.well-known/openid-configuration")
    }
}

impl<'de> Deserialize<'de> for Issuer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?.trim().to_owned();
        let wrong = |why: String| D::Error::custom(format!("oidc_issuer: {why}"));
        let url = Url::parse(&text).map_err(|error| {
            wrong(format!("{error}. Use the issuer's URL, such as https://id.example.com"))
        })?;
        if url.host().is_none() || url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("use an https URL without a query and a fragment".into()));
        }
        if text.contains("/.well-known/") {
            return Err(wrong("leave out /.well-known/… and what follows".into()));
        }
        Ok(Self { text, url })
    }
}

/// Parameters that Claviger sets itself; overriding them would defeat later checks.
const OURS: [&str; 9] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
    "state",
];

impl Settings {
    /// Validates the settings of the identity provider.
    pub(super) fn validate_identity(&self) -> Result<(), StartError> {
        let wrong = |text: String| Err(StartError::Settings(text));
        let issuer = self.oidc_issuer.url();
        if issuer.scheme() != "https" && !is_loopback(issuer) {
            return wrong("oidc_issuer is plain http and not on loopback. Use https".into());
        }
        for (name, text) in [
            ("oidc_client_id", self.oidc_client_id.as_str()),
            ("oidc_groups_claim", self.oidc_groups_claim.as_str()),
        ] {
            if said(text).is_none() {
                return wrong(format!("{name} is empty"));
            }
        }
        if let Err(why) = crate::auth::ClaimPath::read(&self.oidc_groups_claim) {
            return wrong(format!("oidc_groups_claim: {why}"));
        }
        if self.oidc_groups_separator.as_deref() == Some("") {
            return wrong("oidc_groups_separator is empty. Leave it out, or name the text that divides the groups".into());
        }
        if self.oidc_groups_minutes == 0 {
            return wrong("oidc_groups_minutes is to be at least 1".into());
        }
        if let Some(url) = &self.oidc_logout_url
            && url.scheme() != "https"
            && !is_loopback(url)
        {
            return wrong("oidc_logout_url is plain http and not on loopback. Use https".into());
        }
        if let Some(name) =
            self.oidc_authorize_parameters.keys().find(|name| OURS.contains(&name.as_str()))
        {
            return wrong(format!(
                "oidc_authorize_parameters sets {name}, which Claviger sets itself"
            ));
        }
        if let Some(secret) = &self.session_secret
            && secrecy::ExposeSecret::expose_secret(secret).len() < 32
        {
            return wrong("session_secret is to have at least 32 characters. Make one with `openssl rand -base64 32`".into());
        }
        Ok(())
    }

    /// The exact issuer.
    pub fn issuer(&self) -> String {
        self.oidc_issuer.as_str().to_owned()
    }

    /// The time after which groups are read again.
    pub fn groups_cycle(&self) -> Duration {
        Duration::minutes(self.oidc_groups_minutes.into())
    }

    /// The grace period after that, during which a provider that does not answer locks nobody out.
    pub fn groups_grace(&self) -> Duration {
        Duration::minutes(self.oidc_grace_minutes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Result<Issuer, serde_json::Error> {
        serde_json::from_value(text.into())
    }

    #[test]
    fn an_issuer_is_kept_to_the_letter() {
        for (text, metadata) in [
            ("https://host", "https://host/.well-known/openid-configuration"),
            ("https://host/", "https://host/.well-known/openid-configuration"),
            ("https://Host:443/a", "https://Host:443/a/.well-known/openid-configuration"),
            ("https://host/a/", "https://host/a/.well-known/openid-configuration"),
        ] {
            let issuer = issuer(text).unwrap();
            assert_eq!((issuer.as_str(), issuer.metadata_url().as_str()), (text, metadata));
        }
        for bad in [
            "host",
            "",
            "https://",
            "https://host/?a=b",
            "https://host/.well-known/openid-configuration",
        ] {
            assert!(issuer(bad).unwrap_err().to_string().contains("oidc_issuer"), "{bad}");
        }
    }
}
