//! A table of cases that tests policies before they are used: `claviger policy test`.

use super::{Facts, OrganizationContext, Policy, TagPolicies, facts::owner_tag};
use crate::{exposure::OrganizationMembers, tag_policy::EffectiveTagPolicy};
use claviger_domain::{
    InvalidChoice,
    authz::AccountLocation,
    compliance::CheckResult,
    facts::{
        DatedVersion, Detail, Kind, ParameterFacts, ParameterType, Reading, ReplicaStatus,
        ResourceDetails, ResourceFacts, Rotation, RotationRules, SecretFacts, Version,
    },
    ids::{AccountId, InvalidId, OuId, Region},
    partition::Partition,
};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use time::{Duration, OffsetDateTime, macros::datetime};

/// The time of the evaluation in every case.
const NOW: OffsetDateTime = datetime!(2026-01-15 12:00 UTC);

/// The longest recovery window, which is the default.
const RECOVERY_DAYS: i64 = 30;

/// A table: a TOML file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyCases {
    /// The Organization's id.
    organization: Option<String>,
    /// Its accounts, in addition to those of the cases.
    #[serde(default)]
    accounts: BTreeSet<AccountId>,
    /// The effective tag policy of every account, as `DescribeEffectivePolicy` returns it.
    tag_policy: Option<String>,
    #[serde(default)]
    case: Vec<PolicyCase>,
}

/// One row of the table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct PolicyCase {
    name: String,
    /// The policy's id.
    policy: String,
    /// `pass`, `fail`, `unknown`, `not-applicable`; or `out-of-scope`.
    expect: String,
    resource: CaseResource,
}

/// A secret or parameter; days are counted back from the time of the evaluation. The defaults have no findings.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CaseResource {
    #[serde(default = "a_secret")]
    kind: Kind,
    name: String,
    account: AccountId,
    /// Paths of the OUs from the top down.
    #[serde(default)]
    units: Vec<String>,
    region: Option<Region>,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    /// The role may not read the tags.
    #[serde(default)]
    tags_unread: bool,
    kms_key: Option<String>,
    created_days: Option<i64>,
    changed_days: Option<i64>,
    /// The age of the AWSCURRENT version.
    value_days: Option<i64>,
    /// The age of a version that is AWSPENDING.
    pending_days: Option<i64>,
    used_days: Option<i64>,
    rotation: Option<CaseRotation>,
    /// Days since its deletion was requested: it is pending deletion.
    deleted_days: Option<i64>,
    /// The same as days until it is deleted, with the default recovery window of 30 days.
    deleted_in_days: Option<i64>,
    /// The partner of a managed external secret.
    #[serde(rename = "type")]
    secret_type: Option<String>,
    /// Region and status.
    #[serde(default)]
    replicas: BTreeMap<Region, String>,
    resource_policy: Option<String>,
    /// The details were not read yet.
    #[serde(default)]
    unread: bool,
    parameter_type: Option<ParameterType>,
    tier: Option<String>,
    /// Parameter policies, each as JSON.
    #[serde(default)]
    parameter_policies: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CaseRotation {
    #[serde(default = "yes")]
    enabled: bool,
    days: Option<i64>,
    schedule: Option<String>,
    duration: Option<String>,
    lambda: Option<String>,
    /// Days since the last run.
    rotated_days: Option<i64>,
    /// Days until the next run; negative if it is overdue.
    next_in_days: Option<i64>,
}

fn a_secret() -> Kind {
    Kind::Secret
}

fn yes() -> bool {
    true
}

fn ago(days: i64) -> OffsetDateTime {
    NOW - Duration::days(days)
}

/// A case whose result differs from the table.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {error}")]
pub struct FailedPolicyCase {
    pub name: String,
    pub error: PolicyCaseError,
}

/// How a case differs, or why it cannot be run.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyCaseError {
    #[error("there is no policy {0}")]
    NoPolicy(String),
    #[error("expect: use {0}, or out-of-scope")]
    Expect(#[from] InvalidChoice),
    #[error(transparent)]
    Id(#[from] InvalidId),
    #[error("expected {0}, but the policy does not reach it")]
    OutOfScope(String),
    #[error("expected {expected}, came out {result}: {message}{evidence}")]
    Result { expected: String, result: CheckResult, message: String, evidence: String },
}

impl PolicyCases {
    /// Parses a table, or returns the error with its position.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    pub fn len(&self) -> usize {
        self.case.len()
    }

    pub fn is_empty(&self) -> bool {
        self.case.is_empty()
    }

    /// Runs every case against its policy, and returns those that differ.
    pub fn run(&self, policies: &[Policy]) -> Vec<FailedPolicyCase> {
        let failed = self.case.iter().filter_map(|case| {
            let error = case.run(policies, self).err()?;
            Some(FailedPolicyCase { name: case.name.clone(), error })
        });
        failed.collect()
    }

    fn org_context(&self, region: &Region) -> OrganizationContext {
        let accounts = self.case.iter().map(|case| case.resource.account.clone());
        let tag_policies = match self.tag_policy.as_deref().map(EffectiveTagPolicy::read) {
            None => TagPolicies::Unread,
            Some(Ok(effective)) => TagPolicies::Known(effective),
            Some(Err(fault)) => TagPolicies::Unreadable(fault.to_string()),
        };
        OrganizationContext {
            tag_policies,
            around: OrganizationMembers {
                organization: self.organization.clone(),
                accounts: accounts.chain(self.accounts.iter().cloned()).collect(),
            },
            regions: std::iter::once(region.clone())
                .chain(self.case.iter().flat_map(|case| case.resource.replicas.keys().cloned()))
                .collect(),
            ..OrganizationContext::default()
        }
    }
}

