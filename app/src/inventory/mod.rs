//! The inventory: the list of everything, and one secret or parameter whole.

mod access_drawing;
mod access_layout;
mod access_tab;
mod active_filters;
mod activity_tab;
mod api;
mod cells;
mod changes;
mod column_label;
mod detail;
mod favorites;
mod filter_input;
mod filter_panel;
mod key;
mod labels;
mod list_api;
mod list_page;
mod menus;
mod overview_tab;
mod paths;
mod policy_tab;
mod principal_page;
mod readers;
mod relations;
mod resource_page;
mod rotation_tab;
mod table;
mod tabs;
mod timeline;
mod versions_tab;

pub(crate) use favorites::load_favorites;
pub(crate) use filter_input::FilterInput;
pub(crate) use list_page::InventoryPage;
pub(crate) use principal_page::PrincipalsPage;
pub(crate) use resource_page::{ResourcePage, ResourceTabPage};
pub(crate) use table::FavoriteTable;
