//! Findings that are snoozed or assigned to people, and how their authors undo that.

use crate::{Authority, PeopleService, ServiceError, uncancelled::uncancelled};
use claviger_domain::{
    audit::{AuditAction, NewEntry},
    authz::{Caller, Permission, Person, VisibleAccounts},
    clock::Clock,
    compliance::{
        FindingQuery,
        triage::{
            FindingRef, LONGEST_SNOOZE_DAYS, MAX_TRIAGED, TicketUrl, Triage, TriageAction,
            TriageChange, snooze_days,
        },
        view::TriageForm,
    },
    notifications::notice::Notice,
};
use claviger_store::{FindingRefs, FindingRepository, NewTriage, Transactions, TriageRepository};
use std::sync::Arc;
use time::{Date, Duration};
use uuid::Uuid;

/// How long a change can be undone.
const UNDO: Duration = Duration::HOUR;
/// People that a form offers.
const MAX_PEOPLE: usize = 500;

/// Snoozes and assigns findings. What a list matches is looked up when it is sent, within the caller's scope.
#[derive(Clone)]
pub struct TriageService {
    pub(crate) findings: FindingRepository,
    pub(crate) triage: TriageRepository,
    pub(crate) transactions: Transactions,
    pub(crate) people_service: PeopleService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl TriageService {
    /// The form about the findings of a list. Nothing is written.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn triage_form(&self, caller: &Caller, of: &str) -> Result<TriageForm, ServiceError> {
        let visible = self.authority.within(caller, Permission::TriageFindings).await?;
        let findings = self.found(caller, &visible, of).await?;
        let now = self.clock.now();
        let triage = match findings.as_slice() {
            [one] => {
                let refs = [(one.resource, one.policy.clone())];
                let rows = self.findings.read_findings(&visible, &refs, now).await?;
                rows.into_iter().next().map(|row| row.triage).unwrap_or_default()
            }
            _ => Triage::default(),
        };
        let known = self.people_service.known_callers().await?;
        let people = known.iter().filter(|one| one.may(Permission::ReadFindings)).take(MAX_PEOPLE);
        Ok(TriageForm {
            of: of.parse::<FindingQuery>()?.after(None).to_url_query(),
            findings: u64::try_from(findings.len()).unwrap_or(0),
            triage,
            people: people
                .map(|one| (one.person.subject.clone(), one.person.name.clone()))
                .collect(),
            me: caller.person.subject.clone(),
            days: snooze_days(now),
        })
    }

