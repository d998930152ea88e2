//! What has to be in place in an account: our roles, a trail, AWS Config; and what AWS Config says of its secrets.

use crate::{Api, AwsError, AwsGateway, LEAST_SECONDS, SessionOrder, reader::member_client};
use async_trait::async_trait;
use aws_sdk_config::types::{
    ComplianceType, ConfigRule, ConfigurationRecorderStatus, EvaluationResult,
};
use claviger_domain::{
    ids::{AccountId, Region},
    readiness::{Compliance, ConfigReading, ConfigResult, Trail},
};

/// A role of ours in each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OurRole {
    Inventory,
    Access,
    Remediation,
}

/// A role or user with its identity policies: its own, those attached to it, and those of its groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Its ARN.
    pub principal: String,
    pub documents: Vec<String>,
    /// Its permissions boundary.
    pub boundary: Option<String>,
}

/// What readiness asks of AWS.
#[async_trait]
pub trait ReadinessGateway: Send + Sync + 'static {
    /// Assumes the role for a session that may do nothing at all: it is there, and trusts us.
    async fn try_role(&self, account: &AccountId, role: OurRole) -> Result<(), AwsError>;

    /// `DescribeTrails` with each one's `GetTrailStatus`, as seen from a Region.
    async fn trails(&self, account: &AccountId, region: &Region) -> Result<Vec<Trail>, AwsError>;

    /// `GetAccountAuthorizationDetails`: every role and user with the documents of its identity policies.
    async fn identities(&self, account: &AccountId) -> Result<Vec<Identity>, AwsError>;

    /// The recorder, and what the managed rules about Secrets Manager say.
    async fn config(&self, account: &AccountId, region: &Region)
    -> Result<ConfigReading, AwsError>;
}

/// Managed rules about secrets begin so.
const ABOUT_SECRETS: &str = "SECRETSMANAGER_";

/// Allows nothing.
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

#[async_trait]
impl ReadinessGateway for AwsGateway {
    async fn try_role(&self, account: &AccountId, role: OurRole) -> Result<(), AwsError> {
        let role = match role {
            OurRole::Inventory => return self.broker.credentials(account).await.map(|_| ()),
            OurRole::Access => &self.roles.access,
            OurRole::Remediation => &self.roles.remediation,
        };
        let order = SessionOrder {
            account: account.clone(),
            session_name: "claviger-readiness".into(),
            source_identity: "claviger".into(),
            tags: Vec::new(),
            policy: NOTHING.into(),
            seconds: LEAST_SECONDS,
        };
        self.assume(role, &order).await.map(|_| ())
    }

    async fn trails(&self, account: &AccountId, region: &Region) -> Result<Vec<Trail>, AwsError> {
        let client = member_client!(self, aws_sdk_cloudtrail, "cloudtrail", account, region);
        let key = (account.clone(), region.clone());
        self.budget.ready(Api::DescribeTrails, &key).await;
        let answer = client
            .describe_trails()
            .include_shadow_trails(true)
            .send()
            .await
            .map_err(|error| AwsError::of("DescribeTrails", &error))?;
        let mut trails = Vec::new();
        for trail in answer.trail_list() {
            let name = trail.trail_arn().or(trail.name()).unwrap_or_default().to_owned();
            self.budget.ready(Api::DescribeTrails, &key).await;
            let status = client.get_trail_status().name(&name).send().await;
            let is_logging = match status {
                Ok(status) => status.is_logging().unwrap_or(false),
                Err(error) => return Err(AwsError::of("GetTrailStatus", &error)),
            };
            trails.push(Trail {
                name: trail.name().unwrap_or_default().to_owned(),
                is_multi_region: trail.is_multi_region_trail().unwrap_or(false),
                is_organization: trail.is_organization_trail().unwrap_or(false),
                is_logging,
            });
        }
        Ok(trails)
    }

    async fn identities(&self, account: &AccountId) -> Result<Vec<Identity>, AwsError> {
        // IAM is one for all Regions.
        let region = &self.roles.hub_region;
        let client = member_client!(self, aws_sdk_iam, "iam", account, region);
        self.budget.ready(Api::Identities, &(account.clone(), region.clone())).await;
        crate::identities::read(&client).await
    }

    async fn config(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<ConfigReading, AwsError> {
        let client = member_client!(self, aws_sdk_config, "config", account, region);
        let key = (account.clone(), region.clone());
        let ready = || self.budget.ready(Api::Config, &key);
        ready().await;
        let recorders = client
            .describe_configuration_recorder_status()
            .send()
            .await
            .map_err(|error| AwsError::of("DescribeConfigurationRecorderStatus", &error))?;
        let statuses = recorders.configuration_recorders_status();
        let mut reading = ConfigReading {
            is_recording: (!statuses.is_empty())
                .then(|| statuses.iter().any(ConfigurationRecorderStatus::recording)),
            results: Vec::new(),
        };
        let mut rules: Vec<ConfigRule> = Vec::new();
        paged!(
            "DescribeConfigRules",
            {
                ready().await;
                client.describe_config_rules()
            },
            config_rules,
            |rule: &ConfigRule| {
                if identifier(rule).is_some_and(|id| id.starts_with(ABOUT_SECRETS)) {
                    rules.push(rule.clone());
                }
                Ok::<(), AwsError>(())
            }
        );
        for rule in &rules {
            let name = rule.config_rule_name().unwrap_or_default();
            paged!(
                "GetComplianceDetailsByConfigRule",
                {
                    ready().await;
                    client.get_compliance_details_by_config_rule().config_rule_name(name).limit(100)
                },
                evaluation_results,
                |result: &EvaluationResult| {
                    reading.results.extend(config_result(rule, result));
                    Ok::<(), AwsError>(())
                }
            );
        }
        Ok(reading)
    }
}

fn identifier(rule: &ConfigRule) -> Option<&str> {
    rule.source().and_then(|source| source.source_identifier())
}

fn config_result(rule: &ConfigRule, result: &EvaluationResult) -> Option<ConfigResult> {
    let about = result.evaluation_result_identifier()?.evaluation_result_qualifier()?;
    let compliance = match result.compliance_type()? {
        ComplianceType::Compliant => Compliance::Compliant,
        ComplianceType::NonCompliant => Compliance::NonCompliant,
        ComplianceType::NotApplicable => Compliance::NotApplicable,
        _ => Compliance::InsufficientData,
    };
    Some(ConfigResult {
        rule: rule.config_rule_name().unwrap_or_default().to_owned(),
        identifier: identifier(rule).unwrap_or_default().to_owned(),
        parameters: rule.input_parameters().map(ToOwned::to_owned),
        resource: about.resource_id()?.to_owned(),
        compliance,
        recorded_at: result.result_recorded_time().and_then(crate::convert::moment),
        annotation: result.annotation().map(ToOwned::to_owned),
    })
}
