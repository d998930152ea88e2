//! Claviger's own secrets (its database's URL, its client's secret), read from Secrets Manager when a process starts.
//!
//! This is the only read of a value without a grant. It uses the hub's own credentials, which assume no role here, and reads
//! exactly the ARNs that the operator named in the configuration.

use crate::{AwsError, RootCertificates, error::FromSdk as _, loader};
use aws_config::SdkConfig;
use claviger_domain::{
    ids::{AccountId, Arn, Region},
    scan::RegionScanFault,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, str::FromStr};

/// A secret of Secrets Manager, or one string of its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSecret {
    arn: Arn,
    region: Region,
    key: Option<String>,
}

/// Why a secret of our own cannot be used. Never contains any part of a value.
#[derive(Debug, thiserror::Error)]
pub enum OwnSecretError {
    /// What was given is not repeated: it may be the value itself.
    #[error(
        "is to be the ARN of a secret, such as arn:aws:secretsmanager:us-east-1:111122223333:secret:claviger/oidc-AbCdEf, \
         optionally with # and a key of its JSON"
    )]
    NotAnArn,
    #[error(
        "{arn} may not be read ({reason}). Allow secretsmanager:GetSecretValue on it for the role that Claviger runs as, and \
         kms:Decrypt on its key if that is a customer managed key"
    )]
    Denied { arn: Arn, reason: String },
    #[error(
        "{0} does not exist, or has no value yet. Check the name, the Region and the account in the ARN"
    )]
    NotFound(Arn),
    #[error("{0} has a binary value. Store the value as text (SecretString)")]
    Binary(Arn),
    #[error(
        "{0} is not a JSON object, so it has no keys. Leave out # and the key to use the whole value"
    )]
    NotJson(Arn),
    #[error("the JSON of {arn} has no key {key:?}. Its keys are case-sensitive")]
    NoKey { arn: Arn, key: String },
    #[error("{key:?} in the JSON of {arn} is not a string. Write it in quotes")]
    NotText { arn: Arn, key: String },
    #[error("{0} is empty. Store a value, or remove the setting")]
    Empty(Arn),
    #[error(
        "{arn} cannot be read, because Claviger has no AWS credentials that are valid ({reason})"
    )]
    NoCredentials { arn: Arn, reason: String },
    #[error("{arn} cannot be read: {reason}")]
    Other { arn: Arn, reason: String },
}

impl FromStr for OwnSecret {
    type Err = OwnSecretError;

    fn from_str(text: &str) -> Result<Self, OwnSecretError> {
        // No secret's name has a #.
        let (arn, key) = match text.split_once('#') {
            Some((arn, key)) => (arn, Some(key)),
            None => (text, None),
        };
        let wrong = || OwnSecretError::NotAnArn;
        let arn: Arn = arn.parse().map_err(|_| wrong())?;
        let name = arn.as_str().splitn(6, ':').nth(5).and_then(|it| it.strip_prefix("secret:"));
        // A wildcard would be refused by AWS with a less clear message.
        let is_name = name.is_some_and(|name| !name.is_empty() && !name.contains(['*', '?']));
        if arn.service() != "secretsmanager"
            || arn.account().parse::<AccountId>().is_err()
            || !is_name
            || key == Some("")
        {
            return Err(wrong());
        }
        let region = arn.region().parse().map_err(|_| wrong())?;
        Ok(Self { arn, region, key: key.map(ToOwned::to_owned) })
    }
}

/// Reads secrets of our own; each only once.
pub struct OwnSecrets {
    config: SdkConfig,
    read: BTreeMap<Arn, SecretString>,
}

impl OwnSecrets {
    /// With the credentials of the SDK's default chain. Does not connect yet.
    pub async fn new(certificates: Option<&RootCertificates>) -> Self {
        Self { config: loader(certificates).load().await, read: BTreeMap::new() }
    }

    /// The value.
    #[tracing::instrument(level = "debug", skip_all, fields(aws.region = %secret.region))]
    pub async fn value(&mut self, secret: &OwnSecret) -> Result<SecretString, OwnSecretError> {
        let whole = if let Some(known) = self.read.get(&secret.arn) {
            known.clone()
        } else {
            let value = self.fetch(secret).await?;
            self.read.insert(secret.arn.clone(), value.clone());
            value
        };
        let value = match &secret.key {
            None => whole,
            Some(key) => text_of(&secret.arn, whole.expose_secret(), key)?,
        };
        if value.expose_secret().is_empty() {
            return Err(OwnSecretError::Empty(secret.arn.clone()));
        }
        Ok(value)
    }

