//! What the pages of pipelines show.

use super::{PipelineTrust, TrustStep, query::PipelineQuery};
use crate::{
    ids::{AccountId, Region, ResourceId},
    inventory::entitlement::Answer,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// How many secrets and parameters a role can read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reach {
    /// Every candidate of the scope was evaluated.
    Known {
        /// Those that it can read, if only under conditions.
        reads: u32,
        /// Those of which it is unknown.
        unknown: u32,
    },
    /// Why it is not known.
    Unknown(String),
}

/// A way into a role in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineRow {
    /// The role's ARN.
    pub role: String,
    pub account_id: AccountId,
    pub account_name: String,
    pub trust: PipelineTrust,
    /// `None` where it is not asked for.
    pub reach: Option<Reach>,
}

/// One page of the ways into roles, the most severe first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelinesView {
    pub query: PipelineQuery,
    pub rows: Vec<PipelineRow>,
    /// How many match.
    pub total: u32,
    /// Those that match, of critical and high severity.
    pub severe: u32,
    /// The accounts that have any, by name: the choices of the filter.
    pub accounts: Vec<(AccountId, String)>,
    /// Accounts of the scope whose trust policies are not known, each with the reason.
    pub not_read: Vec<(String, String)>,
}

/// A secret or parameter that a role can read, or may be able to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReachedResource {
    pub id: ResourceId,
    pub name: String,
    pub account_name: String,
    pub region: Region,
    pub answer: Answer,
}

/// A role with its ways in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineRoleView {
    pub role: String,
    pub account_id: AccountId,
    pub account_name: String,
    /// The most severe first.
    pub trusts: Vec<PipelineTrust>,
    /// The trust policy as it is stored, as indented JSON.
    pub policy: String,
    pub reach: Reach,
    /// The first of those that it can read, by name.
    pub resources: Vec<ReachedResource>,
    /// How to correct it; empty if nothing has to be, or nothing can be proposed.
    pub steps: Vec<TrustStep>,
    pub as_of: OffsetDateTime,
}
