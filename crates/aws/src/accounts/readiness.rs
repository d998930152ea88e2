//! The prerequisites of an account: Claviger's roles, a trail, AWS Config; and AWS Config's results for its secrets.

use crate::{
    Api, AwsError, AwsGateway, Identities, OurRole, ReadinessGateway, SessionOrder,
    error::FromSdk as _, inventory::member_client, member_roles::Expected,
};
use async_trait::async_trait;
use aws_sdk_cloudtrail::{
    operation::get_event_selectors::GetEventSelectorsOutput, types::ReadWriteType,
};
use aws_sdk_config::{
    Client,
    types::{ComplianceType, ConfigRule, ConfigurationRecorderStatus, EvaluationResult},
};
use claviger_domain::{
    accounts::readiness::{
        Compliance, ConfigReading, ConfigResult, ConfigRules, ManagementEvents, Trail,
    },
    ids::{AccountId, Region},
};

/// The prefix of managed rules for secrets.
const ABOUT_SECRETS: &str = "SECRETSMANAGER_";

/// The name of the session that tries a role.
const TRIAL_SESSION: &str = "claviger-readiness";
/// Allows nothing.
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;

#[async_trait]
impl ReadinessGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.role = ?role))]
    async fn try_role(&self, account: &AccountId, role: OurRole) -> Result<(), AwsError> {
        let role = match role {
            OurRole::Inventory => return self.session_cache.credentials(account).await.map(|_| ()),
            OurRole::Access => &self.roles.access,
            OurRole::Remediation => &self.roles.remediation,
            OurRole::Consumers => &self.roles.consumers,
            OurRole::Iam => &self.roles.iam,
        };
        let order = SessionOrder::for_calls(account, TRIAL_SESSION, "claviger", NOTHING);
        self.assume(role, &order).await.map(|_| ())
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn trails(&self, account: &AccountId, region: &Region) -> Result<Vec<Trail>, AwsError> {
        let client = member_client!(self, aws_sdk_cloudtrail, "cloudtrail", account, region);
        let key = (account.clone(), region.clone());
        let ready = || self.budget.ready(Api::DescribeTrails, &key);
        read_trails(&client, ready).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account))]
    async fn identities(&self, account: &AccountId) -> Result<Identities, AwsError> {
        // IAM is global.
        let region = &self.roles.hub_region;
        let client = member_client!(self, aws_sdk_iam, "iam", account, region);
        self.budget.ready(Api::Identities, &(account.clone(), region.clone())).await;
        let roles = &self.roles;
        let expected = Expected {
            names: [
                (OurRole::Inventory, &roles.inventory),
                (OurRole::Access, &roles.access),
                (OurRole::Remediation, &roles.remediation),
                (OurRole::Consumers, &roles.consumers),
                (OurRole::Iam, &roles.iam),
            ],
            external_id: roles.external_id.as_ref(),
        };
        crate::identities::read(&client, &expected).await
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %account, aws.region = %region))]
    async fn config(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<ConfigReading, AwsError> {
        let client = member_client!(self, aws_sdk_config, "config", account, region);
        let key = (account.clone(), region.clone());
        // Separately, so that an inaccessible account is distinguished from denied calls.
        self.session_cache.credentials(account).await?;
        let ready = || self.budget.ready(Api::Config, &key);
        Ok(read_config(&client, ready).await)
    }
}

async fn read_trails<F: Future<Output = ()>>(
    client: &aws_sdk_cloudtrail::Client,
    ready: impl Fn() -> F,
) -> Result<Vec<Trail>, AwsError> {
    ready().await;
    let answer = client
        .describe_trails()
        .include_shadow_trails(true)
        .send()
        .await
        .map_err(|error| AwsError::of("DescribeTrails", &error))?;
    let mut trails = Vec::new();
    for trail in answer.trail_list() {
        let name = trail.trail_arn().or(trail.name()).unwrap_or_default().to_owned();
        ready().await;
        // The status of another account's trail may not be readable.
        let is_logging = match client.get_trail_status().name(&name).send().await {
            Ok(status) => Ok(status.is_logging().unwrap_or(false)),
            Err(error) => Err(AwsError::of("GetTrailStatus", &error).read_failure()),
        };
        ready().await;
        let management = match client.get_event_selectors().trail_name(&name).send().await {
            Ok(found) => Ok(management_events(&found)),
            Err(error) => Err(AwsError::of("GetEventSelectors", &error).read_failure()),
        };
        trails.push(Trail {
            management,
            name: trail.name().unwrap_or_default().to_owned(),
            is_multi_region: trail.is_multi_region_trail().unwrap_or(false),
            is_organization: trail.is_organization_trail().unwrap_or(false),
            is_logging,
        });
    }
    Ok(trails)
}

