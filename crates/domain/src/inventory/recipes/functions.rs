//! AWS Lambda: the Parameters and Secrets extension, and Powertools.

use super::{Proof, Recipe, RecipeId, Subject, base, facts, file, region};
use crate::consumers::ConsumerKind;

const LAMBDA_ROLE: &str = "The execution role of the function";
const AGAIN: &str = "The recipe catches the refusal, reads the value again and tries once more. A second refusal is an error of the invocation.";

pub(super) fn extension(subject: &Subject) -> Result<Recipe, String> {
    let layer = region::extension_layer(&subject.region).ok_or_else(|| {
        format!(
            "AWS publishes no layer of the Parameters and Secrets Lambda Extension for {} that we know of. Use Powertools there.",
            subject.region
        )
    })?;
    let facts = facts(subject).value("LAYER", layer);
    let code = if subject.is_secret() {
        include_str!("texts/extension-secret.py")
    } else {
        include_str!("texts/extension-parameter.py")
    };
    let template = include_str!("texts/extension.yaml");
    Ok(Recipe {
        files: vec![
            file("index.py", Proof::RunWithStandIn, code, &facts),
            file("template.yaml", Proof::CloudFormation, template, &facts),
        ],
        cache: "In the extension's memory, for 300 seconds: its default, and the most that it takes. Each execution environment has its own.".to_owned(),
        at_rotation: "The old value until the 300 seconds are over, then the new one. No deployment is needed.".to_owned(),
        on_auth_failure: format!("{AGAIN} It asks AWS itself the second time, since the extension would give the old value."),
        traps: vec![
            "The extension answers only inside of an invocation, not while the module is loaded.".to_owned(),
            "AWS publishes newer versions of the layer than the one here, which is the newest that the AWS CDK knows. Look the current ARN of your Region up in the AWS Systems Manager User Guide, under \"Using Parameter Store parameters in AWS Lambda functions\", and pin it.".to_owned(),
            "The layer is for x86_64: arm64 has a layer of its own.".to_owned(),
            "The extension counts toward the size of the layers and the memory of the function.".to_owned(),
        ],
        reader: LAMBDA_ROLE.to_owned(),
        consumer: Some(ConsumerKind::Lambda),
        ..base(RecipeId::LambdaExtension, subject)
    })
}

pub(super) fn powertools(subject: &Subject) -> Recipe {
    let code = if subject.is_secret() {
        include_str!("texts/powertools-secret.py")
    } else {
        include_str!("texts/powertools-parameter.py")
    };
    Recipe {
        files: vec![file("index.py", Proof::Run, code, &facts(subject))],
        cache: "In the function's memory, for 300 seconds as the recipe sets it: the default of version 3 of Powertools (5 seconds in version 2). Each execution environment has its own.".to_owned(),
        at_rotation: "The old value until the 300 seconds are over, then the new one. No deployment is needed.".to_owned(),
        on_auth_failure: AGAIN.to_owned(),
        traps: vec![
            "Package aws-lambda-powertools with the function, or add AWS's layer of it.".to_owned(),
            "With many concurrent executions each one makes calls of its own: count them against the quota of the API.".to_owned(),
        ],
        reader: LAMBDA_ROLE.to_owned(),
        consumer: Some(ConsumerKind::Lambda),
        ..base(RecipeId::LambdaPowertools, subject)
    }
}
