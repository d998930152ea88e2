//! New secrets and parameters: the form, the requests, and one of them.

mod api;
mod creation_page;
mod hidden_shape;
mod labels;
mod list_page;
mod new_page;
mod secret_fields;
mod upload;
mod value_fields;

pub(crate) use creation_page::CreationPage;
pub(crate) use list_page::CreationsPage;
pub(crate) use new_page::NewResourcePage;
pub use upload::{creation_page, new_file_refused, value_file_refused};
