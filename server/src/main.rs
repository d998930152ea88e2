//! `claviger`: the web console and its worker, over one PostgreSQL database.

use clap::Parser;
use claviger::cli::Cli;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    // The only TLS provider; a second installation is impossible this early.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match Box::pin(Cli::parse().run()).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("claviger: {error}");
            ExitCode::FAILURE
        }
    }
}
