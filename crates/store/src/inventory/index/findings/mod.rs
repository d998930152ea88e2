//! The findings in memory, beside the inventory's columns: what each list of findings is answered from (ADR 35).
//!
//! All findings of a resource follow upon each other, twelve bytes each. What they say is read from the database.

mod counts;
mod recent;
mod search;
mod triaged;

pub use counts::FindingCounts;
pub use search::GroupCount;
pub(crate) use search::{FindingAsk, FoundRefs};
pub(crate) use triaged::TriageRow;

use super::{Index, number};
use crate::compliance::finding_rows::{Mark, Micros};
use claviger_domain::{
    compliance::{Category, CheckResult, Severity},
    ids::ResourceId,
};
use indexmap::IndexSet;
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// A resource's findings as they are taken in.
pub(crate) struct FindingsRow {
    pub(crate) resource: Uuid,
    pub(crate) team: Option<String>,
    pub(crate) marks: Vec<Mark>,
}

/// One finding.
#[derive(Debug, Clone, Copy, Default)]
struct Entry {
    class: u32,
    /// Seconds since 1970.
    opened: u32,
    due: u32,
}

/// What many findings have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Class {
    policy: u32,
    category: Category,
    severity: Severity,
    verdict: CheckResult,
    exception: Option<i64>,
    is_resolved: bool,
}

impl Class {
    fn counts(&self) -> bool {
        !self.is_resolved && self.verdict == CheckResult::Fail && self.exception.is_none()
    }
}

/// Where the findings of a row of the inventory are.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    at: u32,
    count: u16,
    /// How many have room there.
    room: u16,
    /// In the inventory's dictionary of owners.
    team: u32,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Findings {
    entries: Vec<Entry>,
    /// By row of the inventory; shorter where the last ones have none.
    slots: Vec<Slot>,
    /// Entries that no slot holds any more.
    unused: usize,
    classes: IndexSet<Class>,
    /// How many findings each class has.
    of_class: Vec<u32>,
    policies: IndexSet<Box<str>>,
    triaged: triaged::Triaged,
    /// By account that holds anything: failures that no exception covers.
    failures: Vec<u32>,
    recent: recent::Recent,
}

/// So many unused entries are kept at least: it is not worth moving the others for fewer.
const UNUSED: usize = 100_000;

impl Index {
    /// Takes in the findings of resources that are new or were written again. Those of resources that are not in the
    /// index yet are left out; says whether there were any.
    pub(crate) fn put_findings(&mut self, rows: Vec<FindingsRow>) -> bool {
        let mut is_whole = true;
        for row in rows {
            match self.ids.get_index_of(&row.resource) {
                Some(at) => self.put_findings_of(at, row),
                None => is_whole = false,
            }
        }
        let findings = &mut self.findings;
        if findings.unused > UNUSED.max(findings.entries.len() / 4) {
            findings.compact();
        }
        self.forget_answers();
        is_whole
    }

    fn put_findings_of(&mut self, row: usize, new: FindingsRow) {
        let team = super::intern(&mut self.owners, new.team);
        let holder = self.of_place[self.prefix[row] as usize].0 as usize;
        let findings = &mut self.findings;
        if findings.slots.len() <= row {
            findings.slots.resize(row + 1, Slot::default());
        }
        if findings.failures.len() <= holder {
            findings.failures.resize(holder + 1, 0);
        }
        let mut slot = findings.slots[row];
        for entry in &findings.entries[slot.range()] {
            findings.of_class[entry.class as usize] -= 1;
            if findings.classes[entry.class as usize].counts() {
                findings.failures[holder] -= 1;
            }
        }
        let count = u16::try_from(new.marks.len()).unwrap_or(u16::MAX);
        if count > slot.room {
            findings.unused += usize::from(slot.room);
            slot = Slot { at: number(findings.entries.len()), room: count, ..slot };
            let end = findings.entries.len() + usize::from(count);
            findings.entries.resize(end, Entry::default());
        }
        slot = Slot { count, team, ..slot };
        findings.slots[row] = slot;
        let mut failures = [0_u8; 4];
        for (at, mark) in slot.range().zip(new.marks) {
            let severity = mark.severity;
            let entry = findings.entry(mark);
            findings.entries[at] = entry;
            findings.of_class[entry.class as usize] += 1;
            if findings.classes[entry.class as usize].counts() {
                findings.failures[holder] += 1;
                let own = &mut failures[usize::try_from(severity.rank()).unwrap_or(0)];
                *own = own.saturating_add(1);
            }
        }
        self.failures[row] = u32::from_be_bytes(failures);
    }

    /// Failures of these resources that no exception covers, by severity.
    pub(crate) fn failures_of(&self, ids: &[ResourceId]) -> HashMap<ResourceId, [u8; 4]> {
        let each = ids.iter().filter_map(|id| {
            let row = self.ids.get_index_of(&id.0)?;
            Some((*id, self.failures[row].to_be_bytes()))
        });
        each.collect()
    }

    /// Failures of these accounts that no exception covers and nobody has snoozed.
    pub(crate) fn count_failures(
        &self,
        visible: &claviger_domain::authz::VisibleAccounts,
        now: OffsetDateTime,
    ) -> u64 {
        let seen = self.seen(visible);
        let each = self.findings.failures.iter().zip(&seen);
        let all: u64 = each.filter(|(_, is_seen)| **is_seen).map(|(n, _)| u64::from(*n)).sum();
        all.saturating_sub(self.snoozed_failures(&seen, super::second(Some(now))))
    }

    /// How many open findings each exception covers.
    pub(crate) fn count_covered(&self) -> HashMap<i64, u64> {
        let mut counts = HashMap::new();
        for (class, n) in self.findings.classes.iter().zip(&self.findings.of_class) {
            if let Some(exception) = class.exception.filter(|_| !class.is_resolved) {
                *counts.entry(exception).or_default() += u64::from(*n);
            }
        }
        counts
    }
}

impl Findings {
    pub(super) fn forget_answers(&mut self) {
        self.recent.clear();
    }

    fn entry(&mut self, mark: Mark) -> Entry {
        let policy = self.policy(mark.policy);
        let class = Class {
            policy,
            category: mark.category,
            severity: mark.severity,
            verdict: mark.verdict,
            exception: mark.exception,
            is_resolved: mark.resolved.is_some(),
        };
        let class = self.classes.insert_full(class).0;
        if self.of_class.len() <= class {
            self.of_class.push(0);
        }
        Entry { class: number(class), opened: seconds(mark.opened), due: seconds(mark.due) }
    }

    fn policy(&mut self, id: String) -> u32 {
        number(match self.policies.get_index_of(id.as_str()) {
            Some(at) => at,
            None => self.policies.insert_full(id.into()).0,
        })
    }

    fn of(&self, row: usize) -> &[Entry] {
        self.slots.get(row).map_or(&[], |slot| &self.entries[slot.range()])
    }

    /// Closes the gaps, in the order of the rows.
    fn compact(&mut self) {
        let mut entries = Vec::with_capacity(self.entries.len() - self.unused);
        for slot in &mut self.slots {
            let at = number(entries.len());
            entries.extend_from_slice(&self.entries[slot.range()]);
            *slot = Slot { at, room: slot.count, ..*slot };
        }
        self.entries = entries;
        self.unused = 0;
    }
}

impl Slot {
    fn range(self) -> std::ops::Range<usize> {
        let at = self.at as usize;
        at..at + usize::from(self.count)
    }
}

fn seconds(micros: Micros) -> u32 {
    let seconds = micros.div_euclid(1_000_000).clamp(0, u32::MAX.into());
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
