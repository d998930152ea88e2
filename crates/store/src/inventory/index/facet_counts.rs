//! Counting facets while rows pass by: for each choice, how many rows it would leave, all other fields kept.

use super::{Index, RotationBase};
use claviger_domain::{
    VariantArray, facts::Kind, inventory::WorstFinding, rotation::RotationClass,
};
use std::collections::HashMap;

/// Counts by field and value, with the number of rows that match in all.
#[derive(Debug, Default)]
pub struct FacetCounts {
    pub matching: u64,
    counts: HashMap<(&'static str, String), u64>,
}

impl FacetCounts {
    pub fn of(&self, field: &'static str, value: &str) -> u64 {
        self.counts.get(&(field, value.to_owned())).copied().unwrap_or(0)
    }

    /// The values of a field that leave any row, in order.
    pub fn values(&self, field: &str) -> Vec<&str> {
        let of_field = self.counts.keys().filter(|(f, _)| *f == field);
        let mut values: Vec<&str> = of_field.map(|(_, value)| value.as_str()).collect();
        values.sort_unstable();
        values
    }

    fn add(&mut self, field: &'static str, value: String, count: u64) {
        *self.counts.entry((field, value)).or_default() += count;
    }
}

/// A set of fields: a bit each.
pub(crate) type Fields = u16;

pub(crate) const KIND: Fields = 1;
pub(crate) const OU: Fields = 1 << 1;
pub(crate) const ACCOUNT: Fields = 1 << 2;
pub(crate) const REGION: Fields = 1 << 3;
pub(crate) const ROTATION: Fields = 1 << 4;
pub(crate) const KEY: Fields = 1 << 5;
pub(crate) const OWNER: Fields = 1 << 6;
pub(crate) const STATE: Fields = 1 << 7;
pub(crate) const TEAM: Fields = 1 << 8;
pub(crate) const SEVERITY: Fields = 1 << 9;
/// Fields without a facet, all together.
pub(crate) const OTHER: Fields = 1 << 10;
/// Outside the scope, or not listed: counted nowhere.
pub(crate) const HIDDEN: Fields = 1 << 15;

const FACETS: usize = 10;

/// Rows of each place, class, rotation and owner that a facet counts.
#[derive(Clone)]
struct FacetTally {
    prefixes: Vec<u32>,
    classes: Vec<u32>,
    owners: Vec<u32>,
    rotations: [u32; RotationClass::VARIANTS.len()],
    worst: [u32; WorstFinding::VARIANTS.len()],
}

/// Tallies the rows that fit everything, and for each facet those that fit everything but it.
pub(crate) struct Tallies {
    all: FacetTally,
    but_one: [Option<Box<FacetTally>>; FACETS],
    empty: FacetTally,
    pub(crate) matching: u64,
}

/// A row's numbers.
#[derive(Clone, Copy)]
pub(crate) struct Numbers {
    pub(crate) prefix: usize,
    pub(crate) class: usize,
    pub(crate) owner: usize,
    pub(crate) rotation: RotationClass,
    pub(crate) worst: WorstFinding,
}

impl Tallies {
    pub(super) fn new(index: &Index) -> Self {
        let empty = FacetTally {
            prefixes: vec![0; index.prefixes.len()],
            classes: vec![0; index.classes.len()],
            owners: vec![0; index.owners.len()],
            rotations: [0; RotationClass::VARIANTS.len()],
            worst: [0; WorstFinding::VARIANTS.len()],
        };
        Self { all: empty.clone(), but_one: std::array::from_fn(|_| None), empty, matching: 0 }
    }

    /// Takes a row with the fields that it does not fit.
    pub(super) fn take(&mut self, row: Numbers, misses: Fields) {
        let tally = if misses == 0 {
            self.matching += 1;
            &mut self.all
        } else if misses.is_power_of_two() && misses < OTHER {
            let facet = misses.trailing_zeros() as usize;
            self.but_one[facet].get_or_insert_with(|| Box::new(self.empty.clone()))
        } else {
            return;
        };
        tally.prefixes[row.prefix] += 1;
        tally.classes[row.class] += 1;
        tally.owners[row.owner] += 1;
        tally.rotations[row.rotation as usize] += 1;
        tally.worst[row.worst as usize] += 1;
    }

    /// Adds what was tallied of other rows.
    pub(super) fn add(&mut self, other: Self) {
        self.matching += other.matching;
        self.all.add(&other.all);
        for (own, other) in self.but_one.iter_mut().zip(other.but_one) {
            match (own, other) {
                (Some(own), Some(other)) => own.add(&other),
                (own, Some(other)) => *own = Some(other),
                (_, None) => {}
            }
        }
    }

