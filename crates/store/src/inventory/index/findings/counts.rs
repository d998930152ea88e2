//! For each choice of each facet, how many findings it would leave, all other fields kept.

use super::super::Index;
use claviger_domain::{
    compliance::{Category, CheckResult, FindingState, Severity},
    ids::{AccountId, OuId},
};
use std::collections::{BTreeMap, HashMap};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingCounts {
    pub matching: u64,
    pub by_policy: HashMap<String, u64>,
    pub by_category: BTreeMap<Category, u64>,
    pub by_severity: BTreeMap<Severity, u64>,
    pub by_verdict: BTreeMap<CheckResult, u64>,
    /// `Open` means open and not overdue.
    pub by_state: BTreeMap<FindingState, u64>,
    pub by_account: HashMap<AccountId, u64>,
    pub by_unit: HashMap<OuId, u64>,
    /// Every team that has any finding; `-` where nobody owns it.
    pub by_team: BTreeMap<String, u64>,
}

/// A set of fields: a bit each.
pub(crate) type Fields = u8;

pub(crate) const POLICY: Fields = 1;
pub(crate) const CATEGORY: Fields = 1 << 1;
pub(crate) const SEVERITY: Fields = 1 << 2;
pub(crate) const VERDICT: Fields = 1 << 3;
pub(crate) const ACCOUNT: Fields = 1 << 4;
pub(crate) const TEAM: Fields = 1 << 5;
pub(crate) const STATE: Fields = 1 << 6;
pub(crate) const OU: Fields = 1 << 7;

pub(crate) fn is_one(misses: Fields) -> bool {
    misses.is_power_of_two()
}

/// What time and people make of a finding that is open and not excepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    Current,
    Overdue,
    Snoozed,
}

impl Timing {
    pub(crate) const ALL: [Self; 3] = [Self::Current, Self::Overdue, Self::Snoozed];
}

/// A class with its state: each class is there once for each timing.
pub(crate) fn kind(class: u32, timing: Timing) -> usize {
    class as usize * Timing::ALL.len() + timing as usize
}

/// Findings that fit everything, or everything but one field.
pub(crate) struct FindingFacetTally {
    /// By class and state: what fits everything, and what fits all but one field of the class.
    all: Vec<u32>,
    but_one: Vec<u32>,
    /// By account: everything, or everything but the account; and everything, or everything but the unit.
    accounts: Vec<u32>,
    units: Vec<u32>,
    /// By owner: everything, or everything but the owner.
    teams: Vec<u32>,
    has_any: Vec<bool>,
}

impl FindingFacetTally {
    pub(super) fn new(index: &Index) -> Self {
        let kinds = index.findings.classes.len() * Timing::ALL.len();
        Self {
            all: vec![0; kinds],
            but_one: vec![0; kinds],
            accounts: vec![0; index.holders.len()],
            units: vec![0; index.holders.len()],
            teams: vec![0; index.owners.len()],
            has_any: vec![false; index.owners.len()],
        }
    }

    pub(super) fn has_any(&mut self, team: u32) {
        self.has_any[team as usize] = true;
    }

    /// A finding that fits everything.
    pub(super) fn all(&mut self, kind: usize) {
        self.all[kind] += 1;
    }

    /// A finding that fits all but one field of its class.
    pub(super) fn but_one(&mut self, kind: usize) {
        self.but_one[kind] += 1;
    }

    /// So many findings of a resource that fit everything but `misses` (one field at most) of the resource.
    pub(super) fn of_resource(&mut self, holder: u32, team: u32, misses: Fields, count: u32) {
        if misses & !ACCOUNT == 0 {
            self.accounts[holder as usize] += count;
        }
        if misses & !OU == 0 {
            self.units[holder as usize] += count;
        }
        if misses & !TEAM == 0 {
            self.teams[team as usize] += count;
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        let each = |own: &mut Vec<u32>, other: &[u32]| {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        };
        each(&mut self.all, &other.all);
        each(&mut self.but_one, &other.but_one);
        each(&mut self.accounts, &other.accounts);
        each(&mut self.units, &other.units);
        each(&mut self.teams, &other.teams);
        self.has_any.iter_mut().zip(&other.has_any).for_each(|(own, other)| *own |= other);
    }

    /// `misses` is of each class and state.
    pub(super) fn counts(&self, index: &Index, misses: &[Fields], seen: &[bool]) -> FindingCounts {
        let mut counts = FindingCounts::default();
        let findings = &index.findings;
        for (at, class) in findings.classes.iter().enumerate() {
            for timing in Timing::ALL {
                let kind = kind(super::number(at), timing);
                let (all, but_one) = (u64::from(self.all[kind]), u64::from(self.but_one[kind]));
                counts.matching += all;
                let of = |field: Fields| {
                    let sum = all + if misses[kind] == field { but_one } else { 0 };
                    (sum > 0).then_some(sum)
                };
                if let Some(n) = of(POLICY) {
                    let policy = findings.policies[class.policy as usize].to_string();
                    *counts.by_policy.entry(policy).or_default() += n;
                }
                if let Some(n) = of(CATEGORY) {
                    *counts.by_category.entry(class.category).or_default() += n;
                }
                if let Some(n) = of(SEVERITY) {
                    *counts.by_severity.entry(class.severity).or_default() += n;
                }
                if let Some(n) = of(VERDICT) {
                    *counts.by_verdict.entry(class.verdict).or_default() += n;
                }
                if let Some(n) = of(STATE) {
                    *counts.by_state.entry(class.state(timing)).or_default() += n;
                }
            }
        }
        for (holder, account) in index.holders.iter().enumerate().filter(|(at, _)| seen[*at]) {
            let (own, unit) = (self.accounts[holder], self.units[holder]);
            if own > 0 {
                counts.by_account.insert(account.clone(), own.into());
            }
            let units = index.accounts.get(account).map_or(&[][..], |known| &known.ous);
            for ou in units.iter().filter(|_| unit > 0) {
                *counts.by_unit.entry(ou.clone()).or_default() += u64::from(unit);
            }
        }
        for (team, name) in index.owners.iter().enumerate().filter(|(at, _)| self.has_any[*at]) {
            let name = if name.is_empty() { "-" } else { name };
            *counts.by_team.entry(name.to_owned()).or_default() += u64::from(self.teams[team]);
        }
        counts
    }
}

impl super::Class {
    pub(super) fn state(&self, timing: Timing) -> FindingState {
        match (self, timing) {
            (Self { is_resolved: true, .. }, _) => FindingState::Resolved,
            (Self { exception: Some(_), .. }, _) => FindingState::Excepted,
            (_, Timing::Snoozed) => FindingState::Snoozed,
            (_, Timing::Overdue) => FindingState::Overdue,
            (_, Timing::Current) => FindingState::Open,
        }
    }
}