impl PolicyCase {
    fn run(&self, policies: &[Policy], table: &PolicyCases) -> Result<(), PolicyCaseError> {
        let policy = policies
            .iter()
            .find(|policy| policy.id == self.policy)
            .ok_or_else(|| PolicyCaseError::NoPolicy(self.policy.clone()))?;
        let expected: Option<CheckResult> = match self.expect.as_str() {
            "out-of-scope" => None,
            text => Some(text.parse::<CheckResult>()?),
        };
        let resource = &self.resource;
        let region = resource.region.clone().map_or_else(|| "us-east-1".parse(), Ok)?;
        let (facts, deep, location) =
            (resource.facts(&region)?, resource.deep(), resource.location()?);
        let outcome = policy.evaluate(
            &Facts {
                resource: &facts,
                region: &region,
                location: &location,
                deep: deep.as_ref(),
                used_on: resource.used_days.map(|days| ago(days).date()),
                first_seen_at: ago(resource.created_days.unwrap_or(400)),
                team: owner_tag(&facts),
            },
            &table.org_context(&region),
            NOW,
        );
        let came = outcome.as_ref().map(|outcome| outcome.verdict);
        if came == expected {
            return Ok(());
        }
        Err(match outcome {
            None => PolicyCaseError::OutOfScope(self.expect.clone()),
            Some(outcome) => {
                let evidence: Vec<String> =
                    outcome.evidence.iter().map(|e| format!("{}: {}", e.fact, e.value)).collect();
                let because = if evidence.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", evidence.join("; "))
                };
                PolicyCaseError::Result {
                    expected: self.expect.clone(),
                    result: outcome.verdict,
                    message: outcome.says,
                    evidence: because,
                }
            }
        })
    }
}

impl CaseResource {
    fn location(&self) -> Result<AccountLocation, InvalidId> {
        let units: Result<Vec<(OuId, String)>, InvalidId> = (0..)
            .zip(&self.units)
            .map(|(n, path)| {
                let id = format!("ou-case-{n}").parse()?;
                Ok((id, path.clone()))
            })
            .collect();
        Ok(AccountLocation {
            account: self.account.clone(),
            account_name: self.account.to_string(),
            units: units?,
        })
    }

    fn facts(&self, region: &Region) -> Result<ResourceFacts, InvalidId> {
        let (account, name) = (&self.account, &self.name);
        let partition = Partition::of_region(region);
        let arn = match self.kind {
            Kind::Secret => {
                format!("arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-AbCdEf")
            }
            Kind::Parameter => {
                let name = name.trim_start_matches('/');
                format!("arn:{partition}:ssm:{region}:{account}:parameter/{name}")
            }
        };
        Ok(ResourceFacts {
            arn: arn.parse()?,
            name: name.clone(),
            description: None,
            tags: (!self.tags_unread).then(|| self.tags.clone()),
            kms_key_id: self.kms_key.clone(),
            is_aws_managed_key: false,
            created_at: Some(ago(self.created_days.unwrap_or(400))),
            changed_at: Some(ago(self.changed_days.unwrap_or(1))),
            detail: match self.kind {
                Kind::Secret => Detail::Secret(self.secret()),
                Kind::Parameter => Detail::Parameter(self.parameter()),
            },
        })
    }

    fn secret(&self) -> SecretFacts {
        let rotation = self.rotation.as_ref().map(|rotation| Rotation {
            enabled: Some(rotation.enabled),
            lambda_arn: rotation.lambda.clone(),
            external_role_arn: None,
            rules: Some(RotationRules {
                automatically_after_days: rotation.days,
                duration: rotation.duration.clone(),
                schedule_expression: rotation.schedule.clone(),
            }),
            last_rotated_at: rotation.rotated_days.map(ago),
            next_rotation_at: rotation.next_in_days.map(|days| NOW + Duration::days(days)),
        });
        SecretFacts {
            accessed_on: self.used_days.map(|days| ago(days).date()),
            deleted_at: self
                .deleted_days
                .or(self.deleted_in_days.map(|days| RECOVERY_DAYS - days))
                .map(ago),
            secret_type: self.secret_type.clone(),
            primary_region: (!self.replicas.is_empty())
                .then(|| self.region.clone().or_else(|| "us-east-1".parse().ok()))
                .flatten(),
            rotation: rotation.unwrap_or_default(),
            versions: self
                .versions()
                .into_iter()
                .map(|version| Version { id: version.id, stages: version.stages })
                .collect(),
            ..SecretFacts::default()
        }
    }

