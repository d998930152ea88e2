//! Just-in-time access: who may request it (Cedar), who approves it, and what a session may do.

pub(crate) mod allowed_pattern;
pub(crate) mod approval_rules;
pub(crate) mod cases;
pub(crate) mod eligibility;
pub(crate) mod session_policy;
