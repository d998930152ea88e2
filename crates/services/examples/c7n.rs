//! The console's side of the comparison with c7n-org, for `cargo xtask bench --only c7n`. `DATABASE_URL` names a database,
//! `POSTGRES_PID` the process of its server, `AWS_ENDPOINT_URL` the load simulator.
//!
//! `c7n prepare POLICIES` makes the tables and saves the policies. `c7n run PARTS` then scans the Organization, evaluates it
//! and prints a line with what fails, the seconds that it took and the processor's seconds of this process and of PostgreSQL:
//! until the findings are there, and until they are exported as well. The first line counts from the start of the process.
//! For each line of its input it scans and evaluates again, as the server does by its interval. With `PARTS` as `lists` it
//! reads what lists say, as far as the policies ask for it; with `details` also what is read secret by secret (resource
//! policies, versions), and KMS.
//!
//! AWS's rates are not kept: the simulator has none here, and c7n-org keeps none either.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program prints, or stops"
)]

use claviger_aws::{Api, AwsGateway, AwsSettings};
use claviger_domain::{
    authz::{Caller, Person, Role, RoleBinding, Scope},
    clock::Clock,
    compliance::ExportFormat,
    ids::AccountId,
    job::Job,
    scan::ScanTrigger,
};
use claviger_services::{
    FileExport, ScanSettings, ScannedRegions, Services, grants::AccessSettings,
};
use claviger_store::Store;
use claviger_testkit::taken_jobs;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};
use tokio::task::JoinSet;

/// The time as it is.
#[derive(Debug)]
struct Now;

impl Clock for Now {
    fn now(&self) -> time::OffsetDateTime {
        std::time::SystemTime::now().into()
    }
}

/// Jobs at once, as the server's setting `jobs` has it by default.
const AT_ONCE: usize = 8;
/// Connections of these jobs, as the server opens them.
const CONNECTIONS: u32 = 24;
/// More calls a second than can be made.
const NO_QUOTA: u32 = 1_000_000;
const WITHOUT_QUOTA: [Api; 6] = [
    Api::ListSecrets,
    Api::DescribeSecret,
    Api::DescribeParameters,
    Api::Keys,
    Api::GetResourcePolicy,
    Api::ListSecretVersionIds,
];

/// What is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    Lists,
    Details,
}

/// Does what is queued, and what that brings with it.
async fn work(services: &Services, store: &Store, parts: Parts) {
    loop {
        let mut waiting = Vec::new();
        let mut accounts: BTreeSet<AccountId> = BTreeSet::new();
        for job in taken_jobs(store.pool()).await {
            match job {
                // Whether the roles can do what they should is no question of these policies.
                Job::CheckAccount { .. } | Job::ReadVariables { .. } => {}
                Job::ReadDeep { account, .. } if parts == Parts::Lists => {
                    accounts.insert(account);
                }
                job => waiting.push(job),
            }
        }
        waiting.extend(accounts.into_iter().map(|account| Job::Evaluate { account }));
        if waiting.is_empty() {
            return;
        }
        let mut running = JoinSet::new();
        while !waiting.is_empty() || !running.is_empty() {
            while running.len() < AT_ONCE
                && let Some(job) = waiting.pop()
            {
                let services = services.clone();
                running.spawn(async move { services.jobs().run(job).await });
            }
            if let Some(done) = running.join_next().await {
                done.unwrap().unwrap();
            }
        }
    }
}

/// The fields of a process's `stat` after its name; `None` where it has ended.
fn stat(pid: &str) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit(')').next()?.split_whitespace().map(ToOwned::to_owned).collect())
}

/// User and system seconds among the fields: those of the process itself, and of children that have ended.
fn seconds(fields: &[String], at: &[usize]) -> f64 {
    // In ticks of a hundredth of a second.
    at.iter().map(|at| fields[*at].parse::<f64>().unwrap()).sum::<f64>() / 100.0
}

/// Of PostgreSQL's server with all of its processes, those that have ended included.
fn database_seconds(server: &str) -> f64 {
    let own = seconds(&stat(server).unwrap(), &[11, 12, 13, 14]);
    let children = std::fs::read_to_string(format!("/proc/{server}/task/{server}/children"));
    let children = children.unwrap();
    own + children
        .split_whitespace()
        .filter_map(stat)
        .map(|fields| seconds(&fields, &[11, 12]))
        .sum::<f64>()
}