    fn parameter(&self) -> ParameterFacts {
        ParameterFacts {
            parameter_type: self.parameter_type.unwrap_or(ParameterType::SecureString),
            tier: Some(self.tier.clone().unwrap_or_else(|| "Standard".into())),
            version: Some(1),
            data_type: None,
            allowed_pattern: None,
            last_modified_user: None,
            policies: self.parameter_policies.clone(),
        }
    }

    fn versions(&self) -> Vec<DatedVersion> {
        let version = |id: &str, stage: &str, days: i64| DatedVersion {
            id: id.into(),
            stages: vec![stage.into()],
            created_at: Some(ago(days)),
            key_ids: Vec::new(),
        };
        let value = self.value_days.or(self.changed_days).unwrap_or(1);
        let pending = self.pending_days.map(|days| version("pending", "AWSPENDING", days));
        std::iter::once(version("current", "AWSCURRENT", value)).chain(pending).collect()
    }

    fn deep(&self) -> Option<ResourceDetails> {
        (self.kind == Kind::Secret && !self.unread).then(|| ResourceDetails {
            of_change: Some(ago(self.changed_days.unwrap_or(1))),
            resource_policy: Reading::Read(self.resource_policy.clone()),
            versions: Reading::Read(self.versions()),
            replicas: Reading::Read(
                self.replicas
                    .iter()
                    .map(|(region, status)| ReplicaStatus {
                        region: region.clone(),
                        status: status.clone(),
                        message: None,
                        kms_key_id: None,
                    })
                    .collect(),
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::{PACKS, read_policies};

    #[test]
    fn the_example_holds_for_the_baseline() {
        let table = PolicyCases::read(include_str!("../../../../demo/policy-cases.toml")).unwrap();
        assert_eq!(table.run(&read_policies(PACKS[0].1).unwrap()), []);
        assert_eq!(table.len(), 12);
    }

    const POLICIES: &str = "id: owner\ntitle: O\nseverity: low\nscope: {within: {ous: [Workloads]}}\nrule: {owner: {}}\n---\nid: age\ntitle: A\nseverity: low\nrule: {value-age: {max-days: 30}}";

    fn faults(table: &str) -> Vec<String> {
        let policies = read_policies(POLICIES).unwrap();
        let table = PolicyCases::read(table).unwrap();
        table.run(&policies).iter().map(ToString::to_string).collect()
    }

    fn case(policy: &str, expect: &str, resource: &str) -> String {
        format!(
            "[[case]]\nname = \"c\"\npolicy = \"{policy}\"\nexpect = \"{expect}\"\nresource = {{ name = \"a\", account = \"441205839201\", {resource} }}\n"
        )
    }

    #[test]
    fn cases_come_out_as_they_say_or_say_how_they_came_out() {
        let owned = "units = [\"Workloads\"], tags = { owner = \"x\" }";
        assert_eq!(faults(&case("owner", "pass", owned)), Vec::<String>::new());
        assert_eq!(faults(&case("owner", "fail", "units = [\"Workloads\"]")), Vec::<String>::new());
        assert_eq!(
            faults(&case("owner", "unknown", "units = [\"Workloads\"], tags-unread = true")),
            Vec::<String>::new()
        );
        assert_eq!(
            faults(&case("owner", "out-of-scope", "units = [\"Sandbox\"]")),
            Vec::<String>::new()
        );
        assert_eq!(faults(&case("age", "unknown", "unread = true")), Vec::<String>::new());
        assert_eq!(
            faults(&case("age", "not-applicable", "deleted-in-days = 7")),
            Vec::<String>::new()
        );
        let fault = &faults(&case("age", "pass", "value-days = 31"))[0];
        assert!(fault.starts_with("c: expected pass, came out fail: "), "{fault}");
        assert!(faults(&case("owner", "fail", "units = []"))[0].contains("does not reach it"));
        assert!(faults(&case("none", "fail", "units = []"))[0].contains("there is no policy none"));
        assert!(faults(&case("age", "good", "units = []"))[0].contains("use pass, fail, unknown"));
    }

    #[test]
    fn a_table_with_unknown_fields_is_refused() {
        let table = case("age", "pass", "colour = \"red\"");
        assert!(PolicyCases::read(&table).unwrap_err().to_string().contains("colour"));
        assert!(
            PolicyCases::read("[[case]]\nname = \"c\"").unwrap_err().to_string().contains("policy")
        );
    }
}
