//! The queue's jobs. Payloads contain only ids.

use crate::{
    facts::Kind,
    grants::GrantId,
    http_request::HttpRequestId,
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
    /// Read one secret or parameter again, because an event said that something happened to it.
    RefreshResource {
        account: AccountId,
        region: Region,
        kind: Kind,
        /// A secret's ARN or name, or a parameter's name.
        name: String,
        /// When it happened, in seconds since 1970: what was read later is good.
        at: i64,
    },
    /// Evaluate one account.
    Evaluate { account: AccountId },
    /// Check the prerequisites of one account, and read the results of AWS Config.
    CheckAccount { account: AccountId },
    /// Read which workloads of one account have a credential in a plaintext variable.
    ReadVariables { account: AccountId },
    /// End a grant's active AWS sessions, and verify that AWS denies them.
    EndSessions { grant: GrantId },
    /// Update the access role's Deny statements to the expected ones.
    CollectDenials { account: AccountId },
    /// Send a notification in each of its channels: queued by releases before each channel had its own delivery.
    Deliver { notice: i64 },
    /// Send a notification in one channel.
    Send { delivery: i64 },
    /// Make the message about a request in the chat say what the request has become.
    FollowRequest { grant: GrantId },
    /// Read a grant's use from CloudTrail.
    ReadTrail { grant: GrantId },
    /// Make a plan's calls in one account.
    Remediate { plan: PlanId, account: AccountId },
}

/// The longest name, in bytes, that fits into a key beside what is in front of it.
const MAX_NAME_IN_KEY: usize = 440;

/// A job as the queue stores it. Releases before it had a request id read and write the same payloads without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedJob {
    #[serde(flatten)]
    pub job: Job,
    /// The HTTP request that made the job necessary, directly or through another job; for the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<HttpRequestId>,
}

impl Job {
    /// All kinds.
    pub const KINDS: [&str; 14] = [
        "plan_sweep",
        "scan",
        "read_deep",
        "refresh_resource",
        "evaluate",
        "check_account",
        "read_variables",
        "end_sessions",
        "collect_denials",
        "deliver",
        "send",
        "follow_request",
        "read_trail",
        "remediate",
    ];

    /// What kind of job it is, for the log: the payload's `job`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PlanScan { .. } => "plan_sweep",
            Self::ScanRegion { .. } => "scan",
            Self::ReadDeep { .. } => "read_deep",
            Self::RefreshResource { .. } => "refresh_resource",
            Self::Evaluate { .. } => "evaluate",
            Self::CheckAccount { .. } => "check_account",
            Self::ReadVariables { .. } => "read_variables",
            Self::EndSessions { .. } => "end_sessions",
            Self::CollectDenials { .. } => "collect_denials",
            Self::Deliver { .. } => "deliver",
            Self::Send { .. } => "send",
            Self::FollowRequest { .. } => "follow_request",
            Self::ReadTrail { .. } => "read_trail",
            Self::Remediate { .. } => "remediate",
        }
    }

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
            | Self::FollowRequest { .. }
            | Self::ReadTrail { .. } => -10,
            // Somebody has just changed it, and looks whether that is seen.
            Self::RefreshResource { .. } => -5,
            Self::Evaluate { .. } => 0,
            Self::PlanScan { .. } | Self::ScanRegion { .. } => 10,
            Self::ReadDeep { .. } | Self::CheckAccount { .. } => 20,
            Self::ReadVariables { .. } => 25,
        }
    }

    /// Of two waiting jobs with the same key, the later replaces the earlier. Region scans have none: their scan is
    /// planned once, and the queue locks each key of a transaction, of which PostgreSQL has room for a few thousand.
    pub fn key(&self) -> Option<String> {
        let key = match self {
            Self::ScanRegion { .. } => return None,
            Self::PlanScan { sweep } => format!("plan:{sweep}"),
            Self::ReadDeep { account, region } => format!("deep:{account}:{region}"),
            Self::RefreshResource { account, region, kind, name, .. } => {
                // A key has 512 bytes at most. Longer names go without: they are read again for each event.
                if name.len() > MAX_NAME_IN_KEY {
                    return None;
                }
                format!("refresh:{account}:{region}:{kind}:{name}")
            }
            Self::Evaluate { account } => format!("evaluate:{account}"),
            Self::CheckAccount { account } => format!("check:{account}"),
            Self::ReadVariables { account } => format!("variables:{account}"),
            Self::EndSessions { grant } => format!("end:{grant}"),
            Self::CollectDenials { account } => format!("collect:{account}"),
            Self::Deliver { notice } => format!("deliver:{notice}"),
            Self::Send { delivery } => format!("send:{delivery}"),
            Self::FollowRequest { grant } => format!("follow:{grant}"),
            Self::ReadTrail { grant } => format!("trail:{grant}"),
            Self::Remediate { plan, account } => format!("remediate:{plan}:{account}"),
        };
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_job() -> Vec<Job> {
        let sweep = ScanId(uuid::Uuid::from_u128(0x018f_3c1e_77a0_7c4e));
        let account: AccountId = "111122223333".parse().unwrap();
        let region: Region = "us-east-1".parse().unwrap();
        vec![
            Job::PlanScan { sweep },
            Job::ScanRegion { sweep, account: account.clone(), region: region.clone() },
            Job::ReadDeep { account: account.clone(), region },
            Job::RefreshResource {
                account: account.clone(),
                region: "us-gov-west-1".parse().unwrap(),
                kind: Kind::Secret,
                name: "payments/db".into(),
                at: 1_795_000_000,
            },
            Job::Evaluate { account: account.clone() },
            Job::CheckAccount { account: account.clone() },
            Job::ReadVariables { account: account.clone() },
            Job::EndSessions { grant: GrantId(1) },
            Job::CollectDenials { account: account.clone() },
            Job::Deliver { notice: 2 },
            Job::Send { delivery: i64::MAX },
            Job::FollowRequest { grant: GrantId(5) },
            Job::ReadTrail { grant: GrantId(3) },
            Job::Remediate { plan: PlanId(4), account },
        ]
    }

    #[test]
    fn all_kinds_are_listed() {
        let kinds: Vec<&str> = every_job().iter().map(Job::kind).collect();
        assert_eq!(kinds, Job::KINDS);
    }

    #[test]
    fn payloads_of_other_releases_are_read_and_ours_by_them() {
        let id: HttpRequestId = "r-1".parse().unwrap();
        for job in every_job() {
            let without = serde_json::to_value(&job).unwrap();
            assert_eq!(without["job"], job.kind());
            let queued = QueuedJob { job: job.clone(), request_id: None };
            assert_eq!(serde_json::to_value(&queued).unwrap(), without, "as before");
            assert_eq!(serde_json::from_value::<QueuedJob>(without).unwrap(), queued);
            let queued = QueuedJob { request_id: Some(id.clone()), ..queued };
            let with = serde_json::to_value(&queued).unwrap();
            assert_eq!(with["request_id"], "r-1");
            assert_eq!(serde_json::from_value::<QueuedJob>(with.clone()).unwrap(), queued);
            assert_eq!(serde_json::from_value::<Job>(with).unwrap(), job);
        }
    }
}
