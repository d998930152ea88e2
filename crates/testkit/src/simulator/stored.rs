//! Secrets that calls create and change, as AWS documents these calls: what one call writes, the next one reads.

use super::Call;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard},
};

const CURRENT: &str = "AWSCURRENT";
const PREVIOUS: &str = "AWSPREVIOUS";
const PENDING: &str = "AWSPENDING";
/// The date of everything: 2026-11-01 09:00 UTC.
const CREATED: u64 = 1_793_523_600;

/// A secret with its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredSecret {
    pub arn: String,
    pub name: String,
    pub description: Option<String>,
    pub key: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub policy: Option<String>,
    /// In the order in which they were made.
    pub versions: Vec<StoredVersion>,
    /// Regions with their keys.
    pub replicas: BTreeMap<String, Option<String>>,
    pub rotation: Option<StoredRotation>,
    pub is_deleted: bool,
    /// How many calls have changed it.
    pub changes: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredVersion {
    pub id: String,
    pub stages: BTreeSet<String>,
    /// A version that a rotation has begun has none.
    pub value: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredRotation {
    pub is_enabled: bool,
    pub function: Option<String>,
    pub rules: Value,
}

impl StoredSecret {
    /// The version at a stage.
    pub fn at(&self, stage: &str) -> Option<&StoredVersion> {
        self.versions.iter().find(|version| version.stages.contains(stage))
    }

    /// The version's stage moves; what was current is then the previous one.
    fn move_current(&mut self, to: &str) {
        let from = self.at(CURRENT).map(|version| version.id.clone());
        for version in &mut self.versions {
            version.stages.remove(CURRENT);
            if from.is_some() {
                version.stages.remove(PREVIOUS);
            }
            if version.id == to {
                version.stages.insert(CURRENT.into());
                version.stages.remove(PENDING);
            }
        }
        for version in &mut self.versions {
            if Some(&version.id) == from.as_ref() {
                version.stages.insert(PREVIOUS.into());
            }
        }
    }

    /// A new version that is current.
    fn add(&mut self, id: &str, value: Option<String>) {
        self.versions.push(StoredVersion { id: id.into(), stages: BTreeSet::new(), value });
        self.move_current(id);
    }

    fn described(&self, versions: &str) -> Value {
        let staged = self.versions.iter().filter(|version| !version.stages.is_empty());
        let staged: BTreeMap<&str, Vec<&String>> =
            staged.map(|version| (version.id.as_str(), version.stages.iter().collect())).collect();
        let tags: Vec<Value> =
            self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let mut text = json!({
            "ARN": self.arn, "Name": self.name, "Tags": tags, versions: staged,
            "CreatedDate": CREATED, "LastChangedDate": CREATED + self.changes,
        });
        let mut put = |field: &str, value: Option<Value>| {
            if let Some(value) = value {
                text[field] = value;
            }
        };
        put("Description", self.description.clone().map(Value::from));
        put("KmsKeyId", self.key.clone().map(Value::from));
        put("DeletedDate", self.is_deleted.then(|| json!(CREATED + self.changes)));
        if let Some(rotation) = &self.rotation {
            put("RotationEnabled", Some(rotation.is_enabled.into()));
            put("RotationLambdaARN", rotation.function.clone().map(Value::from));
            put("RotationRules", Some(rotation.rules.clone()));
        }
        if !self.replicas.is_empty() {
            let region = self.arn.split(':').nth(3).unwrap_or_default();
            put("PrimaryRegion", Some(region.into()));
            let each = self.replicas.iter().map(|(region, key)| {
                json!({"Region": region, "KmsKeyId": key.as_deref().unwrap_or("alias/aws/secretsmanager"), "Status": "InSync"})
            });
            put("ReplicationStatus", Some(each.collect()));
        }
        text
    }
}

/// The stored secrets of an Organization.
#[derive(Debug, Default)]
pub(super) struct StoredSecrets(Mutex<BTreeMap<(u64, String, String), StoredSecret>>);

type Answer = Result<Value, &'static str>;

const MISSING: &str = "ResourceNotFoundException";
const PARAMETER: &str = "InvalidParameterException";
const REQUEST: &str = "InvalidRequestException";
const EXISTS: &str = "ResourceExistsException";

impl StoredSecrets {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<(u64, String, String), StoredSecret>> {
        self.0.lock().expect("nobody panics while holding it")
    }

    pub(super) fn get(&self, account: u64, region: &str, name: &str) -> Option<StoredSecret> {
        self.lock().get(&(account, region.to_owned(), name.to_owned())).cloned()
    }

    pub(super) fn change(
        &self,
        account: u64,
        region: &str,
        name: &str,
        change: impl FnOnce(&mut StoredSecret),
    ) {
        let mut all = self.lock();
        let secret = all.get_mut(&(account, region.to_owned(), name.to_owned()));
        change(secret.expect("a stored secret"));
    }

    /// The answer to a call about a stored secret; `None` if it is about another one.
    pub(super) fn answer(&self, call: &Call<'_>) -> Option<Answer> {
        let account = call.account?;
        let mut all = self.lock();
        match call.operation {
            "CreateSecret" => return Some(create(&mut all, account, call)),
            "ListSecrets" if all.keys().any(|key| key.0 == account && key.1 == call.region) => {
                let with_deleted = call.input["IncludePlannedDeletion"] == true;
                let rows = all
                    .iter()
                    .filter(|(key, secret)| {
                        key.0 == account
                            && key.1 == call.region
                            && (with_deleted || !secret.is_deleted)
                    })
                    .map(|(_, secret)| secret.described("SecretVersionsToStages"));
                return Some(Ok(json!({"SecretList": rows.collect::<Vec<_>>()})));
            }
            _ => {}
        }
        let id = call.input["SecretId"].as_str()?;
        let found = all.iter_mut().find(|(key, secret)| {
            key.0 == account && key.1 == call.region && (key.2 == id || secret.arn == id)
        });
        let (_, secret) = found?;
        Some(changed(secret, call))
    }
}

fn text(call: &Call<'_>, field: &str) -> Option<String> {
    call.input[field].as_str().map(ToOwned::to_owned)
}

fn tags(call: &Call<'_>) -> BTreeMap<String, String> {
    let each = call.input["Tags"].as_array().cloned().unwrap_or_default();
    let pair =
        |tag: &Value| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str()?.to_owned()));
    each.iter().filter_map(pair).collect()
}

