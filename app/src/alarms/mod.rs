//! Alarms, and whether they can fire.

mod alarms_page;
mod api;
mod checks_page;

pub(crate) use alarms_page::AlarmsPage;
pub(crate) use checks_page::AlarmChecksPage;
