//! The policies that take part in one call, and AWS's decision on one concrete request.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html>

use super::{
    caller::{Call, Caller, Kind},
    facts::{Account, Fact, Level, Policy},
    rules::{Named, Rule},
};
use crate::iam::Context;
use std::sync::Arc;

/// Policies of one kind; only statements that may apply.
#[derive(Debug, Clone)]
pub(super) enum Layer<'a> {
    Rules(Vec<&'a Rule>),
    /// What was not read, and why.
    NotRead(String),
}

/// What is assumed of what was not read, or is not documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assume {
    ItAllows,
    ItDenies,
}

/// How a grant of the key lets the caller in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Granted {
    No,
    By(String),
    NotRead(String),
}

pub(super) struct Layers<'a> {
    pub(super) caller: &'a Caller<'a>,
    pub(super) same_account: bool,
    /// IAM policies count only where the key policy lets the account decide.
    pub(super) is_key: bool,
    pub(super) identity: Layer<'a>,
    pub(super) boundary: Option<Layer<'a>>,
    pub(super) resource: Layer<'a>,
    /// By level, from the root down.
    pub(super) scps: Vec<(&'a str, Layer<'a>)>,
    pub(super) rcps: Layer<'a>,
    pub(super) granted: Granted,
}

/// AWS's decision on one request.
#[derive(Debug, Clone, Default)]
pub(super) struct Decision<'a> {
    pub(super) admitted: bool,
    /// Statements that let it in.
    pub(super) by: Vec<&'a Rule>,
    /// Statements that deny it.
    pub(super) denied_by: Vec<&'a Rule>,
    /// What else is missing.
    pub(super) missing: Option<String>,
}

impl<'a> Layer<'a> {
    pub(super) fn of(policies: &'a [Arc<Policy>], action: &str, resource: &str) -> Self {
        let mut found = Vec::new();
        for policy in policies {
            match &policy.rules {
                Ok(rules) => {
                    found.extend(rules.iter().filter(|rule| rule.may_cover(action, resource)));
                }
                Err(error) => return Self::NotRead(format!("{}: {error}", policy.name)),
            }
        }
        Self::Rules(found)
    }

    pub(super) fn rules(&self) -> &[&'a Rule] {
        match self {
            Self::Rules(rules) => rules,
            Self::NotRead(_) => &[],
        }
    }

    fn is_unread(&self) -> bool {
        matches!(self, Self::NotRead(_))
    }
}

/// The SCPs on a caller: none on the management account, on service-linked roles, on services, and outside.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html>
pub(super) fn scps<'a>(caller: &Caller<'a>, call: &Call<'_>) -> Vec<(&'a str, Layer<'a>)> {
    let Some(home) = caller.home.filter(|_| !caller.is_service_linked()) else {
        return Vec::new();
    };
    if is_exempt(home) {
        return Vec::new();
    }
    match &home.scps {
        Fact::NotRead(why) => vec![("", Layer::NotRead(format!("SCPs: {why}")))],
        Fact::Known(levels) => levels
            .iter()
            .map(|level| {
                let layer = Layer::of(&level.policies, call.action, &call.resource);
                (level.name.as_str(), layer)
            })
            .collect(),
    }
}

/// The RCPs on a resource. `RCPFullAWSAccess` is always attached, so that only a Deny counts.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html>
pub(super) fn rcps<'a>(caller: &Caller<'_>, call: &Call<'a>) -> Layer<'a> {
    let Some(home) = call.home.filter(|home| !caller.is_service_linked() && !is_exempt(home))
    else {
        return Layer::Rules(Vec::new());
    };
    let levels: &'a [Level] = match &home.rcps {
        Fact::NotRead(why) => return Layer::NotRead(format!("RCPs: {why}")),
        Fact::Known(levels) => levels,
    };
    let mut found = Vec::new();
    for level in levels {
        match Layer::of(&level.policies, call.action, &call.resource) {
            Layer::Rules(rules) => found.extend(rules),
            unread @ Layer::NotRead(_) => return unread,
        }
    }
    Layer::Rules(found)
}

fn is_exempt(home: &Account) -> bool {
    match &home.membership {
        Fact::Known(Some(membership)) => membership.is_management,
        Fact::Known(None) => true,
        Fact::NotRead(_) => false,
    }
}

