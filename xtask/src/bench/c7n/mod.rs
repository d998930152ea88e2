//! Comparison with Cloud Custodian's c7n-org: one Organization from the load simulator, the same policies, both reading it
//! through AWS's protocols. The findings are compared ARN by ARN.

mod compare;
mod sides;
mod table;

use crate::{
    process::{Service, free_port, http_get, wait_for},
    setup::{
        postgres::{Cluster, Durability},
        python,
    },
    shell::{root, run_quiet, step},
    stack::{self, Tools},
};
use anyhow::{Context, Result};
use sides::{Claviger, Custodian, Run, Simulated};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const ACCOUNTS: u32 = 20;
const REGIONS: u32 = 2;
/// The first account number of the simulator.
const FIRST_ACCOUNT: u64 = 300_000_000_000;
/// For c7n-org, in addition to its default of four for each core: the fastest of these is used.
const PROCESSES: [u32; 3] = [2, 3, 4];

/// The numbers of secrets.
#[derive(Clone, Copy)]
struct Size {
    name: &'static str,
    /// In each account and Region.
    secrets: u32,
    /// The median run counts.
    rounds: usize,
}

const SIZES: [Size; 2] = [
    Size { name: "2,000", secrets: 50, rounds: 3 },
    Size { name: "20,000", secrets: 500, rounds: 1 },
];

/// The facts that the policies need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Question {
    /// Facts that `ListSecrets` returns.
    Lists,
    /// Also resource policies, read secret by secret, and KMS.
    Details,
}

impl Question {
    fn word(self) -> &'static str {
        match self {
            Self::Lists => "lists",
            Self::Details => "details",
        }
    }

    fn policies(self) -> &'static [&'static str] {
        const ALL: [&str; 5] = [
            "rotation-enabled",
            "owner",
            "customer-managed-key",
            "public-policy",
            "shared-outside",
        ];
        match self {
            Self::Lists => &ALL[..3],
            Self::Details => &ALL,
        }
    }
}

/// All runs of one question at one size.
struct Measured {
    size: Size,
    question: Question,
    /// c7n-org with the fastest number of processes.
    processes: u32,
    /// With its default number of processes.
    usual: Run,
    /// With `processes`.
    best: Run,
    /// The same number, without its `DescribeSecret`: if the question allows it.
    bare: Option<Run>,
    first: Run,
    /// Again in the same process, without changes.
    again: Run,
}

/// Values that are the same for all measurements.
struct Setting<'a> {
    tools: &'a Tools,
    folder: &'a Path,
    examples: &'a Path,
    peer: &'a Path,
    accounts: &'a Path,
}

/// The report, and the number of unexplained differences.
pub fn compare(tools: &Tools, folder: &Path) -> Result<(String, usize)> {
    let peer = python::environment("c7n", "c7n.stamp", "bench/c7n/requirements.txt", "c7n-org")?;
    let examples = build()?;
    let folder = folder.join("c7n");
    fs::create_dir_all(&folder)?;
    let accounts = accounts_file(&folder)?;
    // Python's compilation at the first use is excluded.
    run_quiet(Command::new(peer.join("c7n-org")).arg("--help"))?;
    let only = std::env::var("CLAVIGER_BENCH_C7N").ok();
    let setting =
        Setting { tools, folder: &folder, examples: &examples, peer: &peer, accounts: &accounts };
    let processes = step("Trying how many processes suit c7n-org", || setting.fastest())?;
    let (mut report, mut unexplained) = (table::head(&requirement()?), 0);
    let is_tried = std::env::var_os(TRIED).is_some();
    for size in SIZES {
        let size = if is_tried { Size { rounds: 1, ..size } } else { size };
        if only.as_ref().is_some_and(|only| only != size.name) {
            continue;
        }
        for question in [Question::Lists, Question::Details] {
            let title = format!("{} secrets, {}", size.name, question.word());
            let measured = step(&format!("Comparing with c7n-org: {title}"), || {
                setting.measure(size, question, processes)
            })?;
            let (text, faults) = table::of(&measured)?;
            report.push_str(&text);
            unexplained += faults;
        }
    }
    Ok((report, unexplained))
}

/// The folder of earlier builds, in any profile: to try the comparison itself, with one round each. Published figures
/// are measured without it.
const TRIED: &str = "CLAVIGER_BENCH_EXAMPLES";

/// Both programs, optimized.
fn build() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(TRIED) {
        return Ok(folder.into());
    }
    step("Compiling the load simulator and what measures, optimised", || {
        super::build_with_simulator("c7n")?;
        Ok(root().join("target/release/examples"))
    })
}

