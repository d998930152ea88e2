//! One's own notifications, each with what the thing that it tells of still waits for.

use crate::{
    Authority, ExceptionService, GrantReader, GrantService, RemediationService, ServiceError,
    grants::{queries::WaitFor, reader::may_see},
};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    exceptions::ExceptionId,
    grants::{
        GrantId,
        view::{Inbox, InboxRow},
    },
    notifications::topic::{InboxQuery, NoticeTopic},
    remediation::PlanId,
    waits::Waits,
};
use claviger_store::{
    ExceptionRepository, GrantRepository, NotificationRepository, PlanRepository,
};
use std::{collections::BTreeMap, sync::Arc};

/// What a notification's link leads to, by number.
fn number(row: &InboxRow) -> &str {
    row.link.rsplit('/').next().unwrap_or_default()
}

/// The numbers of one kind, each once.
fn numbers<T: std::str::FromStr + Ord>(rows: &[InboxRow]) -> Vec<T> {
    let mut found: Vec<T> = rows.iter().filter_map(|row| number(row).parse().ok()).collect();
    found.sort();
    found.dedup();
    found
}

/// A person's inbox.
#[derive(Clone)]
pub struct InboxService {
    pub(crate) exceptions: ExceptionRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) notifications: NotificationRepository,
    pub(crate) plans: PlanRepository,
    pub(crate) exception_service: ExceptionService,
    pub(crate) grant_reader: GrantReader,
    pub(crate) grant_service: GrantService,
    pub(crate) remediation_service: RemediationService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

impl InboxService {
    /// One's own notifications, as the URL asks for them. Reading marks none as read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn inbox(&self, caller: &Caller, url_query: &str) -> Result<Inbox, ServiceError> {
        let query: InboxQuery = url_query.parse()?;
        let kinds = query.topic.map(NoticeTopic::kinds).unwrap_or_default();
        let subject = &caller.person.subject;
        let mut rows = self.notifications.inbox(subject, query.only_unread, &kinds).await?;
        let waits = self.waits_behind(caller, &rows).await?;
        for row in &mut rows {
            row.waits = waits.get(number(row)).cloned();
        }
        let unread = self.notifications.unread(subject).await?;
        Ok(Inbox { query, rows, unread, as_of: self.clock.now() })
    }

    /// What the grants, exceptions and plans behind these notifications wait for, by number. What the caller may no longer
    /// see is left out. Each kind is read once, however many rows there are.
    async fn waits_behind(
        &self,
        caller: &Caller,
        rows: &[InboxRow],
    ) -> Result<BTreeMap<String, Waits>, ServiceError> {
        let mut waits = BTreeMap::new();
        let grants: Vec<GrantId> = numbers(rows);
        if !grants.is_empty() {
            let mut found = self.grants.grants(&grants).await?;
            let locations =
                self.grant_reader.locations(found.iter().map(|named| &named.grant.account)).await?;
            found.retain(|named| {
                let location = locations.get(&named.grant.account);
                location.is_some_and(|location| may_see(caller, &named.grant, location))
            });
            let of =
                self.grant_service.waits_of(&found, WaitFor::Anything, self.clock.now()).await?;
            waits.extend(of.into_iter().map(|(id, waits)| (id.to_string(), waits)));
        }
        let (exceptions, plans): (Vec<ExceptionId>, Vec<PlanId>) = (numbers(rows), numbers(rows));
        if exceptions.is_empty() && plans.is_empty() {
            return Ok(waits);
        }
        let visible = self.authority.where_allowed(caller, Permission::ReadFindings).await?;
        if !exceptions.is_empty() {
            let mut found = self.exceptions.exceptions_among(&visible, &exceptions).await?;
            self.exception_service.name_approvers(&mut found).await?;
            let found = found.into_iter().filter_map(|row| Some((row.id.to_string(), row.waits?)));
            waits.extend(found);
        }
        if !plans.is_empty() {
            let found = self.plans.waiting_plans(&visible, &plans).await?;
            let found = self.remediation_service.with_waits(found).await?;
            let found = found.into_iter().filter_map(|row| Some((row.id.to_string(), row.waits?)));
            waits.extend(found);
        }
        Ok(waits)
    }

    /// Marks everything up to this notification as read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn mark_read(&self, caller: &Caller, up_to: i64) -> Result<(), ServiceError> {
        Ok(self.notifications.mark_read(&caller.person.subject, up_to, self.clock.now()).await?)
    }
}
