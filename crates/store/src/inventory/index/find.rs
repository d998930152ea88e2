//! One pass over all rows: which fit the filter, how many each facet would leave, and the page that is asked for.

use super::{
    Index, ask::Ask, facet_counts::FacetCounts, name_order::Step, parallel::in_shares, plan::Plan,
    result_cache::Pass,
};
use claviger_domain::{
    ids::ResourceId,
    inventory::{Cursor, Sort},
};

/// One page, by its rows' ids, and what was counted on the way.
pub(crate) struct Found {
    pub(crate) ids: Vec<ResourceId>,
    /// How many rows stand before these.
    pub(crate) before: u64,
    pub(crate) previous: Option<Cursor>,
    pub(crate) next: Option<Cursor>,
    pub(crate) counts: FacetCounts,
    pub(crate) steps: Vec<Step>,
}

impl Index {
    /// The rows that fit, and the counts.
    pub(super) fn pass(&self, ask: Ask<'_>) -> Pass {
        self.recent.pass(ask, || {
            let plan = Plan::new(self, ask);
            in_shares(
                self.len(),
                |share| plan.evaluate(share),
                |(fitting, tallies), (more, counted)| {
                    fitting.append(more);
                    tallies.add(counted);
                },
            )
        })
    }

    /// A page of `limit` rows, from the query's cursor on; `None` where the cursor belongs to no row.
    pub(crate) fn find(&self, ask: Ask<'_>, limit: u16) -> Option<Found> {
        let query = ask.query;
        let pass = self.pass(ask);
        let (fitting, tallies) = &*pass;
        let order = self.order(query.sort, query.direction);
        let backwards = query.cursor.as_ref().is_some_and(|cursor| cursor.backwards);
        let begin = match &query.cursor {
            Some(cursor) => Some(order.of_cursor(cursor)?),
            None => None,
        };
        let limit = usize::from(limit);
        // One more than the page has, to see whether there is a next.
        let mut rows = if query.sort == Sort::Name {
            order.along_names(fitting, begin, backwards, limit + 1)
        } else {
            order.nearest(fitting, begin, backwards, limit + 1)
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
            [path] => self.steps(fitting, &path.0),
            _ => Vec::new(),
        };
        let before = rows.first().filter(|_| has_previous).map_or(0, |first| {
            let first = order.of(*first);
            fitting.rows().filter(|row| order.of(*row) < first).count()
        });
        Some(Found {
            before: before as u64,
            previous: rows.first().filter(|_| has_previous).map(|row| cursor(row, true)),
            next: rows.last().filter(|_| has_next).map(|row| cursor(row, false)),
            ids: rows.into_iter().map(|row| ResourceId(self.ids[row])).collect(),
            counts: tallies.counts(self),
            steps,
        })
    }

    /// Every row that fits, in the query's order.
    pub(crate) fn find_all(&self, ask: Ask<'_>) -> Vec<ResourceId> {
        let pass = self.pass(ask);
        let (fitting, _) = &*pass;
        let order = self.order(ask.query.sort, ask.query.direction);
        let mut keys: Vec<u64> = fitting.rows().map(|row| order.of(row)).collect();
        keys.sort_unstable();
        keys.into_iter().map(|key| ResourceId(self.ids[order.row(key)])).collect()
    }
}
