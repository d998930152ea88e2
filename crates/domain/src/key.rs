//! KMS keys, as KMS returns them.

use crate::{choice::InvalidChoice, facts::Reading, ids::AccountId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// `KeyManager`: who manages the key.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "UPPERCASE")]
#[strum(serialize_all = "UPPERCASE", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum KeyManager {
    /// An AWS managed key, such as `aws/secretsmanager`.
    Aws,
    /// A customer managed key.
    Customer,
}

/// The result of reading a key from KMS; `None` if no such key exists.
pub type KeyReading = Reading<Option<KmsKey>>;

/// A key from `DescribeKey` and `ListAliases`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsKey {
    pub arn: String,
    pub manager: KeyManager,
    /// `KeyState`: only an `Enabled` key decrypts.
    pub state: String,
    /// When a key in `PendingDeletion` is deleted.
    pub deletion_at: Option<OffsetDateTime>,
    pub is_multi_region: bool,
    /// Such as `alias/payments`, by name; `None` if unknown: KMS lists only those of the caller's account.
    pub aliases: Option<Vec<String>>,
}

impl KmsKey {
    /// Whether values encrypted with it can be read.
    pub fn is_enabled(&self) -> bool {
        self.state == "Enabled"
    }

    /// Whether a name means this key: its ARN, its ID, or one of its aliases with or without the ARN's beginning.
    pub fn is_named(&self, name: &str) -> bool {
        // Such as arn:aws:kms:eu-west-1:441205839201 and key/5d0c.
        let Some((place, own)) = self.arn.rsplit_once(':') else { return self.arn == name };
        let short = match name.rsplit_once(':') {
            Some((of, short)) if of == place => short,
            Some(_) => return false,
            None => name,
        };
        own == short
            || own.strip_prefix("key/") == Some(short)
            || self.aliases.iter().flatten().any(|alias| alias == short)
    }
}

/// Whether the key's ARN names another account.
pub fn is_foreign_key(key: &str, account: &AccountId) -> bool {
    key.starts_with("arn:") && key.split(':').nth(4).is_some_and(|own| own != account.as_str())
}

/// Who may use a customer managed key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAccess {
    /// `GetKeyPolicy`: KMS answers only the key's own account.
    pub policy: Reading<String>,
    /// `ListGrants`.
    pub grants: Reading<Vec<KeyGrant>>,
}

/// A grant of a key, without constraints on the source of the request: a grant with one serves an AWS service alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyGrant {
    pub id: String,
    /// An ARN, or a service's name.
    pub grantee: String,
    /// Whether `Decrypt` is among its operations.
    pub decrypts: bool,
    /// Pairs that the encryption context has to contain.
    pub context_subset: BTreeMap<String, String>,
    /// Pairs that it has to consist of; empty without this constraint.
    pub context_equals: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("arn:aws:kms:eu-west-1:441205839201:key/5d0c", true)]
    #[case("5d0c", true)]
    #[case("alias/payments", true)]
    #[case("arn:aws:kms:eu-west-1:441205839201:alias/payments", true)]
    #[case("arn:aws:kms:eu-west-1:458812704336:alias/payments", false)]
    #[case("arn:aws:kms:us-east-1:441205839201:key/5d0c", false)]
    #[case("alias/nosuch", false)]
    #[case("", false)]
    fn a_key_has_several_names(#[case] name: &str, #[case] is_its: bool) {
        let key = KmsKey {
            arn: "arn:aws:kms:eu-west-1:441205839201:key/5d0c".into(),
            manager: KeyManager::Customer,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: Some(vec!["alias/payments".into()]),
        };
        assert_eq!(key.is_named(name), is_its, "{name}");
    }
}
