//! What an export is asked for, and what its page shows.

use super::{CodeExport, CodeFormat};
use crate::{choice::InvalidChoice, filter::has_value, ids::ResourceId};
use serde::{Deserialize, Serialize};

/// The export of a URL's query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeQuery {
    pub format: CodeFormat,
    /// Ids of secrets, without duplicates.
    pub resources: Vec<String>,
    /// What else is in the query: a filter of the inventory, which counts without `resources`.
    pub filter: String,
    /// The name of one file of it.
    pub file: Option<String>,
}

impl CodeQuery {
    /// Reads `as`, `resource`, `file`, and the inventory's filter.
    pub fn from_url_query(query: &str) -> Result<Self, InvalidChoice> {
        let mut read = Self::default();
        let mut filter = form_urlencoded::Serializer::new(String::new());
        for (field, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*field {
                _ if !has_value(&field, &value) => {}
                "as" => read.format = value.parse()?,
                "file" => read.file = Some(value.into_owned()),
                "resource" => {
                    if !read.resources.iter().any(|own| *own == value) {
                        read.resources.push(value.into_owned());
                    }
                }
                // Of the page with a secret's tabs: the list that led there.
                "from" => {}
                _ => {
                    filter.append_pair(&field, &value);
                }
            }
        }
        read.filter = filter.finish();
        Ok(read)
    }

    /// The query of this export in a format, and of one file of it.
    #[must_use]
    pub fn to_url_query(&self, format: CodeFormat, file: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(self.filter.clone());
        for id in &self.resources {
            query.append_pair("resource", id);
        }
        query.append_pair("as", &format.to_string());
        if let Some(file) = file {
            query.append_pair("file", file);
        }
        query.finish()
    }
}

/// The page of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeView {
    pub query: CodeQuery,
    /// The secret, if it is one: its id and name.
    pub only: Option<(ResourceId, String)>,
    pub export: CodeExport,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read_and_written() {
        let query = "team=payments&resource=1&resource=2&resource=1&as=cdk&file=a.ts&region=";
        let read = CodeQuery::from_url_query(query).unwrap();
        assert_eq!(read.resources, ["1", "2"]);
        assert_eq!((read.format, read.file.as_deref()), (CodeFormat::Cdk, Some("a.ts")));
        assert_eq!(read.filter, "team=payments");
        let written = read.to_url_query(CodeFormat::Terraform, Some("b.tf"));
        assert_eq!(written, "team=payments&resource=1&resource=2&as=terraform&file=b.tf");
        assert!(CodeQuery::from_url_query("as=pulumi").is_err());
    }
}
