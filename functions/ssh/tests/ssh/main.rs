//! The four steps over SSH, against servers that work, fail and lie.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod lies;
mod process;
mod rotation;
mod server;

use rotation_ssh::SshRotation;
use rotation_steps::{Frame, Step, StepError, keys};
use rotation_testkit::{MemorySecrets, SECRET, STEPS, event};
use secrecy::ExposeSecret as _;
use serde_json::json;
use server::Server;

/// A server with a key of AWSCURRENT, and the function for it.
struct Setup {
    server: Server,
    secrets: MemorySecrets,
    frame: Frame<MemorySecrets, SshRotation>,
    /// The line of the first key.
    first: String,
}

impl Setup {
    async fn new() -> Self {
        let server = Server::start().await;
        let pair = keys::generate("person@laptop").unwrap();
        let first = format!("from=\"127.0.0.1\" {}", pair.public);
        server.write(&format!("# the team's\n{first}\n"));
        let value = json!({
            "host": "127.0.0.1", "port": server.port, "user": "deploy", "host_keys": [server.host_key],
            "private_key": pair.private.expose_secret(), "public_key": pair.public,
        });
        let secrets = MemorySecrets::with(&[(SECRET, &value.to_string())]);
        let rotation = SshRotation { keeps_previous: false };
        Self { server, frame: Frame { secrets: secrets.clone(), rotation }, secrets, first }
    }

    async fn step(&self, step: Step, version: &str) -> Result<(), StepError> {
        self.frame.run(&event(step, version)).await
    }

    /// The steps before this one.
    async fn until(&self, end: Step, version: &str) {
        self.secrets.begin(SECRET, version);
        for step in STEPS.into_iter().take_while(|step| *step != end) {
            self.step(step, version).await.unwrap();
        }
    }

    /// All steps, as far as the first that fails.
    async fn rotate(&self, version: &str) -> Result<(), StepError> {
        self.secrets.begin(SECRET, version);
        for step in STEPS {
            self.step(step, version).await?;
        }
        Ok(())
    }

    fn public_key_at(&self, stage: &str) -> String {
        self.secrets.member(SECRET, stage, "public_key").unwrap()
    }

    fn current(&self) -> String {
        self.secrets.at(SECRET, "AWSCURRENT").unwrap().0
    }

    /// The only key that the server has is that of AWSCURRENT.
    fn assert_one_key(&self) {
        let line = format!("from=\"127.0.0.1\" {}", self.public_key_at("AWSCURRENT"));
        assert_eq!(self.server.read(), format!("# the team's\n{line}\n"));
    }

    /// The error of a step, which has no value.
    async fn failed(&self, step: Step, version: &str) -> String {
        let error = self.step(step, version).await.unwrap_err().to_string();
        assert!(!error.contains("AAAA") && !error.contains("PRIVATE"), "{error}");
        error
    }
}
