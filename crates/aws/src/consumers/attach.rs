//! Gives a workload another role. Responses, which repeat environment variables, are not read.

use super::functions::configuration_path;
use crate::{
    AwsError, AwsGateway, ConsumerOrder, IssuedSession, RoleWrite,
    signed::{SignedBody, SignedCall},
};
use claviger_domain::remediation::role_name;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::fmt::Write as _;

impl AwsGateway {
    /// With the revision that was read, so that an update by somebody else in between is not overwritten.
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

    /// With the role alone: `CodeBuild` keeps every setting that a request leaves out.
    pub(super) async fn update_project(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        (project, role): (&str, &str),
    ) -> Result<(), AwsError> {
        let asked = json!({"name": role_name(project), "serviceRole": role});
        let call = SignedCall {
            service: "CodeBuild",
            endpoint: "codebuild",
            operation: "UpdateProject",
            path: "/".to_owned(),
            body: SignedBody::Json {
                target: "CodeBuild_20161006.UpdateProject",
                text: asked.to_string(),
            },
        };
        self.function_call((&order.account, &order.region), session, &call).await.map(drop)
    }

    /// Gives an instance that has no instance profile this one.
    pub(super) async fn associate_profile(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        (instance, profile): (&str, &str),
    ) -> Result<(), AwsError> {
        let named = [("InstanceId", role_name(instance)), ("IamInstanceProfile.Arn", profile)];
        let call = ec2("AssociateIamInstanceProfile", &named);
        self.function_call((&order.account, &order.region), session, &call).await.map(drop)
    }

    /// Exchanges the instance profile of the association that was read.
    pub(super) async fn replace_profile(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        profile: &str,
        write: &RoleWrite,
    ) -> Result<(), AwsError> {
        let association = write.revision.as_deref().unwrap_or_default();
        let named = [("AssociationId", association), ("IamInstanceProfile.Arn", profile)];
        let call = ec2("ReplaceIamInstanceProfileAssociation", &named);
        self.function_call((&order.account, &order.region), session, &call).await.map(drop)
    }
}

/// A call of EC2's Query API.
pub(super) fn ec2(operation: &'static str, parameters: &[(&str, &str)]) -> SignedCall {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let mut form = format!("Action={operation}&Version=2016-11-15");
    for (name, value) in parameters {
        let _ = write!(form, "&{name}={}", encoded(value));
    }
    SignedCall {
        service: "EC2",
        endpoint: "ec2",
        operation,
        path: "/".to_owned(),
        body: SignedBody::Form(form),
    }
}
