//! Who can read a secret or parameter, through which policy, and what limits it: AWS's evaluation of identity policies,
//! permissions boundaries, the resource policy, SCPs and RCPs, and of the KMS key's policy and grants.
//!
//! The policies of VPC endpoints and session policies are not read. What was not read makes an answer unknown where it could
//! change it, and never a "cannot".
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

mod caller;
mod callers;
mod calls;
mod decrypt;
mod facts;
mod free;
mod layers;
mod rules;
mod search;

pub use calls::{Function, Lookup, RoleCall, invocation_by_secrets_manager, lookup};
pub use facts::{
    Account, CustomerKey, Fact, Grant, Key, Level, Membership, Policy, PolicyKind, Principal,
    PrincipalKind, Resource, ResourceKind,
};

use crate::{exposure::matches, parameters_by_path::paths_above};
use caller::{Call, Caller, Kind, context};
pub use claviger_domain::inventory::entitlement::{Answer, Entitlement, ReaderKind, Way};

use claviger_domain::ids::AccountId;
use layers::{Granted, Layer, Layers, rcps, scps};
use search::{Found, search};
use serde_json::Value;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Every account of the Organization, those whose IAM was not read included, and the resource's own.
pub type Accounts = BTreeMap<AccountId, Account>;

const GET_SECRET_VALUE: &str = "secretsmanager:GetSecretValue";
const BATCH_GET_SECRET_VALUE: &str = "secretsmanager:BatchGetSecretValue";
const GET_PARAMETERS_BY_PATH: &str = "ssm:GetParametersByPath";
/// What returns the value of a parameter by its name.
const BY_NAME: [&str; 3] = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParameterHistory"];

/// Whether a role's trust policy lets sessions bring tags of their own, which replace the role's; also where it cannot be
/// interpreted.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>
pub fn takes_session_tags(trust: Option<&str>) -> bool {
    let Some(text) = trust else { return false };
    let Ok(document) = serde_json::from_str::<Value>(text) else { return true };
    let statements = match &document["Statement"] {
        Value::Array(all) => all.iter().collect(),
        one => vec![one],
    };
    let texts = |value: &Value| match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        one => one.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
    };
    statements.iter().filter(|one| one["Effect"] == "Allow").any(|one| {
        let covers = |action: &String| matches(&action.to_ascii_lowercase(), "sts:tagsession");
        texts(&one["Action"]).iter().any(covers) || !one["NotAction"].is_null()
    })
}

/// The answer for every principal that can be told: all of the resource's account, and everyone whom its policy names.
pub fn readers(resource: &Resource, accounts: &Accounts, now: OffsetDateTime) -> Vec<Entitlement> {
    let all = callers::callers(resource, accounts);
    let mut found: Vec<Entitlement> =
        all.iter().map(|caller| entitlement(caller, resource, accounts, now)).collect();
    found.extend(callers::undecided(resource));
    found.sort_by(|a, b| b.answer.cmp(&a.answer).then_with(|| a.principal.cmp(&b.principal)));
    found
}

/// The answer for one role or user of an account whose IAM was read: the reverse view. `None` if the account has no such
/// principal.
pub fn entitlement_of(
    principal: &str,
    resource: &Resource,
    accounts: &Accounts,
    now: OffsetDateTime,
) -> Option<Entitlement> {
    let id: AccountId = principal.split(':').nth(4)?.parse().ok()?;
    let home = accounts.get(&id)?;
    let Fact::Known(all) = &home.principals else { return None };
    let one = all.iter().find(|one| one.arn == principal)?;
    Some(entitlement(&Caller::principal(one, home), resource, accounts, now))
}

fn entitlement(
    caller: &Caller<'_>,
    resource: &Resource,
    accounts: &Accounts,
    now: OffsetDateTime,
) -> Entitlement {
    let home = accounts.get(&resource.account);
    let question = Question { caller, resource, home, known: &[], now };
    let mut ways = match resource.kind {
        ResourceKind::Secret => vec![question.ask(GET_SECRET_VALUE, &resource.arn)],
        ResourceKind::Parameter => {
            let mut ways: Vec<Way> =
                BY_NAME.iter().map(|action| question.ask(action, &resource.arn)).collect();
            ways.extend(question.by_path());
            ways
        }
    };
    if ways.iter().any(|way| way.answer > Answer::Cannot)
        && let Some(found) = decrypt::key_call(caller, resource, accounts, now, decrypt::DECRYPT)
    {
        ways = ways.into_iter().map(|way| with(way, &found)).collect();
    }
    if resource.kind == ResourceKind::Secret && ways[0].answer > Answer::Cannot {
        let batch = with(ways[0].clone(), &question.on_anything(BATCH_GET_SECRET_VALUE));
        if batch.answer > Answer::Cannot {
            ways.push(Way { action: BATCH_GET_SECRET_VALUE.to_owned(), ..batch });
        }
    }
    ways.sort_by_key(|way| std::cmp::Reverse(way.answer));
    Entitlement {
        principal: caller.name(),
        kind: kind(caller),
        location: callers::location(caller, resource, accounts),
        is_claviger: callers::is_claviger(caller, resource),
        is_administrator: caller.principal.is_some_and(Principal::is_administrator),
        answer: ways.first().map_or(Answer::Cannot, |way| way.answer),
        ways,
    }
}

fn kind(caller: &Caller<'_>) -> ReaderKind {
    match caller.kind {
        Kind::Role if caller.is_service_linked() => ReaderKind::ServiceLinkedRole,
        Kind::Role => ReaderKind::Role,
        Kind::User => ReaderKind::User,
        Kind::Root => ReaderKind::Root,
        Kind::WholeAccount => ReaderKind::Account,
        Kind::Organization => ReaderKind::Organization,
        Kind::Outside => ReaderKind::Public,
        Kind::Unread => ReaderKind::Unread,
        Kind::Service => ReaderKind::Service,
    }
}

