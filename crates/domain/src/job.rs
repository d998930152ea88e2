//! The queue's jobs. Payloads contain only ids.

use crate::{
    grants::GrantId,
    ids::{AccountId, Region, ScanId},
    remediation::PlanId,
};
use serde::{Deserialize, Serialize};

/// A job in the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "job", rename_all = "snake_case")]
pub enum Job {
    /// Read the Organization and queue a Region scan for each account and Region.
    #[serde(rename = "plan_sweep")]
    PlanScan { sweep: ScanId },
    /// Read one account in one Region.
    #[serde(rename = "scan")]
    ScanRegion { sweep: ScanId, account: AccountId, region: Region },
    /// Read the details that lists leave out, such as resource policies, for one account in one Region.
    ReadDeep { account: AccountId, region: Region },
    /// Evaluate one account.
    Evaluate { account: AccountId },
    /// Check the prerequisites of one account, and read the results of AWS Config.
    CheckAccount { account: AccountId },
    /// End a grant's active AWS sessions, and verify that AWS denies them.
    EndSessions { grant: GrantId },
    /// Update the access role's Deny statements to the expected ones.
    CollectDenials { account: AccountId },
    /// Send a notification in each of its channels: queued by releases before each channel had its own delivery.
    Deliver { notice: i64 },
    /// Send a notification in one channel.
    Send { delivery: i64 },
    /// Read a grant's use from CloudTrail.
    ReadTrail { grant: GrantId },
    /// Make a plan's calls in one account.
    Remediate { plan: PlanId, account: AccountId },
}

impl Job {
    /// Whether a person waits for it. Such jobs have a separate worker: a revocation does not wait for a
    /// scan of thousands of Regions.
    pub fn is_interactive(&self) -> bool {
        self.priority() < 0
    }

    /// The lower priority runs first; among equal ones, the older job.
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

    /// Of two waiting jobs with the same key, the later replaces the earlier. Region scans have none: their scan is
    /// planned once, and the queue locks each key of a transaction, of which PostgreSQL has room for a few thousand.
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
