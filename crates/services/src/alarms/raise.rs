//! What an event raises: decided by the inventory, because a rule of EventBridge knows no tags and no pending deletion.

use super::AlarmService;
use crate::ServiceError;
use claviger_domain::{
    alarms::{
        AlarmKind,
        rules::{AlarmSubject, Principal},
    },
    authz::{AccountLocation, Permission, Role},
    aws_event::{AwsEvent, EventContent, EventTarget, ReportedCall, ReportedFinding, ReportedRead},
    facts::Kind,
    ids::{AccountId, Region},
    notifications::notice::{Notice, full_stop},
};
use claviger_store::{NewAlarm, Raised};
use time::OffsetDateTime;
use uuid::Uuid;

/// An alarm that an event raises, before it is known whether it was counted.
struct Found {
    kind: AlarmKind,
    account: AccountId,
    region: Region,
    about: Option<AlarmSubject>,
    named: String,
    resource_kind: Option<Kind>,
    principal: Option<String>,
    detail: Option<String>,
    event: String,
    at: OffsetDateTime,
    /// To be written into the timeline of the resource: what no other event has written.
    call: Option<String>,
}

impl AlarmService {
    /// Raises what an event is an alarm about. An event that arrives again changes nothing.
    #[tracing::instrument(level = "debug", skip_all, fields(event.id = %event.id))]
    pub(crate) async fn raise(&self, event: &AwsEvent) -> Result<(), ServiceError> {
        let found = match &event.what {
            EventContent::Resources { targets, reported: Some(call) } => {
                self.of_call(event, targets, call).await?
            }
            EventContent::Read(read) => self.of_read(event, read).await?,
            EventContent::Finding(finding) => self.of_finding(event, finding).await?,
            EventContent::Test { token: Some(token) } => {
                let token: Option<Uuid> = token.parse().ok();
                if let Some(token) = token {
                    let (account, region) = (&event.account, &event.region);
                    self.alarms.note_alarm_test(account, region, token, self.clock.now()).await?;
                }
                return Ok(());
            }
            _ => return Ok(()),
        };
        for one in found {
            self.write(one).await?;
        }
        Ok(())
    }

    async fn of_call(
        &self,
        event: &AwsEvent,
        targets: &[EventTarget],
        call: &ReportedCall,
    ) -> Result<Vec<Found>, ServiceError> {
        let Some(kind) = AlarmKind::of_call(&call.name) else { return Ok(Vec::new()) };
        let caller = Principal { actor: call.actor.as_deref(), role: None };
        let mut found = Vec::new();
        for target in targets {
            // Somebody else has approved it.
            if kind == AlarmKind::Deletion && self.rules.is_plan(&target.account, caller) {
                continue;
            }
            let about = self.alarms.alarm_subject(target).await?;
            found.push(Found {
                kind,
                account: target.account.clone(),
                region: target.region.clone(),
                about,
                named: target.name.as_str().to_owned(),
                resource_kind: Some(target.kind),
                principal: call.actor.clone(),
                detail: call.error.clone().or_else(|| Some(call.name.clone())),
                event: event.id.clone(),
                at: event.at,
                call: None,
            });
        }
        Ok(found)
    }

    async fn of_read(
        &self,
        event: &AwsEvent,
        read: &ReportedRead,
    ) -> Result<Vec<Found>, ServiceError> {
        let mut subjects = Vec::new();
        for target in &read.targets {
            subjects.extend(self.alarms.alarm_subject(target).await?);
        }
        if let Some(under) = &read.under {
            let (account, region) = (&event.account, &event.region);
            subjects.extend(self.alarms.alarm_subjects_under(account, region, under).await?);
        }
        let call = &read.call;
        let reader = Principal { actor: call.actor.as_deref(), role: read.role.as_deref() };
        let found = subjects.into_iter().filter_map(|about| {
            let kind = self.rules.of_read(&about, reader, call.error.as_deref())?;
            Some(Found {
                kind,
                account: about.account.clone(),
                region: about.region.clone(),
                named: about.name.clone(),
                resource_kind: Some(about.kind),
                about: Some(about),
                principal: call.actor.clone(),
                detail: Some(match &call.error {
                    Some(error) => format!("{} was refused: {error}", call.name),
                    None => call.name.clone(),
                }),
                event: event.id.clone(),
                at: event.at,
                call: Some(call.name.clone()),
            })
        });
        Ok(found.collect())
    }

