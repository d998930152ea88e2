//! What AWS returned about a secret or parameter, in AWS's terms. Never a value.

use crate::{
    choice::InvalidChoice,
    ids::{Arn, Region},
    partition::Partition,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use time::{Date, OffsetDateTime};

/// Secrets Manager or Parameter Store.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Kind {
    /// A Secrets Manager secret.
    Secret,
    /// An SSM parameter.
    Parameter,
}

/// `SecureString`, `StringList` or `String`.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[strum(parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ParameterType {
    /// Plain text.
    String,
    /// Plain texts separated by commas.
    StringList,
    /// Encrypted under a KMS key.
    SecureString,
}

/// Who manages the key that encrypts a value.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum KeyClass {
    /// The AWS managed key: `aws/secretsmanager` or `aws/ssm`.
    AwsManaged,
    /// A customer managed key.
    CustomerManaged,
    /// Not encrypted by KMS: a String or `StringList` parameter.
    Plain,
}

/// Facts about one resource in one Region, as a scan reads them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceFacts {
    pub arn: Arn,
    pub name: String,
    pub description: Option<String>,
    /// `None` if the tags could not be read: unknown, not empty.
    pub tags: Option<BTreeMap<String, String>>,
    /// As the API returns it: id, ARN or alias. Absent on a secret means `aws/secretsmanager`.
    pub kms_key_id: Option<String>,
    /// KMS reports that this key is an AWS managed one, although its name does not show it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_aws_managed_key: bool,
    pub created_at: Option<OffsetDateTime>,
    /// Changes with any edit, including a tag edit: never the age of the value.
    pub changed_at: Option<OffsetDateTime>,
    pub detail: Detail,
}

/// Facts of one kind only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Detail {
    Secret(SecretFacts),
    Parameter(ParameterFacts),
}

/// An entry of Secrets Manager's `ListSecrets`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretFacts {
    /// By day and Region; `None` if never accessed.
    pub accessed_on: Option<Date>,
    /// `DeletedDate`: set while the secret is in its recovery window.
    pub deleted_at: Option<OffsetDateTime>,
    /// Another AWS service that manages this secret.
    pub owning_service: Option<String>,
    /// `Type`: the partner of a managed external secret, such as `SalesforceClientSecret`; absent on all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_type: Option<String>,
    /// Set on replicated secrets; a replica's own Region differs from it.
    pub primary_region: Option<Region>,
    pub rotation: Rotation,
    pub versions: Vec<Version>,
}

impl SecretFacts {
    /// The version with a staging label.
    pub fn staged(&self, stage: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.has(stage))
    }
}

impl Version {
    /// Whether it has a staging label.
    pub fn has(&self, stage: &str) -> bool {
        self.stages.iter().any(|own| own == stage)
    }
}

/// Rotation as configured, and its last run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// `None` when rotation was never configured.
    pub enabled: Option<bool>,
    /// Absent for managed rotation.
    pub lambda_arn: Option<String>,
    /// `ExternalSecretRotationRoleArn`: the role that rotates a managed external secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_role_arn: Option<String>,
    /// Remains after rotation is disabled: its presence does not mean that rotation is on.
    pub rules: Option<RotationRules>,
    /// Absent while rotation is off.
    pub last_rotated_at: Option<OffsetDateTime>,
    /// "On or before"; in the past while rotation fails.
    pub next_rotation_at: Option<OffsetDateTime>,
}

/// `RotationRules`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationRules {
    /// 1 to 1,000.
    pub automatically_after_days: Option<i64>,
    /// Such as `3h`.
    pub duration: Option<String>,
    /// `rate(…)` or `cron(…)`, in UTC.
    pub schedule_expression: Option<String>,
}

/// A version and its staging labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub id: String,
    pub stages: Vec<String>,
}

/// An entry of SSM's `DescribeParameters`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterFacts {
    pub parameter_type: ParameterType,
    /// `Standard`, `Advanced` or `Intelligent-Tiering`.
    pub tier: Option<String>,
    pub version: Option<i64>,
    pub data_type: Option<String>,
    pub allowed_pattern: Option<String>,
    pub last_modified_user: Option<String>,
    /// Parameter policies, each as JSON text, as stored.
    pub policies: Vec<String>,
}

/// Details that lists leave out, read secret by secret in a low-priority queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceDetails {
    /// The secret's `LastChangedDate` when these were read: if it changes, they are outdated.
    pub of_change: Option<OffsetDateTime>,
    /// `GetResourcePolicy`: the document as AWS returns it, `None` if the secret has none.
    pub resource_policy: Reading<Option<String>>,
    /// `ListSecretVersionIds`: when each version with a stage was created.
    pub versions: Reading<Vec<DatedVersion>>,
    /// `DescribeSecret`'s `ReplicationStatus`; empty without replicas.
    pub replicas: Reading<Vec<ReplicaStatus>>,
}

/// The result of a separate call, which AWS may have denied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading<T> {
    Read(T),
    /// AWS's error code.
    Refused(String),
}

/// A version with its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatedVersion {
    pub id: String,
    pub stages: Vec<String>,
    pub created_at: Option<OffsetDateTime>,
    /// `KmsKeyIds`: the keys that encrypt the value. Empty if AWS does not return them, or they were not read yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub key_ids: Vec<String>,
}

/// The status of a replica: `InSync`, `Failed` or `InProgress`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicaStatus {
    pub region: Region,
    pub status: String,
    pub message: Option<String>,
    /// `KmsKeyId`, as AWS names it here; `None` also if it was not read yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key_id: Option<String>,
}