/// c7n-org with its version.
fn requirement() -> Result<String> {
    let text = fs::read_to_string(root().join("bench/c7n/requirements.txt"))?;
    let first = text.lines().next().context("bench/c7n/requirements.txt is empty")?;
    Ok(first.replace("==", " "))
}

/// The accounts in c7n-org's format, with the values that its policies need about the Organization.
fn accounts_file(folder: &Path) -> Result<PathBuf> {
    let ids: Vec<String> =
        (0..u64::from(ACCOUNTS)).map(|n| (FIRST_ACCOUNT + n).to_string()).collect();
    let organization = folder.join("organization.json");
    fs::write(&organization, serde_json::json!({"accounts": ids}).to_string())?;
    let accounts: Vec<_> = ids
        .iter()
        .map(|id| {
            serde_json::json!({
                "account_id": id,
                "name": format!("account-{id}"),
                "role": format!("arn:aws:iam::{id}:role/claviger-inventory"),
            })
        })
        .collect();
    let file = folder.join("accounts.yml");
    let variables =
        serde_json::json!({"organization": format!("file://{}", organization.display())});
    // JSON is YAML.
    fs::write(&file, serde_json::json!({"vars": variables, "accounts": accounts}).to_string())?;
    Ok(file)
}

impl Setting<'_> {
    /// A simulator of this size.
    fn simulated(&self, size: Size) -> Result<Simulated> {
        let port = free_port()?;
        let mut serve = Command::new(self.examples.join("simulator"));
        let settings = [
            ("ACCOUNTS", ACCOUNTS),
            ("REGIONS", REGIONS),
            ("SECRETS", size.secrets),
            ("PARAMETERS", 0),
            ("EDGE_CASES", 1),
            ("QUOTAS", 0),
            ("PORT", port.into()),
        ];
        serve.envs(settings.map(|(name, value)| (name, value.to_string())));
        let log = self.folder.join("simulator.log");
        let mut service = Service::start("The load simulator", &mut serve, &log, "TERM")?;
        wait_for("The load simulator", &mut service, Duration::from_secs(20), || {
            http_get(port, "/calls").is_some()
        })?;
        Ok(Simulated { service, port })
    }

    fn custodian(&self, question: Question) -> Custodian<'_> {
        Custodian::new(self.peer, self.accounts, self.folder, question)
    }

    /// The number of processes with which c7n-org is fastest on this machine.
    fn fastest(&self) -> Result<u32> {
        let (simulated, custodian) = (self.simulated(SIZES[0])?, self.custodian(Question::Lists));
        let mut tried = Vec::new();
        for processes in PROCESSES {
            let seconds = custodian.run(&simulated, Some(processes), true)?.spent.seconds;
            println!("    {processes} processes: {seconds:.1} s");
            tried.push((seconds, processes));
        }
        let fastest = tried.into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
        fastest.map(|(_, processes)| processes).context("nothing was tried")
    }

    fn measure(&self, size: Size, question: Question, processes: u32) -> Result<Measured> {
        let (simulated, custodian) = (self.simulated(size)?, self.custodian(question));
        let theirs = |processes, describes| {
            let runs: Result<Vec<Run>> =
                (0..size.rounds).map(|_| custodian.run(&simulated, processes, describes)).collect();
            middle(runs?)
        };
        let usual = theirs(None, true)?;
        let best = theirs(Some(processes), true)?;
        let bare = match question {
            Question::Lists => Some(theirs(Some(processes), false)?),
            Question::Details => None,
        };
        let (mut first, mut again) = (Vec::new(), Vec::new());
        for round in 0..size.rounds {
            let name = format!("postgres-{}-{}-{round}", size.secrets, question.word());
            // A separate server for each: its later work for another database would count here.
            let cluster =
                Cluster::start(&self.tools.postgres, &self.folder.join(name), Durability::Kept)?;
            let database = stack::create_database(&self.tools.postgres, &cluster.url, "compared")?;
            let port = simulated.port;
            let claviger = Claviger::prepare(self.examples, &cluster, database, question, port)?;
            let [one, other] = claviger.run(&simulated)?;
            first.push(one);
            again.push(other);
        }
        let (first, again) = (middle(first)?, middle(again)?);
        Ok(Measured { size, question, processes, usual, best, bare, first, again })
    }
}

/// The median run, by its wall time.
fn middle(mut runs: Vec<Run>) -> Result<Run> {
    runs.sort_by(|a, b| a.spent.seconds.total_cmp(&b.spent.seconds));
    let at = runs.len() / 2;
    runs.into_iter().nth(at).context("nothing was run")
}
