//! The load of the server and PostgreSQL while nobody does anything: processor time from /proc, transactions from
//! `pg_stat_database`.

use super::build;
use crate::{
    process::{ending, free_port},
    setup,
    shell::{run_quiet, step},
    stack::{Purpose, Stack, Tools},
    web,
};
use anyhow::{Context, Result, bail};
use std::{
    fmt::Write,
    fs,
    path::Path,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

const WATCHED: Duration = Duration::from_mins(1);
/// How long the queue must be idle before the measurement: PostgreSQL's autovacuum checks once a minute what was written.
const QUIET: Duration = Duration::from_secs(75);
const PATIENCE: Duration = Duration::from_mins(10);

/// The project's limits: the share of one core, and transactions a second, for all replicas together.
pub(super) const MOST_OF_A_CORE: f64 = 1.0;
pub(super) const MOST_TRANSACTIONS: f64 = 20.0;

/// The table, and whether a limit was exceeded.
pub(super) fn measure(tools: &Tools, folder: &Path) -> Result<(String, bool)> {
    web::build(&setup::wasm::ensure()?, web::Build::Small)?;
    let binary = build()?;
    let folder = folder.join("idle");
    let stack = Stack::start(tools, &folder, free_port()?, &binary, Purpose::Benchmark)?;
    let mut report = String::from(
        "\n| idle for 60 s | console, % of a core | PostgreSQL, % of a core | together | transactions a second |\n|---|---|---|---|---|\n",
    );
    let mut is_beyond = false;
    let mut consoles = vec![stack.console.pid()];
    let mut replica = None;
    for replicas in [1, 2] {
        if replicas == 2 {
            let started = stack.replica(&binary, &folder)?;
            consoles.push(started.pid());
            replica = Some(started);
        }
        until_quiet(tools, &stack)?;
        let row = step(&format!("Watching {replicas} idle for {} s", WATCHED.as_secs()), || {
            watch(tools, &stack, &consoles)
        })?;
        let together = row.console + row.postgres;
        let _ = writeln!(
            report,
            "| {replicas} replica{} | {:.2} | {:.2} | {together:.2} | {:.1} |",
            if replicas == 1 { "" } else { "s" },
            row.console,
            row.postgres,
            row.transactions
        );
        is_beyond |= together > MOST_OF_A_CORE || row.transactions > MOST_TRANSACTIONS;
    }
    drop(replica);
    Ok((report, is_beyond))
}

struct Row {
    console: f64,
    postgres: f64,
    transactions: f64,
}

fn watch(tools: &Tools, stack: &Stack, consoles: &[u32]) -> Result<Row> {
    let per_second: f64 = run_quiet(Command::new("getconf").arg("CLK_TCK"))?.trim().parse()?;
    let of_consoles =
        || consoles.iter().map(|pid| ticks(*pid).map(|ticks| ticks.own)).sum::<Result<u64>>();
    let transactions = transactions(tools, stack)?;
    // The query has ended, and is counted, before the measurement starts.
    sleep(Duration::from_secs(1));
    let (console, postgres, began) =
        (of_consoles()?, of_postgres(stack.cluster.pid())?, Instant::now());
    while began.elapsed() < WATCHED {
        if ending() {
            bail!("stopped");
        }
        sleep(Duration::from_millis(500));
    }
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let share = |ticks: u64| ticks as f64 / per_second / seconds * 100.0;
    let console = share(of_consoles()?.saturating_sub(console));
    let postgres = share(of_postgres(stack.cluster.pid())?.saturating_sub(postgres));
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let transactions = (self::transactions(tools, stack)? - transactions) as f64 / (seconds + 1.0);
    Ok(Row { console, postgres, transactions })
}

/// Waits until the scans have ended, everything is evaluated and nothing new was queued for a while.
fn until_quiet(tools: &Tools, stack: &Stack) -> Result<()> {
    step("Waiting until nothing is left to do", || {
        let began = Instant::now();
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            if began.elapsed() > PATIENCE || ending() {
                bail!("there is always something to do");
            }
            let open = ask(
                tools,
                &stack.database,
                "select (select count(*) from sweep where finished_at is null)
                    + (select count(*) from graphile_worker.jobs where attempts < max_attempts)
                    + (select case when count(*) = 0 then 1 else 0 end from sweep)",
            )?;
            if open.trim() != "0" {
                since = Instant::now();
            }
            sleep(Duration::from_secs(1));
        }
        Ok(())
    })
}

fn ask(tools: &Tools, database: &str, sql: &str) -> Result<String> {
    run_quiet(Command::new(tools.postgres.join("psql")).args(["-XAtc", sql, database]))
}

/// Commits and rollbacks of the server's database, read from another one, so that the query itself does not count.
fn transactions(tools: &Tools, stack: &Stack) -> Result<i64> {
    let sql = "select xact_commit + xact_rollback from pg_stat_database where datname = 'claviger'";
    Ok(ask(tools, &stack.cluster.url, sql)?.trim().parse()?)
}

struct Ticks {
    parent: u32,
    own: u64,
    /// For children that have ended.
    ended: u64,
}

fn ticks(pid: u32) -> Result<Ticks> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name may contain spaces; it ends with the last parenthesis.
    let (_, rest) = stat.rsplit_once(')').context("no name in /proc")?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |at: usize| -> Result<u64> {
        Ok(fields.get(at).context("a short line in /proc")?.parse()?)
    };
    Ok(Ticks {
        parent: u32::try_from(number(1)?)?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}

/// The server and its children; those that ended in the meantime are in the server's own figures.
fn of_postgres(server: u32) -> Result<u64> {
    let of_server = ticks(server)?;
    let mut all = of_server.own + of_server.ended;
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // A child that has just ended is in the server's figures.
        if let Ok(ticks) = ticks(pid)
            && ticks.parent == server
        {
            all += ticks.own;
        }
    }
    Ok(all)
}
