//! An incident: all access is paused, every session is ended, and AWS is asked until it denies each.

use crate::{JobFailure, RevocationService, ServiceError, uncancelled::uncancelled};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission, Person},
    clock::Clock,
    error_line::ErrorLine,
    grants::{EndReason, GrantStateName, Refusal, sentence},
    ids::{AccountId, Region},
    notifications::notice::NoticeKind,
};
use claviger_gateways::AccessGateway;
use claviger_store::{AccessCutoff, EndedSessions, GrantRepository, Transactions};
use futures::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration as Wait, Instant},
};
use time::{Duration, OffsetDateTime};

/// AWS's longest session of a role. The access role may allow less, or once have allowed more than now.
const LONGEST_SESSION: Duration = Duration::hours(12);
/// AWS knows the time of issue in whole seconds: the cutoff covers the second in which it was set.
const ROUNDING: Duration = Duration::seconds(1);
/// How many grants or accounts are asked about at a time.
const AT_ONCE: usize = 16;
/// How long one round watches for AWS to deny an account's older sessions.
const WATCH: Wait = Wait::from_secs(45);
const PAUSE: Wait = Wait::from_secs(1);

/// What an operator does in an incident, and how it is undone.
#[derive(Clone)]
pub struct IncidentService {
    pub(crate) grants: GrantRepository,
    pub(crate) transactions: Transactions,
    pub(crate) revocation_service: RevocationService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) access_gateway: Arc<dyn AccessGateway>,
}

/// What the end of every session has begun with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Whether this paused access; `false` where it was paused before.
    pub paused: bool,
    /// Grants that were active and are now revoked.
    pub grants: usize,
}

impl IncidentService {
    /// Pauses all access, and revokes every active grant. Running it again revokes what is active then. The operator has
    /// the database's credentials, so nothing is left to authorize.
    #[tracing::instrument(skip_all)]
    pub async fn end_all_grants(
        &self,
        operator: &Person,
        reason: &str,
    ) -> Result<Ending, ServiceError> {
        let reason = sentence(reason).ok_or(Refusal::Reason)?;
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let paused = work.pause_access(operator, &reason).await?;
        if paused {
            let entry = NewEntry::done(Some(operator), AuditAction::PauseAccess, "access");
            work.audit(entry.with("reason", &reason));
        }
        work.commit().await?;
        // Who holds a grant's lock now either sees the pause, or has written the session that is ended here.
        let mut ended = 0;
        for id in self.grants.active_grants().await? {
            let mut work = self.transactions.begin(self.clock.now()).await?;
            let Some(stored) = work.lock_grant(id).await? else { continue };
            let mut grant = stored.at(work.now);
            if grant.state.word() != GrantStateName::Active {
                continue;
            }
            grant.end(EndReason::Revoked, work.now)?;
            work.save_grant(&grant).await?;
            let ends_sessions = work.ask_denial(&grant).await?;
            work.audit(
                NewEntry::done(Some(operator), AuditAction::Revoke, id)
                    .with("live-sessions", ends_sessions)
                    .with("reason", &reason),
            );
            let notice = NoticeKind::Revoked.write(&grant, Some(&operator.name));
            work.notify(Some(&grant.terms.requester.subject), &notice).await?;
            work.commit().await?;
            ended += 1;
        }
        tracing::warn!(
            grant.count = ended,
            "all access is paused, and every active grant is revoked"
        );
        Ok(Ending { paused, grants: ended })
    }

