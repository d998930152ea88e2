//! The inventory: the list of everything, and one secret or parameter whole.

mod api;
mod cells;
mod detail;
mod facet_rail;
mod filter_input;
mod key;
mod list_page;
mod menus;
mod paths;
mod relations;
mod resource_page;
mod table;
mod tokens;
mod words;

pub(crate) use facet_rail::FacetGroup;
pub(crate) use filter_input::FilterInput;
pub(crate) use list_page::InventoryPage;
pub(crate) use resource_page::ResourcePage;
