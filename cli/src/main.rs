//! `clv`: ask for a secret, have it, give it back, from a laptop or a pipeline.

mod api;
mod aws_profile;
mod credentials;
mod fault;
mod grants;
mod keep;
mod login;
mod requests;

use clap::{Parser, Subcommand};
use fault::Fault;
use std::{io::Write, process::ExitCode};
use url::Url;

/// Ask for a secret, use it, give it back.
#[derive(Debug, Parser)]
#[command(name = "clv", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Sign in to a console, by the identity provider's device flow.
    Login {
        /// The console's address, such as `https://claviger.example.com`.
        #[arg(env = "CLV_CONSOLE")]
        console: Url,
    },
    /// Forget the sign-in.
    Logout,
    /// Who is signed in, and what waits.
    Whoami,
    /// Find secrets and parameters.
    Search {
        #[arg(default_value = "")]
        words: String,
    },
    /// Ask for access.
    Request(requests::Request),
    /// What waits for your decision.
    Queue,
    /// Approve a request.
    Approve {
        grant: String,
        /// For less time than was asked for.
        #[arg(long)]
        minutes: Option<u32>,
    },
    /// Deny a request.
    Deny {
        grant: String,
        #[arg(long)]
        reason: String,
    },
    /// Your grants.
    Grants,
    /// Begin a grant's time.
    Claim { grant: String },
    /// Give a grant back, or withdraw a request.
    GiveBack { grant: String },
    /// Revoke somebody's grant.
    Revoke {
        grant: String,
        #[arg(long)]
        reason: String,
    },
    /// Print AWS credentials that can do what the grant says, and nothing else.
    Creds(credentials::Creds),
    /// Run a command with a grant's credentials in its environment.
    Exec(credentials::Exec),
    /// Print a secret's value.
    Get(credentials::Get),
    /// Write a new value, read from standard input.
    Put(credentials::Put),
    /// Write a profile for the AWS command line.
    Configure {
        #[arg(long)]
        grant: String,
        /// Where the grant needs several sessions: the secret this profile is for.
        #[arg(long)]
        secret: Option<String>,
    },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // The one TLS provider; a second installation cannot happen this early.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(fault) => {
            eprintln!("clv: {fault}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<ExitCode, Fault> {
    match command {
        Command::Login { console } => login::login(console).await?,
        Command::Logout => keep::forget()?,
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
        Command::Claim { grant } => grants::step(&grant, "claim", "Claimed").await?,
        Command::GiveBack { grant } => grants::step(&grant, "give-back", "Given back").await?,
        Command::Revoke { grant, reason } => grants::revoke(&grant, reason).await?,
        Command::Creds(creds) => credentials::creds(creds).await?,
        Command::Exec(exec) => return credentials::exec(exec).await,
        Command::Get(get) => credentials::get(get).await?,
        Command::Put(put) => credentials::put(put).await?,
        Command::Configure { grant, secret } => {
            aws_profile::configure(&grant, secret.as_deref())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a line to standard output; a closed pipe ends the program quietly.
fn say(text: impl std::fmt::Display) {
    if writeln!(std::io::stdout(), "{text}").is_err() {
        std::process::exit(0);
    }
}
