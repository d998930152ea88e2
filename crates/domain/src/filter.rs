//! The grammar of the lists' filters. A filter is a URL query; a table says how each of its fields is read and written.

use std::{fmt::Display, str::FromStr};

/// A part of the URL that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid value \"{value}\" for the filter {field}: {expected}")]
pub struct InvalidFilter {
    pub field: String,
    pub value: String,
    pub expected: String,
}

impl InvalidFilter {
    pub(crate) fn new(field: &str, value: &str, expected: impl Into<String>) -> Self {
        let value = value.chars().take(MAX_SHOWN_CHARS).collect();
        Self { field: field.into(), value, expected: expected.into() }
    }
}

/// The maximum length of a value, in characters.
pub(crate) const MAX_VALUE_CHARS: usize = 200;
/// The maximum number of pairs in a URL.
const MAX_VALUES: usize = 100;
/// Errors quote this much of a value.
const MAX_SHOWN_CHARS: usize = 60;

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Restricts the list.
    Filter,
    /// Sorts the list or chooses its columns.
    Layout,
    /// Where the page begins.
    Page,
}

/// A field of the filter `F`.
pub(crate) struct Field<F> {
    /// In the URL.
    pub name: &'static str,
    pub part: Part,
    /// Reads one value; the arguments are the field's name and the value.
    pub read: fn(&mut F, &str, &str) -> Result<(), InvalidFilter>,
    /// The values, one for each pair of the URL.
    pub write: fn(&F) -> Vec<String>,
}

/// A list's filter: what [`url_filter`] makes the text form of.
pub(crate) trait Filter: Default + 'static {
    /// Every field, in the order of the URL.
    const FIELDS: &'static [Field<Self>];

    /// Rejects values that no field accepts.
    fn accepts(field: &str, value: &str) -> Result<(), InvalidFilter> {
        within_length(field, value, MAX_VALUE_CHARS)
    }

    /// Rejects fields that do not fit together.
    fn check(&self) -> Result<(), InvalidFilter> {
        Ok(())
    }

    /// Reads one pair of the URL.
    fn take(&mut self, field: &str, value: &str) -> Result<(), InvalidFilter> {
        Self::accepts(field, value)?;
        if let Some(known) = Self::FIELDS.iter().find(|known| known.name == field) {
            return (known.read)(self, field, value);
        }
        let names: Vec<&str> = Self::FIELDS.iter().map(|known| known.name).collect();
        let (last, others) = names.split_last().unwrap_or((&"", &[]));
        let known = format!("known are {} and {last}", others.join(", "));
        Err(InvalidFilter::new(field, value, format!("there is no such filter; {known}")))
    }
}

/// Rejects a value that is longer, or has a null character.
pub(crate) fn within_length(field: &str, value: &str, most: usize) -> Result<(), InvalidFilter> {
    if value.contains('\0') || value.chars().count() > most {
        let expected = format!("use at most {most} characters and no null character");
        return Err(InvalidFilter::new(field, "…", expected));
    }
    Ok(())
}

/// A field that is there or not.
pub(crate) fn take_yes(field: &str, value: &str) -> Result<(), InvalidFilter> {
    if value == "yes" { Ok(()) } else { Err(InvalidFilter::new(field, value, "use yes")) }
}

/// Reads a URL's query.
pub(crate) fn from_url_query<F: Filter>(url_query: &str) -> Result<F, InvalidFilter> {
    let mut filter = F::default();
    for (count, (field, value)) in form_urlencoded::parse(url_query.as_bytes()).enumerate() {
        if count >= MAX_VALUES {
            let expected = format!("at most {MAX_VALUES} values are taken");
            return Err(InvalidFilter::new(&field, &value, expected));
        }
        if has_value(&field, &value) {
            filter.take(&field, &value)?;
        }
    }
    filter.check()?;
    Ok(filter)
}

/// Field and value of each pair of the URL, of the fields that are for one of `parts`.
pub(crate) fn pairs<F: Filter>(filter: &F, parts: &[Part]) -> Vec<(&'static str, String)> {
    F::FIELDS
        .iter()
        .filter(|field| parts.contains(&field.part))
        .flat_map(|field| (field.write)(filter).into_iter().map(|value| (field.name, value)))
        .collect()
}

