//! The filter of the alarms' list, which is also its URL.

use super::{AlarmId, AlarmKind};
use crate::{
    filter::{Field, Filter, InvalidFilter, Part, list, parse, search, text, url_filter},
    ids::{AccountId, Region},
};
use serde::{Deserialize, Serialize};

/// Rows a page.
pub const ALARM_ROWS: u16 = 50;

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct AlarmQuery {
    /// A part of the name, or of the principal.
    pub text: String,
    pub kinds: Vec<AlarmKind>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    /// Those that were closed, instead of those that are open.
    pub only_closed: bool,
    /// This alarm alone, open or closed.
    pub only: Option<AlarmId>,
    /// The alarm after which the page begins.
    pub after: Option<i64>,
}

url_filter!(AlarmQuery);

impl Filter for AlarmQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        list!(Filter "kind" kinds),
        list!(Filter "account" accounts),
        list!(Filter "region" regions),
        Field {
            name: "state",
            part: Part::Filter,
            read: |query, field, value| {
                query.only_closed = match value {
                    "open" => false,
                    "closed" => true,
                    _ => return Err(InvalidFilter::new(field, value, "use open or closed")),
                };
                Ok(())
            },
            write: |query| text(query.only_closed.then_some("closed")),
        },
        Field {
            name: "alarm",
            part: Part::Filter,
            read: |query, field, value| {
                query.only = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.only),
        },
        Field {
            name: "after",
            part: Part::Page,
            read: |query, field, value| {
                query.after = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.after),
        },
    ];
}

impl AlarmQuery {
    /// The same list, from this alarm on.
    #[must_use]
    pub fn after(&self, after: Option<i64>) -> Self {
        Self { after, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_its_url() {
        let url = "q=db&kind=sensitive-read&account=111122223333&region=us-east-1&state=closed&alarm=A-3&after=7";
        assert_eq!(url.parse::<AlarmQuery>().unwrap().to_url_query(), url);
        assert_eq!("state=open".parse::<AlarmQuery>().unwrap(), AlarmQuery::default());
        for bad in ["kind=other", "state=all", "after=x", "colour=red"] {
            assert!(bad.parse::<AlarmQuery>().is_err(), "{bad}");
        }
    }
}
