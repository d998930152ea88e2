//! How a recipe's file was proven. `cargo xtask test --only recipes` reads the same value from the written recipes, and does
//! exactly this; the page shows it.

use serde::{Deserialize, Serialize};

/// What the test does with a file.
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
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Proof {
    /// Run against an emulator of AWS.
    Run,
    /// Run with a stand-in for a program that AWS provides.
    RunWithStandIn,
    /// Compiled by rustc, and run against an emulator of AWS.
    CompiledAndRun,
    /// Type-checked, run, and its template linted.
    Synthesized,
    /// `terraform validate`.
    TerraformValidate,
    CloudFormation,
    EcsModel,
    GithubSchema,
    GitlabSchema,
    /// The custom resource definitions of the External Secrets Operator, and Kubernetes' own schemas.
    ExternalSecretsSchema,
    /// The definition of the CSI driver, the fields of AWS's provider, and Kubernetes' own schemas.
    CsiSchema,
    AgentSettings,
    BashSyntax,
    YamlSyntax,
    TreeSitter,
}

/// How strong a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// It ran, and gave the value.
    Ran,
    /// A tool that knows the format's names and types found nothing wrong.
    Checked,
    /// Only its form is known to be right.
    Syntax,
}

impl Proof {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Run | Self::RunWithStandIn => "Run",
            Self::CompiledAndRun => "Compiled and run",
            Self::Synthesized => "Synthesized and linted",
            Self::TerraformValidate => "Validated by Terraform",
            Self::CloudFormation => "Linted by cfn-lint",
            Self::EcsModel
            | Self::GithubSchema
            | Self::GitlabSchema
            | Self::ExternalSecretsSchema
            | Self::CsiSchema => "Validated against a schema",
            Self::AgentSettings => "Settings checked",
            Self::BashSyntax | Self::YamlSyntax | Self::TreeSitter => "Syntax checked",
        }
    }

    /// What exactly was done.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Run => {
                "The test runs it against an emulator of AWS and compares the value; what retries is run over a change of the value."
            }
            Self::RunWithStandIn => {
                "The test runs it with a stand-in that answers like AWS's extension or agent, over an emulator of AWS. The real program is not run."
            }
            Self::CompiledAndRun => {
                "The test compiles it with rustc and runs it against an emulator of AWS, over a change of the value."
            }
            Self::Synthesized => {
                "The test checks its types with tsc, synthesizes the stack, and cfn-lint finds nothing in the template. Nothing is deployed."
            }
            Self::TerraformValidate => {
                "The test runs terraform validate with the AWS provider. Nothing is applied."
            }
            Self::CloudFormation => "The test runs cfn-lint for the Region. Nothing is deployed.",
            Self::EcsModel => {
                "The test validates it as a RegisterTaskDefinition request against AWS's API model. No task is started."
            }
            Self::GithubSchema => {
                "The test validates it against the published schema of workflows. It does not run on GitHub."
            }
            Self::GitlabSchema => {
                "The test validates it against GitLab's published schema. It does not run on GitLab."
            }
            Self::ExternalSecretsSchema => {
                "The test validates it against the operator's custom resource definitions and the Kubernetes schemas. No cluster is used."
            }
            Self::CsiSchema => {
                "The test validates it against the Kubernetes schemas and the documented fields of AWS's provider. No cluster is used."
            }
            Self::AgentSettings => {
                "The test reads it as TOML and compares the settings with those that the agent documents. The agent is not run."
            }
            Self::BashSyntax => "The test parses it with bash -n. It is not run.",
            Self::YamlSyntax => {
                "The test reads it as YAML and compares its fields with the documentation; AWS publishes no schema. It is not run."
            }
            Self::TreeSitter => {
                "The test parses it with the language's tree-sitter grammar. It is not compiled: a wrong name would not be found."
            }
        }
    }

    pub const fn strength(self) -> Strength {
        match self {
            Self::Run | Self::RunWithStandIn | Self::CompiledAndRun => Strength::Ran,
            Self::Synthesized
            | Self::TerraformValidate
            | Self::CloudFormation
            | Self::EcsModel
            | Self::GithubSchema
            | Self::GitlabSchema
            | Self::ExternalSecretsSchema
            | Self::CsiSchema => Strength::Checked,
            Self::AgentSettings | Self::BashSyntax | Self::YamlSyntax | Self::TreeSitter => {
                Strength::Syntax
            }
        }
    }
}
