//! The inventory: the list of everything, and one secret or parameter whole.

mod active_filters;
mod api;
mod cells;
mod column_label;
mod detail;
mod filter_input;
mod filter_panel;
mod key;
mod labels;
mod list_api;
mod list_page;
mod menus;
mod paths;
mod readers_page;
mod relations;
mod resource_page;
mod table;

pub(crate) use filter_input::FilterInput;
pub(crate) use list_page::InventoryPage;
pub(crate) use readers_page::ReadersPage;
pub(crate) use resource_page::ResourcePage;
