//! Reads one account: the lists of each Region, then what lists leave out.

use super::{AccountScanService, NotRead, Progress, ScanStep, resource_id};
use crate::{
    compliance::details::read_details,
    parameter_tags::{TagMemory, TagsOfParameters},
    region_list::{PageSink, read_list},
    region_scan_error::{RegionScanError, is_ended_session, list_fault},
};
use async_trait::async_trait;
use claviger_domain::{
    facts::{Kind, Reading, ResourceDetails, ResourceFacts},
    ids::{AccountId, Arn, Region},
    key::KeyManager,
    scan::{ListFault, RegionScanFault, RegionScanList},
};
use claviger_gateways::{AwsError, ParameterTags};
use claviger_store::{PendingDetails, StoreError};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    sync::Mutex,
};
use time::OffsetDateTime;

/// What reads an account.
#[derive(Clone, Copy)]
pub(super) struct AccountAccess<'a> {
    pub(super) service: &'a AccountScanService,
    pub(super) account: &'a AccountId,
    pub(super) progress: Progress<'a>,
}

/// What the lists of a Region showed.
#[derive(Debug, Default)]
pub(super) struct RegionLists {
    pub(super) resources: BTreeMap<Arn, ResourceFacts>,
    /// Lists that were read to their end.
    pub(super) whole: u32,
    pub(super) not_read: Vec<NotRead>,
}

/// What the lists left out.
#[derive(Debug, Default)]
pub(super) struct RegionDetails {
    pub(super) details: BTreeMap<Arn, ResourceDetails>,
    /// Keys, by the names that resources have for them.
    pub(super) aws_keys: HashSet<String>,
    pub(super) unknown_keys: HashSet<String>,
    pub(super) not_read: Vec<NotRead>,
}

/// A scan of one account remembers nothing.
struct NoMemory;

#[async_trait]
impl TagMemory for NoMemory {
    async fn recent(&self) -> Result<ParameterTags, StoreError> {
        Ok(ParameterTags::new())
    }

    async fn last(&self) -> Result<ParameterTags, StoreError> {
        Ok(ParameterTags::new())
    }

    async fn note(&self, _: OffsetDateTime) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Collects pages. A resource that a list repeats is one.
struct Collected<'a> {
    region: &'a Region,
    progress: Progress<'a>,
    found: Mutex<BTreeMap<Arn, ResourceFacts>>,
}

#[async_trait]
impl PageSink for Collected<'_> {
    async fn take(&self, page: Vec<ResourceFacts>) -> Result<(), RegionScanError> {
        let count = page.len();
        if let Ok(mut found) = self.found.lock() {
            found.extend(page.into_iter().map(|facts| (facts.arn.clone(), facts)));
        }
        (self.progress)(ScanStep::Listed { region: self.region, count });
        Ok(())
    }
}

