//! A query worked out against the dictionaries, and rows evaluated by it.

use super::{
    Ask, Index, RotationBase,
    bits::Bits,
    facet_counts::{
        ACCOUNT, Fields, HIDDEN, KEY, KIND, Numbers, OTHER, OU, OWNER, REGION, ROTATION, SEVERITY,
        STATE, TEAM, Tallies, worst,
    },
};
use claviger_domain::{
    VariantArray,
    inventory::{AgeFilter, Exactly, LifeState, WorstFinding},
    rotation::RotationClass,
};
use std::ops::Range;

const DAY: u32 = 86_400;

/// A query worked out against the dictionaries, so that a row is evaluated by looking up numbers.
pub(crate) struct Plan<'a> {
    index: &'a Index,
    prefixes: Vec<Fields>,
    classes: Vec<Fields>,
    /// Whether a place's own Region fits, and whether a class's replicas do.
    regions: Option<(Vec<bool>, Vec<bool>)>,
    bases: Vec<RotationBase>,
    rotations: [Fields; RotationClass::VARIANTS.len()],
    worst: [Fields; WorstFinding::VARIANTS.len()],
    owners: Option<Vec<bool>>,
    keys: Option<Vec<bool>>,
    tags: Option<Vec<bool>>,
    /// The rows that hold the words that are asked for.
    worded: Option<Bits>,
    /// Names that begin alike stand side by side in the order of names.
    paths: Vec<Range<u32>>,
    ages: Vec<(&'a [u32], &'a [AgeFilter], u32)>,
    /// Whether anything is asked beyond what facets count.
    has_others: bool,
    now: u32,
}

/// No value narrows nothing.
pub(crate) fn chosen<T: PartialEq>(values: &[T], value: &T) -> bool {
    values.is_empty() || values.contains(value)
}

fn unless(fits: bool, field: Fields) -> Fields {
    if fits { 0 } else { field }
}

impl<'a> Plan<'a> {
    pub(super) fn new(index: &'a Index, ask: Ask<'a>) -> Self {
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
        let prefixes = index.prefixes.iter().zip(&index.of_place).map(|(prefix, (holder, _))| {
            holders[*holder as usize] | unless(chosen(&query.kinds, &prefix.kind), KIND)
        });
        let states: &[LifeState] = if query.states.is_empty() {
            &[LifeState::Live, LifeState::Deleting]
        } else {
            &query.states
        };
        let text_in = |values: &[Exactly], text: Option<&str>| {
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
                index
                    .prefixes
                    .iter()
                    .map(|prefix| query.regions.contains(&prefix.region))
                    .collect(),
                index
                    .classes
                    .iter()
                    .map(|class| class.replicas.iter().any(|own| query.regions.contains(own)))
                    .collect(),
            )
        });
        let mut rotations = [0; RotationClass::VARIANTS.len()];
        for class in RotationClass::VARIANTS {
            rotations[*class as usize] = unless(chosen(&query.rotation, class), ROTATION);
        }
        let mut worst_fits = [0; WorstFinding::VARIANTS.len()];
        for class in WorstFinding::VARIANTS {
            worst_fits[*class as usize] = unless(chosen(&query.severities, class), SEVERITY);
        }
        let named = |values: &[Exactly], dictionary: &indexmap::IndexSet<Box<str>>| {
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
            prefixes: prefixes.collect(),
            classes: classes.collect(),
            regions,
            rotations,
            worst: worst_fits,
            owners: named(&query.teams, &index.owners),
            keys: named(&query.kms, &index.keys),
            tags: (!query.tags.is_empty()).then(|| index.tag_sets.fitting(&query.tags)),
            bases: index.classes.iter().map(|class| class.rotation).collect(),
            has_others: !(query.kms.is_empty()
                && query.tags.is_empty()
                && query.changed.is_empty()
                && query.accessed.is_empty()
                && query.paths.is_empty()),
            worded: index.holding(&query.words()),
            paths: query.paths.iter().map(|path| index.below(&path.0)).collect(),
            ages: ages.into_iter().filter(|(_, filters, _)| !filters.is_empty()).collect(),
            now: super::second(Some(ask.now)),
        }
    }

    /// Evaluates a range of rows, which begins at a multiple of 64; their bits are counted from its first.
    pub(super) fn evaluate(&self, rows: Range<usize>) -> (Bits, Tallies) {
        let (mut fitting, mut tallies) = (Bits::new(rows.len()), Tallies::new(self.index));
        let first = rows.start;
        let take = |row: usize| {
            if self.result_row(row, &mut tallies) {
                fitting.set(row - first);
            }
        };
        match &self.worded {
            // No facet counts what lacks a word.
            Some(worded) => worded.rows_of(rows).for_each(take),
            None => rows.for_each(take),
        }
        (fitting, tallies)
    }

    /// Whether the row fits; counts it where it fits all but one field.
    fn result_row(&self, row: usize, tallies: &mut Tallies) -> bool {
        let index = self.index;
        let number = |column: &[u32]| column[row] as usize;
        let (prefix, class) = (number(&index.prefix), number(&index.class));
        let mut misses = self.prefixes[prefix] | self.classes[class];
        if misses >= OTHER || misses & misses.wrapping_sub(1) != 0 {
            // Hidden, or two fields that it does not fit: no facet counts it.
            return false;
        }
        let owner = number(&index.owner);
        let rotation = self.bases[class].class(index.next_rotation_at[row], self.now);
        let worst = worst(index.failures[row]);
        misses |= self.rotations[rotation as usize] | self.worst[worst as usize];
        if let Some((own, replicas)) = &self.regions {
            misses |= unless(own[prefix] || replicas[class], REGION);
        }
        if let Some(owners) = &self.owners {
            misses |= unless(owners[owner], TEAM);
        }
        if self.has_others && !self.fits_others(row) {
            return false;
        }
        tallies.take(Numbers { prefix, class, owner, rotation, worst }, misses);
        misses == 0
    }

    /// The fields that no facet counts, but the words.
    fn fits_others(&self, row: usize) -> bool {
        let index = self.index;
        self.keys.as_ref().is_none_or(|keys| keys[index.kms[row] as usize])
            && self.tags.as_ref().is_none_or(|tags| tags[index.tags[row] as usize])
            && self.ages.iter().all(|(column, filters, unit)| {
                filters.iter().any(|filter| fits_age(*filter, column[row], *unit, self.now))
            })
            && (self.paths.is_empty()
                || self.paths.iter().any(|ranks| ranks.contains(&index.rank[row])))
    }
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
