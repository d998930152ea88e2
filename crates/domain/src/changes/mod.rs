//! Changes of a secret or parameter between two scans.

mod query;

pub use query::{ChangeQuery, FIELDS};

use crate::{
    choice::InvalidChoice,
    facts::{
        Detail, Kind, ParameterFacts, Reading, ResourceDetails, ResourceFacts, RotationRules,
        SecretFacts,
    },
    ids::{AccountId, Region, ResourceId},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

/// What happened.
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
pub enum ChangeKind {
    /// A field has another value.
    Changed,
    /// The resource is new.
    FirstSeen,
    /// AWS no longer has it.
    Gone,
    /// It was restored.
    Back,
}

/// One field with its old and new value; `None` if it was absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// AWS's name, such as `KmsKeyId` or `Tags.owner`.
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// Every field that differs, by name. `LastChangedDate` and `LastAccessedDate` are left out, because they don't say
/// what happened.
pub fn differences(before: &ResourceFacts, after: &ResourceFacts) -> Vec<Change> {
    of_fields(fields(before), fields(after))
}

/// The same for details that are read secret by secret. What was not read, then or now, has not changed.
pub fn detail_differences(before: &ResourceDetails, after: &ResourceDetails) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (Reading::Read(was), Reading::Read(is)) =
        (&before.resource_policy, &after.resource_policy)
        && was != is
    {
        changes.push(Change {
            field: "ResourcePolicy".into(),
            before: was.clone(),
            after: is.clone(),
        });
    }
    if let (Reading::Read(was), Reading::Read(is)) = (&before.replicas, &after.replicas) {
        let by_region = |all: &[crate::facts::ReplicaStatus]| -> BTreeMap<String, String> {
            all.iter()
                .map(|one| (format!("ReplicationStatus.{}", one.region), one.status.clone()))
                .collect()
        };
        changes.extend(of_fields(by_region(was), by_region(is)));
    }
    changes
}

fn of_fields(
    mut before: BTreeMap<String, String>,
    mut after: BTreeMap<String, String>,
) -> Vec<Change> {
    let names: BTreeSet<String> = before.keys().chain(after.keys()).cloned().collect();
    names
        .into_iter()
        .map(|field| Change { before: before.remove(&field), after: after.remove(&field), field })
        .filter(|change| change.before != change.after)
        .collect()
}

/// Each fact as text, by AWS's name, without absent ones.
fn fields(facts: &ResourceFacts) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        // Lists omit an empty text, and descriptions of one resource have it.
        if let Some(value) = value.filter(|value| !value.is_empty() || name.starts_with("Tags.")) {
            found.insert(name.to_owned(), value);
        }
    };
    put("Description", facts.description.clone());
    put("KmsKeyId", facts.kms_key_id.clone());
    for (key, value) in facts.tags.iter().flatten() {
        put(&format!("Tags.{key}"), Some(value.clone()));
    }
    match &facts.detail {
        Detail::Secret(secret) => of_secret(secret, &mut put),
        Detail::Parameter(parameter) => of_parameter(parameter, &mut put),
    }
    found
}

fn of_secret(secret: &SecretFacts, put: &mut impl FnMut(&str, Option<String>)) {
    put("DeletedDate", secret.deleted_at.map(moment));
    put("OwningService", secret.owning_service.clone());
    put("Type", secret.secret_type.clone());
    put("PrimaryRegion", secret.primary_region.as_ref().map(ToString::to_string));
    let rotation = &secret.rotation;
    put("RotationEnabled", rotation.enabled.map(|on| on.to_string()));
    put("RotationLambdaARN", rotation.lambda_arn.clone());
    put("RotationRules", rotation.rules.as_ref().map(rules));
    put("LastRotatedDate", rotation.last_rotated_at.map(moment));
    put("NextRotationDate", rotation.next_rotation_at.map(moment));
    for version in &secret.versions {
        for stage in &version.stages {
            put(&format!("VersionStage.{stage}"), Some(version.id.clone()));
        }
    }
}

