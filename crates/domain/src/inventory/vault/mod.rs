//! A new vault for a team: the module `infra/terraform/team-vault`, or the construct in `infra/cdk`, filled in as files for Git.
//! Claviger deploys nothing.

mod files;
mod read;
#[cfg(test)]
mod tests;

pub use files::files;
pub use read::slug;

use crate::{
    choice::InvalidChoice,
    code::SourceFile,
    creation::ShapeFault,
    text_fields::{append, put},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How a vault is written.
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
pub enum VaultFormat {
    #[default]
    Terraform,
    Cdk,
}

impl VaultFormat {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Terraform => "Terraform",
            Self::Cdk => "CDK (TypeScript)",
        }
    }
}

/// The fields of the form, as a browser sends them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VaultForm {
    /// The owner team.
    pub team: String,
    pub account: String,
    pub region: String,
    /// `o-…`.
    pub organization: String,
    /// Empty for the team and a slash.
    pub prefix: String,
    /// The ARN of the function that rotates.
    pub function: String,
    /// Who assumes the readers' role: an ARN or a service, one per line.
    pub readers: String,
    /// Further roles that may read, one ARN per line.
    pub others: String,
    /// `key=value`, one per line.
    pub tags: String,
    /// The ARN of a topic; empty for no alarm.
    pub topic: String,
    /// The ARN of a permissions boundary.
    pub boundary: String,
    /// `name: what it is for`, one per line.
    pub secrets: String,
    /// A [`VaultFormat`].
    pub format: String,
    /// Whether the form was sent.
    pub sent: String,
}

impl VaultForm {
    const fn fields(&mut self) -> [(&'static str, &mut String); 14] {
        [
            ("team", &mut self.team),
            ("account", &mut self.account),
            ("region", &mut self.region),
            ("organization", &mut self.organization),
            ("prefix", &mut self.prefix),
            ("function", &mut self.function),
            ("readers", &mut self.readers),
            ("others", &mut self.others),
            ("tags", &mut self.tags),
            ("topic", &mut self.topic),
            ("boundary", &mut self.boundary),
            ("secrets", &mut self.secrets),
            ("as", &mut self.format),
            ("sent", &mut self.sent),
        ]
    }

    /// The form in a URL's query; other fields are ignored.
    #[must_use]
    pub fn from_url_query(query: &str) -> Self {
        let mut form = Self::default();
        for (field, value) in form_urlencoded::parse(query.as_bytes()) {
            put(form.fields(), &field, &value);
        }
        form
    }

    /// The URL query of the form, without empty fields.
    #[must_use]
    pub fn to_url_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        append(&mut query, self.clone().fields());
        query.finish()
    }

    /// Whether it was sent, and not only opened with some fields.
    pub fn is_sent(&self) -> bool {
        !self.sent.is_empty()
    }

    /// The chosen format; Terraform if it is none of ours.
    pub fn format(&self) -> VaultFormat {
        self.format.trim().parse().unwrap_or_default()
    }
}

/// A vault, every field read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vault {
    /// Part of names: lower-case letters, digits and hyphens.
    pub team: String,
    /// The team as the owner rules name it.
    pub owner: String,
    pub account: crate::ids::AccountId,
    pub region: crate::ids::Region,
    pub organization: String,
    /// With its slash; `None` for the team and a slash.
    pub prefix: Option<String>,
    pub function: crate::ids::Arn,
    pub reader_arns: Vec<String>,
    pub reader_services: Vec<String>,
    pub others: Vec<String>,
    pub tags: BTreeMap<String, String>,
    pub topic: Option<crate::ids::Arn>,
    pub boundary: Option<crate::ids::Arn>,
    /// What each is for, by its name after the prefix.
    pub secrets: BTreeMap<String, String>,
}

/// The page of a new vault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VaultView {
    pub form: VaultForm,
    /// The accounts of the caller's scope with their names, by name.
    pub accounts: Vec<(String, String)>,
    /// Why there are no files, by field of the form.
    pub faults: Vec<ShapeFault>,
    /// The file to adapt first, then those that stay as they are.
    pub files: Vec<SourceFile>,
}
