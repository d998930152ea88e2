//! Resources as a file records them, to evaluate policies without a console: what `claviger scan` writes, or the console's export
//! of the inventory, which knows less.

use super::{Facts, OrganizationContext, Policy, PolicyRule, TagPolicies};
use claviger_domain::{
    authz::AccountLocation,
    compliance::{CheckResult, Outcome},
    facts::{
        Detail, KeyClass, Kind, ParameterFacts, ParameterType, ResourceDetails, ResourceFacts,
        Rotation, SecretFacts, Version,
    },
    ids::{AccountId, Arn, Region},
    rotation::RotationClass,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use time::{
    Date, OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description,
};

/// The staging label of a version that a rotation has not finished.
const PENDING: &str = "AWSPENDING";

/// One secret or parameter with what was read of it. Never a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedResource {
    pub region: Region,
    pub facts: ResourceFacts,
    /// Read secret by secret; `None` if they were not read.
    pub details: Option<ResourceDetails>,
    /// The latest access over the primary and its replicas.
    pub used_on: Option<Date>,
    /// The team that owns it.
    pub team: Option<String>,
    /// Whether KMS did not say who manages its key.
    #[serde(default)]
    pub key_is_unknown: bool,
}

/// A file of resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedInventory {
    pub resources: Vec<RecordedResource>,
    pub at: OffsetDateTime,
    /// Whether everything that rules evaluate is among the facts. An export of the inventory has what its list has.
    pub is_whole: bool,
}

/// The part of a file that says which kind it is.
#[derive(Deserialize)]
struct File {
    /// Of a scan.
    scanned_at: Option<String>,
    facts: Option<Vec<RecordedResource>>,
    /// Of an export of the inventory.
    exported_at: Option<String>,
    resources: Option<Vec<Row>>,
}

/// A row of the inventory's export, as far as rules evaluate it.
#[derive(Deserialize)]
struct Row {
    arn: Option<Arn>,
    kind: Kind,
    #[serde(rename = "type")]
    parameter_type: Option<String>,
    name: String,
    description: Option<String>,
    region: Region,
    #[serde(default)]
    replica_regions: Vec<Region>,
    owner: Option<String>,
    rotation: String,
    next_rotation_at: Option<String>,
    key: String,
    last_accessed_on: Option<String>,
    deleted_at: Option<String>,
    gone_at: Option<String>,
    tags: Option<BTreeMap<String, String>>,
}

impl RecordedInventory {
    /// The resources of a file; the reason where it is neither.
    pub fn read(text: &str) -> Result<Self, String> {
        let file: File = serde_json::from_str(text).map_err(|error| {
            format!(
                "it is neither the JSON of claviger scan nor of the inventory's export ({error})"
            )
        })?;
        let moment = |text: Option<String>| -> Result<OffsetDateTime, String> {
            let text = text.unwrap_or_default();
            OffsetDateTime::parse(&text, &Rfc3339)
                .map_err(|_| "it does not say when it was written".into())
        };
        match (file.facts, file.resources) {
            (Some(resources), _) => {
                Ok(Self { resources, at: moment(file.scanned_at)?, is_whole: true })
            }
            (None, Some(rows)) => {
                let at = moment(file.exported_at)?;
                let rows = rows.into_iter().filter(|row| row.gone_at.is_none());
                let resources: Result<Vec<RecordedResource>, String> = rows.map(recorded).collect();
                Ok(Self { resources: resources?, at, is_whole: false })
            }
            (None, None) if file.scanned_at.is_some() => {
                Err("it has no facts: scan again with this release".into())
            }
            (None, None) => {
                Err("it is neither the JSON of claviger scan nor of the inventory's export".into())
            }
        }
    }

    /// The Regions of its resources.
    fn regions(&self) -> BTreeSet<Region> {
        self.resources.iter().map(|one| one.region.clone()).collect()
    }

    /// What is known beyond the resources: nothing of the Organization.
    pub(super) fn context(&self) -> OrganizationContext {
        OrganizationContext {
            tag_policies: TagPolicies::Unreadable("a file has none of the Organization".into()),
            regions: self.regions(),
            ..OrganizationContext::default()
        }
    }

