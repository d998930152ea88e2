//! What is written and read of plaintext variables.

use crate::{StoreError, error::column};
use claviger_domain::{
    ids::AccountId,
    variables::{
        CredentialSign, WorkloadKind,
        view::{GapReason, VariableRow},
    },
};
use time::OffsetDateTime;

/// A variable that holds a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVariable {
    /// The ARN of the function, of the family of task definitions without a revision, of the project, or of the stack without its
    /// id.
    pub consumer: String,
    /// The container of a task definition; of a stack's output, `Outputs`.
    pub container: Option<String>,
    pub name: String,
    pub sign: CredentialSign,
}

/// The list of a kind: complete but for the workloads that are named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewVariableList {
    pub variables: Vec<NewVariable>,
    /// The ARNs of workloads whose variables are not known: their rows stay.
    pub unreadable: Vec<String>,
}

/// A kind of workloads in an account and Region, as it was read.
#[derive(Debug, Clone)]
pub struct NewVariableRead {
    pub kind: WorkloadKind,
    /// The list; or which call failed, and why.
    pub read: Result<NewVariableList, String>,
}

/// An account of a scope, active or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableAccount {
    pub id: AccountId,
    pub name: String,
    /// Why nothing of it can be read now; `None` if it can.
    pub reason: Option<GapReason>,
    /// When the oldest of its lists was last complete.
    pub read_at: Option<OffsetDateTime>,
}

/// The primary key of a row: where a page of the export ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VariableKey {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) kind: String,
    pub(super) consumer: String,
    pub(super) container: String,
    pub(super) name: String,
}

impl VariableKey {
    pub fn of(row: &VariableRow) -> Self {
        Self {
            account: row.account_id.to_string(),
            region: row.region.to_string(),
            kind: row.kind.to_string(),
            consumer: row.consumer.clone(),
            container: row.container.clone().unwrap_or_default(),
            name: row.name.clone(),
        }
    }
}

/// A row as it is stored.
pub(super) struct StoredVariable {
    pub(super) account_id: String,
    pub(super) account_name: String,
    pub(super) region: String,
    pub(super) kind: String,
    pub(super) consumer: String,
    pub(super) container: String,
    pub(super) name: String,
    pub(super) sign: String,
    pub(super) first_seen_at: OffsetDateTime,
    pub(super) last_seen_at: OffsetDateTime,
}

impl StoredVariable {
    pub(super) fn read(self) -> Result<VariableRow, StoreError> {
        let key = format!("{} {}", self.consumer, self.name);
        Ok(VariableRow {
            account_id: column("plain_variable", "account_id", &key, &self.account_id)?,
            account_name: self.account_name,
            region: column("plain_variable", "region", &key, &self.region)?,
            kind: column("plain_variable", "kind", &key, &self.kind)?,
            sign: column("plain_variable", "sign", &key, &self.sign)?,
            consumer: self.consumer,
            container: (!self.container.is_empty()).then_some(self.container),
            name: self.name,
            first_seen_at: self.first_seen_at,
            last_seen_at: self.last_seen_at,
        })
    }
}

/// Whether an account lets Claviger read variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VariableAccess {
    Open,
    /// The role is missing or does not trust Claviger; with the call's failure.
    NoRole(String),
    Failed(String),
}

impl VariableAccess {
    pub(super) fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Open => ("open", None),
            Self::NoRole(reason) => ("no-role", Some(reason)),
            Self::Failed(reason) => ("failed", Some(reason)),
        }
    }
}
