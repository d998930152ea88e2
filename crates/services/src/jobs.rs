//! The jobs of the queue: every kind, and which service runs it.

use crate::{
    DeliveryService, EvaluationService, EventService, ExecutionService, ReadinessService,
    RevocationService, ScanService, TrailService, VariableReadService, job_failure::JobFailure,
};
use claviger_domain::job::Job;

/// Runs every kind of job.
#[derive(Clone)]
pub struct JobService {
    pub(crate) deliveries: DeliveryService,
    pub(crate) evaluations: EvaluationService,
    pub(crate) events: EventService,
    pub(crate) execution: ExecutionService,
    pub(crate) readiness: ReadinessService,
    pub(crate) revocation: RevocationService,
    pub(crate) scans: ScanService,
    pub(crate) trail: TrailService,
    pub(crate) variables: VariableReadService,
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
            Job::RefreshResource { account, region, kind, name, at } => {
                self.events.refresh(account, region, kind, name, at).await
            }
            Job::Evaluate { account } => self.evaluations.evaluate(&account).await,
            Job::CheckAccount { account } => self.readiness.check_account(&account).await,
            Job::ReadVariables { account } => self.variables.read_variables(&account).await,
            Job::EndSessions { grant } => self.revocation.end_sessions(grant).await,
            Job::CollectDenials { account } => self.revocation.settle_denials(&account).await,
            Job::Deliver { notice } => self.deliveries.create_deliveries(notice).await,
            Job::Send { delivery } => self.deliveries.send(delivery).await,
            Job::FollowRequest { grant } => self.deliveries.follow_request(grant).await,
            Job::ReadTrail { grant } => self.trail.read_trail(grant).await,
            Job::Remediate { plan, account } => self.execution.remediate(plan, &account).await,
        }
    }
}
