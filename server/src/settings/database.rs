//! The settings of the database alone, for commands that need no other, and whether they fit together.

use super::{
    CaBundle, Settings,
    source::{self, Source},
};
use crate::StartError;
use claviger_aws::{DatabaseUser, region_of_endpoint};
use claviger_store::DatabaseAddress;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// How the database verifies Claviger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatabaseAuth {
    /// The password of the URL.
    #[default]
    Password,
    /// A token of RDS or Aurora, signed with Claviger's AWS credentials.
    RdsIam,
}

/// What is needed to connect.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct DatabaseSettings {
    pub(crate) database_url: SecretString,
    #[serde(default)]
    pub(crate) database_auth: DatabaseAuth,
    pub(crate) ca_bundle: Option<CaBundle>,
}

const NAMES: &[&str] = &["database_url", "database_auth", "ca_bundle"];

impl DatabaseSettings {
    /// From the environment, which takes precedence, and the file; other settings are not looked at.
    pub(crate) async fn load(file: Option<&PathBuf>) -> Result<Self, StartError> {
        let wrong = |error: source::SettingsError| StartError::Settings(error.to_string());
        super::check_proxy()?;
        let text = file.map_or_else(|| Ok(String::new()), |file| source::text(file))?;
        let given = source::collect(&of_file(&text, file), std::env::vars_os(), Some(NAMES))
            .map_err(wrong)?;
        if !given.has("database_url") {
            return Err(StartError::Settings(
                "the database is not named: set DATABASE_URL, DATABASE_URL_FILE or DATABASE_URL_ARN, or database_url in the \
                 file"
                    .into(),
            ));
        }
        given
            .read_files()
            .map_err(wrong)?
            .read_secrets()
            .await
            .map_err(wrong)?
            .parse()
            .map_err(wrong)
    }

    /// The address, and who authenticates by IAM there. Nothing is connected.
    pub(crate) fn address(&self) -> Result<(DatabaseAddress, Option<DatabaseUser>), StartError> {
        let mut address: DatabaseAddress = self.database_url.expose_secret().parse()?;
        if let Some(bundle) = &self.ca_bundle {
            address = address.with_certificates(bundle.pem())?;
        }
        let user = match self.database_auth {
            DatabaseAuth::Password => None,
            DatabaseAuth::RdsIam => Some(self.iam_user(&address)?),
        };
        Ok((address, user))
    }

    /// A token is as good as a password for a quarter of an hour: it is sent only to a server whose certificate and name
    /// are verified. sqlx verifies nothing with `require`, and no name with `verify-ca`.
    fn iam_user(&self, address: &DatabaseAddress) -> Result<DatabaseUser, StartError> {
        let wrong =
            |what: String| StartError::Settings(format!("database_auth is rds-iam, {what}"));
        let at = address.endpoint();
        if at.has_password {
            return Err(wrong(
                "and the database's URL has a password. Remove the password from the URL"
                    .to_owned(),
            ));
        }
        if !at.is_verified {
            return Err(wrong(
                "which needs a verified TLS connection. Add ?sslmode=verify-full to the database's URL, and name the \
                 certificates of Amazon RDS by &sslrootcert=… or ca_bundle"
                    .to_owned(),
            ));
        }
        let is_custom = at.host.contains(".cluster-custom-");
        let Some(region) = region_of_endpoint(&at.host).filter(|_| !is_custom) else {
            return Err(wrong(format!(
                "and {} is not an endpoint such as name.cluster-….eu-west-1.rds.amazonaws.com. AWS accepts tokens for the \
                 endpoint's own name only, not for a name of your own, a custom endpoint or the writer of a global database",
                at.host
            )));
        };
        // The certificates of proxies are from a public authority.
        let is_proxy = at.host.contains(".proxy-");
        if !is_proxy && !at.has_root_certificate && self.ca_bundle.is_none() {
            return Err(wrong(
                "and no root certificate is named. Download the certificates of Amazon RDS \
                 (https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem), and name the file by &sslrootcert=… \
                 in the database's URL or by ca_bundle"
                    .to_owned(),
            ));
        }
        Ok(DatabaseUser { host: at.host, port: at.port, user: at.user, region })
    }
}

/// A file's text with its folder.
pub(super) fn of_file<'a>(text: &'a str, file: Option<&'a PathBuf>) -> Source<'a> {
    let folder = file.and_then(|file| file.parent()).unwrap_or_else(|| Path::new(""));
    Source { text, folder }
}

impl Settings {
    /// Those of the database.
    pub(crate) fn database(&self) -> DatabaseSettings {
        DatabaseSettings {
            database_url: self.database_url.clone(),
            database_auth: self.database_auth,
            ca_bundle: self.ca_bundle.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RDS: &str = "db.cluster-abcdefghijkl.eu-west-1.rds.amazonaws.com";

    fn user(url: &str) -> Result<Option<DatabaseUser>, String> {
        let settings = DatabaseSettings {
            database_url: url.into(),
            database_auth: DatabaseAuth::RdsIam,
            ca_bundle: None,
        };
        settings.address().map(|(_, user)| user).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_for_the_endpoint_and_the_user_of_the_url() {
        let url = format!(
            "postgres://console@{RDS}:6432/claviger?sslmode=verify-full&sslrootcert=/a.pem"
        );
        let found = user(&url).unwrap().unwrap();
        assert_eq!((found.host.as_str(), found.port, found.user.as_str()), (RDS, 6432, "console"));
        assert_eq!(found.region.as_str(), "eu-west-1");
        let proxy = "postgres://c@p.proxy-abcdefghijkl.eu-west-1.rds.amazonaws.com/claviger?sslmode=verify-full";
        assert!(user(proxy).unwrap().is_some());
    }

    #[test]
    fn a_token_is_never_sent_to_a_server_that_is_not_verified() {
        for (url, says) in [
            (format!("postgres://c@{RDS}/claviger"), "sslmode=verify-full"),
            (format!("postgres://c@{RDS}/claviger?sslmode=require&sslrootcert=/a"), "sslmode=verify-full"),
            (format!("postgres://c@{RDS}/claviger?sslmode=verify-ca&sslrootcert=/a"), "sslmode=verify-full"),
            (format!("postgres://c@{RDS}/claviger?sslmode=verify-full"), "global-bundle.pem"),
            (format!("postgres://c:hunter2@{RDS}/claviger?sslmode=verify-full&sslrootcert=/a"), "has a password"),
            ("postgres://c@x.cluster-custom-a.eu-west-1.rds.amazonaws.com/claviger?sslmode=verify-full&sslrootcert=/a".to_owned(), "not an endpoint"),
            ("postgres://c@db.example.com/claviger?sslmode=verify-full&sslrootcert=/a".to_owned(), "not an endpoint"),
        ] {
            let fault = user(&url).unwrap_err();
            assert!(fault.contains(says) && !fault.contains("hunter2"), "{url}: {fault}");
        }
    }
}
