//! What could be typed next: tags, teams, services and keys as the visible rows have them.

use super::{Class, Index, NONE};
use claviger_domain::{authz::VisibleAccounts, inventory::LifeState};
use std::collections::HashMap;

/// What is to be completed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suggested {
    TagKeys,
    TagValues { key: String },
    Teams,
    Services,
    Regions,
    Keys,
    Paths,
}

/// A value, with how many rows have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    pub value: String,
    pub count: u64,
}

impl Index {
    /// The values that begin with this or hold it, whatever the case; the most frequent first.
    pub(crate) fn suggest(
        &self,
        visible: &VisibleAccounts,
        what: &Suggested,
        begun: &str,
        limit: usize,
    ) -> Vec<Suggestion> {
        let seen = self.seen(visible);
        let prefixes: Vec<bool> =
            self.of_place.iter().map(|(holder, _)| seen[*holder as usize]).collect();
        let classes: Vec<bool> = self
            .classes
            .iter()
            .map(|class| class.listed && class.life != LifeState::Gone)
            .collect();
        let rows = (0..self.len()).filter(|row| {
            prefixes[self.prefix[*row] as usize] && classes[self.class[*row] as usize]
        });
        let mut counts: HashMap<String, u64> = HashMap::new();
        match what {
            Suggested::TagKeys | Suggested::TagValues { .. } => {
                let sets = tally(rows.map(|row| self.tags[row]), self.tag_sets.len());
                for (set, count) in sets.into_iter().enumerate().filter(|(_, n)| *n > 0) {
                    for (key, value) in self.tag_sets.of(set) {
                        let text = match what {
                            Suggested::TagValues { key: asked } if **key == **asked => value,
                            Suggested::TagValues { .. } => continue,
                            _ => key,
                        };
                        *counts.entry(text.to_string()).or_default() += count;
                    }
                }
            }
            Suggested::Regions => {
                let tallied = tally(rows.map(|row| self.prefix[row]), self.prefixes.len());
                for (prefix, count) in self.prefixes.iter().zip(tallied).filter(|(_, n)| *n > 0) {
                    *counts.entry(prefix.region.to_string()).or_default() += count;
                }
            }
            Suggested::Services => {
                let tallied = tally(rows.map(|row| self.class[row]), self.classes.len());
                for (Class { service, .. }, count) in self.classes.iter().zip(tallied) {
                    if let Some(service) = service.as_ref().filter(|_| count > 0) {
                        *counts.entry(service.to_string()).or_default() += count;
                    }
                }
            }
            Suggested::Teams | Suggested::Keys => {
                let (column, strings) = match what {
                    Suggested::Teams => (&self.owner, &self.owners),
                    _ => (&self.kms, &self.keys),
                };
                let tallied = tally(rows.map(|row| column[row]), strings.len());
                for (text, count) in strings.iter().zip(tallied).skip(NONE as usize + 1) {
                    if count > 0 {
                        counts.insert(text.to_string(), count);
                    }
                }
            }
            Suggested::Paths => {
                let begun = begun.to_lowercase();
                let from = begun.rfind('/').map_or(0, |at| at + 1);
                for row in rows {
                    let name = self.name(row);
                    if !name.starts_with(begun.as_bytes()) {
                        continue;
                    }
                    let skip = begun.len().max(from + usize::from(name.get(from) == Some(&b'/')));
                    if let Some(end) = name.iter().skip(skip).position(|byte| *byte == b'/') {
                        let path = String::from_utf8_lossy(&name[..=skip + end]).into_owned();
                        *counts.entry(path).or_default() += 1;
                    }
                }
            }
        }
        let begun = begun.to_lowercase();
        let mut found: Vec<(bool, Suggestion)> = counts
            .into_iter()
            .filter_map(|(value, count)| {
                let at = value.to_lowercase().find(&begun)?;
                Some((at > 0, Suggestion { value, count }))
            })
            .collect();
        found.sort_by(|(a_within, a), (b_within, b)| {
            (a_within, b.count, &a.value).cmp(&(b_within, a.count, &b.value))
        });
        found.into_iter().take(limit).map(|(_, suggestion)| suggestion).collect()
    }
}

/// How often each number comes.
fn tally(numbers: impl Iterator<Item = u32>, most: usize) -> Vec<u64> {
    let mut counts = vec![0; most];
    numbers.for_each(|number| counts[number as usize] += 1);
    counts
}
