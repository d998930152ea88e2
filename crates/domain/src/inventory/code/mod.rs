//! Secrets as code, to take over what is there already: Terraform with `import` blocks, CloudFormation, and the AWS CDK. Never a
//! version and never a value, and nothing that was not read: what is unknown is a comment.

mod cdk;
mod cloudformation;
mod parts;
mod terraform;
#[cfg(test)]
mod tests;
pub mod view;

use crate::{
    choice::InvalidChoice,
    code::SourceFile,
    facts::{ResourceDetails, ResourceFacts},
    ids::{AccountId, Region, ResourceId},
    key::KeyReading,
};
pub(super) use parts::is_dynamic;
use parts::{Form, Parts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// More secrets than this are not in one export.
pub const MAX_SECRETS: usize = 100;

/// How secrets are written.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_fn = InvalidChoice::of::<Self>, parse_err_ty = InvalidChoice)]
pub enum CodeFormat {
    #[default]
    Terraform,
    CloudFormation,
    Cdk,
}

impl CodeFormat {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Terraform => "Terraform",
            Self::CloudFormation => "CloudFormation",
            Self::Cdk => "CDK (TypeScript)",
        }
    }
}

/// A secret as the scans have read it.
#[derive(Debug, Clone)]
pub struct SecretRecord {
    pub id: ResourceId,
    pub facts: ResourceFacts,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    /// What KMS said about its key; `None` if it names none, or KMS was not read.
    pub kms: Option<KeyReading>,
    /// Its resource policy and replicas; `None` if they were not read yet.
    pub details: Option<ResourceDetails>,
    /// When a complete list last had it; `None` if none did.
    pub read_at: Option<OffsetDateTime>,
    pub is_gone: bool,
}

impl SecretRecord {
    /// The details, if they are those of the secret's last change. Older ones are no facts of it.
    fn current_details(&self) -> Option<&ResourceDetails> {
        self.details.as_ref().filter(|details| details.of_change == self.facts.changed_at)
    }

    fn has_outdated_details(&self) -> bool {
        self.details.is_some() && self.current_details().is_none()
    }
}

/// What an export does not manage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    pub id: ResourceId,
    pub name: String,
    /// A sentence.
    pub reason: String,
    /// Whether the files refer to it all the same, without managing it.
    pub is_referenced: bool,
}

/// Secrets as files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeExport {
    pub format: CodeFormat,
    pub files: Vec<SourceFile>,
    /// How many secrets the files manage.
    pub managed: u32,
    pub left_out: Vec<LeftOut>,
    pub as_of: OffsetDateTime,
}

/// Writes the secrets: a file for each account, or for each account and Region.
pub fn export(records: &[SecretRecord], format: CodeFormat, at: OffsetDateTime) -> CodeExport {
    let mut places: BTreeMap<(&AccountId, Option<&Region>), Vec<&SecretRecord>> = BTreeMap::new();
    for record in records {
        // A configuration of Terraform has a provider for each Region; a stack is in one.
        let region = (format != CodeFormat::Terraform).then_some(&record.region);
        places.entry((&record.account, region)).or_default().push(record);
    }
    let (mut files, mut left_out, mut managed) = (Vec::new(), Vec::new(), 0);
    for records in places.into_values() {
        let parts = Parts::of(records, format);
        for part in &parts.all {
            let is_referenced = matches!(part.form, Form::Referenced(_));
            match &part.form {
                Form::Managed(_) => managed += 1,
                Form::Referenced(reason) | Form::LeftOut(reason) => left_out.push(LeftOut {
                    id: part.record.id,
                    name: part.record.facts.name.clone(),
                    reason: reason.clone(),
                    is_referenced,
                }),
            }
        }
        if parts.all.iter().all(|part| matches!(part.form, Form::LeftOut(_))) {
            continue;
        }
        match format {
            CodeFormat::Terraform => files.push(terraform::configuration(&parts)),
            CodeFormat::CloudFormation => files.extend(cloudformation::files(&parts)),
            CodeFormat::Cdk => files.extend(cdk::files(&parts)),
        }
    }
    CodeExport { format, files, managed, left_out, as_of: at }
}
