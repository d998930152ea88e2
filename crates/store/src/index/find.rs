//! One pass over all rows: which fit the filter, how many each facet would leave, and the page that is asked for.

use super::{
    Index, RotationBase,
    tally::{
        ACCOUNT, FacetCounts, Fields, HIDDEN, KEY, KIND, Numbers, OTHER, OU, OWNER, REGION,
        ROTATION, STATE, TEAM, Tallies,
    },
    words::{Bits, Word},
};
use claviger_domain::{
    access::VisibleAccounts,
    cursor::Cursor,
    facts::Kind,
    ids::ResourceId,
    query::{AgeFilter, Direction, InventoryQuery, LifeState, Sort, TagFilter},
    rotation::RotationClass,
};
use std::{
    collections::{BTreeMap, BinaryHeap},
    ops::Range,
    thread,
};
use time::OffsetDateTime;

const DAY: u32 = 86_400;

/// Fewer rows are judged sooner than another thread begins.
const WORTH_SHARING: usize = 100_000;
const MOST_HANDS: usize = 4;

/// What is asked.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    pub(crate) visible: &'a VisibleAccounts,
    pub(crate) query: &'a InventoryQuery,
    pub(crate) now: OffsetDateTime,
}

/// One page, by its rows' ids, and what was counted on the way.
pub(crate) struct Found {
    pub(crate) ids: Vec<ResourceId>,
    pub(crate) previous: Option<Cursor>,
    pub(crate) next: Option<Cursor>,
    pub(crate) counts: FacetCounts,
    pub(crate) steps: Vec<Step>,
}

/// A step of the way down to names before its letters' case is known: a row that lies below it, and how long the path is.
pub(crate) struct Step {
    pub(crate) sample: ResourceId,
    pub(crate) length: usize,
    pub(crate) count: u64,
}

/// A query worked out against the dictionaries, so that a row is judged by looking up numbers.
struct Plan<'a> {
    index: &'a Index,
    places: Vec<Fields>,
    classes: Vec<Fields>,
    /// Whether a place's own Region fits, and whether a class's replicas do.
    regions: Option<(Vec<bool>, Vec<bool>)>,
    bases: Vec<RotationBase>,
    rotations: [Fields; RotationClass::ALL.len()],
    owners: Option<Vec<bool>>,
    keys: Option<Vec<bool>>,
    tags: Option<Vec<bool>>,
    words: Vec<Word<'a>>,
    /// Names that begin alike stand side by side in the order of names.
    paths: Vec<Range<u32>>,
    ages: Vec<(&'a [u32], &'a [AgeFilter], u32)>,
    /// Whether anything is asked beyond what facets count.
    has_others: bool,
    now: u32,
}

/// No value narrows nothing.
fn chosen<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

fn unless(fits: bool, field: Fields) -> Fields {
    if fits { 0 } else { field }
}

