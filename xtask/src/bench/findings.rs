//! Evaluations and lists of findings at three sizes, each over a separate database.

use crate::{
    setup::postgres::{Cluster, Durability},
    shell::{self, cargo, root, step},
    stack::{self, Tools},
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{fmt::Write, path::Path, process::Command};

const SIZES: [(&str, usize); 3] = [("10,000", 10_000), ("100,000", 100_000), (LARGEST, 1_000_000)];
/// The size that the limits apply to.
const LARGEST: &str = "1,000,000";

/// The project's limits at a million secrets: milliseconds of any list, and seconds.
const SLOWEST_LIST: f64 = 150.0;
const LONGEST_FIRST: f64 = 40.0;
const LONGEST_AGAIN: f64 = 15.0;
const LONGEST_CHANGED: f64 = 0.5;

/// The example's output.
#[derive(Deserialize)]
struct Figures {
    secrets: usize,
    findings: u64,
    first: f64,
    again: f64,
    unchanged: f64,
    changed: Changed,
    overview: (f64, f64),
    lists: Vec<List>,
    people: People,
    megabytes: Megabytes,
    started: f64,
}

#[derive(Deserialize)]
struct Changed {
    secrets: usize,
    of: usize,
    seconds: f64,
    /// Until the next list contains them.
    seen: f64,
}

#[derive(Deserialize)]
struct List {
    #[serde(rename = "list")]
    name: String,
    matching: u64,
    p50: f64,
    p99: f64,
}

#[derive(Deserialize)]
struct People {
    answers: usize,
    milliseconds: (f64, f64),
}

#[derive(Deserialize)]
struct Megabytes {
    evaluated: f64,
    peak: f64,
    now: f64,
    tables: f64,
}

/// The tables, and the exceeded limits.
pub(super) fn measure(tools: &Tools, folder: &Path) -> Result<(String, Vec<String>)> {
    step("Compiling what measures, optimised (many minutes when cold)", || {
        let build = ["build", "--quiet", "--locked", "--release", "-p", "claviger-services"];
        shell::run(cargo().args(build).args(["--example", "findings"]))
    })?;
    let cluster = Cluster::start(&tools.postgres, &folder.join("findings"), Durability::Kept)?;
    let only = std::env::var("CLAVIGER_BENCH_SECRETS").ok();
    let mut of_sizes = Vec::new();
    for (name, secrets) in SIZES {
        if only.as_ref().is_some_and(|only| *only != secrets.to_string()) {
            continue;
        }
        let database = format!("findings_{secrets}");
        let database = stack::create_database(&tools.postgres, &cluster.url, &database)?;
        let printed = step(&format!("Measuring {name} secrets"), || {
            let mut run = Command::new(root().join("target/release/examples/findings"));
            run.env("DATABASE_URL", &database).env("CLAVIGER_BENCH_SECRETS", secrets.to_string());
            shell::run_quiet(&mut run)
        })?;
        let figures: Figures = serde_json::from_str(printed.trim()).context("no figures")?;
        of_sizes.push((name, figures));
    }
    let beyond = of_sizes.iter().filter(|(name, _)| *name == LARGEST);
    let beyond = beyond.flat_map(|(_, figures)| beyond_bounds(figures)).collect();
    Ok((table(&of_sizes)?, beyond))
}

fn beyond_bounds(figures: &Figures) -> Vec<String> {
    let mut beyond = Vec::new();
    let mut check = |what: &str, elapsed: f64, most: f64, unit: &str| {
        if elapsed > most {
            beyond.push(format!("{what}: {elapsed:.2} {unit}, at most {most}"));
        }
    };
    check("the first evaluation", figures.first, LONGEST_FIRST, "s");
    check("everything again", figures.again, LONGEST_AGAIN, "s");
    check("what changed", figures.changed.seconds, LONGEST_CHANGED, "s");
    for list in &figures.lists {
        check(&list.name, list.p99, SLOWEST_LIST, "ms at the 99th percentile");
    }
    beyond
}

fn table(of_sizes: &[(&str, Figures)]) -> Result<String> {
    let mut report = String::from("\n| evaluation by the policies of the baseline |");
    for (name, figures) in of_sizes {
        write!(report, " {name} secrets, {} findings |", figures.findings)?;
    }
    let mut row = |what: &str, of: &dyn Fn(&Figures) -> String| -> Result<()> {
        write!(report, "\n| {what} |")?;
        for (_, figures) in of_sizes {
            write!(report, " {} |", of(figures))?;
        }
        Ok(())
    };
    // The line below the table's header.
    row("---", &|_| "---".into())?;
    row("the first time, all findings written, seconds", &|f| format!("{:.1}", f.first))?;
    row("all again, nothing comes out differently, seconds", &|f| format!("{:.1}", f.again))?;
    row("again, nothing has changed, seconds", &|f| format!("{:.2}", f.unchanged))?;
    row("changed secrets of one account, seconds", &|f| {
        let Changed { secrets, of, seconds, .. } = &f.changed;
        format!("{seconds:.2} ({secrets} of {of})")
    })?;
    row("then the list that has them, seconds", &|f| format!("{:.2}", f.changed.seen))?;
    row("the start: inventory and findings into memory, seconds", &|f| {
        format!("{:.1}", f.started)
    })?;
    row("overview, milliseconds, p50 and p99", &|f| {
        format!("{:.0}, {:.0}", f.overview.0, f.overview.1)
    })?;
    row("memory of the process: evaluations; with lists, at the end and peak, MB", &|f| {
        let Megabytes { evaluated, now, peak, .. } = &f.megabytes;
        format!("{evaluated:.0}; {now:.0}, {peak:.0}")
    })?;
    row("findings and evaluations in PostgreSQL, MB", &|f| format!("{:.0}", f.megabytes.tables))?;
    report.push_str("\n\n| list of findings, milliseconds of the server, p50 and p99 |");
    for (_, figures) in of_sizes {
        write!(report, " {} secrets |", figures.secrets)?;
    }
    report.push_str(" findings that match in the largest |\n|---|");
    report.push_str(&"---|".repeat(of_sizes.len() + 1));
    let Some((_, largest)) = of_sizes.last() else { return Ok(report) };
    for (at, list) in largest.lists.iter().enumerate() {
        write!(report, "\n| {} |", list.name)?;
        for (_, figures) in of_sizes {
            let List { p50, p99, .. } = &figures.lists[at];
            write!(report, " {p50:.1}, {p99:.1} |")?;
        }
        write!(report, " {} |", list.matching)?;
    }
    report.push_str("\n| 100 people at once, each looks for 3 s at a page |");
    for (_, figures) in of_sizes {
        let (p50, p99) = figures.people.milliseconds;
        write!(report, " {p50:.1}, {p99:.1} |")?;
    }
    writeln!(report, " {} answers |", largest.people.answers)?;
    Ok(report)
}
