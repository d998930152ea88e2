//! Rules, pure: who may ask for access (Cedar), who approves it, and what a session may do.

pub mod by_path;
mod cases;
mod eligibility;
pub mod exposure;
pub mod govern;
pub mod iam;
pub mod permissions;
pub mod remedy;
mod rules;
mod session;
pub mod tag_policy;
#[cfg(test)]
mod width;

pub use cases::{Case, CaseFault, read_cases, run_cases};
pub use eligibility::{Asked, Subject, Wish};
pub use rules::{AccessPolicy, PolicyFault};
pub use session::{
    ComposeFault, SESSION_POLICY_LIMIT, SessionPolicy, SessionResource, Tier, compose, denials,
};

/// The Cedar schema that access policies are validated against.
pub const SCHEMA: &str = include_str!("access.cedarschema");