impl<'a> Plan<'a> {
    fn new(index: &'a Index, ask: Ask<'a>, words: &'a [String]) -> Self {
        let query = ask.query;
        let seen = index.seen(ask.visible);
        // Of each account that holds anything.
        let holders: Vec<Fields> = index
            .holders
            .iter()
            .zip(seen)
            .map(|(account, is_seen)| {
                let in_ou = || {
                    let known = index.accounts.get(account);
                    known.is_some_and(|known| query.ous.iter().any(|ou| known.ous.contains(ou)))
                };
                unless(is_seen, HIDDEN)
                    | unless(query.ous.is_empty() || in_ou(), OU)
                    | unless(chosen(&query.accounts, account), ACCOUNT)
            })
            .collect();
        let places = index.places.iter().zip(&index.of_place).map(|(place, (holder, _))| {
            holders[*holder as usize] | unless(chosen(&query.kinds, &place.kind), KIND)
        });
        let states: &[LifeState] = if query.states.is_empty() {
            &[LifeState::Live, LifeState::Deleting]
        } else {
            &query.states
        };
        let text_in = |values: &[claviger_domain::query::Exactly], text: Option<&str>| {
            values.is_empty() || text.is_some_and(|text| values.iter().any(|value| value.0 == text))
        };
        let classes = index.classes.iter().map(|class| {
            let replicated = !class.replicas.is_empty();
            let type_fits = query.types.is_empty()
                || class.parameter_type.is_some_and(|own| query.types.contains(&own));
            let others = text_in(&query.services, class.service.as_deref())
                && text_in(&query.tiers, class.tier.as_deref())
                && type_fits
                && (query.replicated.is_empty()
                    || query.replicated.iter().any(|asked| asked.0 == replicated));
            unless(class.listed, HIDDEN)
                | unless(chosen(&query.keys, &class.key), KEY)
                | unless(chosen(&query.owners, &class.owner), OWNER)
                | unless(states.contains(&class.life), STATE)
                | unless(others, OTHER)
        });
        let regions = (!query.regions.is_empty()).then(|| {
            (
                index.places.iter().map(|place| query.regions.contains(&place.region)).collect(),
                index
                    .classes
                    .iter()
                    .map(|class| class.replicas.iter().any(|own| query.regions.contains(own)))
                    .collect(),
            )
        });
        let mut rotations = [0; RotationClass::ALL.len()];
        for class in RotationClass::ALL {
            rotations[*class as usize] = unless(chosen(&query.rotation, class), ROTATION);
        }
        let named = |values: &[claviger_domain::query::Exactly],
                     dictionary: &indexmap::IndexSet<Box<str>>| {
            (!values.is_empty()).then(|| {
                let fits = |text: &str| !text.is_empty() && values.iter().any(|v| v.0 == text);
                dictionary.iter().map(|text| fits(text)).collect()
            })
        };
        let ages = [
            (index.changed_at.as_slice(), query.changed.as_slice(), 1),
            (index.used_on.as_slice(), query.accessed.as_slice(), DAY),
        ];
        Self {
            index,
            places: places.collect(),
            classes: classes.collect(),
            regions,
            rotations,
            owners: named(&query.teams, &index.owners),
            keys: named(&query.kms, &index.keys),
            tags: (!query.tags.is_empty())
                .then(|| index.tag_sets.iter().map(|own| fits_tags(&query.tags, own)).collect()),
            bases: index.classes.iter().map(|class| class.rotation).collect(),
            has_others: !(query.kms.is_empty()
                && query.tags.is_empty()
                && query.changed.is_empty()
                && query.accessed.is_empty()
                && query.paths.is_empty()
                && words.is_empty()),
            words: words.iter().map(|word| Word::new(index, word)).collect(),
            paths: query.paths.iter().map(|path| index.below(&path.0)).collect(),
            ages: ages.into_iter().filter(|(_, filters, _)| !filters.is_empty()).collect(),
            now: super::second(Some(ask.now)),
        }
    }

    /// Judges a range of rows; their bits are counted from its first.
    fn judge(&self, rows: Range<usize>) -> (Bits, Tallies) {
        let index = self.index;
        let named: Vec<Bits> = self.words.iter().map(|word| word.in_names(index, &rows)).collect();
        let (mut fitting, mut tallies) = (Bits::new(rows.len()), Tallies::new(index));
        let columns = index.place[rows.clone()]
            .iter()
            .zip(&index.class[rows.clone()])
            .zip(&index.owner[rows.clone()])
            .zip(&index.next_rotation_at[rows.clone()]);
        for (at, (((place, class), owner), next_rotation_at)) in columns.enumerate() {
            let (place, class, owner) = (*place as usize, *class as usize, *owner as usize);
            let mut misses = self.places[place] | self.classes[class];
            if misses >= OTHER || misses & misses.wrapping_sub(1) != 0 {
                // Hidden, or two fields that it does not fit: no facet counts it.
                continue;
            }
            let rotation = self.bases[class].class(*next_rotation_at, self.now);
            misses |= self.rotations[rotation as usize];
            if let Some((own, replicas)) = &self.regions {
                misses |= unless(own[place] || replicas[class], REGION);
            }
            if let Some(owners) = &self.owners {
                misses |= unless(owners[owner], TEAM);
            }
            if self.has_others && misses < OTHER && !self.fits_others(rows.start + at, at, &named) {
                continue;
            }
            if misses == 0 {
                fitting.set(at);
            }
            tallies.take(Numbers { place, class, owner, rotation }, misses);
        }
        (fitting, tallies)
    }

