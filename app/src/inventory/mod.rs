//! The inventory: the list of everything, and one secret or parameter whole.

mod api;
mod cells;
mod detail;
mod facet_rail;
mod list_page;
mod resource_page;
mod table;
mod tokens;
mod words;

pub(crate) use facet_rail::FacetGroup;
pub(crate) use list_page::InventoryPage;
pub(crate) use resource_page::ResourcePage;
