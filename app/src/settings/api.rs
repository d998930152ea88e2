//! What the settings pages read, and their server functions.

use crate::wire::server::{call, wire};
use crate::wire::{TextJson, WireError};
use claviger_domain::settings::{
    ChannelsView, OwnerRulesView, RolesView, SettingGroup,
    access::{AccessQuestion, AccessRulesView},
    events::EventsView,
    jobs::JobsView,
    setup::SetupView,
    system::SystemView,
};
use leptos::prelude::*;

pub(super) async fn load_roles() -> Result<RolesView, WireError> {
    let (services, caller) = call()?;
    services.configuration().roles(&caller).await.map_err(wire)
}

pub(super) async fn load_access_rules(
    question: AccessQuestion,
) -> Result<AccessRulesView, WireError> {
    let (services, caller) = call()?;
    services.access_rules().access_rules(&caller, question).await.map_err(wire)
}

pub(super) async fn load_owner_rules() -> Result<OwnerRulesView, WireError> {
    let (services, caller) = call()?;
    services.configuration().owner_rules(&caller).await.map_err(wire)
}

pub(super) async fn load_channels() -> Result<ChannelsView, WireError> {
    let (services, caller) = call()?;
    services.channels().channels(&caller).await.map_err(wire)
}

pub(super) async fn load_schedule() -> Result<Vec<SettingGroup>, WireError> {
    let (services, caller) = call()?;
    services.configuration().schedule(&caller).await.map_err(wire)
}

pub(super) async fn load_jobs() -> Result<JobsView, WireError> {
    let (services, caller) = call()?;
    services.job_control().jobs(&caller).await.map_err(wire)
}

pub(super) async fn load_events() -> Result<EventsView, WireError> {
    let (services, caller) = call()?;
    services.events().events_view(&caller).await.map_err(wire)
}

pub(super) async fn load_system() -> Result<SystemView, WireError> {
    let (services, caller) = call()?;
    services.system().system(&caller).await.map_err(wire)
}

pub(super) async fn load_setup() -> Result<SetupView, WireError> {
    let (services, caller) = call()?;
    services.setup().setup(&caller).await.map_err(wire)
}

/// The checklist for the overview; `None` for who can't act on it, and once it is done or dismissed.
pub(super) async fn load_open_setup() -> Result<Option<SetupView>, WireError> {
    let (services, caller) = call()?;
    services.setup().open_setup(&caller).await.map_err(wire)
}

/// Sends a test notification; answers with a sentence.
#[server(output = TextJson, prefix = "/api", endpoint = "settings/test-channel")]
pub(super) async fn test_channel(channel: String) -> Result<String, WireError> {
    let (services, caller) = call()?;
    services.channels().send_test(&caller, &channel).await.map_err(wire)
}

/// Queues a failed job again.
#[server(output = TextJson, prefix = "/api", endpoint = "settings/retry-job")]
pub(super) async fn retry_job(job: i64) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.job_control().retry(&caller, job).await.map_err(wire)
}

/// Hides the setup checklist from the overview, or shows it again.
#[server(output = TextJson, prefix = "/api", endpoint = "settings/dismiss-setup")]
pub(super) async fn dismiss_setup(dismissed: bool) -> Result<(), WireError> {
    let (services, caller) = call()?;
    services.setup().dismiss(&caller, dismissed).await.map_err(wire)
}
