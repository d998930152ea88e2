//! Small shared components.

mod chip;
pub(crate) mod format;
mod full_load;
mod icon;
mod incomplete;
pub(crate) mod loaded;
mod not_found;
mod now;
mod own_query;
mod problem;
mod reloading;
mod request_sequence;
mod timestamp;
mod title;
mod waits;

pub(crate) use chip::{Chip, Tone};
pub(crate) use full_load::FullLoad;
pub(crate) use icon::{Icon, Shape};
pub(crate) use incomplete::Incomplete;
pub(crate) use loaded::{ErrorNotice, loaded, loaded_live};
pub(crate) use not_found::NotFound;
pub(crate) use now::use_now;
pub(crate) use own_query::use_own_query;
pub(crate) use problem::ProblemPanel;
pub(crate) use reloading::Reloading;
pub(crate) use request_sequence::RequestSequence;
pub(crate) use timestamp::{Ago, Timestamp};
pub(crate) use title::{PageTitle, text_area};
pub(crate) use waits::WaitsNote;
