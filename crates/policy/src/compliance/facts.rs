//! What a policy evaluates by.

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

/// Everything known of one secret or parameter.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub resource: &'a ResourceFacts,
    pub region: &'a Region,
    pub location: &'a AccountLocation,
    /// Read secret by secret; `None` until that was done.
    pub deep: Option<&'a ResourceDetails>,
    /// The latest read over the primary and its replicas, as far as they were swept.
    pub used_on: Option<Date>,
    /// When the console first saw it.
    pub first_seen_at: OffsetDateTime,
    /// The team that owns it, by the ownership rules.
    pub team: Option<&'a str>,
}

/// What the Organization's tag policies ask of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum TagPolicies {
    /// They were not read yet.
    #[default]
    Unread,
    /// Why they could not be read.
    Unreadable(String),
    Known(EffectiveTagPolicy),
}

/// Who may list parameters of an account by path though single ones are denied to them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PathReaders {
    /// The account's identity policies were not read yet.
    #[default]
    Unread,
    /// Why they could not be read.
    Unreadable(String),
    Known(Vec<PathReader>),
}

/// What is known beyond the single resource.
#[derive(Debug, Clone, Default)]
pub struct OrganizationContext {
    /// As they come down to the account that is evaluated.
    pub tag_policies: TagPolicies,
    /// Of the account that is evaluated.
    pub path_readers: PathReaders,
    pub around: OrganizationMembers,
    /// Resource policies that were analysed before.
    pub analyses: Analyses,
    /// The Regions that are swept.
    pub regions: BTreeSet<Region>,
}

/// The owner by the usual rule, where nothing is known of the inventory's own: the tag `owner`.
pub(crate) fn owner_tag(resource: &ResourceFacts) -> Option<&str> {
    let owner = resource.tags.as_ref()?.get("owner")?.trim();
    (!owner.is_empty()).then_some(owner)
}
