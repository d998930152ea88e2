//! What the pages show, as the services return it.

use crate::{
    accounts::{
        AccountState,
        readiness::{Readiness, TagPolicyView},
        roles::{AccountRoles, OptInCheck, OptInRole, RoleCheck, RollOut, Snippet},
    },
    authz::Role,
    facts::{KeyClass, Kind, ParameterType, ReplicaStatus, ResourceFacts},
    grants::{AccessPause, view::AccessCounts},
    ids::{AccountId, Arn, OuId, Region, ResourceId},
    inventory::{Cursor, InventoryQuery},
    key::KeyReading,
    rotation::RotationState,
    scan::{ListFault, RegionScanFault, RegionScanList, RegionScanStatus},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// One page of a list, with keyset pagination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// How many rows there are on the pages before.
    pub before: u64,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// The owner team of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    Named(String),
    Missing,
    /// The tags could not be read.
    Unknown,
}

/// A row of the inventory: a secret with its replicas, or a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryRow {
    pub id: ResourceId,
    pub kind: Kind,
    pub parameter_type: Option<ParameterType>,
    pub name: String,
    pub owner: Owner,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
    pub replica_regions: Vec<Region>,
    pub rotation: RotationState,
    pub key: KeyClass,
    pub accessed_on: Option<Date>,
    pub changed_at: Option<OffsetDateTime>,
    pub deleted_at: Option<OffsetDateTime>,
    pub gone_at: Option<OffsetDateTime>,
    /// These three only if their columns are shown. Tags that could not be read are absent too.
    pub tags: Option<BTreeMap<String, String>>,
    pub description: Option<String>,
    pub arn: Option<Arn>,
    /// Checks that fail and are not excepted, by severity, in the order of `Severity::VARIANTS`. Only if shown.
    pub findings: Option<[u8; 4]>,
}

/// The secrets and parameters that a person marked, as far as they may still see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Favorites {
    /// The newest first.
    pub rows: Vec<InventoryRow>,
    /// Whether the person may request access to them.
    pub may_request: bool,
    pub as_of: OffsetDateTime,
}

/// A choice of a facet with the number of rows that it would show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// As in the URL.
    pub value: String,
    pub label: String,
    /// The depth in a tree; 0 at the top.
    pub depth: u8,
    pub count: u64,
}

/// The inventory page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryView {
    pub query: InventoryQuery,
    pub page: Page<InventoryRow>,
    /// Rows that match.
    pub matching: u64,
    /// Rows within the caller's scope that are not deleted.
    pub total: u64,
    pub facets: Facets,
    pub views: Vec<SavedView>,
    /// The next path segments below the path of the filter.
    pub folders: Vec<PathStep>,
    /// Whether the caller may request access to selected resources.
    pub may_request: bool,
    /// Whether the caller may plan a fix of their findings.
    pub may_fix: bool,
    /// Whether any scan of a visible account is complete.
    pub is_scanned: bool,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

/// The filter panel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    pub kinds: Vec<FacetValue>,
    pub ous: Vec<FacetValue>,
    pub accounts: Vec<FacetValue>,
    pub regions: Vec<FacetValue>,
    pub rotation: Vec<FacetValue>,
    pub severities: Vec<FacetValue>,
    pub keys: Vec<FacetValue>,
    pub owners: Vec<FacetValue>,
    pub states: Vec<FacetValue>,
    pub teams: Vec<FacetValue>,
    /// The number of further accounts and teams with rows that are not among the choices.
    pub more_accounts: u64,
    pub more_teams: u64,
}

/// A replica of a secret in another Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replica {
    pub id: ResourceId,
    pub region: Region,
    pub is_primary: bool,
    /// `InSync`, `Failed` or `InProgress`, as the primary reports it; `None` for the primary, and if it was not read.
    pub status: Option<ReplicaStatus>,
    pub accessed_on: Option<Date>,
    pub last_seen_at: Option<OffsetDateTime>,
    pub gone_at: Option<OffsetDateTime>,
}

/// The page of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceDetail {
    pub id: ResourceId,
    pub facts: ResourceFacts,
    pub account_id: AccountId,
    pub account_name: String,
    pub ou_path: String,
    pub region: Region,
    pub owner: Owner,
    pub rotation: RotationState,
    pub key: KeyClass,
    /// What KMS reports about its key; `None` if it names none, or KMS was not read yet.
    pub kms: Option<KeyReading>,
    /// The primary and its replicas; empty without replication.
    pub replicas: Vec<Replica>,
    pub first_seen_at: OffsetDateTime,
    /// When a complete scan last found it.
    pub last_seen_at: Option<OffsetDateTime>,
    pub gone_at: Option<OffsetDateTime>,
    /// When the tags of the Region's parameters were read; `None` for secrets, whose list includes them.
    pub tags_read_at: Option<OffsetDateTime>,
    /// Why the list that contains it could not be read in the last attempt.
    pub fault: Option<ListFault>,
    /// The last complete list no longer has it, and AWS denied describing it.
    pub is_unconfirmed: bool,
    pub console_url: String,
    /// Whether the caller may request access to it.
    pub may_request: bool,
    pub as_of: OffsetDateTime,
}

/// How much of an account was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// The last scan read every Region.
    Whole,
    /// Some Region failed.
    Partial,
    /// No Region could be read.
    None,
    /// The scan is in progress.
    Underway,
    /// No scan yet.
    Never,
}

