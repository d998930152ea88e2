//! One pass over all findings: which fit the filter, how many each facet would leave, and the page that is asked for.

use super::{
    super::{Index, bits::Bits, parallel::in_shares, plan::chosen, second},
    FindingCounts,
    counts::{
        ACCOUNT, CATEGORY, Fields, FindingFacetTally, OU, POLICY, SEVERITY, STATE, TEAM, VERDICT,
        is_one, kind,
    },
    number,
};
use crate::inventory::search_patterns::words;
use claviger_domain::{
    authz::VisibleAccounts,
    compliance::{CheckResult, FindingQuery, FindingState},
    ids::ResourceId,
};
use std::{
    collections::{BinaryHeap, HashSet, VecDeque},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// What is asked.
#[derive(Clone, Copy)]
pub(crate) struct FindingAsk<'a> {
    pub(crate) visible: &'a VisibleAccounts,
    pub(crate) query: &'a FindingQuery,
    pub(crate) now: OffsetDateTime,
    /// Rows of the page.
    pub(crate) limit: usize,
}

/// A page by the resource and policy of each finding, and what was counted on the way.
#[derive(Debug, Default)]
pub(crate) struct FoundRefs {
    pub(crate) refs: Vec<(ResourceId, String)>,
    pub(crate) next: Option<String>,
    pub(crate) counts: FindingCounts,
}

/// Where a finding stands in the order of the list: severity, the newest first, the order of names, the policy.
type Key = u128;

const NAME_BITS: u32 = 32;
const POLICY_BITS: u32 = 32;

/// What a row of the inventory is evaluated by; `None` where it is outside the scope or what no facet counts.
struct Plan<'a> {
    index: &'a Index,
    /// Of each place.
    prefixes: Vec<Option<Fields>>,
    teams: Option<Vec<bool>>,
    /// Of each class, and of it overdue.
    kinds: Vec<Fields>,
    /// Of each class: whether it can be overdue, and the beginning of its key.
    classes: Vec<(bool, u64)>,
    /// Each policy's place in the order of their ids.
    policy_ranks: Vec<u32>,
    resources: Option<HashSet<Uuid>>,
    worded: Option<Bits>,
    /// Opened then or later.
    since: u32,
    has_since: bool,
    now: u32,
    after: Option<Key>,
    limit: usize,
}

impl Index {
    /// The first findings of the page, the worst and newest first; `None` where the cursor belongs to no row.
    pub(crate) fn find_findings(&self, ask: FindingAsk<'_>) -> Option<Arc<FoundRefs>> {
        self.findings.recent.found(ask, || self.pass_findings(ask))
    }

    fn pass_findings(&self, ask: FindingAsk<'_>) -> Option<FoundRefs> {
        let seen = self.seen(ask.visible);
        let plan = Plan::new(self, ask, &seen)?;
        let (tally, keys) = in_shares(
            self.findings.slots.len(),
            |share| plan.evaluate(share),
            |(tally, keys), (more, others)| {
                tally.add(&more);
                keys.extend(others);
            },
        );
        let mut keys = keys.into_vec();
        keys.sort_unstable();
        // One more than the page has was kept, to see whether there is a next.
        let has_more = keys.len() > ask.limit;
        keys.truncate(ask.limit);
        let policies = plan.by_rank();
        let refs = keys.iter().map(|key| {
            let name = usize::try_from((key >> POLICY_BITS) & Key::from(u32::MAX)).unwrap_or(0);
            let policy = usize::try_from(key & Key::from(u32::MAX)).unwrap_or(0);
            (ResourceId(self.ids[self.by_name[name] as usize]), policies[policy].to_owned())
        });
        let refs: Vec<(ResourceId, String)> = refs.collect();
        let next = refs.last().zip(keys.last()).filter(|_| has_more).map(|((id, policy), key)| {
            let begin = key >> (NAME_BITS + POLICY_BITS);
            format!("{begin}_{id}_{policy}")
        });
        Some(FoundRefs { refs, next, counts: tally.counts(self, &plan.kinds, &seen) })
    }
}

