//! Just-in-time access: ask, decide, claim, use, end. Each use-case authorises first; what AWS is asked
//! to do is in the audit trail before it is asked.

mod approvals;
mod changes;
mod cloudtrail;
mod console_sign_in;
mod eligibility;
mod federation;
mod form_value;
mod incident;
mod lifecycle;
mod lookup;
pub(crate) mod queries;
pub(crate) mod reader;
mod request;
mod request_form;
mod revocation;
mod session_order;
mod session_policies;
mod sessions;
mod timer;
mod value_keys;
pub(crate) mod waits;

pub(crate) use crate::notifications::batch::{NotificationBatch, named};
pub use crate::notifications::delivery::{ChatMessage, Messenger, NoopMessenger, SendFault};
pub use changes::GrantChangeService;
pub use claviger_gateways::SecretValue;
pub use claviger_store::OutgoingNotice;
pub(crate) use cloudtrail::TrailService;
pub(crate) use eligibility::{EligibilityService, subject};
pub use federation::{Federation, FederationError};
pub use form_value::{NewText, typed_value};
pub use incident::{Ending, IncidentService};
pub use lifecycle::GrantLifecycleService;
pub use queries::GrantService;
pub(crate) use reader::GrantReader;
pub use request::RequestInput;
pub use request::RequestService;
pub use revocation::RevocationService;
pub(crate) use session_order::source_identity;
pub use sessions::{CredentialsOut, GrantSessionService, SessionPurpose};
pub use timer::GrantTimer;

use crate::ServiceError;
use claviger_domain::{
    authz::{AccountLocation, Caller, RoleBinding},
    grants::{ApproverContext, GrantId},
};
use claviger_policy::AccessPolicy;
use std::sync::Arc;
use time::Duration;

/// What the configuration says about access.
#[derive(Clone)]
pub struct AccessSettings {
    pub policy: Arc<AccessPolicy>,
    /// To find who could approve among the people who have signed in.
    pub roles: Vec<RoleBinding>,
    /// The access role's maximum session duration in seconds; 3,600 where the console itself runs as a role.
    pub session_seconds: u32,
    /// Sends email and channel messages.
    pub messenger: Arc<dyn Messenger>,
    /// Makes sign-in links to the AWS console, where that is wanted.
    pub federation: Option<Arc<dyn Federation>>,
}

impl AccessSettings {
    /// Nobody may ask for anything, and nobody is told.
    pub fn nothing() -> Result<Self, claviger_policy::PolicyFault> {
        Ok(Self {
            policy: Arc::new(AccessPolicy::empty()?),
            roles: Vec::new(),
            session_seconds: 3600,
            messenger: Arc::new(NoopMessenger),
            federation: None,
        })
    }
}

/// A person who has not signed in for so long is not counted among those who could decide.
pub(crate) const APPROVER_ACTIVITY: Duration = Duration::days(90);

/// The number of a grant, as people write it.
fn number(grant: &str) -> Result<GrantId, ServiceError> {
    grant.parse().map_err(|_| ServiceError::NotFound("grant"))
}

/// What the caller is to a grant.
pub(crate) fn approver_context<'a>(
    caller: &'a Caller,
    location: &'a AccountLocation,
    owner_teams: &'a [Option<String>],
) -> ApproverContext<'a> {
    ApproverContext { caller, location, owner_teams }
}
