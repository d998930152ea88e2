//! What the list of plaintext variables shows.

use super::{CredentialSign, WorkloadKind, query::VariableQuery, workload_name};
use crate::{
    accounts::AccountState,
    creation::CreationForm,
    ids::{AccountId, Region},
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// A variable of a workload, or a parameter or output of a stack, that holds a credential in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableRow {
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
    pub kind: WorkloadKind,
    /// The ARN of the function, of the family of task definitions without a revision, of the project, or of the stack without its
    /// id.
    pub consumer: String,
    /// The container of a task definition; of a stack's output, [`OUTPUTS`](super::OUTPUTS).
    pub container: Option<String>,
    pub name: String,
    pub sign: CredentialSign,
    pub first_seen_at: OffsetDateTime,
    /// When the list that has it was last complete.
    pub last_seen_at: OffsetDateTime,
}

impl VariableRow {
    /// The form of a new secret that takes its place, with a name for it.
    pub fn new_secret(&self) -> CreationForm {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
        let part = |text: &str| text.replace(|c: char| !allowed(c), "-");
        let variable = part(&self.name.to_ascii_lowercase().replace('_', "-"));
        CreationForm {
            account: self.account_id.to_string(),
            region: self.region.to_string(),
            name: format!("{}/{variable}", part(workload_name(&self.consumer))),
            description: format!(
                "For {} of the {} {}",
                self.name,
                self.kind.label(),
                workload_name(&self.consumer)
            ),
            ..CreationForm::default()
        }
    }
}

/// A list is read once an hour. One that is older than this is not the present state.
pub const VARIABLES_STALE_AFTER: Duration = Duration::hours(6);

/// Why something is not known of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GapReason {
    /// There was no attempt to read it yet.
    NotYet,
    /// The account has no role for it, or the role does not trust Claviger.
    NoRole,
    /// Which call failed, and why.
    Failed(String),
    /// Of so many workloads the variables are not known.
    Unreadable(u32),
    /// The last complete list is older than [`VARIABLES_STALE_AFTER`].
    Stale,
    /// The account is suspended or closed, so Claviger does not enter it.
    NotActive(AccountState),
}

/// What is not known of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariableGap {
    pub account_id: AccountId,
    pub account_name: String,
    /// `None`: all of them.
    pub region: Option<Region>,
    /// `None`: all of them.
    pub kind: Option<WorkloadKind>,
    pub reason: GapReason,
    /// When the list was last complete, the oldest one if there are several: rows that are shown are from then.
    pub read_at: Option<OffsetDateTime>,
}

/// One page of the variables, by account and workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariablesView {
    pub query: VariableQuery,
    pub rows: Vec<VariableRow>,
    /// How many match.
    pub total: u32,
    /// The accounts of the scope by name: the choices of the filter.
    pub accounts: Vec<(AccountId, String)>,
    /// What is not known, within the filter's accounts and kinds; the first of them.
    pub gaps: Vec<VariableGap>,
    /// How many there are.
    pub gaps_total: u32,
    /// The name of the role that reads them.
    pub role: String,
    /// Whether the caller may request a new secret.
    pub may_request: bool,
    /// When the oldest list within the filter's accounts and kinds was last complete; `None` if there is none.
    pub oldest_read_at: Option<OffsetDateTime>,
    pub as_of: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::creation::ValueFormat;

    #[test]
    fn the_new_secret_has_a_valid_name_and_no_value() {
        let row = VariableRow {
            account_id: "441205839201".parse().unwrap(),
            account_name: "Payments".into(),
            region: "us-east-1".parse().unwrap(),
            kind: WorkloadKind::CodeBuild,
            consumer: "arn:aws:codebuild:us-east-1:441205839201:project/deploy".into(),
            container: None,
            name: "DB PASSWORD_1".into(),
            sign: CredentialSign::Name,
            first_seen_at: OffsetDateTime::UNIX_EPOCH,
            last_seen_at: OffsetDateTime::UNIX_EPOCH,
        };
        let new = row.new_secret().read().unwrap();
        assert_eq!(new.name, "deploy/db-password-1");
        assert_eq!(row.new_secret().value_format().unwrap(), ValueFormat::Text);
    }
}
