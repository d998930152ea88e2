//! A role as files: its documents, Terraform, CloudFormation, CDK, and commands of the AWS CLI.

mod cdk;
mod cli;
mod cloudformation;
mod terraform;

use super::ConsumerRole;
use claviger_domain::consumers::{RoleExport, view::RoleFile};
use serde_json::Value;

/// The files of an export.
pub fn export(role: &ConsumerRole, format: RoleExport) -> Vec<RoleFile> {
    let file = |name: String, text: String| RoleFile { name, text };
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

/// JSON with two spaces, and a line's end.
fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// JSON below a line that is indented by so much; the first line is not.
fn below(value: &Value, indent: usize) -> String {
    format!("{value:#}").replace('\n', &format!("\n{:indent$}", ""))
}

/// Words of letters and digits, such as `app-reads` in two.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty())
}
