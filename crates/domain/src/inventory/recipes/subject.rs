//! What a recipe is about: a secret or parameter, and what the reader chose.

use crate::{
    consumers::suggested_role_name,
    facts::{Detail, KeyClass, ParameterType, Reading},
    ids::{AccountId, Arn, Region},
    inventory::view::ResourceDetail,
    remediation::consumer_role_arn,
};
use serde::{Deserialize, Serialize};

/// A secret or parameter as its recipes need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub name: String,
    pub arn: Arn,
    pub account: AccountId,
    pub region: Region,
    pub kind: SubjectKind,
    /// Whether a customer managed key encrypts the value, so that its readers need `kms:Decrypt`.
    #[serde(default)]
    pub has_own_key: bool,
    /// The ARN of that key, if it was read.
    #[serde(default)]
    pub key_arn: Option<String>,
    /// The key of the JSON value that is wanted; `None` for the whole value.
    #[serde(default)]
    pub json_key: Option<String>,
    /// The staging label; `None` for `AWSCURRENT`.
    #[serde(default)]
    pub stage: Option<String>,
    /// The role that reads; `None` for the one that is suggested for it.
    #[serde(default)]
    pub role: Option<Arn>,
}

/// Which service has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    Secret,
    Parameter {
        is_encrypted: bool,
        is_advanced: bool,
        /// Whether it is a `StringList`.
        #[serde(default)]
        is_list: bool,
    },
}

impl Subject {
    /// The whole value of a resource, as it was last read.
    pub fn of(shown: &ResourceDetail) -> Self {
        let kind = match &shown.facts.detail {
            Detail::Secret(_) => SubjectKind::Secret,
            Detail::Parameter(facts) => SubjectKind::Parameter {
                is_encrypted: facts.parameter_type == ParameterType::SecureString,
                is_advanced: facts.tier.as_deref().is_some_and(|tier| tier != "Standard"),
                is_list: facts.parameter_type == ParameterType::StringList,
            },
        };
        let has_own_key = shown.key == KeyClass::CustomerManaged;
        let key_arn = match (&shown.kms, &shown.facts.kms_key_id) {
            (Some(Reading::Read(Some(key))), _) => Some(key.arn.clone()),
            (_, Some(name)) if name.starts_with("arn:") && name.contains(":key/") => {
                Some(name.clone())
            }
            _ => None,
        };
        Self {
            name: shown.facts.name.clone(),
            arn: shown.facts.arn.clone(),
            account: shown.account_id.clone(),
            region: shown.region.clone(),
            kind,
            has_own_key,
            key_arn: key_arn.filter(|_| has_own_key),
            json_key: None,
            stage: None,
            role: None,
        }
    }

    pub fn is_secret(&self) -> bool {
        self.kind == SubjectKind::Secret
    }

    /// The chosen role, or the one that is suggested and may not be there yet.
    pub(super) fn role_arn(&self) -> String {
        self.role.as_ref().map_or_else(|| self.suggested_role(), ToString::to_string)
    }

    /// The ARN of the suggested role, as a plan of Claviger creates it.
    pub fn suggested_role(&self) -> String {
        let name = suggested_role_name(&self.name);
        consumer_role_arn(self.arn.partition(), self.account.as_str(), &name)
    }

    pub(super) fn is_in_china(&self) -> bool {
        self.arn.partition() == "aws-cn"
    }
}