/// The identity policies of a caller for a call.
fn identity<'a>(caller: &Caller<'a>, call: &Call<'_>) -> Layer<'a> {
    let owner = caller.account.as_deref().unwrap_or_default();
    match (caller.principal, caller.kind) {
        (Some(principal), _) => Layer::of(&principal.policies, call.action, &call.resource),
        (None, Kind::Unread) => Layer::NotRead(format!("the IAM policies of account {owner}")),
        (None, Kind::WholeAccount) if call.account == owner => {
            Layer::NotRead(format!("the IAM policies of account {owner}"))
        }
        _ => Layer::Rules(Vec::new()),
    }
}

fn boundary<'a>(caller: &Caller<'a>, call: &Call<'_>) -> Option<Layer<'a>> {
    let boundary = caller.principal?.boundary.as_ref()?;
    Some(Layer::of(std::slice::from_ref(boundary), call.action, &call.resource))
}

/// One caller asks for one value.
struct Question<'a> {
    caller: &'a Caller<'a>,
    resource: &'a Resource,
    home: Option<&'a Account>,
    /// Condition keys whose values are known for this request.
    known: &'a [(&'static str, String)],
    now: OffsetDateTime,
}

impl Question<'_> {
    fn call(&self, action: &'static str, target: &str, has_tags: bool) -> Call<'_> {
        let context = context(self.caller, self.resource, self.home, self.now, has_tags);
        let known = self.known.iter();
        Call {
            action,
            resource: target.to_owned(),
            account: self.resource.account.as_str().to_owned(),
            home: self.home,
            context: known.fold(context, |context, (key, value)| context.with(key, value)),
            tags_read: self.resource.tags.is_some(),
            prefix: match self.resource.kind {
                ResourceKind::Secret => "secretsmanager:",
                ResourceKind::Parameter => "ssm:",
            },
        }
    }

    fn search(&self, call: &Call<'_>) -> Found {
        let policy = match &self.resource.policy {
            Fact::Known(policy) => Layer::of(policy.as_slice(), call.action, &call.resource),
            Fact::NotRead(why) => Layer::NotRead(format!("the resource policy: {why}")),
        };
        search(
            &Layers {
                caller: self.caller,
                same_account: self.caller.account.as_deref() == Some(call.account.as_str()),
                is_key: false,
                identity: identity(self.caller, call),
                boundary: boundary(self.caller, call),
                resource: policy,
                scps: scps(self.caller, call),
                rcps: match self.resource.kind {
                    ResourceKind::Secret => rcps(self.caller, call),
                    // Systems Manager is not among the services that support RCPs.
                    ResourceKind::Parameter => Layer::Rules(Vec::new()),
                },
                granted: Granted::No,
            },
            call,
        )
    }

    fn ask(&self, action: &'static str, target: &str) -> Way {
        way(action, None, self.search(&self.call(action, target, true)))
    }

    /// A listing is authorized by the path that is asked for, not by the parameters in it: the widest answer of all paths.
    fn by_path(&self) -> Option<Way> {
        let paths = paths_above(&self.resource.arn);
        let last = paths.len().checked_sub(1)?;
        let ways = paths.iter().enumerate().map(|(at, target)| {
            let mut call = self.call(GET_PARAMETERS_BY_PATH, target, false);
            if at < last {
                call.context = call.context.with("ssm:Recursive", "true");
            }
            let shown = target.split_once(":parameter").map_or("/", |(_, path)| path);
            way(GET_PARAMETERS_BY_PATH, Some(shown.to_owned()), self.search(&call))
        });
        // Of equal answers, the path next to the parameter.
        ways.max_by_key(|way| way.answer)
    }

    /// An action without a resource, such as `BatchGetSecretValue`, which needs `GetSecretValue` for each secret as well.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html>
    fn on_anything(&self, action: &'static str) -> Found {
        let account = self.caller.account.clone().unwrap_or_default();
        let mut call = self.call(action, "*", false);
        call.account.clone_from(&account);
        call.context = call.context.with("aws:ResourceAccount", account);
        search(
            &Layers {
                caller: self.caller,
                same_account: true,
                is_key: false,
                identity: identity(self.caller, &call),
                boundary: boundary(self.caller, &call),
                resource: Layer::Rules(Vec::new()),
                scps: scps(self.caller, &call),
                rcps: Layer::Rules(Vec::new()),
                granted: Granted::No,
            },
            &call,
        )
    }
}

fn way(action: &str, path: Option<String>, found: Found) -> Way {
    Way {
        action: action.to_owned(),
        path,
        answer: found.answer,
        through: found.through,
        conditions: found.conditions,
        against: found.against,
        not_read: found.not_read,
    }
}

/// A way if another call has to succeed as well.
fn with(way: Way, also: &Found) -> Way {
    let answer = way.answer.min(also.answer);
    let is_denied = answer == Answer::Cannot;
    let join = |mut all: Vec<String>, more: &[String]| {
        all.extend(more.iter().cloned());
        all.dedup();
        all
    };
    let unless_denied = |all: Vec<String>, more: &[String]| {
        if is_denied { Vec::new() } else { join(all, more) }
    };
    Way {
        action: way.action,
        path: way.path,
        answer,
        through: unless_denied(way.through, &also.through),
        conditions: unless_denied(way.conditions, &also.conditions),
        against: join(way.against, &also.against),
        not_read: unless_denied(way.not_read, &also.not_read),
    }
}

#[cfg(test)]
mod tests;
