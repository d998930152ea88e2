//! The command line.

use crate::{
    StartError,
    serve::run,
    settings::{LogFormat, Settings},
};
use clap::{Parser, Subcommand};
use claviger_store::Store;
use secrecy::ExposeSecret;
use std::{net::SocketAddr, path::PathBuf};
use tracing_subscriber::EnvFilter;

/// The console that governs the secrets of a whole AWS Organization.
#[derive(Debug, Parser)]
#[command(name = "claviger", version)]
pub struct Cli {
    /// The configuration file; the environment (`CLAVIGER_…`, `DATABASE_URL`) wins over it.
    #[arg(long, env = "CLAVIGER_FILE", global = true)]
    file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console and work off the queue.
    Serve {
        /// Listen here instead of where the configuration says.
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Bring the database schema up to date and end.
    Migrate,
    /// Read the configuration, say what is wrong with it, and end.
    Check,
}

impl Cli {
    pub async fn run(self) -> Result<(), StartError> {
        let mut settings = Settings::load(self.file.as_ref())?;
        match self.command {
            Command::Serve { listen } => {
                log(settings.log_format);
                settings.listen = listen.unwrap_or(settings.listen);
                run(settings).await
            }
            Command::Migrate => {
                let store = Store::connect(settings.database_url.expose_secret(), 2).await?;
                store.migrate().await?;
                Ok(())
            }
            Command::Check => {
                eprintln!("The configuration can be used.");
                Ok(())
            }
        }
    }
}

/// Logs to standard error. `RUST_LOG` narrows or widens; the default keeps libraries quiet.
fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,graphile_worker=warn,aws_config=warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber cannot be there: this is the process's start.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