/// The canonical URL query: `from_url_query` reads it back to the same.
pub(crate) fn to_url_query<F: Filter>(filter: &F) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    out.extend_pairs(pairs(filter, &[Part::Filter, Part::Layout, Part::Page]));
    out.finish()
}

/// The same list without one filter, from its first page.
pub(crate) fn without<F: Filter>(filter: &F, field: &str, value: &str) -> F {
    let mut rest = F::default();
    for (f, v) in pairs(filter, &[Part::Filter, Part::Layout]) {
        if (f, v.as_str()) != (field, value) {
            // Every pair comes from a valid filter.
            let _ = rest.take(f, &v);
        }
    }
    rest
}

/// `__…` is what the form of a failed server function adds without JavaScript.
pub(crate) fn has_value(field: &str, value: &str) -> bool {
    !value.is_empty() && !field.starts_with("__")
}

pub(crate) fn parse<T: FromStr<Err: Display>>(
    field: &str,
    value: &str,
) -> Result<T, InvalidFilter> {
    value.parse().map_err(|expected: T::Err| {
        let expected = expected.to_string();
        let text = if expected.contains(" is not ") { expected } else { format!("use {expected}") };
        InvalidFilter::new(field, value, text)
    })
}

/// Adds a value to a list that has it once.
pub(crate) fn push<T: FromStr<Err: Display> + PartialEq>(
    list: &mut Vec<T>,
    field: &str,
    value: &str,
) -> Result<(), InvalidFilter> {
    let item = parse(field, value)?;
    if !list.contains(&item) {
        list.push(item);
    }
    Ok(())
}

/// A whole number of days, of 1 to `max`.
pub(crate) fn days(
    field: &str,
    value: &str,
    max: u16,
    expected: &str,
) -> Result<u16, InvalidFilter> {
    let days = value.parse().ok().filter(|days| (1..=max).contains(days));
    days.ok_or_else(|| InvalidFilter::new(field, value, expected))
}

pub(crate) fn texts<T: Display>(values: &[T]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

pub(crate) fn text<T: Display>(value: Option<T>) -> Vec<String> {
    value.map(|value| value.to_string()).into_iter().collect()
}

/// The field of a list of values, which are alternatives: `list!(Filter "kind" kinds)`.
macro_rules! list {
    ($part:ident $name:literal $list:ident) => {
        $crate::filter::Field {
            name: $name,
            part: $crate::filter::Part::$part,
            read: |filter, field, value| $crate::filter::push(&mut filter.$list, field, value),
            write: |filter| $crate::filter::texts(&filter.$list),
        }
    };
}
pub(crate) use list;

/// The field of a search text: `search!("q" text)`.
macro_rules! search {
    ($name:literal $text:ident) => {
        $crate::filter::Field {
            name: $name,
            part: $crate::filter::Part::Filter,
            read: |filter, _, value| {
                value.trim().clone_into(&mut filter.$text);
                Ok(())
            },
            write: |filter| {
                $crate::filter::text(Some(&filter.$text).filter(|text| !text.is_empty()))
            },
        }
    };
}
pub(crate) use search;

/// The text form of a filter, which serde uses as well: its URL query.
macro_rules! url_filter {
    ($filter:ty) => {
        impl std::str::FromStr for $filter {
            type Err = $crate::filter::InvalidFilter;

            fn from_str(url_query: &str) -> Result<Self, Self::Err> {
                $crate::filter::from_url_query(url_query)
            }
        }

        impl TryFrom<String> for $filter {
            type Error = $crate::filter::InvalidFilter;

            fn try_from(url_query: String) -> Result<Self, Self::Error> {
                url_query.parse()
            }
        }

        impl From<$filter> for String {
            fn from(filter: $filter) -> Self {
                filter.to_url_query()
            }
        }

        impl $filter {
            /// The canonical URL query: `from_str` reads it back to the same.
            pub fn to_url_query(&self) -> String {
                $crate::filter::to_url_query(self)
            }

            /// Field and value of every filter, as in the URL; without layout and page.
            pub fn filters(&self) -> Vec<(&'static str, String)> {
                $crate::filter::pairs(self, &[$crate::filter::Part::Filter])
            }

            /// The same list without one filter, from its first page.
            #[must_use]
            pub fn without(&self, field: &str, value: &str) -> Self {
                $crate::filter::without(self, field, value)
            }
        }
    };
}
pub(crate) use url_filter;
