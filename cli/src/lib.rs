//! `clv`: request a secret, use it and end access, from a laptop or a pipeline.

mod access;
mod api;
mod aws_profile;
mod change;
mod code;
mod credential_store;
mod credentials;
mod error;
mod grants;
mod http;
mod injection;
mod login;
mod manual;
mod mcp;
pub mod reference;
mod renewal;
mod requests;
mod rerun;
mod run;
mod scan;
mod secrets;
mod select;
mod value;

use clap::{CommandFactory, Parser, Subcommand};
use error::CliError;
use run::Reserved;
use rustix::process::{Resource, Rlimit, setrlimit};
use std::{io::Write, path::PathBuf, process::ExitCode};
use url::Url;

/// The text after the help. The guide has the same table.
const EXIT_CODES: &str = "\
Exit codes:
  0    succeeded
  1    clv cannot read or write a file, or write its output
  2    the command line or its input is invalid
  3    you are not signed in, or your sign-in has expired: run clv login
  4    your role does not allow it
  5    not found: the secret, grant or field does not exist, or no active grant covers it
  6    ambiguous: several resources match; the error lists a command for each
  7    not possible now: the grant is not active yet or has ended, or AWS denied the call
  8    Claviger or AWS cannot be reached, or failed
  exec, run: the exit code of the command; 128 plus the signal number if a signal ended it;
        125 if clv failed before the command, 126 if it cannot be run, 127 if it does not exist

Name a secret or parameter by its name or ARN (for a secret, the six characters that AWS appends are
optional). If several accounts or Regions have the name, add --account and --region.";

/// Request a secret, use it, end access.
#[derive(Debug, Parser)]
#[command(name = "clv", version, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign in, with the identity provider's device flow.
    Login {
        /// The server's address, such as `https://claviger.example.com`.
        #[arg(env = "CLV_CONSOLE")]
        console: Url,
        /// A PEM file with root certificates to trust in addition to the system's. It is stored with the sign-in, so that
        /// later commands trust them too; `CLV_CA_BUNDLE` takes precedence there.
        #[arg(long, env = "CLV_CA_BUNDLE", value_name = "FILE")]
        ca_bundle: Option<PathBuf>,
    },
    /// Delete the stored sign-in.
    Logout,
    /// Show who is signed in, and what is pending.
    Whoami,
    /// Find secrets and parameters.
    Search {
        /// Words and filters, as in the search of the console's inventory.
        #[arg(default_value = "")]
        words: String,
    },
    /// Request access.
    Request(requests::Request),
    /// List requests that you can decide.
    Queue,
    /// Approve a request.
    Approve {
        /// The request's id, as `clv queue` prints it.
        grant: String,
        /// A shorter duration than requested.
        #[arg(long)]
        minutes: Option<u32>,
    },
    /// Deny a request.
    Deny {
        /// The request's id, as `clv queue` prints it.
        grant: String,
        /// Why; the requester reads it.
        #[arg(long)]
        reason: String,
    },
    /// List your grants.
    Grants,
    /// Start access.
    Claim {
        /// The grant's id, as `clv grants` prints it.
        grant: String,
    },
    /// End access, or withdraw a request.
    GiveBack {
        /// The id of the grant or request, as `clv grants` prints it.
        grant: String,
    },
    /// Revoke someone's grant.
    Revoke {
        /// The grant's id.
        grant: String,
        /// Why; the holder reads it.
        #[arg(long)]
        reason: String,
    },
    /// Print AWS credentials with exactly the grant's permissions.
    Creds(credentials::Creds),
    /// Run a command with a grant's credentials in its environment.
    Exec(credentials::Exec),
    /// Run a command with values in its environment or in file descriptors: nothing is written to a disk, and the command
    /// ends with the access.
    Run(Box<run::Run>),
    /// Run a Model Context Protocol (MCP) server for an agent, over standard input and output: the agent requests access and
    /// runs commands with secrets, and never sees a value.
    Mcp(mcp::Mcp),
    /// Print a secret's value.
    Get(value::Get),
    /// Write a new value, read from standard input to the last byte.
    Put(value::Put),
    /// List the keys of a JSON secret with their types; no value is shown.
    Keys(change::Keys),
    /// Change, add or remove keys of a JSON secret; its other characters stay.
    Edit(change::Edit),
    /// Compare two versions of a secret by their keys and types; no value is shown.
    Compare(change::Compare),
    /// Change the tier, key, allowed pattern, policies or value of a parameter.
    Parameter(change::Parameter),
    /// Rotate a secret immediately, with its own rotation function.
    Rotate(value::Rotate),
    /// Create secrets and parameters, and export secrets as code.
    Secret {
        #[command(subcommand)]
        command: secrets::SecretCommand,
    },
    /// Write a profile for the AWS CLI.
    Configure {
        /// The grant's id, as `clv grants` prints it.
        #[arg(long)]
        grant: String,
        /// If the grant needs several sessions: the secret for this profile, by name or ARN.
        #[arg(long)]
        secret: Option<String>,
        /// If the grant covers several Regions: the one for this profile.
        #[arg(long)]
        region: Option<String>,
    },
    /// Find the places of a repository that name secrets and parameters, and secrets for its hard-coded credentials.
    Scan(scan::Scan),
    /// Print the completions of a shell.
    Completions(manual::Completions),
    /// Write the man pages.
    Man(manual::Man),
}

