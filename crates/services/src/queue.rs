//! The work queue: what one person can decide or must do, of every kind. Each kind is read once, however many items it has.

use crate::{
    Authority, CreationService, ExceptionService, GrantService, ProgressService,
    RemediationService, ServiceError, compliance::unfinished::unfinished_scan_of,
    grants::queries::WaitFor,
};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::Clock,
    compliance::{FindingQuery, FindingState, Severity},
    grants::{GrantState, view::GrantRow},
    queue::{QueueItem, QueueKey, QueueKind, QueueQuery, QueueSection, WorkQueue},
};
use claviger_policy::AccessPolicy;
use claviger_store::{
    FindingCounts, FindingRepository, GrantRepository, NamedGrant, ScanRepository, StoreError,
};
use std::{collections::BTreeMap, sync::Arc};
use time::{Duration, OffsetDateTime};

/// Items of each kind among those of other kinds.
const FEW: usize = 10;
/// Items of a kind that the list is filtered by.
const MANY: usize = 100;
/// Access that ends within this time is in its holder's queue.
const ENDS_SOON: Duration = Duration::minutes(15);

/// What one person can decide or must do.
#[derive(Clone)]
pub struct QueueService {
    pub(crate) findings: FindingRepository,
    pub(crate) grants: GrantRepository,
    pub(crate) scans: ScanRepository,
    pub(crate) creation_service: CreationService,
    pub(crate) exception_service: ExceptionService,
    pub(crate) grant_service: GrantService,
    pub(crate) progress_service: ProgressService,
    pub(crate) remediation_service: RemediationService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    /// Knows which group is the team of an owner.
    pub(crate) access_policy: Arc<AccessPolicy>,
}

