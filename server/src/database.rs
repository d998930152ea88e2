//! Connects to the database that the settings name.

use crate::{
    StartError, SystemClock,
    settings::{CaBundle, DatabaseSettings},
};
use async_trait::async_trait;
use claviger_aws::DatabaseTokens;
use claviger_store::{DatabaseAddress, PasswordError, PasswordSource, Store};
use secrecy::SecretString;
use std::sync::Arc;

/// Tokens of RDS as passwords.
struct Tokens(DatabaseTokens);

#[async_trait]
impl PasswordSource for Tokens {
    async fn password(&self) -> Result<SecretString, PasswordError> {
        self.0.token().await.map_err(|error| PasswordError(error.to_string()))
    }
}

/// The address, with the source of its passwords if they expire.
pub(crate) async fn address(settings: &DatabaseSettings) -> Result<DatabaseAddress, StartError> {
    let (address, user) = settings.address()?;
    let Some(user) = user else { return Ok(address) };
    let certificates = settings.ca_bundle.as_ref().map(CaBundle::pem);
    let tokens = DatabaseTokens::new(user, certificates, Arc::new(SystemClock))
        .await
        .map_err(|error| StartError::Database { reason: error.to_string() })?;
    Ok(address.with_passwords(Arc::new(Tokens(tokens))))
}

/// Connects with at most so many connections.
pub(crate) async fn connect(
    settings: &DatabaseSettings,
    max_connections: u32,
) -> Result<Store, StartError> {
    Ok(Store::connect_to(&address(settings).await?, max_connections).await?)
}
