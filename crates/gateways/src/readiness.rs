//! The prerequisites of an account.

use crate::AwsError;
use async_trait::async_trait;
use claviger_domain::{
    accounts::{
        identities::Identity,
        readiness::{ConfigReading, Trail},
    },
    ids::{AccountId, Region},
};
use std::collections::BTreeMap;

/// A role of Claviger in an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OurRole {
    Inventory,
    Access,
    Remediation,
    /// Opt-in.
    Consumers,
    /// Opt-in.
    Iam,
}

/// The AWS calls for prerequisites.
#[async_trait]
pub trait ReadinessGateway: Send + Sync + 'static {
    /// Assumes the role for a session without permissions: it exists, and trusts Claviger.
    async fn try_role(&self, account: &AccountId, role: OurRole) -> Result<(), AwsError>;

    /// `DescribeTrails` with the `GetTrailStatus` and the `GetEventSelectors` of each, in a Region. What AWS does not return is
    /// part of the result.
    async fn trails(&self, account: &AccountId, region: &Region) -> Result<Vec<Trail>, AwsError>;

    /// `GetAccountAuthorizationDetails`: every role and user with the documents of its identity policies, and Claviger's own
    /// roles with their tags.
    async fn identities(&self, account: &AccountId) -> Result<Identities, AwsError>;

    /// The recorder, and the results of the managed rules for Secrets Manager. A call that AWS does not answer is part of the
    /// result; only an account without access is an error.
    async fn config(&self, account: &AccountId, region: &Region)
    -> Result<ConfigReading, AwsError>;
}

/// Every role and user of an account, and Claviger's own roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identities {
    pub identities: Vec<Identity>,
    /// A role that is not among them does not exist.
    pub own_roles: Vec<MemberRole>,
}

/// A role of Claviger in an account, from `GetAccountAuthorizationDetails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberRole {
    pub role: OurRole,
    /// Its tags that begin with `claviger:`.
    pub tags: BTreeMap<String, String>,
    /// Whether its trust policy requires an external id that is not Claviger's. The document is not passed on:
    /// it contains the external id.
    pub requires_other_external_id: bool,
}
