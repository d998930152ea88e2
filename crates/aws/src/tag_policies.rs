//! Tag policies: as they are written, and as AWS merges them.

use crate::error::AwsError;
use aws_sdk_organizations::{
    Client,
    operation::describe_effective_policy::DescribeEffectivePolicyError,
    types::{EffectivePolicyType, PolicyType, PolicyTypeStatus},
};
use claviger_domain::{
    ids::AccountId,
    organization::{TagPolicy, TagPolicyReading},
};

const DESCRIBE: &str = "DescribePolicy";

pub(crate) async fn read(client: &Client) -> Result<TagPolicyReading, AwsError> {
    let mut reading = TagPolicyReading::default();
    paged!("ListRoots", client.list_roots(), roots, |root: &aws_sdk_organizations::types::Root| {
        reading.is_enabled |= root.policy_types().iter().any(|one| {
            one.r#type() == Some(&PolicyType::TagPolicy)
                && one.status() == Some(&PolicyTypeStatus::Enabled)
        });
        Ok::<(), AwsError>(())
    });
    let mut named: Vec<(String, String)> = Vec::new();
    paged!(
        "ListPolicies",
        client.list_policies().filter(PolicyType::TagPolicy),
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
        reading.policies.push(TagPolicy { id, name, content: content.to_owned(), targets });
    }
    Ok(reading)
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
