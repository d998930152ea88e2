//! An AWS in memory, with the failures that a test sets.

use crate::{FakeAccess, samples::organization};
use async_trait::async_trait;
use claviger_aws::{
    AwsError, AwsPage, CallOrder, Gateway, Identity, InventoryReader, OurRole, ParameterTags,
    ReadinessGateway, RemediationGateway,
};
use claviger_domain::{
    accounts::{
        Organization, TagPolicy, TagPolicyReading,
        readiness::{ConfigReading, Trail},
    },
    facts::{
        DatedVersion, Detail, Kind, Reading, ReplicaStatus, ResourceDetails, ResourceFacts,
        SecretFacts, Version,
    },
    ids::{AccountId, Arn, Region},
    key::{KeyReading, KmsKey},
    remediation::AwsCall,
    scan::{RegionScanFault, RegionScanList},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
};
use time::OffsetDateTime;

#[derive(Debug)]
struct State {
    organization: Result<Organization, RegionScanFault>,
    tag_policies: Result<Vec<TagPolicy>, RegionScanFault>,
    effective_tag_policy: Option<String>,
    asked_for_effective: u32,
    config: HashMap<(AccountId, Region), ConfigReading>,
    trails: Vec<Trail>,
    identities: Result<Vec<Identity>, RegionScanFault>,
    enabled_regions: Result<Vec<Region>, RegionScanFault>,
    keys: HashMap<String, KmsKey>,
    resources: BTreeMap<(AccountId, Region), Vec<ResourceFacts>>,
    closed: HashMap<AccountId, RegionScanFault>,
    breaks_after: Option<usize>,
    left_out_of_lists: HashSet<String>,
    /// Lists that fail immediately.
    denied: HashMap<RegionScanList, RegionScanFault>,
    /// Resources that AWS returns only in lists.
    cannot_be_described: HashSet<String>,
    policies: HashMap<String, String>,
    policies_denied: bool,
    replicas: HashMap<String, Vec<Region>>,
    orders: Vec<CallOrder>,
    refuses_calls: Option<RegionScanFault>,
    loses_calls: bool,
    /// The keys that encrypt the value of a secret, by ARN.
    version_keys: HashMap<String, Vec<String>>,
    leaves_versions: bool,
}

/// Returns pages of two, so that every test uses several pages.
#[derive(Debug, Clone)]
pub struct FakeAws {
    state: Arc<Mutex<State>>,
    /// Sessions, values and Deny statements.
    pub access: FakeAccess,
}

impl Default for FakeAws {
    fn default() -> Self {
        let state = State {
            organization: Ok(organization()),
            tag_policies: Ok(Vec::new()),
            effective_tag_policy: None,
            asked_for_effective: 0,
            config: HashMap::new(),
            trails: Vec::new(),
            identities: Ok(Vec::new()),
            enabled_regions: Err(RegionScanFault::Denied),
            keys: HashMap::new(),
            resources: BTreeMap::new(),
            closed: HashMap::new(),
            breaks_after: None,
            left_out_of_lists: HashSet::new(),
            denied: HashMap::new(),
            cannot_be_described: HashSet::new(),
            policies: HashMap::new(),
            policies_denied: false,
            replicas: HashMap::new(),
            orders: Vec::new(),
            refuses_calls: None,
            loses_calls: false,
            version_keys: HashMap::new(),
            leaves_versions: false,
        };
        Self { state: Arc::new(Mutex::new(state)), access: FakeAccess::default() }
    }
}

const PAGE: usize = 2;