/// A row of the accounts page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    pub id: AccountId,
    pub name: String,
    pub email: String,
    pub state: AccountState,
    pub ou_id: Option<OuId>,
    pub ou_path: String,
    pub secrets: u64,
    pub parameters: u64,
    pub reach: Coverage,
    /// The oldest of its Regions' last complete scans: no data shown are older.
    pub complete_as_of: Option<OffsetDateTime>,
    pub fault: Option<RegionScanFault>,
    /// The number of prerequisites that are not ready; `None` if it was never checked.
    pub unready: Option<u64>,
    pub roles: AccountRoles,
    /// The opt-in roles, if they were checked.
    pub opt_in_roles: Vec<(OptInRole, RoleCheck)>,
    /// When it was no longer in the Organization.
    pub left_at: Option<OffsetDateTime>,
}

/// One list of an account in a Region: the result of the last attempt, and the age of its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    pub list: RegionScanList,
    /// Why the last attempt failed.
    pub fault: Option<ListFault>,
    /// When it was last read completely.
    pub complete_at: Option<OffsetDateTime>,
}

/// One account in one Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionRow {
    pub region: Region,
    pub status: RegionScanStatus,
    pub secrets: u64,
    pub parameters: u64,
    /// When it was last read completely.
    pub complete_at: Option<OffsetDateTime>,
    pub attempted_at: Option<OffsetDateTime>,
    pub api_calls: u32,
    pub fault: Option<RegionScanFault>,
    /// AWS's error code, such as `AccessDenied`.
    pub fault_code: Option<String>,
    /// Each list separately; parameter tags only if the last attempt failed.
    pub lists: Vec<ListRow>,
    /// Whether the last scan includes it. It does not if the Region was disabled, or is no longer configured.
    pub is_swept: bool,
}

/// The accounts page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsView {
    pub rows: Vec<AccountRow>,
    pub roll_out: RollOut,
    pub can_scan: bool,
    /// OUs and accounts in the configuration or in a policy that do not exist. Only security admins of the whole
    /// Organization see them.
    pub scope_problems: Vec<String>,
    pub as_of: OffsetDateTime,
}

/// The page of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDetail {
    pub account: AccountRow,
    pub joined_at: Option<OffsetDateTime>,
    pub regions: Vec<RegionRow>,
    /// When its prerequisites were last checked.
    pub checked_at: Option<OffsetDateTime>,
    pub readiness: Vec<Readiness>,
    /// Empty if they were not checked, and of an account that is not active.
    pub opt_in_roles: Vec<OptInCheck>,
    /// What deploys its roles, if something is wrong with them.
    pub snippets: Vec<Snippet>,
    pub tag_policy: TagPolicyView,
    pub as_of: OffsetDateTime,
}

/// The signed-in person, for the shell.
#[expect(clippy::struct_excessive_bools, reason = "each shows or hides something of its own")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    pub name: String,
    pub email: Option<String>,
    pub roles: Vec<Role>,
    #[serde(rename = "may_sweep")]
    pub can_scan: bool,
    pub may_request: bool,
    pub may_read_access: bool,
    pub may_review: bool,
    pub may_audit: bool,
    pub may_read_deliveries: bool,
    #[serde(default)]
    pub may_read_settings: bool,
    pub access: AccessCounts,
    /// Items of the work queue that the person can decide.
    #[serde(default)]
    pub to_decide: u32,
    /// While all access is paused.
    #[serde(default)]
    pub access_pause: Option<AccessPause>,
    #[serde(default)]
    pub may_pause_access: bool,
    /// A mark of the state at which this was read: listeners compare it.
    pub as_of_entry: String,
    /// `None` until the first scan has finished, because a partial number is never shown as the total, and above the
    /// limit of the inventory.
    pub resources: Option<u64>,
    /// Failing checks; `None` until everything has been scanned and evaluated once, or above the limit.
    pub failures: Option<u64>,
    /// `None` until the Organization has been read.
    pub accounts: Option<u64>,
    /// Accounts that the last scan could not read completely; 0 until the first has finished.
    pub accounts_failing: u64,
    /// Why there is no number of resources yet.
    #[serde(default)]
    pub incomplete_inventory: Option<String>,
    /// Why there is no number of findings yet.
    #[serde(default)]
    pub incomplete_findings: Option<String>,
}

impl Me {
    /// Whether the person has a role; without one, only pages of their own requests and notifications open.
    pub fn has_role(&self) -> bool {
        !self.roles.is_empty()
    }
}

/// A saved view of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: String,
    pub name: String,
    /// Filter, sort and columns, as in the URL.
    pub query: String,
    pub shared: bool,
    pub is_mine: bool,
    /// Who saved it.
    pub owner: String,
}

/// The progress of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportProgress {
    pub total: u64,
    pub written: u64,
    pub ended: bool,
    pub failed: bool,
}

/// A suggestion for the filter box.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The replacement for the word that was begun.
    pub insert: String,
    /// The display text, if it differs.
    pub label: String,
    pub hint: String,
    /// How many rows have it.
    pub count: Option<u64>,
}

/// A step down the hierarchy of names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStep {
    /// With its trailing slash.
    pub path: String,
    pub count: u64,
}

/// The same name in another account or Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sibling {
    pub id: ResourceId,
    pub account_id: AccountId,
    pub account_name: String,
    pub region: Region,
    pub rotation: RotationState,
    pub key: KeyClass,
}

/// A destination in the command palette.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    pub label: String,
    pub href: String,
    pub hint: String,
}
