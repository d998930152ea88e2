//! The state of the whole installation in numbers.

use crate::ServiceError;
use claviger_domain::{clock::Clock, grants::GrantStateName, notifications::Channel};
use claviger_store::{
    AccountAge, FindingNumbers, JobCount, JobQueue, MetricsRepository, OpenRevocations,
    TeamRotation,
};
use std::{collections::BTreeMap, sync::Arc};
use time::OffsetDateTime;

/// One reading. What is not complete yet is `None`, and never a number of a part.
#[derive(Debug, Clone)]
pub struct MetricsSnapshot {
    pub at: OffsetDateTime,
    /// Active accounts.
    pub accounts: Vec<AccountAge>,
    pub jobs: Vec<JobCount>,
    /// Grants that are not over, by state.
    pub grants: Vec<(GrantStateName, u64)>,
    pub revocations: OpenRevocations,
    /// Deliveries that wait for an attempt.
    pub deliveries: BTreeMap<Channel, u64>,
    /// `None` until the first scan has ended and every account that has secrets or parameters was evaluated, and while
    /// there are more rows than the inventory's limit.
    pub findings: Option<FindingNumbers>,
    /// `None` until the first scan has ended, and while there are more rows than the inventory's limit.
    pub rotation: Option<Vec<TeamRotation>>,
}

/// Reads the numbers of metrics. It has no caller: the server alone asks, and the answer names no person and no secret.
#[derive(Clone)]
pub struct MetricsService {
    pub(crate) jobs: JobQueue,
    pub(crate) metrics: MetricsRepository,
    pub(crate) clock: Arc<dyn Clock>,
}

impl MetricsService {
    /// Everything at once: six short queries, and the index in memory.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn snapshot(&self) -> Result<MetricsSnapshot, ServiceError> {
        let at = self.clock.now();
        let accounts = self.metrics.account_ages().await?;
        let is_scanned = self.metrics.has_finished_scan().await?;
        let is_evaluated = is_scanned
            && accounts.iter().all(|account| !account.holds_any || account.evaluated_at.is_some());
        let ids: Vec<_> = accounts.iter().map(|account| account.account.clone()).collect();
        let findings = if is_evaluated { self.metrics.findings(&ids, at).await? } else { None };
        let rotation =
            if is_scanned { self.metrics.rotation_by_team(&ids, at).await? } else { None };
        Ok(MetricsSnapshot {
            at,
            jobs: self.jobs.count_jobs().await?,
            grants: self.metrics.open_grants(at).await?,
            revocations: self.metrics.open_revocations(at).await?,
            deliveries: self.metrics.waiting_deliveries().await?,
            accounts,
            findings,
            rotation,
        })
    }
}
