//! Environment variables of workloads that hold a credential in plain text. A value is in no type here.

pub mod query;
pub mod view;

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};

/// The service whose workloads have the variables.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum WorkloadKind {
    /// Functions of Lambda.
    Lambda,
    /// Task definitions of ECS: the newest of each family.
    Ecs,
    /// Projects of `CodeBuild`.
    CodeBuild,
}

impl WorkloadKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Lambda => "Lambda function",
            Self::Ecs => "ECS task definition",
            Self::CodeBuild => "CodeBuild project",
        }
    }
}

/// What an environment variable holds, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableContent {
    Empty,
    /// It names a secret or parameter, or a dynamic reference of CloudFormation.
    Reference,
    /// A URL with a user and a password, such as `postgres://user:password@host/db`.
    UrlWithPassword,
    /// Anything else.
    Plain,
}

/// An environment variable of a workload, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentVariable {
    /// The ARN of the function, of the family of task definitions without a revision, or of the project.
    pub consumer: String,
    /// The container of a task definition.
    pub container: Option<String>,
    pub name: String,
    pub content: VariableContent,
}

/// What shows that a variable holds a credential.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum CredentialSign {
    /// Its name is that of a credential.
    Name,
    /// Its value is a URL with a password.
    UrlPassword,
}

/// The name of a workload by its ARN: what is behind the last colon or slash.
pub fn workload_name(arn: &str) -> &str {
    arn.rsplit([':', '/']).next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_workload_is_the_end_of_its_arn() {
        for (arn, name) in [
            ("arn:aws:lambda:us-east-1:441205839201:function:ledger-export", "ledger-export"),
            ("arn:aws:ecs:us-east-1:441205839201:task-definition/shop", "shop"),
            ("arn:aws:codebuild:us-east-1:441205839201:project/deploy", "deploy"),
        ] {
            assert_eq!(workload_name(arn), name);
        }
    }
}
