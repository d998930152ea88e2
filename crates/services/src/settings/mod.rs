//! The settings pages: the configuration as it applies, and the state of the installation. For security admins and auditors of
//! the whole Organization.

mod access_rules;
mod channels;
mod configuration;
mod jobs;
mod setup;
mod system;

pub use access_rules::AccessRuleService;
pub use channels::ChannelService;
pub use configuration::ConfigurationService;
pub use jobs::JobControlService;
pub use setup::SetupService;
pub use system::SystemService;

use crate::ServiceError;
use claviger_domain::{
    authz::{Caller, Permission},
    settings::{SettingGroup, SettingRow},
};

/// What only the server knows about its configuration, in words. Secrets are never among it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Installation {
    pub sign_in: Vec<SettingRow>,
    pub schedule: Vec<SettingGroup>,
    pub system: Vec<SettingGroup>,
    /// How many replicas are configured.
    pub replicas: Option<u32>,
    /// Whether each replica appends the heads of the audit log to a file.
    pub writes_head_file: bool,
    /// The URL of the queue of events, if one is configured.
    pub event_queue: Option<String>,
}

impl Installation {
    /// Whether a queue of events is configured.
    pub fn reads_events(&self) -> bool {
        self.event_queue.is_some()
    }
}

/// Settings are of the whole Organization.
pub(crate) fn may_read(caller: &Caller) -> Result<(), ServiceError> {
    may(caller, Permission::ReadSettings)
}

fn may_manage(caller: &Caller) -> Result<(), ServiceError> {
    may(caller, Permission::ManageSettings)
}

fn may(caller: &Caller, permission: Permission) -> Result<(), ServiceError> {
    if caller.may_everywhere(permission) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(permission))
    }
}
