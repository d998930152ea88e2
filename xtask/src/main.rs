//! Set-up, demo, tests, benchmarks: `cargo xtask …`.

mod bench;
mod demo;
mod fuzz;
mod process;
mod rust_tests;
mod setup;
mod shell;
mod sqlx;
mod stack;
mod test;
mod web;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Set-up, demo, tests, benchmarks")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything up on loopback: database, AWS emulator with a seeded Organization, identity provider, console.
    Demo(demo::Options),
    /// Formatting, lints, unit, database, emulator and browser tests.
    Test(test::Options),
    /// Measure, and write docs/benchmarks.md.
    Bench {
        /// Measure one part, and print it.
        #[arg(long)]
        only: Option<bench::Part>,
    },
    /// Random input against a plain evaluator, bounded in number and time.
    Fuzz(fuzz::Options),
    /// Check the store's queries against a migrated database, and rewrite crates/store/.sqlx.
    Sqlx,
    /// Build the browser's part alone.
    Web,
}

fn main() -> ExitCode {
    let done: Result<()> = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench { only } => bench::run(only),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Sqlx => sqlx::rewrite(),
        Command::Web => setup::wasm::ensure().and_then(|toolchain| {
            setup::node::ensure()?;
            web::build(&toolchain, web::Build::Small)
        }),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nCannot go on: {error:#}");
            ExitCode::FAILURE
        }
    }
}
