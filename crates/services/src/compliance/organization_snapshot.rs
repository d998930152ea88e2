//! What is known beyond the single secret: the Organization around it, and the tag policies that come down to it.

use claviger_domain::{
    accounts::{
        AccountState, Organization,
        readiness::{Readiness, ReadinessItem, ReadinessState, TagKeyView, TagPolicyView},
    },
    authz::AccountLocation,
    clock::Clock,
    error_line::{ErrorLine, one_line},
    ids::{AccountId, OuId},
};
use claviger_gateways::Gateway;
use claviger_policy::{
    compliance::{OrganizationContext, PathReaders, TagPolicies},
    exposure::OrganizationMembers,
    parameters_by_path::PathReader,
    tag_policy::{Document, EffectiveTagPolicy, TagPolicyFault, TagRule},
};
use claviger_store::{
    AccountRepository, EvaluationRepository, FactRepository, JobQueue, StoreError, StoredIdentity,
    StoredTagPolicies, TagPolicyRepository,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use time::Duration;

/// AWS is asked again after so long, also where nothing seems to have changed.
const CACHE_TTL: Duration = Duration::hours(24);

/// The same for every account.
#[derive(Debug, Clone)]
pub(crate) struct OrganizationSnapshot {
    org_context: OrganizationContext,
    tags: StoredTagPolicies,
    path_readers: BTreeMap<AccountId, Result<Vec<StoredIdentity>, String>>,
}

impl OrganizationSnapshot {
    /// As seen from an account.
    pub(crate) fn at(&self, location: &AccountLocation) -> OrganizationContext {
        OrganizationContext {
            tag_policies: tag_policies_at(&self.tags, location),
            path_readers: path_readers(self.path_readers.get(&location.account)),
            ..self.org_context.clone()
        }
    }
}

fn path_readers(stored: Option<&Result<Vec<StoredIdentity>, String>>) -> PathReaders {
    let found = match stored {
        None => return PathReaders::Unread,
        Some(Err(why)) => return PathReaders::Unreadable(why.clone()),
        Some(Ok(found)) => found,
    };
    let read: Result<Vec<Option<PathReader>>, String> = found
        .iter()
        .map(|one| {
            PathReader::of(&one.principal, &one.documents, one.boundary.as_deref())
                .map_err(|fault| format!("{}: {fault}", one.principal))
        })
        .collect();
    read.map_or_else(PathReaders::Unreadable, |read| {
        PathReaders::Known(read.into_iter().flatten().collect())
    })
}

/// What the tag policies come to in an account: as AWS merges them where it says so, else by the same rules here.
fn tag_policies_at(stored: &StoredTagPolicies, location: &AccountLocation) -> TagPolicies {
    if stored.read_at.is_none() {
        return TagPolicies::Unread;
    }
    if let Some(code) = &stored.fault {
        return TagPolicies::Unreadable(code.clone());
    }
    aws_says(stored, location)
        .unwrap_or_else(|| merged(stored, location))
        .map_or_else(|error| TagPolicies::Unreadable(error.to_string()), TagPolicies::Known)
}

/// A tag policy, or AWS's merging of them, that cannot be interpreted.
#[derive(Debug, thiserror::Error)]
#[error("{of}: {error}")]
struct UnreadableTagPolicy {
    of: String,
    error: TagPolicyFault,
}

/// AWS's own merging, while the account is where it was.
fn aws_says(
    stored: &StoredTagPolicies,
    location: &AccountLocation,
) -> Option<Result<EffectiveTagPolicy, UnreadableTagPolicy>> {
    let effective = stored.effective.get(&location.account)?;
    let same_place = effective.ou_path.iter().eq(location.units.iter().map(|(id, _)| id));
    same_place.then(|| match &effective.content {
        None => Ok(EffectiveTagPolicy::default()),
        Some(content) => EffectiveTagPolicy::read(content)
            .map_err(|error| UnreadableTagPolicy { of: "DescribeEffectivePolicy".into(), error }),
    })
}

/// Our own merging.
fn merged(
    stored: &StoredTagPolicies,
    location: &AccountLocation,
) -> Result<EffectiveTagPolicy, UnreadableTagPolicy> {
    let account = location.account.to_string();
    let mut levels = Vec::new();
    for target in location.units.iter().map(|(id, _)| id.as_str()).chain([account.as_str()]) {
        let here = stored.policies.iter().filter(|p| p.targets.iter().any(|at| at == target));
        let level: Result<Vec<Document>, UnreadableTagPolicy> = here
            .map(|policy| {
                Document::read(&policy.content)
                    .map_err(|error| UnreadableTagPolicy { of: policy.name.clone(), error })
            })
            .collect();
        levels.push(level?);
    }
    Ok(EffectiveTagPolicy::merge(&levels))
}

/// Where the tag policies of a place come from, in a sentence.
fn origin(stored: &StoredTagPolicies, location: &AccountLocation) -> String {
    match (aws_says(stored, location), merged(stored, location)) {
        (None, _) => "Effective policy computed by Claviger.".into(),
        (Some(Ok(aws)), Ok(own)) if !aws.agrees(&own) => {
            "Effective policy from AWS; Claviger's own computation differs and is ignored.".into()
        }
        (Some(_), _) => "Effective policy from AWS.".into(),
    }
}

/// The Organization as evaluations see it.
#[derive(Clone)]
pub struct SnapshotService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) facts: FactRepository,
    pub(crate) tag_policies: TagPolicyRepository,
}

