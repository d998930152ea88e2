//! A recipe: its files, how each was proven, and what its reader has to know.

use super::{Proof, cost::CostTable};
use crate::consumers::ConsumerKind;
use serde::{Deserialize, Serialize};

/// How a workload reads one secret or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    pub id: RecipeId,
    pub files: Vec<RecipeFile>,
    /// How long a value is kept before AWS is asked again.
    pub cache: String,
    /// What the workload gets after a rotation, and when.
    pub at_rotation: String,
    /// What to do when the target refuses the value.
    pub on_auth_failure: String,
    /// How the JSON key is taken from the value; `None` if the whole value is wanted.
    pub json_key: Option<String>,
    /// What was chosen and this consumer does not support.
    pub not_supported: Vec<String>,
    /// What is easily done wrong.
    pub traps: Vec<String>,
    /// What the reading role needs in AWS.
    pub rights: Vec<Right>,
    /// Whose role it is.
    pub reader: String,
    /// The kind of role to create for it.
    pub consumer: Option<ConsumerKind>,
    /// What the calls cost by how often they are made, where that is a setting.
    pub cost: Option<CostTable>,
}

impl Recipe {
    /// Whether a file names this role.
    pub fn names_role(&self, arn: &str) -> bool {
        self.files.iter().any(|file| file.text.contains(arn))
    }

    /// The rights that a role is compared with. The key belongs to them under every key: an AWS managed key has no policy that a
    /// role could be added to, but it refuses other accounts, and an identity policy, a boundary or an SCP may deny it.
    pub fn compared_rights(&self) -> Vec<Right> {
        let has = |wanted: &[RecipeAction]| {
            self.rights.iter().any(|right| wanted.contains(&right.action))
        };
        let reads = has(&[
            RecipeAction::GetSecretValue,
            RecipeAction::GetParameter,
            RecipeAction::GetParameters,
        ]);
        let writes = has(&[RecipeAction::PutSecretValue]);
        let mut rights = self.rights.clone();
        for (is_needed, action) in
            [(reads, RecipeAction::Decrypt), (writes, RecipeAction::GenerateDataKey)]
        {
            let right = Right { action, on: RightOn::Key };
            if is_needed && !rights.contains(&right) {
                rights.push(right);
            }
        }
        rights
    }
}

/// A file of a recipe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipeFile {
    pub name: String,
    pub text: String,
    pub proof: Proof,
}

/// A permission that a reader needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Right {
    pub action: RecipeAction,
    pub on: RightOn,
}

/// What a permission is needed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RightOn {
    /// The secret or parameter.
    Resource,
    /// Its KMS key, through the service.
    Key,
}

/// The actions of recipes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::IntoStaticStr,
)]
pub enum RecipeAction {
    #[strum(serialize = "secretsmanager:GetSecretValue")]
    GetSecretValue,
    #[strum(serialize = "secretsmanager:DescribeSecret")]
    DescribeSecret,
    #[strum(serialize = "secretsmanager:PutSecretValue")]
    PutSecretValue,
    #[strum(serialize = "ssm:GetParameter")]
    GetParameter,
    #[strum(serialize = "ssm:GetParameters")]
    GetParameters,
    #[strum(serialize = "kms:Decrypt")]
    Decrypt,
    #[strum(serialize = "kms:GenerateDataKey")]
    GenerateDataKey,
}

/// Every recipe, in the order of the page.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum RecipeId {
    AwsCli,
    ClvRun,
    Python,
    Java,
    Go,
    #[strum(serialize = "javascript")]
    JavaScript,
    #[strum(serialize = "dotnet")]
    DotNet,
    Rust,
    LambdaExtension,
    LambdaPowertools,
    Ec2Agent,
    Ecs,
    #[strum(serialize = "codebuild")]
    CodeBuild,
    #[strum(serialize = "github")]
    GitHub,
    #[strum(serialize = "gitlab")]
    GitLab,
    ExternalSecrets,
    CsiDriver,
    Terraform,
    Cdk,
}

impl RecipeId {
    pub const fn label(self) -> &'static str {
        match self {
            Self::AwsCli => "AWS CLI",
            Self::ClvRun => "clv run",
            Self::Python => "Python",
            Self::Java => "Java",
            Self::Go => "Go",
            Self::JavaScript => "JavaScript",
            Self::DotNet => ".NET",
            Self::Rust => "Rust",
            Self::LambdaExtension => "Lambda: extension",
            Self::LambdaPowertools => "Lambda: Powertools",
            Self::Ec2Agent => "EC2: Secrets Manager Agent",
            Self::Ecs => "ECS",
            Self::CodeBuild => "CodeBuild",
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI",
            Self::ExternalSecrets => "EKS: External Secrets",
            Self::CsiDriver => "EKS: CSI driver",
            Self::Terraform => "Terraform",
            Self::Cdk => "CDK",
        }
    }

    /// What the recipe does, in one sentence.
    pub const fn summary(self) -> &'static str {
        match self {
            Self::AwsCli => "A shell script reads the value into a variable and does not print it.",
            Self::ClvRun => {
                "Claviger's client starts a command with the value in its environment, under your access grant."
            }
            Self::Python => {
                "A module that keeps the value in memory and reads it again when the target refuses it."
            }
            Self::Java => "AWS's caching client for Java.",
            Self::Go => "AWS's caching client for Go.",
            Self::JavaScript => {
                "Powertools for AWS Lambda keeps the value in memory, outside of Lambda too."
            }
            Self::DotNet => "AWS's caching client for .NET.",
            Self::Rust => "AWS's caching client for Rust.",
            Self::LambdaExtension => {
                "A function asks the AWS Parameters and Secrets Lambda Extension, which runs beside it."
            }
            Self::LambdaPowertools => {
                "A function in Python reads the value with Powertools for AWS Lambda."
            }
            Self::Ec2Agent => {
                "The Secrets Manager Agent on an instance reads with the role of its instance profile; programs ask the agent."
            }
            Self::Ecs => {
                "ECS reads the value with the execution role and sets it as an environment variable of the container."
            }
            Self::CodeBuild => {
                "CodeBuild reads the value before the build and sets it as an environment variable."
            }
            Self::GitHub => "A workflow assumes a role with its OIDC token and reads the value.",
            Self::GitLab => "A job assumes a role with its OIDC token and reads the value.",
            Self::ExternalSecrets => {
                "The External Secrets Operator copies the value into a Kubernetes Secret."
            }
            Self::CsiDriver => {
                "The Secrets Store CSI driver mounts the value as a file of the pod."
            }
            Self::Terraform => {
                "An ephemeral resource reads the value without writing it into the plan or the state; a write-only argument writes it."
            }
            Self::Cdk => "A stack gives a role the right to read, and an ECS task the value.",
        }
    }
}