impl FakeAws {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it holds the fake")
    }

    /// Adds a resource at its ARN.
    pub fn put(&self, facts: ResourceFacts) {
        let parts: Vec<&str> = facts.arn.as_str().split(':').collect();
        let key = (parts[4].parse().expect("an account id"), parts[3].parse().expect("a Region"));
        let mut state = self.state();
        let here = state.resources.entry(key).or_default();
        here.retain(|other| other.arn != facts.arn);
        here.push(facts);
    }

    pub fn remove(&self, arn: &Arn) {
        for here in self.state().resources.values_mut() {
            here.retain(|facts| facts.arn != *arn);
        }
    }

    /// From now on access to this account is denied; `None` allows it again.
    pub fn close(&self, account: &AccountId, fault: Option<RegionScanFault>) {
        match fault {
            Some(fault) => self.state().closed.insert(account.clone(), fault),
            None => self.state().closed.remove(account),
        };
    }

    /// Every list fails after this number of pages.
    pub fn break_lists_after(&self, pages: Option<usize>) {
        self.state().breaks_after = pages;
    }

    /// The list is outdated: the resource exists, but no list returns it.
    pub fn leave_out_of_lists(&self, arn: &Arn) {
        self.state().left_out_of_lists.insert(arn.to_string());
    }

    /// AWS Config returns this in a Region.
    pub fn set_config(&self, account: &AccountId, region: &Region, reading: ConfigReading) {
        self.state().config.insert((account.clone(), region.clone()), reading);
    }

    /// Every account has these roles and users.
    pub fn set_identities(&self, identities: Result<Vec<Identity>, RegionScanFault>) {
        self.state().identities = identities;
    }

    /// Every account has these Regions enabled.
    pub fn set_enabled_regions(&self, regions: Result<Vec<Region>, RegionScanFault>) {
        self.state().enabled_regions = regions;
    }

    /// The secret's current version is under these keys, as `ListSecretVersionIds` names them.
    pub fn set_version_keys(&self, arn: &Arn, keys: &[&str]) {
        let keys = keys.iter().map(|key| (*key).to_owned()).collect();
        self.state().version_keys.insert(arn.to_string(), keys);
    }

    /// A change of key leaves the versions under their old one, as in AWS without `kms:Encrypt`.
    pub fn leave_versions(&self, leaves: bool) {
        self.state().leaves_versions = leaves;
    }

    /// KMS has this key by the name.
    pub fn set_key(&self, name: &str, key: KmsKey) {
        self.state().keys.insert(name.to_owned(), key);
    }

    /// Every account has these trails.
    pub fn set_trails(&self, trails: Vec<Trail>) {
        self.state().trails = trails;
    }

    /// The Organization has these tag policies.
    pub fn set_tag_policies(&self, policies: Result<Vec<TagPolicy>, RegionScanFault>) {
        self.state().tag_policies = policies;
    }

    /// AWS returns this as the effective tag policy of every account; `None` denies it.
    pub fn set_effective_tag_policy(&self, content: Option<&str>) {
        self.state().effective_tag_policy = content.map(ToOwned::to_owned);
    }

    /// The number of these calls.
    pub fn asked_for_effective(&self) -> u32 {
        self.state().asked_for_effective
    }

    /// The secret has this resource policy.
    pub fn attach_policy(&self, arn: &Arn, policy: &str) {
        self.state().policies.insert(arn.to_string(), policy.to_owned());
    }

    /// The changes that were requested, in order.
    pub fn orders(&self) -> Vec<CallOrder> {
        self.state().orders.clone()
    }

    /// From now on AWS denies every change; `None` allows them again.
    pub fn refuse_calls(&self, why: Option<RegionScanFault>) {
        self.state().refuses_calls = why;
    }

    /// From now on AWS accepts every change, without effect.
    pub fn lose_calls(&self) {
        self.state().loses_calls = true;
    }

    pub fn deny_policies(&self) {
        self.state().policies_denied = true;
    }

    pub fn deny_tags(&self) {
        self.fail_list(RegionScanList::ParameterTags, Some(RegionScanFault::Denied));
    }

    /// From now on this list fails immediately; `None` lets it succeed again.
    pub fn fail_list(&self, list: RegionScanList, fault: Option<RegionScanFault>) {
        match fault {
            Some(fault) => self.state().denied.insert(list, fault),
            None => self.state().denied.remove(&list),
        };
    }

    /// From now on AWS denies describing this resource, whether or not it exists.
    pub fn deny_describe(&self, arn: &Arn) {
        self.state().cannot_be_described.insert(arn.to_string());
    }

    pub fn change_organization(&self, change: impl FnOnce(&mut Organization)) {
        if let Ok(organization) = &mut self.state().organization {
            change(organization);
        }
    }

    pub fn lose_organization(&self, fault: RegionScanFault) {
        self.state().organization = Err(fault);
    }
}

