//! The audit log. Its head is published on a schedule: anyone who keeps what was published can prove later that nothing was
//! cut off.

mod export;
mod ocsf;

pub use export::AuditExport;

use crate::{ServiceError, uncancelled::uncancelled};
use claviger_domain::{
    audit::{
        AuditAction, AuditFormat, AuditQuery, ChainReport, NewEntry, Phase,
        view::{AuditRow, AuditView, ChainState},
    },
    authz::{Caller, Permission},
    clock::Clock,
    notifications::notice::Notice,
};
use claviger_store::{AuditRepository, ChainHead, Transactions};
use std::sync::Arc;
use time::Duration;

/// Entries a page.
const AUDIT_PAGE_ROWS: u16 = 50;

/// The notification's kind; programs hear it, channels of people do not.
pub const AUDIT_HEAD: &str = "audit-head";
/// The kind of the alarm; people hear it as well.
pub const AUDIT_BROKEN: &str = "audit-broken";

/// The audit log: its pages, its chain of hashes, and its head that is published.
#[derive(Clone)]
pub struct AuditService {
    pub(crate) audit: AuditRepository,
    pub(crate) transactions: Transactions,
    pub(crate) clock: Arc<dyn Clock>,
}

impl AuditService {
    /// The newest entry of the audit log, by number and hash.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit_head(&self) -> Result<Option<ChainHead>, ServiceError> {
        Ok(self.audit.chain_head().await?)
    }

    /// Whether the audit log still has this entry, unchanged.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn audit_has(&self, head: &ChainHead) -> Result<bool, ServiceError> {
        let found = self.audit.chain_hashes(&[head.seq]).await?;
        Ok(found.get(&head.seq) == Some(&head.hash))
    }

    /// Puts the head on its way to the event webhook, once for all replicas in each interval.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn announce_head(
        &self,
        head: &ChainHead,
        interval: Duration,
    ) -> Result<(), ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        if !work.claim_head(head, interval).await? {
            return Ok(());
        }
        let notice = Notice {
            kind: AUDIT_HEAD.into(),
            grant: None,
            title: "Audit log head".into(),
            body: format!("seq={} head={}", head.seq, head.hash),
            link: "/audit".into(),
        };
        work.notify(None, &notice).await?;
        work.commit().await?;
        Ok(())
    }

    /// Notes that the head was written where it is kept, such as to a file.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn note_head(&self, head: &ChainHead) -> Result<(), ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        if work.claim_head(head, Duration::ZERO).await? {
            work.commit().await?;
        }
        Ok(())
    }

    /// Tells everybody who listens that an entry which was published is no longer there.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn announce_cut(&self, head: &ChainHead) -> Result<(), ServiceError> {
        let mut work = self.transactions.begin(self.clock.now()).await?;
        let notice = Notice {
            kind: AUDIT_BROKEN.into(),
            grant: None,
            title: "The audit log was changed".into(),
            body: format!(
                "Entry {} with the hash {} was published and is no longer in the audit log. Entries were removed or \
                 rewritten. Run `claviger audit verify --heads` with the published heads.",
                head.seq, head.hash
            ),
            link: "/audit".into(),
        };
        work.notify(None, &notice).await?;
        work.commit().await?;
        Ok(())
    }

    /// The entries that the URL asks for, the newest first; for those who may read all of the log.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn audit(&self, caller: &Caller, url_query: &str) -> Result<AuditView, ServiceError> {
        may_read(caller)?;
        let query: AuditQuery = url_query.parse()?;
        let (page, actors, head) = tokio::try_join!(
            self.audit.audit_page(&query, AUDIT_PAGE_ROWS),
            self.audit.actors(),
            self.audit.chain_head(),
        )?;
        Ok(AuditView {
            query,
            rows: page.rows,
            position: page.position,
            newer: page.newer,
            older: page.older,
            searched: page.searched,
            actors,
            chain: head.map(|head| ChainState { entries: head.seq, head: head.hash }),
            as_of: self.clock.now(),
        })
    }

    /// Begins an export of the entries that the URL asks for. The export itself is an entry, which the file does not
    /// contain.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn export_audit(
        &self,
        caller: &Caller,
        format: AuditFormat,
        url_query: &str,
    ) -> Result<AuditExport, ServiceError> {
        may_read(caller)?;
        let query = url_query.parse::<AuditQuery>()?.first_page();
        uncancelled(self, caller, move |service, caller| async move {
            let head = service.audit.chain_head().await?;
            let mut work = service.transactions.begin(service.clock.now()).await?;
            let filter = query.to_url_query();
            work.audit(
                NewEntry::done(Some(&caller.person), AuditAction::ExportAudit, "audit")
                    .with("format", format)
                    .with_some("filter", Some(filter).filter(|filter| !filter.is_empty())),
            );
            work.commit().await?;
            Ok(AuditExport::new(service, query, format, head))
        })
        .await
    }

    /// Walks the whole chain. For the command line, and for who may read the trail.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn verify_audit(&self, caller: &Caller) -> Result<ChainReport, ServiceError> {
        may_read(caller)?;
        Ok(self.audit.verify_chain().await?)
    }
}

/// Entries are about every account: who may read them in some accounts only reads none.
fn may_read(caller: &Caller) -> Result<(), ServiceError> {
    if caller.may_everywhere(Permission::ReadAudit) {
        Ok(())
    } else {
        Err(ServiceError::Forbidden(Permission::ReadAudit))
    }
}

/// How it ended, in the words of the filter.
fn outcome(row: &AuditRow) -> &'static str {
    match (row.phase, row.succeeded) {
        (Phase::Started, _) => "started",
        (_, Some(false)) => "failed",
        _ => "succeeded",
    }
}

/// An action outside the database, between the entry before it and the entry after it. No entry, no action.
pub(crate) async fn audited<T>(
    transactions: &Transactions,
    clock: &dyn Clock,
    entry: &NewEntry,
    action: impl Future<Output = Result<T, ServiceError>>,
) -> Result<T, ServiceError> {
    let mut work = transactions.begin(clock.now()).await?;
    work.audit(entry.clone());
    let started = work.commit().await?.first().copied().unwrap_or_default();
    let outcome = action.await;
    let mut work = transactions.begin(clock.now()).await?;
    let done = entry.completed(started, outcome.is_ok());
    work.audit(done.with_some("fault", outcome.as_ref().err().map(ServiceError::code)));
    work.commit().await?;
    outcome
}
