//! One account and Region of the AWS in memory, read page by page.

use super::{FakeAws, State, fault};
use async_trait::async_trait;
use claviger_aws::{AwsError, AwsPage, InventoryReader, ParameterTags};
use claviger_domain::{
    facts::{DatedVersion, Detail, Kind, Reading, ReplicaStatus, ResourceDetails, ResourceFacts},
    ids::{AccountId, Arn, Region},
    scan::{RegionScanFault, RegionScanList},
};
use std::sync::atomic::{AtomicU32, Ordering};
use time::OffsetDateTime;

/// Pages of two, so that every test uses several pages.
const PAGE: usize = 2;

pub(super) struct FakeReader {
    aws: FakeAws,
    key: (AccountId, Region),
    calls: AtomicU32,
}

impl State {
    /// The versions as `ListSecretVersionIds` lists them: those with a value.
    fn dated_versions(&self, arn: &Arn, changed_at: Option<OffsetDateTime>) -> Vec<DatedVersion> {
        let key_ids = self.version_keys.get(arn.as_str()).cloned().unwrap_or_default();
        let facts = self.resources.values().flatten().find(|facts| facts.arn == *arn);
        let (Some(values), Some(Detail::Secret(secret))) =
            (self.values.get(arn.as_str()), facts.map(|facts| &facts.detail))
        else {
            return vec![DatedVersion {
                id: "v1".into(),
                stages: vec!["AWSCURRENT".into()],
                created_at: changed_at,
                key_ids,
            }];
        };
        let dated = secret.versions.iter().filter_map(|version| {
            Some(DatedVersion {
                id: version.id.clone(),
                stages: version.stages.clone(),
                created_at: Some(*values.get(&version.id)?),
                key_ids: key_ids.clone(),
            })
        });
        dated.collect()
    }
}

impl FakeReader {
    pub(super) fn new(aws: FakeAws, key: (AccountId, Region)) -> Self {
        Self { aws, key, calls: AtomicU32::new(0) }
    }

    fn page(&self, kind: Kind, token: Option<&str>) -> Result<AwsPage, AwsError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let from: usize = token.map_or(0, |token| token.parse().expect("a token of ours"));
        let state = self.aws.state();
        let (list, operation) = match kind {
            Kind::Secret => (RegionScanList::Secrets, "ListSecrets"),
            Kind::Parameter => (RegionScanList::Parameters, "DescribeParameters"),
        };
        if let Some(why) = state.denied.get(&list) {
            return Err(fault(operation, *why));
        }
        if state.breaks_after.is_some_and(|pages| from >= pages * PAGE) {
            return Err(fault("List", RegionScanFault::Throttled));
        }
        let all: Vec<ResourceFacts> = state
            .resources
            .get(&self.key)
            .into_iter()
            .flatten()
            .filter(|facts| {
                facts.kind() == kind && !state.left_out_of_lists.contains(facts.arn.as_str())
            })
            .cloned()
            .collect();
        let next_token = (from + PAGE < all.len()).then(|| (from + PAGE).to_string());
        Ok(AwsPage { facts: all.into_iter().skip(from).take(PAGE).collect(), next_token })
    }

    /// By its ARN or its name.
    fn described(&self, kind: Kind, id: &str) -> Result<Option<ResourceFacts>, AwsError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut state = self.aws.state();
        state.described.push(id.to_owned());
        let here = state.resources.get(&self.key).into_iter().flatten();
        let is_it = |facts: &&ResourceFacts| {
            facts.kind() == kind && (facts.arn.as_str() == id || facts.name == id)
        };
        let found = here.clone().find(is_it).cloned();
        let arn = found.as_ref().map_or(id, |facts| facts.arn.as_str());
        if state.cannot_be_described.contains(arn) {
            return Err(fault("DescribeSecret", RegionScanFault::Denied));
        }
        if let Some((clock, takes)) = &state.slow {
            clock.advance(*takes);
        }
        Ok(found)
    }

    fn has(&self, found: impl Fn(&ResourceFacts) -> bool) -> bool {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.aws.state().resources.get(&self.key).into_iter().flatten().any(found)
    }
}

#[async_trait]
impl InventoryReader for FakeReader {
    async fn secrets(&self, token: Option<String>) -> Result<AwsPage, AwsError> {
        self.page(Kind::Secret, token.as_deref())
    }

    async fn parameter_tags(&self) -> Result<ParameterTags, AwsError> {
        let state = self.aws.state();
        let here = state.resources.get(&self.key).into_iter().flatten();
        let tags = here.filter_map(|facts| Some((facts.arn.to_string(), facts.tags.clone()?)));
        match state.denied.get(&RegionScanList::ParameterTags) {
            Some(why) => Err(fault("GetResources", *why)),
            None => Ok(tags.collect()),
        }
    }

    async fn parameters(&self, token: Option<String>) -> Result<AwsPage, AwsError> {
        let mut page = self.page(Kind::Parameter, token.as_deref())?;
        page.facts.iter_mut().for_each(|facts| facts.tags = None);
        Ok(page)
    }

    async fn secret(&self, id: &str) -> Result<Option<ResourceFacts>, AwsError> {
        self.described(Kind::Secret, id)
    }

    async fn parameter(&self, name: &str) -> Result<Option<ResourceFacts>, AwsError> {
        self.described(Kind::Parameter, name)
    }

    async fn secret_exists(&self, arn: &Arn) -> Result<bool, AwsError> {
        if self.aws.state().cannot_be_described.contains(arn.as_str()) {
            return Err(fault("DescribeSecret", RegionScanFault::Denied));
        }
        Ok(self.has(|facts| facts.arn == *arn))
    }

    async fn parameter_exists(&self, name: &str) -> Result<bool, AwsError> {
        Ok(self.has(|facts| facts.name == name))
    }

    async fn deep(
        &self,
        arn: &Arn,
        changed_at: Option<OffsetDateTime>,
        _: bool,
    ) -> Result<Option<ResourceDetails>, AwsError> {
        if !self.has(|facts| facts.arn == *arn) {
            return Ok(None);
        }
        let state = self.aws.state();
        if let Some(why) = state.no_details {
            return Err(fault("GetResourcePolicy", why));
        }
        Ok(Some(ResourceDetails {
            of_change: changed_at,
            resource_policy: if state.policies_denied {
                Reading::Refused("AccessDeniedException".into())
            } else {
                Reading::Read(state.policies.get(arn.as_str()).cloned())
            },
            versions: Reading::Read(state.dated_versions(arn, changed_at)),
            replicas: Reading::Read(
                state
                    .replicas
                    .get(arn.as_str())
                    .into_iter()
                    .flatten()
                    .map(|region| ReplicaStatus {
                        region: region.clone(),
                        status: "InSync".into(),
                        message: None,
                        kms_key_id: Some("alias/aws/secretsmanager".into()),
                    })
                    .collect(),
            ),
        }))
    }

    fn api_calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}
