//! The inventory in memory, column by column: what every filter, count and order is answered from (ADR 18).
//!
//! It holds no facts that a page shows: those are read from the database by id. What repeats is held once, in
//! dictionaries; a row is a few numbers that point into them.

mod ask;
mod bits;
mod facet_counts;
mod find;
mod findings;
mod name_order;
mod order;
mod parallel;
mod plan;
mod result_cache;
mod rotation;
mod row;
mod string_arena;
mod suggest;
mod tags;
mod text_search;

pub(crate) use ask::Ask;
pub use facet_counts::FacetCounts;
pub(crate) use find::Found;
pub(crate) use findings::{FindingAsk, FindingsRow, FoundRefs, TriageRow};
pub use findings::{FindingCounts, GroupCount};
pub(crate) use name_order::Step;
pub use rotation::TeamRotation;
pub(crate) use row::{DbRow, IndexRow};
pub use suggest::{Suggested, Suggestion};

use claviger_domain::{
    authz::VisibleAccounts,
    facts::{KeyClass, Kind, ParameterType},
    ids::{AccountId, OuId, Region},
    inventory::{LifeState, OwnerClass},
};
use findings::Findings;
use indexmap::IndexSet;
use result_cache::Recent;
use std::collections::HashMap;
use string_arena::{Dictionary, StringArena};
use tags::TagSets;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

/// Where a resource lies. All of one place share the beginning of their ARN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ArnPrefix {
    account: AccountId,
    region: Region,
    kind: Kind,
    /// The ARN up to the name, in lower case.
    arn: Box<str>,
}

/// What many resources have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Class {
    listed: bool,
    key: KeyClass,
    owner: OwnerClass,
    life: LifeState,
    rotation: RotationBase,
    parameter_type: Option<ParameterType>,
    tier: Option<Box<str>>,
    service: Option<Box<str>>,
    replicas: Box<[Region]>,
}

/// The part of a rotation's state that time does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum RotationBase {
    NotApplicable,
    Stuck,
    /// Overdue once its date has passed.
    On,
    Off,
}

/// An account as the index needs it.
#[derive(Debug, Clone)]
pub(crate) struct IndexedAccount {
    pub(crate) name: String,
    pub(crate) ous: Vec<OuId>,
}

/// No such text: the first of each dictionary of texts is the empty one.
const NONE: u32 = 0;

/// See the module.
pub(crate) struct Index {
    ids: IndexSet<Uuid>,
    prefix: Vec<u32>,
    class: Vec<u32>,
    owner: Vec<u32>,
    kms: Vec<u32>,
    tags: Vec<u32>,
    description: Vec<u32>,
    /// Days and seconds since 1970; 0 is none.
    used_on: Vec<u32>,
    changed_at: Vec<u32>,
    next_rotation_at: Vec<u32>,
    /// Failures that no exception covers: a byte for each severity, the most severe first.
    failures: Vec<u32>,
    /// Of each row the name with the end of its ARN, in lower case.
    strings: StringArena,
    name_length: Vec<u16>,
    /// Each row's place in the order of names, and the rows in that order.
    rank: Vec<u32>,
    by_name: Vec<u32>,
    prefixes: IndexSet<ArnPrefix>,
    classes: IndexSet<Class>,
    owners: IndexSet<Box<str>>,
    keys: IndexSet<Box<str>>,
    tag_sets: TagSets,
    /// In lower case.
    descriptions: Dictionary,
    /// How many rows of each place are listed and not gone.
    live: Vec<u32>,
    /// The accounts and Regions of the places, and for each place which of them are its own.
    holders: IndexSet<AccountId>,
    regions: IndexSet<Region>,
    of_place: Vec<(u32, u32)>,
    accounts: HashMap<AccountId, IndexedAccount>,
    recent: Recent,
    findings: Findings,
}

impl Default for Index {
    fn default() -> Self {
        let strings = || IndexSet::from([Box::from("")]);
        Self {
            ids: IndexSet::new(),
            prefix: Vec::new(),
            class: Vec::new(),
            owner: Vec::new(),
            kms: Vec::new(),
            tags: Vec::new(),
            description: Vec::new(),
            used_on: Vec::new(),
            changed_at: Vec::new(),
            next_rotation_at: Vec::new(),
            failures: Vec::new(),
            strings: StringArena::default(),
            name_length: Vec::new(),
            rank: Vec::new(),
            by_name: Vec::new(),
            prefixes: IndexSet::new(),
            classes: IndexSet::new(),
            owners: strings(),
            keys: strings(),
            tag_sets: TagSets::default(),
            descriptions: Dictionary::default(),
            live: Vec::new(),
            holders: IndexSet::new(),
            regions: IndexSet::new(),
            of_place: Vec::new(),
            accounts: HashMap::new(),
            recent: Recent::default(),
            findings: Findings::default(),
        }
    }
}

impl Index {
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// How many rows there are with these, of which some may be here already.
    pub(crate) fn len_with(&self, rows: &[IndexRow]) -> usize {
        self.len() + rows.iter().filter(|row| !self.ids.contains(&row.id)).count()
    }

    /// Lets go of everything but the accounts.
    pub(crate) fn forget_rows(&mut self) {
        let accounts = std::mem::take(&mut self.accounts);
        *self = Self { accounts, ..Self::default() };
    }

    /// Takes in rows that are new or were written again, and puts the new ones into the order of names: anyone who asks
    /// next finds all of them in it.
    pub(crate) fn put_all(&mut self, rows: Vec<IndexRow>) {
        for row in rows {
            self.put(row);
        }
        self.settle();
        self.forget_answers();
    }

