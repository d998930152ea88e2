//! What the settings pages show: the configuration as it applies, and the state of the installation.

pub mod access;
pub mod events;
pub mod jobs;
pub mod setup;
pub mod system;

use crate::notifications::{Channel, Deliveries};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A role that the configuration gives to a group, with who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundRole {
    pub group: String,
    /// In words, such as `Security admin`.
    pub role: String,
    /// In words, such as `OU Workloads/Production`.
    pub scope: String,
    /// The names of known people in the group, at most [`NAMED_PEOPLE`].
    pub people: Vec<String>,
    /// How many known people are in the group.
    pub members: u64,
}

/// So many people of a group are named.
pub const NAMED_PEOPLE: usize = 20;

/// A person who has signed in lately, with what their groups give them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownMember {
    pub subject: String,
    pub name: String,
    pub email: Option<String>,
    /// Each role with its scope, in words.
    pub roles: Vec<String>,
}

/// The configured roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolesView {
    pub roles: Vec<BoundRole>,
    /// At most [`LISTED_PEOPLE`], by name.
    pub people: Vec<KnownMember>,
    pub known_people: u64,
    /// People count as known for so many days after their last sign-in.
    pub known_days: u32,
    /// How people sign in.
    pub sign_in: Vec<SettingRow>,
    /// Scopes of the configuration that match nothing, or more than one OU.
    pub problems: Vec<String>,
}

/// So many people are listed.
pub const LISTED_PEOPLE: usize = 500;

/// An owner rule in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerRuleRow {
    /// What it applies to, such as `tag owner = pay*`.
    pub applies_to: String,
    /// The team, or where its name is read.
    pub team: String,
}

/// The owner rules, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerRulesView {
    pub rules: Vec<OwnerRuleRow>,
    /// Whether these are the rules of a configuration without any.
    pub is_default: bool,
    /// How many secrets and parameters have an owner, and how many there are; `None` until the first scan is complete.
    pub owned: Option<(u64, u64)>,
}

/// The last test of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelTest {
    pub channel: Channel,
    pub at: OffsetDateTime,
    pub by: String,
    pub succeeded: bool,
    /// Why it failed.
    pub reason: Option<String>,
}

/// The channels, with their last tests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelsView {
    pub deliveries: Deliveries,
    pub tests: Vec<ChannelTest>,
    pub may_test: bool,
}

/// A setting as it applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingRow {
    pub about: String,
    /// In words, with the unit.
    pub value: String,
    /// Its name in the configuration; `None` where it cannot be configured.
    pub setting: Option<String>,
}

/// Settings under one heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingGroup {
    pub title: String,
    pub rows: Vec<SettingRow>,
}
