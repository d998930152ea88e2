//! The filter of the list of exceptions, which is also its URL.

use super::ExceptionState;
use crate::{
    choice::InvalidChoice,
    filter::{Field, Filter, InvalidFilter, Part, list, parse, search, text, url_filter},
};
use serde::{Deserialize, Serialize};

/// Rows of a page.
pub const EXCEPTION_ROWS: u32 = 50;
/// An active exception is about to expire this long before its end.
pub const EXPIRES_SOON_DAYS: i64 = 30;
/// The last page that can be asked for.
const MAX_PAGE: u32 = 10_000;

/// What somebody has to do about an active exception.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ExceptionDue {
    /// Its review is due.
    Review,
    /// It expires within [`EXPIRES_SOON_DAYS`].
    Expiry,
}

impl ExceptionDue {
    pub fn label(self) -> &'static str {
        match self {
            Self::Review => "Review due",
            Self::Expiry => "Expires within 30 days",
        }
    }
}

/// The order of the list.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum ExceptionSort {
    /// Those that wait, then the active ones, the next to expire first, then the rest, the newest first.
    #[default]
    Work,
    /// The next to expire first.
    Expires,
    /// The newest first.
    Requested,
}

/// Which exceptions to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ExceptionQuery {
    /// Words that must all appear in the reason, the policy's id, the target's name or the owner's name.
    pub text: String,
    pub states: Vec<ExceptionState>,
    pub due: Vec<ExceptionDue>,
    /// Ids of policies.
    pub policies: Vec<String>,
    /// Subjects of the people who are responsible.
    pub owners: Vec<String>,
    pub sort: ExceptionSort,
    /// Pages before this one.
    pub page: u32,
}

url_filter!(ExceptionQuery);

impl Filter for ExceptionQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        list!(Filter "state" states),
        list!(Filter "due" due),
        list!(Filter "policy" policies),
        list!(Filter "owner" owners),
        Field {
            name: "sort",
            part: Part::Layout,
            read: |query, field, value| {
                query.sort = parse(field, value)?;
                Ok(())
            },
            write: |query| text(Some(query.sort).filter(|sort| *sort != ExceptionSort::default())),
        },
        Field {
            name: "page",
            part: Part::Page,
            read: |query, field, value| {
                let page = value.parse().ok().filter(|page| *page <= MAX_PAGE);
                let expected = "use a number from 0 to 10,000";
                query.page = page.ok_or_else(|| InvalidFilter::new(field, value, expected))?;
                Ok(())
            },
            write: |query| text(Some(query.page).filter(|page| *page > 0)),
        },
    ];
}

impl ExceptionQuery {
    /// The same list, sorted.
    #[must_use]
    pub fn sorted_by(&self, sort: ExceptionSort) -> Self {
        Self { sort, page: 0, ..self.clone() }
    }

    /// Another page of the same list.
    #[must_use]
    pub fn at(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }
}
