//! What the pages show, as the services hand it over.

use crate::{
    accounts::{
        AccountState,
        readiness::{Readiness, TagPolicyView},
    },
    authz::Role,
    cursor::Cursor,
    facts::{KeyClass, Kind, ParameterType, ReplicaStatus, ResourceFacts},
    grants::view::AccessCounts,
    ids::{AccountId, Arn, OuId, Region, ResourceId},
    inventory::InventoryQuery,
    key::KeyReading,
    rotation::RotationState,
    scan::{ListFault, RegionScanFault, RegionScanList, RegionScanStatus},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// One page of a list, by key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub previous: Option<Cursor>,
    pub next: Option<Cursor>,
}

/// Who owns a resource, as its tags say.
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
    /// These three where their columns are shown. Tags that could not be read are absent too.
    pub tags: Option<BTreeMap<String, String>>,
    pub description: Option<String>,
    pub arn: Option<Arn>,
}

/// A choice of a facet with the number of rows that it would leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// As the URL has it.
    pub value: String,
    pub label: String,
    /// How deep it stands in a tree; 0 at the top.
    pub depth: u8,
    pub count: u64,
}

/// Everything the inventory page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryView {
    pub query: InventoryQuery,
    pub page: Page<InventoryRow>,
    /// Rows that match.
    pub matching: u64,
    /// Rows within one's scope that are not gone.
    pub total: u64,
    pub facets: Facets,
    pub views: Vec<SavedView>,
    /// Where the names lead on from the one path that is asked for.
    pub folders: Vec<PathStep>,
    /// Whether one may ask for access to what is chosen.
    pub may_request: bool,
    /// Whether any sweep was ever completed for an account one may see.
    pub is_scanned: bool,
    /// Why these numbers are not of everything yet, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

/// The facet rail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    pub kinds: Vec<FacetValue>,
    pub ous: Vec<FacetValue>,
    pub accounts: Vec<FacetValue>,
    pub regions: Vec<FacetValue>,
    pub rotation: Vec<FacetValue>,
    pub keys: Vec<FacetValue>,
    pub owners: Vec<FacetValue>,
    pub states: Vec<FacetValue>,
    pub teams: Vec<FacetValue>,
    /// Accounts and teams that leave rows too, and are not among the choices.
    pub more_accounts: u64,
    pub more_teams: u64,
}

/// A replica of a secret in another Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replica {
    pub id: ResourceId,
    pub region: Region,
    pub is_primary: bool,
    /// `InSync`, `Failed` or `InProgress`, as the primary says; `None` for the primary, and where it was not read.
    pub status: Option<ReplicaStatus>,
    pub accessed_on: Option<Date>,
    pub last_seen_at: Option<OffsetDateTime>,
    pub gone_at: Option<OffsetDateTime>,
}

/// Everything the detail page shows.
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
    /// What KMS says of the key that it names; `None` where it names none, or KMS was not asked yet.
    pub kms: Option<KeyReading>,
    /// The primary and its replicas; empty for what is not replicated.
    pub replicas: Vec<Replica>,
    pub first_seen_at: OffsetDateTime,
    /// When a complete scan last saw it.
    pub last_seen_at: Option<OffsetDateTime>,
    pub gone_at: Option<OffsetDateTime>,
    /// When the tags of the Region's parameters were read; `None` for secrets, whose list has them.
    pub tags_read_at: Option<OffsetDateTime>,
    /// Why the list that shows it could not be read in the newest attempt.
    pub fault: Option<ListFault>,
    /// The last complete list no longer showed it, and AWS denied confirming that it is deleted.
    pub is_unconfirmed: bool,
    pub console_url: String,
    /// Whether one may ask for access to it.
    pub may_request: bool,
    pub as_of: OffsetDateTime,
}

/// How far an account was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// Every Region was read in the newest sweep.
    Whole,
    /// Some Region failed.
    Partial,
    /// No Region could be read.
    None,
    /// The sweep is still at it.
    Underway,
    /// No sweep yet.
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
    /// The oldest of its Regions' last complete scans: nothing shown is older.
    pub complete_as_of: Option<OffsetDateTime>,
    pub fault: Option<RegionScanFault>,
    /// What is missing or unknown of what has to be in place; `None` where it was never looked at.
    pub unready: Option<u64>,
    /// When it was no longer in the Organization.
    pub left_at: Option<OffsetDateTime>,
}

/// One list of an account in a Region: what the newest attempt gave, and how old its data are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRow {
    pub list: RegionScanList,
    /// Why the newest attempt failed.
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
    /// When it was last read whole.
    pub complete_at: Option<OffsetDateTime>,
    pub attempted_at: Option<OffsetDateTime>,
    pub api_calls: u32,
    pub fault: Option<RegionScanFault>,
    /// AWS's error code, such as `AccessDenied`.
    pub fault_code: Option<String>,
    /// Each list of its own; parameter tags only where the newest attempt failed.
    pub lists: Vec<ListRow>,
    /// Whether the newest sweep reads it. It does not where the Region was disabled, or is no longer asked for.
    pub is_swept: bool,
}

/// The accounts page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountsView {
    pub rows: Vec<AccountRow>,
    pub can_scan: bool,
    /// OUs and accounts that the configuration or a policy names and that are not there. Security admins of the whole
    /// Organization alone read them.
    pub scope_problems: Vec<String>,
    pub as_of: OffsetDateTime,
}

/// One account's page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountDetail {
    pub account: AccountRow,
    pub joined_at: Option<OffsetDateTime>,
    pub regions: Vec<RegionRow>,
    /// When it was last looked at for what has to be in place.
    pub checked_at: Option<OffsetDateTime>,
    pub readiness: Vec<Readiness>,
    pub tag_policy: TagPolicyView,
    pub as_of: OffsetDateTime,
}

/// Who is signed in, for the shell.
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
    pub access: AccessCounts,
    /// Marks how far everything had come when this was read: anyone who listens compares.
    pub as_of_entry: String,
    /// `None` until the first scan has finished: a part of a number is not shown as the number. Nor where the console may
    /// not hold them all.
    pub resources: Option<u64>,
    /// Checks that fail; `None` until everything has been scanned and evaluated once, or as before.
    pub failures: Option<u64>,
    /// `None` until the Organization has been read.
    pub accounts: Option<u64>,
    /// Accounts that the newest sweep could not read whole; 0 until the first has finished.
    pub accounts_failing: u64,
    /// Why there is no number of the inventory yet.
    #[serde(default)]
    pub incomplete_inventory: Option<String>,
    /// Why there is no number of findings yet.
    #[serde(default)]
    pub incomplete_findings: Option<String>,
}

/// A view of the inventory with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: String,
    pub name: String,
    /// Filter, order and columns, as the URL has them.
    pub query: String,
    pub shared: bool,
    pub is_mine: bool,
    /// Who saved it.
    pub owner: String,
}

/// How far an export is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportProgress {
    pub total: u64,
    pub written: u64,
    pub ended: bool,
    pub failed: bool,
}

/// Something that could be typed next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// What takes the place of the word that was begun.
    pub insert: String,
    /// What is shown, where it is not that.
    pub label: String,
    pub hint: String,
    /// How many rows have it.
    pub count: Option<u64>,
}

/// A step down the hierarchy of names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathStep {
    /// With the slash at its end.
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

/// Somewhere that the command palette leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jump {
    pub label: String,
    pub href: String,
    pub hint: String,
}
