//! Sort orders, columns and classes, each a word in the URL.

use crate::facts::string_enum;
use serde::{Deserialize, Serialize};

/// The sort column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sort {
    #[default]
    Name,
    Account,
    Region,
    Changed,
    Read,
    Rotation,
}

string_enum!(
    Sort, "name, account, region, changed, read or rotation",
    "name" => Sort::Name,
    "account" => Sort::Account,
    "region" => Sort::Region,
    "changed" => Sort::Changed,
    "read" => Sort::Read,
    "rotation" => Sort::Rotation
);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    #[default]
    #[serde(rename = "asc")]
    Ascending,
    #[serde(rename = "desc")]
    Descending,
}

string_enum!(
    Direction, "asc or desc",
    "asc" => Direction::Ascending,
    "desc" => Direction::Descending
);

/// The lifecycle state of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LifeState {
    /// Not marked for deletion.
    Live,
    /// In its recovery window.
    Deleting,
    /// No longer in AWS.
    Gone,
}

string_enum!(
    LifeState, "live, deleting or gone",
    "live" => LifeState::Live,
    "deleting" => LifeState::Deleting,
    "gone" => LifeState::Gone
);

/// Whether the resource has an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OwnerClass {
    /// A rule names an owner.
    Named,
    /// The tags were read; no rule names an owner.
    Missing,
    /// The tags could not be read.
    Unknown,
}

string_enum!(
    OwnerClass, "named, missing or unknown",
    "named" => OwnerClass::Named,
    "missing" => OwnerClass::Missing,
    "unknown" => OwnerClass::Unknown
);

/// An optional column. The name is always shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    Owner,
    Account,
    Rotation,
    Key,
    Read,
    Changed,
    Next,
    Tags,
    Description,
    Arn,
}

string_enum!(
    Column, "owner, account, rotation, key, read, changed, next, tags, description or arn",
    "owner" => Column::Owner,
    "account" => Column::Account,
    "rotation" => Column::Rotation,
    "key" => Column::Key,
    "read" => Column::Read,
    "changed" => Column::Changed,
    "next" => Column::Next,
    "tags" => Column::Tags,
    "description" => Column::Description,
    "arn" => Column::Arn
);

impl Column {
    /// The default columns.
    pub const DEFAULT: &'static [Self] =
        &[Self::Owner, Self::Account, Self::Rotation, Self::Key, Self::Read, Self::Changed];
}
