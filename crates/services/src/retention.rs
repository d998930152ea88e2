//! What is deleted when it is old, as the configuration says.

use crate::ServiceError;
use claviger_domain::clock::Clock;
use claviger_store::RetentionRepository;
use std::sync::Arc;
use time::Duration;

/// For how long things are kept. What is not listed is never deleted: the audit log, requests, grants, plans, exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Changes of the inventory.
    pub changes: Duration,
    /// Notifications in the inbox, and their deliveries.
    pub notifications: Duration,
    /// Finished scans.
    pub scans: Duration,
    /// The posture of past days.
    pub posture: Duration,
    /// Jobs that failed for the last time.
    pub failed_jobs: Duration,
}

/// The retention without settings.
pub const RETENTION: Retention = Retention {
    changes: Duration::days(400),
    notifications: Duration::days(180),
    scans: Duration::days(90),
    posture: Duration::days(400),
    failed_jobs: Duration::days(30),
};

/// Deletes what is too old.
#[derive(Clone)]
pub struct RetentionService {
    pub(crate) retention_repository: RetentionRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) retention: Retention,
}

impl RetentionService {
    /// Deletes what is older than its retention. Every replica may, at the same time.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn prune(&self) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let (repository, retention) = (&self.retention_repository, self.retention);
        let changes = repository.forget_changes(now - retention.changes).await?;
        let notifications = repository.forget_notifications(now - retention.notifications).await?;
        let scans = repository.forget_scans(now - retention.scans).await?;
        let posture = repository.forget_posture(now - retention.posture).await?;
        let jobs = repository.forget_failed_jobs(now - retention.failed_jobs).await?;
        if changes + notifications + scans + posture + jobs > 0 {
            tracing::info!(
                change.count = changes,
                notification.count = notifications,
                scan.count = scans,
                posture_day.count = posture,
                job.count = jobs,
                "old rows are deleted"
            );
        }
        Ok(())
    }
}