impl SnapshotService {
    /// Whether the Organization's tag policies are turned on, and what they come to in an account.
    pub(crate) async fn tag_policy_in(
        &self,
        location: &AccountLocation,
    ) -> Result<(Readiness, TagPolicyView), StoreError> {
        let stored =
            self.tag_policies.tag_policies(std::slice::from_ref(&location.account)).await?;
        let (state, says) = match (stored.is_enabled, &stored.fault) {
            (None, _) if stored.read_at.is_none() => {
                (ReadinessState::Unknown, "Tag policies were not read yet.".to_owned())
            }
            (None, _) => (
                ReadinessState::Unknown,
                "AWS did not answer ListRoots, so it is not known whether tag policies are turned on."
                    .to_owned(),
            ),
            (Some(false), _) => (
                ReadinessState::Missing,
                "The Organization has tag policies turned off.".to_owned(),
            ),
            (Some(true), Some(fault)) => (
                ReadinessState::Unknown,
                format!("Tag policies are turned on, but {fault}, so it is not known what they say."),
            ),
            (Some(true), None) if stored.policies.is_empty() => {
                (ReadinessState::Ready, "Tag policies are turned on; there is none yet.".to_owned())
            }
            (Some(true), None) => (ReadinessState::Ready, "Tag policies are turned on.".to_owned()),
        };
        let readiness =
            Readiness { item: ReadinessItem::TagPolicies, region: None, state, role: None, says };
        let view = match tag_policies_at(&stored, location) {
            TagPolicies::Unread => TagPolicyView::default(),
            TagPolicies::Unreadable(why) => {
                TagPolicyView { says: format!("They could not be read: {why}"), keys: Vec::new() }
            }
            TagPolicies::Known(effective) => TagPolicyView {
                says: origin(&stored, location),
                keys: effective.keys.into_values().map(key_view).collect(),
            },
        };
        Ok((readiness, view))
    }

    /// What is known beyond the single secret, for those of these accounts.
    pub(crate) async fn load_organization_snapshot(
        &self,
        of: &[AccountId],
    ) -> Result<OrganizationSnapshot, StoreError> {
        let (organization, accounts) = self.accounts.organization().await?;
        let regions = self.evaluations.scanned_regions().await?;
        let around = OrganizationMembers { organization, accounts: accounts.into_iter().collect() };
        let org_context = OrganizationContext {
            around,
            regions: regions.into_iter().collect(),
            ..OrganizationContext::default()
        };
        let (tags, path_readers) =
            tokio::try_join!(self.tag_policies.tag_policies(of), self.facts.path_readers(of))?;
        Ok(OrganizationSnapshot { org_context, tags, path_readers })
    }
}

