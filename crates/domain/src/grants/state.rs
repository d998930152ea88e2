//! The lifecycle of a grant. A transition consumes the state; an invalid transition is an error.

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The state of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum GrantState {
    /// Awaits approval.
    Requested {
        expires_at: OffsetDateTime,
    },
    /// Approved; starts later.
    Approved {
        starts_at: OffsetDateTime,
        claim_until: OffsetDateTime,
    },
    /// Its holder can start access.
    Claimable {
        claim_until: OffsetDateTime,
    },
    /// Sessions can be issued.
    Active {
        since: OffsetDateTime,
        until: OffsetDateTime,
    },
    Ended {
        at: OffsetDateTime,
        why: EndReason,
    },
    Denied {
        at: OffsetDateTime,
    },
    /// Not approved, or not started, in time.
    Expired {
        at: OffsetDateTime,
    },
    /// Approved, but not granted: eligibility was lost, or the secret is deleted.
    Failed {
        at: OffsetDateTime,
        reason: String,
    },
}

/// Why a grant has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndReason {
    Time,
    Revoked,
    /// By its holder, or withdrawn by its requester.
    GivenBack,
}

/// The state as one word, for queries and chips.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum GrantStateName {
    Requested,
    Approved,
    Claimable,
    Active,
    Ended,
    Revoked,
    GivenBack,
    Denied,
    Expired,
    Failed,
}

/// A transition that the state does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a grant that is {from} cannot be {wanted}")]
pub struct InvalidTransition {
    pub from: GrantStateName,
    pub wanted: &'static str,
}

impl GrantState {
    pub fn word(&self) -> GrantStateName {
        match self {
            Self::Requested { .. } => GrantStateName::Requested,
            Self::Approved { .. } => GrantStateName::Approved,
            Self::Claimable { .. } => GrantStateName::Claimable,
            Self::Active { .. } => GrantStateName::Active,
            Self::Ended { why: EndReason::Time, .. } => GrantStateName::Ended,
            Self::Ended { why: EndReason::Revoked, .. } => GrantStateName::Revoked,
            Self::Ended { why: EndReason::GivenBack, .. } => GrantStateName::GivenBack,
            Self::Denied { .. } => GrantStateName::Denied,
            Self::Expired { .. } => GrantStateName::Expired,
            Self::Failed { .. } => GrantStateName::Failed,
        }
    }

    /// Whether it awaits approval.
    pub fn waits(&self) -> bool {
        matches!(self, Self::Requested { .. })
    }

    fn refuse<T>(&self, wanted: &'static str) -> Result<T, InvalidTransition> {
        Err(InvalidTransition { from: self.word(), wanted })
    }

    /// When it next changes without an action.
    pub fn next_at(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Requested { expires_at } => Some(*expires_at),
            Self::Approved { starts_at, .. } => Some(*starts_at),
            Self::Claimable { claim_until } => Some(*claim_until),
            Self::Active { until, .. } => Some(*until),
            _ => None,
        }
    }

    /// The state at this time. Every reader calls this, so that nothing waits for a timer.
    #[must_use]
    pub fn at(self, now: OffsetDateTime) -> Self {
        match self {
            Self::Requested { expires_at } if now >= expires_at => Self::Expired { at: expires_at },
            Self::Approved { starts_at, claim_until } if now >= starts_at => {
                Self::Claimable { claim_until }.at(now)
            }
            Self::Claimable { claim_until } if now >= claim_until => {
                Self::Expired { at: claim_until }
            }
            Self::Active { until, .. } if now >= until => {
                Self::Ended { at: until, why: EndReason::Time }
            }
            other => other,
        }
    }

    /// The last approval was given.
    pub fn approve(
        self,
        starts_at: OffsetDateTime,
        claim_until: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<Self, InvalidTransition> {
        match self {
            Self::Requested { .. } => Ok(Self::Approved { starts_at, claim_until }.at(now)),
            other => other.refuse("approved"),
        }
    }

    pub fn deny(self, at: OffsetDateTime) -> Result<Self, InvalidTransition> {
        match self {
            Self::Requested { .. } => Ok(Self::Denied { at }),
            other => other.refuse("denied"),
        }
    }

    /// The clock begins when access starts.
    pub fn claim(
        self,
        since: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Self, InvalidTransition> {
        match self {
            Self::Claimable { .. } => Ok(Self::Active { since, until }),
            other => other.refuse("started"),
        }
    }

    pub fn end(self, at: OffsetDateTime, why: EndReason) -> Result<Self, InvalidTransition> {
        match self {
            Self::Requested { .. }
            | Self::Approved { .. }
            | Self::Claimable { .. }
            | Self::Active { .. } => Ok(Self::Ended { at, why }),
            other => other.refuse(match why {
                EndReason::Revoked => "revoked",
                EndReason::Time | EndReason::GivenBack => "ended",
            }),
        }
    }

    pub fn fail(self, at: OffsetDateTime, reason: String) -> Result<Self, InvalidTransition> {
        match self {
            Self::Claimable { .. } => Ok(Self::Failed { at, reason }),
            other => other.refuse("failed"),
        }
    }
}
