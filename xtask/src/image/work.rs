//! The jobs in the database: what a stop must not lose.

use crate::{process::ending, shell::run_quiet, stack::Tools};
use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::BTreeSet,
    fmt,
    path::PathBuf,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

/// How long the rest of the work may take.
const PATIENCE: Duration = Duration::from_mins(3);

/// Accounts of demo/organization.py that no scan can read: one has no roles, the other is suspended.
const WITHOUT_ROLES: [&str; 2] = ["489316607725", "587026413398"];

/// A question to the database, as the owner of the schema.
pub struct Work {
    psql: PathBuf,
    database: String,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The queue's jobs.
    pub jobs: BTreeSet<i64>,
    /// Those that a worker holds.
    pub running: usize,
    /// Region scans of the newest scan that have not ended.
    pub open: BTreeSet<String>,
    /// Those that are complete.
    pub complete: BTreeSet<String>,
    /// Those that failed.
    pub failed: BTreeSet<String>,
    /// Jobs that the queue has given up.
    pub given_up: usize,
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} jobs queued ({} of them running, {} given up); Region scans: {} open, {} complete, {} failed",
            self.jobs.len(),
            self.running,
            self.given_up,
            self.open.len(),
            self.complete.len(),
            self.failed.len()
        )
    }
}

impl Snapshot {
    /// Every job that is gone has done its work: an open Region scan still has one that will do it.
    pub fn lost_nothing_of(&self, before: &Self) -> Result<()> {
        ensure!(self.given_up == 0, "the stop made the queue give up jobs: {self}");
        ensure!(
            before.complete.is_subset(&self.complete),
            "Region scans are no longer complete: {before}, then {self}"
        );
        let all =
            |of: &Self| -> BTreeSet<String> { of.open.union(&of.complete).cloned().collect() };
        ensure!(all(self) == all(before), "Region scans are missing: {before}, then {self}");
        ensure!(
            self.open.is_empty() || !self.jobs.is_empty(),
            "Region scans are open, and no job is there for them: {self}"
        );
        Ok(())
    }
}

impl Work {
    pub fn new(tools: &Tools, database: &str) -> Self {
        Self { psql: tools.postgres.join("psql"), database: database.to_owned() }
    }

    /// What there is to do now.
    pub fn look(&self) -> Result<Snapshot> {
        let sql = "\
            select 'job', id::text, (locked_at is not null)::text, (attempts >= max_attempts and locked_at is null)::text
                from graphile_worker._private_jobs
            union all
            select 'scan', account_id || ' ' || region, status, '' from scan
                where sweep_id = (select id from sweep order by started_at desc limit 1)";
        let mut command = Command::new(&self.psql);
        command.args(["-X", "-A", "-t", "-F", "|", "-c", sql]).env("PGCONNECT_TIMEOUT", "5");
        let text = run_quiet(command.arg(&self.database))?;
        let mut found = Snapshot {
            jobs: BTreeSet::new(),
            running: 0,
            open: BTreeSet::new(),
            complete: BTreeSet::new(),
            failed: BTreeSet::new(),
            given_up: 0,
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split('|').collect();
            match words.as_slice() {
                ["job", id, locked, given_up] => {
                    found.jobs.insert(id.parse().context("a job's number")?);
                    found.running += usize::from(*locked == "true");
                    found.given_up += usize::from(*given_up == "true");
                }
                ["scan", of, status, _] => match *status {
                    "complete" => drop(found.complete.insert((*of).to_owned())),
                    "failed" => drop(found.failed.insert((*of).to_owned())),
                    _ => drop(found.open.insert((*of).to_owned())),
                },
                _ => bail!("psql said {line}"),
            }
        }
        Ok(found)
    }

    /// Waits for a moment in which one Region scan is complete, others are not, and a job runs.
    pub fn until_under_way(&self) -> Result<Snapshot> {
        let is_under_way =
            |now: &Snapshot| now.running > 0 && !now.complete.is_empty() && now.open.len() > 2;
        self.until("a scan was under way", is_under_way)
    }

    /// Waits until everything is done that was there before a stop and after it. Only Region scans of accounts without the
    /// roles may fail.
    pub fn until_done(&self, before: &Snapshot, after: &Snapshot) -> Result<Snapshot> {
        let done = self.until("the work was done", |now| {
            now.open.is_empty()
                && now.jobs.is_disjoint(&before.jobs)
                && now.jobs.is_disjoint(&after.jobs)
        })?;
        ensure!(done.given_up == 0, "the queue has given up jobs: {done}");
        let is_excused = |scan: &str| WITHOUT_ROLES.iter().any(|account| scan.starts_with(account));
        let has_ended = |scan: &&String| {
            done.complete.contains(*scan) || (done.failed.contains(*scan) && is_excused(scan))
        };
        let lost: Vec<&String> =
            before.open.union(&before.complete).filter(|scan| !has_ended(scan)).collect();
        ensure!(lost.is_empty(), "Region scans are not complete: {lost:?}: {before}, then {done}");
        Ok(done)
    }

    fn until(&self, what: &str, is_so: impl Fn(&Snapshot) -> bool) -> Result<Snapshot> {
        let began = Instant::now();
        loop {
            let now = self.look()?;
            if is_so(&now) {
                return Ok(now);
            }
            if ending() {
                bail!("stopped");
            }
            if began.elapsed() > PATIENCE {
                bail!("it took more than {} s until {what}: {now}", PATIENCE.as_secs());
            }
            sleep(Duration::from_millis(10));
        }
    }
}
