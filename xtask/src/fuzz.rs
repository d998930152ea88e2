//! `cargo xtask fuzz …`: random input compared with a simple evaluator, bounded in number and time.

use crate::shell::{self, cargo};
use anyhow::Result;
use clap::{Args, ValueEnum};

const DEFAULT_COUNT: u64 = 1_000_000;
const DEFAULT_SEED: u64 = 20_261_124;
const DEFAULT_SECONDS: u64 = 1_800;

/// The subject of the test.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Target {
    /// Whether a policy that allows an outsider ever passes `public-policy`.
    PublicPolicy,
}

#[derive(Args)]
pub struct Options {
    target: Target,
    /// The number of random policies.
    #[arg(long, default_value_t = DEFAULT_COUNT)]
    count: u64,
    /// The same seed gives the same policies.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// The time limit in seconds; the command fails if that is not enough.
    #[arg(long, default_value_t = DEFAULT_SECONDS)]
    seconds: u64,
}

impl Options {
    /// As the command line has it without an option.
    pub fn long() -> Self {
        Self {
            target: Target::PublicPolicy,
            count: DEFAULT_COUNT,
            seed: DEFAULT_SEED,
            seconds: DEFAULT_SECONDS,
        }
    }
}

pub fn run(options: &Options) -> Result<()> {
    let test = match options.target {
        Target::PublicPolicy => "exposure::fuzz::",
    };
    let mut command = cargo();
    command.args(["test", "--locked", "--package", "claviger-policy", "--lib"]);
    // Code that runs a million times is optimized; nothing else is compiled again.
    for package in ["claviger-policy", "claviger-domain", "serde_json", "time"] {
        command.arg("--config").arg(format!("profile.dev.package.{package}.opt-level=3"));
    }
    command
        .args(["--", "--nocapture", test])
        .env("CLAVIGER_FUZZ_POLICIES", options.count.to_string())
        .env("CLAVIGER_FUZZ_SEED", options.seed.to_string())
        .env("CLAVIGER_FUZZ_SECONDS", options.seconds.to_string());
    shell::run(&mut command)
}
