//! Changes of a secret or parameter between two scans, and the filter of their list.

use crate::{
    facts::{
        Detail, Kind, ParameterFacts, Reading, ResourceDetails, ResourceFacts, RotationRules,
        SecretFacts, string_enum,
    },
    ids::{AccountId, Region, ResourceId},
    inventory::{InvalidFilter, bounded, each_filter, invalid, push, read, travels_as_url},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};
use time::OffsetDateTime;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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

string_enum!(
    ChangeKind, "changed, first-seen, gone or back",
    "changed" => ChangeKind::Changed,
    "first-seen" => ChangeKind::FirstSeen,
    "gone" => ChangeKind::Gone,
    "back" => ChangeKind::Back
);

/// One field with its old and new value; `None` if it was absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// AWS's name, such as `KmsKeyId` or `Tags.owner`.
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// The fields that filter changes; a field with parts, such as a tag, by its first word.
pub const FIELDS: [&str; 20] = [
    "AllowedPattern",
    "DataType",
    "DeletedDate",
    "Description",
    "KmsKeyId",
    "LastModifiedUser",
    "LastRotatedDate",
    "NextRotationDate",
    "OwningService",
    "Policies",
    "PrimaryRegion",
    "ReplicationStatus",
    "ResourcePolicy",
    "RotationEnabled",
    "RotationLambdaARN",
    "RotationRules",
    "Tags",
    "Tier",
    "Type",
    "VersionStage",
];

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

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ChangeQuery {
    /// A part of the name or ARN.
    pub text: String,
    /// Within this many days.
    pub days: u16,
    pub what: Vec<ChangeKind>,
    pub fields: Vec<String>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    /// The row after which the page begins.
    pub after: Option<i64>,
}

impl Default for ChangeQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            days: 7,
            what: Vec::new(),
            fields: Vec::new(),
            accounts: Vec::new(),
            regions: Vec::new(),
            after: None,
        }
    }
}

impl FromStr for ChangeQuery {
    type Err = InvalidFilter;

    fn from_str(url_query: &str) -> Result<Self, InvalidFilter> {
        let mut query = Self::default();
        each_filter(url_query, |field, value| query.take(field, value))?;
        Ok(query)
    }
}

travels_as_url!(ChangeQuery);

impl ChangeQuery {
    fn take(&mut self, field: &str, value: &str) -> Result<(), InvalidFilter> {
        bounded(field, value)?;
        match field {
            "q" => value.trim().clone_into(&mut self.text),
            "days" => {
                let days = value.parse().ok().filter(|days| (1..=400).contains(days));
                self.days =
                    days.ok_or_else(|| invalid(field, value, "use 1 to 400 days".into()))?;
            }
            "what" => push(&mut self.what, field, value)?,
            "field" if FIELDS.contains(&value) => push(&mut self.fields, field, value)?,
            "field" => {
                return Err(invalid(field, value, format!("known are {}", FIELDS.join(", "))));
            }
            "account" => push(&mut self.accounts, field, value)?,
            "region" => push(&mut self.regions, field, value)?,
            "after" => self.after = Some(read(field, value)?),
            _ => {
                let known = "there is no such filter; known are q, days, what, field, account, region and after";
                return Err(invalid(field, value, known.into()));
            }
        }
        Ok(())
    }

    /// As written in a URL.
    pub fn to_url_query(&self) -> String {
        let mut url = form_urlencoded::Serializer::new(String::new());
        if !self.text.is_empty() {
            url.append_pair("q", &self.text);
        }
        url.append_pair("days", &self.days.to_string());
        for what in &self.what {
            url.append_pair("what", &what.to_string());
        }
        for field in &self.fields {
            url.append_pair("field", field);
        }
        for account in &self.accounts {
            url.append_pair("account", account.as_str());
        }
        for region in &self.regions {
            url.append_pair("region", region.as_str());
        }
        if let Some(after) = self.after {
            url.append_pair("after", &after.to_string());
        }
        url.finish()
    }

    /// The same list, from this row on.
    #[must_use]
    pub fn after(&self, after: Option<i64>) -> Self {
        Self { after, ..self.clone() }
    }
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

/// The changes of one secret or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// The latest first.
    pub rows: Vec<ChangeRow>,
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

    #[test]
    fn a_query_is_its_url() {
        let url =
            "q=a+b&days=30&what=gone&field=Tags&account=111122223333&region=us-east-1&after=7";
        let query: ChangeQuery = url.parse().unwrap();
        assert_eq!(query.to_url_query(), url);
        assert_eq!("".parse::<ChangeQuery>().unwrap().days, 7);
        for bad in ["days=0", "days=401", "what=new", "field=Owner", "after=x", "colour=red"] {
            assert!(bad.parse::<ChangeQuery>().is_err(), "{bad}");
        }
    }
}