fn replicas(call: &Call<'_>) -> BTreeMap<String, Option<String>> {
    let each = call.input["AddReplicaRegions"].as_array().cloned().unwrap_or_default();
    let pair = |replica: &Value| {
        let key = replica["KmsKeyId"].as_str().map(ToOwned::to_owned);
        Some((replica["Region"].as_str()?.to_owned(), key))
    };
    each.iter().filter_map(pair).collect()
}

fn version_id(secret: &StoredSecret, token: Option<String>) -> String {
    token.unwrap_or_else(|| format!("version-{:028}", secret.versions.len()))
}

/// The same token with the same value is the same call; with another value it is refused.
fn create(
    all: &mut BTreeMap<(u64, String, String), StoredSecret>,
    account: u64,
    call: &Call<'_>,
) -> Answer {
    let name = text(call, "Name").ok_or(PARAMETER)?;
    let (token, value) = (text(call, "ClientRequestToken"), text(call, "SecretString"));
    let key = (account, call.region.clone(), name.clone());
    if let Some(there) = all.get(&key) {
        if there.is_deleted {
            return Err(REQUEST);
        }
        let own = there.versions.iter().find(|version| Some(&version.id) == token.as_ref());
        return match own {
            Some(own) if own.value == value => Ok(json!({"ARN": there.arn, "Name": name})),
            _ => Err(EXISTS),
        };
    }
    let mut secret = StoredSecret {
        arn: format!("arn:aws:secretsmanager:{}:{account}:secret:{name}-AbCdEf", call.region),
        name: name.clone(),
        description: text(call, "Description"),
        key: text(call, "KmsKeyId"),
        tags: tags(call),
        replicas: replicas(call),
        ..StoredSecret::default()
    };
    if value.is_some() {
        let id = version_id(&secret, token);
        secret.add(&id, value);
    }
    let answer =
        json!({"ARN": secret.arn, "Name": name, "VersionId": secret.at(CURRENT).map(|v| &v.id)});
    all.insert(key, secret);
    Ok(answer)
}