pub(crate) fn fault(operation: &'static str, fault: RegionScanFault) -> AwsError {
    AwsError { operation, fault, code: Some("Fake".into()), detail: "asked for by the test".into() }
}

#[async_trait]
impl ReadinessGateway for FakeAws {
    async fn try_role(&self, account: &AccountId, _: OurRole) -> Result<(), AwsError> {
        match self.state().closed.get(account) {
            Some(why) => Err(fault("AssumeRole", *why)),
            None => Ok(()),
        }
    }

    async fn trails(&self, _: &AccountId, _: &Region) -> Result<Vec<Trail>, AwsError> {
        Ok(self.state().trails.clone())
    }

    async fn identities(&self, _: &AccountId) -> Result<Vec<Identity>, AwsError> {
        let identities = self.state().identities.clone();
        identities.map_err(|why| fault("GetAccountAuthorizationDetails", why))
    }

    async fn config(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<ConfigReading, AwsError> {
        let key = (account.clone(), region.clone());
        Ok(self.state().config.get(&key).cloned().unwrap_or_default())
    }
}

#[async_trait]
impl Gateway for FakeAws {
    async fn organization(&self) -> Result<Organization, AwsError> {
        self.state().organization.clone().map_err(|why| fault("ListAccounts", why))
    }

    async fn tag_policies(&self) -> TagPolicyReading {
        let policies = self.state().tag_policies.clone();
        let policies = policies.map_err(|why| fault("ListPolicies", why).read_failure());
        TagPolicyReading { is_enabled: Ok(true), policies }
    }

    async fn effective_tag_policy(&self, _: &AccountId) -> Result<Option<String>, AwsError> {
        let mut state = self.state();
        state.asked_for_effective += 1;
        let content = state.effective_tag_policy.clone();
        content.map(Some).ok_or_else(|| fault("DescribeEffectivePolicy", RegionScanFault::Denied))
    }

    async fn enabled_regions(&self, account: &AccountId) -> Result<Vec<Region>, AwsError> {
        let state = self.state();
        if let Some(why) = state.closed.get(account) {
            return Err(fault("AssumeRole", *why));
        }
        state.enabled_regions.clone().map_err(|why| fault("ListRegions", why))
    }

    async fn kms_keys(
        &self,
        _: &AccountId,
        _: &Region,
        named: &[String],
    ) -> Result<Vec<KeyReading>, AwsError> {
        let state = self.state();
        Ok(named.iter().map(|name| Reading::Read(state.keys.get(name).cloned())).collect())
    }

    async fn open(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<dyn InventoryReader>, AwsError> {
        if let Some(why) = self.state().closed.get(account) {
            return Err(fault("AssumeRole", *why));
        }
        Ok(Arc::new(FakeReader {
            aws: self.clone(),
            key: (account.clone(), region.clone()),
            calls: AtomicU32::new(0),
        }))
    }
}

struct FakeReader {
    aws: FakeAws,
    key: (AccountId, Region),
    calls: AtomicU32,
}

impl FakeReader {
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

    async fn secret(&self, arn: &Arn) -> Result<Option<ResourceFacts>, AwsError> {
        Ok(self.aws.find(|facts| facts.arn == *arn))
    }

    async fn parameter(&self, name: &str) -> Result<Option<ResourceFacts>, AwsError> {
        Ok(self.aws.find(|facts| facts.name == name && facts.kind() == Kind::Parameter))
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
        Ok(Some(ResourceDetails {
            of_change: changed_at,
            resource_policy: if state.policies_denied {
                Reading::Refused("AccessDeniedException".into())
            } else {
                Reading::Read(state.policies.get(arn.as_str()).cloned())
            },
            versions: Reading::Read(vec![DatedVersion {
                id: "v1".into(),
                stages: vec!["AWSCURRENT".into()],
                created_at: changed_at,
                key_ids: state.version_keys.get(arn.as_str()).cloned().unwrap_or_default(),
            }]),
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
                    })
                    .collect(),
            ),
        }))
    }

    fn api_calls(&self) -> u32 {
        self.calls.load(Ordering::Relaxed)
    }
}

