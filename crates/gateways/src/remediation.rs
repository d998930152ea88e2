//! Calls that change a resource.

use crate::{AwsError, CreationOrder, NewValue};
use async_trait::async_trait;
use claviger_domain::{
    creation::NewResource,
    facts::Kind,
    ids::{AccountId, Arn, Region},
    remediation::AwsCall,
};

/// A call with the parameters of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOrder {
    pub account: AccountId,
    pub region: Region,
    pub kind: Kind,
    pub arn: Arn,
    pub name: String,
    /// Shown in CloudTrail; 2 to 64 of `[\w+=,.@-]`.
    pub session_name: String,
    pub source_identity: String,
    /// The session policy: this call on this ARN.
    pub policy: String,
    /// If AWS accepts one: a second call with the same token changes nothing.
    pub token: String,
}

/// The AWS calls of remediation.
#[async_trait]
pub trait RemediationGateway: Send + Sync + 'static {
    /// Makes one call, in a session of the remediation role with the order's session policy.
    async fn carry_out(&self, order: &CallOrder, call: &AwsCall) -> Result<(), AwsError>;

    /// Creates a secret or parameter with its first value, in a session of the remediation role with the order's session
    /// policy. Returns its ARN.
    async fn create(
        &self,
        order: &CreationOrder,
        new: &NewResource,
        value: &NewValue,
    ) -> Result<String, AwsError>;
}