/// A call about one secret.
fn changed(secret: &mut StoredSecret, call: &Call<'_>) -> Answer {
    let named = json!({"ARN": secret.arn, "Name": secret.name});
    if secret.is_deleted
        && !matches!(
            call.operation,
            "DescribeSecret" | "RestoreSecret" | "ListSecretVersionIds" | "GetResourcePolicy"
        )
    {
        return Err(REQUEST);
    }
    let token = text(call, "ClientRequestToken");
    let is_repeated =
        token.as_ref().is_some_and(|token| secret.versions.iter().any(|v| v.id == *token));
    match call.operation {
        "DescribeSecret" => return Ok(secret.described("VersionIdsToStages")),
        "ListSecretVersionIds" => {
            let each = secret.versions.iter().filter(|version| {
                version.value.is_some()
                    && (call.input["IncludeDeprecated"] == true || !version.stages.is_empty())
            });
            let each = each.map(|version| {
                json!({"VersionId": version.id, "VersionStages": version.stages, "CreatedDate": CREATED,
                    "KmsKeyIds": [secret.key.as_deref().unwrap_or("DefaultEncryptionKey")]})
            });
            return Ok(json!({"Versions": each.collect::<Vec<_>>()}));
        }
        "GetResourcePolicy" => {
            let mut answer = named;
            if let Some(policy) = &secret.policy {
                answer["ResourcePolicy"] = policy.as_str().into();
            }
            return Ok(answer);
        }
        "GetSecretValue" => {
            let stage = text(call, "VersionStage").unwrap_or_else(|| CURRENT.into());
            let version = secret.at(&stage).ok_or(MISSING)?;
            return Ok(
                json!({"ARN": secret.arn, "SecretString": version.value, "VersionId": version.id}),
            );
        }
        "PutSecretValue" | "RotateSecret" if is_repeated => return Ok(named),
        "PutSecretValue" => {
            let id = version_id(secret, token);
            secret.add(&id, text(call, "SecretString"));
        }
        "RotateSecret" => rotate(secret, call)?,
        "CancelRotateSecret" => {
            secret.rotation.as_mut().ok_or(REQUEST)?.is_enabled = false;
        }
        "UpdateSecret" => {
            if let Some(key) = text(call, "KmsKeyId") {
                secret.key = Some(key);
            }
            if let Some(description) = text(call, "Description") {
                secret.description = Some(description);
            }
        }
        "UpdateSecretVersionStage" => move_stage(secret, call)?,
        "TagResource" => secret.tags.extend(tags(call)),
        "UntagResource" => {
            let keys = call.input["TagKeys"].as_array().cloned().unwrap_or_default();
            secret.tags.retain(|key, _| !keys.iter().any(|gone| gone == key));
        }
        "PutResourcePolicy" => secret.policy = text(call, "ResourcePolicy"),
        "DeleteResourcePolicy" => secret.policy = None,
        "ReplicateSecretToRegions" => {
            let more = replicas(call);
            if more.keys().any(|region| secret.replicas.contains_key(region)) {
                return Err(PARAMETER);
            }
            secret.replicas.extend(more);
        }
        "RemoveRegionsFromReplication" => {
            let gone = call.input["RemoveReplicaRegions"].as_array().cloned().unwrap_or_default();
            secret.replicas.retain(|region, _| !gone.iter().any(|one| one == region));
        }
        "DeleteSecret" if !secret.replicas.is_empty() => return Err(REQUEST),
        "DeleteSecret" => secret.is_deleted = true,
        "RestoreSecret" => secret.is_deleted = false,
        _ => return Err("AccessDeniedException"),
    }
    secret.changes += 1;
    Ok(named)
}

/// A rotation that succeeds at once: its function has made a new version.
fn rotate(secret: &mut StoredSecret, call: &Call<'_>) -> Result<(), &'static str> {
    let function = text(call, "RotationLambdaARN");
    let before = secret.rotation.clone().unwrap_or_default();
    let function = function.or(before.function).ok_or(REQUEST)?;
    let rules = match &call.input["RotationRules"] {
        Value::Null => before.rules,
        rules => rules.clone(),
    };
    secret.rotation = Some(StoredRotation { is_enabled: true, function: Some(function), rules });
    if call.input["RotateImmediately"] != false {
        let id = version_id(secret, text(call, "ClientRequestToken"));
        let count = secret.versions.len();
        secret.add(&id, Some(format!("rotated {count}")));
    }
    Ok(())
}

/// AWS refuses to move a stage that is elsewhere than the call says.
fn move_stage(secret: &mut StoredSecret, call: &Call<'_>) -> Result<(), &'static str> {
    let stage = text(call, "VersionStage").ok_or(PARAMETER)?;
    let (to, from) = (text(call, "MoveToVersionId"), text(call, "RemoveFromVersionId"));
    let is_at = secret.at(&stage).map(|version| version.id.clone());
    if is_at.is_some() && is_at != from {
        return Err(PARAMETER);
    }
    match to {
        Some(to) if !secret.versions.iter().any(|version| version.id == to) => return Err(MISSING),
        Some(to) if stage == CURRENT => secret.move_current(&to),
        Some(to) => {
            for version in &mut secret.versions {
                version.stages.remove(&stage);
                if version.id == to {
                    version.stages.insert(stage.clone());
                }
            }
        }
        None if stage == CURRENT => return Err(PARAMETER),
        None => {
            let from = from.ok_or(PARAMETER)?;
            let version = secret.versions.iter_mut().find(|version| version.id == from);
            version.ok_or(MISSING)?.stages.remove(&stage);
        }
    }
    Ok(())
}
