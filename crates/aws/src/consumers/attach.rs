//! Gives a Lambda function another role.

use super::functions::configuration_path;
use crate::{
    AwsError, AwsGateway, ConsumerOrder, IssuedSession, RoleWrite,
    signed::{SignedBody, SignedCall},
};
use serde_json::json;

impl AwsGateway {
    /// With the revision that was read, so that an update by somebody else in between is not overwritten. The response, which
    /// repeats the environment variables, is not read.
    pub(super) async fn update_function(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        (function, role): (&str, &str),
        write: &RoleWrite,
    ) -> Result<(), AwsError> {
        let name = function.rsplit(':').next().unwrap_or_default();
        let mut asked = json!({"Role": role});
        if let Some(revision) = &write.revision {
            asked["RevisionId"] = json!(revision);
        }
        let call = SignedCall {
            service: "Lambda",
            endpoint: "lambda",
            operation: "UpdateFunctionConfiguration",
            path: configuration_path(name),
            body: SignedBody::Put(asked.to_string()),
        };
        self.function_call((&order.account, &order.region), session, &call).await.map(drop)
    }
}
