//! An AWS in memory, with the failures that a test sets.

mod alarms;
mod analyzer;
mod consumers;
mod iam;
mod reader;
mod readiness;
mod remediation;
mod rotation;
mod variables;

use crate::{FakeAccess, TestClock, samples::organization};
pub use alarms::SentTest;
pub use analyzer::FakeAnalyzer;
use async_trait::async_trait;
use claviger_aws::{
    AwsError, CallOrder, CreationOrder, EventRule, FunctionOrder, Gateway, Identity,
    InventoryReader, OurRole,
};
use claviger_domain::{
    accounts::{
        Organization, TagPolicy, TagPolicyReading,
        identities::{GuardrailKind, GuardrailReading},
        readiness::{ConfigReading, Trail},
    },
    facts::{Reading, ResourceFacts},
    ids::{AccountId, Arn, Region},
    key::{KeyAccess, KeyReading, KmsKey},
    remediation::FunctionReading,
    scan::{RegionScanFault, RegionScanList},
};
pub use iam::{AppliedCall, FakeIam};
use reader::FakeReader;
pub use readiness::FakeRole;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};
use time::{Duration, OffsetDateTime};
pub use variables::FakeVariables;

#[derive(Debug)]
struct State {
    organization: Result<Organization, RegionScanFault>,
    tag_policies: Result<Vec<TagPolicy>, RegionScanFault>,
    effective_tag_policy: Option<String>,
    guardrails: Vec<GuardrailReading>,
    key_access: KeyAccess,
    asked_for_effective: u32,
    config: HashMap<(AccountId, Region), ConfigReading>,
    trails: Vec<Trail>,
    identities: Result<Vec<Identity>, RegionScanFault>,
    /// What is not as the templates make it.
    roles: HashMap<(AccountId, OurRole), FakeRole>,
    enabled_regions: Result<Vec<Region>, RegionScanFault>,
    keys: HashMap<String, KmsKey>,
    resources: BTreeMap<(AccountId, Region), Vec<ResourceFacts>>,
    closed: HashMap<AccountId, RegionScanFault>,
    breaks_after: Option<usize>,
    left_out_of_lists: HashSet<String>,
    /// Lists that fail immediately.
    denied: HashMap<RegionScanList, RegionScanFault>,
    /// What was asked about alone, by ARN or name.
    described: Vec<String>,
    /// How long AWS takes to describe a resource, by this clock.
    slow: Option<(Arc<TestClock>, Duration)>,
    /// Why details cannot be read.
    no_details: Option<RegionScanFault>,
    /// Resources that AWS returns only in lists.
    cannot_be_described: HashSet<String>,
    policies: HashMap<String, String>,
    policies_denied: bool,
    replicas: HashMap<String, Vec<Region>>,
    orders: Vec<CallOrder>,
    creations: Vec<CreationOrder>,
    created_values: Vec<(bool, Vec<u8>)>,
    /// What AWS says about functions, by ARN; of others, that they do not exist.
    functions: HashMap<String, FunctionReading>,
    functions_denied: Option<RegionScanFault>,
    function_orders: Vec<FunctionOrder>,
    event_rules: HashMap<String, EventRule>,
    events_denied: Option<RegionScanFault>,
    sent_tests: Vec<SentTest>,
    /// The roles of Claviger's path, functions, and what is to fail.
    iam: FakeIam,
    analyzer: FakeAnalyzer,
    variables: FakeVariables,
    refuses_calls: Option<RegionScanFault>,
    loses_calls: bool,
    /// The keys that encrypt the value of a secret, by ARN.
    version_keys: HashMap<String, Vec<String>>,
    leaves_versions: bool,
    /// When the versions with a value were created, by ARN and id.
    values: HashMap<String, HashMap<String, OffsetDateTime>>,
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
            key_access: KeyAccess {
                policy: Reading::Refused("AccessDeniedException".to_owned()),
                grants: Reading::Refused("AccessDeniedException".to_owned()),
            },
            guardrails: [GuardrailKind::Scp, GuardrailKind::Rcp].map(no_guardrails).into(),
            asked_for_effective: 0,
            config: HashMap::new(),
            trails: Vec::new(),
            identities: Ok(Vec::new()),
            roles: HashMap::new(),
            enabled_regions: Err(RegionScanFault::Denied),
            keys: HashMap::new(),
            resources: BTreeMap::new(),
            closed: HashMap::new(),
            breaks_after: None,
            left_out_of_lists: HashSet::new(),
            denied: HashMap::new(),
            described: Vec::new(),
            slow: None,
            no_details: None,
            cannot_be_described: HashSet::new(),
            policies: HashMap::new(),
            policies_denied: false,
            replicas: HashMap::new(),
            orders: Vec::new(),
            creations: Vec::new(),
            created_values: Vec::new(),
            functions: HashMap::new(),
            functions_denied: None,
            function_orders: Vec::new(),
            event_rules: HashMap::new(),
            events_denied: None,
            sent_tests: Vec::new(),
            iam: FakeIam::default(),
            analyzer: FakeAnalyzer::default(),
            variables: FakeVariables::default(),
            refuses_calls: None,
            loses_calls: false,
            version_keys: HashMap::new(),
            leaves_versions: false,
            values: HashMap::new(),
        };
        Self { state: Arc::new(Mutex::new(state)), access: FakeAccess::default() }
    }
}

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

    /// What AWS has of this resource now.
    pub fn resource(&self, arn: &Arn) -> Option<ResourceFacts> {
        self.state().resources.values().flatten().find(|facts| facts.arn == *arn).cloned()
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

    /// Of the secret's versions these have a value, made then; AWS lists no others. Without it, the current one has.
    pub fn set_values(&self, arn: &Arn, values: &[(&str, OffsetDateTime)]) {
        let values = values.iter().map(|(id, at)| ((*id).to_owned(), *at)).collect();
        self.state().values.insert(arn.to_string(), values);
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

    /// The Organization has these SCPs and RCPs; without this, neither is enabled.
    pub fn set_guardrails(&self, guardrails: Vec<GuardrailReading>) {
        self.state().guardrails = guardrails;
    }

    /// Every customer managed key has this policy and these grants; without this, reading them is denied.
    pub fn set_key_access(&self, access: KeyAccess) {
        self.state().key_access = access;
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

    /// What was to be created, in order.
    pub fn creations(&self) -> Vec<CreationOrder> {
        self.state().creations.clone()
    }

    /// The values of what was created, each with whether it is binary.
    pub fn created_values(&self) -> Vec<(bool, Vec<u8>)> {
        self.state().created_values.clone()
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

    /// From now on a description is this old when it arrives.
    pub fn describes_slowly(&self, clock: &Arc<TestClock>, takes: Duration) {
        self.state().slow = Some((Arc::clone(clock), takes));
    }

    /// From now on reading the details of secrets fails; `None` lets it succeed again.
    pub fn fail_details(&self, fault: Option<RegionScanFault>) {
        self.state().no_details = fault;
    }

    /// What was asked about alone since the last look, by ARN or name.
    pub fn described(&self) -> Vec<String> {
        std::mem::take(&mut self.state().described)
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

/// A type of policy that is not enabled.
fn no_guardrails(kind: GuardrailKind) -> GuardrailReading {
    GuardrailReading { kind, is_enabled: Ok(false), policies: Ok(Vec::new()) }
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

    async fn guardrails(&self) -> Vec<GuardrailReading> {
        self.state().guardrails.clone()
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

    async fn key_access(
        &self,
        _: &AccountId,
        _: &Region,
        keys: &[String],
    ) -> Result<Vec<KeyAccess>, AwsError> {
        Ok(keys.iter().map(|_| self.state().key_access.clone()).collect())
    }

    async fn open(
        &self,
        account: &AccountId,
        region: &Region,
    ) -> Result<Arc<dyn InventoryReader>, AwsError> {
        if let Some(why) = self.state().closed.get(account) {
            return Err(fault("AssumeRole", *why));
        }
        Ok(Arc::new(FakeReader::new(self.clone(), (account.clone(), region.clone()))))
    }
}
