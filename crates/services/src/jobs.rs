//! The jobs of the queue: every kind, and which service runs it.

use crate::{
    DeliveryService, EvaluationService, ExecutionService, ReadinessService, RevocationService,
    ScanService, ServiceError, TrailService,
};
use claviger_aws::AwsError;
use claviger_domain::job::Job;
use claviger_store::StoreError;

/// A job that could not be done now. The queue tries again.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Aws(AwsError),
    /// The statement is in place, but AWS still lets the session through.
    #[error("AWS does not refuse the session yet")]
    StillLive,
    #[error("{0}")]
    Other(String),
}

impl JobFailure {
    /// A use-case that failed inside a job.
    pub(crate) fn of(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => Self::Store(error),
            ServiceError::Aws(error) | ServiceError::AwsAccess { error, .. } => Self::Aws(error),
            other => Self::Other(other.to_string()),
        }
    }

    /// What a grant's page says about it.
    pub(crate) fn for_people(&self) -> &'static str {
        match self {
            Self::StillLive => {
                "The Deny statement is in place, but AWS has not spread it everywhere yet."
            }
            Self::Aws(error) if error.operation == "AssumeRole" => {
                "AWS does not let the console into the account to deny the session. Check the role claviger-remediation."
            }
            Self::Aws(_) => "AWS did not take the Deny statement. It is tried again.",
            _ => "The console could not finish this. It is tried again.",
        }
    }
}

/// Runs every kind of job.
#[derive(Clone)]
pub struct JobService {
    pub(crate) deliveries: DeliveryService,
    pub(crate) evaluations: EvaluationService,
    pub(crate) execution: ExecutionService,
    pub(crate) readiness: ReadinessService,
    pub(crate) revocation: RevocationService,
    pub(crate) scans: ScanService,
    pub(crate) trail: TrailService,
}

impl JobService {
    /// Does a job from the queue.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn run(&self, job: Job) -> Result<(), JobFailure> {
        match job {
            Job::PlanScan { sweep } => self.scans.plan(sweep).await,
            Job::ScanRegion { sweep, account, region } => {
                self.scans.scan_region(sweep, &account, &region).await
            }
            Job::ReadDeep { account, region } => {
                self.evaluations.fetch_details(&account, &region).await
            }
            Job::Evaluate { account } => self.evaluations.evaluate(&account).await,
            Job::CheckAccount { account } => self.readiness.check_account(&account).await,
            Job::EndSessions { grant } => self.revocation.end_sessions(grant).await,
            Job::CollectDenials { account } => self.revocation.settle_denials(&account).await,
            Job::Deliver { notice } => self.deliveries.create_deliveries(notice).await,
            Job::Send { delivery } => self.deliveries.send(delivery).await,
            Job::ReadTrail { grant } => self.trail.read_trail(grant).await,
            Job::Remediate { plan, account } => self.execution.remediate(plan, &account).await,
        }
    }
}
