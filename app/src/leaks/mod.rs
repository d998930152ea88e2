//! Reports of leaked secrets: the confirmation, the report, and all of them.

mod api;
mod leak_page;
mod list_page;
mod new_page;
mod words;

pub(crate) use leak_page::LeakPage;
pub(crate) use list_page::LeaksPage;
pub(crate) use new_page::NewLeakPage;

use claviger_domain::ids::ResourceId;

/// The page on which a report is confirmed.
pub(crate) fn report_href(id: ResourceId) -> String {
    format!("/leaks/new?resource={id}")
}