impl AccountAccess<'_> {
    /// Each list on its own: one that AWS denies does not hide the other. A session that ended is replaced once.
    pub(super) async fn lists(&self, region: &Region) -> RegionLists {
        let (mut lists, is_ended) = self.try_lists(region).await;
        if is_ended {
            (lists, _) = self.try_lists(region).await;
        }
        (self.progress)(ScanStep::ListsRead { region });
        lists
    }

    /// Also whether AWS no longer took the session.
    async fn try_lists(&self, region: &Region) -> (RegionLists, bool) {
        let mut lists = RegionLists::default();
        let reader = match self.service.gateway.open(self.account, region).await {
            Ok(reader) => reader,
            Err(error) => {
                let what = "Secrets and parameters".to_owned();
                lists.not_read.push(NotRead::of_error(Some(region), what, &error));
                return (lists, false);
            }
        };
        let reader = reader.as_ref();
        let sink = Collected { region, progress: self.progress, found: Mutex::default() };
        let mut tags = TagsOfParameters::new(&NoMemory, &*self.service.clock, reader);
        let (secrets, parameters) = tokio::join!(
            read_list(reader, Kind::Secret, None, &sink),
            read_list(reader, Kind::Parameter, Some(&mut tags), &sink)
        );
        let mut is_ended = false;
        let read = [(RegionScanList::Secrets, secrets), (RegionScanList::Parameters, parameters)];
        for (list, read) in read {
            let Err(error) = read else {
                lists.whole += 1;
                continue;
            };
            let fault = fault_of(&error);
            is_ended |= matches!(&error, RegionScanError::Aws(error) if is_ended_session(error));
            lists.not_read.push(NotRead::of_list(region, list.label(), &fault));
        }
        if let Some(fault) = tags.fault() {
            let what = RegionScanList::ParameterTags.label();
            lists.not_read.push(NotRead::of_list(region, what, &fault));
        }
        lists.resources = sink.found.into_inner().unwrap_or_default();
        (lists, is_ended)
    }

    /// The resource policies, versions and replicas of these secrets, and the keys of these resources.
    pub(super) async fn details(
        &self,
        region: &Region,
        resources: &[&ResourceFacts],
    ) -> RegionDetails {
        let mut found = RegionDetails::default();
        self.keys(region, resources, &mut found).await;
        let pending: Vec<PendingDetails> = resources
            .iter()
            .filter(|facts| facts.kind() == Kind::Secret)
            .map(|facts| PendingDetails {
                id: resource_id(&facts.arn),
                arn: facts.arn.clone(),
                changed_at: facts.changed_at,
                is_replicated: facts.is_replicated(),
            })
            .collect();
        let mut gaps = Gaps::default();
        if !pending.is_empty() {
            match self.service.gateway.open(self.account, region).await {
                Ok(reader) => {
                    for (secret, answer) in read_details(reader.as_ref(), pending).await {
                        match answer {
                            Ok(details) => {
                                gaps.note_details(&details);
                                found.details.insert(secret.arn, details);
                            }
                            Err(error) => gaps.note_error(&error),
                        }
                    }
                }
                Err(error) => {
                    let what = "Details of secrets".to_owned();
                    found.not_read.push(NotRead::of_error(Some(region), what, &error));
                }
            }
        }
        found.not_read.extend(gaps.not_read(region));
        (self.progress)(ScanStep::DetailsRead { region });
        found
    }

    async fn keys(&self, region: &Region, resources: &[&ResourceFacts], found: &mut RegionDetails) {
        let named: BTreeSet<String> = resources.iter().filter_map(|one| one.own_key()).collect();
        if named.is_empty() {
            return;
        }
        let named: Vec<String> = named.into_iter().collect();
        let read = match self.service.gateway.kms_keys(self.account, region, &named).await {
            Ok(read) => read,
            Err(error) => {
                let what = format!("KMS keys: {}", named.len());
                found.not_read.push(NotRead::of_error(Some(region), what, &error));
                found.unknown_keys.extend(named);
                return;
            }
        };
        let mut refused: BTreeMap<String, usize> = BTreeMap::new();
        for (name, reading) in named.into_iter().zip(read) {
            match reading {
                Reading::Read(Some(key)) if key.manager == KeyManager::Aws => {
                    found.aws_keys.insert(name);
                }
                Reading::Read(_) => {}
                Reading::Refused(code) => {
                    *refused.entry(code).or_default() += 1;
                    found.unknown_keys.insert(name);
                }
            }
        }
        found.not_read.extend(refused.into_iter().map(|(code, count)| {
            NotRead::refused(region, format!("KMS keys: {count}"), "DescribeKey", &code)
        }));
    }
}

fn fault_of(error: &RegionScanError) -> ListFault {
    match error {
        RegionScanError::Aws(error) => list_fault(error),
        // There is no database.
        RegionScanError::Store(_) => {
            ListFault { fault: RegionScanFault::Other, code: None, operation: None }
        }
    }
}

/// Details that AWS refused, by call and code.
#[derive(Default)]
struct Gaps {
    refused: BTreeMap<(&'static str, &'static str, String), usize>,
    failed: BTreeMap<(&'static str, String), (AwsError, usize)>,
}

impl Gaps {
    fn note_details(&mut self, details: &ResourceDetails) {
        let ResourceDetails { resource_policy, versions, replicas, .. } = details;
        self.note("Resource policies", "GetResourcePolicy", resource_policy);
        self.note("Versions", "ListSecretVersionIds", versions);
        self.note("Replicas", "DescribeSecret", replicas);
    }

    /// AWS refuses the calls for every secret that is pending deletion, and for one that no longer exists: no permission
    /// would change that.
    fn note<T>(&mut self, what: &'static str, operation: &'static str, reading: &Reading<T>) {
        if let Reading::Refused(code) = reading
            && code.starts_with("AccessDenied")
        {
            *self.refused.entry((what, operation, code.clone())).or_default() += 1;
        }
    }

    fn note_error(&mut self, error: &AwsError) {
        let key = (error.operation, error.word());
        self.failed.entry(key).or_insert_with(|| (error.clone(), 0)).1 += 1;
    }

    fn not_read(self, region: &Region) -> Vec<NotRead> {
        let secrets = |what: &str, count: usize| format!("{what} of secrets: {count}");
        let refused = self.refused.into_iter().map(|((what, operation, code), count)| {
            NotRead::refused(region, secrets(what, count), operation, &code)
        });
        let failed = self.failed.into_values().map(|(error, count)| {
            NotRead::of_error(Some(region), secrets("Details", count), &error)
        });
        refused.chain(failed).collect()
    }
}
