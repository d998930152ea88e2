//! The page of a hosted template.

use super::HostedForm;
use crate::{
    code::SourceFile,
    creation::ShapeFault,
    ids::{AccountId, Region, ResourceId},
    remediation::preflight::PreflightCheck,
    rotations::schedule::NextWindows,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What can be deployed for a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedView {
    pub id: ResourceId,
    pub name: String,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    /// As it was sent, otherwise as it begins.
    pub form: HostedForm,
    /// Why there is no template for this secret, as sentences.
    pub refusal: Option<String>,
    /// What rotates the secret already, as a sentence.
    pub replaces: Option<String>,
    /// Why the form as it was sent gives no template; empty before it was sent.
    pub faults: Vec<ShapeFault>,
    /// What can be said before the function exists.
    pub checks: Vec<PreflightCheck>,
    pub template: Option<HostedTemplate>,
    pub as_of: OffsetDateTime,
}

/// The template, and how to deploy it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedTemplate {
    /// AWS's name of it, such as `MySQLSingleUser`.
    pub rotation_type: String,
    /// YAML.
    pub file: SourceFile,
    /// For a shell.
    pub command: String,
    pub is_in_vpc: bool,
    pub windows: NextWindows,
}
