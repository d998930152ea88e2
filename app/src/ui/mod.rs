//! Small shared components.

mod chip;
pub(crate) mod format;
mod icon;
mod moment;
mod not_found;
mod problem;
mod title;

pub(crate) use chip::{Chip, Tone};
pub(crate) use icon::{Icon, Shape};
pub(crate) use moment::{Ago, Moment};
pub(crate) use not_found::NotFound;
pub(crate) use problem::ProblemPanel;
pub(crate) use title::PageTitle;
