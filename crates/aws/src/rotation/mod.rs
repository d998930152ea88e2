//! A rotation function and what leads out of its subnets, in a session that may read nothing else.
//!
//! Lambda returns the values of a function's environment variables in plain text. Nothing here has a field for them.

mod network;

use crate::{
    AwsError, AwsGateway, FunctionOrder, IssuedSession, RotationGateway, SessionOrder,
    function_calls::NOT_FOUND,
    signed::{SignedBody, SignedCall},
};
use async_trait::async_trait;
use claviger_domain::remediation::{
    FunctionArn, FunctionConfiguration, FunctionNetwork, FunctionReading, FunctionVpc,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

#[async_trait]
impl RotationGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn function(&self, order: &FunctionOrder) -> Result<FunctionReading, AwsError> {
        let session = self.reading_session(order).await?;
        let configuration = self.configuration(order, &session).await;
        let policy = self.function_policy(order, &session).await;
        Ok(FunctionReading {
            configuration: configuration.map_err(|error| error.read_failure()),
            policy: policy.map_err(|error| error.read_failure()),
            network: None,
        })
    }

    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn network(&self, order: &FunctionOrder, vpc: &str) -> Result<FunctionNetwork, AwsError> {
        let session = self.reading_session(order).await?;
        Ok(self.read_network(order, &session, vpc).await)
    }

    fn rotating_role(&self) -> &str {
        &self.roles.remediation
    }
}

impl AwsGateway {
    async fn reading_session(&self, order: &FunctionOrder) -> Result<IssuedSession, AwsError> {
        let (name, identity) = (&order.session_name, &order.source_identity);
        let session = SessionOrder::for_calls(&order.account, name, identity, &order.policy);
        self.assume(&self.roles.remediation, &session).await
    }

    async fn configuration(
        &self,
        order: &FunctionOrder,
        session: &IssuedSession,
    ) -> Result<Option<FunctionConfiguration>, AwsError> {
        let call = SignedCall {
            service: "Lambda",
            endpoint: "lambda",
            operation: "GetFunctionConfiguration",
            path: path(&order.function, "configuration"),
            body: SignedBody::None,
        };
        match self.function_call((&order.account, &order.region), session, &call).await {
            Ok(body) => read_configuration(&body).map(Some),
            Err(error) if error.code.as_deref() == Some(NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn function_policy(
        &self,
        order: &FunctionOrder,
        session: &IssuedSession,
    ) -> Result<Option<String>, AwsError> {
        let call = SignedCall {
            service: "Lambda",
            endpoint: "lambda",
            operation: "GetPolicy",
            path: path(&order.function, "policy"),
            body: SignedBody::None,
        };
        match self.function_call((&order.account, &order.region), session, &call).await {
            Ok(body) => read_policy(&body).map(Some),
            Err(error) if error.code.as_deref() == Some(NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What leads out of a VPC. Each call has its own outcome.
    async fn read_network(
        &self,
        order: &FunctionOrder,
        session: &IssuedSession,
        vpc: &str,
    ) -> FunctionNetwork {
        let call = |operation: &'static str, next: Option<&str>| SignedCall {
            service: "EC2",
            endpoint: "ec2",
            operation,
            path: "/".to_owned(),
            body: SignedBody::Form(network::form(operation, vpc, next)),
        };
        // One macro for four operations: each has a type of its own.
        macro_rules! pages {
            ($operation:expr, $read:path) => {{
                let mut found = Vec::new();
                let mut next: Option<String> = None;
                let mut result = Err(AwsError::nonsense($operation, "the list does not end"));
                for _ in 0..network::MAX_PAGES {
                    let call = call($operation, next.as_deref());
                    let page = match self
                        .function_call((&order.account, &order.region), session, &call)
                        .await
                    {
                        Ok(body) => network::page(&call, &body, $read),
                        Err(error) => Err(error),
                    };
                    match page {
                        Err(error) => result = Err(error),
                        Ok((more, token)) => {
                            found.extend(more);
                            next = token;
                            if next.is_some() {
                                continue;
                            }
                            result = Ok(std::mem::take(&mut found));
                        }
                    }
                    break;
                }
                result.map_err(|error| error.read_failure())
            }};
        }
        FunctionNetwork {
            route_tables: pages!("DescribeRouteTables", network::route_table),
            endpoints: pages!("DescribeVpcEndpoints", network::endpoint)
                .map(|all: Vec<Option<_>>| all.into_iter().flatten().collect()),
            security_groups: pages!("DescribeSecurityGroups", network::security_group),
            network_acls: pages!("DescribeNetworkAcls", network::network_acl),
        }
    }
}

/// `/2015-03-31/functions/NAME/WHAT`, with the version or alias.
fn path(function: &FunctionArn, what: &str) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    // A name has letters, digits, hyphens and underscores.
    let path = format!("/2015-03-31/functions/{}/{what}", function.name);
    match &function.qualifier {
        Some(qualifier) => format!("{path}?Qualifier={}", encoded(qualifier)),
        None => path,
    }
}

/// The fields that a pre-flight needs. `Environment` is not among them.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    role: String,
    state: Option<String>,
    state_reason: Option<String>,
    last_update_status: Option<String>,
    last_update_status_reason: Option<String>,
    runtime: Option<String>,
    vpc_config: Option<VpcConfig>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct VpcConfig {
    #[serde(default)]
    vpc_id: Option<String>,
    #[serde(default)]
    subnet_ids: Vec<String>,
    #[serde(default)]
    security_group_ids: Vec<String>,
}

fn read_configuration(body: &[u8]) -> Result<FunctionConfiguration, AwsError> {
    // Without the parser's words: they could repeat a part of the response.
    let found: Configuration = serde_json::from_slice(body).map_err(|_| {
        AwsError::nonsense("GetFunctionConfiguration", "the response cannot be read")
    })?;
    let vpc = found.vpc_config.filter(|vpc| !vpc.subnet_ids.is_empty());
    Ok(FunctionConfiguration {
        state: found.state,
        state_reason: found.state_reason,
        last_update: found.last_update_status,
        last_update_reason: found.last_update_status_reason,
        role: found.role,
        runtime: found.runtime,
        vpc: vpc.map(|vpc| FunctionVpc {
            id: vpc.vpc_id.unwrap_or_default(),
            subnets: vpc.subnet_ids,
            security_groups: vpc.security_group_ids,
        }),
    })
}

fn read_policy(body: &[u8]) -> Result<String, AwsError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Answer {
        policy: String,
    }
    let answer: Answer = serde_json::from_slice(body)
        .map_err(|_| AwsError::nonsense("GetPolicy", "the response cannot be read"))?;
    Ok(answer.policy)
}

#[cfg(test)]
mod tests;
