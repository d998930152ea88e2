//! `cargo xtask bench`: measures on this machine, on loopback, with a bounded number of requests, and writes the results
//! between the marks in docs/benchmarks.md. It measures; it does not assess.

mod c7n;
mod engines;
mod findings;
mod idle;
mod inventory;

use crate::{
    person::{get, sign_in},
    process::{catch_signals, free_port},
    setup::{
        self,
        postgres::{Cluster, Durability},
    },
    shell::{self, cargo, data, root, step},
    stack::{self, Purpose, Stack, Tools},
    web,
};
use anyhow::{Context, Result, bail};
use std::{
    fmt::Write,
    fs,
    path::PathBuf,
    thread::sleep,
    time::{Duration, Instant},
};

const MARK: &str = "<!-- measured -->";
const REQUESTS: usize = 300;
const WARM_UP: usize = 30;
const TOGETHER: usize = 8;
const MODEL_STEPS: u32 = 1_000_000;

/// Parts that can be measured separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Part {
    Pages,
    Access,
    /// Evaluations and the lists of findings, up to a million secrets.
    Findings,
    /// Comparison with Cloud Custodian's c7n-org.
    #[value(name = "c7n", alias = "custodian")]
    C7n,
    Inventory,
    /// PostgreSQL, Tantivy and `DuckDB` with the inventory's queries. Only on request.
    Engines,
    /// The load of an idle server, with one and with two replicas.
    Idle,
}

/// Measures everything and writes the results, or measures one part and prints it.
pub fn run(only: Option<Part>) -> Result<()> {
    catch_signals()?;
    let tools = Tools::ensure()?;
    let folder = data().join("bench");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder)?;
    let mut report = String::new();
    let mut beyond = Vec::new();
    let asked = |part: Part| only.is_none_or(|only| only == part);
    if asked(Part::Pages) {
        console(&tools, &folder, &mut report)?;
    }
    if asked(Part::Access) {
        access(&tools, &folder, &mut report)?;
    }
    if asked(Part::Findings) {
        let (table, slower) = findings::measure(&tools, &folder)?;
        report.push_str(&table);
        beyond.extend(slower);
    }
    if asked(Part::C7n) {
        let (tables, unexplained) = c7n::compare(&tools, &folder)?;
        report.push_str(&tables);
        if unexplained > 0 {
            beyond.push(format!(
                "c7n-org and Claviger differ in {unexplained} ways that nothing explains"
            ));
        }
    }
    if asked(Part::Inventory) {
        report.push_str(&inventory::measure(&tools, &folder)?);
    }
    // They are not part of the product, and take long.
    if only == Some(Part::Engines) {
        report.push_str(&engines::measure(&tools, &folder)?);
    }
    if asked(Part::Idle) {
        let (table, too_much) = idle::measure(&tools, &folder)?;
        report.push_str(&table);
        if too_much {
            beyond.push(format!(
                "an idle console: more than {} % of a core or {} transactions a second",
                idle::MOST_OF_A_CORE,
                idle::MOST_TRANSACTIONS
            ));
        }
    }
    println!("{report}");
    if only.is_none() {
        write(MARK, &report)?;
    }
    if !beyond.is_empty() {
        bail!("measured, and not as it has to be: {}", beyond.join("; "));
    }
    Ok(())
}

/// Builds the measuring programs together with the load simulator: with one command, so that shared code is compiled once.
fn build_with_simulator(example: &str) -> Result<()> {
    shell::run(
        cargo()
            .args(["build", "--quiet", "--locked", "--release"])
            .args(["-p", "claviger-testkit", "-p", "claviger-services"])
            .args(["--example", "simulator", "--example", example]),
    )
}

/// The server over the demo Organization.
fn console(tools: &Tools, folder: &std::path::Path, report: &mut String) -> Result<()> {
    web::build(&setup::wasm::ensure()?, web::Build::Small)?;
    let binary = build()?;
    let stack = Stack::start(tools, folder, free_port()?, &binary, Purpose::Benchmark)?;
    first_scan(tools, &stack, report)?;
    let idle = memory(stack.console.pid(), "VmRSS")?;
    pages(&stack, report)?;
    let _ = writeln!(
        report,
        "\n| memory of the server | MB |\n|---|---|\n| idle, after the first sweep | {idle:.0} |\n| peak, after all of this | {:.0} |",
        memory(stack.console.pid(), "VmHWM")?
    );
    let sizes = web::sizes()?;
    let _ = writeln!(
        report,
        "\n| what the browser loads, by brotli | KB |\n|---|---|\n| every page: module | {:.1} |\n| where an island is: WebAssembly | {} |\n| its loader | {} |\n| style sheet | {} |",
        f64::from(u32::try_from(sizes.module)?) / 1000.0,
        sizes.islands / 1000,
        sizes.islands_script / 1000,
        sizes.style / 1000
    );
    Ok(())
}

/// The server as it would be installed.
pub fn build() -> Result<PathBuf> {
    step("Compiling the console, optimised (many minutes when cold)", || {
        shell::run(cargo().args(["build", "--quiet", "--locked", "--release", "-p", "claviger"]))?;
        Ok(root().join("target/release/claviger"))
    })
}

