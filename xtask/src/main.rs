//! Setup, demo, tests, benchmarks: `cargo xtask …`.

mod bench;
mod compiler;
mod cores;
mod demo;
mod export;
mod functions;
mod fuzz;
mod history;
mod image;
mod infra;
mod laptop;
mod module;
mod person;
mod process;
mod recipes;
mod release;
mod rollout;
mod rust_tests;
mod setup;
mod shell;
mod sqlx;
mod stack;
mod test;
mod verify;
mod web;
mod weight;

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
    /// Start everything on loopback: database, AWS emulator with a sample Organization, identity provider, console.
    Demo(demo::Options),
    /// Formatting, lints, unit, database, emulator and browser tests.
    Test(test::Options),
    /// Measure everything, and write docs/benchmarks.md.
    Bench {
        /// Measure one part, and print it.
        #[arg(long)]
        only: Option<bench::Part>,
    },
    /// Build the rotation functions for AWS Lambda, and pack them.
    Functions(functions::Options),
    /// Compare random input with a simple evaluator, bounded in number and time.
    Fuzz(fuzz::Options),
    /// Render infra/policies, infra/cloudformation and the Terraform module's policies from the table of permissions.
    Infra(infra::Options),
    /// Build the image, and with --check start and stop it.
    Image(image::Options),
    /// Make the archives of a release, with checksums.
    Release(release::Options),
    /// What does not decide whether a change may land: the image, the long fuzzing, the weight of pages, the benchmarks.
    Verify(verify::Options),
    /// Check the store's queries against a migrated database, and rewrite crates/store/.sqlx.
    Sqlx,
    /// Build only the browser's part.
    Web,
}

fn main() -> ExitCode {
    let done: Result<()> = match Cli::parse().command {
        Command::Demo(options) => demo::run(&options),
        Command::Test(options) => test::run(&options),
        Command::Bench { only } => bench::run(only),
        Command::Functions(options) => functions::run_with(&options),
        Command::Fuzz(options) => fuzz::run(&options),
        Command::Infra(options) => infra::run_with(&options),
        Command::Image(options) => image::run(&options),
        Command::Release(options) => release::run(&options),
        Command::Verify(options) => verify::run(&options),
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
