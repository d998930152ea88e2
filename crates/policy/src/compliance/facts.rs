//! The input of an evaluation.

use crate::{
    exposure::{Analyses, OrganizationMembers},
    parameters_by_path::PathReader,
    tag_policy::EffectiveTagPolicy,
};
use claviger_domain::{
    authz::AccountLocation,
    facts::{ResourceDetails, ResourceFacts},
    ids::Region,
};
use std::collections::BTreeSet;
use time::{Date, OffsetDateTime};

/// All facts of one secret or parameter.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub resource: &'a ResourceFacts,
    pub region: &'a Region,
    pub location: &'a AccountLocation,
    /// Read secret by secret; `None` until then.
    pub deep: Option<&'a ResourceDetails>,
    /// The latest access over the primary and its replicas, in scanned Regions.
    pub used_on: Option<Date>,
    /// When Claviger first saw it.
    pub first_seen_at: OffsetDateTime,
    /// The team that owns it, by the owner rules.
    pub team: Option<&'a str>,
}

/// The requirements of the Organization's tag policies for an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TagPolicies {
    /// They were not read yet.
    #[default]
    Unread,
    /// Why they could not be read.
    Unreadable(String),
    Known(EffectiveTagPolicy),
}

/// Who may list parameters of an account by path although they are denied single ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PathReaders {
    /// The account's identity policies were not read yet.
    #[default]
    Unread,
    /// Why they could not be read.
    Unreadable(String),
    Known(Vec<PathReader>),
}

/// Facts beyond the single resource.
#[derive(Debug, Clone, Default)]
pub struct OrganizationContext {
    /// The effective tag policies of the evaluated account.
    pub tag_policies: TagPolicies,
    /// Of the evaluated account.
    pub path_readers: PathReaders,
    pub around: OrganizationMembers,
    /// Resource policies that were already analyzed.
    pub analyses: Analyses,
    /// The scanned Regions.
    pub regions: BTreeSet<Region>,
}

/// The owner by the default rule, if the inventory has no owner: the tag `owner`.
pub(crate) fn owner_tag(resource: &ResourceFacts) -> Option<&str> {
    let owner = resource.tags.as_ref()?.get("owner")?.trim();
    (!owner.is_empty()).then_some(owner)
}
