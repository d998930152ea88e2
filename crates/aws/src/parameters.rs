//! Writes a parameter's value without changing anything else.

use crate::{AwsError, AwsGateway, IssuedSession, error::FromSdk as _, inventory::RegionReader};
use aws_sdk_ssm::types::ParameterMetadata;
use claviger_domain::{grants::GrantResource, scan::RegionScanFault};
use secrecy::{ExposeSecret, SecretString};

impl AwsGateway {
    /// `PutParameter` with the grant's session; returns the new version.
    pub(crate) async fn put_parameter(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretString,
    ) -> Result<String, AwsError> {
        // AWS sets absent fields to its own defaults: the key to `alias/aws/ssm`.
        let own = self.parameter_now(session, resource).await?;
        let answer = self
            .ssm_with(session, &resource.region)
            .put_parameter()
            .name(&resource.name)
            .value(value.expose_secret())
            .overwrite(true)
            .set_type(own.r#type)
            .set_key_id(stated(own.key_id))
            .set_tier(own.tier)
            .set_data_type(stated(own.data_type))
            .set_allowed_pattern(stated(own.allowed_pattern))
            .set_description(stated(own.description))
            .send()
            .await
            .map_err(|error| AwsError::of("PutParameter", &error))?;
        Ok(answer.version.to_string())
    }

    /// A parameter's current metadata, read with the inventory role: the grant's session may only write.
    async fn parameter_now(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
    ) -> Result<ParameterMetadata, AwsError> {
        let (account, region) = (&session.account, &resource.region);
        let reader = RegionReader::new(self, account, region);
        reader.named(&resource.name).await?.ok_or_else(|| AwsError {
            operation: "DescribeParameters",
            fault: RegionScanFault::Other,
            code: Some("ParameterNotFound".into()),
            detail: format!("{} is not there, so nothing was written", resource.name),
        })
    }
}

/// An empty text counts as absent: as a pattern it would match nothing.
fn stated(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}
