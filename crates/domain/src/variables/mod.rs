//! Variables of workloads, and parameters and outputs of stacks, that hold a credential in plain text. A value is in no type here.

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
    /// Stacks of CloudFormation: their parameters and outputs.
    CloudFormation,
}

/// The container of a stack's outputs. Its parameters have none.
pub const OUTPUTS: &str = "Outputs";

impl WorkloadKind {
    pub fn label(self) -> &'static str {
        match self {
            Self::Lambda => "Lambda function",
            Self::Ecs => "ECS task definition",
            Self::CodeBuild => "CodeBuild project",
            Self::CloudFormation => "CloudFormation stack",
        }
    }

    /// Where in such a workload a variable is, in words.
    pub fn place(self, container: Option<&str>) -> String {
        match (self, container) {
            (Self::CloudFormation, Some(OUTPUTS)) => format!("{}, output", self.label()),
            (Self::CloudFormation, _) => format!("{}, parameter", self.label()),
            (_, Some(container)) => format!("{}, container {container}", self.label()),
            (_, None) => self.label().to_owned(),
        }
    }
}

/// What a variable holds, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableContent {
    Empty,
    /// Asterisks, which AWS returns in place of a parameter with `NoEcho`.
    Masked,
    /// It names a secret or parameter, or a dynamic reference of CloudFormation.
    Reference,
    /// A URL with a user and a password, such as `postgres://user:password@host/db`.
    UrlWithPassword,
    /// Anything else.
    Plain,
}

/// An environment variable of a workload, or a parameter or output of a stack, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvironmentVariable {
    /// The ARN of the function, of the family of task definitions without a revision, of the project, or of the stack without its
    /// id.
    pub consumer: String,
    /// The container of a task definition; of a stack's output, [`OUTPUTS`].
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
            ("arn:aws:cloudformation:us-east-1:441205839201:stack/ledger", "ledger"),
        ] {
            assert_eq!(workload_name(arn), name);
        }
    }

    #[test]
    fn a_place_says_which_part_of_the_workload_it_is() {
        for (kind, container, place) in [
            (WorkloadKind::Lambda, None, "Lambda function"),
            (WorkloadKind::Ecs, Some("web"), "ECS task definition, container web"),
            (WorkloadKind::CloudFormation, None, "CloudFormation stack, parameter"),
            (WorkloadKind::CloudFormation, Some(OUTPUTS), "CloudFormation stack, output"),
        ] {
            assert_eq!(kind.place(container), place);
        }
    }

    #[test]
    fn a_kind_is_stored_by_the_name_of_its_service() {
        assert_eq!(WorkloadKind::CloudFormation.to_string(), "cloudformation");
        let kind: WorkloadKind = "cloudformation".parse().unwrap();
        assert_eq!(kind, WorkloadKind::CloudFormation);
    }
}
