//! The frame and the calls to Secrets Manager against an emulator.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::RotationRulesType,
};
use rotation_steps::{
    AwsSecrets, Credential, Event, Fault, Frame, Rotation, Run, Secrets, SecretsError, Step,
    Versions,
};
use secrecy::SecretString;
use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

/// Makes passwords, and revokes them, at a target that is a list.
#[derive(Default)]
struct Passwords(Mutex<Vec<String>>);

#[async_trait]
impl Rotation for Passwords {
    async fn create(&self, run: &Run<'_>, current: &Credential) -> Result<Credential, Fault> {
        let mut new = current.clone();
        new.set("password", run.name().into());
        self.0.lock().unwrap().push(format!("made {}", run.event.client_request_token));
        Ok(new)
    }

    async fn discard(&self, _: &Run<'_>, _: &Credential, _: &Credential) -> Result<(), Fault> {
        Err(Fault::new("nothing is to be discarded"))
    }

    async fn set(&self, _: &Run<'_>, _: &Credential, _: &Credential) -> Result<(), Fault> {
        Ok(())
    }

    async fn test(&self, _: &Run<'_>, credential: &Credential) -> Result<(), Fault> {
        credential.required("password").map(drop)
    }

    fn check_revocable(&self, credential: &Credential) -> Result<(), Fault> {
        credential.required("password").map(drop)
    }

    fn is_same(&self, one: &Credential, other: &Credential) -> bool {
        one.agrees(other, "password")
    }

    async fn revoke(
        &self,
        _: &Run<'_>,
        old: &Credential,
        proven: &Credential,
    ) -> Result<(), Fault> {
        assert!(!old.agrees(proven, "password"));
        self.0.lock().unwrap().push("revoked".into());
        Ok(())
    }

    fn keeps_previous(&self) -> bool {
        false
    }
}

/// The emulator gives the version of a new rotation the value of AWSCURRENT, where AWS gives it none: until it is written, it has
/// none here either.
struct Emulated {
    aws: AwsSecrets,
    is_written: AtomicBool,
}

#[async_trait]
impl Secrets for Emulated {
    async fn describe(&self, secret: &str) -> Result<Versions, SecretsError> {
        self.aws.describe(secret).await
    }

    async fn value(
        &self,
        secret: &str,
        version: Option<&str>,
        stage: &str,
    ) -> Result<Option<SecretString>, SecretsError> {
        let value = self.aws.value(secret, version, stage).await?;
        let is_there = stage != "AWSPENDING" || self.is_written.load(Ordering::SeqCst);
        Ok(value.filter(|_| is_there))
    }

    async fn put_pending(&self, event: &Event, value: &SecretString) -> Result<(), SecretsError> {
        self.aws.put_pending(event, value).await?;
        self.is_written.store(true, Ordering::SeqCst);
        Ok(())
    }

    async fn move_current(&self, secret: &str, from: &str, to: &str) -> Result<(), SecretsError> {
        self.aws.move_current(secret, from, to).await
    }
}

/// A client of moto.
fn client() -> Client {
    let url = std::env::var("CLAVIGER_TEST_MOTO")
        .unwrap_or_else(|_| panic!("these tests run under `cargo xtask test`"));
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .build();
    Client::from_conf(config)
}

/// Begins a rotation as Secrets Manager does: its version is AWSPENDING. The emulator does so, and then does not find the
/// function.
async fn begin(client: &Client, secret: &str, token: &str) {
    let rules = RotationRulesType::builder().automatically_after_days(30).build();
    let call = client.rotate_secret().secret_id(secret).client_request_token(token);
    let function = "arn:aws:lambda:us-east-1:123456789012:function:not-there";
    let call = call.rotation_lambda_arn(function).rotation_rules(rules).rotate_immediately(false);
    call.send().await.unwrap_err();
}

fn event(secret: &str, token: &str, step: Step) -> Event {
    Event {
        secret_id: secret.into(),
        client_request_token: token.into(),
        step,
        rotation_token: None,
    }
}

#[tokio::test]
async fn four_steps_move_the_stages_and_may_be_repeated() {
    let client = client();
    let name = format!("rotation-steps-{}", std::process::id());
    let first = r#"{"user":"app","password":"first"}"#;
    let made = client.create_secret().name(&name).secret_string(first).send().await.unwrap();
    let secret = made.arn.unwrap();
    let secrets =
        Emulated { aws: AwsSecrets::new(client.clone()), is_written: AtomicBool::new(false) };
    let frame = Frame { secrets, rotation: Passwords::default() };
    let token = "11111111-2222-4333-8444-555555555555";
    begin(&client, &secret, token).await;
    let unknown = frame.secrets.aws.value(
        &secret,
        Some("00000000-0000-4000-8000-000000000000"),
        "AWSPENDING",
    );
    assert!(unknown.await.unwrap().is_none());
    for step in [Step::Create, Step::Set, Step::Test, Step::Finish] {
        frame.run(&event(&secret, token, step)).await.unwrap();
        frame.run(&event(&secret, token, step)).await.unwrap();
    }
    let versions = frame.secrets.describe(&secret).await.unwrap();
    assert_eq!(versions.at("AWSCURRENT"), Some(token));
    assert_eq!(versions.at("AWSPREVIOUS"), made.version_id.as_deref());
    let value = frame.secrets.value(&secret, None, "AWSCURRENT").await.unwrap().unwrap();
    let value = Credential::parse(&value).unwrap();
    let mut expected = Credential::default();
    expected.set("user", "app".into());
    assert!(value.agrees(&expected, "user"));
    // Made once; revoked once, and once more by the repeated finishSecret.
    assert_eq!(
        *frame.rotation.0.lock().unwrap(),
        [&format!("made {token}"), "revoked", "revoked"].map(String::from)
    );

    let moved = frame.secrets.move_current(&secret, "00000000-0000-4000-8000-000000000000", token);
    let refused = moved.await.unwrap_err();
    assert!(matches!(refused, SecretsError::Failed { call: "UpdateSecretVersionStage", .. }));
    let missing = frame.secrets.describe("not-there").await.unwrap_err();
    assert!(missing.to_string().contains("the secret or this version does not exist"), "{missing}");
}
