//! The functions of Lambda. `ListFunctions` returns the values of their variables in plain text.

use super::{
    content::Content,
    reader::{Reader, following},
    unread,
};
use crate::{
    AwsError, WorkloadVariables,
    signed::{SignedBody, SignedCall},
};
use claviger_domain::variables::EnvironmentVariable;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

const OPERATION: &str = "ListFunctions";

/// A page has 50 functions at most.
pub(super) async fn read(reader: &Reader<'_>) -> Result<WorkloadVariables, AwsError> {
    let mut found = WorkloadVariables::default();
    let mut marker: Option<String> = None;
    loop {
        let after = marker.as_deref().map_or_else(String::new, |marker| {
            format!("?Marker={}", utf8_percent_encode(marker, NON_ALPHANUMERIC))
        });
        let call = SignedCall {
            service: "Lambda",
            endpoint: "lambda",
            operation: "ListFunctions",
            path: format!("/2015-03-31/functions/{after}"),
            body: SignedBody::None,
        };
        let body = reader.call(&call).await?;
        let next = page(&body, &mut found)?;
        drop(body);
        marker = following(OPERATION, marker.as_deref(), next)?;
        if marker.is_none() {
            return Ok(found);
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    functions: Vec<Function>,
    next_marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Function {
    function_arn: String,
    environment: Option<Environment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    #[serde(default)]
    variables: Option<BTreeMap<String, Content>>,
    error: Option<IgnoredAny>,
}

/// Adds the variables of a page; the marker of the next one.
pub(super) fn page(body: &[u8], found: &mut WorkloadVariables) -> Result<Option<String>, AwsError> {
    let page: Page = serde_json::from_slice(body).map_err(|_| unread(OPERATION))?;
    for function in page.functions {
        let Some(environment) = function.environment else { continue };
        if environment.error.is_some() {
            found.unreadable.push(function.function_arn);
            continue;
        }
        let variables = environment.variables.into_iter().flatten();
        found.variables.extend(variables.map(|(name, content)| EnvironmentVariable {
            consumer: function.function_arn.clone(),
            container: None,
            name,
            content: content.0,
        }));
    }
    Ok(page.next_marker.filter(|marker| !marker.is_empty()))
}
