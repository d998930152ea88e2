//! KMS keys, as KMS returns them.

use crate::{choice::InvalidChoice, facts::Reading};
use serde::{Deserialize, Serialize};
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
}
