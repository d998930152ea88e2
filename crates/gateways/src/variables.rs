//! Variables of the workloads of an account and Region, and parameters and outputs of its stacks.

use crate::{AwsError, ConsumerOrder};
use async_trait::async_trait;
use claviger_domain::variables::{EnvironmentVariable, WorkloadKind};

/// The variables of all workloads of a kind, without their values, which are dropped while the response is parsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorkloadVariables {
    pub variables: Vec<EnvironmentVariable>,
    /// The ARNs of workloads whose variables AWS did not return, such as functions with a key of their own.
    pub unreadable: Vec<String>,
}

/// The list of a kind: whole, or why it is not.
#[derive(Debug, Clone)]
pub struct VariableReading {
    pub kind: WorkloadKind,
    pub read: Result<WorkloadVariables, AwsError>,
}

/// Reads variables, in a session of `claviger-consumers`. The role is opt-in.
#[async_trait]
pub trait VariableGateway: Send + Sync + 'static {
    /// Each kind in an account and Region; a kind that AWS denies does not hide the others. Fails with `AssumeRole` where the
    /// role is missing.
    async fn plain_variables(
        &self,
        order: &ConsumerOrder,
    ) -> Result<Vec<VariableReading>, AwsError>;

    /// The name of the role that reads them.
    fn variables_role(&self) -> &str;
}
