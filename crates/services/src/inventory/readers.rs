//! Who can read a secret or parameter, from what was stored of IAM, the Organization and KMS.

use crate::{Authority, ServiceError};
use claviger_domain::{
    accounts::identities::{AttachedPolicy, GuardrailKind, PolicySource},
    authz::{AccountLocation, Caller, Permission, VisibleAccounts},
    clock::Clock,
    facts::{Detail, KeyClass, Kind, Reading},
    ids::{AccountId, ResourceId},
    inventory::{
        entitlement::{Answer, EntitlementsView},
        view::ResourceDetail,
    },
    key::{KeyAccess, KeyGrant, KeyManager},
};
use claviger_policy::entitlement::{
    Account, Accounts, CustomerKey, Fact, Grant, Key, Level, Membership, Policy, PolicyKind,
    Principal, PrincipalKind, Resource, ResourceKind, readers,
};
use claviger_store::{
    AccountRepository, EvaluationRepository, InventoryRepository, PrincipalRepository,
    ResourceInput, StoredGuardrails, StoredPrincipal,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Says who can read a resource.
#[derive(Clone)]
pub struct ReaderService {
    pub(crate) accounts: AccountRepository,
    pub(crate) evaluations: EvaluationRepository,
    pub(crate) inventory: InventoryRepository,
    pub(crate) principals: PrincipalRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
}

/// Before the first reading.
const NOT_YET: &str = "not read yet";

impl ReaderService {
    /// Everyone who can read a resource, or may be able to. IAM policies of accounts outside of the caller's scope are not
    /// shown, and count as not read.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn readers_of(
        &self,
        caller: &Caller,
        id: &str,
    ) -> Result<EntitlementsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let missing = || ServiceError::NotFound("secret or parameter");
        let id: ResourceId = id.parse().map_err(|_| missing())?;
        let now = self.clock.now();
        let shown = self.inventory.resource(&visible, id, now).await?.ok_or_else(missing)?;
        let input =
            self.evaluations.resource_to_evaluate(&visible, id).await?.ok_or_else(missing)?;
        let access = match &shown.facts.kms_key_id {
            Some(name) => {
                self.principals.key_access(&shown.account_id, &shown.region, name).await?
            }
            None => None,
        };
        let accounts = self.accounts_of(&shown, &input, access.as_ref(), &visible).await?;
        let resource = resource(&shown, &input, access);
        let mut rows = readers(&resource, &accounts, now);
        let all = rows.len();
        rows.retain(|row| row.answer > Answer::Cannot);
        let mut notes = vec![
            "Policies of VPC endpoints and session policies are not read.".to_owned(),
            "Who can assume a role, or change a policy, is not listed.".to_owned(),
        ];
        if is_advanced(&shown) {
            notes.push("Sharing of advanced parameters through AWS RAM is not read.".to_owned());
        }
        Ok(EntitlementsView {
            resource: id,
            name: shown.facts.name.clone(),
            cannot: u32::try_from(all - rows.len()).unwrap_or(u32::MAX),
            rows,
            notes,
            as_of: now,
        })
    }

    /// Every account of the Organization; with its principals where the resource depends on them and the caller may see them.
    async fn accounts_of(
        &self,
        shown: &ResourceDetail,
        input: &ResourceInput,
        access: Option<&KeyAccess>,
        visible: &VisibleAccounts,
    ) -> Result<Accounts, ServiceError> {
        let (organization, mut members) = self.accounts.organization().await?;
        if !members.contains(&shown.account_id) {
            members.push(shown.account_id.clone());
        }
        let policy = input.deep.as_ref().map(|deep| &deep.resource_policy);
        let texts: Vec<&str> = [
            match policy {
                Some(Reading::Read(Some(text))) => Some(text.as_str()),
                _ => None,
            },
            match access.map(|access| &access.policy) {
                Some(Reading::Read(text)) => Some(text.as_str()),
                _ => None,
            },
        ]
        .into_iter()
        .flatten()
        .collect();
        let is_named = |id: &AccountId| texts.iter().any(|text| text.contains(id.as_str()));
        let may_see: BTreeSet<&AccountId> = visible.accounts.iter().collect();
        let asked: Vec<AccountId> = members
            .iter()
            .filter(|id| **id == shown.account_id || (is_named(id) && may_see.contains(id)))
            .cloned()
            .collect();
        let (locations, mut principals, guardrails, management) = tokio::try_join!(
            self.accounts.locations(&members),
            self.principals.principals(&asked),
            self.principals.guardrails(),
            self.principals.management_account(),
        )?;
        let (mut found, mut parsed) = (Accounts::new(), Parsed::default());
        for location in locations {
            let id = location.account.clone();
            let principals = match principals.remove(&id) {
                Some(Ok(all)) => {
                    Fact::Known(all.into_iter().map(|one| principal(one, &mut parsed)).collect())
                }
                Some(Err(why)) => Fact::NotRead(why),
                None if asked.contains(&id) => Fact::NotRead(NOT_YET.to_owned()),
                None => Fact::NotRead("outside of your scope".to_owned()),
            };
            let membership = match (&organization, &management) {
                (Some(organization), Some(management)) => Fact::Known(Some(Membership {
                    path: path(organization, &location),
                    organization: organization.clone(),
                    is_management: *management == id,
                })),
                _ => Fact::NotRead(NOT_YET.to_owned()),
            };
            let account = Account {
                membership,
                principals,
                scps: levels(guardrails.get(&GuardrailKind::Scp), GuardrailKind::Scp, &location),
                rcps: levels(guardrails.get(&GuardrailKind::Rcp), GuardrailKind::Rcp, &location),
                id: id.clone(),
            };
            found.insert(id, account);
        }
        Ok(found)
    }
}

