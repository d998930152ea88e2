//! An access request. It never changes: an approval is bound to its hash, a change is a new request.

use super::{Action, GrantId};
use crate::{
    audit::hex,
    authz::Person,
    facts::Kind,
    ids::{AccountId, Arn, Region, ResourceId},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

/// The terms that all parts of a request share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestTerms {
    pub requester: Person,
    pub action: Action,
    pub purpose: String,
    pub ticket: Option<String>,
    /// The length of the access window.
    pub minutes: u32,
    /// The requested start; without it, at the approval.
    pub starts_at: Option<OffsetDateTime>,
    pub created_at: OffsetDateTime,
    pub break_glass: bool,
    /// The grant that this one extends.
    pub extends: Option<GrantId>,
    /// The incident that break-glass access is for. Left out where there is none, so that earlier hashes stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
}

/// A secret or parameter as it was when access was requested.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantResource {
    pub id: ResourceId,
    pub arn: Arn,
    pub name: String,
    pub kind: Kind,
    pub region: Region,
    /// The customer managed key, as the API names it; `None` for the AWS managed key or plain text.
    pub key: Option<String>,
    /// The owner team.
    pub owner_team: Option<String>,
}

/// The hash of a request: of its terms and of every resource, account by account. Hexadecimal SHA-256.
pub fn request_hash(terms: &RequestTerms, parts: &[(AccountId, Vec<GrantResource>)]) -> String {
    let text = serde_json::to_vec(&(terms, parts)).unwrap_or_default();
    hex(&Sha256::digest(&text))
}
