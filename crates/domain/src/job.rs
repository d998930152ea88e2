//! What the queue holds. Payloads are ids alone.

use crate::{
    grants::GrantId,
    ids::{AccountId, Region, ScanId},
    remediation::PlanId,
};
use serde::{Deserialize, Serialize};

/// A piece of work in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Read the Organization and queue a scan per account and Region.
    #[serde(rename = "plan_sweep")]
    PlanScan { sweep: ScanId },
    /// Read one account in one Region.
    #[serde(rename = "scan")]
    ScanRegion { sweep: ScanId, account: AccountId, region: Region },
    /// Read what the lists leave out of one account in one Region, such as resource policies.
    ReadDeep { account: AccountId, region: Region },
    /// Evaluate one account.
    Evaluate { account: AccountId },
    /// Look at one account for what has to be in place, and at what AWS Config says.
    CheckAccount { account: AccountId },
    /// End a grant's live AWS sessions, and see that AWS refuses them.
    EndSessions { grant: GrantId },
    /// Make the access role's Deny statements what they should be.
    CollectDenials { account: AccountId },
    /// Send a notification in each of its channels: queued by releases before each channel had a delivery of its own.
    Deliver { notice: i64 },
    /// Send a notification in one channel.
    Send { delivery: i64 },
    /// Look for a grant's uses in CloudTrail.
    ReadTrail { grant: GrantId },
    /// Make a plan's calls in one account.
    Remediate { plan: PlanId, account: AccountId },
}

impl Job {
    /// Whether somebody waits for it. Such jobs have workers of their own beside the others: a revocation does not wait for a
    /// sweep of thousands of scans.
    pub fn is_interactive(&self) -> bool {
        self.priority() < 0
    }

    /// The lower is taken up first; of the same, the older.
    pub fn priority(&self) -> i16 {
        match self {
            Self::EndSessions { .. } | Self::CollectDenials { .. } => -20,
            Self::Remediate { .. }
            | Self::Deliver { .. }
            | Self::Send { .. }
            | Self::ReadTrail { .. } => -10,
            Self::Evaluate { .. } => 0,
            Self::PlanScan { .. } | Self::ScanRegion { .. } => 10,
            Self::ReadDeep { .. } | Self::CheckAccount { .. } => 20,
        }
    }

    /// Of two jobs with the same key that wait, the later takes the earlier's place. Scans have none: their sweep is
    /// planned once, and the queue locks each key of a transaction, of which PostgreSQL has room for some thousands.
    pub fn key(&self) -> Option<String> {
        let key = match self {
            Self::ScanRegion { .. } => return None,
            Self::PlanScan { sweep } => format!("plan:{sweep}"),
            Self::ReadDeep { account, region } => format!("deep:{account}:{region}"),
            Self::Evaluate { account } => format!("evaluate:{account}"),
            Self::CheckAccount { account } => format!("check:{account}"),
            Self::EndSessions { grant } => format!("end:{grant}"),
            Self::CollectDenials { account } => format!("collect:{account}"),
            Self::Deliver { notice } => format!("deliver:{notice}"),
            Self::Send { delivery } => format!("send:{delivery}"),
            Self::ReadTrail { grant } => format!("trail:{grant}"),
            Self::Remediate { plan, account } => format!("remediate:{plan}:{account}"),
        };
        Some(key)
    }
}
