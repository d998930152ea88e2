//! Recipes: how a workload reads one secret or parameter, with its real ARN, Region and key. Each file of a recipe says how
//! `cargo xtask test --only recipes` proved it; that test and the page write the same text.
//!
//! Pure: nothing here asks AWS, and no recipe holds a value.

mod cli;
mod cost;
mod form;
mod functions;
mod infrastructure;
mod instance;
mod kubernetes;
mod names;
mod pipelines;
mod proof;
mod recipe;
mod region;
pub mod samples;
mod sdk;
mod subject;
mod task;
mod template;
#[cfg(test)]
mod tests;
pub mod view;

pub use cost::{CostRow, CostTable};
pub use form::UseForm;
pub use proof::{Proof, Strength};
pub use recipe::{Recipe, RecipeAction, RecipeFile, RecipeId, Right, RightOn};
pub use region::{extension_layers, without_codebuild};
pub use subject::{Subject, SubjectKind};

use crate::{
    VariantArray,
    code::{hcl, shell},
};
use template::{Facts, quoted};

impl RecipeId {
    /// The recipes that make sense for a resource, in their order.
    pub fn of(subject: &Subject) -> Vec<Self> {
        let only_for_secrets = |id: &Self| {
            matches!(id, Self::Java | Self::Go | Self::DotNet | Self::Rust | Self::Ec2Agent)
        };
        let all = Self::VARIANTS.iter().copied();
        all.filter(|id| subject.is_secret() || !only_for_secrets(id)).collect()
    }
}

/// The recipe, or why there is none for this resource.
pub fn recipe(id: RecipeId, subject: &Subject) -> Result<Recipe, String> {
    if !RecipeId::of(subject).contains(&id) {
        return Err(format!("{} reads secrets only, and this is a parameter.", id.label()));
    }
    Ok(match id {
        RecipeId::AwsCli => cli::aws_cli(subject),
        RecipeId::ClvRun => cli::clv_run(subject),
        RecipeId::Python => sdk::python(subject),
        RecipeId::Java => sdk::java(subject),
        RecipeId::Go => sdk::go(subject),
        RecipeId::JavaScript => sdk::javascript(subject),
        RecipeId::DotNet => sdk::dotnet(subject),
        RecipeId::Rust => sdk::rust(subject),
        RecipeId::LambdaExtension => functions::extension(subject)?,
        RecipeId::LambdaPowertools => functions::powertools(subject),
        RecipeId::Ec2Agent => instance::agent(subject),
        RecipeId::Ecs => task::ecs(subject),
        RecipeId::CodeBuild => pipelines::codebuild(subject)?,
        RecipeId::GitHub => pipelines::github(subject)?,
        RecipeId::GitLab => pipelines::gitlab(subject),
        RecipeId::ExternalSecrets => kubernetes::external_secrets(subject),
        RecipeId::CsiDriver => kubernetes::csi_driver(subject),
        RecipeId::Terraform => infrastructure::terraform(subject),
        RecipeId::Cdk => infrastructure::cdk(subject),
    })
}

/// A recipe without files: what most have in common.
fn base(id: RecipeId, subject: &Subject) -> Recipe {
    Recipe {
        id,
        files: Vec::new(),
        cache: String::new(),
        at_rotation: String::new(),
        on_auth_failure: String::new(),
        json_key: subject.json_key.as_ref().map(|_| IN_CODE.to_owned()),
        not_supported: Vec::new(),
        traps: Vec::new(),
        rights: rights(subject, &[]),
        reader: "The role that runs it".to_owned(),
        consumer: None,
        cost: None,
    }
}

const IN_CODE: &str = "The service returns the whole JSON; the recipe takes the key from it.";
/// What every recipe that reads texts has to say.
const BINARY: &str = "It reads text (SecretString). A binary secret has its value in SecretBinary, encoded in Base64.";

/// What reads the value, `more` on the resource besides, and the key.
fn rights(subject: &Subject, more: &[RecipeAction]) -> Vec<Right> {
    let read =
        if subject.is_secret() { RecipeAction::GetSecretValue } else { RecipeAction::GetParameter };
    rights_with(subject, read, more)
}

/// The same for what reads parameters several at a time.
fn rights_in_batch(subject: &Subject) -> Vec<Right> {
    let read = if subject.is_secret() {
        RecipeAction::GetSecretValue
    } else {
        RecipeAction::GetParameters
    };
    rights_with(subject, read, &[])
}

fn rights_with(subject: &Subject, read: RecipeAction, more: &[RecipeAction]) -> Vec<Right> {
    let on_resource = [&[read], more].concat();
    let mut found: Vec<Right> =
        on_resource.into_iter().map(|action| Right { action, on: RightOn::Resource }).collect();
    if subject.has_own_key {
        found.push(Right { action: RecipeAction::Decrypt, on: RightOn::Key });
    }
    found
}

/// What the texts of every recipe are filled with.
fn facts(subject: &Subject) -> Facts {
    let key = subject.json_key.as_deref();
    let stage = subject.stage.as_deref();
    let key_text = key.unwrap_or_default();
    let (is_encrypted, is_list) = match subject.kind {
        SubjectKind::Secret => (true, false),
        SubjectKind::Parameter { is_encrypted, is_list, .. } => (is_encrypted, is_list),
    };
    Facts::default()
        .flag("key", key.is_some())
        .flag("stage", stage.is_some())
        .flag("secret", subject.is_secret())
        .flag("encrypted", is_encrypted)
        .flag("list", is_list)
        .flag("ownkey", subject.has_own_key && subject.key_arn.is_some())
        .flag("china", subject.is_in_china())
        .value("NAME", &subject.name)
        .value("NAME_SH", shell::quoted(&subject.name))
        .value("ARN", subject.arn.as_str())
        .value("REGION", subject.region.as_str())
        .value("ACCOUNT", subject.account.as_str())
        .value("ROLE", subject.role_arn())
        .value("KEY_ARN", subject.key_arn.clone().unwrap_or_default())
        .value("KEY", quoted(key_text))
        .value("KEY_SH", shell::quoted(key_text))
        .value("KEY_TF", hcl::quoted(key_text))
        .value("STAGE", stage.unwrap_or("AWSCURRENT"))
        .value("VAR", names::variable(subject))
        .value("ALIAS", names::alias(subject))
        .value("READ", cli::read_value(subject))
}

/// A file whose text is filled with the facts.
fn file(name: &str, proof: Proof, text: &str, facts: &Facts) -> RecipeFile {
    RecipeFile { name: name.to_owned(), text: facts.fill(text), proof }
}
