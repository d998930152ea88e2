//! Sort orders, columns and classes, each a word in the URL.

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};

/// The sort column.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Sort {
    /// The most severe findings first, and of those the most.
    #[default]
    Worst,
    Name,
    Account,
    Region,
    Changed,
    Read,
    Rotation,
}

#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[strum(parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Direction {
    #[default]
    #[serde(rename = "asc")]
    #[strum(serialize = "asc")]
    Ascending,
    #[serde(rename = "desc")]
    #[strum(serialize = "desc")]
    Descending,
}

/// The lifecycle state of a resource.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum LifeState {
    /// Not marked for deletion.
    Live,
    /// In its recovery window.
    Deleting,
    /// No longer in AWS.
    Gone,
}

/// Whether the resource has an owner.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum OwnerClass {
    /// A rule names an owner.
    Named,
    /// The tags were read; no rule names an owner.
    Missing,
    /// The tags could not be read.
    Unknown,
}

/// The most severe finding of a resource, of those that fail and are not excepted.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum WorstFinding {
    Critical,
    High,
    Medium,
    Low,
    /// No check is known to fail.
    None,
}

/// An optional column. The name is always shown.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
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
    /// Counts of findings by severity.
    Findings,
}

impl Column {
    /// The default columns.
    pub const DEFAULT: &'static [Self] =
        &[Self::Owner, Self::Account, Self::Rotation, Self::Key, Self::Read, Self::Findings];
}
