//! The command line.

use crate::{
    StartError, check, database,
    heads::read_heads,
    health_check::Health,
    incident::RevokeAll,
    manual::{Completions, Man},
    policy::{self, PolicyCommand},
    scan::{self, ScanCommand},
    serve::{end_asked_for, run},
    settings::{DatabaseSettings, LogFormat, Settings},
    traces::Traces,
};
use clap::{CommandFactory, Parser, Subcommand};
use claviger_store::Store;
use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// The text after the help.
const EXIT_CODES: &str = "\
Exit codes:
  0    succeeded
  1    failed: the error says why, and what to do
  2    the command line is invalid
  scan has its own: see claviger scan --help.";

/// Secrets governance and just-in-time access for a whole AWS Organization.
#[derive(Debug, Parser)]
#[command(name = "claviger", version, after_help = EXIT_CODES)]
pub struct Cli {
    /// The configuration file; the environment (`CLAVIGER_…`, `DATABASE_URL`) takes precedence.
    // clap copies a global option to an argument of the same id in a subcommand, and back: `file` would be the file of
    // `policy import`.
    #[arg(
        id = "configuration",
        long = "file",
        value_name = "FILE",
        env = "CLAVIGER_FILE",
        global = true
    )]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the web console and run the queue's jobs.
    Serve {
        /// Listen here instead of the configured address.
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Update the database schema and exit. Run it as the role that owns the schema; it needs no setting but the
    /// database's URL.
    Migrate {
        /// Grant this role what Claviger needs: it reads and writes the tables, adds to the audit log, and owns nothing.
        #[arg(long, value_name = "ROLE")]
        grant_to: Vec<String>,
    },
    /// Check the configuration as `serve` does, report errors, and exit.
    Check {
        /// Also test what the configuration names: the database, the identity provider, AWS, email and webhooks. It changes
        /// nothing and sends nothing.
        #[arg(long)]
        online: bool,
        /// Test the roles in so many member accounts, spread over the Organization. Default: in all.
        #[arg(long, value_name = "NUMBER", requires = "online")]
        accounts: Option<NonZeroUsize>,
    },
    /// Scan one AWS account with the credentials at hand, and evaluate its secrets and parameters. It needs no database, no
    /// roles and no configuration, and never reads a value.
    #[command(after_help = scan::EXIT_CODES)]
    Scan(Box<ScanCommand>),
    /// Ask a running server whether it is ready, and fail if it is not: the health check of containers.
    Health(Health),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Write the man pages.
    Man(Man),
    /// The audit log.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// The access policy.
    #[command(subcommand)]
    Access(AccessCommand),
    /// The policies for secrets and parameters.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// End every session of every grant now, pause all access, and wait until AWS confirms each. Access stays paused until
    /// a security admin of the whole Organization resumes it in the console. Run it again at any time.
    RevokeAll(RevokeAll),
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
    /// Verify the whole chain, and fail if it is broken.
    Verify {
        /// A head noted earlier, as this command prints it: an entry of the chain must have this hash.
        #[arg(long)]
        head: Option<String>,
        /// A file with published heads: `audit_head_file`, the server's log, or bodies of the event webhook.
        /// Each must be in the chain, at its entry.
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
enum AccessCommand {
    /// Test the policies and rules with a table of cases.
    Test {
        /// The table: a TOML file of `[[case]]` entries.
        cases: PathBuf,
        /// The Cedar policies.
        #[arg(long)]
        policies: PathBuf,
        /// The approval rules.
        #[arg(long)]
        rules: PathBuf,
    },
    /// Print the Cedar schema.
    Schema,
}

impl Cli {
    /// The exit code of a command that came to its end; only `scan` has several.
    pub async fn run(self) -> Result<ExitCode, StartError> {
        match self.command {
            Command::Scan(command) => {
                log_if_asked();
                Ok(Box::pin(command.run()).await)
            }
            command => {
                let other = Self { command, ..self };
                Box::pin(other.run_other()).await.map(|()| ExitCode::SUCCESS)
            }
        }
    }

    async fn run_other(self) -> Result<(), StartError> {
        // These commands need no server configuration.
        match self.command {
            Command::Health(health) => return health.ask(self.file.as_deref()).await,
            Command::Completions(completions) => return completions.print(Self::command()),
            Command::Man(man) => return man.write(Self::command()),
            Command::Access(command) => return command.run(),
            Command::Policy(PolicyCommand::Schema) => return policy::schema(),
            Command::Policy(PolicyCommand::Diff(diff)) => return diff.print(),
            Command::Policy(PolicyCommand::Validate { file }) => return policy::validate(&file),
            Command::Policy(PolicyCommand::Test { cases, policies, pack }) => {
                return policy::test(&cases, policies.as_deref(), pack.as_deref());
            }
            _ => {}
        }
        if let Command::Migrate { grant_to } = &self.command {
            return migrate(self.file.as_ref(), grant_to).await;
        }
        let loading = Settings::load(self.file.as_ref());
        let mut settings = match self.command {
            // The first process of a container has no default action for signals, and AWS may be slow.
            Command::Serve { .. } => tokio::select! {
                loaded = loading => loaded?,
                () = end_asked_for() => return Ok(()),
            },
            _ => loading.await?,
        };
        match self.command {
            Command::Serve { listen } => {
                let traces = Traces::new(&settings)?;
                log(settings.log_format, traces.as_ref());
                settings.listen = listen.unwrap_or(settings.listen);
                let ended = run(settings).await;
                if let Some(traces) = traces {
                    traces.end().await;
                }
                ended
            }
            // Done above.
            Command::Migrate { .. }
            | Command::Scan(_)
            | Command::Health(_)
            | Command::Completions(_)
            | Command::Man(_) => Ok(()),
            Command::Audit(AuditCommand::Verify { head, heads }) => {
                let store = database::connect(&settings.database(), 2).await?;
                verify(&store, head.as_deref(), heads.as_deref()).await
            }
            Command::Access(command) => command.run(),
            Command::Policy(command) => policy::run(command, &settings).await,
            Command::RevokeAll(command) => {
                log(settings.log_format, None);
                Box::pin(command.run(&settings)).await
            }
            Command::Check { online, accounts } => {
                Box::pin(check::run(&settings, online, accounts)).await
            }
        }
    }
}

async fn migrate(file: Option<&PathBuf>, roles: &[String]) -> Result<(), StartError> {
    let store = database::connect(&DatabaseSettings::load(file).await?, 2).await?;
    store.migrate().await?;
    store.renew_grants().await?;
    for role in roles {
        store
            .grant_to(role)
            .await
            .map_err(|error| StartError::Grant { role: role.clone(), reason: error.to_string() })?;
    }
    Ok(())
}

async fn verify(store: &Store, head: Option<&str>, heads: Option<&Path>) -> Result<(), StartError> {
    let report = store.audit().verify_chain().await?;
    if let Some(fault) = &report.fault {
        return Err(StartError::Audit(fault.to_string()));
    }
    if let Some(head) = head
        && !store.audit().chain_has(head).await?
    {
        return Err(StartError::Audit(format!("no entry has the hash {head}: the end is cut off")));
    }
    eprintln!("{report}");
    if let Some(file) = heads {
        let text = std::fs::read_to_string(file)
            .map_err(|error| StartError::Settings(format!("{}: {error}", file.display())))?;
        let (read, newest) = verify_heads(store, &text, report.entries).await?;
        if read == 0 {
            return Err(StartError::Settings(format!(
                "{} has no head of the audit log",
                file.display()
            )));
        }
        eprintln!("{read} published heads, the newest of entry {newest}: all are in the chain.");
    }
    Ok(())
}

/// Compares published heads with the chain. Returns the number of heads and the latest one's entry.
async fn verify_heads(store: &Store, text: &str, entries: i64) -> Result<(usize, i64), StartError> {
    let published = read_heads(text).map_err(StartError::Settings)?;
    let numbers: Vec<i64> = published.keys().copied().collect();
    let found = store.audit().chain_hashes(&numbers).await?;
    for (seq, heads) in &published {
        for head in heads {
            match found.get(seq) {
                Some(hash) if hash == head => {}
                Some(_) => {
                    return Err(StartError::Audit(format!(
                        "entry {seq} was published with the hash {head}, and has another: the chain was rewritten"
                    )));
                }
                None => {
                    return Err(StartError::Audit(format!(
                        "entry {seq} was published with the hash {head}, and the chain ends with entry {entries}: the end \
                         is cut off"
                    )));
                }
            }
        }
    }
    let newest = published.last_key_value().map_or(0, |(seq, _)| *seq);
    Ok((published.values().map(Vec::len).sum(), newest))
}

impl AccessCommand {
    fn run(self) -> Result<(), StartError> {
        let (cases, policies, rules) = match self {
            Self::Schema => {
                use std::io::Write;
                std::io::stdout().write_all(claviger_policy::SCHEMA.as_bytes())?;
                return Ok(());
            }
            Self::Test { cases, policies, rules } => (cases, policies, rules),
        };
        let read = |file: &PathBuf| {
            std::fs::read_to_string(file)
                .map_err(|error| StartError::Settings(format!("{}: {error}", file.display())))
        };
        let policy = claviger_policy::AccessPolicy::read(&read(&policies)?, &read(&rules)?)
            .map_err(|fault| StartError::Settings(fault.to_string()))?;
        let cases = claviger_policy::read_cases(&read(&cases)?)
            .map_err(|error| StartError::Settings(error.to_string()))?;
        let faults = claviger_policy::run_cases(&policy, &cases);
        for fault in &faults {
            eprintln!("{fault}");
        }
        eprintln!("{} of {} cases as expected", cases.len() - faults.len(), cases.len());
        if faults.is_empty() { Ok(()) } else { Err(StartError::Cases(faults.len())) }
    }
}

/// The worker logs each failure of a job itself, in one line with the request's id. The queue library's line is a dump of
/// the error with the job's payload.
const DEFAULT_FILTER: &str = "info,sqlx=warn,graphile_worker=warn,graphile_worker::runner::release::failure=off,aws_config=warn";

/// A command that a person runs logs only if `RUST_LOG` is set.
fn log_if_asked() {
    if let Ok(filter) = EnvFilter::try_from_default_env() {
        // A second subscriber is impossible: the process has just started.
        let _ = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .try_init();
    }
}

/// Logs to standard error, and exports spans if a collector is configured. `RUST_LOG` sets the log's filter; the default silences
/// libraries.
fn log(format: LogFormat, traces: Option<&Traces>) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Text => lines.with_ansi(false).boxed(),
        LogFormat::Json => lines.json().boxed(),
    };
    let subscriber = tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(traces.map(Traces::layer));
    // A second subscriber is impossible: the process has just started.
    let _ = subscriber.try_init();
}

#[cfg(test)]
mod tests;