    async fn of_finding(
        &self,
        event: &AwsEvent,
        finding: &ReportedFinding,
    ) -> Result<Vec<Found>, ServiceError> {
        let about = match &finding.secret {
            Some(secret) => self.alarms.alarm_subject(secret).await?,
            None => None,
        };
        Ok(vec![Found {
            kind: AlarmKind::Finding,
            account: finding.account.clone(),
            region: finding.region.clone(),
            resource_kind: about.as_ref().map(|about| about.kind),
            about,
            named: finding.finding_type.clone(),
            principal: finding.principal.clone(),
            detail: Some(finding.finding_type.clone()),
            event: finding.id.clone(),
            at: event.at,
            call: Some(finding.finding_type.clone()),
        }])
    }

    async fn write(&self, found: Found) -> Result<(), ServiceError> {
        // Of accounts that are not in the inventory nothing is kept.
        let Some(location) = self.location(&found.account).await? else { return Ok(()) };
        let mut batch = self.people_service.notification_batch().await?;
        let now = self.clock.now();
        let mut work = self.transactions.begin(now).await?;
        let raised = work
            .raise_alarm(&NewAlarm {
                kind: found.kind,
                account: &found.account,
                region: &found.region,
                about: found.about.as_ref(),
                named: &found.named,
                resource_kind: found.resource_kind,
                principal: found.principal.as_deref(),
                detail: found.detail.as_deref(),
                event: &found.event,
                // A clock that is fast is not to hide what comes later.
                at: found.at.min(now),
            })
            .await?;
        let id = match raised {
            Raised::Known => return Ok(()),
            Raised::Counted(_) => None,
            Raised::New(id) => Some(id),
        };
        if let (Some(about), Some(call)) = (&found.about, &found.call) {
            let actor = found.principal.as_deref();
            work.note_alarm_call(about, &found.event, call, actor, found.at.min(now)).await?;
        }
        if let Some(id) = id {
            let notice = notice(&found, &location, &format!("/alarms?alarm={id}"));
            let owner = found.about.as_ref().and_then(|about| about.owner.as_deref());
            let team = owner.map(|owner| self.access_policy.team_of(owner));
            batch.notify_where(&notice, |person| {
                let owns = team.as_ref().is_some_and(|team| person.groups.contains(team));
                let is_told = owns && person.may_at(Permission::ReadInventory, &location);
                is_told || person.holds_over(Role::SecurityAdmin, &location)
            });
            batch.channel(notice);
            tracing::info!(alarm.id = %id, aws.account = %found.account, aws.region = %found.region, "an alarm was raised");
        }
        batch.send(&mut work).await?;
        work.commit().await?;
        Ok(())
    }
}

fn notice(found: &Found, location: &AccountLocation, link: &str) -> Notice {
    let what = found.about.as_ref().map(|about| about.name.as_str());
    let what = what.or_else(|| found.resource_kind.map(|_| found.named.as_str()));
    let about = what.map(|name| format!("{name}, ")).unwrap_or_default();
    let by = found.principal.as_ref().map(|who| format!("By {who}. ")).unwrap_or_default();
    // AWS's own messages end with a full stop already.
    let detail = found.detail.as_deref().map(|detail| full_stop(detail) + " ").unwrap_or_default();
    Notice {
        kind: "alarm".into(),
        grant: None,
        title: format!(
            "{}: {about}{} ({})",
            found.kind.label(),
            location.account_name,
            found.region
        ),
        body: format!("{detail}{by}{}", found.kind.needs()),
        link: link.to_owned(),
    }
}
