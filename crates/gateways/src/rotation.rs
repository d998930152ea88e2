//! What AWS says about a rotation function, for the pre-flight of a rotation.

use crate::AwsError;
use async_trait::async_trait;
use claviger_domain::{
    ids::{AccountId, Region},
    remediation::{FunctionArn, FunctionNetwork, FunctionReading},
};

/// A reading with the parameters of its session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionOrder {
    pub account: AccountId,
    pub region: Region,
    pub function: FunctionArn,
    /// Shown in CloudTrail; 2 to 64 of `[\w+=,.@-]`.
    pub session_name: String,
    pub source_identity: String,
    /// The session policy: reads of this function and of networks.
    pub policy: String,
}

/// The AWS calls of a pre-flight. They change nothing.
#[async_trait]
pub trait RotationGateway: Send + Sync + 'static {
    /// `GetFunctionConfiguration` and `GetPolicy` of one function, without its network. The values of its environment
    /// variables, which AWS returns as well, are not kept. A call that AWS does not answer is part of the result; only an
    /// account without access is an error.
    async fn function(&self, order: &FunctionOrder) -> Result<FunctionReading, AwsError>;

    /// What leads out of a VPC of the function's account and Region: its route tables, its endpoints for Secrets Manager and its
    /// security groups. A call that AWS does not answer is part of the result.
    async fn network(&self, order: &FunctionOrder, vpc: &str) -> Result<FunctionNetwork, AwsError>;

    /// The name of the role in each account that starts rotations.
    fn rotating_role(&self) -> &str;
}
