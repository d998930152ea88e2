//! Policies, evaluations, findings and the overview.

pub(crate) mod evaluation;
pub(crate) mod evaluation_input;
pub(crate) mod evaluation_result;
pub(crate) mod evaluation_rows;
pub(crate) mod finding_rows;
pub(crate) mod findings;
pub(crate) mod history;
pub(crate) mod overview;
pub(crate) mod policies;
pub(crate) mod posture_writer;
pub(crate) mod tag_policies;
pub(crate) mod triage;