    pub(super) fn counts(&self, index: &Index) -> FacetCounts {
        let mut counts = FacetCounts { matching: self.matching, ..FacetCounts::default() };
        for facet in 0..FACETS {
            let field = 1 << facet;
            for tally in [Some(&self.all), self.but_one[facet].as_deref()].into_iter().flatten() {
                tally.count(index, field, &mut counts);
            }
        }
        counts
    }
}

fn some(numbers: &[u32]) -> impl Iterator<Item = (usize, u64)> + '_ {
    numbers.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, n)| (at, u64::from(*n)))
}

impl FacetTally {
    fn add(&mut self, other: &Self) {
        fn each(own: &mut [u32], other: &[u32]) {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += other);
        }
        each(&mut self.prefixes, &other.prefixes);
        each(&mut self.classes, &other.classes);
        each(&mut self.owners, &other.owners);
        each(&mut self.rotations, &other.rotations);
        each(&mut self.worst, &other.worst);
    }

    fn count(&self, index: &Index, field: Fields, counts: &mut FacetCounts) {
        let classes = || some(&self.classes).map(|(at, n)| (&index.classes[at], n));
        // By number first: there are many places, and few accounts and Regions.
        let by = |of: fn(&(u32, u32)) -> u32, most: usize| {
            let mut sums = vec![0; most];
            some(&self.prefixes).for_each(|(at, n)| sums[of(&index.of_place[at]) as usize] += n);
            sums.into_iter().enumerate().filter(|(_, n)| *n > 0)
        };
        let holders = || {
            let sums = by(|(holder, _)| *holder, index.holders.len());
            sums.map(|(at, n)| (&index.holders[at], n))
        };
        match field {
            KIND => {
                for kind in Kind::VARIANTS {
                    let own =
                        some(&self.prefixes).filter(|(at, _)| index.prefixes[*at].kind == *kind);
                    let count = own.map(|(_, n)| n).sum();
                    if count > 0 {
                        counts.add("kind", kind.to_string(), count);
                    }
                }
            }
            OU => {
                for (account, n) in holders() {
                    for ou in index.accounts.get(account).iter().flat_map(|known| &known.ous) {
                        counts.add("ou", ou.to_string(), n);
                    }
                }
            }
            ACCOUNT => holders().for_each(|(a, n)| counts.add("account", a.to_string(), n)),
            REGION => {
                for (at, n) in by(|(_, region)| *region, index.regions.len()) {
                    counts.add("region", index.regions[at].to_string(), n);
                }
                for (class, n) in classes() {
                    for region in &class.replicas {
                        counts.add("region", region.to_string(), n);
                    }
                }
            }
            ROTATION => {
                for class in RotationClass::VARIANTS {
                    let count = u64::from(self.rotations[*class as usize]);
                    if count > 0 {
                        counts.add("rotation", class.to_string(), count);
                    }
                }
            }
            SEVERITY => {
                for (worst, n) in WorstFinding::VARIANTS.iter().zip(self.worst) {
                    if n > 0 {
                        counts.add("severity", worst.to_string(), n.into());
                    }
                }
            }
            KEY => classes().for_each(|(c, n)| counts.add("key", c.key.to_string(), n)),
            OWNER => classes().for_each(|(c, n)| counts.add("owner", c.owner.to_string(), n)),
            STATE => classes().for_each(|(c, n)| counts.add("state", c.life.to_string(), n)),
            _ => some(&self.owners)
                .filter(|(owner, _)| *owner != super::NONE as usize)
                .for_each(|(owner, n)| counts.add("team", index.owners[owner].to_string(), n)),
        }
    }
}

/// The most severe of a row's failures.
pub(super) fn worst(failures: u32) -> WorstFinding {
    let at = (failures.leading_zeros() / 8) as usize;
    WorstFinding::VARIANTS.get(at).copied().unwrap_or(WorstFinding::None)
}

impl RotationBase {
    /// With the time.
    pub(super) fn class(self, next_rotation_at: u32, now: u32) -> RotationClass {
        match self {
            Self::NotApplicable => RotationClass::NotApplicable,
            Self::Stuck => RotationClass::Stuck,
            Self::Off => RotationClass::Off,
            Self::On if next_rotation_at != 0 && next_rotation_at < now => RotationClass::Overdue,
            Self::On => RotationClass::Scheduled,
        }
    }
}
