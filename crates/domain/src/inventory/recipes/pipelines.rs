//! Pipelines: `CodeBuild`, GitHub Actions and GitLab CI.

use super::{
    Proof, Recipe, RecipeId, Subject, base, cli, facts, file, region, rights_in_batch, task,
};
use crate::consumers::ConsumerKind;

const NEXT_RUN: &str = "The next run reads the new value. A run that has begun keeps the old one.";
const RUN_AGAIN: &str = "Run the job again. A step that retries has to read the value again itself: a variable of the job does not change.";

pub(super) fn codebuild(subject: &Subject) -> Result<Recipe, String> {
    if region::is_without_codebuild(&subject.region) {
        return Err(format!(
            "CodeBuild has no endpoint in {} in AWS's list of endpoints. Build in another Region and name the ARN, or use another consumer.",
            subject.region
        ));
    }
    let reference =
        if subject.is_secret() { task::reference(subject) } else { subject.name.clone() };
    let kind = if subject.is_secret() { "SECRETS_MANAGER" } else { "PARAMETER_STORE" };
    let facts = facts(subject).value("REFERENCE", super::quoted(&reference)).value("TYPE", kind);
    let not_supported = task::key_not_supported(subject, "A reference of CodeBuild");
    Ok(Recipe {
        files: vec![
            file("buildspec.yml", Proof::YamlSyntax, include_str!("texts/buildspec.yml"), &facts),
            file("project.yaml", Proof::CloudFormation, include_str!("texts/codebuild.yaml"), &facts),
        ],
        cache: cli::ONCE.to_owned(),
        at_rotation: NEXT_RUN.to_owned(),
        on_auth_failure: RUN_AGAIN.to_owned(),
        json_key: subject.json_key.as_ref().filter(|_| not_supported.is_none()).map(|_| {
            "The part behind the ARN names the key: ARN:key:stage:version. CodeBuild reads it.".to_owned()
        }),
        not_supported: not_supported.into_iter().collect(),
        traps: vec![
            "Use the buildspec or the project, not both: of the same name, the buildspec's variable wins.".to_owned(),
            "CodeBuild masks the value in its log only as a whole: parts of it and encodings of it appear.".to_owned(),
            "Anyone who can change the buildspec can print the value.".to_owned(),
        ],
        rights: rights_in_batch(subject),
        reader: "The service role of the project".to_owned(),
        consumer: Some(ConsumerKind::CodeBuild),
        ..base(RecipeId::CodeBuild, subject)
    })
}

pub(super) fn github(subject: &Subject) -> Result<Recipe, String> {
    if subject.json_key.as_ref().is_some_and(|key| key.contains("${{")) {
        return Err("GitHub would evaluate ${{ in the JSON key as an expression of the workflow. Read the whole value, and take the key from it in a script of the repository.".to_owned());
    }
    // AWS's action knows no stages and no parameters.
    let by_action = subject.is_secret() && subject.stage.is_none();
    let facts = facts(subject).flag("action", by_action);
    let mut traps = vec![
        "Anyone who can change the workflow on the branch that the role trusts can print the value.".to_owned(),
        "The major versions of the actions can be moved by their owners: pin a commit where that counts.".to_owned(),
    ];
    if by_action && subject.json_key.is_some() {
        traps.push("parse-json-secrets makes a variable of every key of the JSON, for all later steps, not only of this key.".to_owned());
    }
    if by_action {
        traps.push("AWS's page asks for secretsmanager:ListSecrets too; the action calls it only for a name that ends with *.".to_owned());
    }
    Ok(Recipe {
        files: vec![file("use-secret.yml", Proof::GithubSchema, include_str!("texts/github.yml"), &facts)],
        cache: "For the job: it reads once.".to_owned(),
        at_rotation: NEXT_RUN.to_owned(),
        on_auth_failure: RUN_AGAIN.to_owned(),
        json_key: subject.json_key.as_ref().map(|_| {
            if by_action {
                "The action reads the JSON and makes a variable of each key, with the alias before it.".to_owned()
            } else {
                super::IN_CODE.to_owned()
            }
        }),
        traps,
        reader: "The role that the workflow assumes".to_owned(),
        consumer: Some(ConsumerKind::GitHub),
        ..base(RecipeId::GitHub, subject)
    })
}

pub(super) fn gitlab(subject: &Subject) -> Recipe {
    let facts = facts(subject);
    Recipe {
        files: vec![file(".gitlab-ci.yml", Proof::GitlabSchema, include_str!("texts/gitlab.yml"), &facts)],
        cache: "For the job: it reads once.".to_owned(),
        at_rotation: NEXT_RUN.to_owned(),
        on_auth_failure: RUN_AGAIN.to_owned(),
        traps: vec![
            "GitLab masks variables that it knows, and not this one: do not print it.".to_owned(),
            "The audience has to be the one that the role trusts; on an instance of your own it is that instance's address.".to_owned(),
        ],
        reader: "The role that the job assumes".to_owned(),
        consumer: Some(ConsumerKind::GitLab),
        ..base(RecipeId::GitLab, subject)
    }
}