impl FakeAws {
    fn find(&self, is_it: impl Fn(&ResourceFacts) -> bool) -> Option<ResourceFacts> {
        self.state().resources.values().flatten().find(|facts| is_it(facts)).cloned()
    }
}

#[async_trait]
impl RemediationGateway for FakeAws {
    async fn carry_out(&self, order: &CallOrder, call: &AwsCall) -> Result<(), AwsError> {
        let mut state = self.state();
        let is_repeated = state.orders.iter().any(|earlier| earlier.token == order.token);
        state.orders.push(order.clone());
        if let Some(why) = state.refuses_calls {
            return Err(fault(call.operation(order.kind), why));
        }
        if state.loses_calls || (is_repeated && *call == AwsCall::RotateNow) {
            return Ok(());
        }
        // The role's own permission is not checked: the session needs it.
        if matches!(call, AwsCall::UpdateSecret { .. }) && !order.policy.contains("kms:Encrypt") {
            state.leaves_versions = true;
        }
        state.change(order.arn.as_str(), call);
        Ok(())
    }
}

impl State {
    fn change(&mut self, arn: &str, call: &AwsCall) {
        let found = self.resources.values_mut().flatten().find(|facts| facts.arn.as_str() == arn);
        let facts = found.expect("a resource that is there");
        // LastChangedDate changes with every edit.
        facts.changed_at = facts.changed_at.map(|at| at + time::Duration::seconds(1));
        let secret = match &mut facts.detail {
            Detail::Secret(secret) => secret,
            Detail::Parameter(_) => &mut SecretFacts::default(),
        };
        match call {
            AwsCall::TagResource { tags } => {
                facts.tags.get_or_insert_default().extend(tags.clone());
            }
            AwsCall::RotateSecret { lambda_arn, rules, rotate_immediately } => {
                secret.rotation.enabled = Some(true);
                secret.rotation.lambda_arn.clone_from(lambda_arn);
                secret.rotation.rules = Some(rules.clone());
                if *rotate_immediately {
                    rotate(secret);
                }
            }
            AwsCall::RotateNow => rotate(secret),
            AwsCall::UpdateSecret { kms_key_id } => {
                facts.kms_key_id = Some(kms_key_id.clone());
                if let Some(keys) = self.version_keys.get_mut(arn).filter(|_| !self.leaves_versions)
                {
                    let key = self.keys.get(kms_key_id).map(|key| key.arn.clone());
                    *keys = vec![key.unwrap_or_else(|| kms_key_id.clone())];
                }
            }
            AwsCall::PutResourcePolicy { resource_policy } => {
                self.policies.insert(arn.to_owned(), resource_policy.clone());
            }
            AwsCall::DeleteResourcePolicy => {
                self.policies.remove(arn);
            }
            // The time of the request, not the end of the recovery window.
            AwsCall::DeleteSecret { .. } => secret.deleted_at = facts.changed_at,
            AwsCall::RestoreSecret => secret.deleted_at = None,
            AwsCall::ReplicateSecretToRegions { region, .. } => {
                self.replicas.entry(arn.to_owned()).or_default().push(region.clone());
            }
            AwsCall::RemoveRegionsFromReplication { region } => {
                self.replicas.entry(arn.to_owned()).or_default().retain(|r| r != region);
            }
        }
    }
}

/// The rotation completes immediately: AWSCURRENT moves to a new version.
fn rotate(secret: &mut SecretFacts) {
    let number = secret.versions.len() + 1;
    secret.versions = vec![Version { id: format!("v{number}"), stages: vec!["AWSCURRENT".into()] }];
}