impl QueueService {
    /// The queue as the URL asks for it. Open to everybody who is signed in: each kind has only what this person may act
    /// on or holds.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn queue(&self, caller: &Caller, url_query: &str) -> Result<WorkQueue, ServiceError> {
        let query: QueueQuery = url_query.parse()?;
        let now = self.clock.now();
        let (access, plans, exceptions, creations, reviews, mine, finding, account) = tokio::try_join!(
            self.grant_service.to_decide(caller, now),
            self.remediation_service.to_decide(caller),
            self.exception_service.to_decide(caller),
            self.creation_service.to_decide(caller),
            self.grant_service.to_review(caller),
            self.mine(caller, now),
            self.overdue(caller, now),
            self.unreachable(caller, now),
        )?;
        let mut shown = Shown { query, sections: Vec::new(), counts: Vec::new(), to_decide: 0 };
        let mut access = shown.cut(QueueKind::Access, access);
        let plans = shown.cut(QueueKind::Plan, plans);
        let exceptions = shown.cut(QueueKind::Exception, exceptions);
        let creations = shown.cut(QueueKind::Creation, creations);
        let mut reviews = shown.cut(QueueKind::Review, reviews);
        let mut mine = shown.cut(QueueKind::Mine, mine);
        // People and places are read once for all grants.
        let grants = access.iter().chain(&reviews).chain(&mine);
        let waits = self.grant_service.waits_of(grants, WaitFor::Anything, now).await?;
        let (plans, exceptions) = tokio::try_join!(
            self.remediation_service.with_waits(plans),
            self.exception_service.described(exceptions),
        )?;
        let rows = |named: &mut Vec<NamedGrant>, item: fn(Box<GrantRow>) -> QueueItem| {
            named.drain(..).map(|named| item(Box::new(waits.row(named, now)))).collect()
        };
        shown.fill(QueueKind::Access, rows(&mut access, QueueItem::Access));
        let items = plans.into_iter().map(|row| QueueItem::Plan(Box::new(row)));
        shown.fill(QueueKind::Plan, items.collect());
        let items = exceptions.into_iter().map(|row| QueueItem::Exception(Box::new(row)));
        shown.fill(QueueKind::Exception, items.collect());
        let items = creations.into_iter().map(|one| QueueItem::Creation(Box::new(one.row)));
        shown.fill(QueueKind::Creation, items.collect());
        shown.fill(QueueKind::Review, rows(&mut reviews, QueueItem::Review));
        shown.fill(QueueKind::Mine, rows(&mut mine, QueueItem::Mine));
        shown.add(finding);
        shown.add(account);
        let oldest = shown.sections.iter().flat_map(|section| &section.items);
        Ok(WorkQueue {
            query,
            oldest: oldest.filter_map(QueueItem::waits_since).min(),
            sections: shown.sections,
            counts: shown.counts,
            to_decide: shown.to_decide,
            may_request: caller.may(Permission::RequestAccess),
            may_read_findings: caller.may(Permission::ReadFindings),
            may_read_inventory: caller.may(Permission::ReadInventory),
            as_of: now,
        })
    }

    /// What to open after this item was decided: the next one of the list.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn next(
        &self,
        caller: &Caller,
        decided: QueueKey,
        query: QueueQuery,
    ) -> Result<Option<QueueKey>, ServiceError> {
        let mut undecided = Vec::new();
        if query.takes(QueueKind::Access) {
            let found = self.grant_service.to_decide(caller, self.clock.now()).await?;
            undecided.extend(found.iter().map(|named| QueueKey::Access(named.grant.id)));
        }
        if query.takes(QueueKind::Plan) {
            let found = self.remediation_service.to_decide(caller).await?;
            undecided.extend(found.iter().map(|plan| QueueKey::Plan(plan.row.id)));
        }
        if query.takes(QueueKind::Exception) {
            let found = self.exception_service.to_decide(caller).await?;
            undecided.extend(found.iter().map(|row| QueueKey::Exception(row.id)));
        }
        if query.takes(QueueKind::Review) {
            let found = self.grant_service.to_review(caller).await?;
            undecided.extend(found.iter().map(|named| QueueKey::Review(named.grant.id)));
        }
        Ok(decided.next_of(undecided))
    }

    /// How many items the person can decide, for the badge of the navigation. `requests` are counted already, and so is
    /// whether any break-glass access within their scope needs a review.
    pub(crate) async fn count(
        &self,
        caller: &Caller,
        requests: u32,
        needs_review: bool,
    ) -> Result<u32, ServiceError> {
        let reviews = async {
            if needs_review { self.grant_service.to_review(caller).await } else { Ok(Vec::new()) }
        };
        let (plans, exceptions, creations, reviews) = tokio::try_join!(
            self.remediation_service.to_decide(caller),
            self.exception_service.to_decide(caller),
            self.creation_service.to_decide(caller),
            reviews
        )?;
        let others = plans.len() + exceptions.len() + creations.len() + reviews.len();
        Ok(requests.saturating_add(u32::try_from(others).unwrap_or(u32::MAX)))
    }

    /// The person's own grants that wait, can start, or end soon; the most urgent first.
    async fn mine(
        &self,
        caller: &Caller,
        now: OffsetDateTime,
    ) -> Result<Vec<NamedGrant>, ServiceError> {
        let mut open: Vec<(u8, OffsetDateTime, NamedGrant)> = Vec::new();
        for named in self.grants.open_grants_of(&caller.person.subject).await? {
            let (urgency, at) = match named.grant.state.clone().at(now) {
                GrantState::Active { until, .. } if until - now <= ENDS_SOON => (0, until),
                GrantState::Claimable { claim_until } => (1, claim_until),
                GrantState::Approved { starts_at, .. } => (2, starts_at),
                GrantState::Requested { expires_at } => (3, expires_at),
                _ => continue,
            };
            open.push((urgency, at, named));
        }
        open.sort_by_key(|(urgency, at, _)| (*urgency, *at));
        Ok(open.into_iter().map(|(_, _, named)| named).collect())
    }

    /// Overdue findings of the person's teams, within what they may see.
    async fn overdue(
        &self,
        caller: &Caller,
        now: OffsetDateTime,
    ) -> Result<Option<QueueSection>, ServiceError> {
        if !caller.may(Permission::ReadFindings) {
            return Ok(None);
        }
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let overdue =
            FindingQuery { states: vec![FindingState::Overdue], ..FindingQuery::default() };
        let counted = async |query: &FindingQuery| -> Result<Option<FindingCounts>, ServiceError> {
            match self.findings.list_findings(&visible, query, 0, now).await {
                Ok(found) => Ok(Some(found.counts)),
                // The inventory's own page says so.
                Err(StoreError::InventoryLimit(_)) => Ok(None),
                Err(error) => Err(error.into()),
            }
        };
        let Some(counts) = counted(&overdue).await? else { return Ok(None) };
        let is_own = |team: &String| caller.groups.contains(&self.access_policy.team_of(team));
        let teams: BTreeMap<String, u64> = counts
            .by_team
            .into_iter()
            .filter(|(team, count)| *count > 0 && team != "-" && is_own(team))
            .collect();
        if teams.is_empty() {
            return Ok(None);
        }
        let incomplete = self.progress_service.unfinished_evaluation(&visible).await?;
        if incomplete.is_some() {
            return Ok(Some(section(QueueKind::Finding, 0, Vec::new(), Vec::new(), incomplete)));
        }
        let own = FindingQuery { teams: teams.keys().cloned().collect(), ..overdue };
        let severities: Vec<(Severity, u64)> = counted(&own)
            .await?
            .map(|counts| counts.by_severity.into_iter().collect())
            .unwrap_or_default();
        let total = teams.values().sum();
        let items =
            teams.into_iter().map(|(team, count)| QueueItem::Finding { team, count }).collect();
        Ok(Some(section(QueueKind::Finding, total, items, severities, None)))
    }

    /// Accounts that the last scan could not read, for those who can start one.
    async fn unreachable(
        &self,
        caller: &Caller,
        now: OffsetDateTime,
    ) -> Result<Option<QueueSection>, ServiceError> {
        if !caller.may(Permission::StartScan) {
            return Ok(None);
        }
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let progress = self.scans.scan_progress(&visible, now).await?;
        let unreachable = u64::from(progress.accounts_failed);
        if unreachable == 0 || unfinished_scan_of(&progress).is_some() {
            return Ok(None);
        }
        let items = vec![QueueItem::Account { unreachable }];
        Ok(Some(section(QueueKind::Account, unreachable, items, Vec::new(), None)))
    }
}

