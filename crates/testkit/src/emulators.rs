//! The emulators and the cluster that `cargo xtask test` starts.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use claviger_aws::{AwsGateway, AwsSettings};
use std::collections::BTreeMap;

const US: &str = "us-east-1";

fn env(name: &str) -> String {
    std::env::var(name)
        .unwrap_or_else(|_| panic!("{name} is not set: these tests run under `cargo xtask test`"))
}

/// The connection to ministack with the demo Organization.
#[derive(Debug, Clone)]
pub struct Ministack {
    pub url: String,
    pub external_id: String,
    pub key_id: String,
    pub key_secret: String,
}

pub fn ministack() -> Ministack {
    Ministack {
        url: env("CLAVIGER_TEST_MINISTACK"),
        external_id: env("CLAVIGER_TEST_EXTERNAL_ID"),
        key_id: env("CLAVIGER_TEST_KEY_ID"),
        key_secret: env("CLAVIGER_TEST_KEY_SECRET"),
    }
}

impl Ministack {
    /// The queue of the demo's event bus, in the management account.
    pub fn queue_url(&self) -> String {
        format!("{}/204917356680/claviger-events", self.url)
    }

    /// Calls with these credentials.
    pub async fn config(&self, credentials: Credentials) -> SdkConfig {
        emulator_config(&self.url, credentials).await
    }

    /// The gateway of the demo's hub.
    pub async fn hub(&self) -> AwsGateway {
        let credentials = Credentials::new(&self.key_id, &self.key_secret, None, None, "hub");
        let settings = gateway_settings(&self.external_id);
        AwsGateway::over(self.config(credentials).await, &settings)
    }
}

/// The SDK's configuration for an emulator at this URL.
pub async fn emulator_config(url: &str, credentials: Credentials) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::new(US))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .load()
        .await
}

/// The roles by their own names, and all of the quotas.
pub fn gateway_settings(external_id: &str) -> AwsSettings {
    AwsSettings {
        region: crate::samples::region(US),
        inventory_role: "claviger-inventory".into(),
        access_role: "claviger-access".into(),
        remediation_role: "claviger-remediation".into(),
        consumers_role: "claviger-consumers".into(),
        iam_role: "claviger-iam".into(),
        external_id: Some(external_id.to_owned().into()),
        quota_percent: 100,
        quotas: BTreeMap::new(),
        root_certificates: None,
        endpoint_url: None,
    }
}

pub fn moto_url() -> String {
    env("CLAVIGER_TEST_MOTO")
}

/// A PostgreSQL cluster that a test may restart.
#[derive(Debug, Clone)]
pub struct Restartable {
    /// The URL of its maintenance database.
    pub url: String,
    command: String,
}

pub fn restartable() -> Restartable {
    Restartable { url: env("CLAVIGER_TEST_RESTARTABLE"), command: env("CLAVIGER_TEST_PG_CTL") }
}

impl Restartable {
    /// Kills the server in the middle of its work, and starts it again after a while; waits until it has recovered.
    pub async fn outage(&self, lasts: std::time::Duration) {
        self.pg_ctl("stop");
        tokio::time::sleep(lasts).await;
        // It uses the options of the last server, although none is running.
        self.pg_ctl("restart");
    }

    fn pg_ctl(&self, what: &str) {
        let mut words = self.command.split(' ');
        let program = words.next().expect("a command");
        let done = std::process::Command::new(program)
            .args(words)
            .arg(what)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .expect("pg_ctl");
        assert!(done.success(), "PostgreSQL does not {what}: {done}");
    }
}