    /// Has AWS deny every session of the access role that was issued before now, in every account: also those that this
    /// database does not know, because it was restored or because somebody else had the hub's role. Returns the sessions
    /// that will show when AWS does, by account; an account without one cannot be reached.
    #[tracing::instrument(skip_all)]
    pub async fn cut_off_accounts(
        &self,
        operator: &Person,
        reason: &str,
    ) -> Result<BTreeMap<AccountId, claviger_gateways::IssuedSession>, ServiceError> {
        let accounts = self.grants.accounts_with_access().await?;
        // Before the cutoff, so that it covers them.
        let probes: Vec<(AccountId, Result<_, JobFailure>)> = stream::iter(accounts)
            .map(|account| async move {
                let probe = self.access_gateway.issue_probe(&account).await;
                (account, probe.map_err(JobFailure::Aws))
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut found = BTreeMap::new();
        for (account, probe) in probes {
            let mut work = self.transactions.begin(self.clock.now()).await?;
            work.cut_off(&AccessCutoff {
                account: account.clone(),
                issued_before: whole_second(work.now) + ROUNDING,
                needed_until: work.now + LONGEST_SESSION,
            })
            .await?;
            work.audit(
                NewEntry::done(Some(operator), AuditAction::EndAllSessions, &account)
                    .with("reason", reason),
            );
            match probe {
                Ok(probe) => {
                    found.insert(account, probe);
                }
                Err(failure) => work.cutoff_failed(&account, failure.for_people()).await?,
            }
            work.commit().await?;
        }
        Ok(found)
    }

    /// One round of asking AWS about everything that is not confirmed. Failures are stored with what they are about.
    #[tracing::instrument(skip_all)]
    pub async fn confirm(
        &self,
        probes: &BTreeMap<AccountId, claviger_gateways::IssuedSession>,
        region: &Region,
    ) -> Result<Vec<EndedSessions>, ServiceError> {
        let open = self.ended_sessions().await?;
        let open = open.into_iter().filter(|ended| ended.confirmed_at.is_none());
        stream::iter(open)
            .for_each_concurrent(AT_ONCE, |ended| async move {
                let done = match ended.grant {
                    Some(grant) => self.revocation_service.end_sessions(grant).await,
                    None => self.confirm_cutoff(&ended, probes.get(&ended.account), region).await,
                };
                if let Err(error) = done {
                    tracing::warn!(aws.account = %ended.account, error = %ErrorLine(&error), "AWS has not confirmed the end of sessions");
                }
            })
            .await;
        self.ended_sessions().await
    }

    /// The sessions that AWS denies or is to deny.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn ended_sessions(&self) -> Result<Vec<EndedSessions>, ServiceError> {
        Ok(self.grants.ended_sessions(self.clock.now()).await?)
    }

    /// Puts the statement, and watches a session from before the cutoff until AWS denies it.
    async fn confirm_cutoff(
        &self,
        ended: &EndedSessions,
        probe: Option<&claviger_gateways::IssuedSession>,
        region: &Region,
    ) -> Result<(), JobFailure> {
        let account = &ended.account;
        if let Err(error) = self.revocation_service.settle_denials(account).await {
            self.cutoff_fault(account, error.for_people()).await?;
            return Err(error);
        }
        // From an earlier run, or from an account that could not be reached: nothing shows what AWS does with old sessions.
        let Some(probe) = probe else {
            self.cutoff_fault(
                account,
                "the statement is in place; no older session is at hand to ask AWS with",
            )
            .await?;
            return Err(JobFailure::StillLive);
        };
        let began = Instant::now();
        while began.elapsed() < WATCH {
            match self.access_gateway.is_probe_refused(probe, region).await {
                Ok(true) => {
                    let mut work = self.transactions.begin(self.clock.now()).await?;
                    if work.cutoff_confirmed(account).await? {
                        let took = (work.now - ended.asked_at).as_seconds_f32().max(0.0);
                        work.audit(
                            NewEntry::done(None, AuditAction::ConfirmDenial, account)
                                .with("seconds", format!("{took:.1}")),
                        );
                    }
                    work.commit().await?;
                    return Ok(());
                }
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(aws.account = %account, error = %ErrorLine(&error), "the test session of a cutoff failed");
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
        self.cutoff_fault(account, JobFailure::StillLive.for_people()).await?;
        Err(JobFailure::StillLive)
    }

    async fn cutoff_fault(&self, account: &AccountId, why: &str) -> Result<(), JobFailure> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        work.cutoff_failed(account, why).await?;
        work.commit().await?;
        Ok(())
    }

    /// Lets people start access and get sessions again. Grants that were revoked stay revoked.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn resume_access(&self, caller: &Caller) -> Result<(), ServiceError> {
        if !caller.may_everywhere(Permission::PauseAccess) {
            return Err(ServiceError::Forbidden(Permission::PauseAccess));
        }
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            if !work.resume_access().await? {
                return Err(ServiceError::conflict("Access is not paused.", "No action needed."));
            }
            work.audit(NewEntry::done(Some(&person), AuditAction::ResumeAccess, "access"));
            work.commit().await?;
            tracing::warn!(person.id = %person.subject, "access is resumed");
            Ok(())
        })
        .await
    }
}

fn whole_second(at: OffsetDateTime) -> OffsetDateTime {
    at - Duration::nanoseconds(at.nanosecond().into())
}
