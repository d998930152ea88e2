//! The filter of the list of plaintext variables, which is also its URL.

use super::WorkloadKind;
use crate::{
    filter::{Field, Filter, Part, list, parse, search, text, url_filter},
    ids::AccountId,
};
use serde::{Deserialize, Serialize};

/// Rows a page.
pub const VARIABLE_ROWS: u32 = 50;

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct VariableQuery {
    /// A part of the workload's ARN, of the container or of the name.
    pub text: String,
    pub kinds: Vec<WorkloadKind>,
    pub accounts: Vec<AccountId>,
    /// Rows before the page.
    pub skip: u32,
}

url_filter!(VariableQuery);

impl Filter for VariableQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        list!(Filter "kind" kinds),
        list!(Filter "account" accounts),
        Field {
            name: "skip",
            part: Part::Page,
            read: |query, field, value| {
                query.skip = parse(field, value)?;
                Ok(())
            },
            write: |query| text((query.skip > 0).then_some(query.skip)),
        },
    ];
}

impl VariableQuery {
    /// The same list, after this many rows.
    #[must_use]
    pub fn from_row(&self, skip: u32) -> Self {
        Self { skip, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_its_url() {
        let url = "q=ledger&kind=codebuild&account=111122223333&skip=50";
        assert_eq!(url.parse::<VariableQuery>().unwrap().to_url_query(), url);
        for bad in ["kind=fargate", "account=1", "skip=x", "color=red"] {
            assert!(bad.parse::<VariableQuery>().is_err(), "{bad}");
        }
    }
}