/// What the selectors of a trail let through. Selectors of one kind only are set.
fn management_events(found: &GetEventSelectorsOutput) -> ManagementEvents {
    let mut logged = ManagementEvents::default();
    for selector in found.event_selectors() {
        // AWS's default is to log them.
        if selector.include_management_events().unwrap_or(true) {
            logged.reads |= selector.read_write_type() != Some(&ReadWriteType::WriteOnly);
            logged.writes |= selector.read_write_type() != Some(&ReadWriteType::ReadOnly);
        }
    }
    for selector in found.advanced_event_selectors() {
        let field = |name: &str| selector.field_selectors().iter().find(|one| one.field() == name);
        let is = |name: &str, value: &str| {
            field(name).is_some_and(|one| one.equals().iter().any(|own| own == value))
        };
        // A selector that leaves out sources or names is not looked into further: it leaves out what somebody chose.
        if is("eventCategory", "Management") {
            let all = field("readOnly").is_none();
            logged.reads |= all || is("readOnly", "true");
            logged.writes |= all || is("readOnly", "false");
        }
    }
    logged
}

/// Each call separately: a denied one does not hide the results of others.
async fn read_config<F: Future<Output = ()>>(
    client: &Client,
    ready: impl Fn() -> F + Copy,
) -> ConfigReading {
    ready().await;
    let is_recording = recorder(client).await.map_err(|error| error.read_failure());
    let rules = match rules(client, ready).await {
        Ok(rules) => rules,
        Err(error) => return ConfigReading { is_recording, rules: Err(error.read_failure()) },
    };
    let mut found = ConfigRules::default();
    for rule in &rules {
        match compliance(client, rule, ready).await {
            Ok(results) => found.results.extend(results),
            Err(error) => {
                let name = rule.config_rule_name().unwrap_or_default().to_owned();
                found.read_failures.push((name, error.read_failure()));
            }
        }
    }
    ConfigReading { is_recording, rules: Ok(found) }
}

/// Whether a recorder is recording; `None` if there is none.
async fn recorder(client: &Client) -> Result<Option<bool>, AwsError> {
    let recorders = client
        .describe_configuration_recorder_status()
        .send()
        .await
        .map_err(|error| AwsError::of("DescribeConfigurationRecorderStatus", &error))?;
    let statuses = recorders.configuration_recorders_status();
    Ok((!statuses.is_empty()).then(|| statuses.iter().any(ConfigurationRecorderStatus::recording)))
}

/// The managed rules for secrets.
async fn rules<F: Future<Output = ()>>(
    client: &Client,
    ready: impl Fn() -> F,
) -> Result<Vec<ConfigRule>, AwsError> {
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
    Ok(rules)
}

