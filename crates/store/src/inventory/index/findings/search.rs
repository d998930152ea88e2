//! One pass over all findings: which fit the filter, how many each facet would leave, and the page that is asked for.

use super::{
    super::{
        Ask, Index, bits::Bits, parallel::in_shares, plan::chosen, result_cache::Pass, second,
    },
    FindingCounts,
    counts::{
        ACCOUNT, CATEGORY, Fields, FindingFacetTally, OU, POLICY, SEVERITY, STATE, TEAM, Timing,
        VERDICT, is_one, kind,
    },
    number,
};
use crate::inventory::search_patterns::words;
use claviger_domain::{
    VariantArray,
    authz::VisibleAccounts,
    compliance::{CheckResult, FindingQuery, FindingSort, FindingState, Severity},
    ids::{AccountId, ResourceId},
    inventory::Direction,
};
use std::{
    collections::{BinaryHeap, HashMap, HashSet},
    ops::Range,
    sync::Arc,
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
    /// How many findings stand before these.
    pub(crate) before: u64,
    pub(crate) next: Option<String>,
    pub(crate) counts: FindingCounts,
    /// The most severe and largest first; none where the query does not group.
    pub(crate) groups: Vec<GroupCount>,
}

/// The matching findings of one policy in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    pub policy: String,
    pub account: AccountId,
    pub severity: Severity,
    pub count: u64,
}

/// Where a finding stands in the order of the list: what the list is sorted by, the order of names, the policy.
type Key = u128;

/// What a share of the rows has for the page.
#[derive(Default)]
struct Kept {
    first: BinaryHeap<Key>,
    before: u64,
    /// By policy and holder: the rank of the severity, and how many.
    groups: HashMap<(u32, u32), (u64, u64)>,
}

impl Kept {
    fn add(&mut self, other: Self) {
        self.first.extend(other.first);
        self.before += other.before;
        for (of, (rank, count)) in other.groups {
            let own = self.groups.entry(of).or_insert((rank, 0));
            *own = (own.0.min(rank), own.1 + count);
        }
    }
}

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
    /// By resource, the policies of the findings that are asked for.
    named: Option<HashMap<Uuid, Vec<u32>>>,
    /// Of each assignee, whether they are asked for.
    assignees: Option<Vec<bool>>,
    sort: FindingSort,
    is_descending: bool,
    /// Of each account that holds anything, where its name orders.
    account_ranks: Vec<u32>,
    is_grouped: bool,
    worded: Option<Bits>,
    /// The rows that a filter of the inventory matches.
    within: Option<Pass>,
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
        let (tally, kept) = in_shares(
            self.findings.slots.len(),
            |share| plan.evaluate(share),
            |(tally, kept), (more, others)| {
                tally.add(&more);
                kept.add(others);
            },
        );
        let Kept { first, before, groups } = kept;
        let groups = plan.groups(groups);
        let mut keys = first.into_vec();
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
        let counts = tally.counts(self, &plan.kinds, &seen);
        Some(FoundRefs { refs, before, next, counts, groups })
    }
}

