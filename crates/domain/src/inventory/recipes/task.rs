//! ECS: secrets of a task definition.

use super::{Proof, Recipe, RecipeFile, RecipeId, Subject, base, names, rights_in_batch};
use crate::consumers::ConsumerKind;
use serde_json::json;

/// The JSON key and the stage that a reference can name. What has a colon of its own cannot be written in one.
fn parts(subject: &Subject) -> (Option<&str>, Option<&str>) {
    let key = subject.json_key.as_deref().filter(|key| !key.contains(':'));
    (key, subject.stage.as_deref())
}

/// The ARN with key and stage as `CodeBuild` takes them.
pub(super) fn reference(subject: &Subject) -> String {
    match parts(subject) {
        (None, None) => subject.arn.to_string(),
        (Some(key), None) => format!("{}:{key}", subject.arn),
        (key, Some(stage)) => format!("{}:{}:{stage}", subject.arn, key.unwrap_or_default()),
    }
}

/// The ARN as ECS takes it: with key, stage and version behind it, or with none of them. A parameter has none.
fn value_from(subject: &Subject) -> String {
    let (key, stage) = parts(subject);
    if !subject.is_secret() || (key.is_none() && stage.is_none()) {
        return subject.arn.to_string();
    }
    format!("{}:{}:{}:", subject.arn, key.unwrap_or_default(), stage.unwrap_or_default())
}

/// What is said of a key that a reference cannot hold.
pub(super) fn key_not_supported(subject: &Subject, of: &str) -> Option<String> {
    let key = subject.json_key.as_ref()?;
    if !subject.is_secret() {
        return Some(format!(
            "{of} takes the whole value of a parameter: the JSON key is left out."
        ));
    }
    let has_colon = key.contains(':');
    has_colon.then(|| format!("{of} separates its parts with colons, so a JSON key with a colon cannot be named: it is left out."))
}

pub(super) fn ecs(subject: &Subject) -> Recipe {
    let not_supported = key_not_supported(subject, "valueFrom");
    let definition = json!({
        "family": format!("{}-reader", names::object(subject)),
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": subject.role_arn(),
        "containerDefinitions": [{
            "name": "app",
            "image": "public.ecr.aws/docker/library/busybox:stable",
            "essential": true,
            "secrets": [{"name": names::variable(subject), "valueFrom": value_from(subject)}],
        }],
    });
    let mut traps = vec![
        "The execution role reads it, not the task role.".to_owned(),
        "The value is an environment variable of the container: every process in it can read it.".to_owned(),
        "If ECS cannot read it, the task does not start: ResourceInitializationError.".to_owned(),
        "AWS limits a task definition to 64 KiB, and does not raise it. Variables and secrets count by their size; their number has no limit of its own. At the limit, read in the program with an SDK.".to_owned(),
    ];
    if subject.is_secret() {
        traps.push("The JSON key, the stage and the version need Fargate platform 1.4.0, or version 1.37.0 of the container agent on EC2.".to_owned());
    }
    Recipe {
        files: vec![RecipeFile {
            name: "task-definition.json".to_owned(),
            text: format!("{definition:#}\n"),
            proof: Proof::EcsModel,
        }],
        cache: "For the life of the container: ECS reads once, before it starts.".to_owned(),
        at_rotation: "Running tasks keep the old value. Start new ones: aws ecs update-service --force-new-deployment.".to_owned(),
        on_auth_failure: "The container cannot read it again. End the process with an error, so that ECS starts a new task, which gets the new value; or read in the program with an SDK.".to_owned(),
        json_key: subject.json_key.as_ref().filter(|_| not_supported.is_none()).map(|_| {
            "The part behind the ARN names the key: ARN:key:stage:version. ECS reads it.".to_owned()
        }),
        not_supported: not_supported.into_iter().collect(),
        traps,
        rights: rights_in_batch(subject),
        reader: "The execution role of the task".to_owned(),
        consumer: Some(ConsumerKind::EcsExecution),
        ..base(RecipeId::Ecs, subject)
    }
}