impl<'a> Layers<'a> {
    /// Every statement that may apply.
    pub(super) fn rules(&self) -> Vec<&'a Rule> {
        let boundary = self.boundary.iter().flat_map(Layer::rules);
        let scps = self.scps.iter().flat_map(|(_, layer)| layer.rules());
        let all = self.identity.rules().iter().chain(boundary).chain(self.resource.rules());
        all.chain(scps).chain(self.rcps.rules()).copied().collect()
    }

    /// What was not read of the policies that take part.
    pub(super) fn not_read(&self) -> Vec<String> {
        let scps = self.scps.iter().map(|(_, layer)| layer);
        let all = [&self.identity, &self.resource, &self.rcps].into_iter();
        let mut found: Vec<String> = all
            .chain(&self.boundary)
            .chain(scps)
            .filter_map(|layer| match layer {
                Layer::NotRead(what) => Some(what.clone()),
                Layer::Rules(_) => None,
            })
            .collect();
        if let Granted::NotRead(what) = &self.granted {
            found.push(what.clone());
        }
        found
    }

    /// The decision on a request in this context, in this session.
    pub(super) fn decide(
        &self,
        call: &Call<'_>,
        context: &Context,
        session: Option<&str>,
        assume: Assume,
    ) -> Decision<'a> {
        let applies = |rule: &&&'a Rule| rule.holds(&call.resource, context);
        let named = |rule: &Rule| rule.names(self.caller, session);
        let is_named = |how: Named| match assume {
            Assume::ItAllows => how > Named::Unsure,
            Assume::ItDenies => how > Named::No,
        };
        let denied_by: Vec<&'a Rule> = self
            .rules()
            .iter()
            .filter(|rule| !rule.statement.allows)
            .filter(applies)
            .filter(|rule| is_named(named(rule)))
            .copied()
            .collect();
        if !denied_by.is_empty() {
            return Decision { denied_by, ..Decision::default() };
        }
        let missing = |what: String| Decision { missing: Some(what), ..Decision::default() };
        if assume == Assume::ItDenies {
            // A Deny may be in what was not read; a grant only adds.
            let unread = self.not_read();
            let grants = usize::from(matches!(self.granted, Granted::NotRead(_)));
            if unread.len() > grants {
                return missing(format!("not read: {}", unread[0]));
            }
        }
        for (level, layer) in &self.scps {
            if !layer.is_unread() && self.allowing(layer, call, context).is_empty() {
                return missing(format!("no SCP at {level} allows it"));
            }
        }
        let decision = self.allowed(call, context, session);
        if decision.admitted || !self.is_granted(call, context, assume) {
            return decision;
        }
        Decision { admitted: true, ..Decision::default() }
    }

    /// The statements of a layer that allow the request.
    #[expect(clippy::unused_self, reason = "read as a part of the decision")]
    fn allowing(&self, layer: &Layer<'a>, call: &Call<'_>, context: &Context) -> Vec<&'a Rule> {
        let rules = layer.rules().iter().filter(|rule| rule.statement.allows);
        rules.filter(|rule| rule.holds(&call.resource, context)).copied().collect()
    }

    fn within_boundary(&self, call: &Call<'_>, context: &Context) -> bool {
        self.boundary.as_ref().is_none_or(|layer| {
            layer.is_unread() || !self.allowing(layer, call, context).is_empty()
        })
    }

    /// Whether its own account's policies allow it. The root user has all of its account's permissions; of principals that are
    /// not listed one by one, their account decides.
    fn identity(&self, call: &Call<'_>, context: &Context) -> (bool, Vec<&'a Rule>) {
        let by = self.allowing(&self.identity, call, context);
        let is_own_master =
            matches!(self.caller.kind, Kind::Root | Kind::Organization | Kind::Outside)
                || (self.caller.kind == Kind::WholeAccount && !self.same_account);
        (is_own_master || self.identity.is_unread() || !by.is_empty(), by)
    }

    /// Whether a grant of the key lets it in. AWS does not document how a boundary, or the policies of another account, limit
    /// a grant.
    fn is_granted(&self, call: &Call<'_>, context: &Context, assume: Assume) -> bool {
        match (&self.granted, assume) {
            (Granted::No, _) | (Granted::NotRead(_), Assume::ItDenies) => false,
            (Granted::By(_) | Granted::NotRead(_), Assume::ItAllows) => true,
            (Granted::By(_), Assume::ItDenies) => {
                self.within_boundary(call, context)
                    && (self.same_account || self.identity(call, context).0)
            }
        }
    }

    /// Whether policies allow a request that nothing denies.
    fn allowed(&self, call: &Call<'_>, context: &Context, session: Option<&str>) -> Decision<'a> {
        let by_resource: Vec<(Named, &'a Rule)> = self
            .allowing(&self.resource, call, context)
            .into_iter()
            .map(|rule| (rule.names(self.caller, session), rule))
            .filter(|(how, _)| *how > Named::Unsure)
            .collect();
        let how = match &self.resource {
            Layer::NotRead(_) => Named::Directly,
            Layer::Rules(_) => by_resource.iter().map(|(how, _)| *how).max().unwrap_or(Named::No),
        };
        let mut by: Vec<&'a Rule> =
            by_resource.iter().filter(|(one, _)| *one == how).map(|(_, rule)| *rule).collect();
        let policy = if self.is_key { "key policy" } else { "resource policy" };
        if how == Named::No && (!self.same_account || self.caller.kind == Kind::Service) {
            return decided(false, by, &format!("the {policy} does not allow it"));
        }
        if self.caller.kind == Kind::Service || (self.same_account && how == Named::Directly) {
            return decided(true, by, "");
        }
        let (identity, by_identity) = self.identity(call, context);
        let beyond = "the permissions boundary does not allow it";
        if !self.same_account {
            if !identity {
                let why = "no identity policy allows it, which access from another account needs";
                return decided(false, by, why);
            }
            by.extend(by_identity);
            return decided(self.within_boundary(call, context), by, beyond);
        }
        let by_account = identity && (!self.is_key || how >= Named::Account);
        if how < Named::Role && !by_account {
            let why = match (identity, self.is_key) {
                (true, true) => "the key policy does not let IAM policies allow it",
                (false, true) => "neither the key policy nor an identity policy allows it",
                _ => "no policy allows it",
            };
            return decided(false, by, why);
        }
        if how < Named::Role && !self.is_key {
            by.clear();
        }
        if by_account {
            by.extend(by_identity);
        }
        decided(self.within_boundary(call, context), by, beyond)
    }
}

fn decided<'a>(admitted: bool, by: Vec<&'a Rule>, missing: &str) -> Decision<'a> {
    if admitted {
        Decision { admitted, by, ..Decision::default() }
    } else {
        Decision { missing: Some(missing.to_owned()), ..Decision::default() }
    }
}
