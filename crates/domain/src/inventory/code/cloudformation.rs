//! A CloudFormation template, and the list with which a change set imports what is there already.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html>

use super::parts::{Form, Managed, Part, Parts, RotationPart, When};
use crate::code::{SourceFile, in_comment, pretty, yaml};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) const SECRET: &str = "AWS::SecretsManager::Secret";
pub(super) const POLICY: &str = "AWS::SecretsManager::ResourcePolicy";
pub(super) const ROTATION: &str = "AWS::SecretsManager::RotationSchedule";

/// The files of one account and Region.
pub(super) fn files(parts: &Parts) -> Vec<SourceFile> {
    let name = stem(parts);
    let imports: Vec<Value> = parts
        .all
        .iter()
        .flat_map(|part| {
            let arn = part.record.facts.arn.as_str();
            resources_of(part).into_iter().map(move |(id, kind)| {
                json!({
                    "ResourceType": kind,
                    "LogicalResourceId": id,
                    "ResourceIdentifier": {"Id": arn},
                })
            })
        })
        .collect();
    if imports.is_empty() {
        return Vec::new();
    }
    vec![
        SourceFile { name: format!("{name}.template.yaml"), text: template(parts, &name) },
        SourceFile { name: format!("{name}.import.json"), text: pretty(&imports.into()) },
    ]
}

/// Such as `secrets-111122223333-eu-west-1`.
pub(super) fn stem(parts: &Parts) -> String {
    let first = parts.first();
    first.map(|first| format!("secrets-{}-{}", first.account, first.region)).unwrap_or_default()
}

/// The logical ids and types of what is managed of a secret. Each is identified by the secret's ARN.
pub(super) fn resources_of(part: &Part) -> Vec<(String, &'static str)> {
    let Form::Managed(managed) = &part.form else { return Vec::new() };
    let id = &part.logical_id;
    let mut all = vec![(id.clone(), SECRET)];
    if managed.policy.is_some() {
        all.push((format!("{id}ResourcePolicy"), POLICY));
    }
    if managed.rotation.is_some() {
        all.push((format!("{id}RotationSchedule"), ROTATION));
    }
    all
}

/// What is not in a stack, as lines of comments.
pub(super) fn not_managed(parts: &Parts, sign: &str) -> String {
    let mut text = String::new();
    for part in &parts.all {
        if let Form::Referenced(reason) | Form::LeftOut(reason) = &part.form {
            let name = in_comment(&part.record.facts.name);
            let _ = writeln!(text, "{sign} Not managed here: {name}. {}", in_comment(reason));
        }
    }
    text
}

/// The first lines of a file.
pub(super) fn head(parts: &Parts, sign: &str) -> String {
    let mut text = String::new();
    if let Some(first) = parts.first() {
        let name = in_comment(&first.account_name);
        let _ = writeln!(
            text,
            "{sign} Secrets of the account {name} ({}) in {}, as Claviger last read them: each has the time.",
            first.account, first.region
        );
    }
    let _ = writeln!(
        text,
        "{sign} This file has no value and no version of a secret. CloudFormation keeps the values when it imports the secrets."
    );
    text
}

fn template(parts: &Parts, name: &str) -> String {
    let mut text = head(parts, "#");
    let region = parts.first().map(|first| first.region.to_string()).unwrap_or_default();
    let _ = write!(
        text,
        "#
# aws cloudformation create-change-set --region {region} --stack-name {name} \\
#   --change-set-name import --change-set-type IMPORT \\
#   --template-body file://{name}.template.yaml \\
#   --resources-to-import file://{name}.import.json
# aws cloudformation describe-change-set --region {region} --stack-name {name} --change-set-name import
# aws cloudformation execute-change-set --region {region} --stack-name {name} --change-set-name import
#
# A template above 51,200 bytes goes through a bucket: --template-url. After the import, detect drift.
#
# Not read: alarms and event rules of the account, roles that read the secrets, the rotation functions.
"
    );
    text.push_str(&not_managed(parts, "#"));
    let described = parts
        .first()
        .map(|first| format!("Secrets of the account {} in {}", first.account, first.region));
    let _ = writeln!(
        text,
        "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: {}\nResources:",
        yaml::string(&described.unwrap_or_default())
    );
    for part in &parts.all {
        let all = resources(part);
        if !all.is_empty() {
            text.push_str(&part.heading("  #"));
        }
        for (id, resource) in all {
            let _ = writeln!(text, "  {id}:");
            text.push_str(&yaml::block(&resource, 4, yaml::scalar));
        }
    }
    text
}

/// The resources of a secret with their logical ids.
fn resources(part: &Part) -> Vec<(String, Value)> {
    let Form::Managed(managed) = &part.form else { return Vec::new() };
    let id = &part.logical_id;
    let mut all = vec![(id.clone(), retained(SECRET, &secret(part, managed)))];
    if let Some(policy) = &managed.policy {
        let properties = json!({"SecretId": {"Ref": id}, "ResourcePolicy": policy});
        all.push((format!("{id}ResourcePolicy"), retained(POLICY, &properties)));
    }
    if let Some(rotation) = &managed.rotation {
        let mut properties = self::rotation(rotation);
        properties["SecretId"] = json!({"Ref": id});
        all.push((format!("{id}RotationSchedule"), retained(ROTATION, &properties)));
    }
    all
}

/// An import asks for a deletion policy, and this one keeps the secret when the stack is deleted.
fn retained(kind: &str, properties: &Value) -> Value {
    json!({
        "Type": kind,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    })
}

/// The properties of a secret.
pub(super) fn secret(part: &Part, managed: &Managed) -> Value {
    let mut properties = json!({"Name": part.record.facts.name});
    if let Some(description) = managed.description {
        properties["Description"] = description.into();
    }
    if let Some(key) = managed.kms_key_id {
        properties["KmsKeyId"] = key.into();
    }
    if let Some(tags) = managed.tags.as_ref().filter(|tags| !tags.is_empty()) {
        properties["Tags"] =
            tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    }
    if let Some(replicas) = managed.replicas.as_ref().filter(|all| !all.is_empty()) {
        properties["ReplicaRegions"] = replicas
            .iter()
            .map(|(region, key)| match key {
                Some(key) => json!({"Region": region, "KmsKeyId": key}),
                None => json!({"Region": region}),
            })
            .collect();
    }
    properties
}

/// The properties of a rotation, but for its secret.
pub(super) fn rotation(rotation: &RotationPart) -> Value {
    let mut rules = match rotation.when {
        When::Schedule(expression) => json!({"ScheduleExpression": expression}),
        When::Days(days) => json!({"AutomaticallyAfterDays": days}),
    };
    if let Some(duration) = rotation.duration {
        rules["Duration"] = duration.into();
    }
    json!({
        "RotationLambdaARN": rotation.lambda_arn,
        "RotationRules": rules,
        "RotateImmediatelyOnUpdate": false,
    })
}
