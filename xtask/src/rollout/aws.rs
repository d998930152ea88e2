//! The AWS command line at an emulator: the commands are those of docs/roles.md.

use crate::{
    shell::{root, run_quiet, without_aws},
    stack::Tools,
};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::process::Command;

/// The emulators' accounts hold what is done in this Region.
pub const REGION: &str = "us-east-1";

/// Credentials of an account's root (an emulator takes the account's id as the key), or of a session.
#[derive(Clone)]
pub struct Aws {
    program: std::path::PathBuf,
    pub endpoint: String,
    key: String,
    secret: String,
    token: Option<String>,
}

impl Aws {
    /// With all permissions in this account.
    pub fn root(tools: &Tools, endpoint: &str, account: &str) -> Self {
        Self {
            program: tools.python.join("aws"),
            endpoint: endpoint.to_owned(),
            key: account.to_owned(),
            secret: "root".to_owned(),
            token: None,
        }
    }

    /// The same client with the credentials of a role that this one may assume.
    pub fn assume(&self, role_arn: &str) -> Result<Self> {
        let answer = self.json(&[
            "sts",
            "assume-role",
            "--role-arn",
            role_arn,
            "--role-session-name",
            "rollout",
        ])?;
        self.with(&answer["Credentials"])
    }

    /// With a session's credentials, as AWS tools write them.
    pub fn session(tools: &Tools, endpoint: &str, credentials: &Value) -> Result<Self> {
        Self::root(tools, endpoint, "").with(credentials)
    }

    fn with(&self, credentials: &Value) -> Result<Self> {
        let part = |name: &str| -> Result<String> {
            let value = credentials[name].as_str();
            Ok(value.with_context(|| format!("the credentials have no {name}"))?.to_owned())
        };
        Ok(Self {
            key: part("AccessKeyId")?,
            secret: part("SecretAccessKey")?,
            token: Some(part("SessionToken")?),
            ..self.clone()
        })
    }

    /// What a program needs to call AWS as this identity; [`without_aws`] takes every other one away.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut environment = vec![
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_REGION", REGION.to_owned()),
            ("AWS_DEFAULT_REGION", REGION.to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_PAGER", String::new()),
            ("AWS_ACCESS_KEY_ID", self.key.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.secret.clone()),
        ];
        environment.extend(self.token.clone().map(|token| ("AWS_SESSION_TOKEN", token)));
        environment
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).args(["--output", "json"]).current_dir(root());
        without_aws(&mut command).envs(self.environment());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        run_quiet(&mut self.command(arguments))
    }

    /// Its answer; null if it has none.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let text = self.run(arguments)?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("aws {} said {text}", arguments[0]))
    }

    /// One text of its answer, by a JSON pointer.
    pub fn text(&self, pointer: &str, arguments: &[&str]) -> Result<String> {
        let answer = self.json(arguments)?;
        let found = answer.pointer(pointer).and_then(Value::as_str);
        let said = || format!("aws {} returned no {pointer}: {answer}", arguments.join(" "));
        Ok(found.with_context(said)?.to_owned())
    }

    /// Whether AWS refuses this for want of a permission; any other end is an error.
    pub fn must_refuse(&self, arguments: &[&str]) -> Result<()> {
        let output = self.command(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if output.status.success() || !said.contains("AccessDenied") {
            bail!("aws {} should have been denied: {said}", arguments.join(" "));
        }
        Ok(())
    }
}