    /// The fields that no facet counts. `at` is the row's place in its range.
    fn fits_others(&self, row: usize, at: usize, named: &[Bits]) -> bool {
        let index = self.index;
        self.keys.as_ref().is_none_or(|keys| keys[index.kms[row] as usize])
            && self.tags.as_ref().is_none_or(|tags| tags[index.tags[row] as usize])
            && self.ages.iter().all(|(column, filters, unit)| {
                filters.iter().any(|filter| fits_age(*filter, column[row], *unit, self.now))
            })
            && (self.paths.is_empty()
                || self.paths.iter().any(|ranks| ranks.contains(&index.rank[row])))
            && named
                .iter()
                .zip(&self.words)
                .all(|(names, word)| names.has(at) || word.fits(index, row))
    }
}

fn fits_tags(filters: &[TagFilter], tags: &super::Tags) -> bool {
    // What could not be read neither has a tag nor lacks one.
    let Some(tags) = tags else { return false };
    let of = |key: &str| tags.iter().find(|(own, _)| **own == *key).map(|(_, value)| &**value);
    filters.iter().all(|filter| match filter {
        TagFilter::Present(key) => of(key).is_some(),
        TagFilter::Absent(key) => of(key).is_none(),
        TagFilter::Is { key, value } => of(key).is_some_and(|own| match value.strip_suffix('*') {
            Some(beginning) => own.starts_with(beginning),
            None => own == value,
        }),
    })
}

/// `at` counts `unit`s of seconds since 1970; 0 is never.
fn fits_age(filter: AgeFilter, at: u32, unit: u32, now: u32) -> bool {
    let then = |days: u16| (now / unit).saturating_sub(u32::from(days) * (DAY / unit));
    match filter {
        AgeFilter::Never => at == 0,
        AgeFilter::Within(days) => at != 0 && at >= then(days),
        AgeFilter::Before(days) => at != 0 && at < then(days),
    }
}

impl Index {
    /// The rows that fit, and the counts.
    fn pass(&self, ask: Ask<'_>) -> (Bits, Tallies) {
        let words = ask.query.words();
        let plan = Plan::new(self, ask, &words);
        let hands = if self.len() < WORTH_SHARING {
            1
        } else {
            thread::available_parallelism().map_or(1, usize::from).min(MOST_HANDS)
        };
        // Whole words of bits each.
        let each = self.len().div_ceil(hands).next_multiple_of(64);
        let whole = |from: usize| from..self.len().min(from + each);
        thread::scope(|scope| {
            let plan = &plan;
            let others: Vec<_> = (each..self.len())
                .step_by(each)
                .map(|from| scope.spawn(move || plan.judge(whole(from))))
                .collect();
            let (mut fitting, mut tallies) = plan.judge(whole(0));
            for other in others {
                match other.join() {
                    Ok((more, counted)) => {
                        fitting.append(more);
                        tallies.add(counted);
                    }
                    Err(panic) => std::panic::resume_unwind(panic),
                }
            }
            (fitting, tallies)
        })
    }

    /// A page of `limit` rows, from the query's cursor on; `None` where the cursor belongs to no row.
    pub(crate) fn find(&self, ask: Ask<'_>, limit: u16) -> Option<Found> {
        let query = ask.query;
        let (fitting, tallies) = self.pass(ask);
        let order = self.order(query.sort, query.direction);
        let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let begin = match &query.cursor {
            Some(cursor) => Some(order.of_cursor(cursor)?),
            None => None,
        };
        let limit = usize::from(limit);
        // One more than the page has, to see whether there is a next.
        let mut rows = if query.sort == Sort::Name {
            order.along_names(&fitting, begin, backwards, limit + 1)
        } else {
            order.nearest(&fitting, begin, backwards, limit + 1)
        };
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if backwards {
            rows.reverse();
        }
        let cursor = |row: &usize, backwards| Cursor {
            sort: query.sort,
            direction: query.direction,
            key: order.key(*row).to_string(),
            id: ResourceId(self.ids[*row]),
            backwards,
        };
        let has_previous = if backwards { has_more } else { begin.is_some() };
        let has_next = backwards || has_more;
        // From the one path that is asked for, where the names lead on.
        let steps = match query.paths.as_slice() {
            [path] => self.steps(&fitting, &path.0),
            _ => Vec::new(),
        };
        Some(Found {
            previous: rows.first().filter(|_| has_previous).map(|row| cursor(row, true)),
            next: rows.last().filter(|_| has_next).map(|row| cursor(row, false)),
            ids: rows.into_iter().map(|row| ResourceId(self.ids[row])).collect(),
            counts: tallies.counts(self),
            steps,
        })
    }

