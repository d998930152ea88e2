//! The role of a workload that reads secrets and parameters: the form, and the role.

mod analyzer;
mod api;
mod conditions;
mod consumer_fields;
mod declared;
mod role_page;
mod role_plan;
mod role_result;

pub(crate) use declared::{DeclaredConsumers, load_declared};
pub(crate) use role_page::{ConsumerRolePage, role_href};