    /// Takes findings off the list until a day; with an empty text they come back now.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn snooze_findings(
        &self,
        caller: &Caller,
        of: &str,
        until: &str,
    ) -> Result<Uuid, ServiceError> {
        let visible = self.authority.within(caller, Permission::TriageFindings).await?;
        let until = self.snooze_day(until)?;
        let findings = self.found(caller, &visible, of).await?;
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let until = until.map(|day| day.midnight().assume_utc());
            let id = work.triage(&findings, &NewTriage::Snooze(until), &person).await?;
            let entry = entry(&person, AuditAction::SnoozeFindings, &findings, id)
                .with("until", until.map_or_else(|| "now".to_owned(), |at| at.date().to_string()));
            work.audit(entry);
            work.commit().await?;
            Ok(id)
        })
        .await
    }

    /// Assigns findings to a person by their subject (`me` is the caller, nothing is nobody), under a ticket.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn assign_findings(
        &self,
        caller: &Caller,
        of: &str,
        assignee: &str,
        ticket: &str,
    ) -> Result<Uuid, ServiceError> {
        let visible = self.authority.within(caller, Permission::TriageFindings).await?;
        let assignee = self.assignee(caller, assignee.trim()).await?;
        let ticket: Option<TicketUrl> = match ticket.trim() {
            "" => None,
            text => Some(text.parse().map_err(ServiceError::Invalid)?),
        };
        let findings = self.found(caller, &visible, of).await?;
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let mut batch = service.people_service.notification_batch().await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let new = NewTriage::Assign(assignee.as_ref(), ticket.as_ref());
            let id = work.triage(&findings, &new, &person).await?;
            let entry = entry(&person, AuditAction::AssignFindings, &findings, id)
                .with("assignee", assignee.as_ref().map_or("nobody", |one| one.subject.as_str()))
                .with_some("ticket", ticket.as_ref());
            work.audit(entry);
            if let Some(assignee) = assignee.filter(|one| !one.is_same_as(&person)) {
                let count = findings.len();
                let what =
                    if count == 1 { "a finding".into() } else { format!("{count} findings") };
                let notice = Notice {
                    kind: "findings-assigned".into(),
                    grant: None,
                    title: format!("{} assigned {what} to you", person.name),
                    body: ticket.map(|ticket| ticket.to_string()).unwrap_or_default(),
                    link: "/findings?assignee=me".into(),
                };
                batch.person(&assignee.subject, notice);
            }
            batch.send(&mut work).await?;
            work.commit().await?;
            Ok(id)
        })
        .await
    }

    /// A change that the caller made lately and can undo, if there is any of it left.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn last_change(
        &self,
        caller: &Caller,
        change: &str,
    ) -> Result<Option<TriageChange>, ServiceError> {
        let Ok(id) = Uuid::parse_str(change) else { return Ok(None) };
        if !caller.may(Permission::TriageFindings) {
            return Ok(None);
        }
        let visible = self.authority.within(caller, Permission::TriageFindings).await?;
        Ok(self.triage.change(&visible, id, &caller.person, self.clock.now() - UNDO).await?)
    }

    /// Gives findings back what they had before the caller's change. What was changed again since stays.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn undo_triage(&self, caller: &Caller, change: &str) -> Result<(), ServiceError> {
        let visible = self.authority.within(caller, Permission::TriageFindings).await?;
        let over = || {
            ServiceError::conflict(
                "This change can't be undone any more.",
                "Open the findings and change them again.",
            )
        };
        let id = Uuid::parse_str(change).map_err(|_| over())?;
        uncancelled(self, caller, move |service, Caller { person, .. }| async move {
            let now = service.clock.now();
            let mut work = service.transactions.begin(now).await?;
            let undone = work.undo_triage(&visible, id, &person, now - UNDO).await?;
            let Some((_, action)) = undone.first() else { return Err(over()) };
            let of = match action {
                TriageAction::Snooze => AuditAction::SnoozeFindings,
                TriageAction::Assign => AuditAction::AssignFindings,
            };
            work.audit(
                NewEntry::done(Some(&person), AuditAction::UndoTriage, format!("change {id}"))
                    .with("of", of)
                    .with("findings", undone.len()),
            );
            work.commit().await?;
            Ok(())
        })
        .await
    }

    /// The findings of a list that are open, within the scope.
    async fn found(
        &self,
        caller: &Caller,
        visible: &VisibleAccounts,
        of: &str,
    ) -> Result<Vec<FindingRef>, ServiceError> {
        let query = of.parse::<FindingQuery>()?.asked_by(&caller.person.subject).actionable();
        let now = self.clock.now();
        let found = match query {
            Some(query) => self.findings.next_findings(visible, &query, MAX_TRIAGED, now).await?,
            None => FindingRefs::default(),
        };
        if found.next.is_some() {
            return Err(ServiceError::conflict(
                format!("At most {MAX_TRIAGED} findings can be changed at once."),
                "Add a filter.",
            ));
        }
        if found.refs.is_empty() {
            return Err(ServiceError::conflict(
                "No open finding matches.",
                "It may have been resolved. Go back to the findings.",
            ));
        }
        let each = found.refs.into_iter();
        Ok(each.map(|(resource, policy)| FindingRef { resource, policy }).collect())
    }

    /// The day on which findings come back; `None` where that is now.
    fn snooze_day(&self, until: &str) -> Result<Option<Date>, ServiceError> {
        if until.trim().is_empty() {
            return Ok(None);
        }
        let day =
            Date::parse(until.trim(), time::macros::format_description!("[year]-[month]-[day]"))
                .map_err(|_| ServiceError::Invalid("a day, such as 2027-01-31"))?;
        let days = (day - self.clock.now().date()).whole_days();
        if days < 1 {
            return Err(ServiceError::Invalid("a day after today"));
        }
        if days > LONGEST_SNOOZE_DAYS {
            return Err(ServiceError::conflict(
                format!("A finding can be snoozed for at most {LONGEST_SNOOZE_DAYS} days."),
                "Choose an earlier day, or request an exception.",
            ));
        }
        Ok(Some(day))
    }

    /// Who is to work on it: somebody who can read findings.
    async fn assignee(
        &self,
        caller: &Caller,
        subject: &str,
    ) -> Result<Option<Person>, ServiceError> {
        match subject {
            "" => Ok(None),
            "me" => Ok(Some(caller.person.clone())),
            subject if subject == caller.person.subject => Ok(Some(caller.person.clone())),
            subject => {
                let known = self.people_service.known_callers().await?;
                let found = known
                    .iter()
                    .find(|one| one.person.subject == subject && one.may(Permission::ReadFindings));
                let found =
                    found.ok_or(ServiceError::Invalid("a person who has signed in to Claviger"))?;
                Ok(Some(found.person.clone()))
            }
        }
    }
}

/// The audit entry of a change. Many findings are named by their number and the change's id, which the table has.
fn entry(person: &Person, action: AuditAction, findings: &[FindingRef], id: Uuid) -> NewEntry {
    let subject = match findings {
        [one] => format!("finding {one}"),
        _ => format!("{} findings", findings.len()),
    };
    let named: Vec<String> = findings.iter().take(NAMED).map(ToString::to_string).collect();
    NewEntry::done(Some(person), action, subject)
        .with("change", id)
        .with("findings", findings.len())
        .with("such_as", named.join(" "))
}

/// Findings that an audit entry names.
const NAMED: usize = 20;
