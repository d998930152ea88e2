//! The report itself: one transaction that ends all access, plans the rotation, and tells who has to know.

use super::{Target, approves, ended, is_open};
use crate::{
    LeakService, ServiceError,
    notifications::batch::NotificationBatch,
    remediation::{PlanOrigin, PlanToWrite},
    uncancelled::uncancelled,
};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Person},
    grants::{EndReason, Grant, Refusal, sentence},
    leaks::{EndedGrant, LeakId, NoPlan},
    notifications::notice::{Notice, NoticeKind, full_stop},
    remediation::PlanId,
};
use claviger_store::{NewLeak, UnitOfWork};

/// A grant that has ended, as the report keeps it.
type Over = (EndedGrant, Grant);

impl LeakService {
    /// Ends every grant on the value at once, sessions included, plans its rotation, and keeps who is known to have read it.
    /// Running it again where nothing is left to end is refused.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn report(
        &self,
        caller: &Caller,
        id: &str,
        reason: &str,
    ) -> Result<LeakId, ServiceError> {
        let reason = sentence(reason).ok_or(Refusal::Reason)?;
        let id = id.to_owned();
        uncancelled(self, caller, move |service, caller| async move {
            let target = service.target(&caller, &id).await?;
            let reads = service.reads(&target).await?;
            let rotation = service.rotation(&caller, &target).await?;
            let batch = service.people_service.notification_batch().await?;
            let ids = target.ids();
            let before = service.leaks.newest_leak(&ids).await?.map(|(id, _)| id);
            let earlier = service.open_leak(&ids).await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            work.lock_value(&ids).await?;
            // Somebody else's report of this moment has done all of it.
            if let Some(newest) = work.last_leak(&ids).await?.filter(|id| Some(*id) != before) {
                return Err(already(newest));
            }
            let over = end_all(&mut work, &target).await?;
            if let Some(earlier) = earlier.filter(|_| over.is_empty() && rotation.is_err()) {
                return Err(already(earlier));
            }
            let plan = match rotation {
                Err(why) => Err(why),
                Ok(calls) => {
                    let title = format!("Rotate now: {} (leaked)", target.shown.facts.name);
                    let plan = PlanToWrite {
                        title: &title,
                        reason: &reason,
                        author: Some(&caller.person),
                        needs_approval: true,
                        calls: &calls,
                    };
                    Ok(plan.insert(&mut work, PlanOrigin::Action("rotate-now")).await?)
                }
            };
            let ended: Vec<EndedGrant> = over.iter().map(|(ended, _)| ended.clone()).collect();
            let new = NewLeak {
                resource: target.shown.id,
                account: &target.shown.account_id,
                reason: &reason,
                reporter: &caller.person,
                ended: &ended,
                plan: &plan,
                reads: &reads,
            };
            let id = work.insert_leak(&new).await?;
            let report = Report {
                id,
                target: &target,
                reporter: &caller.person,
                reason: &reason,
                plan: &plan,
            };
            report.audit(&mut work, &over);
            report.notices(batch, &over).send(&mut work).await?;
            work.commit().await?;
            tracing::warn!(
                leak.id = %id, resource.id = %target.shown.id, grant.count = ended.len(), leak.has_plan = plan.is_ok(),
                "a secret was reported as leaked"
            );
            Ok(id)
        })
        .await
    }
}

/// Ends every grant on the value that is not over. What others have ended meanwhile is left out.
async fn end_all(work: &mut UnitOfWork, target: &Target) -> Result<Vec<Over>, ServiceError> {
    let (ids, mut over) = (target.ids(), Vec::new());
    // By their number: two reports that share grants wait for each other, and do not block each other.
    for grant in &target.open {
        let Some(stored) = work.lock_grant(grant.id).await? else { continue };
        let mut grant = stored.at(work.now);
        if !is_open(grant.state.word()) {
            continue;
        }
        let before = grant.clone();
        grant.end(EndReason::Revoked, work.now)?;
        work.save_grant(&grant).await?;
        let ends_sessions = work.ask_denial(&grant).await?;
        over.push((ended(&before, ends_sessions, &ids), grant));
    }
    Ok(over)
}

/// A report that has been written, and what follows from it.
struct Report<'a> {
    id: LeakId,
    target: &'a Target,
    reporter: &'a Person,
    reason: &'a str,
    plan: &'a Result<PlanId, NoPlan>,
}

impl Report<'_> {
    fn audit(&self, work: &mut UnitOfWork, over: &[Over]) {
        let grants: Vec<String> = over.iter().map(|(one, _)| one.grant.to_string()).collect();
        for (one, _) in over {
            work.audit(
                NewEntry::done(Some(self.reporter), AuditAction::Revoke, one.grant)
                    .with("live-sessions", one.ends_sessions)
                    .with("reason", self.reason)
                    .with("leak", self.id),
            );
        }
        let no_plan = match self.plan {
            Ok(_) => None,
            Err(NoPlan::NotAllowed) => Some("the reporter may not change it"),
            Err(NoPlan::NoRotation { reason }) => Some(reason.as_str()),
        };
        work.audit(
            NewEntry::done(Some(self.reporter), AuditAction::ReportLeak, self.id)
                .with("resource", &self.target.shown.facts.arn)
                .with("reason", self.reason)
                .with("grants", grants.join(" "))
                .with_some("plan", self.plan.as_ref().ok())
                .with_some("no-plan", no_plan),
        );
    }

    /// The message to who held access says why it ended, and that to the approvers that the plan is urgent.
    fn notices(&self, mut batch: NotificationBatch, over: &[Over]) -> NotificationBatch {
        let (name, by) = (&self.target.shown.facts.name, &self.reporter.name);
        for (one, grant) in over {
            let mut notice = NoticeKind::Revoked.write(grant, Some(by));
            notice.body = format!("{} {name} was reported as leaked.", notice.body);
            if one.ends_sessions {
                notice.body.push_str(" Claviger asks AWS to deny its sessions.");
            }
            batch.person(&grant.terms.requester.subject, notice);
        }
        let ended = match over.len() {
            0 => "No grant was open.".to_owned(),
            1 => "1 grant has ended.".to_owned(),
            count => format!("{count} grants have ended."),
        };
        let next = match self.plan {
            Ok(_) => "Its rotation needs an approval.",
            Err(_) => "No rotation is planned: it needs a new value.",
        };
        let report = Notice {
            kind: "leak-reported".into(),
            grant: None,
            title: format!("Leaked: {name}"),
            body: format!("{by} reports: {} {ended} {next}", full_stop(self.reason)),
            link: format!("/leaks/{}", self.id),
        };
        let urgent = match self.plan {
            Ok(plan) => Notice {
                kind: "plan-waits".into(),
                grant: None,
                title: format!("Urgent: {name} has leaked, approve its rotation"),
                body: format!(
                    "{by} reports: {} {ended} Needs your approval.",
                    full_stop(self.reason)
                ),
                link: format!("/remediation/{plan}"),
            },
            Err(_) => report.clone(),
        };
        let location = &self.target.location;
        batch.notify_where(&urgent, |person| {
            approves(person, location) && !person.person.is_same_as(self.reporter)
        });
        batch.channel(report);
        batch
    }
}

fn already(earlier: LeakId) -> ServiceError {
    ServiceError::conflict(
        format!("It was reported as leaked already, in {earlier}."),
        "Open that report: nothing is left to end, and its value has not changed since.",
    )
}