impl<'a> Plan<'a> {
    fn new(index: &'a Index, ask: FindingAsk<'a>, seen: &[bool]) -> Option<Self> {
        let FindingAsk { query, now, limit, .. } = ask;
        let findings = &index.findings;
        let unless = |fits: bool, field: Fields| if fits { 0 } else { field };
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
            Timing::ALL.map(|timing| own | unless(in_state(class.state(timing)), STATE))
        });
        let classes = findings.classes.iter().map(|class| {
            let rank = u64::try_from(class.severity.rank()).unwrap_or(0);
            (class.counts(), rank << 32)
        });
        let named = (!query.findings.is_empty()).then(|| {
            let mut named: HashMap<Uuid, Vec<u32>> = HashMap::new();
            for one in &query.findings {
                let policy = findings.policies.get_index_of(one.policy.as_str());
                named.entry(one.resource.0).or_default().extend(policy.map(number));
            }
            named
        });
        let assignees =
            (!query.assignees.is_empty()).then(|| findings.triaged.chosen(&query.assignees));
        let since = query.days.map(|days| second(Some(now - Duration::days(days.into()))));
        let mut plan = Self {
            index,
            prefixes: places(index, query, seen),
            teams,
            kinds: kinds.collect(),
            classes: classes.collect(),
            policy_ranks: Vec::new(),
            resources: (!query.resources.is_empty())
                .then(|| query.resources.iter().map(|id| id.0).collect()),
            named,
            assignees,
            sort: query.sort,
            is_descending: query.direction == Direction::Descending,
            account_ranks: match query.sort {
                FindingSort::Account => index.account_ranks(),
                _ => Vec::new(),
            },
            is_grouped: query.group.is_some(),
            worded: index.holding(&words(&query.text)),
            within: query
                .within
                .as_ref()
                .map(|query| index.pass(Ask { visible: ask.visible, query, now })),
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
        // What is not in the finding itself may have moved since.
        let begin = self.place(row).map_or(begin, |place| self.directed(place));
        Some(key(begin, self.index.rank[row], number(rank)))
    }

    /// Where a row stands if its place in the inventory sorts the list.
    fn place(&self, row: usize) -> Option<u64> {
        match self.sort {
            FindingSort::Name => Some(self.index.rank[row].into()),
            FindingSort::Account => Some(self.account_ranks[self.holder(row) as usize].into()),
            FindingSort::Severity | FindingSort::Due | FindingSort::Opened => None,
        }
    }

    fn holder(&self, row: usize) -> u32 {
        self.index.of_place[self.index.prefix[row] as usize].0
    }

    fn directed(&self, begin: u64) -> u64 {
        if self.is_descending { u64::MAX - begin } else { begin }
    }

    /// What the list is sorted by. `rank` is the severity's.
    fn begin(&self, row: usize, rank: u64, entry: &super::Entry) -> u64 {
        self.directed(match self.sort {
            FindingSort::Severity => rank | u64::from(u32::MAX - entry.opened),
            FindingSort::Due => entry.due.into(),
            FindingSort::Opened => entry.opened.into(),
            FindingSort::Name | FindingSort::Account => self.place(row).unwrap_or_default(),
        })
    }

    /// The most severe and largest first.
    fn groups(&self, groups: HashMap<(u32, u32), (u64, u64)>) -> Vec<GroupCount> {
        let index = self.index;
        let mut groups: Vec<_> = groups.into_iter().collect();
        groups.sort_unstable_by_key(|(of, (rank, count))| (*rank, u64::MAX - *count, *of));
        let each = groups.into_iter().filter_map(|((policy, holder), (rank, count))| {
            let rank = i16::try_from(rank >> 32).ok()?;
            Some(GroupCount {
                policy: index.findings.policies[policy as usize].to_string(),
                account: index.holders[holder as usize].clone(),
                severity: *Severity::VARIANTS.iter().find(|one| one.rank() == rank)?,
                count,
            })
        });
        each.collect()
    }

    /// Evaluates a range of rows; says what was counted, and the keys of the first that fit.
    fn evaluate(&self, rows: Range<usize>) -> (FindingFacetTally, Kept) {
        let mut tally = FindingFacetTally::new(self.index);
        let first = BinaryHeap::with_capacity(self.limit.min(4_096) + 1);
        let mut kept = Kept { first, ..Kept::default() };
        let mut take = |row: usize| self.result_row(row, &mut tally, &mut kept);
        let slots = self.index.findings.slots.len();
        match &self.worded {
            Some(worded) => {
                let (from, until) = (rows.start, rows.end.min(slots));
                worded.rows_of(rows).filter(|row| (from..until).contains(row)).for_each(take);
            }
            None => rows.for_each(&mut take),
        }
        (tally, kept)
    }

    fn result_row(&self, row: usize, tally: &mut FindingFacetTally, kept: &mut Kept) {
        let index = self.index;
        let entries = index.findings.of(row);
        if entries.is_empty() {
            return;
        }
        let prefix = index.prefix[row] as usize;
        let Some(mut misses) = self.prefixes[prefix] else { return };
        if self.within.as_ref().is_some_and(|within| !within.0.has(row)) {
            return;
        }
        if self.resources.as_ref().is_some_and(|these| !these.contains(&index.ids[row])) {
            return;
        }
        let named = match &self.named {
            Some(named) => match named.get(&index.ids[row]) {
                Some(policies) => Some(policies),
                None => return,
            },
            None => None,
        };
        let team = index.findings.slots[row].team;
        if self.teams.as_ref().is_some_and(|teams| !teams[team as usize]) {
            misses |= TEAM;
        }
        if misses != 0 && !is_one(misses) && !self.has_since {
            tally.has_any(team);
            return;
        }
        let triage = index.findings.triaged.of(row);
        let (mut fitting, mut has_any) = (0, false);
        for entry in entries {
            if entry.opened < self.since {
                continue;
            }
            let policy = index.findings.classes[entry.class as usize].policy;
            if named.is_some_and(|policies| !policies.contains(&policy)) {
                continue;
            }
            has_any = true;
            let of_wanted = |wanted: &Vec<bool>| wanted[triage.assignee(policy) as usize];
            if self.assignees.as_ref().is_some_and(|wanted| !of_wanted(wanted)) {
                continue;
            }
            let (can_be_overdue, rank) = self.classes[entry.class as usize];
            let timing = if triage.is_snoozed(policy, entry, self.now) {
                Timing::Snoozed
            } else if can_be_overdue && entry.due < self.now {
                Timing::Overdue
            } else {
                Timing::Current
            };
            let kind = kind(entry.class, timing);
            let own = self.kinds[kind];
            if own == 0 {
                fitting += 1;
                if misses == 0 {
                    tally.all(kind);
                    self.keep(row, rank, entry, kept);
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
    fn keep(&self, row: usize, rank: u64, entry: &super::Entry, kept: &mut Kept) {
        let begin = self.begin(row, rank, entry);
        let policy = self.index.findings.classes[entry.class as usize].policy;
        if self.is_grouped {
            let group = kept.groups.entry((policy, self.holder(row))).or_insert((rank, 0));
            *group = (group.0.min(rank), group.1 + 1);
        }
        let at = || key(begin, self.index.rank[row], self.policy_ranks[policy as usize]);
        if self.after.is_some_and(|after| at() <= after) {
            kept.before += 1;
            return;
        }
        let first = &mut kept.first;
        let is_full = first.len() >= self.limit;
        // Most are later than the last one by their beginning alone.
        let last = first.peek().filter(|_| is_full).copied();
        if last.is_some_and(|last| Key::from(begin) > last >> (NAME_BITS + POLICY_BITS)) {
            return;
        }
        let key = at();
        if last.is_some_and(|last| key >= last) {
            return;
        }
        if is_full {
            first.pop();
        }
        first.push(key);
    }
}

/// Of each place, what it does not fit; `None` outside the scope, or where no facet counts it.
fn places(index: &Index, query: &FindingQuery, seen: &[bool]) -> Vec<Option<Fields>> {
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
    prefixes.collect()
}

fn key(begin: u64, name: u32, policy: u32) -> Key {
    Key::from(begin) << (NAME_BITS + POLICY_BITS)
        | Key::from(name) << POLICY_BITS
        | Key::from(policy)
}
