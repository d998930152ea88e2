//! The accounts of the Organization, and how far the sweeps reached them.

mod account_page;
mod api;
mod coverage;
mod list_page;
mod readiness;
mod roll_out;

pub(crate) use account_page::AccountPage;
pub(crate) use list_page::AccountsPage;
pub(crate) use roll_out::Snippets;