    async fn fetch(&self, secret: &OwnSecret) -> Result<SecretString, OwnSecretError> {
        let config = aws_sdk_secretsmanager::config::Builder::from(&self.config)
            .region(aws_config::Region::new(secret.region.to_string()))
            .build();
        let answer = aws_sdk_secretsmanager::Client::from_conf(config)
            .get_secret_value()
            .secret_id(secret.arn.as_str())
            .send()
            .await
            .map_err(|error| said(&secret.arn, &AwsError::of("GetSecretValue", &error)))?;
        answer
            .secret_string
            .map(SecretString::from)
            .ok_or_else(|| OwnSecretError::Binary(secret.arn.clone()))
    }
}

fn said(arn: &Arn, error: &AwsError) -> OwnSecretError {
    let (arn, reason) = (arn.clone(), error.to_string());
    match (error.code.as_deref(), error.fault) {
        (Some("ResourceNotFoundException"), _) => OwnSecretError::NotFound(arn),
        (_, RegionScanFault::Denied) => OwnSecretError::Denied { arn, reason },
        (_, RegionScanFault::NoCredentials) => OwnSecretError::NoCredentials { arn, reason },
        _ => OwnSecretError::Other { arn, reason },
    }
}

/// One string of a JSON object. The parser's messages could repeat a part of the value, and are left out.
fn text_of(arn: &Arn, json: &str, key: &str) -> Result<SecretString, OwnSecretError> {
    let object: BTreeMap<String, &RawValue> =
        serde_json::from_str(json).map_err(|_| OwnSecretError::NotJson(arn.clone()))?;
    let value = object
        .get(key)
        .ok_or_else(|| OwnSecretError::NoKey { arn: arn.clone(), key: key.to_owned() })?;
    serde_json::from_str(value.get())
        .map_err(|_| OwnSecretError::NotText { arn: arn.clone(), key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:claviger/oidc-AbCdEf";

    #[test]
    fn an_arn_may_name_a_key_of_its_json() {
        let whole: OwnSecret = ARN.parse().unwrap();
        assert_eq!((whole.region.as_str(), whole.key), ("eu-west-1", None));
        let part: OwnSecret = format!("{ARN}#client.secret").parse().unwrap();
        assert_eq!((part.arn.as_str(), part.key.as_deref()), (ARN, Some("client.secret")));
        for wrong in [
            "hunter2",
            "arn:aws:ssm:eu-west-1:111122223333:parameter/hunter2",
            "arn:aws:secretsmanager:eu-west-1:1:secret:hunter2",
            "arn:aws:secretsmanager::111122223333:secret:hunter2",
            "arn:aws:secretsmanager:eu-west-1:111122223333:hunter2",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:hunter2*",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:hunter2#",
        ] {
            let fault = wrong.parse::<OwnSecret>().unwrap_err().to_string();
            assert!(fault.contains("ARN of a secret") && !fault.contains("hunter2"), "{fault}");
        }
    }

    #[test]
    fn one_string_of_the_json_is_taken_and_errors_repeat_no_value() {
        let arn: Arn = ARN.parse().unwrap();
        let read = |json: &str, key: &str| {
            text_of(&arn, json, key)
                .map(|value| value.expose_secret().to_owned())
                .map_err(|error| format!("{error}{error:?}"))
        };
        let json = r#"{"client_secret": "hun\"ter2", "port": 4711, "nested": {"a": "hunter2"}}"#;
        assert_eq!(read(json, "client_secret").unwrap(), "hun\"ter2");
        for (json, key, says) in [
            (json, "Client_Secret", "has no key"),
            (json, "port", "is not a string"),
            (json, "nested", "is not a string"),
            ("hunter2", "a", "is not a JSON object"),
            ("\"hunter2\"", "a", "is not a JSON object"),
            (r#"{"a": "hunter2""#, "a", "is not a JSON object"),
        ] {
            let fault = read(json, key).unwrap_err();
            assert!(fault.contains(says), "{fault}");
            assert!(!fault.contains("hunter2") && !fault.contains("4711"), "{fault}");
        }
    }
}
