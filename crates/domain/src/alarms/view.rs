//! What the pages of alarms show.

use super::{AlarmId, AlarmKind, AlarmQuery, check::AlarmCheck};
use crate::{
    authz::Person,
    facts::Kind,
    ids::{AccountId, Region, ResourceId},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// An alarm. Further events of the same kind, resource and principal count in it until it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRow {
    pub id: AlarmId,
    pub kind: AlarmKind,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    /// The secret or parameter, if it is in the inventory.
    pub resource: Option<ResourceId>,
    pub resource_kind: Option<Kind>,
    /// Its name; for an alarm about the whole account, none.
    pub name: Option<String>,
    /// Who did it, where AWS says so.
    pub principal: Option<String>,
    /// AWS's call, the finding's type, or a failure's message.
    pub detail: Option<String>,
    /// The id of the first event: CloudTrail's, `GuardDuty`'s, or EventBridge's.
    pub event: String,
    pub events: u32,
    pub first_at: OffsetDateTime,
    pub last_at: OffsetDateTime,
    pub closed: Option<ClosedAlarm>,
    /// Whether the caller may close it.
    pub can_close: bool,
}

/// How an alarm was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedAlarm {
    pub by: Person,
    pub at: OffsetDateTime,
    pub note: String,
}

/// The list of alarms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmsView {
    pub query: AlarmQuery,
    /// The newest first.
    pub rows: Vec<AlarmRow>,
    /// Where the next page begins.
    pub next: Option<i64>,
    /// Whether Claviger reads a queue of events.
    pub reads_events: bool,
    /// Accounts within the scope, for the filter.
    pub accounts: Vec<(AccountId, String)>,
    /// Rules that bring nothing, that cannot be checked, and all that are checked.
    pub failing_rules: u64,
    pub unknown_rules: u64,
    pub rules: u64,
    pub as_of: OffsetDateTime,
}

/// Whether alarms can fire, by account and Region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmChecksView {
    pub reads_events: bool,
    /// Those that cannot fire first.
    pub places: Vec<AlarmPlace>,
    pub as_of: OffsetDateTime,
}

/// An account and Region with its rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmPlace {
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    /// Empty where they were never checked.
    pub checks: Vec<AlarmCheck>,
    /// Whether the caller may send a test event.
    pub can_test: bool,
}
