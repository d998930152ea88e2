//! New secrets and parameters: the form, the requests, and one of them.

mod api;
mod creation_page;
mod labels;
mod list_page;
mod new_page;
mod secret_fields;
mod value_fields;

pub(crate) use creation_page::CreationPage;
pub(crate) use labels::fault_of;
pub(crate) use list_page::CreationsPage;
pub(crate) use new_page::NewResourcePage;
