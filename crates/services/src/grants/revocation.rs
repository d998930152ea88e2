//! Ending live AWS sessions: what the access role denies is made what it should be, and AWS is asked
//! whether it refuses. Takes no input but the database; running twice does no harm.

use crate::{
    JobFailure, ServiceError, ServiceObserver, audit::audited, grants::session_order::order,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    clock::Clock,
    error_line::ErrorLine,
    grants::{Grant, GrantId},
    ids::AccountId,
};
use claviger_gateways::AccessGateway;
use claviger_policy::denials;
use claviger_store::{Denial, DenialRepository, GrantRepository, Transactions};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::Semaphore;

/// IAM allows 10,240 characters for all inline policies of a role; the role's own has some of them.
const DENIAL_LIMIT: usize = 9_000;
/// How long one job watches for AWS to refuse; policy changes can take minutes to spread.
const WATCH: Duration = Duration::from_secs(45);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The Deny statements of revoked sessions, account by account.
#[derive(Clone)]
pub struct RevocationService {
    pub(crate) denials: DenialRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access_gateway: Arc<dyn AccessGateway>,
    pub(crate) session_seconds: u32,
    pub(crate) settling: Arc<Semaphore>,
    pub(crate) observer: Arc<dyn ServiceObserver>,
}

impl RevocationService {
    /// Ends the sessions of one grant, and sees it through.
    #[tracing::instrument(skip_all, fields(grant.id = %id))]
    pub(crate) async fn end_sessions(&self, id: GrantId) -> Result<(), JobFailure> {
        let Some(named) = self.grants.grant(id).await? else { return Ok(()) };
        let grant = named.grant;
        let Some(denial) = self.denials.denial(id).await? else { return Ok(()) };
        if denial.confirmed_at.is_some() || denial.collected_at.is_some() {
            return Ok(());
        }
        if let Err(error) = self.settle_denials(&grant.account).await {
            self.denial_fault(id, &error).await?;
            return Err(error);
        }
        let began = Instant::now();
        let mut pause = FIRST_PAUSE;
        loop {
            match self.is_refused(&grant).await {
                Ok(true) => return self.confirm(&grant, denial.asked_at).await,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(grant.id = %id, error = %ErrorLine(&error), "the test session of a revocation failed");
                }
            }
            if began.elapsed() >= WATCH {
                let failure = JobFailure::StillLive;
                self.denial_fault(id, &failure).await?;
                return Err(failure);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    async fn denial_fault(&self, id: GrantId, failure: &JobFailure) -> Result<(), JobFailure> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.denial_failed(id, failure.for_people()).await?;
        work.commit().await?;
        Ok(())
    }

    /// Asks AWS. What cannot be asked is not known, and so not refused.
    async fn is_refused(&self, grant: &Grant) -> Result<bool, JobFailure> {
        let resource = grant
            .resources
            .first()
            .ok_or_else(|| JobFailure::Other("a grant without a resource".into()))?;
        let now = self.clock.now();
        // The probe's policy and length are the gateway's own.
        let order = order(self.session_seconds, grant, String::new(), now, now);
        self.access_gateway.is_refused(&order, &resource.region).await.map_err(JobFailure::Aws)
    }

    async fn confirm(&self, grant: &Grant, asked_at: OffsetDateTime) -> Result<(), JobFailure> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let took = (work.now - asked_at).as_seconds_f32().max(0.0);
        let is_new = work.denial_confirmed(grant.id).await?;
        if is_new {
            work.audit(
                NewEntry::done(None, AuditAction::ConfirmDenial, grant.id)
                    .with("seconds", format!("{took:.1}")),
            );
        }
        work.commit().await?;
        if is_new {
            self.observer.revocation_confirmed(Duration::from_secs_f32(took));
        }
        tracing::info!(grant.id = %grant.id, aws.session_name = %grant.session_name, elapsed_seconds = took, "AWS denies the revoked sessions");
        Ok(())
    }

