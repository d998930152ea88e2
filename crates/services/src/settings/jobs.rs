//! The queue's jobs, and another try for those that failed.

use super::{may_manage, may_read};
use crate::ServiceError;
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission},
    clock::Clock,
    job::{Job, QueuedJob},
    settings::jobs::{JobKindRow, JobRow, JobsView},
};
use claviger_store::{JobQueue, StoredJob, Transactions};
use std::sync::Arc;

/// Shows the queue's jobs, and retries those that failed.
#[derive(Clone)]
pub struct JobControlService {
    pub(crate) jobs: JobQueue,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
}

impl JobControlService {
    /// The jobs that run, failed, are retried and wait.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn jobs(&self, caller: &Caller) -> Result<JobsView, ServiceError> {
        may_read(caller)?;
        let (counts, jobs) = tokio::try_join!(self.jobs.count_jobs(), self.jobs.list_jobs())?;
        let mut kinds: Vec<JobKindRow> = counts
            .into_iter()
            .map(|count| JobKindRow {
                kind: count.kind,
                waiting: count.due + count.later,
                running: count.running,
                failed: count.given_up,
                due_since: count.due_since,
            })
            .collect();
        kinds.sort_by(|one, other| one.kind.cmp(&other.kind));
        Ok(JobsView {
            kinds,
            jobs: jobs.into_iter().map(job_row).collect(),
            may_retry: caller.may_everywhere(Permission::ManageSettings),
            as_of: self.clock.now(),
        })
    }

    /// Queues a job that failed for the last time again.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject, job.id = job))]
    pub async fn retry(&self, caller: &Caller, job: i64) -> Result<(), ServiceError> {
        may_manage(caller)?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let Some(payload) = work.retry_job(job).await? else {
            return Err(ServiceError::conflict(
                "This job has not failed, or is gone.",
                "Reload the page to see its state.",
            ));
        };
        let (kind, about) = described(&payload);
        let entry =
            NewEntry::done(Some(&caller.person), AuditAction::RetryJob, format!("job {job}"))
                .with("kind", kind)
                .with_some("about", Some(about).filter(|about| !about.is_empty()));
        work.audit(entry);
        work.commit().await?;
        Ok(())
    }
}

fn job_row(job: StoredJob) -> JobRow {
    let (kind, about) = described(&job.payload);
    JobRow {
        id: job.id,
        kind,
        about,
        state: job.state,
        attempts: job.attempts,
        max_attempts: job.max_attempts,
        reason: job.last_error,
        created_at: job.created_at,
        at: job.at,
    }
}

/// A job's kind, and what it is about. A newer release may queue kinds that this one does not know.
fn described(payload: &serde_json::Value) -> (String, String) {
    let Ok(QueuedJob { job, .. }) = serde_json::from_value(payload.clone()) else {
        let kind = payload.get("job").and_then(serde_json::Value::as_str).unwrap_or("unknown");
        return (kind.to_owned(), String::new());
    };
    let about = match &job {
        Job::PlanScan { .. } => "the Organization".to_owned(),
        Job::ScanRegion { account, region, .. } | Job::ReadDeep { account, region } => {
            format!("{account}, {region}")
        }
        Job::RefreshResource { account, region, name, .. } => {
            format!("{name}, {account}, {region}")
        }
        Job::Evaluate { account }
        | Job::CheckAccount { account }
        | Job::ReadVariables { account }
        | Job::CollectDenials { account } => account.to_string(),
        Job::EndSessions { grant } | Job::FollowRequest { grant } | Job::ReadTrail { grant } => {
            grant.to_string()
        }
        Job::Deliver { notice } => format!("notification {notice}"),
        Job::Send { delivery } => format!("delivery {delivery}"),
        Job::Remediate { plan, account } => format!("{plan}, {account}"),
    };
    (job.kind().to_owned(), about)
}

#[cfg(test)]
mod tests {
    use super::described;
    use serde_json::json;

    #[test]
    fn a_job_says_what_it_is_about_also_one_of_a_newer_release() {
        let said = |payload| described(&payload);
        assert_eq!(
            said(json!({"job": "read_deep", "account": "111122223333", "region": "eu-west-1"})),
            ("read_deep".into(), "111122223333, eu-west-1".into())
        );
        assert_eq!(
            said(json!({"job": "end_sessions", "grant": 7})),
            ("end_sessions".into(), "G-7".into())
        );
        assert_eq!(said(json!({"job": "new_one", "x": 1})), ("new_one".into(), String::new()));
        assert_eq!(said(json!(null)), ("unknown".into(), String::new()));
    }
}