impl<'a> Plan<'a> {
    fn new(index: &'a Index, ask: FindingAsk<'a>, seen: &[bool]) -> Option<Self> {
        let FindingAsk { query, now, limit, .. } = ask;
        let findings = &index.findings;
        let unless = |fits: bool, field: Fields| if fits { 0 } else { field };
        let holders: Vec<Option<Fields>> = index
            .holders
            .iter()
            .zip(seen)
            .map(|(account, is_seen)| {
                let in_ou = || {
                    let known = index.accounts.get(account);
                    known.is_some_and(|known| query.ous.iter().any(|ou| known.ous.contains(ou)))
                };
                is_seen.then(|| {
                    unless(chosen(&query.accounts, account), ACCOUNT)
                        | unless(query.ous.is_empty() || in_ou(), OU)
                })
            })
            .collect();
        let prefixes = index.prefixes.iter().zip(&index.of_place).map(|(prefix, (holder, _))| {
            let fits = chosen(&query.kinds, &prefix.kind) && chosen(&query.regions, &prefix.region);
            holders[*holder as usize].filter(|_| fits)
        });
        let teams = (!query.teams.is_empty()).then(|| {
            let fits = |team: &str| query.teams.iter().any(|one| one == team);
            index.owners.iter().map(|t| fits(if t.is_empty() { "-" } else { t })).collect()
        });
        let verdicts =
            if query.verdicts.is_empty() { &[CheckResult::Fail][..] } else { &query.verdicts };
        let states =
            if query.states.is_empty() { &[FindingState::Open][..] } else { &query.states };
        // What is overdue is open.
        let in_state = |own: FindingState| {
            states.contains(&own)
                || own == FindingState::Overdue && states.contains(&FindingState::Open)
        };
        let policy_fits: Vec<bool> = findings
            .policies
            .iter()
            .map(|id| query.policies.is_empty() || query.policies.iter().any(|p| **p == **id))
            .collect();
        let of_class = |class: &super::Class| {
            unless(policy_fits[class.policy as usize], POLICY)
                | unless(chosen(&query.categories, &class.category), CATEGORY)
                | unless(chosen(&query.severities, &class.severity), SEVERITY)
                | unless(verdicts.contains(&class.verdict), VERDICT)
        };
        let kinds = findings.classes.iter().flat_map(|class| {
            let own = of_class(class);
            [false, true].map(|is_overdue| own | unless(in_state(class.state(is_overdue)), STATE))
        });
        let classes = findings.classes.iter().map(|class| {
            let rank = u64::try_from(class.severity.rank()).unwrap_or(0);
            (class.counts(), rank << 32)
        });
        let since = query.days.map(|days| second(Some(now - Duration::days(days.into()))));
        let mut plan = Self {
            index,
            prefixes: prefixes.collect(),
            teams,
            kinds: kinds.collect(),
            classes: classes.collect(),
            policy_ranks: Vec::new(),
            resources: (!query.resources.is_empty())
                .then(|| query.resources.iter().map(|id| id.0).collect()),
            worded: index.holding(&words(&query.text)),
            since: since.unwrap_or(0),
            has_since: since.is_some(),
            now: second(Some(now)),
            after: None,
            limit: limit + 1,
        };
        let ranked = plan.by_rank();
        plan.policy_ranks = findings
            .policies
            .iter()
            .map(|id| number(ranked.partition_point(|other| **other < **id)))
            .collect();
        if let Some(after) = &query.after {
            plan.after = Some(plan.cursor(after, &ranked)?);
        }
        Some(plan)
    }

