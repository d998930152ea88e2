//! KMS keys, as KMS tells them.

use crate::facts::{Reading, string_enum};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// `KeyManager`: whose key it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KeyManager {
    /// An AWS managed key, such as `aws/secretsmanager`.
    Aws,
    /// A customer managed key.
    Customer,
}

string_enum!(
    KeyManager, "AWS or CUSTOMER",
    "AWS" => KeyManager::Aws,
    "CUSTOMER" => KeyManager::Customer
);

/// What KMS said of a key; `None` where it knows no such key.
pub type KeyReading = Reading<Option<KmsKey>>;

/// A key as `DescribeKey` and `ListAliases` tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsKey {
    pub arn: String,
    pub manager: KeyManager,
    /// `KeyState`: only an `Enabled` key decrypts.
    pub state: String,
    /// When a key in `PendingDeletion` is deleted.
    pub deletion_at: Option<OffsetDateTime>,
    pub is_multi_region: bool,
    /// Such as `alias/payments`, by name; `None` where they are not known: KMS lists those of the own account alone.
    pub aliases: Option<Vec<String>>,
}

impl KmsKey {
    /// Whether what rests under it can be read.
    pub fn is_enabled(&self) -> bool {
        self.state == "Enabled"
    }
}
