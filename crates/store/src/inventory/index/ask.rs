//! What is asked of the index.

use claviger_domain::{authz::VisibleAccounts, inventory::InventoryQuery};
use time::OffsetDateTime;

/// What is asked.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) visible: &'a VisibleAccounts,
    pub(crate) query: &'a InventoryQuery,
    pub(crate) now: OffsetDateTime,
}
