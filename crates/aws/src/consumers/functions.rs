//! A Lambda function that is given a role.
//!
//! Lambda returns the values of environment variables in plain text. They are skipped while the response is parsed: no type here
//! can hold one, and the bytes of the response are overwritten.

use crate::{
    AwsError, AwsGateway, ConsumerFunction, ConsumerOrder, IssuedSession,
    function_calls::NOT_FOUND,
    signed::{SignedBody, SignedCall},
};
use claviger_domain::remediation::FunctionArn;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, de::IgnoredAny};
use std::collections::BTreeMap;

impl AwsGateway {
    pub(super) async fn read_function(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        function: &FunctionArn,
    ) -> Result<Option<ConsumerFunction>, AwsError> {
        let call = SignedCall {
            service: "Lambda",
            endpoint: "lambda",
            operation: "GetFunctionConfiguration",
            path: configuration_path(&function.name),
            body: SignedBody::None,
        };
        let body = match self.function_call((&order.account, &order.region), session, &call).await {
            Ok(body) => body,
            Err(error) if error.code.as_deref() == Some(NOT_FOUND) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut found = read(&body)?;
        drop(body);
        let arn = utf8_percent_encode(&function.arn, NON_ALPHANUMERIC);
        let call = SignedCall {
            service: "Lambda",
            endpoint: "lambda",
            operation: "ListTags",
            path: format!("/2017-03-31/tags/{arn}"),
            body: SignedBody::None,
        };
        let tags = self.function_call((&order.account, &order.region), session, &call).await;
        found.tags = tags.and_then(|body| read_tags(&body)).map_err(|error| error.read_failure());
        Ok(Some(found))
    }
}

/// A name has letters, digits, hyphens and underscores.
pub(super) fn configuration_path(name: &str) -> String {
    format!("/2015-03-31/functions/{name}/configuration")
}

/// What is kept of a function.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    function_arn: String,
    role: String,
    #[serde(default)]
    revision_id: String,
    last_update_status: Option<String>,
    last_update_status_reason_code: Option<String>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    vpc_config: Option<VpcConfig>,
    environment: Option<Environment>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfig {
    #[serde(default)]
    subnet_ids: Vec<String>,
}

/// The names of the variables; a value is skipped where it stands.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    #[serde(default)]
    variables: BTreeMap<String, Option<IgnoredAny>>,
    error: Option<IgnoredAny>,
}

pub(super) fn read(body: &[u8]) -> Result<ConsumerFunction, AwsError> {
    // Without the parser's words: they could repeat a part of the response.
    let found: Configuration = serde_json::from_slice(body).map_err(|_| {
        AwsError::nonsense("GetFunctionConfiguration", "the response cannot be read")
    })?;
    let variables = match found.environment {
        None => Some(Vec::new()),
        Some(Environment { error: Some(_), .. }) => None,
        Some(environment) => Some(environment.variables.into_keys().collect()),
    };
    Ok(ConsumerFunction {
        arn: found.function_arn,
        role: found.role,
        revision: found.revision_id,
        last_update: found.last_update_status,
        update_reason: found.last_update_status_reason_code.filter(|code| is_code(code)),
        kms_key: found.kms_key_arn.filter(|key| !key.is_empty()),
        is_in_vpc: found.vpc_config.is_some_and(|vpc| !vpc.subnet_ids.is_empty()),
        variables,
        tags: Ok(BTreeMap::new()),
    })
}

/// A code, and no text with spaces: the reason itself could repeat a part of the configuration.
fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn read_tags(body: &[u8]) -> Result<BTreeMap<String, String>, AwsError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        #[serde(default)]
        tags: BTreeMap<String, String>,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| AwsError::nonsense("ListTags", "the response cannot be read"))?;
    Ok(answer.tags)
}
