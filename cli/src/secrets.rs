//! New secrets and parameters. A value comes from a file or standard input, never from the command line.

use crate::{api::Api, code, error::CliError, say};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use clap::{Args, Subcommand};
use claviger_domain::creation::view::CreationRow;
use serde_json::{Map, Value, json};
use std::{io::Read, path::PathBuf};
use zeroize::Zeroizing;

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Create a secret or parameter, or request it where somebody has to approve it.
    Create(Box<Create>),
    /// Enter the value of an approved request.
    Value {
        /// The request's id, as `clv secret create` prints it.
        creation: String,
        #[command(flatten)]
        value: ValueFrom,
    },
    /// Write secrets as code that imports them: Terraform, CloudFormation or CDK. No value is read or written.
    Export(code::Export),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The name.
    name: String,
    /// The account's number.
    #[arg(long)]
    account: String,
    /// The Region, such as eu-west-1.
    #[arg(long)]
    region: String,
    /// Why; approvers read it.
    #[arg(long)]
    reason: String,
    /// secret or parameter.
    #[arg(long, default_value = "secret")]
    kind: String,
    /// What it is for.
    #[arg(long, default_value = "")]
    description: String,
    /// A KMS key: id, ARN or alias. Without it, the AWS managed key.
    #[arg(long, default_value = "")]
    key: String,
    /// A tag, as key=value; may be repeated.
    #[arg(long = "tag", value_name = "KEY=VALUE", value_parser = pair)]
    tags: Vec<(String, String)>,
    /// A file with the resource policy of the secret.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A Region for a replica, or region=key; may be repeated.
    #[arg(long = "replica", value_name = "REGION[=KEY]")]
    replicas: Vec<String>,
    #[command(flatten)]
    rotation: Rotation,
    /// Of a managed external secret: its type, such as `SalesforceClientSecret`.
    #[arg(long, value_name = "TYPE", default_value = "")]
    external_type: String,
    /// A canary: nobody uses it, and each read raises an alarm.
    #[arg(long)]
    canary: bool,
    /// Of a parameter: `String`, `StringList` or `SecureString`.
    #[arg(long = "type", default_value = "")]
    parameter_type: String,
    /// Of a parameter: Standard or Advanced.
    #[arg(long, default_value = "")]
    tier: String,
    /// Of a parameter: a regular expression that AWS holds each value against.
    #[arg(long, default_value = "")]
    allowed_pattern: String,
    /// Of an Advanced parameter: the day on which AWS deletes it, such as 2027-01-31.
    #[arg(long, default_value = "")]
    expires: String,
    /// Create it although policies would fail.
    #[arg(long)]
    accept_failing: bool,
    /// Request it without a value, which is entered after the approval. Nothing is read.
    #[arg(long, conflicts_with_all = ["value_file", "generate", "trim_newline"])]
    no_value: bool,
    #[command(flatten)]
    value: ValueFrom,
}

/// How the new secret is rotated: days or a schedule, by a function or by the role of a managed external secret.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rotation")]
pub(crate) struct Rotation {
    /// The ARN of the function that rotates it.
    #[arg(long = "rotation-function", value_name = "ARN", default_value = "")]
    function: String,
    /// The ARN of the role with which Secrets Manager rotates a managed external secret.
    #[arg(long = "rotation-role", value_name = "ARN", default_value = "")]
    role: String,
    /// What the partner of a managed external secret wants to know, as key=value; may be repeated.
    #[arg(long = "rotation-metadata", value_name = "KEY=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,
    /// Days between rotations.
    #[arg(long = "rotation-days", value_name = "DAYS", conflicts_with = "schedule")]
    days: Option<u16>,
    /// rate(…) or cron(…), in UTC.
    #[arg(long = "rotation-schedule", value_name = "SCHEDULE", default_value = "")]
    schedule: String,
    /// Rotate it at once, too.
    #[arg(long)]
    rotate_immediately: bool,
}

