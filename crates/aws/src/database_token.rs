//! Tokens of RDS and Aurora: the password of a database user who authenticates by IAM.
//!
//! A token is the URL of the action `rds-db:connect`, signed by Signature Version 4. It is computed here, without a call
//! to AWS; the database verifies it.

use crate::{RootCertificates, loader};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider},
};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign},
    sign::v4,
};
use claviger_domain::{clock::Clock, error_line::ErrorLine, ids::Region, partition::Partition};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::SecretString;
use std::{
    fmt::{Display, Write as _},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::Mutex;

/// For how long RDS accepts a token, at most: AWS allows no more.
const VALID: Duration = Duration::from_mins(15);
/// Credentials are asked for again this long before they expire. AWS has new ones for containers and instances some
/// minutes before.
const RENEW_BEFORE: Duration = Duration::from_mins(6);

/// The user of a database, at the endpoint that the token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseUser {
    pub host: String,
    pub port: u16,
    pub user: String,
    pub region: Region,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("Claviger has no AWS credentials to sign it ({0})")]
    NoCredentials(String),
    #[error("it cannot be signed ({0})")]
    Signing(String),
}

/// The Region in the name of an endpoint of RDS, Aurora or RDS Proxy. `None` for other names: AWS does not accept a token
/// for a name of one's own.
pub fn region_of_endpoint(host: &str) -> Option<Region> {
    let labels: Vec<&str> = host.split('.').collect();
    let at = labels.iter().position(|label| *label == "rds")?;
    // In China the Region comes after `rds`, elsewhere before it.
    let around = [at.checked_sub(1), Some(at + 1)];
    around.into_iter().flatten().find_map(|at| {
        let region: Region = labels.get(at)?.parse().ok()?;
        let suffix = Partition::of_region(&region).dns_suffix();
        host.strip_suffix(suffix)?.ends_with('.').then_some(region)
    })
}

/// Makes tokens with the hub's own credentials.
pub struct DatabaseTokens {
    credentials: SharedCredentialsProvider,
    of: DatabaseUser,
    clock: Arc<dyn Clock>,
    known: Mutex<Option<Credentials>>,
}

impl DatabaseTokens {
    /// With the credentials of the SDK's default chain. Does not connect yet.
    pub async fn new(
        of: DatabaseUser,
        certificates: Option<&RootCertificates>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TokenError> {
        let region = aws_config::Region::new(of.region.to_string());
        let config = loader(certificates).region(region).load().await;
        let credentials = config
            .credentials_provider()
            .ok_or_else(|| TokenError::NoCredentials("the SDK has no provider".to_owned()))?;
        Ok(Self::signed_with(credentials, of, clock))
    }

    /// With these credentials.
    pub fn signed_with(
        credentials: SharedCredentialsProvider,
        of: DatabaseUser,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { credentials, of, clock, known: Mutex::new(None) }
    }

    /// A new token. It is valid for 15 minutes, but not longer than the credentials.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn token(&self) -> Result<SecretString, TokenError> {
        let now = SystemTime::from(self.clock.now());
        let credentials = self.credentials(now).await?;
        sign_token(&self.of, credentials, now)
    }

    async fn credentials(&self, now: SystemTime) -> Result<Credentials, TokenError> {
        let mut known = self.known.lock().await;
        if let Some(credentials) = known.as_ref()
            && credentials.expiry().is_none_or(|expiry| expiry > now + RENEW_BEFORE)
        {
            return Ok(credentials.clone());
        }
        let found = self
            .credentials
            .provide_credentials()
            .await
            .map_err(|error| TokenError::NoCredentials(ErrorLine(&error).to_string()))?;
        *known = Some(found.clone());
        Ok(found)
    }
}

fn sign_token(
    of: &DatabaseUser,
    credentials: Credentials,
    now: SystemTime,
) -> Result<SecretString, TokenError> {
    let wrong = |error: &dyn Display| TokenError::Signing(error.to_string());
    let address = format!("{}:{}/", of.host, of.port);
    let query = format!("Action=connect&DBUser={}", encoded(&of.user));
    let mut settings = SigningSettings::default();
    settings.expires_in = Some(VALID);
    settings.signature_location = SignatureLocation::QueryParams;
    let identity = credentials.into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(of.region.as_str())
        .name("rds-db")
        .time(now)
        .settings(settings)
        .build()
        .map_err(|error| wrong(&error))?
        .into();
    let url = format!("https://{address}?{query}");
    let request = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(&[]))
        .map_err(|error| wrong(&error))?;
    let (instructions, _) = sign(request, &parameters).map_err(|error| wrong(&error))?.into_parts();
    // Without a scheme, as a password.
    let mut token = format!("{address}?{query}");
    for (name, value) in instructions.params() {
        let _ = write!(token, "&{name}={}", encoded(value));
    }
    Ok(token.into())
}

/// As Signature Version 4 encodes a query.
fn encoded(text: &str) -> impl Display {
    const OTHERS: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, OTHERS)
}

#[cfg(test)]
mod tests;