fn is_advanced(shown: &ResourceDetail) -> bool {
    matches!(&shown.facts.detail, Detail::Parameter(facts) if facts.tier.as_deref() != Some("Standard"))
}

/// As in `aws:PrincipalOrgPaths`.
fn path(organization: &str, location: &AccountLocation) -> String {
    let units = location.units.iter().map(|(id, _)| id.as_str());
    let mut path: String = std::iter::once(organization).chain(units).collect::<Vec<_>>().join("/");
    path.push('/');
    path
}

/// The guardrails on an account, from the root down.
fn levels(
    stored: Option<&StoredGuardrails>,
    kind: GuardrailKind,
    location: &AccountLocation,
) -> Fact<Vec<Level>> {
    let Some(stored) = stored else { return Fact::NotRead(NOT_YET.to_owned()) };
    match (&stored.fault, stored.is_enabled) {
        (Some(fault), _) => return Fact::NotRead(fault.clone()),
        (None, Some(false)) => return Fact::Known(Vec::new()),
        (None, None) => return Fact::NotRead(NOT_YET.to_owned()),
        (None, Some(true)) => {}
    }
    let kind = match kind {
        GuardrailKind::Scp => PolicyKind::ServiceControl,
        GuardrailKind::Rcp => PolicyKind::ResourceControl,
    };
    let account = location.account.as_str();
    let units = location.units.iter().map(|(id, path)| {
        let name = if path.is_empty() { "the root".to_owned() } else { format!("OU {path}") };
        (id.as_str(), name)
    });
    let targets = units.chain([(account, format!("account {account}"))]);
    let levels = targets.map(|(target, name)| {
        let here =
            stored.policies.iter().filter(|policy| policy.targets.iter().any(|t| t == target));
        Level {
            name,
            policies: here
                .map(|policy| Arc::new(Policy::read(&kind, &policy.name, &policy.content)))
                .collect(),
        }
    });
    let levels: Vec<Level> = levels.collect();
    // Where the type is enabled, AWS attaches a policy that allows everything, and lets nobody detach the last one.
    match levels.iter().find(|level| level.policies.is_empty()) {
        Some(level) => Fact::NotRead(format!("AWS returned no policy for {}", level.name)),
        None => Fact::Known(levels),
    }
}

/// Each document parsed once: many roles have the same AWS managed policies.
#[derive(Default)]
struct Parsed(BTreeMap<(PolicySource, String, Option<String>), Arc<Policy>>);

