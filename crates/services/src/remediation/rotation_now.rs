//! The call that rotates one secret now.

use crate::{PlanWriter, ServiceError};
use claviger_domain::{
    authz::VisibleAccounts,
    ids::{AccountId, ResourceId},
    remediation::{PlannedCall, RemediationAction},
};

impl PlanWriter {
    /// The call that rotates this secret now, or why there is none, as a clause such as `its rotation is off`.
    pub(crate) async fn rotation_now(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
    ) -> Result<Result<Vec<(AccountId, PlannedCall)>, String>, ServiceError> {
        let rows = match self.chosen_items(visible, &[id]).await {
            Err(ServiceError::NotFound(_)) => return Ok(Err("it no longer exists".to_owned())),
            rows => rows?,
        };
        let action = RemediationAction::RotateNow {};
        let resolved = self.resolved(&action, &rows, &[]).await?;
        let calls = resolved.calls();
        if calls.is_empty() {
            let why = resolved.left_out.into_iter().next().map(|left| left.why);
            return Ok(Err(why.unwrap_or_else(|| "there is nothing to rotate".to_owned())));
        }
        Ok(Ok(calls))
    }
}
