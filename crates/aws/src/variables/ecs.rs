//! Task definitions of ECS: the newest active revision of each family. Secrets of Secrets Manager and Parameter Store have a
//! list of their own there, which is not read, and neither are files of variables in S3.

use super::{
    content::Content,
    reader::{Reader, following},
    unread,
};
use crate::{
    AwsError, WorkloadVariables,
    signed::{SignedBody, SignedCall},
};
use claviger_domain::variables::EnvironmentVariable;
use serde::Deserialize;
use serde_json::json;

const FAMILIES: &str = "ListTaskDefinitionFamilies";
const DEFINITION: &str = "DescribeTaskDefinition";

/// One call for each: more are not read, and the list is not complete then.
const MAX_FAMILIES: usize = 1_000;

pub(super) async fn read(reader: &Reader<'_>) -> Result<WorkloadVariables, AwsError> {
    let mut found = WorkloadVariables::default();
    let mut missing = Vec::new();
    for family in families(reader).await? {
        let call = SignedCall {
            service: "ECS",
            endpoint: "ecs",
            operation: "DescribeTaskDefinition",
            path: "/".into(),
            body: SignedBody::Json {
                target: "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition",
                text: json!({"taskDefinition": family}).to_string(),
            },
        };
        match reader.call(&call).await {
            Ok(body) => definition(&body, &mut found)?,
            Err(error) if is_of_the_family(&error) => missing.push(family),
            Err(error) => return Err(error),
        }
    }
    if !missing.is_empty() {
        // A family that is no longer listed was deregistered meanwhile. One that still is cannot be read.
        let listed = families(reader).await?;
        let still = still_listed(missing, &listed);
        let arns =
            still.iter().map(|family| reader.arn("ecs", &format!("task-definition/{family}")));
        found.unreadable.extend(arns);
    }
    Ok(found)
}

/// Whether a call failed because of what it asked for. ECS has no code of its own for a family without an active revision.
pub(super) fn is_of_the_family(error: &AwsError) -> bool {
    error.code.as_deref() == Some("ClientException")
}

pub(super) fn still_listed(missing: Vec<String>, listed: &[String]) -> Vec<String> {
    missing.into_iter().filter(|family| listed.contains(family)).collect()
}

/// The names of all active families, 100 a page.
async fn families(reader: &Reader<'_>) -> Result<Vec<String>, AwsError> {
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut asked = json!({"status": "ACTIVE", "maxResults": 100});
        if let Some(token) = &token {
            asked["nextToken"] = json!(token);
        }
        let call = SignedCall {
            service: "ECS",
            endpoint: "ecs",
            operation: "ListTaskDefinitionFamilies",
            path: "/".into(),
            body: SignedBody::Json {
                target: "AmazonEC2ContainerServiceV20141113.ListTaskDefinitionFamilies",
                text: asked.to_string(),
            },
        };
        let body = reader.call(&call).await?;
        let page: Families = serde_json::from_slice(&body).map_err(|_| unread(FAMILIES))?;
        all.extend(page.families);
        if all.len() > MAX_FAMILIES {
            return Err(AwsError::refused(FAMILIES, "more than 1,000 families"));
        }
        token = following(FAMILIES, token.as_deref(), page.next_token)?;
        if token.is_none() {
            return Ok(all);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Families {
    #[serde(default)]
    families: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    task_definition: Definition,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    task_definition_arn: String,
    #[serde(default)]
    container_definitions: Vec<Container>,
}

#[derive(Deserialize)]
struct Container {
    #[serde(default)]
    name: String,
    #[serde(default)]
    environment: Vec<Variable>,
}

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Content,
}

/// Adds the variables of a task definition. A new revision is the same consumer.
pub(super) fn definition(body: &[u8], found: &mut WorkloadVariables) -> Result<(), AwsError> {
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unread(DEFINITION))?;
    let definition = answer.task_definition;
    let arn = &definition.task_definition_arn;
    let family = arn
        .rsplit_once(':')
        .filter(|(_, revision)| revision.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(arn.as_str(), |(family, _)| family);
    for container in definition.container_definitions {
        found.variables.extend(container.environment.into_iter().map(|one| EnvironmentVariable {
            consumer: family.to_owned(),
            container: Some(container.name.clone()),
            name: one.name,
            content: one.value.0,
        }));
    }
    Ok(())
}
