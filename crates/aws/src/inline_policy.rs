//! Inline policies of roles.

use crate::{AwsError, error::FromSdk as _};
use aws_sdk_iam::{Client, operation::get_role_policy::GetRolePolicyError};

/// The document; `None` where the role has no policy of this name, or is not there.
pub(crate) async fn inline_policy(
    iam: &Client,
    role: &str,
    name: &str,
) -> Result<Option<String>, AwsError> {
    match iam.get_role_policy().role_name(role).policy_name(name).send().await {
        // IAM's response is percent-encoded.
        Ok(found) => {
            let document = percent_encoding::percent_decode_str(found.policy_document());
            Ok(Some(document.decode_utf8_lossy().into_owned()))
        }
        Err(error)
            if error
                .as_service_error()
                .is_some_and(GetRolePolicyError::is_no_such_entity_exception) =>
        {
            Ok(None)
        }
        Err(error) => Err(AwsError::of("GetRolePolicy", &error)),
    }
}