    /// What a policy says of a resource; unknown where the file does not have what decides it.
    pub(super) fn evaluate(
        &self,
        policy: &Policy,
        others: &[Policy],
        resource: &RecordedResource,
        context: &OrganizationContext,
    ) -> Option<CheckResult> {
        let account: AccountId = resource.facts.arn.account().parse().ok()?;
        let location =
            AccountLocation { account_name: account.to_string(), account, units: Vec::new() };
        let facts = Facts {
            resource: &resource.facts,
            region: &resource.region,
            location: &location,
            deep: resource.details.as_ref(),
            used_on: resource.used_on,
            first_seen_at: self.at,
            team: resource.team.as_deref(),
        };
        let outcome: Outcome = policy.evaluate_among(others, &facts, context, self.at)?;
        let is_known = match policy.rule {
            PolicyRule::CustomerManagedKey {} if resource.key_is_unknown => false,
            // The class of a list says what is wrong, and neither whether rotation is on nor since when it fails.
            PolicyRule::RotationEnabled {} | PolicyRule::RotationFailing {}
                if !self.is_whole && is_stuck(&resource.facts) =>
            {
                false
            }
            _ => self.is_whole || is_in_a_list(&policy.rule),
        };
        match outcome.verdict {
            CheckResult::NotApplicable => None,
            _ if !is_known => Some(CheckResult::Unknown),
            verdict => Some(verdict),
        }
    }
}

/// Whether a rotation began and did not end.
fn is_stuck(facts: &ResourceFacts) -> bool {
    matches!(&facts.detail, Detail::Secret(secret) if secret.stuck_version().is_some())
}

/// Whether the columns of the inventory decide a rule.
fn is_in_a_list(rule: &PolicyRule) -> bool {
    matches!(
        rule,
        PolicyRule::Owner {}
            | PolicyRule::RequiredTags { .. }
            | PolicyRule::Tagged {}
            | PolicyRule::Naming { .. }
            | PolicyRule::CustomerManagedKey {}
            | PolicyRule::RotationEnabled {}
            | PolicyRule::RotationFailing {}
            | PolicyRule::SecureStringRequired { .. }
            | PolicyRule::PlainCredential {}
            | PolicyRule::DeletionInUse { .. }
    )
}

fn recorded(row: Row) -> Result<RecordedResource, String> {
    let moment = |text: &Option<String>| {
        text.as_deref().and_then(|text| OffsetDateTime::parse(text, &Rfc3339).ok())
    };
    let name = &row.name;
    let unclear = |what: &str, value: &str| format!("{name} has an unknown {what}, {value:?}");
    let day = format_description!("[year]-[month]-[day]");
    let used_on = row.last_accessed_on.as_deref().and_then(|text| Date::parse(text, day).ok());
    let key: KeyClass = row.key.parse().map_err(|_| unclear("key", &row.key))?;
    let detail = match row.kind {
        Kind::Secret => {
            let class: RotationClass =
                row.rotation.parse().map_err(|_| unclear("rotation", &row.rotation))?;
            let pending = Version { id: String::new(), stages: vec![PENDING.into()] };
            Detail::Secret(SecretFacts {
                accessed_on: used_on,
                deleted_at: moment(&row.deleted_at),
                primary_region: (!row.replica_regions.is_empty()).then(|| row.region.clone()),
                rotation: Rotation {
                    enabled: Some(!matches!(
                        class,
                        RotationClass::Off | RotationClass::NotApplicable
                    )),
                    next_rotation_at: moment(&row.next_rotation_at),
                    ..Rotation::default()
                },
                versions: (class == RotationClass::Stuck).then_some(pending).into_iter().collect(),
                ..SecretFacts::default()
            })
        }
        Kind::Parameter => {
            let parameter_type = row.parameter_type.as_deref().unwrap_or_default();
            let parameter_type: ParameterType =
                parameter_type.parse().map_err(|_| unclear("type", parameter_type))?;
            Detail::Parameter(ParameterFacts {
                parameter_type,
                tier: None,
                version: None,
                data_type: None,
                allowed_pattern: None,
                last_modified_user: None,
                policies: Vec::new(),
            })
        }
    };
    Ok(RecordedResource {
        facts: ResourceFacts {
            arn: row.arn.ok_or_else(|| format!("{name} has no ARN"))?,
            name: row.name.clone(),
            description: row.description,
            tags: row.tags,
            // The export has the class alone, and rules ask for no more.
            kms_key_id: (key == KeyClass::CustomerManaged).then(|| "customer-managed".into()),
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail,
        },
        region: row.region,
        details: None,
        used_on,
        team: row.owner,
        key_is_unknown: false,
    })
}