/// What was used since a moment.
struct Meter {
    began: Instant,
    server: String,
    processor: f64,
    database: f64,
}

impl Meter {
    fn start() -> Self {
        let server = std::env::var("POSTGRES_PID").unwrap();
        Self {
            began: Instant::now(),
            processor: seconds(&stat("self").unwrap(), &[11, 12]),
            database: database_seconds(&server),
            server,
        }
    }

    fn read(&self) -> serde_json::Value {
        serde_json::json!({
            "seconds": self.began.elapsed().as_secs_f64(),
            "processor": seconds(&stat("self").unwrap(), &[11, 12]) - self.processor,
            "database": database_seconds(&self.server) - self.database,
        })
    }
}

/// The findings as the console exports them: the ARNs that fail, by policy.
async fn exported(services: &Services) -> BTreeMap<String, Vec<String>> {
    let person = Person { subject: "bench".into(), name: "Bench".into(), email: None };
    let binding =
        RoleBinding { group: "all".into(), role: Role::SecurityAdmin, scope: Scope::Organization };
    let caller = Caller::new(person, &["all".into()], &[binding]);
    let mut export =
        services.compliance().export_findings(&caller, ExportFormat::Json, "").await.unwrap();
    let mut text = String::new();
    while let Some(piece) = export.piece().await.unwrap() {
        text.push_str(&piece);
    }
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut fails: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for finding in file["findings"].as_array().unwrap() {
        let word = |field: &str| finding[field].as_str().unwrap().to_owned();
        fails.entry(word("policy")).or_default().push(word("arn"));
    }
    fails
}

async fn services(store: &Store) -> Services {
    let regions: Vec<_> = ["us-east-1", "eu-west-1"].map(|code| code.parse().unwrap()).into();
    let gateway = AwsGateway::new(&AwsSettings {
        region: "us-east-1".parse().unwrap(),
        inventory_role: "claviger-inventory".into(),
        access_role: "claviger-access".into(),
        remediation_role: "claviger-remediation".into(),
        consumers_role: "claviger-consumers".into(),
        iam_role: "claviger-iam".into(),
        external_id: None,
        quota_percent: 100,
        quotas: WITHOUT_QUOTA.into_iter().map(|api| (api, NO_QUOTA)).collect(),
        root_certificates: None,
        endpoint_url: None,
    })
    .await;
    let settings = ScanSettings {
        regions: ScannedRegions::These(regions),
        interval: time::Duration::minutes(15),
        parameter_tags: time::Duration::hours(1),
    };
    let access = AccessSettings::nothing().unwrap();
    Services::new(store.clone(), Arc::new(gateway), Arc::new(Now), settings, access)
}

#[tokio::main]
async fn main() {
    let meter = Meter::start();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let url = std::env::var("DATABASE_URL").unwrap();
    let store = Store::connect(&url, 2)
        .await
        .unwrap()
        .with_dedicated_pool(&url.parse().unwrap(), CONNECTIONS)
        .await
        .unwrap();
    let services = services(&store).await;
    let parts = match &arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["prepare", policies] => {
            store.migrate().await.unwrap();
            services
                .policies()
                .import_policies(&std::fs::read_to_string(policies).unwrap())
                .await
                .unwrap();
            return;
        }
        ["run", "lists"] => Parts::Lists,
        ["run", "details"] => Parts::Details,
        _ => panic!("c7n prepare POLICIES | c7n run lists | c7n run details"),
    };
    println!("{}", scan(&services, &store, parts, &meter).await);
    // Nothing else is to be done meanwhile.
    for line in std::io::stdin().lines() {
        line.unwrap();
        println!("{}", scan(&services, &store, parts, &Meter::start()).await);
    }
}

/// One scan with its evaluation.
async fn scan(
    services: &Services,
    store: &Store,
    parts: Parts,
    meter: &Meter,
) -> serde_json::Value {
    services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    work(services, store, parts).await;
    let found = meter.read();
    let fails = exported(services).await;
    let exported = meter.read();
    let (resources, incomplete): (i64, i64) = sqlx::query_as(
        "select (select count(*) from resource), (select count(*) from scan where status <> 'complete')",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    assert_eq!(incomplete, 0, "every list was read whole");
    serde_json::json!({
        "found": found, "exported": exported, "resources": resources, "fails": fails,
    })
}
