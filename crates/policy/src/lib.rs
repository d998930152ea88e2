//! Pure rules: who may request access (Cedar), who approves it, and what a session may do.

pub mod alarms;
pub mod compliance;
pub mod consumers;
mod creation;
pub mod entitlement;
pub mod exposure;
pub mod grants;
pub mod iam;
pub mod parameters_by_path;
pub mod permissions;
pub mod pipelines;
pub mod remediation;
pub mod rotation_preflight;
pub mod tag_policy;
pub mod variables;
#[cfg(test)]
mod width;

pub use creation::creation_policy;
pub use grants::{
    allowed_pattern::{PatternCheck, pattern_check},
    approval_rules::{AccessPolicy, PolicyFault},
    cases::{Case, CaseError, FailedCase, read_cases, run_cases},
    eligibility::{AccessKind, Asked, Explanation, PolicySource, Subject},
    session_policy::{
        ComposeFault, SESSION_POLICY_LIMIT, SessionPolicy, SessionResource, Tier, compose, denials,
    },
};

/// The Cedar schema for validating access policies.
pub const SCHEMA: &str = include_str!("access.cedarschema");
