//! What people decided about findings, as filters need it. Few findings have any.

use super::{Entry, Findings, Index, number};
use indexmap::IndexSet;
use std::collections::HashMap;
use uuid::Uuid;

/// A finding's triage as it is taken in. Times in seconds since 1970.
pub(crate) struct TriageRow {
    pub(crate) resource: Uuid,
    pub(crate) policy: String,
    /// Their subject.
    pub(crate) assignee: Option<String>,
    pub(crate) snoozed_at: u32,
    /// 0 where it is not snoozed.
    pub(crate) snoozed_until: u32,
}

#[derive(Debug, Clone, Copy)]
struct Triage {
    policy: u32,
    /// In the dictionary of assignees; 0 is nobody.
    assignee: u32,
    snoozed_at: u32,
    snoozed_until: u32,
}

impl Triage {
    /// A finding that opened again since is not what was snoozed.
    fn is_snoozed(&self, entry: &Entry, now: u32) -> bool {
        self.snoozed_until > now && entry.opened <= self.snoozed_at
    }
}

/// By row of the inventory.
pub(super) struct Triaged {
    rows: HashMap<u32, Vec<Triage>>,
    /// A bit a row: most rows are in no map.
    any: Vec<u64>,
    assignees: IndexSet<Box<str>>,
}

impl Default for Triaged {
    fn default() -> Self {
        let assignees = IndexSet::from([Box::from("")]);
        Self { rows: HashMap::new(), any: Vec::new(), assignees }
    }
}

/// The triage of one resource's findings.
#[derive(Clone, Copy)]
pub(super) struct TriageOf<'a>(&'a [Triage]);

impl TriageOf<'_> {
    pub(super) fn is_snoozed(&self, policy: u32, entry: &Entry, now: u32) -> bool {
        self.find(policy).is_some_and(|triage| triage.is_snoozed(entry, now))
    }

    /// 0 is nobody.
    pub(super) fn assignee(&self, policy: u32) -> u32 {
        self.find(policy).map_or(0, |triage| triage.assignee)
    }

    fn find(&self, policy: u32) -> Option<&Triage> {
        self.0.iter().find(|triage| triage.policy == policy)
    }
}

impl Triaged {
    pub(super) fn of(&self, row: usize) -> TriageOf<'_> {
        let has_any = self.any.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1);
        let found = if has_any { self.rows.get(&number(row)) } else { None };
        TriageOf(found.map_or(&[], Vec::as_slice))
    }

    /// Of each assignee, whether one of these means them; `-` means nobody.
    pub(super) fn chosen(&self, subjects: &[String]) -> Vec<bool> {
        let fits =
            |name: &str| subjects.iter().any(|one| one == if name.is_empty() { "-" } else { name });
        self.assignees.iter().map(|name| fits(name)).collect()
    }

    fn put(&mut self, row: usize, triage: Triage) {
        if self.any.len() <= row / 64 {
            self.any.resize(row / 64 + 1, 0);
        }
        self.any[row / 64] |= 1 << (row % 64);
        let own = self.rows.entry(number(row)).or_default();
        match own.iter_mut().find(|one| one.policy == triage.policy) {
            Some(known) => *known = triage,
            None => own.push(triage),
        }
    }
}

impl Index {
    /// Takes in triage that is new or was changed. That of resources that are not in the index yet is left out; says
    /// whether there was none.
    pub(crate) fn put_triage(&mut self, rows: Vec<TriageRow>) -> bool {
        let mut is_whole = true;
        for row in rows {
            let Some(at) = self.ids.get_index_of(&row.resource) else {
                is_whole = false;
                continue;
            };
            let Findings { triaged, .. } = &mut self.findings;
            let assignee = super::super::intern(&mut triaged.assignees, row.assignee);
            let policy = self.findings.policy(row.policy);
            let TriageRow { snoozed_at, snoozed_until, .. } = row;
            self.findings.triaged.put(at, Triage { policy, assignee, snoozed_at, snoozed_until });
        }
        self.findings.recent.clear();
        is_whole
    }

    /// Failures of these accounts that no exception covers, and that are snoozed.
    pub(super) fn snoozed_failures(&self, seen: &[bool], now: u32) -> u64 {
        let findings = &self.findings;
        let of_row = |(row, triage): (&u32, &Vec<Triage>)| {
            let row = *row as usize;
            let is_seen = seen[self.of_place[self.prefix[row] as usize].0 as usize];
            let each = findings.of(row).iter().filter(|entry| {
                let class = &findings.classes[entry.class as usize];
                is_seen && class.counts() && TriageOf(triage).is_snoozed(class.policy, entry, now)
            });
            each.count()
        };
        findings.triaged.rows.iter().map(of_row).sum::<usize>() as u64
    }
}
