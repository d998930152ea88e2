//! The effective permissions of sessions: what they allow and deny, request by request, under their role's policy.

mod grants;
mod remediation;
mod roles;

use crate::{
    SESSION_POLICY_LIMIT, SessionResource, compose,
    iam::{Context, Decision, Document, Request, decide_session},
    permissions::{Role, roles::role_policy},
};
use claviger_domain::{
    facts::{Detail, ParameterFacts, ParameterType, ResourceFacts, SecretFacts},
    grants::{Action, GrantResource},
    ids::{Arn, Region},
    parameter_change::ParameterChange,
    partition::Partition,
};
use time::{OffsetDateTime, macros::datetime};

const UNTIL: OffsetDateTime = datetime!(2026-11-24 13:00 UTC);
const BEFORE: &str = "2026-11-24T12:59:59Z";
const ACCOUNT: &str = "441205839201";

/// A secret of a Region in its partition.
pub(crate) fn secret(region: &str, edit: impl FnOnce(&mut SecretFacts)) -> ResourceFacts {
    let partition = Partition::of_region(&region.parse().unwrap());
    let mut detail = SecretFacts::default();
    edit(&mut detail);
    let arn = format!("arn:{partition}:secretsmanager:{region}:{ACCOUNT}:secret:pay/ledger-AbCdEf");
    facts(&arn, "pay/ledger", Detail::Secret(detail))
}

pub(crate) fn parameter(region: &str, kind: ParameterType, tier: &str) -> ResourceFacts {
    let partition = Partition::of_region(&region.parse().unwrap());
    let detail = ParameterFacts {
        parameter_type: kind,
        tier: Some(tier.into()),
        version: Some(1),
        data_type: Some("text".into()),
        allowed_pattern: None,
        last_modified_user: None,
        policies: Vec::new(),
    };
    let arn = format!("arn:{partition}:ssm:{region}:{ACCOUNT}:parameter/pay/db");
    facts(&arn, "/pay/db", Detail::Parameter(detail))
}

fn facts(arn: &str, name: &str, detail: Detail) -> ResourceFacts {
    ResourceFacts {
        arn: arn.parse().unwrap(),
        name: name.into(),
        description: None,
        tags: None,
        kms_key_id: None,
        is_aws_managed_key: false,
        created_at: None,
        changed_at: None,
        detail,
    }
}

/// A session under the policy of its role.
struct Session {
    role: Vec<Document>,
    policy: Document,
    text: String,
}

impl Session {
    fn new(role: Role, partition: &str, text: String) -> Self {
        let role = role_policy(role, &partition.parse().unwrap());
        Self { role: vec![role.parse().unwrap()], policy: text.parse().unwrap(), text }
    }

    /// The session of a grant for one secret or parameter.
    fn of_grant(action: Action, facts: &ResourceFacts) -> Self {
        Self::of_grants(action, &[facts])
    }

    fn of_grants(action: Action, all: &[&ResourceFacts]) -> Self {
        let resources: Vec<SessionResource> = all.iter().map(|facts| resource(facts)).collect();
        let mut made = compose(action, &resources, UNTIL, SESSION_POLICY_LIMIT).unwrap();
        assert_eq!(made.len(), 1);
        Self::new(Role::Access, all[0].arn.partition(), made.remove(0).document)
    }

    /// The session that changes a parameter.
    fn of_change(facts: &ResourceFacts, change: &ParameterChange) -> Self {
        let changed = resource(facts).changed(change);
        let mut made = compose(Action::Write, &[changed], UNTIL, SESSION_POLICY_LIMIT).unwrap();
        Self::new(Role::Access, facts.arn.partition(), made.remove(0).document)
    }

    fn decide(&self, action: &str, resource: &str, context: Context) -> Decision {
        let context = context.with("aws:CurrentTime", BEFORE);
        self.decide_at(action, resource, context)
    }

    fn decide_at(&self, action: &str, resource: &str, context: Context) -> Decision {
        let request = Request { action: action.into(), resource: resource.into(), context };
        decide_session(&self.role, &self.policy, &request)
    }

    #[track_caller]
    fn allows(&self, action: &str, resource: &str, context: Context) {
        let decision = self.decide(action, resource, context.clone());
        assert_eq!(decision, Decision::Allowed, "{action} {resource} {context:?}\n{}", self.text);
    }

    #[track_caller]
    fn refuses(&self, action: &str, resource: &str, context: Context) {
        let decision = self.decide(action, resource, context.clone());
        assert_ne!(decision, Decision::Allowed, "{action} {resource} {context:?}\n{}", self.text);
    }
}

fn resource(facts: &ResourceFacts) -> SessionResource {
    let region: Region = facts.arn.as_str().split(':').nth(3).unwrap().parse().unwrap();
    let resource = GrantResource {
        id: "00000000-0000-0000-0000-000000000000".parse().unwrap(),
        arn: facts.arn.clone(),
        name: facts.name.clone(),
        kind: facts.kind(),
        region,
        key: None,
        owner_team: None,
    };
    SessionResource::now(resource, facts)
}

fn none() -> Context {
    Context::new()
}

/// What KMS sees when a service uses a key for a secret or parameter.
fn through(service: &str, context_key: &str, arn: &Arn) -> Context {
    Context::new()
        .with("kms:ViaService", service)
        .with(&format!("kms:EncryptionContext:{context_key}"), arn.as_str())
}
