//! Exceptions: all of them, one of them, and asking for one.

pub(crate) mod api;
mod exception_page;
mod filter_panel;
pub(crate) mod labels;
mod list_page;
mod new_page;

pub(crate) use exception_page::{
    ExceptionFacts, ExceptionPage, Transitions as ExceptionTransitions,
};
pub(crate) use labels::{
    ExceptionChip, exception_href, last_day, state_label as exception_state_label,
};
pub(crate) use list_page::ExceptionsPage;
pub(crate) use new_page::NewExceptionPage;
