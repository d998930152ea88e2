//! A scan of one account with the credentials at hand: nothing is stored, no role is assumed, and every call is one that
//! the inventory role may make. AWS authorizes: the caller sees what their own credentials see.

mod evaluate;
mod files;
mod not_read;
mod read;
mod sarif;

pub use not_read::NotRead;

use claviger_domain::{
    clock::Clock,
    compliance::{Severity, Tally, view::FindingRow},
    facts::{Detail, Kind, ResourceFacts},
    ids::{AccountId, Arn, Region, ResourceId},
};
use claviger_gateways::{AwsError, Gateway, ReadinessGateway};
use claviger_policy::{
    compliance::{PathReaders, Policy, PolicyRule, RecordedResource},
    parameters_by_path::PathReader,
};
use evaluate::Evaluated;
use futures::{StreamExt, stream};
use read::{AccountAccess, RegionDetails, RegionLists};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::{Date, OffsetDateTime};

/// Regions read at once. Each has quotas of its own.
const MAX_CONCURRENT_REGIONS: usize = 4;

/// What has just been read.
#[derive(Debug, Clone, Copy)]
pub enum ScanStep<'a> {
    /// A page of a list.
    Listed { region: &'a Region, count: usize },
    /// Both lists of a Region, as far as AWS returned them.
    ListsRead { region: &'a Region },
    /// What the lists leave out.
    DetailsRead { region: &'a Region },
}

/// Is told what was read.
type Progress<'a> = &'a (dyn Fn(ScanStep<'_>) + Send + Sync);

/// What to scan, and by what to evaluate it.
#[derive(Debug, Clone)]
pub struct AccountScanOrder {
    pub account: AccountId,
    /// In order, without duplicates.
    pub regions: Vec<Region>,
    pub policies: Vec<Policy>,
    /// The pack's name, or the file's.
    pub policy_source: String,
    /// What was not read before the scan, such as the account's Regions.
    pub not_read: Vec<NotRead>,
}

/// What a scan found.
#[derive(Debug, Clone)]
pub struct AccountScan {
    pub account: AccountId,
    pub at: OffsetDateTime,
    pub policy_source: String,
    pub policies: Vec<Policy>,
    /// Policies that were not evaluated, because they are limited to OUs.
    pub skipped: Vec<String>,
    /// Secrets and parameters of each Region. A replica whose primary was read counts with its primary.
    pub resources: BTreeMap<Region, BTreeMap<Kind, u64>>,
    /// Checks by severity.
    pub tallies: BTreeMap<Severity, Tally>,
    /// Failing checks, the most severe first.
    pub failing: Vec<FindingRow>,
    /// Checks that could not be decided, the most severe first.
    pub unknown: Vec<FindingRow>,
    pub not_read: Vec<NotRead>,
    /// What was evaluated.
    pub recorded: Vec<RecordedResource>,
    /// Whether any list of any Region was read to its end.
    pub has_read_any: bool,
}

/// Scans one account.
#[derive(Clone)]
pub struct AccountScanService {
    gateway: Arc<dyn Gateway>,
    readiness_gateway: Arc<dyn ReadinessGateway>,
    clock: Arc<dyn Clock>,
}

impl AccountScanService {
    pub fn new<A: Gateway + ReadinessGateway>(aws: Arc<A>, clock: Arc<dyn Clock>) -> Self {
        Self { gateway: Arc::clone(&aws) as _, readiness_gateway: aws, clock }
    }

    /// The Regions that are enabled in the account, in order.
    #[tracing::instrument(skip_all, fields(aws.account = %account))]
    pub async fn enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError> {
        self.gateway.enabled_regions(account).await
    }

    /// Reads and evaluates. What cannot be read is part of the result.
    #[tracing::instrument(skip_all, fields(aws.account = %order.account, region.count = order.regions.len()))]
    pub async fn scan(&self, order: AccountScanOrder, progress: Progress<'_>) -> AccountScan {
        let reader = AccountAccess { service: self, account: &order.account, progress };
        let lists: Vec<(&Region, RegionLists)> = stream::iter(&order.regions)
            .map(|region| async move { (region, reader.lists(region).await) })
            .buffered(MAX_CONCURRENT_REGIONS)
            .collect()
            .await;
        let mut not_read = order.not_read.clone();
        let mut whole = 0;
        let mut resources: BTreeMap<Arn, (Region, ResourceFacts)> = BTreeMap::new();
        for (region, mut lists) in lists {
            whole += lists.whole;
            not_read.append(&mut lists.not_read);
            let own = lists.resources.into_iter();
            resources.extend(own.map(|(arn, facts)| (arn, (region.clone(), facts))));
        }
        let used_on = fold_replicas(&mut resources);
        let details: Vec<RegionDetails> = stream::iter(&order.regions)
            .map(|region| {
                let own = resources.values().filter(move |(at, _)| at == region);
                let own: Vec<&ResourceFacts> = own.map(|(_, facts)| facts).collect();
                async move { reader.details(region, &own).await }
            })
            .buffered(MAX_CONCURRENT_REGIONS)
            .collect()
            .await;
        let has_parameters = resources.values().any(|(_, facts)| facts.kind() == Kind::Parameter);
        let path_readers = if has_parameters && asks_for_identities(&order.policies) {
            self.path_readers(&order.account, &mut not_read).await
        } else {
            PathReaders::Unread
        };
        let mut read: BTreeMap<Region, RegionDetails> = BTreeMap::new();
        for (region, mut details) in order.regions.iter().zip(details) {
            not_read.append(&mut details.not_read);
            read.insert(region.clone(), details);
        }
        let evaluated =
            Evaluated::of(&order, resources, &used_on, &read, path_readers, self.clock.now());
        evaluated.into_scan(order, not_read, whole > 0)
    }

    /// Who may list parameters by path: `GetAccountAuthorizationDetails`.
    async fn path_readers(&self, account: &AccountId, not_read: &mut Vec<NotRead>) -> PathReaders {
        let identities = match self.readiness_gateway.identities(account).await {
            Ok(found) => found.identities,
            Err(error) => {
                let why = error.word();
                not_read.push(NotRead::of_error(None, "IAM identity policies".into(), &error));
                return PathReaders::Unreadable(why);
            }
        };
        let read: Result<Vec<Option<PathReader>>, String> = identities
            .iter()
            .map(|one| {
                PathReader::of(&one.principal, &one.documents(), one.boundary_document())
                    .map_err(|fault| format!("{}: {fault}", one.principal))
            })
            .collect();
        read.map_or_else(PathReaders::Unreadable, |read| {
            PathReaders::Known(read.into_iter().flatten().collect())
        })
    }
}

fn asks_for_identities(policies: &[Policy]) -> bool {
    policies.iter().any(|policy| matches!(policy.rule, PolicyRule::ReadByPath {}))
}

/// Removes replicas whose primary was read. Returns the latest access of each primary over its replicas.
fn fold_replicas(resources: &mut BTreeMap<Arn, (Region, ResourceFacts)>) -> BTreeMap<Arn, Date> {
    let mut used_on: BTreeMap<Arn, Date> = BTreeMap::new();
    let mut folded = BTreeSet::new();
    for (arn, (region, facts)) in &*resources {
        let primary = facts.primary_arn(region).filter(|primary| resources.contains_key(primary));
        if primary.is_some() {
            folded.insert(arn.clone());
        }
        if let Detail::Secret(secret) = &facts.detail
            && let Some(day) = secret.accessed_on
        {
            let latest = used_on.entry(primary.unwrap_or_else(|| arn.clone())).or_insert(day);
            *latest = day.max(*latest);
        }
    }
    resources.retain(|arn, _| !folded.contains(arn));
    used_on
}

/// The same for the same ARN in every scan, so that other tools recognize a finding.
fn resource_id(arn: &Arn) -> ResourceId {
    let hash = Sha256::digest(arn.as_str());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    ResourceId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

impl AccountScan {
    /// Whether everything that the policies need was read.
    pub fn is_whole(&self) -> bool {
        self.not_read.is_empty()
    }

    /// All checks.
    pub fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        for tally in self.tallies.values() {
            sum.add(*tally);
        }
        sum
    }

    /// Whether a check of at least this severity fails.
    pub fn fails_at(&self, least: Severity) -> bool {
        self.failing.iter().any(|row| row.severity.rank() <= least.rank())
    }

    /// Secrets or parameters, in all Regions.
    pub fn count(&self, kind: Kind) -> u64 {
        self.resources.values().filter_map(|counts| counts.get(&kind)).sum()
    }

    /// Why checks could not be decided, with the number of checks, the most frequent first.
    pub fn unknown_reasons(&self) -> Vec<(&str, usize)> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.unknown {
            *counts.entry(&row.says).or_default() += 1;
        }
        let mut reasons: Vec<(&str, usize)> = counts.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_resource_depends_only_on_its_arn() {
        let arn: Arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/a".parse().unwrap();
        assert_eq!(resource_id(&arn), resource_id(&arn.clone()));
        let other = "arn:aws:ssm:eu-west-1:111122223333:parameter/b".parse().unwrap();
        assert_ne!(resource_id(&arn), resource_id(&other));
        assert_eq!(resource_id(&arn).0.get_version_num(), 8);
    }
}
