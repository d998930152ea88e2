//! When secrets rotate: schedules with their windows, the calendar of all, and blackout windows.

pub mod blackout;
pub mod calendar;
#[cfg(test)]
mod calendar_tests;
pub mod cron;
pub mod hosted;
pub mod schedule;
#[cfg(test)]
mod schedule_tests;
