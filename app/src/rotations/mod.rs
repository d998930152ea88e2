//! The calendar of rotations, and the windows of a schedule.

mod api;
mod calendar_page;
mod days;
mod immediately;
mod windows;

pub(crate) use calendar_page::CalendarPage;
pub(crate) use immediately::Immediately;
pub(crate) use windows::WindowList;
