//! A grant's credentials for other tools, and for a command.

use crate::{
    api::Api,
    error::CliError,
    say,
    select::{Part, part},
};
use clap::{Args, ValueEnum};
use claviger_domain::{clock::in_whole_seconds, grants::commands::shell_word};
use serde::Deserialize;
use serde_json::json;
use std::{
    io::ErrorKind,
    os::unix::process::ExitStatusExt,
    process::{Command, ExitCode, ExitStatus},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// The output of an AWS profile's `credential_process`.
    CredentialProcess,
    /// Lines for a shell: `eval "$(clv creds … --format env)"`.
    Env,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Creds {
    /// The grant's id, as `clv grants` prints it.
    #[arg(long)]
    grant: String,
    /// If the grant needs several sessions: the secret to use, by name or ARN.
    #[arg(long)]
    secret: Option<String>,
    /// If the grant covers several Regions: the one to use.
    #[arg(long)]
    region: Option<String>,
    /// The form of the credentials.
    #[arg(long, value_enum, default_value = "credential-process")]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Exec {
    /// The grant's id, as `clv grants` prints it.
    #[arg(long)]
    grant: String,
    /// If the grant needs several sessions: the secret to use, by name or ARN.
    #[arg(long)]
    secret: Option<String>,
    /// If the grant covers several Regions: the one to use.
    #[arg(long)]
    region: Option<String>,
    /// The command and its arguments, after `--`.
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

#[derive(Deserialize)]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
}

impl Credentials {
    async fn of(api: &Api, grant: &str, secret: Option<&str>) -> Result<Self, CliError> {
        let body = json!({ "resource": secret });
        let mut given: Self = api.post(&format!("/v1/grants/{grant}/credentials"), &body).await?;
        // The AWS tools' parsers differ in how they treat fractions.
        if let Ok(at) = OffsetDateTime::parse(&given.expiration, &Rfc3339) {
            given.expiration = in_whole_seconds(at);
        }
        Ok(given)
    }

    /// The credentials for the selected part.
    async fn of_part(api: &Api, part: &Part) -> Result<Self, CliError> {
        let only = part.only.as_ref().map(|resource| resource.arn.as_str());
        Self::of(api, &part.grant.to_string(), only).await
    }

    fn variables<'a>(&'a self, region: &'a str) -> [(&'static str, &'a str); 6] {
        [
            ("AWS_ACCESS_KEY_ID", &self.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_access_key),
            ("AWS_SESSION_TOKEN", &self.session_token),
            ("AWS_CREDENTIAL_EXPIRATION", &self.expiration),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
        ]
    }

    fn document(&self) -> serde_json::Value {
        json!({
            "Version": 1,
            "AccessKeyId": self.access_key_id,
            "SecretAccessKey": self.secret_access_key,
            "SessionToken": self.session_token,
            "Expiration": self.expiration,
        })
    }
}

pub(crate) async fn creds(creds: Creds) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let (grant, secret, region) =
        (creds.grant.as_str(), creds.secret.as_deref(), creds.region.as_deref());
    // A profile sets its Region separately: only the credentials are needed.
    if matches!(creds.format, Format::CredentialProcess) && region.is_none() {
        say(Credentials::of(&api, grant, secret).await?.document());
        return Ok(());
    }
    let part = part(&api, grant, secret, region).await?;
    let given = Credentials::of_part(&api, &part).await?;
    match creds.format {
        Format::CredentialProcess => say(given.document()),
        Format::Json => {
            let mut out = given.document();
            out["Region"] = json!(part.region);
            say(out);
        }
        Format::Env => {
            for (name, value) in given.variables(part.region.as_str()) {
                say(format_args!("export {name}={}", shell_word(value)));
            }
        }
    }
    Ok(())
}

/// Runs the command and returns its exit code.
pub(crate) async fn exec(exec: Exec) -> Result<ExitCode, CliError> {
    let api = Api::signed_in()?;
    let part = part(&api, &exec.grant, exec.secret.as_deref(), exec.region.as_deref()).await?;
    let given = Credentials::of_part(&api, &part).await?;
    let mut command = Command::new(&exec.command[0]);
    command
        .args(&exec.command[1..])
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_DEFAULT_PROFILE")
        .envs(given.variables(part.region.as_str()));
    match command.status() {
        Ok(status) => Ok(code_of(status)),
        Err(error) => Ok(not_run(&exec.command[0], &error)),
    }
}

/// The exit code of a command that cannot be run, as shells have it.
pub(crate) fn not_run(program: &str, error: &std::io::Error) -> ExitCode {
    eprintln!("clv: {program}: {error}");
    ExitCode::from(if error.kind() == ErrorKind::NotFound { 127 } else { 126 })
}

/// As a shell reports it: the command's own code, or 128 plus the number of the signal that ended it.
pub(crate) fn exit_code(status: ExitStatus) -> Option<i32> {
    status.code().or_else(|| status.signal().map(|signal| 128 + signal))
}

/// The same, for the end of this program.
pub(crate) fn code_of(status: ExitStatus) -> ExitCode {
    ExitCode::from(exit_code(status).and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}
