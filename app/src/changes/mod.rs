//! What changed between two readings: across the Organization.

mod api;
mod changes_page;
mod labels;

pub(crate) use changes_page::ChangesPage;
pub(crate) use labels::What;
