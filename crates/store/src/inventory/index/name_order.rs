//! What lies side by side in the order of names: namesakes, and what lies below a path.

use super::{Index, bits::Bits};
use claviger_domain::{authz::VisibleAccounts, facts::Kind, ids::ResourceId};
use std::{collections::BTreeMap, ops::Range};

/// A step of the way down to names before its letters' case is known: a row that lies below it, and how long the path is.
pub(crate) struct Step {
    pub(crate) sample: ResourceId,
    pub(crate) length: usize,
    pub(crate) count: u64,
}

impl Index {
    /// Listed and live, of the same kind and name as a visible row; by account and Region, without the row's primary.
    pub(crate) fn namesakes(
        &self,
        visible: &VisibleAccounts,
        id: ResourceId,
        limit: usize,
    ) -> Vec<ResourceId> {
        let seen = self.seen(visible);
        let is_seen = |row: usize| {
            let (holder, _) = self.of_place[self.prefix[row] as usize];
            seen[holder as usize]
        };
        let Some(row) = self.ids.get_index_of(&id.0).filter(|row| is_seen(*row)) else {
            return Vec::new();
        };
        let own = &self.prefixes[self.prefix[row] as usize];
        let name = self.name(row);
        let before = |other: &u32| self.name(*other as usize) < name;
        let begin = self.by_name.partition_point(before);
        let same = self.by_name[begin..].iter().map(|other| *other as usize);
        let mut found: Vec<_> = same
            .take_while(|other| self.name(*other) == name)
            .filter(|other| *other != row && is_seen(*other) && self.is_live(*other))
            .filter_map(|other| {
                let prefix = &self.prefixes[self.prefix[other] as usize];
                // In one account the primary of a replica is the same secret, not another.
                let is_primary = own.kind == Kind::Secret
                    && prefix.account == own.account
                    && self.text(other) == self.text(row);
                let fits = prefix.kind == own.kind && !is_primary;
                fits.then(|| {
                    (self.name_of(&prefix.account).unwrap_or_default(), &prefix.region, other)
                })
            })
            .collect();
        found.sort_unstable();
        found.truncate(limit);
        found.into_iter().map(|(_, _, other)| ResourceId(self.ids[other])).collect()
    }

    /// The ranks of the names that begin with this.
    pub(super) fn below(&self, path: &str) -> Range<u32> {
        let path = path.to_lowercase();
        let path = path.as_bytes();
        let name = |row: &u32| self.name(*row as usize);
        let begin = self.by_name.partition_point(|row| name(row) < path);
        let length = self.by_name[begin..].partition_point(|row| name(row).starts_with(path));
        super::number(begin)..super::number(begin + length)
    }

    /// What lies directly below a path among these rows: steps that lead on, each with the number of rows below.
    pub(super) fn steps(&self, fitting: &Bits, path: &str) -> Vec<Step> {
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
}