    /// Every row that fits, in the query's order.
    pub(crate) fn find_all(&self, ask: Ask<'_>) -> Vec<ResourceId> {
        let (fitting, _) = self.pass(ask);
        let order = self.order(ask.query.sort, ask.query.direction);
        let mut keys: Vec<u64> = fitting.rows().map(|row| order.of(row)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|key| ResourceId(self.ids[order.row(key)])).collect()
    }

    /// Listed and live, of the same kind and name as a visible row; by account and Region, without the row's primary.
    pub(crate) fn namesakes(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        limit: usize,
    ) -> Vec<ResourceId> {
        let seen = self.seen(visible);
        let is_seen = |row: usize| {
            let (holder, _) = self.of_place[self.place[row] as usize];
            seen[holder as usize]
        };
        let Some(row) = self.ids.get_index_of(&id.0).filter(|row| is_seen(*row)) else {
            return Vec::new();
        };
        let own = &self.places[self.place[row] as usize];
        let name = self.name(row);
        let before = |other: &u32| self.name(*other as usize) < name;
        let begin = self.by_name.partition_point(before);
        let same = self.by_name[begin..].iter().map(|other| *other as usize);
        let mut found: Vec<_> = same
            .take_while(|other| self.name(*other) == name)
            .filter(|other| *other != row && is_seen(*other) && self.is_live(*other))
            .filter_map(|other| {
                let place = &self.places[self.place[other] as usize];
                // In one account the primary of a replica is the same secret, not another.
                let is_primary = own.kind == Kind::Secret
                    && place.account == own.account
                    && self.text(other) == self.text(row);
                let fits = place.kind == own.kind && !is_primary;
                fits.then(|| (self.account_name(&place.account), &place.region, other))
            })
            .collect();
        found.sort_unstable();
        found.truncate(limit);
        found.into_iter().map(|(_, _, other)| ResourceId(self.ids[other])).collect()
    }

    fn account_name(&self, account: &claviger_domain::ids::AccountId) -> &str {
        self.accounts.get(account).map_or("", |known| &known.name)
    }

    /// The ranks of the names that begin with this.
    fn below(&self, path: &str) -> Range<u32> {
        let path = path.to_lowercase();
        let path = path.as_bytes();
        let name = |row: &u32| self.name(*row as usize);
        let begin = self.by_name.partition_point(|row| name(row) < path);
        let length = self.by_name[begin..].partition_point(|row| name(row).starts_with(path));
        super::number(begin)..super::number(begin + length)
    }

    /// What lies directly below a path among these rows: steps that lead on, each with the number of rows below.
    fn steps(&self, fitting: &Bits, path: &str) -> Vec<Step> {
        let ranks = self.below(path);
        let mut steps: BTreeMap<&[u8], (usize, u64)> = BTreeMap::new();
        for row in &self.by_name[ranks.start as usize..ranks.end as usize] {
            let row = *row as usize;
            let rest = self.name(row).get(path.to_lowercase().len()..).unwrap_or_default();
            if let Some(end) = rest.iter().position(|byte| *byte == b'/')
                && fitting.has(row)
            {
                steps.entry(&rest[..=end]).or_insert((row, 0)).1 += 1;
            }
        }
        let length = path.to_lowercase().len();
        let steps = steps.into_iter().map(|(step, (row, count))| Step {
            sample: ResourceId(self.ids[row]),
            length: length + step.len(),
            count,
        });
        steps.collect()
    }

