//! `cargo xtask test`: all checks, and at the end a list of what ran and what failed.

use crate::{
    compiler::Compiler,
    export, history, infra, module,
    process::{catch_signals, ending, free_port},
    recipes, rollout, rust_tests, setup,
    shell::{self, cargo, data, root, which},
    sqlx,
    stack::{Purpose, Stack, Tools},
    web,
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    cell::Cell,
    fs,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Megabytes that a clean clone comes to hold.
const REQUIRED_DISK_MB: u64 = 9_000;

/// Steps that run only when they are named, and in `cargo xtask verify`.
const ON_REQUEST: &[&str] = &["export", "recipes"];

#[derive(Args)]
pub struct Options {
    /// Only the steps whose name contains this: formatting, lints, types, licences, rust, infra, rollout, web, browser. These run
    /// only so: export, recipes.
    #[arg(long)]
    only: Option<String>,
    /// Passed to the browser tests, such as a file's name.
    #[arg(last = true)]
    browser: Vec<String>,
}

/// How a step ended.
pub struct StepResult {
    pub name: &'static str,
    pub elapsed: Duration,
    /// Why it failed.
    pub fault: Option<String>,
}

/// Which steps run.
enum Chosen<'a> {
    /// Those that decide whether a change may land.
    Usual,
    /// Those whose name contains this.
    Named(&'a str),
    /// Those that a usual run leaves out.
    OnRequest,
}

impl Chosen<'_> {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::Usual => !ON_REQUEST.contains(&name),
            Self::Named(part) => name.contains(part),
            Self::OnRequest => ON_REQUEST.contains(&name),
        }
    }
}

pub fn run(options: &Options) -> Result<()> {
    let chosen = options.only.as_deref().map_or(Chosen::Usual, Chosen::Named);
    run_steps(&chosen, &options.browser)
}

/// The steps that a usual run leaves out. Each runs, whether the one before it failed or not.
pub fn run_on_request() -> Result<()> {
    run_steps(&Chosen::OnRequest, &[])
}

/// `browser` is passed to the browser tests.
fn run_steps(chosen: &Chosen<'_>, browser: &[String]) -> Result<()> {
    catch_signals()?;
    println!("Setting up (what is there already is left alone)");
    setup::disk::ensure(REQUIRED_DISK_MB)?;
    let tools = Tools::ensure()?;
    let toolchain = setup::wasm::ensure()?;
    let chromium = setup::chromium::ensure()?;
    let folder = data().join("test");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;

    let mut done: Vec<StepResult> = Vec::new();
    let wanted = |name: &str| !ending() && chosen.has(name);
    let mut step = |name: &'static str, work: &dyn Fn() -> Result<()>| {
        if !wanted(name) {
            return;
        }
        println!("\n== {name} ==");
        let began = Instant::now();
        let fault = work().err().map(|error| format!("{error:#}"));
        if let Some(fault) = &fault {
            eprintln!("{fault}");
        }
        done.push(StepResult { name, elapsed: began.elapsed(), fault });
    };
    step("formatting", &|| shell::run(cargo().args(["fmt", "--all", "--check"])));
    // The tools for infra use one core, and the last crates of a build leave one idle.
    let infra = wanted("infra").then(|| thread::spawn(|| infra::check(false)));
    // A whole run compiles once, with the lints; what they refuse can be tested all the same.
    let is_whole = matches!(chosen, Chosen::Usual);
    let compiler = Cell::new(Compiler::Rustc);
    step("lints", &|| {
        if is_whole {
            rust_tests::lint(&tools.postgres)?;
            compiler.set(Compiler::Clippy);
            return Ok(());
        }
        let mut clippy = cargo();
        clippy.args(["clippy", "--quiet", "--locked", "--workspace", "--all-targets"]);
        clippy.args(["--", "-D", "warnings"]);
        sqlx::lint(&tools.postgres, &mut clippy)
    });
    step("types of the module", &|| module::check(&tools.node));
    step("licences and bans", &|| {
        if which(&["cargo-deny"]).is_none() {
            println!(
                "cargo-deny is not installed (cargo install --locked cargo-deny): deny.toml was not held against the tree"
            );
            return Ok(());
        }
        shell::run(cargo().args([
            "deny",
            "--log-level",
            "error",
            "check",
            "bans",
            "licenses",
            "sources",
        ]))
    });
    step("rust tests", &|| rust_tests::run(compiler.get(), &tools, &folder.join("rust")));
    if let Some(parts) = infra.map(JoinHandle::join) {
        step("infra", &|| match &parts {
            Ok(parts) => infra::close(parts),
            Err(_) => bail!("the check panicked"),
        });
    }
    // The last part of the web build uses one core, and the rollout waits for most of its time.
    let web = wanted("web build")
        .then(|| thread::spawn(move || web::build(&toolchain, web::Build::Small)));
    step("rollout", &|| {
        rollout::run(&tools, &folder.join("rollout"), &tested_console(compiler.get())?)
    });
    if let Some(built) = web.map(JoinHandle::join) {
        let built = Cell::new(Some(built));
        step("web build", &|| match built.take() {
            Some(Ok(built)) => built,
            _ => bail!("the web build panicked"),
        });
    }
    step("export", &|| {
        export::run(&tools, &folder.join("export"), &tested_console(compiler.get())?)
    });
    step("recipes", &|| recipes::prove(&tools, &folder.join("recipes")));
    step("browser tests", &|| {
        let binary = tested_console(compiler.get())?;
        let stack =
            Stack::start(&tools, &folder.join("browser"), free_port()?, &binary, Purpose::Tests)?;
        browser_tests(&tools, &stack, &chromium, browser)
    });
    close(&done)
}

