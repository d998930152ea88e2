//! Answers about findings that were given a moment ago.

use super::{FindingAsk, FoundRefs};
use claviger_domain::{authz::VisibleAccounts, compliance::FindingQuery};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};
use time::{Duration, OffsetDateTime};

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

    pub(super) fn found(
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
