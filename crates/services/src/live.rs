//! What an open page hears of changes: of each, whether this person may know of it.

use crate::{ExceptionService, GrantReader, RemediationService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::{Clock, clock_skew},
    exceptions::ExceptionId,
    grants::GrantId,
    remediation::PlanId,
};
pub use claviger_store::Touched;
use claviger_store::{AuditRepository, Database, entry_mark};
use std::{collections::BTreeSet, sync::Arc};
use time::Duration;

/// What open pages hear of changes.
#[derive(Clone)]
pub struct LiveService {
    pub(crate) audit: AuditRepository,
    pub(crate) database: Database,
    pub(crate) exception_service: ExceptionService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) remediation_service: RemediationService,
}

impl LiveService {
    /// Of these changes those that the caller may know of: grants, plans and exceptions that they may open, by number, and
    /// whether their own inbox changed. A number that cannot be looked up is not told.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn audible(
        &self,
        caller: &Caller,
        touched: &Touched,
    ) -> Result<Audible, ServiceError> {
        let mut numbers = BTreeSet::new();
        for number in &touched.numbers {
            if self.may_hear_of(caller, number).await? {
                numbers.insert(number.clone());
            }
        }
        let governance = touched.governance && caller.may(Permission::ReadFindings);
        let inbox = touched.has_told(&caller.person.subject);
        Ok(Audible { numbers, unnumbered: inbox || governance, everything: touched.everything })
    }

    async fn may_hear_of(&self, caller: &Caller, number: &str) -> Result<bool, ServiceError> {
        let seen = if let Ok(grant) = number.parse::<GrantId>() {
            self.grant_reader.sees_grant(caller, grant).await
        } else if let Ok(plan) = number.parse::<PlanId>() {
            self.remediation_service.sees_plan(caller, plan).await
        } else if number.parse::<ExceptionId>().is_ok() {
            self.exception_service.exception_page(caller, number).await.map(drop)
        } else {
            return Ok(false);
        };
        match seen {
            Ok(()) => Ok(true),
            Err(ServiceError::NotFound(_) | ServiceError::Forbidden(_)) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Marks how far everything has come, for one person: it differs as soon as anything was done, and says neither what
    /// nor how much.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn entry_mark(&self, caller: &Caller) -> Result<String, ServiceError> {
        let head = self.audit.chain_head().await?;
        Ok(entry_mark(&caller.person.subject, head.map(|head| head.hash).as_deref()))
    }

    /// For what has no person: the server's own listener.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn listen(&self) -> Result<claviger_store::ChangeListener, ServiceError> {
        Ok(self.database.listen().await?)
    }
}

/// What one person hears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Audible {
    pub numbers: BTreeSet<String>,
    /// Something without a number: their own inbox, or what governs the scope that they see.
    pub unnumbered: bool,
    /// More than could be told one by one: whatever they see may have changed.
    pub everything: bool,
}

impl Audible {
    pub fn is_nothing(&self) -> bool {
        self.numbers.is_empty() && !self.unnumbered && !self.everything
    }
}

/// Whether the console can serve.
#[derive(Clone)]
pub struct HealthService {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

impl HealthService {
    /// Answers when the database does.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ping(&self) -> Result<(), ServiceError> {
        Ok(self.database.ping().await?)
    }

    /// How far PostgreSQL's clock is ahead of this one; negative if it is behind.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn clock_skew(&self) -> Result<Duration, ServiceError> {
        let before = self.clock.now();
        let other = self.database.time().await?;
        Ok(clock_skew(before, other, self.clock.now()))
    }

    /// The other releases that are connected to the database; `None` is one that does not say which it is.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn other_releases(&self) -> Result<BTreeSet<Option<String>>, ServiceError> {
        Ok(self.database.other_releases().await?)
    }
}
