//! The inventory: the list of everything, and one secret or parameter whole.

#[cfg(feature = "ssr")]
mod active_filters;
mod api;
mod cells;
#[cfg(feature = "ssr")]
mod column_label;
mod detail;
mod filter_input;
#[cfg(feature = "ssr")]
mod filter_panel;
mod key;
mod labels;
#[cfg(feature = "ssr")]
mod list_api;
#[cfg(feature = "ssr")]
mod list_page;
#[cfg(feature = "ssr")]
mod menus;
#[cfg(feature = "ssr")]
mod paths;
mod relations;
mod resource_page;
#[cfg(feature = "ssr")]
mod table;

pub(crate) use filter_input::FilterInput;
#[cfg(feature = "ssr")]
pub(crate) use list_page::InventoryPage;
pub(crate) use resource_page::ResourcePage;