/// Runs the command line.
pub fn main() -> ExitCode {
    // The only TLS provider; a second installation is impossible this early.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let command = Cli::parse().command;
    if matches!(command, Command::Run(_) | Command::Mcp(_)) {
        // Values are in the memory of this program and of its commands, which inherit it.
        let none = Rlimit { current: Some(0), maximum: Some(0) };
        let _ = setrlimit(Resource::Core, none);
    }
    let is_exec = matches!(command, Command::Exec(_) | Command::Run(_));
    // Before the runtime opens files.
    let reserved = match &command {
        Command::Run(run) => run.reserve(),
        _ => Ok(Reserved::default()),
    };
    match reserved.and_then(|reserved| block_on(execute(command, reserved))) {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("clv: {fault}");
            // Other codes are the command's own.
            ExitCode::from(if is_exec { 125 } else { fault.exit_code() })
        }
    }
}

fn block_on(work: impl Future<Output = Result<ExitCode, CliError>>) -> Result<ExitCode, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CliError::file("the runtime", error))?;
    let outcome = runtime.block_on(work);
    // A thread that still reads standard input would hold up the end.
    runtime.shutdown_background();
    outcome
}

async fn execute(command: Command, reserved: Reserved) -> Result<ExitCode, CliError> {
    match command {
        Command::Login { console, ca_bundle } => login::login(console, ca_bundle).await?,
        Command::Logout => credential_store::forget()?,
        Command::Whoami => requests::whoami().await?,
        Command::Search { words } => requests::search(&words).await?,
        Command::Request(request) => requests::request(request).await?,
        Command::Queue => grants::queue().await?,
        Command::Approve { grant, minutes } => {
            grants::decide(&grant, "approve", None, minutes).await?;
        }
        Command::Deny { grant, reason } => {
            grants::decide(&grant, "deny", Some(reason), None).await?;
        }
        Command::Grants => grants::list().await?,
        Command::Claim { grant } => grants::claim(&grant).await?,
        Command::GiveBack { grant } => grants::give_back(&grant).await?,
        Command::Revoke { grant, reason } => grants::revoke(&grant, reason).await?,
        Command::Creds(creds) => credentials::creds(creds).await?,
        Command::Exec(exec) => return credentials::exec(exec).await,
        Command::Run(run) => return run::run(*run, reserved).await,
        Command::Mcp(mcp) => mcp::serve(mcp).await?,
        Command::Get(get) => value::get(get).await?,
        Command::Put(put) => value::put(put).await?,
        Command::Keys(keys) => change::keys(keys).await?,
        Command::Edit(edit) => change::edit(edit).await?,
        Command::Compare(compare) => change::compare(compare).await?,
        Command::Parameter(parameter) => change::parameter(parameter).await?,
        Command::Rotate(rotate) => value::rotate(rotate).await?,
        Command::Secret { command } => secrets::run(command).await?,
        Command::Configure { grant, secret, region } => {
            aws_profile::configure(&grant, secret.as_deref(), region.as_deref()).await?;
        }
        Command::Scan(scan) => scan::scan(scan).await?,
        Command::Completions(completions) => completions.print(Cli::command())?,
        Command::Man(man) => man.write(Cli::command())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Text of somebody else, in which control characters are spaces.
fn without_controls(text: &str) -> impl Iterator<Item = char> {
    text.chars().map(|c| if c.is_control() { ' ' } else { c })
}

/// Writes a line to standard output; a closed pipe ends the program quietly.
fn say(text: impl std::fmt::Display) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}
