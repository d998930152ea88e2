//! What changed between two readings: across the Organization, and of one secret.

mod api;
mod changes_page;
mod labels;
mod timeline;

pub(crate) use changes_page::ChangesPage;
pub(crate) use timeline::Timeline;
