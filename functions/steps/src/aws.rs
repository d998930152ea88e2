//! Secrets Manager by AWS's SDK, which signs, repeats and limits calls.

use crate::{Event, Secrets, SecretsError, Versions};
use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
};
use secrecy::{ExposeSecret, SecretString};

pub struct AwsSecrets(Client);

impl AwsSecrets {
    pub fn new(client: Client) -> Self {
        Self(client)
    }

    /// With the role and the Region of the function.
    pub async fn from_environment() -> Self {
        let version = aws_config::BehaviorVersion::v2026_01_12();
        let config = aws_config::load_defaults(version).await;
        Self(Client::new(&config))
    }
}

fn failed<E: ProvideErrorMetadata, R>(call: &'static str, error: &SdkError<E, R>) -> SecretsError {
    let code = match (error, error.code()) {
        (_, Some(code)) => code.to_owned(),
        (SdkError::TimeoutError(_), None) => "no answer in time".to_owned(),
        (SdkError::DispatchFailure(_), None) => "no connection".to_owned(),
        (_, None) => "an error without a code".to_owned(),
    };
    let hint = match code.as_str() {
        "AccessDeniedException" => {
            "the function's role, the secret's policy or the key's policy does not allow it"
        }
        "ResourceNotFoundException" => "the secret or this version does not exist",
        "DecryptionFailure" | "EncryptionFailure" => {
            "the key is disabled or the role may not use it"
        }
        "no answer in time" | "no connection" => {
            "check the function's subnets, security groups and the VPC endpoint"
        }
        _ => "Secrets Manager repeats the rotation",
    };
    SecretsError::Failed { call, code, hint }
}

#[async_trait]
impl Secrets for AwsSecrets {
    async fn describe(&self, secret: &str) -> Result<Versions, SecretsError> {
        let answer = self.0.describe_secret().secret_id(secret).send().await;
        let answer = answer.map_err(|error| failed("DescribeSecret", &error))?;
        let stages = answer.version_ids_to_stages.unwrap_or_default();
        Ok(Versions {
            is_rotation_enabled: answer.rotation_enabled.unwrap_or_default(),
            stages: stages.into_iter().map(|(id, of)| (id, of.into_iter().collect())).collect(),
        })
    }

    async fn value(
        &self,
        secret: &str,
        version: Option<&str>,
        stage: &str,
    ) -> Result<Option<SecretString>, SecretsError> {
        let call = self.0.get_secret_value().secret_id(secret).version_stage(stage);
        match call.set_version_id(version.map(str::to_owned)).send().await {
            Ok(answer) => Ok(answer.secret_string.map(SecretString::from)),
            Err(error) if error.code() == Some("ResourceNotFoundException") => Ok(None),
            Err(error) => Err(failed("GetSecretValue", &error)),
        }
    }

    async fn put_pending(&self, event: &Event, value: &SecretString) -> Result<(), SecretsError> {
        let call = self.0.put_secret_value().secret_id(&event.secret_id);
        let call = call.client_request_token(&event.client_request_token);
        let call = call.set_rotation_token(event.rotation_token.clone());
        let call = call.secret_string(value.expose_secret()).version_stages("AWSPENDING");
        match call.send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some("ResourceExistsException") => {
                Err(SecretsError::Exists)
            }
            Err(error) => Err(failed("PutSecretValue", &error)),
        }
    }

    async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), SecretsError> {
        let call = self.0.update_secret_version_stage().secret_id(secret);
        let call = call.version_stage("AWSCURRENT").move_to_version_id(to);
        let done = call.remove_from_version_id(from).send().await;
        done.map(drop).map_err(|error| failed("UpdateSecretVersionStage", &error))
    }
}
