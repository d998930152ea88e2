//! The first-run checklist. Each step's state is computed from facts; what is unknown is not done.

use super::{ChannelService, ConfigurationService, Installation, may_manage, may_read};
use crate::{AUDIT_HEAD, AccountService, PeopleService, PolicyService, ServiceError};
use claviger_domain::{
    accounts::roles::RollOut,
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission, Role},
    clock::Clock,
    notifications::{Channel, ChannelState},
    settings::{
        ChannelTest,
        setup::{
            SetupState::{self, Done, ToDo, Unknown},
            SetupStep, SetupView,
        },
    },
};
use claviger_store::{AuditRepository, NotificationRepository, Transactions};
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// The audit log's target of the checklist.
const SUBJECT: &str = "setup";
/// An export of the audit log's head that is older is no backup of what was added since.
const HEAD_AGE: Duration = Duration::days(7);

/// The first-run checklist.
#[derive(Clone)]
pub struct SetupService {
    pub(crate) audit: AuditRepository,
    pub(crate) notifications: NotificationRepository,
    pub(crate) transactions: Transactions,
    pub(crate) account_service: AccountService,
    pub(crate) channel_service: ChannelService,
    pub(crate) configuration_service: ConfigurationService,
    pub(crate) people_service: PeopleService,
    pub(crate) policy_service: PolicyService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) installation: Arc<Installation>,
}

/// The exports of the audit log's head.
struct HeadExport {
    /// Whether the configuration names a file or an event webhook.
    is_configured: bool,
    at: Option<OffsetDateTime>,
    /// Whether entries were added since.
    is_behind: bool,
}

impl SetupService {
    /// The checklist, each step with its facts.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn setup(&self, caller: &Caller) -> Result<SetupView, ServiceError> {
        may_read(caller)?;
        let dismissed = self.dismissed().await?;
        self.view(caller, dismissed).await
    }

    async fn view(
        &self,
        caller: &Caller,
        dismissed: Option<(String, OffsetDateTime)>,
    ) -> Result<SetupView, ServiceError> {
        let now = self.clock.now();
        let people = self.people_service.known_callers().await?;
        let accounts = self.account_service.accounts(caller).await?;
        let owned = self.configuration_service.owned(caller).await?;
        let enabled = self.policy_service.in_force().await?.len();
        let mut channels = self.notifications.channel_states(now).await?;
        for state in &mut channels {
            state.configured = self.channel_service.sends(state.channel);
        }
        let tests = self.channel_service.last_tests().await?;
        let steps = vec![
            identity_provider(&people),
            roles(accounts.roll_out),
            owners(owned),
            policies(enabled),
            notifications(&channels, &tests),
            audit_head(&self.head_export().await?, now),
        ];
        Ok(SetupView {
            steps,
            dismissed,
            may_dismiss: caller.may_everywhere(Permission::ManageSettings),
            as_of: now,
        })
    }

    /// The checklist for the overview: only for who can act on it, and only while it is open.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn open_setup(&self, caller: &Caller) -> Result<Option<SetupView>, ServiceError> {
        if !caller.may_everywhere(Permission::ManageSettings) || self.dismissed().await?.is_some() {
            return Ok(None);
        }
        may_read(caller)?;
        Ok(Some(self.view(caller, None).await?).filter(SetupView::is_open))
    }

    /// Hides the checklist from the overview, or shows it again.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn dismiss(&self, caller: &Caller, is_dismissed: bool) -> Result<(), ServiceError> {
        may_manage(caller)?;
        let action =
            if is_dismissed { AuditAction::DismissSetup } else { AuditAction::RestoreSetup };
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.audit(NewEntry::done(Some(&caller.person), action, SUBJECT));
        work.commit().await?;
        Ok(())
    }

    /// The audit log is the only record of it.
    async fn dismissed(&self) -> Result<Option<(String, OffsetDateTime)>, ServiceError> {
        let actions = [AuditAction::DismissSetup, AuditAction::RestoreSetup];
        let entry = self.audit.last_entry(SUBJECT, &actions).await?;
        let entry = entry.filter(|entry| entry.audit_action == AuditAction::DismissSetup);
        Ok(entry.map(|entry| {
            (entry.actor.map_or_else(|| "System".to_owned(), |actor| actor.name), entry.at)
        }))
    }

    async fn head_export(&self) -> Result<HeadExport, ServiceError> {
        let by_webhook = self.channel_service.sends(Channel::Events);
        let by_file = self.installation.writes_head_file;
        let (published, head) =
            tokio::try_join!(self.audit.published_head(), self.audit.chain_head())?;
        let delivered = if by_webhook {
            self.notifications.last_delivered(AUDIT_HEAD, Channel::Events).await?
        } else {
            None
        };
        // A file is written before its head counts as published.
        let written = published.filter(|_| by_file).map(|(_, at)| at);
        let newest = head.map_or(0, |head| head.seq);
        Ok(HeadExport {
            is_configured: by_webhook || by_file,
            at: delivered.max(written),
            is_behind: published.is_none_or(|(seq, _)| seq < newest),
        })
    }
}

