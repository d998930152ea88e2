//! Whether a role can make a call other than a read, and who may invoke a function: the same evaluation, for a rotation.

use super::{
    Accounts, Question, Way, boundary,
    caller::{Call, Caller, Kind, of_caller, region},
    decrypt,
    facts::{Account, Fact, Policy, PolicyKind, PrincipalKind, Resource},
    identity,
    layers::{Granted, Layer, Layers, scps},
    search::search,
    way,
};
use crate::permissions::statement::SECRETS_MANAGER;
use claviger_domain::ids::AccountId;
use std::sync::Arc;
use time::OffsetDateTime;

const INVOKE: &str = "lambda:InvokeFunction";

/// A role in the facts of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// Its ARN, as IAM writes it.
    Found(String),
    /// The account's IAM was read, and has no such role.
    Missing,
    /// Why the account's IAM was not read.
    NotRead(String),
}

/// Looks a role up by its ARN. Its name is unique in the account, so the path does not count.
pub fn lookup(arn: &str, accounts: &Accounts) -> Lookup {
    let id: Option<AccountId> = arn.split(':').nth(4).and_then(|id| id.parse().ok());
    let Some(home) = id.and_then(|id| accounts.get(&id)) else {
        return Lookup::NotRead("its account is not known".to_owned());
    };
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or_default().to_owned();
    match &home.principals {
        Fact::NotRead(why) => Lookup::NotRead(why.clone()),
        Fact::Known(all) => all
            .iter()
            .filter(|one| one.kind == PrincipalKind::Role)
            .find(|one| name(&one.arn) == name(arn))
            .map_or(Lookup::Missing, |one| Lookup::Found(one.arn.clone())),
    }
}

/// A role that makes calls on a secret and its key.
#[derive(Debug, Clone, Copy)]
pub struct RoleCall<'a> {
    /// As [`lookup`] returns it.
    pub role: &'a str,
    pub resource: &'a Resource,
    pub accounts: &'a Accounts,
    /// Condition keys whose values are known for its requests.
    pub known: &'a [(&'static str, String)],
    pub now: OffsetDateTime,
}

impl RoleCall<'_> {
    /// The answer for an action on the secret.
    pub fn on_secret(&self, action: &'static str) -> Way {
        let caller = caller(self.role, self.accounts);
        self.question(&caller).ask(action, &self.resource.arn)
    }

    /// The answer for an action that has no resource.
    pub fn on_anything(&self, action: &'static str) -> Way {
        let caller = caller(self.role, self.accounts);
        way(action, None, self.question(&caller).on_anything(action))
    }

    /// The answer for an action on the secret's key, through Secrets Manager; `None` if nothing encrypts the value.
    pub fn on_key(&self, action: &'static str) -> Option<Way> {
        let caller = caller(self.role, self.accounts);
        let found = decrypt::key_call(&caller, self.resource, self.accounts, self.now, action)?;
        Some(way(action, None, found))
    }

    /// Whether the policy of a VPC endpoint lets an action on the secret through. It limits, and grants nothing.
    pub fn through_endpoint(&self, document: &str, action: &'static str) -> Way {
        let caller = caller(self.role, self.accounts);
        let question = self.question(&caller);
        let call = question.call(action, &self.resource.arn, true);
        let policy = [Arc::new(Policy::read(&PolicyKind::Resource, "", document))];
        let everything = [Arc::new(Policy::read(&PolicyKind::Inline, "", EVERYTHING))];
        let layers = Layers {
            caller: &caller,
            same_account: true,
            // Whom it names by account is let through, as in a key policy.
            is_key: true,
            identity: Layer::of(&everything, action, &call.resource),
            boundary: None,
            resource: Layer::of(&policy, action, &call.resource),
            scps: Vec::new(),
            rcps: Layer::Rules(Vec::new()),
            granted: Granted::No,
        };
        way(action, None, search(&layers, &call))
    }

    /// The answer for invoking a function.
    pub fn invocation(&self, function: &Function<'_>) -> Way {
        let caller = caller(self.role, self.accounts);
        invocation(&caller, function, self.accounts, self.known, self.now)
    }

    fn question<'q>(&'q self, caller: &'q Caller<'q>) -> Question<'q> {
        Question {
            caller,
            resource: self.resource,
            home: self.accounts.get(&self.resource.account),
            known: self.known,
            now: self.now,
        }
    }
}

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

fn caller<'a>(role: &str, accounts: &'a Accounts) -> Caller<'a> {
    let account = role.split(':').nth(4).unwrap_or_default();
    let home: Option<&Account> = account.parse().ok().and_then(|id: AccountId| accounts.get(&id));
    let known = home.and_then(|home| match &home.principals {
        Fact::Known(all) => all.iter().find(|one| one.arn == role).map(|one| (one, home)),
        Fact::NotRead(_) => None,
    });
    match known {
        Some((one, home)) => Caller::principal(one, home),
        None => Caller::of_account(Kind::Unread, account, home, Some(role.to_owned())),
    }
}

/// A Lambda function with its resource policy.
#[derive(Debug)]
pub struct Function<'a> {
    /// With its qualifier, if it is invoked by one.
    pub arn: &'a str,
    pub account: &'a AccountId,
    /// `None` if it has none.
    pub policy: Fact<Option<Arc<Policy>>>,
}

/// Whether Secrets Manager may invoke a function, in a request with these values of condition keys.
pub fn invocation_by_secrets_manager(
    function: &Function<'_>,
    accounts: &Accounts,
    known: &[(&'static str, String)],
    now: OffsetDateTime,
) -> Way {
    invocation(&Caller::service(SECRETS_MANAGER), function, accounts, known, now)
}

fn invocation(
    caller: &Caller<'_>,
    function: &Function<'_>,
    accounts: &Accounts,
    known: &[(&'static str, String)],
    now: OffsetDateTime,
) -> Way {
    let context = of_caller(caller, now)
        .with("aws:ResourceAccount", function.account.as_str())
        .with("aws:RequestedRegion", region(function.arn));
    let call = Call {
        action: INVOKE,
        resource: function.arn.to_owned(),
        account: function.account.as_str().to_owned(),
        home: accounts.get(function.account),
        context: known.iter().fold(context, |context, (key, value)| context.with(key, value)),
        tags_read: false,
        prefix: "lambda:",
    };
    let policy = match &function.policy {
        Fact::Known(policy) => Layer::of(policy.as_slice(), INVOKE, &call.resource),
        Fact::NotRead(why) => Layer::NotRead(format!("the function's policy: {why}")),
    };
    let layers = Layers {
        caller,
        same_account: caller.account.as_deref() == Some(call.account.as_str()),
        is_key: false,
        identity: identity(caller, &call),
        boundary: boundary(caller, &call),
        resource: policy,
        scps: scps(caller, &call),
        // Lambda is not among the services that support RCPs.
        rcps: Layer::Rules(Vec::new()),
        granted: Granted::No,
    };
    way(INVOKE, None, search(&layers, &call))
}
