//! The settings: the configuration as it applies, and the state of the installation.

mod access_answer;
mod access_page;
mod access_parts;
mod api;
mod channels_page;
mod configuration_pages;
mod events_page;
mod frame;
mod jobs_page;
mod roles_page;
mod setup_page;
mod system_page;

pub(crate) use access_page::AccessRulesPage;
pub(crate) use channels_page::ChannelsPage;
pub(crate) use configuration_pages::{OwnerRulesPage, SchedulePage};
pub(crate) use events_page::EventsPage;
pub(crate) use jobs_page::JobsPage;
pub(crate) use roles_page::RolesPage;
pub(crate) use setup_page::{SetupNotice, SetupPage};
pub(crate) use system_page::SystemPage;
