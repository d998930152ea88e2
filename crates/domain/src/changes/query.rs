//! The filter of the changes' list, which is also its URL.

use super::ChangeKind;
use crate::{
    filter::{
        Field, Filter, InvalidFilter, Part, days, list, parse, push, search, text, url_filter,
    },
    ids::{AccountId, Region},
};
use serde::{Deserialize, Serialize};

/// The fields that filter changes; a field with parts, such as a tag, by its first word.
pub const FIELDS: [&str; 20] = [
    "AllowedPattern",
    "DataType",
    "DeletedDate",
    "Description",
    "KmsKeyId",
    "LastModifiedUser",
    "LastRotatedDate",
    "NextRotationDate",
    "OwningService",
    "Policies",
    "PrimaryRegion",
    "ReplicationStatus",
    "ResourcePolicy",
    "RotationEnabled",
    "RotationLambdaARN",
    "RotationRules",
    "Tags",
    "Tier",
    "Type",
    "VersionStage",
];

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ChangeQuery {
    /// A part of the name or ARN.
    pub text: String,
    /// Within this many days.
    pub days: u16,
    pub what: Vec<ChangeKind>,
    pub fields: Vec<String>,
    pub accounts: Vec<AccountId>,
    pub regions: Vec<Region>,
    /// The row after which the page begins.
    pub after: Option<i64>,
}

impl Default for ChangeQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            days: 7,
            what: Vec::new(),
            fields: Vec::new(),
            accounts: Vec::new(),
            regions: Vec::new(),
            after: None,
        }
    }
}

url_filter!(ChangeQuery);

impl Filter for ChangeQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        Field {
            name: "days",
            part: Part::Filter,
            read: |query, field, value| {
                query.days = days(field, value, 400, "use 1 to 400 days")?;
                Ok(())
            },
            write: |query| text(Some(query.days)),
        },
        list!(Filter "what" what),
        Field {
            name: "field",
            part: Part::Filter,
            read: |query, field, value| {
                if !FIELDS.contains(&value) {
                    let expected = format!("known are {}", FIELDS.join(", "));
                    return Err(InvalidFilter::new(field, value, expected));
                }
                push(&mut query.fields, field, value)
            },
            write: |query| query.fields.clone(),
        },
        list!(Filter "account" accounts),
        list!(Filter "region" regions),
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

impl ChangeQuery {
    /// The same list, from this row on.
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
        let url =
            "q=a+b&days=30&what=gone&field=Tags&account=111122223333&region=us-east-1&after=7";
        let query: ChangeQuery = url.parse().unwrap();
        assert_eq!(query.to_url_query(), url);
        assert_eq!("".parse::<ChangeQuery>().unwrap().days, 7);
        for bad in ["days=0", "days=401", "what=new", "field=Owner", "after=x", "colour=red"] {
            assert!(bad.parse::<ChangeQuery>().is_err(), "{bad}");
        }
    }
}
