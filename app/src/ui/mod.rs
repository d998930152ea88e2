//! Small shared components.

mod chip;
pub(crate) mod format;
mod icon;
mod incomplete;
mod loaded;
mod moment;
mod not_found;
mod now;
mod own_query;
mod problem;
mod reloading;
mod title;
mod turns;
mod waits;

pub(crate) use chip::{Chip, Tone};
pub(crate) use icon::{Icon, Shape};
pub(crate) use incomplete::Incomplete;
pub(crate) use loaded::{Fault, loaded, loaded_live};
pub(crate) use moment::{Ago, Moment};
pub(crate) use not_found::NotFound;
pub(crate) use now::use_now;
pub(crate) use own_query::use_own_query;
pub(crate) use problem::ProblemPanel;
pub(crate) use reloading::Reloading;
pub(crate) use title::{PageTitle, text_area};
pub(crate) use turns::Turns;
pub(crate) use waits::WaitsNote;
