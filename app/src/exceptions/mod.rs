//! Exceptions: all of them, one of them, and asking for one.

mod api;
mod exception_page;
mod labels;
mod list_page;
mod new_page;

pub(crate) use exception_page::ExceptionPage;
pub(crate) use labels::{
    ExceptionChip, exception_href, last_day, state_label as exception_state_label,
};
pub(crate) use list_page::ExceptionsPage;
pub(crate) use new_page::NewExceptionPage;
