//! The tags that rows have: each tag once, and each set of them once.

use super::{bits::Bits, number, string_arena::StringArena};
use claviger_domain::inventory::TagFilter;
use indexmap::IndexSet;
use memchr::memmem::Finder;

/// A tag: its key and its value.
pub(crate) type Tag = (Box<str>, Box<str>);

/// See the module.
pub(crate) struct TagSets {
    tags: IndexSet<Tag>,
    /// Each tag as `key=value` in lower case.
    strings: StringArena,
    /// By the tags' numbers; the first is of what could not be read.
    sets: IndexSet<Option<Box<[u32]>>>,
}

impl Default for TagSets {
    fn default() -> Self {
        Self {
            tags: IndexSet::new(),
            strings: StringArena::default(),
            sets: IndexSet::from([None]),
        }
    }
}

impl TagSets {
    pub(super) fn len(&self) -> usize {
        self.sets.len()
    }

    /// The number of the set of these tags; `None` are tags that could not be read.
    pub(super) fn number_of(&mut self, tags: Option<Vec<Tag>>) -> u32 {
        let set = tags.map(|tags| tags.into_iter().map(|tag| self.number_of_tag(tag)).collect());
        number(self.sets.insert_full(set).0)
    }

    fn number_of_tag(&mut self, tag: Tag) -> u32 {
        let (at, is_new) = self.tags.insert_full(tag);
        if is_new {
            let (key, value) = &self.tags[at];
            self.strings.push(&format!("{key}={value}").to_lowercase());
        }
        number(at)
    }

    /// The tags of a set.
    pub(super) fn of(&self, set: usize) -> impl Iterator<Item = &Tag> {
        self.sets[set].iter().flatten().map(|tag| &self.tags[*tag as usize])
    }

    /// The sets with a tag that holds what is looked for.
    pub(super) fn holding(&self, finder: &Finder<'_>) -> Vec<bool> {
        let tags = self.strings.holding(finder, 0..self.strings.len());
        self.sets
            .iter()
            .map(|set| set.iter().flatten().any(|tag| tags.has(*tag as usize)))
            .collect()
    }

    /// The sets that all these fit. What could not be read neither has a tag nor lacks one.
    pub(super) fn fitting(&self, filters: &[TagFilter]) -> Vec<bool> {
        let mut fitting: Vec<bool> = self.sets.iter().map(Option::is_some).collect();
        for filter in filters {
            let (concerned, is_wanted) = self.concerned(filter);
            for (fits, set) in fitting.iter_mut().zip(&self.sets) {
                let has = set.iter().flatten().any(|tag| concerned.has(*tag as usize));
                *fits &= has == is_wanted;
            }
        }
        fitting
    }

    /// The tags that a filter speaks of, and whether one of them is to be there.
    fn concerned(&self, filter: &TagFilter) -> (Bits, bool) {
        let fits = |(key, value): &Tag| match filter {
            TagFilter::Present(asked) | TagFilter::Absent(asked) => **key == **asked,
            TagFilter::Is { key: asked, value: wanted } => {
                **key == **asked
                    && match wanted.strip_suffix('*') {
                        Some(beginning) => value.starts_with(beginning),
                        None => **value == **wanted,
                    }
            }
        };
        let mut concerned = Bits::new(self.tags.len());
        for (at, _) in self.tags.iter().enumerate().filter(|(_, tag)| fits(tag)) {
            concerned.set(at);
        }
        (concerned, !matches!(filter, TagFilter::Absent(_)))
    }
}
