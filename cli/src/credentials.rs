//! Using a grant: credentials, a command that has them, a value.

use crate::{api::Api, fault::Fault, grants::detail, say};
use clap::{Args, ValueEnum};
use claviger_domain::grant::{
    Action, GrantResource,
    view::{MyAccess, Revealed},
};
use serde::Deserialize;
use serde_json::json;
use std::{
    collections::BTreeMap,
    io::Read,
    process::{Command, ExitCode},
};

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// What an AWS profile's `credential_process` prints.
    CredentialProcess,
    /// Lines for a shell: `eval "$(clv creds … --format env)"`.
    Env,
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct Creds {
    #[arg(long)]
    grant: String,
    /// Where the grant needs several sessions: the secret this one is for.
    #[arg(long)]
    secret: Option<String>,
    #[arg(long, value_enum, default_value = "credential-process")]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct Exec {
    #[arg(long)]
    grant: String,
    #[arg(long)]
    secret: Option<String>,
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    /// The secret's or parameter's name.
    name: String,
    /// Of the grants that cover it, this one.
    #[arg(long)]
    grant: Option<String>,
    /// One field of a JSON secret.
    #[arg(long)]
    field: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Put {
    name: String,
    #[arg(long)]
    grant: Option<String>,
}

#[derive(Deserialize)]
struct Credentials {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: String,
    region: String,
}

impl Credentials {
    async fn of(grant: &str, secret: Option<&str>) -> Result<Self, Fault> {
        let body = json!({ "resource": secret });
        Api::signed_in()?.post(&format!("/v1/grants/{grant}/credentials"), &body).await
    }

    fn variables(&self) -> [(&'static str, &str); 5] {
        [
            ("AWS_ACCESS_KEY_ID", &self.access_key_id),
            ("AWS_SECRET_ACCESS_KEY", &self.secret_access_key),
            ("AWS_SESSION_TOKEN", &self.session_token),
            ("AWS_REGION", &self.region),
            ("AWS_DEFAULT_REGION", &self.region),
        ]
    }
}

pub(crate) async fn creds(creds: Creds) -> Result<(), Fault> {
    let given = Credentials::of(&creds.grant, creds.secret.as_deref()).await?;
    match creds.format {
        Format::CredentialProcess | Format::Json => {
            let mut out = json!({
                "Version": 1,
                "AccessKeyId": given.access_key_id,
                "SecretAccessKey": given.secret_access_key,
                "SessionToken": given.session_token,
                "Expiration": given.expiration,
            });
            if matches!(creds.format, Format::Json) {
                out["Region"] = json!(given.region);
            }
            say(out);
        }
        Format::Env => {
            for (name, value) in given.variables() {
                say(format_args!("export {name}='{value}'"));
            }
        }
    }
    Ok(())
}

/// Runs the command; its exit code is ours.
pub(crate) async fn exec(exec: Exec) -> Result<ExitCode, Fault> {
    let given = Credentials::of(&exec.grant, exec.secret.as_deref()).await?;
    let mut command = Command::new(&exec.command[0]);
    command.args(&exec.command[1..]).env_remove("AWS_PROFILE").envs(given.variables());
    let status = command.status().map_err(|error| Fault::file(&exec.command[0], error))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// The live grant that covers this name for this action.
async fn covering(
    api: &Api,
    name: &str,
    action: Action,
    grant: Option<&str>,
) -> Result<(String, GrantResource), Fault> {
    let grants: Vec<String> = if let Some(grant) = grant {
        vec![grant.to_owned()]
    } else {
        let mine: MyAccess = api.get("/v1/grants").await?;
        let fits = mine.live.iter().filter(|row| row.action == action);
        fits.map(|row| row.id.to_string()).collect()
    };
    for grant in grants {
        let resources = detail(api, &grant).await?.resources;
        if let Some(resource) = resources.into_iter().find(|resource| resource.name == name) {
            return Ok((grant, resource));
        }
    }
    Err(Fault::Input(format!(
        "no live grant of yours lets you {action} {name}. Ask with `clv request {name} --action {action} --purpose …`"
    )))
}

pub(crate) async fn get(get: Get) -> Result<(), Fault> {
    let api = Api::signed_in()?;
    let (grant, resource) = covering(&api, &get.name, Action::Read, get.grant.as_deref()).await?;
    let body = json!({ "resource": resource.id.to_string() });
    let revealed: Revealed = api.post(&format!("/v1/grants/{grant}/reveal"), &body).await?;
    let text = match revealed {
        Revealed::Text(text) | Revealed::Binary(text) => text,
        Revealed::Fields(fields) => json!(BTreeMap::from_iter(fields)).to_string().into(),
    };
    let Some(field) = get.field else {
        say(text.as_str());
        return Ok(());
    };
    let fields: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|_| {
            Fault::Input(format!("{} is no JSON object, so it has no fields", get.name))
        })?;
    match fields.get(&field) {
        Some(serde_json::Value::String(text)) => say(text),
        Some(other) => say(other),
        None => {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            return Err(Fault::Input(format!(
                "{} has no field {field}. It has {}",
                get.name,
                names.join(", ")
            )));
        }
    }
    Ok(())
}

pub(crate) async fn put(put: Put) -> Result<(), Fault> {
    let api = Api::signed_in()?;
    let (grant, resource) = covering(&api, &put.name, Action::Write, put.grant.as_deref()).await?;
    let mut value = String::new();
    std::io::stdin()
        .read_to_string(&mut value)
        .map_err(|error| Fault::file("standard input", error))?;
    // The line's end is the shell's, not the value's.
    let value = value.strip_suffix('\n').unwrap_or(&value);
    let body = json!({ "resource": resource.id.to_string(), "value": value });
    let version: String = api.put(&format!("/v1/grants/{grant}/value"), &body).await?;
    say(format_args!("Written as version {version}"));
    Ok(())
}
