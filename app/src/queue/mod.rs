//! The work queue: what the signed-in person can decide or must do, and one item of it.

mod api;
mod items;
mod open_item;
mod queue_page;

pub(crate) use open_item::{OpenAccessPage, OpenExceptionPage, OpenPlanPage, OpenReviewPage};
pub(crate) use queue_page::QueuePage;
