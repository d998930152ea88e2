//! The inventory's filter, which is also its URL.

mod filters;
mod parser;
mod terms;
pub mod view;

pub use filters::{AgeFilter, Exactly, TagFilter, YesNo};
pub use parser::{TYPED, TypedField};
pub use terms::{Column, Direction, LifeState, OwnerClass, Sort};

use crate::{
    cursor::Cursor,
    facts::{KeyClass, Kind, ParameterType},
    ids::{AccountId, OuId, Region},
    rotation::RotationClass,
};
use serde::{Deserialize, Serialize};
use std::{fmt::Display, str::FromStr};

/// What to list. Values of one field are alternatives, except for tags, which must all match; all fields must match.
///
/// Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct InventoryQuery {
    /// Words that must all appear in the name, description, tags or ARN; a quoted phrase is one word.
    pub text: String,
    pub kinds: Vec<Kind>,
    /// Each with its descendants.
    pub ous: Vec<OuId>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    pub rotation: Vec<RotationClass>,
    pub keys: Vec<KeyClass>,
    pub owners: Vec<OwnerClass>,
    /// Empty means active and pending deletion.
    pub states: Vec<LifeState>,
    /// Teams, as the owner rules name them.
    pub teams: Vec<Exactly>,
    /// All of them must match.
    pub tags: Vec<TagFilter>,
    /// Keys, by id, ARN or alias, as AWS lists them.
    pub kms: Vec<Exactly>,
    /// `LastAccessedDate`, the latest over all replicas.
    pub accessed: Vec<AgeFilter>,
    /// `LastChangedDate` or `LastModifiedDate`.
    pub changed: Vec<AgeFilter>,
    /// `OwningService`.
    pub services: Vec<Exactly>,
    pub types: Vec<ParameterType>,
    pub tiers: Vec<Exactly>,
    pub replicated: Vec<YesNo>,
    /// A prefix of the name.
    pub paths: Vec<Exactly>,
    /// Empty means the default columns.
    pub columns: Vec<Column>,
    pub sort: Sort,
    pub direction: Direction,
    pub cursor: Option<Cursor>,
}

/// A part of the URL that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid value \"{value}\" for the filter {field}: {expected}")]
pub struct InvalidFilter {
    pub field: String,
    pub value: String,
    pub expected: String,
}

/// The maximum length of the search text, in characters.
pub const MAX_TEXT: usize = 200;
const MAX_VALUES: usize = 100;
const FIELDS: &str = "known are q, kind, ou, account, region, rotation, key, owner, state, team, tag, kms, accessed, \
     changed, service, type, tier, replicated, path, col, sort, dir and page";

/// Serialized as in the URL.
macro_rules! travels_as_url {
    ($query:ty) => {
        impl From<$query> for String {
            fn from(query: $query) -> Self {
                query.to_url_query()
            }
        }

        impl TryFrom<String> for $query {
            type Error = InvalidFilter;

            fn try_from(url_query: String) -> Result<Self, InvalidFilter> {
                url_query.parse()
            }
        }
    };
}
pub(crate) use travels_as_url;

travels_as_url!(InventoryQuery);

impl FromStr for InventoryQuery {
    type Err = InvalidFilter;

    fn from_str(url_query: &str) -> Result<Self, InvalidFilter> {
        let mut query = Self::default();
        each_filter(url_query, |field, value| query.take(field, value))?;
        let (sort, direction) = (query.sort, query.direction);
        if query.cursor.as_ref().is_some_and(|c| (c.sort, c.direction) != (sort, direction)) {
            return Err(invalid(
                "page",
                "…",
                "it belongs to another order; start from the first page".into(),
            ));
        }
        Ok(query)
    }
}

