//! Events of accounts: each message of the queue is recorded once, and what it names is read from AWS again.

use crate::{
    AlarmService, Authority, Installation, JobFailure, ScanSettings, ServiceError,
    settings::may_read,
};
use claviger_domain::{
    authz::{Caller, Permission},
    aws_event::{EventContent, EventTarget, ResourceName, read_event},
    clock::Clock,
    error_line::ErrorLine,
    facts::{Kind, ResourceFacts},
    ids::{AccountId, Region},
    scan::RegionScanFault,
    settings::events::EventsView,
};
use claviger_gateways::{AwsError, EventQueue, Gateway, InventoryReader};
use claviger_store::{EventRepository, FactRepository};
use std::sync::Arc;
use time::OffsetDateTime;

/// Events, and the resources that are read again because of them.
#[derive(Clone)]
pub struct EventService {
    pub(crate) events: EventRepository,
    pub(crate) facts: FactRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
    pub(crate) authority: Authority,
    pub(crate) installation: Arc<Installation>,
    pub(crate) scan_settings: Arc<ScanSettings>,
    pub(crate) alarm_service: AlarmService,
}

/// Why a round of reading the queue did not come to its end. What was not deleted comes again.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error(transparent)]
    Aws(#[from] AwsError),
    #[error(transparent)]
    Service(#[from] ServiceError),
}

impl EventService {
    /// Waits for messages, takes them in and returns how many there were. A message that is no event stays in the queue, which
    /// moves it to its dead-letter queue; it delays no other.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn read_queue(&self, queue: &dyn EventQueue) -> Result<usize, QueueError> {
        let messages = match queue.receive().await {
            Ok(messages) => messages,
            Err(error) => {
                let reason = ErrorLine(&error).to_string();
                let noted = self.events.note_queue_read(Some(&reason), self.clock.now()).await;
                noted.map_err(ServiceError::from)?;
                return Err(error.into());
            }
        };
        let noted = self.events.note_queue_read(None, self.clock.now()).await;
        noted.map_err(ServiceError::from)?;
        let mut taken = Vec::new();
        let mut fault = None;
        for message in &messages {
            match self.take(&message.body).await {
                Ok(true) => taken.push(message.handle.clone()),
                Ok(false) => {}
                Err(error) => {
                    fault = Some(error);
                    break;
                }
            }
        }
        queue.delete(&taken).await?;
        match fault {
            Some(fault) => Err(fault.into()),
            None => Ok(messages.len()),
        }
    }

    /// Takes in one message. `false`: it is no event.
    async fn take(&self, body: &str) -> Result<bool, ServiceError> {
        let event = match read_event(body) {
            Ok(event) => event,
            Err(error) => {
                tracing::warn!(error = %ErrorLine(&error), "a message of the event queue is left to its dead-letter queue");
                return Ok(false);
            }
        };
        let is_known = self.events.record(&event, self.clock.now()).await?;
        if !is_known {
            tracing::debug!(aws.account = %event.account, "an event of an account that is not in the inventory is ignored");
        }
        self.alarm_service.raise(&event).await?;
        if matches!(event.what, EventContent::Test { .. }) {
            tracing::info!(aws.account = %event.account, aws.region = %event.region, "a test event has arrived");
        }
        Ok(true)
    }

    /// Notes how full the queue is.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn count_queue(&self, queue: &dyn EventQueue) -> Result<(), QueueError> {
        let size = queue.size().await?;
        let noted =
            self.events.note_queue_size(size.waiting, size.dead_letters, self.clock.now()).await;
        Ok(noted.map_err(ServiceError::from)?)
    }

    /// Reads one resource from AWS, unless it was read since `at`. An account that cannot be reached is tried again by the
    /// queue of jobs, and found by the next scan.
    #[tracing::instrument(skip_all, fields(aws.account = %account, aws.region = %region, resource.name = name))]
    pub(crate) async fn refresh(
        &self,
        account: AccountId,
        region: Region,
        kind: Kind,
        name: String,
        at: i64,
    ) -> Result<(), JobFailure> {
        let target = EventTarget { kind, name: named(kind, name), account, region };
        let at = OffsetDateTime::from_unix_timestamp(at).unwrap_or_else(|_| self.clock.now());
        if self.events.is_read_since(&target, at).await? {
            return Ok(());
        }
        let EventTarget { account, region, name, .. } = &target;
        // What happens while AWS answers may not be in the answer.
        let asked_at = self.clock.now();
        let reader = self.gateway.open(account, region).await.map_err(JobFailure::Aws)?;
        let read = match kind {
            Kind::Secret => reader.secret(name.as_str()).await,
            Kind::Parameter => reader.parameter(name.as_str()).await,
        };
        let facts = match read {
            Ok(facts) => facts,
            // Its own policy may deny it: nothing is known of it, as in a scan.
            Err(error) if error.fault == RegionScanFault::Denied => {
                tracing::warn!(error = %ErrorLine(&error), "a changed resource could not be read");
                return Ok(());
            }
            Err(error) => return Err(JobFailure::Aws(error)),
        };
        if let Some(facts) = facts {
            return self.take_in(reader.as_ref(), account, region, facts, asked_at).await;
        }
        // One that was never known and is gone already leaves nothing.
        let Some(arn) = self.events.arn_of(&target).await? else { return Ok(()) };
        let now = self.clock.now();
        self.facts.end_refresh(account, region, kind, &arn, true, asked_at, now).await?;
        Ok(())
    }

    /// Into the inventory, with what lists leave out; then it is evaluated.
    pub(crate) async fn take_in(
        &self,
        reader: &dyn InventoryReader,
        account: &AccountId,
        region: &Region,
        mut facts: ResourceFacts,
        asked_at: OffsetDateTime,
    ) -> Result<(), JobFailure> {
        facts.note_key(&self.facts.aws_managed_keys(account, region).await?);
        let now = self.clock.now();
        self.facts.write_described(account, region, &facts, now).await?;
        if facts.kind() == Kind::Secret {
            let details = reader.deep(&facts.arn, facts.changed_at, facts.is_replicated()).await;
            let id = self.facts.resource_of(&facts.arn).await?;
            if let (Some(details), Some(id)) = (details.map_err(JobFailure::Aws)?, id) {
                self.facts.write_details(&[(id, details)], now).await?;
            }
        }
        let (kind, now) = (facts.kind(), self.clock.now());
        let ended = self.facts.end_refresh(account, region, kind, &facts.arn, false, asked_at, now);
        Ok(ended.await?)
    }

    /// What each account sends, and how the queue is.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn events_view(&self, caller: &Caller) -> Result<EventsView, ServiceError> {
        may_read(caller)?;
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let (queue, sources) =
            tokio::try_join!(self.events.queue_state(), self.events.sources(&visible))?;
        Ok(EventsView {
            is_configured: self.installation.reads_events(),
            queue: queue.filter(|_| self.installation.reads_events()),
            sources,
            scan_minutes: u32::try_from(self.scan_settings.interval.whole_minutes()).unwrap_or(0),
            as_of: self.clock.now(),
        })
    }
}

/// As a job has it: a secret's ARN or name, or a parameter's name.
fn named(kind: Kind, name: String) -> ResourceName {
    match (kind, name.parse()) {
        (Kind::Secret, Ok(arn)) => ResourceName::Arn(arn),
        _ => ResourceName::Name(name),
    }
}
