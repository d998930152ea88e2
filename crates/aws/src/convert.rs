//! Converts the SDK's types into facts.

use crate::AwsError;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{
    ReplicationStatusType, SecretListEntry, SecretVersionsListEntry,
};
use aws_sdk_ssm::types::ParameterMetadata;
use aws_smithy_types::DateTime;
use claviger_domain::{
    facts::{
        DatedVersion, Detail, ParameterFacts, ReplicaStatus, ResourceFacts, Rotation,
        RotationRules, SecretFacts, Version,
    },
    ids::{AccountId, Arn, Region},
    partition::Partition,
};
use std::{collections::BTreeMap, fmt::Display, str::FromStr};
use time::OffsetDateTime;

/// AWS's time in our type; whole microseconds, like PostgreSQL.
pub(crate) fn moment(at: &DateTime) -> Option<OffsetDateTime> {
    let nanos = at.as_nanos();
    OffsetDateTime::from_unix_timestamp_nanos(nanos - nanos.rem_euclid(1000)).ok()
}

fn parsed<T: FromStr<Err: Display>>(operation: &'static str, text: &str) -> Result<T, AwsError> {
    text.parse().map_err(|error: T::Err| AwsError::nonsense(operation, error.to_string()))
}

fn text(text: Option<&str>) -> Option<String> {
    text.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}

/// An entry of `ListSecrets`.
pub(crate) fn secret(entry: &SecretListEntry) -> Result<ResourceFacts, AwsError> {
    const OPERATION: &str = "ListSecrets";
    let arn: Arn = parsed(OPERATION, entry.arn().unwrap_or_default())?;
    let mut versions: Vec<Version> = entry
        .secret_versions_to_stages()
        .into_iter()
        .flatten()
        .map(|(id, stages)| Version { id: id.clone(), stages: stages.clone() })
        .collect();
    versions.sort_by(|a, b| a.id.cmp(&b.id));
    let tags: BTreeMap<String, String> = entry
        .tags()
        .iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect();
    Ok(ResourceFacts {
        name: entry
            .name()
            .ok_or_else(|| AwsError::nonsense(OPERATION, format!("{arn} has no name")))?
            .to_owned(),
        description: text(entry.description()),
        tags: Some(tags),
        kms_key_id: text(entry.kms_key_id()),
        is_aws_managed_key: false,
        created_at: entry.created_date().and_then(moment),
        changed_at: entry.last_changed_date().and_then(moment),
        detail: Detail::Secret(SecretFacts {
            accessed_on: entry.last_accessed_date().and_then(moment).map(OffsetDateTime::date),
            deleted_at: entry.deleted_date().and_then(moment),
            owning_service: text(entry.owning_service()),
            secret_type: text(entry.r#type()),
            primary_region: text(entry.primary_region())
                .map(|region| parsed(OPERATION, &region))
                .transpose()?,
            rotation: Rotation {
                enabled: entry.rotation_enabled(),
                lambda_arn: text(entry.rotation_lambda_arn()),
                external_role_arn: text(entry.external_secret_rotation_role_arn()),
                rules: entry.rotation_rules().map(|rules| RotationRules {
                    automatically_after_days: rules.automatically_after_days(),
                    duration: text(rules.duration()),
                    schedule_expression: text(rules.schedule_expression()),
                }),
                last_rotated_at: entry.last_rotated_date().and_then(moment),
                next_rotation_at: entry.next_rotation_date().and_then(moment),
            },
            versions,
        }),
        arn,
    })
}

/// The response of `DescribeSecret`, which has the fields of a list's entry.
pub(crate) fn described(answer: DescribeSecretOutput) -> Result<ResourceFacts, AwsError> {
    let entry = SecretListEntry::builder()
        .set_arn(answer.arn)
        .set_name(answer.name)
        .set_description(answer.description)
        .set_kms_key_id(answer.kms_key_id)
        .set_rotation_enabled(answer.rotation_enabled)
        .set_rotation_lambda_arn(answer.rotation_lambda_arn)
        .set_external_secret_rotation_role_arn(answer.external_secret_rotation_role_arn)
        .set_rotation_rules(answer.rotation_rules)
        .set_last_rotated_date(answer.last_rotated_date)
        .set_last_changed_date(answer.last_changed_date)
        .set_last_accessed_date(answer.last_accessed_date)
        .set_deleted_date(answer.deleted_date)
        .set_next_rotation_date(answer.next_rotation_date)
        .set_tags(answer.tags)
        .set_secret_versions_to_stages(answer.version_ids_to_stages)
        .set_owning_service(answer.owning_service)
        .set_type(answer.r#type)
        .set_created_date(answer.created_date)
        .set_primary_region(answer.primary_region)
        .build();
    secret(&entry)
}

/// An entry of `DescribeParameters`, which has no tags.
pub(crate) fn parameter(
    entry: &ParameterMetadata,
    account: &AccountId,
    region: &Region,
) -> Result<ResourceFacts, AwsError> {
    const OPERATION: &str = "DescribeParameters";
    let name =
        entry.name().ok_or_else(|| AwsError::nonsense(OPERATION, "a parameter has no name"))?;
    let arn: Arn = if let Some(arn) = entry.arn() {
        parsed(OPERATION, arn)?
    } else {
        // A hierarchical name starts with a slash.
        let (partition, name) = (Partition::of_region(region), name.trim_start_matches('/'));
        parsed(OPERATION, &format!("arn:{partition}:ssm:{region}:{account}:parameter/{name}"))?
    };
    let parameter_type = entry.r#type().map_or("", |kind| kind.as_str());
    Ok(ResourceFacts {
        name: name.to_owned(),
        description: text(entry.description()),
        tags: None,
        kms_key_id: text(entry.key_id()),
        is_aws_managed_key: false,
        created_at: None,
        changed_at: entry.last_modified_date().and_then(moment),
        detail: Detail::Parameter(ParameterFacts {
            parameter_type: parsed(OPERATION, parameter_type)?,
            tier: entry.tier().map(|tier| tier.as_str().to_owned()),
            version: Some(entry.version()).filter(|version| *version > 0),
            data_type: text(entry.data_type()),
            allowed_pattern: text(entry.allowed_pattern()),
            last_modified_user: text(entry.last_modified_user()),
            policies: entry
                .policies()
                .iter()
                .filter_map(|policy| text(policy.policy_text()))
                .collect(),
        }),
        arn,
    })
}

/// A version of `ListSecretVersionIds`; one without an id is ignored.
pub(crate) fn version(entry: &SecretVersionsListEntry) -> Option<DatedVersion> {
    Some(DatedVersion {
        id: entry.version_id()?.to_owned(),
        stages: entry.version_stages().to_vec(),
        created_at: entry.created_date().and_then(moment),
        key_ids: entry.kms_key_ids().to_vec(),
    })
}

/// `ReplicationStatus` of `DescribeSecret`.
pub(crate) fn replicas(entries: &[ReplicationStatusType]) -> Result<Vec<ReplicaStatus>, AwsError> {
    entries
        .iter()
        .map(|entry| {
            Ok(ReplicaStatus {
                region: parsed("DescribeSecret", entry.region().unwrap_or_default())?,
                status: entry.status().map_or("", |status| status.as_str()).to_owned(),
                message: text(entry.status_message()),
                kms_key_id: text(entry.kms_key_id()),
            })
        })
        .collect()
}