impl InventoryQuery {
    fn take(&mut self, field: &str, value: &str) -> Result<(), InvalidFilter> {
        match field {
            "q" => {
                let text = value.trim();
                if text.chars().count() > MAX_TEXT {
                    let short: String = text.chars().take(20).collect();
                    return Err(invalid(
                        field,
                        &format!("{short}…"),
                        format!("use at most {MAX_TEXT} characters"),
                    ));
                }
                if text.contains('\0') {
                    return Err(invalid(field, "…", "it contains a null character".into()));
                }
                let words = parser::take_typed(self, text)?;
                if !self.text.is_empty() && !words.is_empty() {
                    self.text.push(' ');
                }
                self.text.push_str(&words);
            }
            "kind" => push(&mut self.kinds, field, value)?,
            "ou" => push(&mut self.ous, field, value)?,
            "account" => push(&mut self.accounts, field, value)?,
            "region" => push(&mut self.regions, field, value)?,
            "rotation" => push(&mut self.rotation, field, value)?,
            "key" => push(&mut self.keys, field, value)?,
            "owner" => push(&mut self.owners, field, value)?,
            "state" => push(&mut self.states, field, value)?,
            "team" => push(&mut self.teams, field, value)?,
            "tag" => push(&mut self.tags, field, value)?,
            "kms" => push(&mut self.kms, field, value)?,
            "accessed" => push(&mut self.accessed, field, value)?,
            "changed" => push(&mut self.changed, field, value)?,
            "service" => push(&mut self.services, field, value)?,
            "type" => push(&mut self.types, field, value)?,
            "tier" => push(&mut self.tiers, field, value)?,
            "replicated" => push(&mut self.replicated, field, value)?,
            "path" => push(&mut self.paths, field, value)?,
            "col" => push(&mut self.columns, field, value)?,
            "sort" => self.sort = read(field, value)?,
            "dir" => self.direction = read(field, value)?,
            "page" => {
                let damaged =
                    || invalid(field, "…", "the link is damaged; start from the first page".into());
                self.cursor = Some(Cursor::decode(value).ok_or_else(damaged)?);
            }
            _ => return Err(invalid(field, value, format!("there is no such filter; {FIELDS}"))),
        }
        Ok(())
    }

    /// Field and value of every filter, as in the URL; without sort and page.
    pub fn filters(&self) -> Vec<(&'static str, String)> {
        fn each<T: Display>(
            field: &'static str,
            values: &[T],
        ) -> impl Iterator<Item = (&'static str, String)> {
            values.iter().map(move |value| (field, value.to_string()))
        }
        (!self.text.is_empty())
            .then(|| ("q", self.text.clone()))
            .into_iter()
            .chain(each("kind", &self.kinds))
            .chain(each("ou", &self.ous))
            .chain(each("account", &self.accounts))
            .chain(each("region", &self.regions))
            .chain(each("rotation", &self.rotation))
            .chain(each("key", &self.keys))
            .chain(each("owner", &self.owners))
            .chain(each("state", &self.states))
            .chain(each("team", &self.teams))
            .chain(each("tag", &self.tags))
            .chain(each("kms", &self.kms))
            .chain(each("accessed", &self.accessed))
            .chain(each("changed", &self.changed))
            .chain(each("service", &self.services))
            .chain(each("type", &self.types))
            .chain(each("tier", &self.tiers))
            .chain(each("replicated", &self.replicated))
            .chain(each("path", &self.paths))
            .collect()
    }

    /// The search words, in lower case and without their quotes.
    pub fn words(&self) -> Vec<String> {
        parser::words_of(&self.text)
    }

    /// The columns to show.
    pub fn columns(&self) -> &[Column] {
        if self.columns.is_empty() { Column::DEFAULT } else { &self.columns }
    }

    /// The content of a saved view: filter, sort and columns, without the page.
    #[must_use]
    pub fn view(&self) -> Self {
        self.at(None)
    }