    fn order(&self, sort: Sort, direction: Direction) -> Order<'_> {
        let mut ranks = Vec::new();
        if matches!(sort, Sort::Account | Sort::Region) {
            let texts: Vec<(String, String)> = if sort == Sort::Account {
                let each = self.holders.iter();
                each.map(|id| (self.account_name(id).to_lowercase(), id.to_string())).collect()
            } else {
                self.regions.iter().map(|region| (region.to_string(), String::new())).collect()
            };
            let mut sorted: Vec<&_> = texts.iter().collect();
            sorted.sort_unstable();
            let rank = |text| super::number(sorted.binary_search(&text).unwrap_or_default());
            let each: Vec<u32> = texts.iter().map(rank).collect();
            let own = |(holder, region): &(u32, u32)| {
                each[if sort == Sort::Account { *holder } else { *region } as usize]
            };
            ranks = self.of_place.iter().map(own).collect();
        }
        Order { index: self, sort, descending: direction == Direction::Descending, ranks }
    }
}

/// An order as numbers: the key in the upper half, the place among the names in the lower.
struct Order<'a> {
    index: &'a Index,
    sort: Sort,
    descending: bool,
    /// Of the places, where they order.
    ranks: Vec<u32>,
}

impl Order<'_> {
    /// The first rows along the names from where a page begins: it stops as soon as there are enough.
    fn along_names(
        &self,
        fitting: &Bits,
        begin: Option<u64>,
        backwards: bool,
        most: usize,
    ) -> Vec<usize> {
        let names = &self.index.by_name;
        let rank = begin.map(|at| self.rank_at(at));
        let fits = |row: &&u32| fitting.has(**row as usize);
        let upwards = self.descending == backwards;
        let rows: Vec<&u32> = if upwards {
            let from = rank.map_or(0, |rank| rank + 1);
            names[from..].iter().filter(fits).take(most).collect()
        } else {
            let until = rank.unwrap_or(names.len());
            names[..until].iter().rev().filter(fits).take(most).collect()
        };
        rows.into_iter().map(|row| *row as usize).collect()
    }

    /// The rows that are nearest to where a page begins.
    fn nearest(
        &self,
        fitting: &Bits,
        begin: Option<u64>,
        backwards: bool,
        most: usize,
    ) -> Vec<usize> {
        let mut nearest: BinaryHeap<u64> = BinaryHeap::with_capacity(most + 1);
        for row in fitting.rows() {
            let at = self.of(row);
            let key = match begin {
                None => at,
                Some(begin) if backwards && at < begin => u64::MAX - at,
                Some(begin) if !backwards && at > begin => at,
                Some(_) => continue,
            };
            if nearest.len() < most {
                nearest.push(key);
            } else if nearest.peek().is_some_and(|farthest| key < *farthest) {
                nearest.pop();
                nearest.push(key);
            }
        }
        let keys = nearest.into_sorted_vec().into_iter();
        keys.map(|key| self.row(if backwards { u64::MAX - key } else { key })).collect()
    }

    fn key(&self, row: usize) -> u32 {
        let index = self.index;
        match self.sort {
            Sort::Name => 0,
            Sort::Account | Sort::Region => self.ranks[index.place[row] as usize],
            Sort::Changed => index.changed_at[row],
            Sort::Read => index.used_on[row],
            // Without a date last.
            Sort::Rotation => match index.next_rotation_at[row] {
                0 => u32::MAX,
                at => at,
            },
        }
    }

    fn of(&self, row: usize) -> u64 {
        self.at(self.key(row), row)
    }

    fn at(&self, key: u32, row: usize) -> u64 {
        let at = u64::from(key) << 32 | u64::from(self.index.rank[row]);
        if self.descending { u64::MAX - at } else { at }
    }

    fn row(&self, at: u64) -> usize {
        self.index.by_name[self.rank_at(at)] as usize
    }

    fn rank_at(&self, at: u64) -> usize {
        let at = if self.descending { u64::MAX - at } else { at };
        usize::try_from(at & u64::from(u32::MAX)).unwrap_or_default()
    }

    /// Where a cursor's row stood when its page was shown.
    fn of_cursor(&self, cursor: &Cursor) -> Option<u64> {
        let row = self.index.ids.get_index_of(&cursor.id.0)?;
        Some(self.at(cursor.key.parse().ok()?, row))
    }
}