    /// Makes an account's Deny statements what the database says they should be.
    #[tracing::instrument(skip_all, fields(aws.account = %account))]
    pub(crate) async fn settle_denials(&self, account: &AccountId) -> Result<(), JobFailure> {
        let _turn = self.settling.acquire().await.map_err(|e| JobFailure::Other(e.to_string()))?;
        // Held while AWS is talked to: two replicas must not overwrite each other.
        let mut guard = self.transactions.begin(self.clock.now()).await?;
        guard.lock_account(account).await?;
        let wanted = guard.denials_of(account).await?;
        let (document, wide) = fit(&wanted, guard.cutoff_of(account).await?);
        let actual = self.access_gateway.denials(account).await.map_err(JobFailure::Aws)?;
        if !same(actual.as_deref(), document.as_deref()) {
            let audit_action = if document.is_none() {
                AuditAction::CollectDenials
            } else {
                AuditAction::DenySession
            };
            let entry = NewEntry::started(None, audit_action, account)
                .with("grants", listed(&wanted))
                .with("wide", wide.is_some());
            let put = async {
                let put = self.access_gateway.put_denials(account, document.as_deref()).await;
                put.map_err(|error| ServiceError::aws_in(error, account))
            };
            audited(&self.transactions, self.clock.as_ref(), &entry, put)
                .await
                .map_err(JobFailure::of)?;
        }
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let widely: Vec<GrantId> = wanted
            .iter()
            .filter(|denial| {
                wide.is_some_and(|before| denial.asked_at <= before)
                    && !named(document.as_deref(), denial)
            })
            .map(|denial| denial.grant)
            .collect();
        let narrowly: Vec<GrantId> =
            wanted.iter().map(|d| d.grant).filter(|id| !widely.contains(id)).collect();
        work.denials_put(&narrowly, false).await?;
        work.denials_put(&widely, true).await?;
        work.denials_collected(account).await?;
        work.cutoff_put(account).await?;
        work.commit().await?;
        drop(guard);
        Ok(())
    }

    /// Looks at every account that was ever concerned, whether its role denies what it should and no more.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn reconcile_denials(&self) -> Result<(), ServiceError> {
        for account in self.denials.accounts_with_denials().await? {
            if let Err(error) = self.settle_denials(&account).await {
                tracing::warn!(aws.account = %account, error = %ErrorLine(&error), "the access role's Deny statements cannot be updated");
            }
        }
        Ok(())
    }
}

/// The document for these, oldest first; those that no longer fit are ended by their time of issue, all
/// sessions of the role with them. So are all sessions from before the cutoff.
fn fit(
    wanted: &[Denial],
    cutoff: Option<OffsetDateTime>,
) -> (Option<String>, Option<OffsetDateTime>) {
    let mut names: Vec<String> = wanted.iter().map(|denial| denial.session_name.clone()).collect();
    let mut wide = cutoff;
    loop {
        let document = denials(&names, wide);
        if document.as_ref().is_none_or(|text| text.len() <= DENIAL_LIMIT) || names.is_empty() {
            return (document, wide);
        }
        names.pop();
        let rest = wanted.get(names.len()..).unwrap_or_default();
        wide = rest.iter().map(|denial| denial.asked_at).max().max(cutoff);
    }
}

fn named(document: Option<&str>, denial: &Denial) -> bool {
    document.is_some_and(|text| text.contains(&format!("*:{}\"", denial.session_name)))
}

fn listed(wanted: &[Denial]) -> String {
    wanted.iter().map(|denial| denial.grant.to_string()).collect::<Vec<_>>().join(" ")
}

fn same(actual: Option<&str>, wanted: Option<&str>) -> bool {
    let read = |text: Option<&str>| {
        text.map(|text| serde_json::from_str::<serde_json::Value>(text).unwrap_or_default())
    };
    read(actual) == read(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn wanted(count: i64) -> Vec<Denial> {
        (1..=count)
            .map(|n| Denial {
                grant: GrantId(n),
                session_name: format!("G-{n}-0123456789ab"),
                asked_at: datetime!(2026-11-24 12:00 UTC) + time::Duration::seconds(n),
            })
            .collect()
    }

    #[test]
    fn as_many_as_fit_are_named_and_the_rest_is_ended_by_time() {
        assert_eq!(fit(&[], None), (None, None));
        let (few, wide) = fit(&wanted(3), None);
        assert!(few.unwrap().contains("*:G-3-0123456789ab") && wide.is_none());
        let (many, wide) = fit(&wanted(600), None);
        let many = many.unwrap();
        assert!(many.len() <= DENIAL_LIMIT);
        assert!(many.contains("*:G-1-0123456789ab\"") && !many.contains("G-600-"));
        // The last one asked for is covered.
        assert_eq!(wide, Some(datetime!(2026-11-24 12:10 UTC)));
        // A cutoff is there beside the names, and the later of both times counts.
        let cutoff = datetime!(2026-11-24 13:00 UTC);
        let (document, wide) = fit(&wanted(3), Some(cutoff));
        assert!(document.unwrap().contains("*:G-3-0123456789ab") && wide == Some(cutoff));
        assert_eq!(fit(&wanted(600), Some(cutoff)).1, Some(cutoff));
        assert!(fit(&[], Some(cutoff)).0.unwrap().contains("aws:TokenIssueTime"));
    }
}
