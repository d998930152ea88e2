//! What differs between two versions of policies, and which findings open and close by it.

use super::{OrganizationContext, Policy, recorded::RecordedInventory};
use claviger_domain::compliance::CheckResult;
use std::{collections::BTreeSet, fmt};

/// What became of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyChange {
    Added,
    Removed,
    /// The fields that differ, as the file names them.
    Changed(Vec<&'static str>),
    /// Its text is the same, and what others report changes what it reports.
    Affected,
}

/// The findings of a policy over recorded resources.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Effect {
    pub opens: u32,
    pub closes: u32,
    /// Findings of the new version that the old one has as well.
    pub stays: u32,
    /// Resources of which one version says something that the file does not decide.
    pub undecided: u32,
}

/// A policy that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDifference {
    pub id: String,
    /// Of the newer version that has it.
    pub title: String,
    pub severity: String,
    /// The rule's name; both, if it became another one.
    pub rule: String,
    pub change: PolicyChange,
    /// `None` without resources, and where a scope names OUs, which no file has.
    pub effect: Option<Effect>,
}

/// Two versions of policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyDiff {
    /// By id.
    pub differences: Vec<PolicyDifference>,
    pub unchanged: usize,
}

impl fmt::Display for PolicyChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added => f.write_str("added"),
            Self::Removed => f.write_str("removed"),
            Self::Changed(fields) => write!(f, "changed: {}", fields.join(", ")),
            Self::Affected => f.write_str("affected by others"),
        }
    }
}

/// Compares two versions, and evaluates both over the resources of a file.
pub fn policy_diff(
    before: &[Policy],
    after: &[Policy],
    over: Option<&RecordedInventory>,
) -> PolicyDiff {
    let ids: BTreeSet<&str> = before.iter().chain(after).map(|policy| policy.id.as_str()).collect();
    let over = over.map(|over| (over, over.context()));
    let (mut differences, mut unchanged) = (Vec::new(), 0);
    for id in ids {
        let old = before.iter().find(|policy| policy.id == id);
        let new = after.iter().find(|policy| policy.id == id);
        let Some(shown) = new.or(old) else { continue };
        let fields = match (old, new) {
            (Some(old), Some(new)) => changed_fields(old, new),
            _ => Vec::new(),
        };
        let effect = over.as_ref().and_then(|over| effect(over, (old, before), (new, after)));
        let change = match (old, new) {
            (None, _) => PolicyChange::Added,
            (_, None) => PolicyChange::Removed,
            _ if !fields.is_empty() => PolicyChange::Changed(fields),
            _ if effect.is_some_and(|effect| effect.opens + effect.closes > 0) => {
                PolicyChange::Affected
            }
            _ => {
                unchanged += 1;
                continue;
            }
        };
        let rule = match (old.map(|old| old.rule.name()), new.map(|new| new.rule.name())) {
            (Some(old), Some(new)) if old != new => format!("{old} → {new}"),
            (old, new) => new.or(old).unwrap_or_default().to_owned(),
        };
        differences.push(PolicyDifference {
            id: id.to_owned(),
            title: shown.title.clone(),
            severity: shown.severity.to_string(),
            rule,
            change,
            effect,
        });
    }
    PolicyDiff { differences, unchanged }
}

impl PolicyDiff {
    /// Over all policies; `None` without resources.
    pub fn total(&self) -> Option<Effect> {
        let mut all = self.differences.iter().filter_map(|one| one.effect).peekable();
        all.peek()?;
        Some(all.fold(Effect::default(), |sum, one| Effect {
            opens: sum.opens + one.opens,
            closes: sum.closes + one.closes,
            stays: sum.stays + one.stays,
            undecided: sum.undecided + one.undecided,
        }))
    }
}

/// The fields that differ. Order and comments of the file are none of them.
fn changed_fields(old: &Policy, new: &Policy) -> Vec<&'static str> {
    // Every field is named here, so that none is forgotten. The id is the same, and the last three are made from the others.
    let Policy {
        id: _,
        title,
        severity,
        mode,
        due_days: _,
        scope,
        rule,
        fix,
        source: _,
        pattern: _,
        custom: _,
    } = old;
    let all = [
        ("title", *title != new.title),
        ("severity", *severity != new.severity),
        ("mode", *mode != new.mode),
        ("due-days", old.due_days() != new.due_days()),
        ("scope", *scope != new.scope),
        ("rule", *rule != new.rule),
        ("fix", *fix != new.fix),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}

fn effect(
    (over, context): &(&RecordedInventory, OrganizationContext),
    (old, before): (Option<&Policy>, &[Policy]),
    (new, after): (Option<&Policy>, &[Policy]),
) -> Option<Effect> {
    let names_ous = |policy: Option<&Policy>| policy.is_some_and(|policy| policy.scope.names_ous());
    if names_ous(old) || names_ous(new) {
        return None;
    }
    let mut effect = Effect::default();
    for resource in &over.resources {
        let result = |policy: Option<&Policy>, others| {
            policy.and_then(|policy| over.evaluate(policy, others, resource, context))
        };
        match (result(old, before), result(new, after)) {
            (Some(CheckResult::Unknown), _) | (_, Some(CheckResult::Unknown)) => {
                effect.undecided += 1;
            }
            (Some(CheckResult::Fail), Some(CheckResult::Fail)) => effect.stays += 1,
            (Some(CheckResult::Fail), _) => effect.closes += 1,
            (_, Some(CheckResult::Fail)) => effect.opens += 1,
            _ => {}
        }
    }
    Some(effect)
}
