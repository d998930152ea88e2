//! The programs: the simulator that both read, c7n-org, and Claviger.

use super::Question;
use crate::{
    process::{Service, http_get},
    setup::postgres::Cluster,
    shell::{root, run_quiet},
};
use anyhow::{Context, Result};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Failing ARNs, by policy.
pub(super) type Fails = BTreeMap<String, BTreeSet<String>>;

/// Wall time and processor time, in seconds.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct Spent {
    pub(super) seconds: f64,
    /// Of the program's own processes.
    pub(super) processor: f64,
    /// Of PostgreSQL's processes.
    #[serde(default)]
    pub(super) database: f64,
}

impl Spent {
    pub(super) fn processors(self) -> f64 {
        self.processor + self.database
    }
}

/// One run of a side.
pub(super) struct Run {
    pub(super) spent: Spent,
    /// Until the findings were exported too; c7n-org always writes files.
    pub(super) exported: Option<Spent>,
    /// The simulator's processor seconds during the run.
    pub(super) simulator: f64,
    /// AWS calls, by operation.
    pub(super) calls: BTreeMap<String, u64>,
    pub(super) fails: Fails,
}

/// AWS, as both read it.
pub(super) struct Simulated {
    pub(super) service: Service,
    pub(super) port: u16,
}

impl Simulated {
    fn calls(&self) -> Result<BTreeMap<String, u64>> {
        let answer = http_get(self.port, "/calls").context("the load simulator does not answer")?;
        let (_, body) = answer.split_once("\r\n\r\n").context("no answer to /calls")?;
        Ok(serde_json::from_str(body)?)
    }

    /// User and system time, in ticks of a hundredth of a second.
    fn processor(&self) -> Result<f64> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.service.pid()))?;
        let rest = stat.rsplit(')').next().unwrap_or_default();
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
        Ok(ticks.sum::<Result<f64, _>>()? / 100.0)
    }

    /// Runs the work, and returns its cost.
    fn around<T>(
        &self,
        work: impl FnOnce() -> Result<T>,
    ) -> Result<(T, f64, BTreeMap<String, u64>)> {
        let (before, used) = (self.calls()?, self.processor()?);
        let done = work()?;
        let used = self.processor()? - used;
        let mut calls = self.calls()?;
        for (operation, count) in &mut calls {
            *count -= before.get(operation).copied().unwrap_or(0);
        }
        calls.retain(|_, count| *count > 0);
        Ok((done, used, calls))
    }
}

/// The Organization's hub, with the simulator as AWS.
fn at(port: u16, command: &mut Command) {
    command
        .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "example")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN");
}

/// c7n-org with the policies of a question.
pub(super) struct Custodian<'a> {
    programs: &'a Path,
    accounts: &'a Path,
    folder: &'a Path,
    policies: PathBuf,
}

impl<'a> Custodian<'a> {
    pub(super) fn new(
        programs: &'a Path,
        accounts: &'a Path,
        folder: &'a Path,
        question: Question,
    ) -> Self {
        let policies = root().join(format!("bench/c7n/{}.c7n.yml", question.word()));
        Self { programs, accounts, folder, policies }
    }

    /// One run without any cache of an earlier one; `processes` as `None` means c7n-org's default.
    pub(super) fn run(
        &self,
        simulated: &Simulated,
        processes: Option<u32>,
        describes: bool,
    ) -> Result<Run> {
        #[derive(Deserialize)]
        struct Printed {
            #[serde(flatten)]
            spent: Spent,
            fails: Fails,
        }
        let bench = root().join("bench/c7n");
        let program = if describes {
            self.programs.join("c7n-org")
        } else {
            bench.join("without_describe.py")
        };
        let results = self.folder.join("run");
        let _ = fs::remove_dir_all(&results);
        let mut command = Command::new(self.programs.join("python"));
        command.arg(bench.join("run.py")).arg(program).arg(self.accounts);
        command.arg(&self.policies).arg(&results);
        command.env_remove("C7N_ORG_PARALLEL");
        if let Some(processes) = processes {
            command.env("C7N_ORG_PARALLEL", processes.to_string());
        }
        at(simulated.port, &mut command);
        let (printed, simulator, calls) =
            simulated.around(|| Ok(serde_json::from_str::<Printed>(&run_quiet(&mut command)?)?))?;
        let _ = fs::remove_dir_all(&results);
        Ok(Run { spent: printed.spent, exported: None, simulator, calls, fails: printed.fails })
    }
}

/// Claviger with the policies of a question, over a separate database.
pub(super) struct Claviger<'a> {
    examples: &'a Path,
    database: String,
    server: u32,
    question: Question,
}

impl<'a> Claviger<'a> {
    /// Creates the tables and saves the policies: this is not measured.
    pub(super) fn prepare(
        examples: &'a Path,
        cluster: &Cluster,
        database: String,
        question: Question,
        port: u16,
    ) -> Result<Self> {
        let claviger = Self { examples, database, server: cluster.pid(), question };
        let policies = root().join(format!("bench/c7n/{}.claviger.yaml", question.word()));
        run_quiet(claviger.command(port).arg("prepare").arg(policies))?;
        Ok(claviger)
    }

    fn command(&self, port: u16) -> Command {
        let mut command = Command::new(self.examples.join("c7n"));
        command.env("DATABASE_URL", &self.database).env("POSTGRES_PID", self.server.to_string());
        at(port, &mut command);
        command
    }

    /// The first scan in a separate process, like c7n-org; and another one in the same process, as a server makes it.
    pub(super) fn run(&self, simulated: &Simulated) -> Result<[Run; 2]> {
        let mut command = self.command(simulated.port);
        command.args(["run", self.question.word()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut started = None;
        let first = simulated.around(|| started.insert(Started::new(&mut command)?).line())?;
        let started = started.as_mut().context("the first scan was not started")?;
        let again = simulated.around(|| {
            started.input.write_all(b"again\n")?;
            started.line()
        })?;
        Ok([first, again].map(|(printed, simulator, calls)| Run {
            spent: printed.found,
            exported: Some(printed.exported),
            simulator,
            calls,
            fails: printed.fails,
        }))
    }
}

/// The output of Claviger's side for each scan.
#[derive(Deserialize)]
struct Printed {
    found: Spent,
    exported: Spent,
    fails: Fails,
}

/// Claviger's side, running.
struct Started {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Started {
    fn new(command: &mut Command) -> Result<Self> {
        let mut child = command.spawn().context("Claviger's side cannot be started")?;
        let input = child.stdin.take().context("no input")?;
        let output = BufReader::new(child.stdout.take().context("no output")?);
        Ok(Self { child, input, output })
    }

    fn line(&mut self) -> Result<Printed> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        serde_json::from_str(&line).context("Claviger's side failed")
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