/// Reads the tag policies of the Organization.
#[derive(Clone)]
pub struct TagPolicyService {
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) jobs: JobQueue,
    pub(crate) tag_policies: TagPolicyRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) gateway: Arc<dyn Gateway>,
}

impl TagPolicyService {
    /// Reads the tag policies with a sweep. A refusal is noted, and keeps nothing else from being read.
    pub(crate) async fn read_tag_policies(
        &self,
        organization: &Organization,
    ) -> Result<(), StoreError> {
        let accounts: Vec<AccountId> =
            organization.accounts.iter().map(|account| account.id.clone()).collect();
        let before = self.tag_policies.tag_policies(&accounts).await?;
        let now = self.clock.now();
        let mut reading = self.gateway.tag_policies().await;
        if let Ok(policies) = &mut reading.policies {
            policies.sort_by(|a, b| a.id.cmp(&b.id));
        }
        let batch = [reading.is_enabled.as_ref().err(), reading.policies.as_ref().err()];
        for batch in batch.into_iter().flatten() {
            tracing::warn!(error = one_line(&batch.to_string()), "the tag policies cannot be read");
        }
        self.tag_policies.write_tag_policies(&reading, now).await?;
        if let Ok(policies) = &reading.policies {
            if policies.is_empty() {
                // Nothing is merged: AWS need not be asked what comes of it.
                self.tag_policies.forget_effective_tag_policies().await?;
            } else {
                let named: BTreeSet<&str> =
                    policies.iter().flat_map(|p| &p.targets).map(String::as_str).collect();
                let changed = *policies != before.policies;
                self.ask_aws(organization, &named, &before, changed).await?;
            }
        }
        if self.tag_policies.tag_policies(&accounts).await?.says_other_than(&before) {
            self.jobs.queue_evaluation(&self.evaluations.accounts_to_evaluate().await?).await?;
        }
        Ok(())
    }

    /// Accounts that one unit holds have one effective policy, but for those with policies of their own: AWS is asked for
    /// one of each kind, where what it said is old or can have changed.
    async fn ask_aws(
        &self,
        organization: &Organization,
        named: &BTreeSet<&str>,
        before: &StoredTagPolicies,
        policies_changed: bool,
    ) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut alike: BTreeMap<(&[OuId], Option<&AccountId>), Vec<AccountId>> = BTreeMap::new();
        for account in &organization.accounts {
            if account.state == AccountState::Active {
                let own = named.contains(account.id.as_str()).then_some(&account.id);
                alike.entry((&account.ou_path, own)).or_default().push(account.id.clone());
            }
        }
        for ((ou_path, _), accounts) in alike {
            let is_known = |account: &AccountId| {
                before.effective.get(account).is_some_and(|known| {
                    known.ou_path == ou_path && known.read_at > now - CACHE_TTL
                })
            };
            let Some(one) =
                accounts.first().filter(|_| policies_changed || !accounts.iter().all(is_known))
            else {
                continue;
            };
            match self.gateway.effective_tag_policy(one).await {
                Ok(content) => {
                    self.tag_policies
                        .write_effective_tag_policy(&accounts, ou_path, content.as_deref(), now)
                        .await?;
                }
                Err(error) => {
                    tracing::info!(error = %ErrorLine(&error), "AWS does not return the effective tag policies: Claviger merges them itself");
                    return self.tag_policies.forget_effective_tag_policies().await;
                }
            }
        }
        Ok(())
    }
}

fn key_view(rule: TagRule) -> TagKeyView {
    let listed = |texts: BTreeSet<String>| texts.into_iter().collect();
    TagKeyView {
        tag_key: rule.tag_key,
        values: rule.values.map(listed),
        required_for: listed(rule.required_for),
        enforced_for: listed(rule.enforced_for),
        is_disputed: rule.is_disputed,
    }
}