    /// Field and value of a view, as in the URL and in forms; without the page.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = self.filters();
        fields.extend(self.columns.iter().map(|column| ("col", column.to_string())));
        if self.sort != Sort::default() {
            fields.push(("sort", self.sort.to_string()));
        }
        if self.direction != Direction::default() {
            fields.push(("dir", self.direction.to_string()));
        }
        fields
    }

    /// The canonical URL query: `from_str` reads it back to the same.
    pub fn to_url_query(&self) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        out.extend_pairs(self.fields());
        if let Some(cursor) = &self.cursor {
            out.append_pair("page", &cursor.encode());
        }
        out.finish()
    }

    /// The same list without one filter, from its first page.
    #[must_use]
    pub fn without(&self, field: &str, value: &str) -> Self {
        let mut rest = Self {
            sort: self.sort,
            direction: self.direction,
            columns: self.columns.clone(),
            ..Self::default()
        };
        for (f, v) in self.filters() {
            if (f, v.as_str()) != (field, value) {
                // Every pair comes from a valid query.
                let _ = rest.take(f, &v);
            }
        }
        rest
    }

    /// The same list in this order, or reversed if it has this order already; from its first page.
    #[must_use]
    pub fn sorted_by(&self, sort: Sort) -> Self {
        let direction = match self.direction {
            Direction::Ascending if self.sort == sort => Direction::Descending,
            _ => Direction::Ascending,
        };
        Self { sort, direction, cursor: None, ..self.clone() }
    }

    #[must_use]
    pub fn at(&self, cursor: Option<Cursor>) -> Self {
        Self { cursor, ..self.clone() }
    }

    pub fn is_filtered(&self) -> bool {
        !self.filters().is_empty()
    }
}

/// A URL's query as text for the filter box, and the parameters for sort and columns, which stay out of the box:
/// so that an invalid query can be corrected. It reads what no other parser accepts.
pub fn retyped(url_query: &str) -> (String, Vec<(String, String)>) {
    let (mut words, mut rest) = (Vec::new(), Vec::new());
    for (field, value) in form_urlencoded::parse(url_query.as_bytes()) {
        if !says_something(&field, &value) {
            continue;
        }
        match field.as_ref() {
            "q" => words.insert(0, value.into_owned()),
            // The position in a list that is no longer the same.
            "page" => {}
            "col" | "sort" | "dir" => {
                let pair = form_urlencoded::Serializer::new(String::new())
                    .append_pair(&field, &value)
                    .finish();
                // Invalid ones are omitted: nobody typed them.
                if pair.parse::<InventoryQuery>().is_ok() {
                    rest.push((field.into_owned(), value.into_owned()));
                }
            }
            _ if value.chars().any(char::is_whitespace) => {
                words.push(format!("{field}:\"{value}\""));
            }
            _ => words.push(format!("{field}:{value}")),
        }
    }
    (words.join(" "), rest)
}

/// `__…` is what the form of a failed server function adds without JavaScript.
pub(crate) fn says_something(field: &str, value: &str) -> bool {
    !value.is_empty() && !field.starts_with("__")
}

/// The fields of a URL's query that have a value.
pub(crate) fn each_filter(
    url_query: &str,
    mut take: impl FnMut(&str, &str) -> Result<(), InvalidFilter>,
) -> Result<(), InvalidFilter> {
    for (count, (field, value)) in form_urlencoded::parse(url_query.as_bytes()).enumerate() {
        if count >= MAX_VALUES {
            return Err(invalid(&field, &value, format!("at most {MAX_VALUES} values are taken")));
        }
        if says_something(&field, &value) {
            take(&field, &value)?;
        }
    }
    Ok(())
}

/// Rejects values that are too long, or that contain characters that no text has.
pub(crate) fn bounded(field: &str, value: &str) -> Result<(), InvalidFilter> {
    if value.contains('\0') || value.chars().count() > MAX_TEXT {
        let expected = format!("use at most {MAX_TEXT} characters and no null character");
        return Err(invalid(field, "…", expected));
    }
    Ok(())
}

pub(crate) fn invalid(field: &str, value: &str, expected: String) -> InvalidFilter {
    InvalidFilter { field: field.into(), value: value.chars().take(60).collect(), expected }
}

