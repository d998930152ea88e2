//! How the database is reached: its URL, additional root certificates, and the source of passwords that expire.

use crate::StoreError;
use async_trait::async_trait;
use claviger_domain::error_line::ErrorLine;
use secrecy::{ExposeSecret, SecretString};
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgSslMode},
};
use std::{fmt, fs, str::FromStr, sync::Arc, time::Duration};
use url::Url;

/// Gives the password of connections that are opened now.
#[async_trait]
pub trait PasswordSource: Send + Sync + 'static {
    async fn password(&self) -> Result<SecretString, PasswordError>;
}

/// Why there is no password now.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct PasswordError(pub String);

/// How often the password of new connections is renewed. RDS accepts a token for 15 minutes, but not longer than the
/// credentials that signed it, and signing costs no call.
const RENEW_EACH: Duration = Duration::from_mins(1);

/// The database's address. Its `Debug` shows no password.
#[derive(Clone)]
pub struct DatabaseAddress {
    options: PgConnectOptions,
    /// PEM, or the file that has it, as the URL or `PGSSLROOTCERT` names it.
    root_certificate: Option<String>,
    has_password: bool,
    passwords: Option<Arc<dyn PasswordSource>>,
    renew_each: Duration,
}

impl fmt::Debug for DatabaseAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseAddress").finish_non_exhaustive()
    }
}

/// The end of the address that a token is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseEndpoint {
    pub host: String,
    pub port: u16,
    pub user: String,
    /// Whether the server's certificate and its name are verified (`sslmode=verify-full`).
    pub is_verified: bool,
    /// Whether the URL names a root certificate.
    pub has_root_certificate: bool,
    /// Whether the URL has a password.
    pub has_password: bool,
}

impl FromStr for DatabaseAddress {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        // sqlx takes any scheme for PostgreSQL's.
        if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
            let what = "its URL is to begin with postgres:// or postgresql://";
            return Err(sqlx::Error::Configuration(what.into()).into());
        }
        let options = PgConnectOptions::from_str(url)?;
        let parsed = Url::parse(url).map_err(|error| sqlx::Error::Configuration(error.into()))?;
        let parameter = |names: &[&str]| {
            let found =
                parsed.query_pairs().filter(|(key, _)| names.contains(&key.as_ref())).last();
            found.map(|(_, value)| value.into_owned())
        };
        Ok(Self {
            options,
            root_certificate: parameter(&["sslrootcert", "ssl-root-cert", "ssl-ca"])
                .or_else(|| std::env::var("PGSSLROOTCERT").ok()),
            has_password: parsed.password().is_some() || parameter(&["password"]).is_some(),
            passwords: None,
            renew_each: RENEW_EACH,
        })
    }
}

impl DatabaseAddress {
    /// Also trusts these certificates (PEM), in addition to the root certificate that the URL names.
    pub fn with_certificates(mut self, pem: &[u8]) -> Result<Self, StoreError> {
        let mut all = match &self.root_certificate {
            None => Vec::new(),
            Some(inline) if inline.trim_start().starts_with("-----BEGIN") => {
                inline.clone().into_bytes()
            }
            Some(file) => fs::read(file).map_err(|error| {
                sqlx::Error::Configuration(format!("sslrootcert: {file}: {error}").into())
            })?,
        };
        all.push(b'\n');
        all.extend_from_slice(pem);
        self.options = self.options.ssl_root_cert_from_pem(all);
        Ok(self)
    }

    /// With passwords that expire, in place of the URL's.
    #[must_use]
    pub fn with_passwords(self, passwords: Arc<dyn PasswordSource>) -> Self {
        Self { passwords: Some(passwords), ..self }
    }

    /// With another interval than the minute after which passwords are renewed; for tests.
    #[must_use]
    pub fn renewed_each(self, renew_each: Duration) -> Self {
        Self { renew_each, ..self }
    }

    pub fn endpoint(&self) -> DatabaseEndpoint {
        DatabaseEndpoint {
            host: self.options.get_host().to_owned(),
            port: self.options.get_port(),
            user: self.options.get_username().to_owned(),
            is_verified: matches!(self.options.get_ssl_mode(), PgSslMode::VerifyFull)
                && self.options.get_socket().is_none(),
            has_root_certificate: self.root_certificate.is_some(),
            has_password: self.has_password,
        }
    }

    pub(crate) fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The options with a password that is valid now.
    pub(crate) async fn with_password(
        &self,
        options: PgConnectOptions,
    ) -> Result<PgConnectOptions, StoreError> {
        let Some(passwords) = &self.passwords else { return Ok(options) };
        let password = passwords.password().await.map_err(|error| StoreError::Password(error.0))?;
        Ok(options.password(password.expose_secret()))
    }

    /// Renews the password of the pool's next connections until the pool is closed. Open connections are not affected:
    /// PostgreSQL asks for a password only when one begins.
    pub(crate) fn renew_passwords(&self, pool: &PgPool, options: PgConnectOptions) {
        let Some(passwords) = self.passwords.clone() else { return };
        let (pool, each) = (pool.clone(), self.renew_each);
        tokio::spawn(async move {
            let mut is_failing = false;
            loop {
                tokio::select! {
                    () = pool.close_event() => return,
                    () = tokio::time::sleep(each) => {}
                }
                match passwords.password().await {
                    Ok(password) => {
                        pool.set_connect_options(
                            options.clone().password(password.expose_secret()),
                        );
                        if is_failing {
                            tracing::info!("the database's token is renewed again");
                        }
                        is_failing = false;
                    }
                    Err(error) => {
                        if !is_failing {
                            tracing::warn!(error = %ErrorLine(&error), "the database's token cannot be renewed: new connections fail when the last one expires");
                        }
                        is_failing = true;
                    }
                }
            }
        });
    }
}