/// One rule's result for each secret.
async fn compliance<F: Future<Output = ()>>(
    client: &Client,
    rule: &ConfigRule,
    ready: impl Fn() -> F,
) -> Result<Vec<ConfigResult>, AwsError> {
    let name = rule.config_rule_name().unwrap_or_default();
    let mut results = Vec::new();
    paged!(
        "GetComplianceDetailsByConfigRule",
        {
            ready().await;
            client.get_compliance_details_by_config_rule().config_rule_name(name).limit(100)
        },
        evaluation_results,
        |result: &EvaluationResult| {
            results.extend(config_result(rule, result));
            Ok::<(), AwsError>(())
        }
    );
    Ok(results)
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

#[cfg(test)]
mod tests {
    use super::*;
    use aws_config::BehaviorVersion;
    use aws_credential_types::Credentials;
    use aws_sdk_cloudtrail::{
        operation::{
            describe_trails::DescribeTrailsOutput, get_trail_status::GetTrailStatusOutput,
        },
        types::Trail as Found,
    };
    use aws_sdk_config::{
        operation::{
            describe_config_rules::DescribeConfigRulesOutput,
            describe_configuration_recorder_status::DescribeConfigurationRecorderStatusOutput,
            get_compliance_details_by_config_rule::GetComplianceDetailsByConfigRuleOutput,
        },
        types::{EvaluationResultIdentifier, EvaluationResultQualifier, Owner, Source},
    };
    use aws_smithy_mocks::{
        MockResponseInterceptor, Rule, RuleMode, create_mock_http_client, mock,
    };
    use aws_smithy_runtime_api::{client::orchestrator::HttpResponse, http::StatusCode};
    use aws_smithy_types::body::SdkBody;
    use claviger_domain::accounts::readiness::ReadFailure;

    fn denied() -> HttpResponse {
        let body = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body))
    }

    fn failure(operation: &str) -> ReadFailure {
        ReadFailure { operation: operation.into(), code: "AccessDeniedException".into() }
    }

    async fn ready() {}

    /// Like `mock_client!`, which needs the SDK's test features.
    macro_rules! client {
        ($sdk:ident, $rules:expr) => {{
            let answers = MockResponseInterceptor::new().rule_mode(RuleMode::MatchAny);
            let answers = $rules.iter().fold(answers, |answers, rule| answers.with_rule(rule));
            $sdk::Client::from_conf(
                $sdk::Config::builder()
                    .behavior_version(BehaviorVersion::v2026_01_12())
                    .region($sdk::config::Region::new("us-east-1"))
                    .credentials_provider(Credentials::new("id", "key", None, None, "test"))
                    .http_client(create_mock_http_client())
                    .interceptor(answers)
                    .build(),
            )
        }};
    }

    fn recorder_records() -> Rule {
        mock!(Client::describe_configuration_recorder_status).then_output(|| {
            let status = ConfigurationRecorderStatus::builder().recording(true).build();
            DescribeConfigurationRecorderStatusOutput::builder()
                .configuration_recorders_status(status)
                .build()
        })
    }

    fn two_rules() -> Rule {
        mock!(Client::describe_config_rules).then_output(|| {
            let rule = |name: &str| {
                let source = Source::builder()
                    .owner(Owner::Aws)
                    .source_identifier("SECRETSMANAGER_ROTATION_ENABLED_CHECK");
                ConfigRule::builder().config_rule_name(name).source(source.build().unwrap()).build()
            };
            DescribeConfigRulesOutput::builder()
                .config_rules(rule("first"))
                .config_rules(rule("second"))
                .build()
        })
    }

    fn complies(rule: &'static str) -> Rule {
        mock!(Client::get_compliance_details_by_config_rule)
            .match_requests(move |r| r.config_rule_name() == Some(rule))
            .then_output(|| {
                let about = EvaluationResultQualifier::builder().resource_id("arn").build();
                let about =
                    EvaluationResultIdentifier::builder().evaluation_result_qualifier(about);
                let result = EvaluationResult::builder()
                    .evaluation_result_identifier(about.build())
                    .compliance_type(ComplianceType::Compliant);
                GetComplianceDetailsByConfigRuleOutput::builder()
                    .evaluation_results(result.build())
                    .build()
            })
    }

    async fn config(rules: &[Rule]) -> ConfigReading {
        let client = client!(aws_sdk_config, rules);
        read_config(&client, ready).await
    }

    #[tokio::test]
    async fn each_call_about_aws_config_has_its_own_outcome() {
        let no_rules = mock!(Client::describe_config_rules).then_http_response(denied);
        let reading = config(&[recorder_records(), no_rules]).await;
        assert_eq!(reading.is_recording, Ok(Some(true)));
        assert_eq!(reading.rules, Err(failure("DescribeConfigRules")));

        let no_recorder =
            mock!(Client::describe_configuration_recorder_status).then_http_response(denied);
        let reading =
            config(&[no_recorder, two_rules(), complies("first"), complies("second")]).await;
        assert_eq!(reading.is_recording, Err(failure("DescribeConfigurationRecorderStatus")));
        assert_eq!(reading.rules.unwrap().results.len(), 2);

        let not_the_first = mock!(Client::get_compliance_details_by_config_rule)
            .match_requests(|r| r.config_rule_name() == Some("first"))
            .then_http_response(denied);
        let reading =
            config(&[recorder_records(), two_rules(), not_the_first, complies("second")]).await;
        assert_eq!(reading.is_recording, Ok(Some(true)));
        let rules = reading.rules.unwrap();
        assert_eq!(
            rules.read_failures,
            [("first".to_owned(), failure("GetComplianceDetailsByConfigRule"))]
        );
        assert_eq!(rules.results[0].rule, "second");
    }

    #[tokio::test]
    async fn a_trail_whose_status_is_denied_stays() {
        type Trails = aws_sdk_cloudtrail::Client;
        let list = mock!(Trails::describe_trails).then_output(|| {
            let trail = |name: &str| Found::builder().name(name).is_multi_region_trail(true);
            DescribeTrailsOutput::builder()
                .trail_list(trail("hidden").build())
                .trail_list(trail("own").build())
                .build()
        });
        let hidden = mock!(Trails::get_trail_status)
            .match_requests(|r| r.name() == Some("hidden"))
            .then_http_response(denied);
        let own = mock!(Trails::get_trail_status)
            .match_requests(|r| r.name() == Some("own"))
            .then_output(|| GetTrailStatusOutput::builder().is_logging(true).build());
        let selectors = |name: &'static str| {
            mock!(Trails::get_event_selectors)
                .match_requests(move |r| r.trail_name() == Some(name))
                .then_http_response(denied)
        };
        let (theirs, ours) = (selectors("hidden"), selectors("own"));
        let client = client!(aws_sdk_cloudtrail, [list, hidden, own, theirs, ours]);
        let trails = read_trails(&client, ready).await.unwrap();
        let said: Vec<_> = trails.iter().map(|t| (t.name.as_str(), &t.is_logging)).collect();
        assert_eq!(said, [("hidden", &Err(failure("GetTrailStatus"))), ("own", &Ok(true))]);
    }
}