    /// The policies in the order of their ids.
    fn by_rank(&self) -> Vec<&'a str> {
        let mut policies: Vec<&str> =
            self.index.findings.policies.iter().map(|policy| &**policy).collect();
        policies.sort_unstable();
        policies
    }

    /// Where the row of a cursor stands, or would stand.
    fn cursor(&self, text: &str, ranked: &[&str]) -> Option<Key> {
        let mut parts = text.splitn(3, '_');
        let begin: u64 = parts.next()?.parse().ok()?;
        let id: Uuid = parts.next()?.parse().ok()?;
        let policy = parts.next()?;
        let row = self.index.ids.get_index_of(&id)?;
        // A policy without findings in this index would stand before the next one.
        let rank = ranked.partition_point(|other| *other <= policy);
        let rank = rank.checked_sub(1)?;
        Some(key(begin, self.index.rank[row], number(rank)))
    }

    /// Evaluates a range of rows; says what was counted, and the keys of the first that fit.
    fn evaluate(&self, rows: Range<usize>) -> (FindingFacetTally, BinaryHeap<Key>) {
        let mut tally = FindingFacetTally::new(self.index);
        let mut first = BinaryHeap::with_capacity(self.limit.min(4_096) + 1);
        let mut take = |row: usize| self.result_row(row, &mut tally, &mut first);
        let slots = self.index.findings.slots.len();
        match &self.worded {
            Some(worded) => {
                let (from, until) = (rows.start, rows.end.min(slots));
                worded.rows_of(rows).filter(|row| (from..until).contains(row)).for_each(take);
            }
            None => rows.for_each(&mut take),
        }
        (tally, first)
    }

    fn result_row(&self, row: usize, tally: &mut FindingFacetTally, first: &mut BinaryHeap<Key>) {
        let index = self.index;
        let entries = index.findings.of(row);
        if entries.is_empty() {
            return;
        }
        let prefix = index.prefix[row] as usize;
        let Some(mut misses) = self.prefixes[prefix] else { return };
        if self.resources.as_ref().is_some_and(|these| !these.contains(&index.ids[row])) {
            return;
        }
        let team = index.findings.slots[row].team;
        if self.teams.as_ref().is_some_and(|teams| !teams[team as usize]) {
            misses |= TEAM;
        }
        if misses != 0 && !is_one(misses) && !self.has_since {
            tally.has_any(team);
            return;
        }
        let (mut fitting, mut has_any) = (0, false);
        for entry in entries {
            if entry.opened < self.since {
                continue;
            }
            has_any = true;
            let (can_be_overdue, rank) = self.classes[entry.class as usize];
            let kind = kind(entry.class, can_be_overdue && entry.due < self.now);
            let own = self.kinds[kind];
            if own == 0 {
                fitting += 1;
                if misses == 0 {
                    tally.all(kind);
                    self.keep(row, rank, entry, first);
                }
            } else if misses == 0 && is_one(own) {
                tally.but_one(kind);
            }
        }
        if has_any {
            tally.has_any(team);
        }
        if fitting > 0 && (misses == 0 || is_one(misses)) {
            tally.of_resource(index.of_place[prefix].0, team, misses, fitting);
        }
    }

    /// Keeps a finding that fits, where it is among the first after the cursor.
    fn keep(&self, row: usize, rank: u64, entry: &super::Entry, first: &mut BinaryHeap<Key>) {
        let begin = rank | u64::from(u32::MAX - entry.opened);
        let policy = self.index.findings.classes[entry.class as usize].policy;
        let is_full = first.len() >= self.limit;
        // Most are later than the last one by their beginning alone.
        let last = first.peek().filter(|_| is_full).copied();
        if last.is_some_and(|last| Key::from(begin) > last >> (NAME_BITS + POLICY_BITS)) {
            return;
        }
        let key = key(begin, self.index.rank[row], self.policy_ranks[policy as usize]);
        if self.after.is_some_and(|after| key <= after) || last.is_some_and(|last| key >= last) {
            return;
        }
        if is_full {
            first.pop();
        }
        first.push(key);
    }
}

fn key(begin: u64, name: u32, policy: u32) -> Key {
    Key::from(begin) << (NAME_BITS + POLICY_BITS)
        | Key::from(name) << POLICY_BITS
        | Key::from(policy)
}

/// What time alone changes (what is overdue) may be behind by so much.
const CACHE_TTL: Duration = Duration::seconds(10);
const MAX_CACHED: usize = 32;
/// Longer lists are those of exports, which ask nothing twice.
const SHORT: usize = 500;

/// Answers that were given a moment ago, as the inventory's; cleared with every change of the index.
#[derive(Default)]
pub(super) struct Recent(Mutex<VecDeque<Made>>);

struct Made {
    visible: VisibleAccounts,
    query: FindingQuery,
    limit: usize,
    at: OffsetDateTime,
    found: Arc<FoundRefs>,
}

impl Recent {
    pub(super) fn clear(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn found(
        &self,
        ask: FindingAsk<'_>,
        make: impl FnOnce() -> Option<FoundRefs>,
    ) -> Option<Arc<FoundRefs>> {
        if ask.limit > SHORT {
            return make().map(Arc::new);
        }
        let is_it = |made: &&Made| {
            let age = ask.now - made.at;
            (Duration::ZERO..CACHE_TTL).contains(&age)
                && made.limit == ask.limit
                && made.query == *ask.query
                && made.visible == *ask.visible
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = kept.iter().find(is_it) {
            return Some(Arc::clone(&made.found));
        }
        drop(kept);
        // Nobody else waits for it.
        let found = Arc::new(make()?);
        kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(MAX_CACHED - 1);
        kept.push_front(Made {
            visible: ask.visible.clone(),
            query: ask.query.clone(),
            limit: ask.limit,
            at: ask.now,
            found: Arc::clone(&found),
        });
        Some(found)
    }
}
