//! A role as files: its documents, Terraform, CloudFormation, CDK, and commands of the AWS CLI; and how a task definition gets it.

mod cdk;
mod cli;
mod cloudformation;
mod task_definition;
mod terraform;

pub use task_definition::task_definition;

use super::ConsumerRole;
use claviger_domain::{
    code::{SourceFile, pretty},
    consumers::RoleExport,
};

/// The files of an export.
pub fn export(role: &ConsumerRole, format: RoleExport) -> Vec<SourceFile> {
    let file = |name: String, text: String| SourceFile { name, text };
    match format {
        RoleExport::Json => vec![
            file(format!("{}-permissions.json", role.name), pretty(&role.permission)),
            file(format!("{}-trust.json", role.name), pretty(&role.trust)),
        ],
        RoleExport::Terraform => {
            vec![file(format!("{}.tf", role.name), terraform::module(role))]
        }
        RoleExport::CloudFormation => {
            vec![file(format!("{}.template.json", role.name), cloudformation::template(role))]
        }
        RoleExport::Cdk => vec![file(format!("{}.ts", role.name), cdk::stack(role))],
        RoleExport::Cli => vec![file(format!("{}.sh", role.name), cli::script(role))],
    }
}