impl Rotation {
    fn body(&self) -> Value {
        let metadata: Map<String, Value> =
            self.metadata.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
        json!({
            "function": self.function,
            "role": self.role,
            "metadata": metadata,
            "days": self.days,
            "schedule": self.schedule,
            "immediately": self.rotate_immediately,
        })
    }
}

/// Where the value comes from: standard input, unless one of these says otherwise.
#[derive(Debug, Args)]
pub(crate) struct ValueFrom {
    /// A file with the value, instead of standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "generate")]
    value_file: Option<PathBuf>,
    /// Let AWS generate a password that nobody sees.
    #[arg(long)]
    generate: bool,
    /// Characters of a generated password.
    #[arg(long, requires = "generate", value_parser = clap::value_parser!(u16).range(8..=4096))]
    length: Option<u16>,
    /// Letters and digits only, in a generated password.
    #[arg(long, requires = "generate")]
    plain: bool,
    /// Remove one trailing line break of the value, which `echo` and editors add.
    #[arg(long, short = 'n', conflicts_with = "generate")]
    trim_newline: bool,
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    let (key, value) = text.split_once('=').ok_or("use key=value")?;
    Ok((key.to_owned(), value.to_owned()))
}

impl ValueFrom {
    /// The field of the body.
    fn field(&self) -> Result<(&'static str, Value), CliError> {
        if self.generate {
            let mut rules = Map::new();
            rules.insert("plain".into(), self.plain.into());
            if let Some(length) = self.length {
                rules.insert("length".into(), length.into());
            }
            return Ok(("generate", rules.into()));
        }
        let mut bytes = Zeroizing::new(Vec::new());
        let (read, what) = match &self.value_file {
            Some(path) => (
                std::fs::File::open(path).and_then(|mut file| file.read_to_end(&mut bytes)),
                path.display().to_string(),
            ),
            None => (std::io::stdin().read_to_end(&mut bytes), "standard input".to_owned()),
        };
        read.map_err(|error| CliError::file(what, error))?;
        let Ok(text) = std::str::from_utf8(&bytes) else {
            if self.trim_newline {
                let reason = "the value is binary, so it has no line break to remove";
                return Err(CliError::Input(reason.into()));
            }
            return Ok(("value_base64", BASE64.encode(&*bytes).into()));
        };
        let text = if self.trim_newline { crate::value::without_last_break(text) } else { text };
        Ok(("value", text.into()))
    }
}

pub(crate) async fn run(command: SecretCommand) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let made: CreationRow = match command {
        SecretCommand::Export(export) => return export.run(&api).await,
        SecretCommand::Create(create) => api.post("/v1/secrets", &create.body()?).await?,
        SecretCommand::Value { creation, value } => {
            let (field, value) = value.field()?;
            api.post(&format!("/v1/secrets/{creation}/value"), &json!({ field: value })).await?
        }
    };
    say(format_args!("{}\t{}\t{}", made.id, made.state, made.shape.name));
    Ok(())
}

impl Create {
    fn body(&self) -> Result<Value, CliError> {
        let policy = match &self.policy {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|error| CliError::file(path.display(), error))?,
            None => String::new(),
        };
        let tags: Map<String, Value> =
            self.tags.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect();
        let replicas = self.replicas.iter().map(|text| {
            let (region, key) = text.split_once('=').unwrap_or((text, ""));
            json!({ "region": region, "key": key })
        });
        let mut body = json!({
            "account": self.account,
            "region": self.region,
            "kind": self.kind,
            "name": self.name,
            "description": self.description,
            "key": self.key,
            "tags": tags,
            "policy": policy,
            "replicas": replicas.collect::<Vec<_>>(),
            "secret_type": self.external_type,
            "rotation": self.rotation.body(),
            "canary": self.canary,
            "parameter_type": self.parameter_type,
            "tier": self.tier,
            "allowed_pattern": self.allowed_pattern,
            "expires": self.expires,
            "reason": self.reason,
            "accept_failing": self.accept_failing,
        });
        if !self.no_value {
            let (field, value) = self.value.field()?;
            body[field] = value;
        }
        Ok(body)
    }
}
