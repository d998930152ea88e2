//! Passes that were made a moment ago: anyone who pages through a list, or looks at what others look at, asks the same again.

use super::{ask::Ask, bits::Bits, facet_counts::Tallies};
use claviger_domain::authz::VisibleAccounts;
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// What time alone changes (what is overdue, what is old) may be behind by so much.
const CACHE_TTL: Duration = Duration::seconds(10);
/// A pass over a million rows takes an eighth of a megabyte.
const MAX_CACHED: usize = 32;

/// The rows that fit, and what was counted.
pub(crate) type Pass = Arc<(Bits, Tallies)>;

/// To be cleared with every change of the index.
#[derive(Default)]
pub(crate) struct Recent(Mutex<VecDeque<Made>>);

struct Made {
    visible: VisibleAccounts,
    filters: Vec<(&'static str, String)>,
    at: OffsetDateTime,
    pass: Pass,
}

impl Recent {
    pub(super) fn clear(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The pass for the same filters within the same scope, made now unless it was made a moment ago.
    pub(super) fn pass(&self, ask: Ask<'_>, make: impl FnOnce() -> (Bits, Tallies)) -> Pass {
        let filters = ask.query.filters();
        let is_it = |made: &&Made| {
            let age = ask.now - made.at;
            (Duration::ZERO..CACHE_TTL).contains(&age)
                && made.filters == filters
                && made.visible == *ask.visible
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(made) = kept.iter().find(is_it) {
            return Arc::clone(&made.pass);
        }
        drop(kept);
        // Nobody else waits for it.
        let pass = Arc::new(make());
        kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(MAX_CACHED - 1);
        kept.push_front(Made {
            visible: ask.visible.clone(),
            filters,
            at: ask.now,
            pass: Arc::clone(&pass),
        });
        pass
    }
}
