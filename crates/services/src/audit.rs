//! The head of the audit log, published on a schedule: anyone who keeps what was published can prove later that nothing was
//! cut off.

use crate::{ServiceError, Services};
use claviger_domain::notifications::notice::Notice;
use claviger_store::ChainHead;
use time::Duration;

/// The notification's kind; programs hear it, channels of people do not.
pub const AUDIT_HEAD: &str = "audit-head";
/// The kind of the alarm; people hear it as well.
pub const AUDIT_BROKEN: &str = "audit-broken";

impl Services {
    /// The newest entry of the audit log, by number and hash.
    pub async fn audit_head(&self) -> Result<Option<ChainHead>, ServiceError> {
        Ok(self.store.chain_head().await?)
    }

    /// Whether the audit log still has this entry, unchanged.
    pub async fn audit_has(&self, head: &ChainHead) -> Result<bool, ServiceError> {
        let found = self.store.chain_hashes(&[head.seq]).await?;
        Ok(found.get(&head.seq) == Some(&head.hash))
    }

    /// Puts the head on its way to the event webhook, once for all replicas in each interval.
    pub async fn announce_head(
        &self,
        head: &ChainHead,
        interval: Duration,
    ) -> Result<(), ServiceError> {
        let mut work = self.store.begin(self.clock.now()).await?;
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

    /// Tells everybody who listens that an entry which was published is no longer there.
    pub async fn announce_cut(&self, head: &ChainHead) -> Result<(), ServiceError> {
        let mut work = self.store.begin(self.clock.now()).await?;
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
}
