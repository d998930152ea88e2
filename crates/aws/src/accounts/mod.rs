//! Accounts: the Organization, the Regions enabled in each account, and its prerequisites.

pub(crate) mod organization;
pub(crate) mod readiness;
pub(crate) mod regions;
