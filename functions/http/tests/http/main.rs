//! The four steps over HTTP, against vendors that work, fail and lie.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod deaths;
mod github;
mod lies;
mod process;
mod rotation;
mod vendor;

use rotation_http::{Description, HttpRotation};
use rotation_steps::{Frame, Step, StepError};
use rotation_testkit::{ADMIN, MemorySecrets, SECRET, STEPS, event};
use vendor::Vendor;

const EXAMPLE: &str = include_str!("../../descriptions/example-api-key.toml");

/// The example's description at another address, with these lines before it.
fn described(address: &str, lines: &str) -> String {
    let text = EXAMPLE.replace("https://api.example.com", address);
    format!("timeout_seconds = 1\nattempts = 2\nwait_seconds = 0\n{lines}\n{text}")
}

/// A vendor with the key of AWSCURRENT, and the function for it.
struct Setup {
    vendor: Vendor,
    secrets: MemorySecrets,
    frame: Frame<MemorySecrets, HttpRotation>,
}

impl Setup {
    async fn new(lines: &str) -> Self {
        let vendor = Vendor::start().await;
        vendor.add("1", "made by hand", "canary-old");
        let secrets = MemorySecrets::with(&[
            (SECRET, r#"{"key_id":"1","key":"canary-old","region":"eu"}"#),
            (ADMIN, r#"{"key":"canary-admin"}"#),
        ]);
        let description = Description::parse(&described(&vendor.address, lines)).unwrap();
        let rotation = HttpRotation::new(description, Some(ADMIN.into())).unwrap();
        Self { vendor, frame: Frame { secrets: secrets.clone(), rotation }, secrets }
    }

    async fn step(&self, step: Step, version: &str) -> Result<(), StepError> {
        self.frame.run(&event(step, version)).await
    }

    /// All steps, as far as the first that fails.
    async fn rotate(&self, version: &str) -> Result<(), StepError> {
        self.secrets.begin(SECRET, version);
        for step in STEPS {
            self.step(step, version).await?;
        }
        Ok(())
    }

    fn key_at(&self, stage: &str) -> Option<String> {
        self.secrets.member(SECRET, stage, "key")
    }

    /// The version at AWSCURRENT.
    fn current(&self) -> String {
        self.secrets.at(SECRET, "AWSCURRENT").unwrap().0
    }

    /// The only key that the vendor has is that of AWSCURRENT.
    fn assert_one_key(&self) {
        let current = self.key_at("AWSCURRENT").unwrap();
        assert_eq!(self.vendor.secrets(), [current]);
    }
}