pub(crate) fn read<T: FromStr<Err: Display>>(field: &str, value: &str) -> Result<T, InvalidFilter> {
    value.parse().map_err(|expected: T::Err| {
        let expected = expected.to_string();
        let text = if expected.contains(" is not ") { expected } else { format!("use {expected}") };
        invalid(field, value, text)
    })
}

pub(crate) fn push<T: FromStr<Err: Display> + PartialEq>(
    list: &mut Vec<T>,
    field: &str,
    value: &str,
) -> Result<(), InvalidFilter> {
    let item = read(field, value)?;
    if !list.contains(&item) {
        list.push(item);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::subsequence};
    use rstest::rstest;

    #[rstest]
    #[case("kind=password", "secret or parameter")]
    #[case("account=12", "12 digits")]
    #[case("colour=red", "there is no such filter")]
    #[case("sort=size", "name, account")]
    #[case("page=abc", "damaged")]
    #[case("q=a%00b", "null character")]
    fn a_filter_that_does_not_parse_says_what_would(#[case] url: &str, #[case] says: &str) {
        let error = url.parse::<InventoryQuery>().unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }

    #[test]
    fn an_empty_field_of_a_form_is_no_filter() {
        assert_eq!("q=&kind=".parse(), Ok(InventoryQuery::default()));
    }

    #[test]
    fn a_page_of_another_order_is_refused() {
        let cursor = Cursor {
            sort: Sort::Name,
            direction: Direction::Ascending,
            key: "a".into(),
            id: crate::ids::ResourceId(uuid::Uuid::nil()),
            backwards: false,
        };
        assert!(format!("page={}", cursor.encode()).parse::<InventoryQuery>().is_ok());
        assert!(format!("sort=region&page={}", cursor.encode()).parse::<InventoryQuery>().is_err());
    }

    #[test]
    fn removing_a_token_leaves_the_others() {
        let query: InventoryQuery =
            "q=ledger&kind=secret&rotation=off&rotation=stuck&sort=read".parse().unwrap();
        assert_eq!(
            query.without("rotation", "off").to_url_query(),
            "q=ledger&kind=secret&rotation=stuck&sort=read"
        );
    }

    proptest! {
        #[test]
        fn the_url_holds_the_whole_state(
            text in "[a-z:/ %&=+é\"-]{0,20}",
            kinds in subsequence(Kind::ALL, 0..=2),
            rotation in subsequence(RotationClass::ALL, 0..=5),
            states in subsequence(LifeState::ALL, 0..=3),
            descending: bool,
        ) {
            let mut form = form_urlencoded::Serializer::new(String::new());
            let typed = form.append_pair("q", &text).finish().parse::<InventoryQuery>();
            let query = InventoryQuery {
                kinds,
                rotation,
                states,
                direction: if descending { Direction::Descending } else { Direction::Ascending },
                regions: vec!["eu-west-1".parse().unwrap()],
                // What is typed may look like a filter without being one.
                ..typed.unwrap_or_default()
            };
            prop_assert_eq!(query.to_url_query().parse(), Ok(query));
        }

        #[test]
        fn no_text_makes_the_parser_fall_over(text in ".{0,200}") {
            let _ = text.parse::<InventoryQuery>();
        }
    }

    #[test]
    fn what_cannot_be_read_stands_in_the_box_again() {
        let again = |url: &str| retyped(url).0;
        assert_eq!(again("rotation=overdu&q=ledger"), "ledger rotation:overdu");
        assert_eq!(again("q=rotation%3Aoverdu+ledger"), "rotation:overdu ledger");
        assert_eq!(
            again("team=Data+platform&colour=red&page=x"),
            "team:\"Data platform\" colour:red"
        );
        let (_, rest) = retyped("col=owner&sort=changed&sort=size&q=x");
        let names: Vec<&str> = rest.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["col", "sort"],
            "how the list looks stays; what cannot be read does not"
        );
    }
}
