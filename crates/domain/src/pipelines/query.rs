//! The filter of the pipelines' list, which is also its URL.

use super::{IssuerKind, TrustSeverity};
use crate::{
    filter::{Field, Filter, Part, list, parse, search, text, url_filter},
    ids::AccountId,
};
use serde::{Deserialize, Serialize};

/// Rows a page.
pub const PIPELINE_ROWS: u32 = 50;

/// What to list. Values of one field are alternatives; all fields must match. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PipelineQuery {
    /// A part of the role's ARN, of who gets in, or of the subject.
    pub text: String,
    pub issuers: Vec<IssuerKind>,
    pub severities: Vec<TrustSeverity>,
    pub accounts: Vec<AccountId>,
    /// Rows before the page.
    pub skip: u32,
}

url_filter!(PipelineQuery);

impl Filter for PipelineQuery {
    const FIELDS: &'static [Field<Self>] = &[
        search!("q" text),
        list!(Filter "issuer" issuers),
        list!(Filter "severity" severities),
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

impl PipelineQuery {
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
        let url = "q=acme&issuer=github-actions&severity=critical&account=111122223333&skip=50";
        assert_eq!(url.parse::<PipelineQuery>().unwrap().to_url_query(), url);
        for bad in ["issuer=jenkins", "severity=bad", "skip=x", "colour=red"] {
            assert!(bad.parse::<PipelineQuery>().is_err(), "{bad}");
        }
    }
}
