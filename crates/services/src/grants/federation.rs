//! Sign-in to the AWS console, which the server implements.

use async_trait::async_trait;
use claviger_gateways::IssuedSession;

/// Why the endpoint returned no sign-in token; without its URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct FederationError(pub String);

/// The AWS console's federation endpoint.
#[async_trait]
pub trait Federation: Send + Sync + 'static {
    /// A link that signs in with the session and leads to the destination. Good for 15 minutes.
    async fn sign_in_link(
        &self,
        session: &IssuedSession,
        destination: &str,
    ) -> Result<String, FederationError>;
}
