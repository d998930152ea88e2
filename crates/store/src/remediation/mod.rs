//! Remediation plans and their calls.

pub(crate) mod plan_steps;
pub(crate) mod plans;
