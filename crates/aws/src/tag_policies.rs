//! Policies of the Organization: tag policies as written and as merged by AWS, SCPs and RCPs.

use crate::{AwsError, error::FromSdk as _};
use aws_sdk_organizations::{
    Client,
    operation::describe_effective_policy::DescribeEffectivePolicyError,
    types::{EffectivePolicyType, PolicyType, PolicyTypeStatus},
};
use claviger_domain::{
    accounts::{
        TagPolicy, TagPolicyReading,
        identities::{Guardrail, GuardrailKind, GuardrailReading},
    },
    ids::AccountId,
};
use strum::VariantArray as _;

const DESCRIBE: &str = "DescribePolicy";

pub(crate) async fn read(client: &Client) -> TagPolicyReading {
    TagPolicyReading {
        is_enabled: is_enabled(client, &PolicyType::TagPolicy)
            .await
            .map_err(|error| error.read_failure()),
        policies: policies(client, &PolicyType::TagPolicy)
            .await
            .map_err(|error| error.read_failure()),
    }
}

/// The guardrails of both kinds.
pub(crate) async fn guardrails(client: &Client) -> Vec<GuardrailReading> {
    let mut found = Vec::new();
    for kind in GuardrailKind::VARIANTS {
        let policy_type = match kind {
            GuardrailKind::Scp => PolicyType::ServiceControlPolicy,
            GuardrailKind::Rcp => PolicyType::ResourceControlPolicy,
        };
        let is_enabled = is_enabled(client, &policy_type).await;
        // AWS rejects the list of a type that is not enabled.
        let policies = match &is_enabled {
            Ok(false) => Ok(Vec::new()),
            _ => policies(client, &policy_type).await,
        };
        found.push(GuardrailReading {
            kind: *kind,
            is_enabled: is_enabled.map_err(|error| error.read_failure()),
            policies: policies
                .map(|all| all.into_iter().map(guardrail).collect())
                .map_err(|error| error.read_failure()),
        });
    }
    found
}

fn guardrail(policy: TagPolicy) -> Guardrail {
    let TagPolicy { id, name, content, targets } = policy;
    Guardrail { id, name, content, targets }
}

async fn is_enabled(client: &Client, policy_type: &PolicyType) -> Result<bool, AwsError> {
    let mut is_enabled = false;
    paged!("ListRoots", client.list_roots(), roots, |root: &aws_sdk_organizations::types::Root| {
        is_enabled |= root.policy_types().iter().any(|one| {
            one.r#type() == Some(policy_type) && one.status() == Some(&PolicyTypeStatus::Enabled)
        });
        Ok::<(), AwsError>(())
    });
    Ok(is_enabled)
}

async fn policies(client: &Client, policy_type: &PolicyType) -> Result<Vec<TagPolicy>, AwsError> {
    let mut read = Vec::new();
    let mut named: Vec<(String, String)> = Vec::new();
    paged!(
        "ListPolicies",
        client.list_policies().filter(policy_type.clone()),
        policies,
        |policy: &aws_sdk_organizations::types::PolicySummary| {
            named.push((
                policy.id().unwrap_or_default().to_owned(),
                policy.name().unwrap_or_default().to_owned(),
            ));
            Ok::<(), AwsError>(())
        }
    );
    for (id, name) in named {
        let mut targets = Vec::new();
        paged!(
            "ListTargetsForPolicy",
            client.list_targets_for_policy().policy_id(&id),
            targets,
            |target: &aws_sdk_organizations::types::PolicyTargetSummary| {
                targets.push(target.target_id().unwrap_or_default().to_owned());
                Ok::<(), AwsError>(())
            }
        );
        let answer = client
            .describe_policy()
            .policy_id(&id)
            .send()
            .await
            .map_err(|error| AwsError::of(DESCRIBE, &error))?;
        let content = answer
            .policy()
            .and_then(|policy| policy.content())
            .ok_or_else(|| AwsError::nonsense(DESCRIBE, "no content"))?;
        targets.sort();
        read.push(TagPolicy { id, name, content: content.to_owned(), targets });
    }
    Ok(read)
}

pub(crate) async fn effective(
    client: &Client,
    account: &AccountId,
) -> Result<Option<String>, AwsError> {
    let answer = client
        .describe_effective_policy()
        .policy_type(EffectivePolicyType::TagPolicy)
        .target_id(account.as_str())
        .send()
        .await;
    match answer {
        Ok(answer) => Ok(answer
            .effective_policy()
            .and_then(|policy| policy.policy_content())
            .map(ToOwned::to_owned)),
        Err(error)
            if error.as_service_error().is_some_and(
                DescribeEffectivePolicyError::is_effective_policy_not_found_exception,
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(AwsError::of("DescribeEffectivePolicy", &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_organizations::{
        operation::{list_policies::ListPoliciesOutput, list_roots::ListRootsOutput},
        types::{PolicyTypeSummary, Root},
    };
    use aws_smithy_mocks::{RuleMode, mock, mock_client};
    use aws_smithy_runtime_api::{client::orchestrator::HttpResponse, http::StatusCode};
    use aws_smithy_types::body::SdkBody;

    fn denied() -> HttpResponse {
        let body = r#"{"__type":"AccessDeniedException","message":"no"}"#;
        HttpResponse::new(StatusCode::try_from(400).unwrap(), SdkBody::from(body))
    }

    #[tokio::test]
    async fn guardrails_of_a_type_that_is_off_are_none_and_of_one_that_is_denied_unknown() {
        let roots = mock!(Client::list_roots).then_output(|| {
            let on = PolicyTypeSummary::builder()
                .r#type(PolicyType::ServiceControlPolicy)
                .status(PolicyTypeStatus::Enabled);
            ListRootsOutput::builder()
                .roots(Root::builder().policy_types(on.build()).build())
                .build()
        });
        let no_policies = mock!(Client::list_policies).then_http_response(denied);
        let client = mock_client!(aws_sdk_organizations, RuleMode::MatchAny, &[roots, no_policies]);
        let found = guardrails(&client).await;
        assert_eq!((found[0].kind, &found[0].is_enabled), (GuardrailKind::Scp, &Ok(true)));
        assert_eq!(found[0].policies.as_ref().unwrap_err().operation, "ListPolicies");
        assert_eq!((found[1].kind, &found[1].is_enabled), (GuardrailKind::Rcp, &Ok(false)));
        assert_eq!(found[1].policies, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn each_part_has_its_own_outcome() {
        let roots = mock!(Client::list_roots).then_output(|| {
            let on = PolicyTypeSummary::builder()
                .r#type(PolicyType::TagPolicy)
                .status(PolicyTypeStatus::Enabled);
            ListRootsOutput::builder()
                .roots(Root::builder().policy_types(on.build()).build())
                .build()
        });
        let no_policies = mock!(Client::list_policies).then_http_response(denied);
        let client = mock_client!(aws_sdk_organizations, RuleMode::MatchAny, &[roots, no_policies]);
        let reading = read(&client).await;
        assert_eq!(reading.is_enabled, Ok(true));
        assert_eq!(reading.policies.unwrap_err().operation, "ListPolicies");

        let no_roots = mock!(Client::list_roots).then_http_response(denied);
        let policies =
            mock!(Client::list_policies).then_output(|| ListPoliciesOutput::builder().build());
        let client = mock_client!(aws_sdk_organizations, RuleMode::MatchAny, &[no_roots, policies]);
        let reading = read(&client).await;
        assert_eq!(reading.is_enabled.unwrap_err().operation, "ListRoots");
        assert_eq!(reading.policies, Ok(Vec::new()));
    }
}
