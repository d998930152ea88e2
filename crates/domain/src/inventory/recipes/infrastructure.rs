//! Infrastructure as code: Terraform and the AWS CDK.

use super::{
    Proof, Recipe, RecipeAction, RecipeFile, RecipeId, Right, RightOn, Subject, base, cli, facts,
    file, rights, rights_in_batch,
};
use crate::consumers::ConsumerKind;

pub(super) fn terraform(subject: &Subject) -> Recipe {
    let facts = facts(subject);
    let read = if subject.is_secret() {
        include_str!("texts/read-secret.tf")
    } else {
        include_str!("texts/read-parameter.tf")
    };
    let write = if subject.is_secret() {
        include_str!("texts/write-secret.tf")
    } else {
        include_str!("texts/write-parameter.tf")
    };
    let mut files: Vec<RecipeFile> = vec![file("read.tf", Proof::TerraformValidate, read, &facts)];
    let mut needed = rights(subject, &[]);
    let mut traps = vec![
        "A data source writes the value into the state in plain text; the ephemeral resource does not.".to_owned(),
        "Terraform takes an ephemeral value only in providers, provisioners, write-only arguments (…_wo) and other ephemeral values.".to_owned(),
        "Terraform 1.11 or newer and version 5.100 or newer of the AWS provider.".to_owned(),
    ];
    files.push(file("write.tf", Proof::TerraformValidate, write, &facts));
    if subject.is_secret() {
        needed.push(Right { action: RecipeAction::PutSecretValue, on: RightOn::Resource });
        if subject.has_own_key {
            needed.push(Right { action: RecipeAction::GenerateDataKey, on: RightOn::Key });
        }
        traps.push("write.tf replaces the whole text, every key of a JSON included, and does so when secret_string_wo_version changes. Leave it out where something else rotates the secret.".to_owned());
    } else {
        traps.push("write.tf takes the parameter over: import it first, and ssm:PutParameter is needed for it. Leave it out to read only.".to_owned());
    }
    Recipe {
        files,
        cache: cli::ONCE.to_owned(),
        at_rotation: "The next plan or apply reads the new value. What was configured with the old one stays so until its version number is raised.".to_owned(),
        on_auth_failure: "Run it again. A provider that is refused ends the run before anything is changed.".to_owned(),
        traps,
        rights: needed,
        reader: "The role that runs Terraform".to_owned(),
        ..base(RecipeId::Terraform, subject)
    }
}

pub(super) fn cdk(subject: &Subject) -> Recipe {
    let facts = facts(subject);
    let text = if subject.is_secret() {
        include_str!("texts/cdk-secret.ts.txt")
    } else {
        include_str!("texts/cdk-parameter.ts.txt")
    };
    let mut not_supported = Vec::new();
    if !subject.is_secret() && subject.json_key.is_some() {
        not_supported
            .push("ECS takes the whole value of a parameter: the JSON key is left out.".to_owned());
    }
    Recipe {
        files: vec![file("app.ts", Proof::Synthesized, text, &facts)],
        cache: "For the life of the container: ECS reads once, before it starts.".to_owned(),
        at_rotation: "Running tasks keep the old value; cdk deploy alone starts none. Use aws ecs update-service --force-new-deployment.".to_owned(),
        on_auth_failure: "End the process with an error, so that ECS starts a new task, which gets the new value.".to_owned(),
        json_key: subject.json_key.as_ref().filter(|_| not_supported.is_empty()).map(|_| {
            "The last argument of ecs.Secret names the key. ECS reads it.".to_owned()
        }),
        not_supported,
        traps: vec![
            "secretValueFromJson().unsafeUnwrap() writes a reference that CloudFormation resolves into the resource, where people can read it.".to_owned(),
            "An imported key or role gets no policy of its own from the stack where it is another account's.".to_owned(),
        ],
        rights: rights_in_batch(subject),
        reader: "The execution role of the task".to_owned(),
        consumer: Some(ConsumerKind::EcsExecution),
        ..base(RecipeId::Cdk, subject)
    }
}