/// What of the queue is shown, as far as it is known.
struct Shown {
    query: QueueQuery,
    sections: Vec<QueueSection>,
    counts: Vec<(QueueKind, u64)>,
    to_decide: u64,
}

impl Shown {
    /// Counts the items of a kind and begins its section, and keeps those that are shown.
    fn cut<T>(&mut self, kind: QueueKind, mut found: Vec<T>) -> Vec<T> {
        let total = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let most = match self.query.kind {
            None => FEW,
            Some(wanted) if wanted == kind => MANY,
            Some(_) => 0,
        };
        found.truncate(most);
        if total == 0 {
            return found;
        }
        self.counts.push((kind, total));
        if self.query.takes(kind) {
            self.to_decide += if kind == QueueKind::Mine { 0 } else { total };
            self.sections.push(section(kind, total, Vec::new(), Vec::new(), None));
        }
        found
    }

    /// The items of a section.
    fn fill(&mut self, kind: QueueKind, items: Vec<QueueItem>) {
        if let Some(section) = self.sections.iter_mut().find(|section| section.kind == kind) {
            section.items = items;
        }
    }

    /// A section that is read as a whole.
    fn add(&mut self, found: Option<QueueSection>) {
        let Some(found) = found else { return };
        self.counts.push((found.kind, found.total));
        if self.query.takes(found.kind) {
            self.sections.push(found);
        }
    }
}

fn section(
    kind: QueueKind,
    total: u64,
    items: Vec<QueueItem>,
    severities: Vec<(Severity, u64)>,
    incomplete: Option<String>,
) -> QueueSection {
    QueueSection { kind, total, items, severities, incomplete }
}
