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
            Self::Run | Self::RunWithStandIn => "Tested: run",
            Self::CompiledAndRun => "Tested: compiled and run",
            Self::Synthesized => "Tested: synthesized and linted",
            Self::TerraformValidate => "Tested: validated by Terraform",
            Self::CloudFormation => "Tested: linted by cfn-lint",
            Self::EcsModel
            | Self::GithubSchema
            | Self::GitlabSchema
            | Self::ExternalSecretsSchema
            | Self::CsiSchema => "Tested: validated against a schema",
            Self::AgentSettings => "Tested: settings checked",
            Self::BashSyntax | Self::YamlSyntax | Self::TreeSitter => "Tested: syntax only",
        }
    }

    /// What exactly was done.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Run => {
                "Claviger's tests run this file against an emulator of AWS and compare the value that it reads. Where the file retries, the value is changed between the attempts."
            }
            Self::RunWithStandIn => {
                "Claviger's tests run this file against an emulator of AWS, with a stand-in that answers like AWS's extension or agent. The real program is not run."
            }
            Self::CompiledAndRun => {
                "Claviger's tests compile this file with rustc and run it against an emulator of AWS, before and after the value changes."
            }
            Self::Synthesized => {
                "Claviger's tests check the types with tsc, synthesize the stack, and lint the template with cfn-lint. Nothing is deployed."
            }
            Self::TerraformValidate => {
                "Claviger's tests run terraform validate with the AWS provider. Nothing is applied."
            }
            Self::CloudFormation => {
                "Claviger's tests run cfn-lint for the Region. Nothing is deployed."
            }
            Self::EcsModel => {
                "Claviger's tests validate this file as a RegisterTaskDefinition request against AWS's API model. No task is started."
            }
            Self::GithubSchema => {
                "Claviger's tests validate this file against the published schema of workflows. It does not run on GitHub."
            }
            Self::GitlabSchema => {
                "Claviger's tests validate this file against GitLab's published schema. It does not run on GitLab."
            }
            Self::ExternalSecretsSchema => {
                "Claviger's tests validate this file against the operator's custom resource definitions and the Kubernetes schemas. No cluster is used."
            }
            Self::CsiSchema => {
                "Claviger's tests validate this file against the Kubernetes schemas and the documented fields of AWS's provider. No cluster is used."
            }
            Self::AgentSettings => {
                "Claviger's tests read this file as TOML and compare the settings with those that the agent documents. The agent is not run."
            }
            Self::BashSyntax => "Claviger's tests parse this file with bash -n. It is not run.",
            Self::YamlSyntax => {
                "Claviger's tests read this file as YAML and compare its fields with the documentation; AWS publishes no schema. It is not run."
            }
            Self::TreeSitter => {
                "Claviger's tests parse this file with the language's tree-sitter grammar. It is not compiled: a wrong name would not be found."
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