fn step(
    title: &str,
    state: SetupState,
    found: String,
    to_do: &str,
    link: Option<(&str, &str)>,
) -> SetupStep {
    SetupStep {
        title: title.to_owned(),
        state,
        found,
        to_do: to_do.to_owned(),
        link: link.map(|(path, text)| (path.to_owned(), text.to_owned())),
        snippets: Vec::new(),
    }
}

/// An approval needs a second person, so one sign-in is not enough.
fn identity_provider(people: &[Caller]) -> SetupStep {
    let with_role = people.iter().filter(|one| !one.held.is_empty()).count();
    let is_admin = |one: &&Caller| one.held.iter().any(|(role, _)| *role == Role::SecurityAdmin);
    let admins = people.iter().filter(is_admin).count();
    let state = if with_role >= 2 && admins >= 1 { Done } else { ToDo };
    step(
        "Identity provider",
        state,
        format!(
            "{} signed in within 90 days, {with_role} with a role, {admins} as security admin.",
            people_in_words(people.len())
        ),
        "Let a second person sign in, and give their group a role: approvals need another person.",
        Some(("/settings", "Roles and scopes")),
    )
}

fn people_in_words(n: usize) -> String {
    if n == 1 { "1 person".into() } else { format!("{n} people") }
}

fn roles(roll_out: RollOut) -> SetupStep {
    let (ready, total) = (roll_out.ready(), roll_out.total());
    let (state, found) = match total {
        0 => (Unknown, "No account is known yet: the first scan lists them.".to_owned()),
        _ if ready == total => (Done, format!("{ready} of {total} accounts are ready.")),
        _ => (ToDo, format!("{ready} of {total} accounts are ready.")),
    };
    SetupStep {
        snippets: if state == Done { Vec::new() } else { roll_out.snippets },
        ..step(
            "Roles in accounts",
            state,
            found,
            "Deploy the roles in the accounts that lack them.",
            Some(("/accounts", "Accounts")),
        )
    }
}

fn owners(owned: Option<(u64, u64)>) -> SetupStep {
    let (state, found) = match owned {
        None => (Unknown, "Not known until the first scan is complete.".to_owned()),
        Some((0, 0)) => (Unknown, "No secrets or parameters were found.".to_owned()),
        Some((owned, total)) => (
            if owned == 0 { ToDo } else { Done },
            format!("{owned} of {total} secrets and parameters have an owner team."),
        ),
    };
    step(
        "Owner rules",
        state,
        found,
        "Configure the tag, accounts or OUs that name the owner team.",
        Some(("/settings/owners", "Owner rules")),
    )
}

fn policies(enabled: usize) -> SetupStep {
    step(
        "Policies",
        if enabled > 0 { Done } else { ToDo },
        format!("{enabled} {} enabled.", if enabled == 1 { "policy is" } else { "policies are" }),
        "Import a policy pack with `claviger policy import`, or create a policy.",
        Some(("/policies", "Policies")),
    )
}

/// A channel counts once something has arrived: a test or a real notification, and nothing failed after it.
fn notifications(channels: &[ChannelState], tests: &[ChannelTest]) -> SetupStep {
    let configured = channels.iter().filter(|state| state.configured);
    let mut working = Vec::new();
    let mut rest = Vec::new();
    for state in configured {
        let test = tests.iter().find(|test| test.channel == state.channel);
        let tested = test.filter(|test| test.succeeded).map(|test| test.at);
        let refused = test.filter(|test| !test.succeeded).map(|test| test.at);
        let arrived = tested.max(state.last_delivered_at);
        let failed = refused.max(state.last_failed_at);
        let works = arrived.is_some() && arrived >= failed;
        let list = if works { &mut working } else { &mut rest };
        list.push(channel_name(state.channel));
    }
    let (state, found) = match (working.is_empty(), rest.is_empty()) {
        (true, true) => (ToDo, "No channel is configured.".to_owned()),
        (true, false) => (ToDo, format!("Nothing has arrived yet by {}.", rest.join(", "))),
        (false, true) => (Done, format!("Works: {}.", working.join(", "))),
        (false, false) => {
            (ToDo, format!("Works: {}. Not confirmed: {}.", working.join(", "), rest.join(", ")))
        }
    };
    step(
        "Notifications",
        state,
        found,
        "Configure a channel and send a test.",
        Some(("/settings/channels", "Channels")),
    )
}

fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Chat => "Slack or Teams",
        Channel::Events => "event webhook",
        Channel::Email => "email",
    }
}

fn audit_head(export: &HeadExport, now: OffsetDateTime) -> SetupStep {
    let (state, found) = match export.at {
        _ if !export.is_configured => {
            (ToDo, "Neither audit_head_file nor an event webhook is configured.".to_owned())
        }
        None => (Unknown, "Configured, and nothing was exported yet.".to_owned()),
        Some(at) => {
            let is_old = export.is_behind && now - at > HEAD_AGE;
            (if is_old { ToDo } else { Done }, format!("Last exported on {} UTC.", moment(at)))
        }
    };
    step(
        "Backup of the audit log's head",
        state,
        found,
        "Set audit_head_file or event_webhook_url, and keep what is written outside of Claviger.",
        Some(("/audit", "Audit log")),
    )
}

fn moment(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!("{} {} {}, {:02}:{:02}", at.day(), at.month(), at.year(), at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::accounts::roles::AccountRoles;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-28 12:00 UTC);

    fn channel(channel: Channel, delivered: Option<i64>, failed: Option<i64>) -> ChannelState {
        ChannelState {
            channel,
            configured: true,
            last_delivered_at: delivered.map(|hours| NOW - Duration::hours(hours)),
            last_failed_at: failed.map(|hours| NOW - Duration::hours(hours)),
            last_reason: None,
            waiting: 0,
            retrying: 0,
            waiting_since: None,
            given_up: 0,
        }
    }

    fn test(channel: Channel, hours: i64, succeeded: bool) -> ChannelTest {
        let at = NOW - Duration::hours(hours);
        ChannelTest { channel, at, by: "Ada".into(), succeeded, reason: None }
    }

    #[test]
    fn a_channel_works_once_something_arrived_and_nothing_failed_since() {
        let state =
            |channels: &[ChannelState], tests: &[ChannelTest]| notifications(channels, tests).state;
        assert_eq!(state(&[], &[]), ToDo);
        assert_eq!(state(&[channel(Channel::Chat, None, None)], &[]), ToDo);
        assert_eq!(
            state(&[channel(Channel::Chat, None, None)], &[test(Channel::Chat, 1, true)]),
            Done
        );
        assert_eq!(
            state(&[channel(Channel::Chat, Some(3), None)], &[test(Channel::Chat, 1, false)]),
            ToDo
        );
        assert_eq!(state(&[channel(Channel::Email, Some(1), Some(2))], &[]), Done);
        assert_eq!(state(&[channel(Channel::Email, Some(2), Some(1))], &[]), ToDo);
        let both = [channel(Channel::Email, Some(1), None), channel(Channel::Events, None, None)];
        assert_eq!(state(&both, &[]), ToDo);
    }

    #[test]
    fn a_head_that_is_not_exported_any_more_is_to_do() {
        let state = |is_configured, days: Option<i64>, is_behind| {
            let at = days.map(|days| NOW - Duration::days(days));
            audit_head(&HeadExport { is_configured, at, is_behind }, NOW).state
        };
        assert_eq!(state(false, Some(1), false), ToDo);
        assert_eq!(state(true, None, true), Unknown);
        assert_eq!(state(true, Some(1), true), Done);
        assert_eq!(state(true, Some(8), true), ToDo);
        assert_eq!(state(true, Some(8), false), Done, "nothing was added since");
    }

    #[test]
    fn roles_and_owners_are_unknown_before_the_first_scan() {
        let of = |counts: &[(AccountRoles, u64)]| {
            roles(RollOut { template_version: 1, counts: counts.to_vec(), ..RollOut::default() })
        };
        assert_eq!(of(&[]).state, Unknown);
        assert_eq!(of(&[(AccountRoles::Ready, 2)]).state, Done);
        let partly = of(&[(AccountRoles::Ready, 12), (AccountRoles::Unknown, 2)]);
        assert_eq!((partly.state, partly.found.as_str()), (ToDo, "12 of 14 accounts are ready."));
        assert_eq!([None, Some((0, 0))].map(|owned| owners(owned).state), [Unknown, Unknown]);
        assert_eq!([Some((0, 9)), Some((3, 9))].map(|owned| owners(owned).state), [ToDo, Done]);
    }
}