impl ResourceDetails {
    /// The stages of the versions that AWS re-encrypts when the secret's key changes; others stay under the old key.
    pub fn moved_with_the_key(&self) -> Vec<(&'static str, &DatedVersion)> {
        let Reading::Read(versions) = &self.versions else { return Vec::new() };
        let has = |version: &&DatedVersion, stage: &str| version.stages.iter().any(|s| s == stage);
        ["AWSCURRENT", "AWSPENDING", "AWSPREVIOUS"]
            .into_iter()
            .filter_map(|stage| Some((stage, versions.iter().find(|v| has(v, stage))?)))
            .collect()
    }

    /// When the version with a stage was created.
    pub fn stage_made(&self, stage: &str) -> Option<OffsetDateTime> {
        let Reading::Read(versions) = &self.versions else { return None };
        versions.iter().find(|v| v.stages.iter().any(|s| s == stage)).and_then(|v| v.created_at)
    }
}

impl ResourceFacts {
    pub fn kind(&self) -> Kind {
        match self.detail {
            Detail::Secret(_) => Kind::Secret,
            Detail::Parameter(_) => Kind::Parameter,
        }
    }

    /// The class of the key, from its name in the API and from KMS.
    pub fn key_class(&self) -> KeyClass {
        match &self.detail {
            Detail::Parameter(p) if p.parameter_type != ParameterType::SecureString => {
                KeyClass::Plain
            }
            _ if self.kms_key_id.is_none() || self.is_aws_alias() || self.is_aws_managed_key => {
                KeyClass::AwsManaged
            }
            _ => KeyClass::CustomerManaged,
        }
    }

    /// The customer managed key, as the API names it; `None` for the AWS managed key and for plain text.
    pub fn own_key(&self) -> Option<String> {
        let is_own = self.key_class() == KeyClass::CustomerManaged;
        self.kms_key_id.clone().filter(|_| is_own)
    }

    /// Records what KMS reports: `managed` has the names of AWS managed keys.
    pub fn note_key(&mut self, managed: &HashSet<String>) {
        let is_managed = self.kms_key_id.as_ref().is_some_and(|key| managed.contains(key));
        // The alias shows it.
        self.is_aws_managed_key = is_managed && !self.is_aws_alias();
    }

    /// Whether the key's name shows that it is an AWS managed one.
    pub fn is_aws_alias(&self) -> bool {
        let is_alias = |key: &str| key.starts_with("alias/aws/") || key.contains(":alias/aws/");
        self.kms_key_id.as_deref().is_some_and(is_alias)
    }

    /// The resource in the AWS console, where the person signs in with their own permissions.
    pub fn console_url(&self, region: &Region) -> String {
        console_url(self.kind(), &self.name, region)
    }

    /// Whether the secret has replicas, or is one: only these have a primary Region.
    pub fn is_replicated(&self) -> bool {
        matches!(&self.detail, Detail::Secret(SecretFacts { primary_region: Some(_), .. }))
    }

    /// The ARN of the primary, when this is a replica in another Region.
    pub fn primary_arn(&self, own_region: &Region) -> Option<Arn> {
        match &self.detail {
            Detail::Secret(SecretFacts { primary_region: Some(primary), .. })
                if primary != own_region =>
            {
                Some(self.arn.in_region(primary))
            }
            _ => None,
        }
    }
}

/// The URL of a secret or parameter in the AWS console.
pub fn console_url(kind: Kind, name: &str, region: &Region) -> String {
    // A space is %20 here, not the + of forms.
    let name =
        form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>().replace('+', "%20");
    let domain = Partition::of_region(region).console_host();
    let path = match kind {
        Kind::Secret => format!("secretsmanager/secret?name={name}&region={region}"),
        Kind::Parameter => {
            format!("systems-manager/parameters/{name}/description?region={region}")
        }
    };
    format!("https://{region}.{domain}/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(key: Option<&str>) -> ResourceFacts {
        ResourceFacts {
            arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            description: None,
            tags: None,
            kms_key_id: key.map(Into::into),
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail: Detail::Secret(SecretFacts::default()),
        }
    }

    #[test]
    fn an_absent_key_means_the_aws_managed_one() {
        assert_eq!(secret(None).key_class(), KeyClass::AwsManaged);
        assert_eq!(secret(Some("alias/aws/secretsmanager")).key_class(), KeyClass::AwsManaged);
        let by_arn = "arn:aws:kms:us-east-1:111122223333:key/5d0c";
        assert_eq!(secret(Some(by_arn)).key_class(), KeyClass::CustomerManaged);
        let by_id = ResourceFacts { is_aws_managed_key: true, ..secret(Some(by_arn)) };
        assert_eq!(by_id.key_class(), KeyClass::AwsManaged);
        assert_eq!(secret(Some("alias/payments")).key_class(), KeyClass::CustomerManaged);
    }

    #[test]
    fn the_console_is_found_whatever_the_name() {
        let mut facts = secret(None);
        facts.name = "team a/key+1&region=x".into();
        assert_eq!(
            facts.console_url(&"eu-west-1".parse().unwrap()),
            "https://eu-west-1.console.aws.amazon.com/secretsmanager/secret?name=team%20a%2Fkey%2B1%26region%3Dx&region=eu-west-1"
        );
    }

    #[test]
    fn a_replica_knows_its_primary_and_a_primary_has_none() {
        let mut facts = secret(None);
        let here: Region = "us-east-1".parse().unwrap();
        let Detail::Secret(detail) = &mut facts.detail else { unreachable!() };
        detail.primary_region = Some(here.clone());
        assert_eq!(facts.primary_arn(&here), None);
        let there: Region = "eu-west-1".parse().unwrap();
        assert!(facts.primary_arn(&there).is_some_and(|arn| arn == facts.arn));
    }
}
