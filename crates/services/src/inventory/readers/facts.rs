//! What an answer about readers is derived from, as the policy crate takes it.

use claviger_domain::{
    accounts::identities::{AttachedPolicy, Guardrail, GuardrailKind, PolicySource},
    authz::AccountLocation,
    facts::{KeyClass, Kind, Reading, ResourceDetails, ResourceFacts},
    ids::AccountId,
    inventory::view::ResourceDetail,
    key::{KeyAccess, KeyGrant, KeyManager, KeyReading},
};
use claviger_policy::entitlement::{
    Account, CustomerKey, Fact, Grant, Key, Level, Membership, Policy, PolicyKind, Principal,
    PrincipalKind, Resource, ResourceKind,
};
use claviger_store::{ResourceInput, StoredGuardrails, StoredPrincipal};
use std::{collections::BTreeMap, sync::Arc};

/// Before the first reading.
pub(super) const NOT_YET: &str = "not read yet";

/// Of an account whose principals were not asked for.
pub(super) const NOT_NAMED: &str = "no policy of the resource or its key names the account";

/// As in `aws:PrincipalOrgPaths`.
fn path(organization: &str, location: &AccountLocation) -> String {
    let units = location.units.iter().map(|(id, _)| id.as_str());
    let mut path: String = std::iter::once(organization).chain(units).collect::<Vec<_>>().join("/");
    path.push('/');
    path
}

/// The guardrails of one kind with their policies, each parsed once.
struct Guardrails {
    stored: StoredGuardrails,
    parsed: Vec<Arc<Policy>>,
}

impl Guardrails {
    fn new(stored: StoredGuardrails, kind: GuardrailKind) -> Self {
        let kind = match kind {
            GuardrailKind::Scp => PolicyKind::ServiceControl,
            GuardrailKind::Rcp => PolicyKind::ResourceControl,
        };
        let read = |one: &Guardrail| Arc::new(Policy::read(&kind, &one.name, &one.content));
        Self { parsed: stored.policies.iter().map(read).collect(), stored }
    }

    /// Those on an account, from the root down.
    fn levels(&self, location: &AccountLocation) -> Fact<Vec<Level>> {
        match (&self.stored.fault, self.stored.is_enabled) {
            (Some(fault), _) => return Fact::NotRead(fault.clone()),
            (None, Some(false)) => return Fact::Known(Vec::new()),
            (None, None) => return Fact::NotRead(NOT_YET.to_owned()),
            (None, Some(true)) => {}
        }
        let account = location.account.as_str();
        let units = location.units.iter().map(|(id, path)| {
            let name = if path.is_empty() { "the root".to_owned() } else { format!("OU {path}") };
            (id.as_str(), name)
        });
        let targets = units.chain([(account, format!("account {account}"))]);
        let levels = targets.map(|(target, name)| {
            let all = self.stored.policies.iter().zip(&self.parsed);
            let here = all.filter(|(policy, _)| policy.targets.iter().any(|t| t == target));
            Level { name, policies: here.map(|(_, parsed)| Arc::clone(parsed)).collect() }
        });
        let levels: Vec<Level> = levels.collect();
        // Where the type is enabled, AWS attaches a policy that allows everything, and lets nobody detach the last one.
        match levels.iter().find(|level| level.policies.is_empty()) {
            Some(level) => Fact::NotRead(format!("AWS returned no policy for {}", level.name)),
            None => Fact::Known(levels),
        }
    }
}

/// What decides in every account: the Organization and its guardrails.
pub(super) struct Organization {
    id: Option<String>,
    management: Option<AccountId>,
    scps: Option<Guardrails>,
    rcps: Option<Guardrails>,
}

impl Organization {
    pub(super) fn new(
        id: Option<String>,
        management: Option<AccountId>,
        mut guardrails: BTreeMap<GuardrailKind, StoredGuardrails>,
    ) -> Self {
        let mut of = |kind| guardrails.remove(&kind).map(|stored| Guardrails::new(stored, kind));
        Self { id, management, scps: of(GuardrailKind::Scp), rcps: of(GuardrailKind::Rcp) }
    }

    pub(super) fn account(
        &self,
        location: &AccountLocation,
        principals: Fact<Vec<Principal>>,
    ) -> Account {
        let id = location.account.clone();
        let membership = match (&self.id, &self.management) {
            (Some(organization), Some(management)) => Fact::Known(Some(Membership {
                path: path(organization, location),
                organization: organization.clone(),
                is_management: *management == id,
            })),
            _ => Fact::NotRead(NOT_YET.to_owned()),
        };
        let levels = |of: &Option<Guardrails>| match of {
            Some(guardrails) => guardrails.levels(location),
            None => Fact::NotRead(NOT_YET.to_owned()),
        };
        Account { membership, principals, scps: levels(&self.scps), rcps: levels(&self.rcps), id }
    }
}

/// Each document parsed once: many roles have the same AWS managed policies.
#[derive(Default)]
pub(super) struct Parsed(BTreeMap<(PolicySource, String, Option<String>), Arc<Policy>>);

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

pub(super) fn principal(stored: StoredPrincipal, parsed: &mut Parsed) -> Principal {
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

/// What is stored of a resource.
pub(super) struct StoredResource<'a> {
    pub(super) facts: &'a ResourceFacts,
    pub(super) account: &'a AccountId,
    pub(super) deep: Option<&'a ResourceDetails>,
    pub(super) kms: Option<&'a KeyReading>,
    pub(super) access: Option<KeyAccess>,
}

impl<'a> StoredResource<'a> {
    pub(super) fn new(
        shown: &'a ResourceDetail,
        input: &'a ResourceInput,
        access: Option<KeyAccess>,
    ) -> Self {
        Self {
            facts: &shown.facts,
            account: &shown.account_id,
            deep: input.deep.as_ref(),
            kms: shown.kms.as_ref(),
            access,
        }
    }
}

pub(super) fn resource(stored: StoredResource<'_>) -> Resource {
    let kind = match stored.facts.kind() {
        Kind::Secret => ResourceKind::Secret,
        Kind::Parameter => ResourceKind::Parameter,
    };
    let policy = match (kind, stored.deep.map(|deep| &deep.resource_policy)) {
        // Only sharing gives a parameter a resource policy, and it only adds readers of other accounts.
        (ResourceKind::Parameter, _) | (_, Some(Reading::Read(None))) => Fact::Known(None),
        (_, None) => Fact::NotRead(NOT_YET.to_owned()),
        (_, Some(Reading::Refused(code))) => Fact::NotRead(code.clone()),
        (_, Some(Reading::Read(Some(text)))) => {
            Fact::Known(Some(Arc::new(Policy::read(&PolicyKind::Resource, "", text))))
        }
    };
    Resource {
        arn: stored.facts.arn.to_string(),
        account: stored.account.clone(),
        kind,
        tags: stored.facts.tags.clone(),
        policy,
        key: key(stored.facts.key_class(), stored.kms, stored.access),
    }
}

fn key(class: KeyClass, kms: Option<&KeyReading>, access: Option<KeyAccess>) -> Key {
    match (class, kms) {
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