    /// All accounts there are.
    pub(crate) fn set_accounts(&mut self, accounts: HashMap<AccountId, IndexedAccount>) {
        self.accounts = accounts;
        self.forget_answers();
    }

    fn forget_answers(&mut self) {
        self.recent.clear();
        self.findings.forget_answers();
    }

    /// What an account is called.
    pub(crate) fn name_of(&self, account: &AccountId) -> Option<&str> {
        Some(&self.accounts.get(account)?.name)
    }

    fn put(&mut self, row: IndexRow) {
        let (prefix, is_new_place) = self.prefixes.insert_full(row.prefix);
        if is_new_place {
            let ArnPrefix { account, region, .. } = &self.prefixes[prefix];
            let holder = self.holders.insert_full(account.clone()).0;
            let region = self.regions.insert_full(region.clone()).0;
            self.of_place.push((number(holder), number(region)));
            self.live.push(0);
        }
        let prefix = number(prefix);
        let class = number(self.classes.insert_full(row.class).0);
        let owner = intern(&mut self.owners, row.owner);
        let kms = intern(&mut self.keys, row.kms);
        let description = self.descriptions.number_of(row.description.as_deref().unwrap_or(""));
        let tags = self.tag_sets.number_of(row.tags);
        let (at, is_new) = self.ids.insert_full(row.id);
        if is_new {
            self.prefix.push(prefix);
            self.class.push(class);
            self.owner.push(owner);
            self.kms.push(kms);
            self.tags.push(tags);
            self.description.push(description);
            self.used_on.push(day(row.used_on));
            self.changed_at.push(second(row.changed_at));
            self.next_rotation_at.push(second(row.next_rotation_at));
            self.failures.push(0);
            // An ARN never gets another name, so texts are written once.
            self.strings.push(&row.text);
            self.name_length.push(row.name_length);
        } else {
            if self.is_live(at) {
                self.live[self.prefix[at] as usize] -= 1;
            }
            self.prefix[at] = prefix;
            self.class[at] = class;
            self.owner[at] = owner;
            self.kms[at] = kms;
            self.tags[at] = tags;
            self.description[at] = description;
            self.used_on[at] = day(row.used_on);
            self.changed_at[at] = second(row.changed_at);
            self.next_rotation_at[at] = second(row.next_rotation_at);
        }
        if self.is_live(at) {
            self.live[prefix as usize] += 1;
        }
    }

    /// Puts new rows into the order of names.
    fn settle(&mut self) {
        let known = self.by_name.len();
        if known == self.len() {
            return;
        }
        let mut new: Vec<u32> = (number(known)..number(self.len())).collect();
        new.sort_unstable_by(|a, b| self.name_order(*a, *b));
        let mut merged = Vec::with_capacity(self.len());
        let mut rest = self.by_name.as_slice();
        for row in new {
            let until = rest.partition_point(|old| self.name_order(*old, row).is_lt());
            merged.extend_from_slice(&rest[..until]);
            merged.push(row);
            rest = &rest[until..];
        }
        merged.extend_from_slice(rest);
        self.by_name = merged;
        self.rank.resize(self.by_name.len(), 0);
        for (rank, row) in self.by_name.iter().enumerate() {
            self.rank[*row as usize] = number(rank);
        }
    }

    /// How many are listed and not gone within these accounts.
    pub(crate) fn count(&self, visible: &VisibleAccounts) -> u64 {
        let seen = self.seen(visible);
        let counted = self.of_place.iter().zip(&self.live);
        counted.filter(|((holder, _), _)| seen[*holder as usize]).map(|(_, n)| u64::from(*n)).sum()
    }

    /// Of the accounts that hold anything, which are visible.
    fn seen(&self, visible: &VisibleAccounts) -> Vec<bool> {
        let mut seen = vec![false; self.holders.len()];
        for at in visible.accounts.iter().filter_map(|id| self.holders.get_index_of(id)) {
            seen[at] = true;
        }
        seen
    }

    /// The same, by account and kind.
    pub(crate) fn count_by_account(&self) -> HashMap<(&AccountId, Kind), u64> {
        let mut counts = HashMap::new();
        for (prefix, live) in self.prefixes.iter().zip(&self.live) {
            *counts.entry((&prefix.account, prefix.kind)).or_default() += u64::from(*live);
        }
        counts
    }

    fn is_live(&self, row: usize) -> bool {
        let class = &self.classes[self.class[row] as usize];
        class.listed && class.life != LifeState::Gone
    }

    /// The name with the end of the ARN, in lower case.
    fn text(&self, row: usize) -> &[u8] {
        self.strings.get(row)
    }

    fn name(&self, row: usize) -> &[u8] {
        &self.text(row)[..self.name_length[row].into()]
    }

    fn name_order(&self, a: u32, b: u32) -> std::cmp::Ordering {
        let (a, b) = (a as usize, b as usize);
        self.name(a).cmp(self.name(b)).then_with(|| self.ids[a].cmp(&self.ids[b]))
    }
}

/// Rows and dictionaries stay far below what 32 bits hold.
fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn intern(dictionary: &mut IndexSet<Box<str>>, text: Option<String>) -> u32 {
    match text {
        None => NONE,
        Some(text) => match dictionary.get_index_of(text.as_str()) {
            Some(at) => number(at),
            None => number(dictionary.insert_full(text.into()).0),
        },
    }
}

pub(crate) fn second(at: Option<OffsetDateTime>) -> u32 {
    at.map_or(0, |at| u32::try_from(at.unix_timestamp()).unwrap_or(u32::MAX).max(1))
}

fn day(on: Option<Date>) -> u32 {
    second(on.map(|on| on.midnight().assume_utc())) / 86_400
}
