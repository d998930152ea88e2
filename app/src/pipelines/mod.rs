//! Which pipelines may assume which roles, and which secrets they end at.

mod ending_here;
mod labels;
mod list_page;
mod role_page;

pub(crate) use ending_here::{PipelinesEndingHere, load_into_roles};
pub(crate) use list_page::PipelinesPage;