impl Parsed {
    fn policy(&mut self, policy: AttachedPolicy) -> Arc<Policy> {
        let AttachedPolicy { source, name, document } = policy;
        let parsed = self.0.entry((source, name, document));
        let read = |(source, name, document): &(PolicySource, String, Option<String>)| {
            let kind = match source {
                PolicySource::Inline => PolicyKind::Inline,
                PolicySource::Managed => PolicyKind::Managed,
                PolicySource::Group(name) => PolicyKind::Group(name.clone()),
            };
            Arc::new(attached(&kind, name, document.as_deref()))
        };
        Arc::clone(parsed.or_insert_with_key(read))
    }
}

fn principal(stored: StoredPrincipal, parsed: &mut Parsed) -> Principal {
    let is_user = stored.arn.contains(":user/");
    Principal {
        kind: if is_user { PrincipalKind::User } else { PrincipalKind::Role },
        policies: stored.policies.into_iter().map(|policy| parsed.policy(policy)).collect(),
        boundary: stored.boundary.map(|policy| {
            let document = policy.document.as_deref();
            Arc::new(attached(&PolicyKind::Boundary, &policy.name, document))
        }),
        tags: stored.tags,
        takes_session_tags: stored.takes_session_tags,
        arn: stored.arn,
    }
}

fn attached(kind: &PolicyKind, name: &str, document: Option<&str>) -> Policy {
    match document {
        Some(text) => Policy::read(kind, name, text),
        None => Policy::not_read(kind, name),
    }
}

fn resource(shown: &ResourceDetail, input: &ResourceInput, access: Option<KeyAccess>) -> Resource {
    let kind = match shown.facts.kind() {
        Kind::Secret => ResourceKind::Secret,
        Kind::Parameter => ResourceKind::Parameter,
    };
    let policy = match (kind, input.deep.as_ref().map(|deep| &deep.resource_policy)) {
        // Only sharing gives a parameter a resource policy, and it only adds readers of other accounts.
        (ResourceKind::Parameter, _) | (_, Some(Reading::Read(None))) => Fact::Known(None),
        (_, None) => Fact::NotRead(NOT_YET.to_owned()),
        (_, Some(Reading::Refused(code))) => Fact::NotRead(code.clone()),
        (_, Some(Reading::Read(Some(text)))) => {
            Fact::Known(Some(Arc::new(Policy::read(&PolicyKind::Resource, "", text))))
        }
    };
    Resource {
        arn: shown.facts.arn.to_string(),
        account: shown.account_id.clone(),
        kind,
        tags: shown.facts.tags.clone(),
        policy,
        key: key(shown, access),
    }
}

fn key(shown: &ResourceDetail, access: Option<KeyAccess>) -> Key {
    match (shown.key, &shown.kms) {
        (KeyClass::Plain, _) => Key::None,
        (KeyClass::AwsManaged, _) => Key::AwsManaged,
        (KeyClass::CustomerManaged, Some(Reading::Read(Some(key)))) => {
            if key.manager == KeyManager::Aws {
                return Key::AwsManaged;
            }
            let (policy, grants) = match access {
                None => (Fact::NotRead(NOT_YET.to_owned()), Fact::NotRead(NOT_YET.to_owned())),
                Some(access) => (
                    match access.policy {
                        Reading::Read(text) => {
                            Fact::Known(Arc::new(Policy::read(&PolicyKind::Key, "", &text)))
                        }
                        Reading::Refused(code) => Fact::NotRead(code),
                    },
                    match access.grants {
                        Reading::Read(all) => Fact::Known(all.into_iter().map(grant).collect()),
                        Reading::Refused(code) => Fact::NotRead(code),
                    },
                ),
            };
            Key::CustomerManaged(CustomerKey { arn: key.arn.clone(), policy, grants })
        }
        (KeyClass::CustomerManaged, Some(Reading::Read(None))) => {
            Key::NotRead("it does not exist".to_owned())
        }
        (KeyClass::CustomerManaged, Some(Reading::Refused(code))) => Key::NotRead(code.clone()),
        (KeyClass::CustomerManaged, None) => Key::NotRead(NOT_YET.to_owned()),
    }
}

fn grant(stored: KeyGrant) -> Grant {
    let KeyGrant { id, grantee, decrypts, context_subset, context_equals } = stored;
    Grant { id, grantee, decrypts, context_subset, context_equals }
}
