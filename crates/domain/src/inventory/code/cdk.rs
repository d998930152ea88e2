//! A stack of the AWS CDK in TypeScript, of the constructs that have CloudFormation's properties, and the mapping with which
//! `cdk import` finds what is there already.

use super::{
    cloudformation::{self, POLICY, ROTATION, head, not_managed, resources_of, stem},
    parts::{Form, Managed, Part, Parts},
};
use crate::code::{SourceFile, below, pascal, pretty};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The files of one account and Region.
pub(super) fn files(parts: &Parts) -> Vec<SourceFile> {
    let name = stem(parts);
    let mut mapping = Map::new();
    for part in &parts.all {
        for (id, _) in resources_of(part) {
            mapping.insert(id, json!({"Id": part.record.facts.arn}));
        }
    }
    let has_imports = !mapping.is_empty();
    let mut files = vec![SourceFile { name: format!("{name}.ts"), text: stack(parts, &name) }];
    if has_imports {
        files.push(SourceFile {
            name: format!("{name}.mapping.json"),
            text: pretty(&Value::from(mapping)),
        });
    }
    files
}

fn stack(parts: &Parts, name: &str) -> String {
    let class = format!("{}Stack", pascal(name));
    let mut text = head(parts, "//");
    let _ = write!(
        text,
        "//
// cdk import {class} --resource-mapping {name}.mapping.json
//
// Not read: alarms and event rules of the account, roles that read the secrets, the rotation functions.
"
    );
    text.push_str(&not_managed(parts, "//"));
    let has = |is: fn(&Form) -> bool| parts.all.iter().any(|part| is(&part.form));
    let kinds: Vec<&str> = parts.all.iter().flat_map(resources_of).map(|(_, kind)| kind).collect();
    let mut constructs = Vec::new();
    for (construct, is_used) in [
        ("CfnResourcePolicy", kinds.contains(&POLICY)),
        ("CfnRotationSchedule", kinds.contains(&ROTATION)),
        ("CfnSecret", !kinds.is_empty()),
        ("Secret", has(|form| matches!(form, Form::Referenced(_)))),
    ] {
        if is_used {
            constructs.push(construct);
        }
    }
    let core = if kinds.is_empty() {
        "Stack, type StackProps"
    } else {
        "RemovalPolicy, Stack, type StackProps"
    };
    let _ = write!(
        text,
        "\nimport {{ {core} }} from \"aws-cdk-lib\";\nimport {{ {} }} from \"aws-cdk-lib/aws-secretsmanager\";\nimport type {{ Construct }} from \"constructs\";\n\nexport class {class} extends Stack {{\n  constructor(scope: Construct, id: string, props?: StackProps) {{\n    super(scope, id, props);\n",
        constructs.join(", ")
    );
    for part in &parts.all {
        match &part.form {
            Form::Managed(managed) => secret(&mut text, part, managed),
            Form::Referenced(_) => {
                let _ = writeln!(
                    text,
                    "\n{}    Secret.fromSecretCompleteArn(this, {}, {});",
                    part.heading("    //"),
                    Value::from(part.logical_id.as_str()),
                    Value::from(part.record.facts.arn.as_str())
                );
            }
            Form::LeftOut(_) => {}
        }
    }
    text.push_str("  }\n}\n");
    text
}

/// In a block of its own, so that each secret has the same name in it.
fn secret(text: &mut String, part: &Part, managed: &Managed) {
    let id = &part.logical_id;
    let properties = properties(&cloudformation::secret(part, managed));
    let _ = write!(
        text,
        "\n{}    {{\n      const secret = new CfnSecret(this, {}, {});\n      secret.applyRemovalPolicy(RemovalPolicy.RETAIN);\n",
        part.heading("    //"),
        Value::from(id.as_str()),
        below(&properties, 6)
    );
    if let Some(policy) = &managed.policy {
        let id = format!("{id}ResourcePolicy");
        let document = json!({"resourcePolicy": policy});
        attached(text, "CfnResourcePolicy", &id, &document);
    }
    if let Some(rotation) = &managed.rotation {
        let id = format!("{id}RotationSchedule");
        attached(
            text,
            "CfnRotationSchedule",
            &id,
            &self::properties(&cloudformation::rotation(rotation)),
        );
    }
    text.push_str("    }\n");
}

/// A construct that belongs to the secret of its block.
fn attached(text: &mut String, construct: &str, id: &str, properties: &Value) {
    let _ = write!(
        text,
        "      new {construct}(this, {}, {{\n        secretId: secret.ref,\n        ...{},\n      }}).applyRemovalPolicy(RemovalPolicy.RETAIN);\n",
        Value::from(id),
        below(properties, 8)
    );
}

/// Properties as the CDK names them: `KmsKeyId` is `kmsKeyId`, and `RotationLambdaARN` is `rotationLambdaArn`. Only names of
/// properties are below the values here, not names that people choose.
fn properties(value: &Value) -> Value {
    match value {
        Value::Object(all) => {
            let renamed = all.iter().map(|(name, value)| (camel(name), properties(value)));
            Value::Object(renamed.collect())
        }
        Value::Array(all) => all.iter().map(properties).collect(),
        other => other.clone(),
    }
}

fn camel(name: &str) -> String {
    let name = name.replace("ARN", "Arn");
    let mut rest = name.chars();
    let first = rest.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(rest).collect()
}
