//! Writes a parameter's value, and changes nothing else that isn't asked for.

use crate::{AwsError, AwsGateway, IssuedSession, error::FromSdk as _, inventory::RegionReader};
use aws_sdk_ssm::types::{ParameterMetadata, ParameterTier};
use claviger_domain::{
    creation::Tier,
    grants::GrantResource,
    parameter_change::{ParameterChange, Setting},
    scan::RegionScanFault,
};
use secrecy::{ExposeSecret, SecretString};

impl AwsGateway {
    /// `PutParameter` with the grant's session; returns the new version.
    pub(crate) async fn put_parameter(
        &self,
        session: &IssuedSession,
        resource: &GrantResource,
        value: &SecretString,
        change: &ParameterChange,
    ) -> Result<String, AwsError> {
        // AWS sets absent fields to its own defaults: the key to `alias/aws/ssm`. Policies it keeps.
        let own = self.parameter_now(session, resource).await?;
        let tier = match change.tier {
            None => own.tier,
            Some(Tier::Standard) => Some(ParameterTier::Standard),
            Some(Tier::Advanced) => Some(ParameterTier::Advanced),
        };
        let pattern = match &change.pattern {
            Setting::Keep => stated(own.allowed_pattern),
            Setting::Set(pattern) => Some(pattern.clone()),
            Setting::Remove => None,
        };
        let answer = self
            .ssm_with(session, &resource.region)
            .put_parameter()
            .name(&resource.name)
            .value(value.expose_secret())
            .overwrite(true)
            .set_type(own.r#type)
            .set_key_id(change.key.clone().or(stated(own.key_id)))
            .set_tier(tier)
            .set_data_type(stated(own.data_type))
            .set_allowed_pattern(pattern)
            .set_policies(change.policies_json())
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