/// The server and its client with the features of the Rust tests, so that nothing is compiled twice.
fn tested_console(compiler: Compiler) -> Result<PathBuf> {
    shell::step("Compiling the console (some minutes when cold)", || {
        let mut build = compiler.cargo()?;
        build.args(["build", "--quiet", "--locked", "--workspace", "--exclude", "xtask"]);
        shell::run(build.args(["--bins", "--tests"]))?;
        Ok(root().join("target/debug/claviger"))
    })
}

/// Runs Playwright against the running stack; then searches the logs for panics and for the canary.
fn browser_tests(
    tools: &Tools,
    stack: &Stack,
    chromium: &std::path::Path,
    arguments: &[String],
) -> Result<()> {
    let mut playwright = Command::new(&tools.node);
    playwright
        .arg(root().join("node_modules/@playwright/test/cli.js"))
        .args(["test", "--config", "e2e/playwright.config.js"])
        .args(arguments)
        .current_dir(root())
        .env("CLAVIGER_URL", stack.url())
        .env("CLAVIGER_CHROMIUM", chromium)
        .env("CLAVIGER_CANARY", &stack.canary)
        .env("CLAVIGER_PSQL", tools.postgres.join("psql"))
        .env("CLAVIGER_DATABASE", &stack.database)
        .env("CLAVIGER_CLV", root().join("target/debug/clv"))
        .env("CLAVIGER_AWS", tools.python.join("aws"))
        .env("CLAVIGER_AWS_ENDPOINT", stack.aws_url());
    let is_over = AtomicBool::new(false);
    let tested = thread::scope(|scope| {
        scope.spawn(|| {
            history::seed(&tools.postgres, &stack.database, || {
                ending() || is_over.load(Ordering::Relaxed)
            });
        });
        let tested = shell::run(&mut playwright);
        is_over.store(true, Ordering::Relaxed);
        tested
    });
    let log = fs::read_to_string(&stack.log)?;
    if let Some(panicked) = panicked(&log) {
        bail!("the console panicked: {panicked}");
    }
    tested?;
    canary(tools, stack, &log)
}

/// The first panic in the log, with the message below its place.
fn panicked(log: &str) -> Option<String> {
    let mut lines = log.lines().skip_while(|line| !line.contains("panicked"));
    let first = lines.next()?;
    Some(std::iter::once(first).chain(lines.take(4)).collect::<Vec<_>>().join("\n"))
}

/// No seeded value may occur in any table or log.
fn canary(tools: &Tools, stack: &Stack, log: &str) -> Result<()> {
    if log.contains(&stack.canary) {
        bail!("a secret's value is in the console's log");
    }
    let dump = Command::new(tools.postgres.join("pg_dump"))
        .args(["--data-only", "--inserts", &stack.database])
        .output()
        .context("pg_dump cannot be started")?;
    if !dump.status.success() {
        bail!("pg_dump failed: {}", String::from_utf8_lossy(&dump.stderr));
    }
    let dump = String::from_utf8_lossy(&dump.stdout);
    if !dump.contains("INTO public.resource") {
        bail!("the dump holds no inventory: the canary test would prove nothing");
    }
    if dump.contains(&stack.canary) {
        bail!("a secret's value is in the database");
    }
    println!("No value in any table or log.");
    Ok(())
}

/// Prints what ran; an error if a step failed.
pub fn close(done: &[StepResult]) -> Result<()> {
    println!("\n== what ran ==");
    for step in done {
        let word = if step.fault.is_some() { "FAILED" } else { "passed" };
        println!("{word:>8}  {:<16} {:>6.1} s", step.name, step.elapsed.as_secs_f32());
    }
    let failed = done.iter().filter(|step| step.fault.is_some()).count();
    println!("steps: {} passed, {failed} failed", done.len() - failed);
    if ending() {
        bail!("stopped before the end");
    }
    if failed > 0 {
        bail!("{failed} of {} steps failed", done.len());
    }
    Ok(())
}
