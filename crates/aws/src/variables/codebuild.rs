//! Projects of `CodeBuild`. Variables of the types `PARAMETER_STORE` and `SECRETS_MANAGER` are references; those of a build
//! specification or of a single build are not read.

use super::{
    content::Content,
    reader::{Reader, following},
    unread,
};
use crate::{
    AwsError, WorkloadVariables,
    signed::{SignedBody, SignedCall},
};
use claviger_domain::variables::{EnvironmentVariable, VariableContent, workload_name};
use serde::Deserialize;
use serde_json::json;

const LIST: &str = "ListProjects";
const BATCH: &str = "BatchGetProjects";
/// `CodeBuild` takes so many names at once.
const AT_ONCE: usize = 100;

pub(super) async fn read(reader: &Reader<'_>) -> Result<WorkloadVariables, AwsError> {
    let mut found = WorkloadVariables::default();
    for names in projects(reader).await?.chunks(AT_ONCE) {
        let call = SignedCall {
            service: "CodeBuild",
            endpoint: "codebuild",
            operation: "BatchGetProjects",
            path: "/".into(),
            body: SignedBody::Json {
                target: "CodeBuild_20161006.BatchGetProjects",
                text: json!({"names": names}).to_string(),
            },
        };
        let missing = batch(&reader.call(&call).await?, names, &mut found)?;
        let arns = missing.iter().map(|name| reader.arn("codebuild", &format!("project/{name}")));
        found.unreadable.extend(arns);
    }
    Ok(found)
}

/// The names of all projects, 100 a page.
async fn projects(reader: &Reader<'_>) -> Result<Vec<String>, AwsError> {
    let mut all = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let mut asked = json!({});
        if let Some(token) = &token {
            asked["nextToken"] = json!(token);
        }
        let call = SignedCall {
            service: "CodeBuild",
            endpoint: "codebuild",
            operation: "ListProjects",
            path: "/".into(),
            body: SignedBody::Json {
                target: "CodeBuild_20161006.ListProjects",
                text: asked.to_string(),
            },
        };
        let body = reader.call(&call).await?;
        let page: Projects = serde_json::from_slice(&body).map_err(|_| unread(LIST))?;
        all.extend(page.projects);
        token = following(LIST, token.as_deref(), page.next_token)?;
        if token.is_none() {
            return Ok(all);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Projects {
    projects: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Batch {
    projects: Vec<Project>,
}

#[derive(Deserialize)]
struct Project {
    arn: String,
    environment: Option<Environment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    #[serde(default)]
    environment_variables: Vec<Variable>,
}

#[derive(Deserialize)]
struct Variable {
    #[serde(default)]
    name: String,
    #[serde(default)]
    value: Content,
    /// `PLAINTEXT` if absent.
    r#type: Option<String>,
}

/// Adds the variables of projects; the names among those asked for that AWS did not return.
pub(super) fn batch<'a>(
    body: &[u8],
    asked: &'a [String],
    found: &mut WorkloadVariables,
) -> Result<Vec<&'a str>, AwsError> {
    let batch: Batch = serde_json::from_slice(body).map_err(|_| unread(BATCH))?;
    let mut missing: Vec<&str> = asked.iter().map(String::as_str).collect();
    for project in batch.projects {
        missing.retain(|name| *name != workload_name(&project.arn));
        let variables = project.environment.map(|found| found.environment_variables);
        found.variables.extend(variables.into_iter().flatten().map(|one| {
            let is_plain = one.r#type.as_deref().is_none_or(|kind| kind == "PLAINTEXT");
            EnvironmentVariable {
                consumer: project.arn.clone(),
                container: None,
                name: one.name,
                content: if is_plain { one.value.0 } else { VariableContent::Reference },
            }
        }));
    }
    Ok(missing)
}