/// Sessions, queues and the audit log with AWS in memory; and the state machine's model, a million steps.
fn access(tools: &Tools, folder: &std::path::Path, report: &mut String) -> Result<()> {
    let cluster = Cluster::start(&tools.postgres, &folder.join("access"), Durability::Kept)?;
    let database = stack::create_database(&tools.postgres, &cluster.url, "access")?;
    let table = step("Measuring just-in-time access", || {
        shell::run_quiet(
            cargo()
                .args(["run", "--quiet", "--locked", "--release", "-p", "claviger-services"])
                .args(["--example", "access"])
                .env("DATABASE_URL", &database),
        )
    })?;
    report.push_str(&table);
    let began = Instant::now();
    step("A million random steps through the state machine of grants", || {
        shell::run_quiet(
            cargo()
                .args(["test", "--quiet", "--locked", "--release", "-p", "claviger-domain"])
                .args(["--test", "grant_model"])
                .env("CLAVIGER_MODEL_STEPS", MODEL_STEPS.to_string()),
        )
    })?;
    let _ = writeln!(
        report,
        "\n| the state machine's model | |\n|---|---|\n| random steps, every rule held | {MODEL_STEPS} |\n| seconds, compilation included | {:.0} |",
        began.elapsed().as_secs_f32()
    );
    Ok(())
}

fn first_scan(tools: &Tools, stack: &Stack, report: &mut String) -> Result<()> {
    let ask = |sql: &str| {
        shell::run_quiet(std::process::Command::new(tools.postgres.join("psql")).args([
            "-XAtc",
            sql,
            &stack.database,
        ]))
    };
    let began = Instant::now();
    while ask("select count(*) from sweep where finished_at is not null")?.trim() != "1" {
        if began.elapsed() > Duration::from_mins(2) {
            bail!("the first sweep did not end within two minutes");
        }
        sleep(Duration::from_millis(100));
    }
    let one = |sql: &str| -> Result<String> { Ok(ask(sql)?.trim().to_owned()) };
    let _ = writeln!(
        report,
        "| the first sweep of the demo Organization | |\n|---|---|\n| seconds | {} |\n| secrets and parameters found | {} |\n\
         | scans (account and Region), of which read whole | {}, {} |\n| calls of the inventory APIs (lists, tags) | {} |",
        one("select round(extract(epoch from finished_at - started_at)::numeric, 1) from sweep")?,
        one("select count(*) from resource")?,
        one("select count(*) from scan")?,
        one("select count(*) from scan where status = 'complete'")?,
        one("select sum(api_calls) from scan")?,
    );
    Ok(())
}

fn pages(stack: &Stack, report: &mut String) -> Result<()> {
    let agent = sign_in(&stack.url(), "ada", "Ada Okafor")?;
    let detail = {
        let list = get(&agent, &format!("{}/inventory?kind=secret", stack.url()))?;
        let at = list.find("href=\"/inventory/").context("no row in the inventory")? + 6;
        list[at..].split('"').next().context("a link without its end")?.to_owned()
    };
    let paths = [
        ("inventory", "/inventory".to_owned()),
        (
            "inventory, two filters and a word",
            "/inventory?q=api&kind=secret&rotation=off&rotation=overdue".to_owned(),
        ),
        ("inventory, by last change", "/inventory?sort=changed&dir=desc".to_owned()),
        ("a secret", detail),
        ("accounts", "/accounts".to_owned()),
        ("an account", "/accounts/441205839201".to_owned()),
    ];
    let _ = writeln!(
        report,
        "\n| page, whole answer on loopback, milliseconds | p50 | p99 | p99 with {TOGETHER} at a time |\n|---|---|---|---|"
    );
    for (name, path) in paths {
        let url = format!("{}{path}", stack.url());
        measure(&agent, &url, WARM_UP)?;
        let alone = measure(&agent, &url, REQUESTS)?;
        let together: Vec<Duration> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..TOGETHER)
                .map(|_| scope.spawn(|| measure(&agent.clone(), &url, REQUESTS / TOGETHER)))
                .collect();
            handles
                .into_iter()
                .filter_map(|handle| handle.join().ok())
                .flatten()
                .flatten()
                .collect()
        });
        let ms = |d: Duration| d.as_secs_f64() * 1000.0;
        let _ = writeln!(
            report,
            "| {name} | {:.1} | {:.1} | {:.1} |",
            ms(quantile(alone.clone(), 50)),
            ms(quantile(alone, 99)),
            ms(quantile(together, 99))
        );
    }
    Ok(())
}

fn measure(agent: &ureq::Agent, url: &str, count: usize) -> Result<Vec<Duration>> {
    (0..count)
        .map(|_| {
            let began = Instant::now();
            get(agent, url)?;
            Ok(began.elapsed())
        })
        .collect()
}

fn quantile(mut times: Vec<Duration>, percent: usize) -> Duration {
    times.sort();
    times
        .get((times.len() * percent / 100).min(times.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

/// A memory figure of the process in megabytes.
fn memory(pid: u32, field: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let kilobytes = status
        .lines()
        .find_map(|line| {
            line.strip_prefix(field)?
                .trim_start_matches(':')
                .split_whitespace()
                .next()?
                .parse::<f64>()
                .ok()
        })
        .context("no such figure")?;
    Ok(kilobytes / 1000.0)
}

/// Writes the report into docs/benchmarks.md, between the two lines `mark`.
pub fn write(mark: &str, report: &str) -> Result<()> {
    let file = root().join("docs/benchmarks.md");
    let text = fs::read_to_string(&file)?;
    let parts: Vec<&str> = text.split(mark).collect();
    let [before, _, after] = parts[..] else { bail!("docs/benchmarks.md needs two lines {mark}") };
    fs::write(file, format!("{before}{mark}\n\n{report}\n{mark}{after}"))?;
    Ok(())
}
