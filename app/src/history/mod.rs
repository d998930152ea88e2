//! What changed between two readings: across the Organization, and of one secret.

mod api;
mod changes_page;
mod timeline;
mod words;

pub(crate) use changes_page::ChangesPage;
pub(crate) use timeline::Timeline;