fn of_parameter(parameter: &ParameterFacts, put: &mut impl FnMut(&str, Option<String>)) {
    put("Type", Some(parameter.parameter_type.to_string()));
    put("Tier", parameter.tier.clone());
    put("VersionStage.Version", parameter.version.map(|version| version.to_string()));
    put("DataType", parameter.data_type.clone());
    put("AllowedPattern", parameter.allowed_pattern.clone());
    put("LastModifiedUser", parameter.last_modified_user.clone());
    put("Policies", (!parameter.policies.is_empty()).then(|| parameter.policies.join("\n")));
}

fn rules(rules: &RotationRules) -> String {
    let days = rules.automatically_after_days.map(|days| format!("every {days} days"));
    let parts = [days, rules.schedule_expression.clone(), rules.duration.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// To the second, in UTC.
fn moment(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!("{} {:02}:{:02}:{:02} UTC", at.date(), at.hour(), at.minute(), at.second())
}

/// A change in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    pub id: i64,
    pub at: OffsetDateTime,
    pub what: ChangeKind,
    /// The field, if one changed.
    pub change: Change,
    pub resource: ResourceId,
    pub name: String,
    pub kind: Kind,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
}

/// The Changes page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesView {
    pub query: ChangeQuery,
    pub rows: Vec<ChangeRow>,
    /// Where the next page begins.
    pub next: Option<i64>,
    /// Accounts within the scope, for the filter.
    pub accounts: Vec<(AccountId, String)>,
    pub as_of: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Version;

    fn secret(change: impl FnOnce(&mut ResourceFacts)) -> ResourceFacts {
        let mut facts = ResourceFacts {
            arn: "arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf".parse().unwrap(),
            name: "a".into(),
            description: None,
            tags: Some([("owner".to_owned(), "payments".to_owned())].into()),
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail: Detail::Secret(SecretFacts::default()),
        };
        change(&mut facts);
        facts
    }

    fn detail(facts: &mut ResourceFacts) -> &mut SecretFacts {
        match &mut facts.detail {
            Detail::Secret(secret) => secret,
            Detail::Parameter(_) => unreachable!(),
        }
    }

    fn said(before: &ResourceFacts, after: &ResourceFacts) -> Vec<String> {
        differences(before, after)
            .into_iter()
            .map(|c| format!("{}: {:?} {:?}", c.field, c.before.as_deref(), c.after.as_deref()))
            .collect()
    }

    #[test]
    fn each_field_that_differs_is_named_as_aws_names_it() {
        let before = secret(|facts| {
            detail(facts).versions =
                vec![Version { id: "v1".into(), stages: vec!["AWSCURRENT".into()] }];
        });
        let after = secret(|facts| {
            facts.kms_key_id = Some("alias/own".into());
            facts.tags = Some([("Owner".to_owned(), "payments".to_owned())].into());
            facts.changed_at = Some(OffsetDateTime::UNIX_EPOCH);
            let detail = detail(facts);
            detail.rotation.enabled = Some(true);
            detail.accessed_on = Some(OffsetDateTime::UNIX_EPOCH.date());
            detail.versions = vec![
                Version { id: "v1".into(), stages: vec!["AWSPREVIOUS".into()] },
                Version { id: "v2".into(), stages: vec!["AWSCURRENT".into()] },
            ];
        });
        assert_eq!(
            said(&before, &after),
            [
                r#"KmsKeyId: None Some("alias/own")"#,
                r#"RotationEnabled: None Some("true")"#,
                r#"Tags.Owner: None Some("payments")"#,
                r#"Tags.owner: Some("payments") None"#,
                r#"VersionStage.AWSCURRENT: Some("v1") Some("v2")"#,
                r#"VersionStage.AWSPREVIOUS: None Some("v1")"#,
            ]
        );
        assert_eq!(said(&after, &after), Vec::<String>::new());
    }

    #[test]
    fn what_was_not_read_has_not_changed() {
        let read = |policy: Reading<Option<String>>| ResourceDetails {
            of_change: None,
            resource_policy: policy,
            versions: Reading::Read(Vec::new()),
            replicas: Reading::Read(Vec::new()),
        };
        let (none, some) = (read(Reading::Read(None)), read(Reading::Read(Some("{}".into()))));
        let refused = read(Reading::Refused("AccessDenied".into()));
        assert_eq!(detail_differences(&none, &some).len(), 1);
        assert_eq!(detail_differences(&refused, &some), []);
        assert_eq!(detail_differences(&some, &refused), []);
    }
}
