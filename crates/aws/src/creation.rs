//! New secrets and parameters, each in a session that may create nothing else.

use crate::{
    AwsError, AwsGateway, CreationOrder, NewValue, SecretValue, SessionOrder, budget::Api,
    error::FromSdk as _, json_object,
};
use aws_sdk_secretsmanager::{primitives::Blob, types::Tag};
use aws_sdk_ssm::types::{ParameterTier, ParameterType as SsmType};
use claviger_domain::{
    creation::{NewDetail, NewResource, PasswordRules, Tier},
    facts::ParameterType,
};
use secrecy::{ExposeSecret, SecretString};

/// What breaks connection strings: AWS's own templates leave it out too.
const NOT_IN_DATABASES: &str = "/@\"'\\";

impl AwsGateway {
    /// Creates it, and returns its ARN.
    pub(crate) async fn create_resource(
        &self,
        order: &CreationOrder,
        new: &NewResource,
        value: &NewValue,
    ) -> Result<String, AwsError> {
        self.budget.ready(Api::UpdateSecret, &(new.account.clone(), new.region.clone())).await;
        let session = self
            .assume(
                &self.roles.remediation,
                &SessionOrder::for_calls(
                    &new.account,
                    &order.session_name,
                    &order.source_identity,
                    &order.policy,
                ),
            )
            .await?;
        let secrets = self.secrets_with(&session, &new.region);
        let made;
        let value = match value {
            NewValue::Given(value) => value,
            NewValue::Generated { rules, into } => {
                let password = random_password(&secrets, *rules).await?;
                made = SecretValue::Text(match into {
                    None => password,
                    Some((fields, key)) => {
                        let others = fields.iter().map(|(key, text)| (key.as_str(), text));
                        json_object(others.chain([(key.as_str(), &password)]))
                    }
                });
                &made
            }
        };
        match &new.detail {
            NewDetail::Secret { .. } => create_secret(&secrets, order, new, value).await,
            NewDetail::Parameter { .. } => {
                put_parameter(&self.ssm_with(&session, &new.region), new, value).await
            }
        }
    }
}

async fn random_password(
    secrets: &aws_sdk_secretsmanager::Client,
    rules: PasswordRules,
) -> Result<SecretString, AwsError> {
    const OPERATION: &str = "GetRandomPassword";
    let answer = secrets
        .get_random_password()
        .password_length(i64::from(rules.length))
        .exclude_punctuation(rules.without_punctuation)
        .set_exclude_characters(rules.for_databases.then(|| NOT_IN_DATABASES.to_owned()))
        .require_each_included_type(true)
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error))?;
    let password = answer.random_password.filter(|text| !text.is_empty());
    password
        .map(Into::into)
        .ok_or_else(|| AwsError::nonsense(OPERATION, "no password in the answer"))
}

async fn create_secret(
    secrets: &aws_sdk_secretsmanager::Client,
    order: &CreationOrder,
    new: &NewResource,
    value: &SecretValue,
) -> Result<String, AwsError> {
    const OPERATION: &str = "CreateSecret";
    let (text, bytes) = match value {
        SecretValue::Text(text) => (Some(text.expose_secret().to_owned()), None),
        SecretValue::Binary(bytes) => (None, Some(Blob::new(bytes.expose_secret().clone()))),
    };
    let tags: Vec<Tag> =
        new.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let answer = secrets
        .create_secret()
        .name(&new.name)
        .client_request_token(&order.token)
        .set_description(new.description.clone())
        .set_kms_key_id(new.key.clone())
        .set_secret_string(text)
        .set_secret_binary(bytes)
        .set_tags((!tags.is_empty()).then_some(tags))
        .set_type(new.secret_type().map(ToOwned::to_owned))
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error))?;
    answer.arn.ok_or_else(|| AwsError::nonsense(OPERATION, "no ARN in the answer"))
}

async fn put_parameter(
    ssm: &aws_sdk_ssm::Client,
    new: &NewResource,
    value: &SecretValue,
) -> Result<String, AwsError> {
    const OPERATION: &str = "PutParameter";
    let NewDetail::Parameter { parameter_type, tier, allowed_pattern, expires } = &new.detail
    else {
        return Err(AwsError::nonsense(OPERATION, "this is a secret"));
    };
    let SecretValue::Text(value) = value else {
        return Err(AwsError::nonsense(OPERATION, "a parameter's value is text"));
    };
    let tags = new
        .tags
        .iter()
        .map(|(key, value)| aws_sdk_ssm::types::Tag::builder().key(key).value(value).build());
    let tags: Vec<_> = tags
        .collect::<Result<_, _>>()
        .map_err(|error| AwsError::nonsense(OPERATION, error.to_string()))?;
    let policies = expires.as_ref().map(|at| {
        format!(
            "[{{\"Type\":\"Expiration\",\"Version\":\"1.0\",\"Attributes\":{{\"Timestamp\":\"{at}\"}}}}]"
        )
    });
    ssm.put_parameter()
        .name(&new.name)
        .value(value.expose_secret())
        .overwrite(false)
        .r#type(match parameter_type {
            ParameterType::String => SsmType::String,
            ParameterType::StringList => SsmType::StringList,
            ParameterType::SecureString => SsmType::SecureString,
        })
        .tier(match tier {
            Tier::Standard => ParameterTier::Standard,
            Tier::Advanced => ParameterTier::Advanced,
        })
        .set_description(new.description.clone())
        .set_key_id(new.key.clone())
        .set_allowed_pattern(allowed_pattern.clone())
        .set_policies(policies)
        .set_tags((!tags.is_empty()).then_some(tags))
        .send()
        .await
        .map_err(|error| AwsError::of(OPERATION, &error))?;
    Ok(new.arn_pattern())
}
