//! A `CodeBuild` project that is given a role.
//!
//! `CodeBuild` returns the values of environment variables and the buildspec in plain text. They are skipped while the response is
//! parsed: no type here can hold one, and the bytes of the response are overwritten.

use crate::{
    AwsError, AwsGateway, ConsumerOrder, ConsumerProject, IssuedSession, ProjectSource, ProjectUse,
    ProjectVariable,
    signed::{SignedBody, SignedCall},
};
use claviger_domain::remediation::ProjectArn;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

impl AwsGateway {
    pub(super) async fn read_project(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        project: &ProjectArn,
    ) -> Result<Option<ConsumerProject>, AwsError> {
        let call = SignedCall {
            service: "CodeBuild",
            endpoint: "codebuild",
            operation: "BatchGetProjects",
            path: "/".to_owned(),
            body: SignedBody::Json {
                target: "CodeBuild_20161006.BatchGetProjects",
                text: json!({"names": [project.name]}).to_string(),
            },
        };
        let body = self.function_call((&order.account, &order.region), session, &call).await?;
        read(&body)
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    projects: Vec<Project>,
}

/// What is kept of a project. Lists are `null` where there is nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    name: String,
    arn: String,
    #[serde(default)]
    service_role: String,
    source: Option<Source>,
    secondary_sources: Option<Vec<Source>>,
    artifacts: Option<Typed>,
    secondary_artifacts: Option<Vec<Typed>>,
    cache: Option<Typed>,
    environment: Option<Environment>,
    logs_config: Option<LogsConfig>,
    encryption_key: Option<String>,
    vpc_config: Option<VpcConfig>,
    build_batch_config: Option<IgnoredAny>,
    tags: Option<Vec<Tag>>,
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type", default)]
    kind: String,
}

#[derive(Deserialize)]
struct Source {
    #[serde(rename = "type", default)]
    kind: String,
    auth: Option<Typed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    #[serde(default)]
    image: String,
    image_pull_credentials_type: Option<String>,
    registry_credential: Option<IgnoredAny>,
    #[serde(rename = "environmentVariables")]
    variables: Option<Vec<Variable>>,
}

/// A variable without its value, which is skipped where it stands.
#[derive(Deserialize)]
struct Variable {
    name: String,
    #[serde(rename = "type")]
    kind: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogsConfig {
    cloud_watch_logs: Option<Logs>,
    s3_logs: Option<Logs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Logs {
    #[serde(default)]
    status: String,
    group_name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VpcConfig {
    vpc_id: Option<String>,
}

#[derive(Deserialize)]
struct Tag {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
}

const ENABLED: &str = "ENABLED";

/// The first project of a response; `None` if it has none.
pub(super) fn read(body: &[u8]) -> Result<Option<ConsumerProject>, AwsError> {
    // Without the parser's words: they could repeat a part of the response.
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| AwsError::nonsense("BatchGetProjects", "the response cannot be read"))?;
    Ok(answer.projects.into_iter().next().map(project))
}

fn project(found: Project) -> ConsumerProject {
    let uses = uses(&found);
    let sources = found.source.into_iter().chain(found.secondary_sources.unwrap_or_default());
    let sources = sources.map(|source| ProjectSource {
        kind: source.kind,
        auth: source.auth.map(|auth| auth.kind).filter(|kind| !kind.is_empty()),
    });
    let artifacts =
        found.artifacts.into_iter().chain(found.secondary_artifacts.unwrap_or_default());
    let artifacts = artifacts.map(|one| one.kind).filter(|kind| !is_nothing(kind));
    let logs = found.logs_config.and_then(|logs| logs.cloud_watch_logs);
    let log_group = match logs {
        Some(logs) if logs.status != ENABLED => None,
        Some(Logs { group_name: Some(name), .. }) if !name.is_empty() => Some(name),
        _ => Some(format!("/aws/codebuild/{}", found.name)),
    };
    let environment = found.environment;
    let image = environment.as_ref().and_then(|environment| {
        let by_role = environment.image_pull_credentials_type.as_deref() == Some("SERVICE_ROLE");
        by_role.then(|| environment.image.clone())
    });
    let variables = environment.and_then(|all| all.variables).unwrap_or_default();
    let tags: BTreeMap<String, String> =
        found.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect();
    ConsumerProject {
        arn: found.arn,
        role: found.service_role,
        sources: sources.collect(),
        artifacts: artifacts.collect(),
        variables: variables
            .into_iter()
            .map(|one| ProjectVariable {
                name: one.name,
                kind: one.kind.unwrap_or_else(|| "PLAINTEXT".to_owned()),
            })
            .collect(),
        image,
        log_group,
        uses,
        // The key that AWS manages is named by its alias.
        encryption_key: found
            .encryption_key
            .filter(|key| !key.is_empty() && !key.contains(":alias/aws/")),
        tags,
    }
}

fn is_nothing(kind: &str) -> bool {
    kind.is_empty() || kind == "NO_ARTIFACTS"
}

fn uses(found: &Project) -> BTreeSet<ProjectUse> {
    let vpc = found.vpc_config.as_ref().and_then(|vpc| vpc.vpc_id.as_ref());
    let stored = found.logs_config.as_ref().and_then(|logs| logs.s3_logs.as_ref());
    let environment = found.environment.as_ref();
    let all = [
        (ProjectUse::Vpc, vpc.is_some_and(|vpc| !vpc.is_empty())),
        (ProjectUse::Cache, found.cache.as_ref().is_some_and(|cache| cache.kind == "S3")),
        (ProjectUse::StoredLogs, stored.is_some_and(|logs| logs.status == ENABLED)),
        (
            ProjectUse::RegistryCredential,
            environment.is_some_and(|environment| environment.registry_credential.is_some()),
        ),
        (ProjectUse::Batches, found.build_batch_config.is_some()),
    ];
    all.into_iter().filter(|(_, is_used)| *is_used).map(|(one, _)| one).collect()
}
