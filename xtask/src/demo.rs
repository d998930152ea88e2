//! `cargo xtask demo`: from an empty machine to a running Claviger.

use crate::{
    cores::Cores,
    history,
    process::{catch_signals, ending, free_port, is_free},
    setup::{self, wasm::Toolchain},
    shell::{self, cargo, data, root, step},
    stack::{Purpose, Stack, Tools},
    web,
};
use anyhow::{Result, anyhow, bail};
use clap::Args;
use std::{
    fs,
    process::Command,
    thread::{self, sleep},
    time::{Duration, Instant},
};

const PORT: u16 = 8420;

/// The size of a built clone, in megabytes.
const REQUIRED_DISK_MB: u64 = 5_000;

#[derive(Args)]
pub struct Options {
    /// The port; by default 8420, or a free one if that is taken.
    #[arg(long)]
    port: Option<u16>,
    /// Delete the database of earlier starts.
    #[arg(long)]
    fresh: bool,
}

pub fn run(options: &Options) -> Result<()> {
    let began = Instant::now();
    catch_signals()?;
    let port = port(options.port)?;
    let folder = data().join("demo");
    if options.fresh {
        let _ = fs::remove_dir_all(&folder);
    }
    fs::create_dir_all(&folder)?;
    println!("Setting up (what is there already is left alone)");
    setup::disk::ensure(REQUIRED_DISK_MB)?;
    let toolchain = setup::wasm::ensure()?;
    let tools = Tools::ensure_while(|| build(&toolchain))?;
    println!("Starting");
    let mut stack = step("Database, AWS emulator, identity provider, console", || {
        Stack::start(&tools, &folder, port, &root().join("target/debug/claviger"), Purpose::Demo)
    })?;
    println!(
        "\n  Claviger is at  {}\n\n  Sign in as      Ada Okafor       security admin of the whole Organization\n  \
         \x20               Sam Keller       security admin as well: approves what Ada asks for\n  \
         \x20               Ben Ito          engineer, sees the Payments accounts\n  \
         \x20               Mira Lindqvist   engineer, sees Growth Dev and the Sandbox\n  \
         \x20               Tomás Reyes      approver for Workloads/Production\n  \
         \x20               Inès Moreau      auditor of the whole Organization\n  \
         \x20               Noa Berg         in no group: signs in and sees nothing\n  \
         (no passwords: choose a name)\n\n  The client      target/debug/clv login {}\n  \
         \x20               export AWS_ENDPOINT_URL={} for the plain AWS command line\n\n  Ready after {:.1} s. Logs are in {}. Ctrl-C ends all of it.\n",
        stack.url(),
        stack.url(),
        stack.aws_url(),
        began.elapsed().as_secs_f32(),
        folder.display()
    );
    let (postgres, database) = (tools.postgres.clone(), stack.database.clone());
    thread::spawn(move || history::seed(&postgres, &database, ending));
    while !ending() {
        stack.console.check()?;
        sleep(Duration::from_millis(200));
    }
    println!("\nEnding");
    drop(stack);
    println!("Ended. Nothing is left running.");
    Ok(())
}

fn port(wanted: Option<u16>) -> Result<u16> {
    match wanted {
        Some(port) if is_free(port) => Ok(port),
        Some(port) => {
            bail!("port {port} is in use. Stop what uses it, or choose another with --port")
        }
        None if is_free(PORT) => Ok(PORT),
        None => free_port(),
    }
}

/// Builds the browser's part and the console at the same time: each of them alone leaves a processor idle where its crates
/// wait for one another.
fn build(toolchain: &Toolchain) -> Result<()> {
    let cores = Cores::for_two_builds()?;
    let share = |build: &mut Command| cores.share_with(build);
    thread::scope(|scope| {
        let browser =
            scope.spawn(|| cores.during(|| web::build_beside(toolchain, web::Build::Quick, share)));
        let console = cores.during(|| build_console(share));
        let browser = browser.join().map_err(|_| anyhow!("the browser's build panicked"))?;
        console.and(browser)
    })
}

/// Builds the server and its client.
fn build_console(share: impl FnOnce(&mut Command)) -> Result<()> {
    step("Compiling the console (some minutes when cold)", || {
        let mut build = cargo();
        build.args(["build", "--quiet", "--locked", "-p", "claviger", "-p", "claviger-cli"]);
        share(&mut build);
        shell::run(&mut build)
    })
}
