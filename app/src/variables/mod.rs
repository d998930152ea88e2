//! Credentials in plaintext variables of workloads.

mod gaps;
mod list_page;

pub(crate) use list_page::VariablesPage;
