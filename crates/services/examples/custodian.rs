//! The console's side of the comparison with c7n-org, for `cargo xtask bench`: reads the Organization behind
//! `AWS_ENDPOINT_URL` into the empty database that `DATABASE_URL` names, judges it by the policies of the file that is
//! given, and prints what fails, with the seconds and the processor's seconds that it took.
//!
//! What those policies do not ask is not read: resource policies, trails, AWS Config.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measuring program prints, or stops"
)]

use claviger_aws::{AwsGateway, AwsSettings};
use claviger_domain::{clock::Clock, job::Job, sweep::SweepTrigger};
use claviger_services::{Services, SweepSettings, SweptRegions, access::AccessSettings};
use claviger_store::Store;
use claviger_testkit::taken_jobs;
use std::{collections::BTreeMap, sync::Arc, time::Instant};
use tokio::task::JoinSet;

/// The time as it is.
#[derive(Debug)]
struct Now;

impl Clock for Now {
    fn now(&self) -> time::OffsetDateTime {
        std::time::SystemTime::now().into()
    }
}

/// As many accounts and Regions at once as the console's workers read.
const AT_ONCE: usize = 16;

/// Does what is queued, and what that brings with it.
async fn work(services: &Services, store: &Store) {
    loop {
        let mut waiting = taken_jobs(store.pool()).await;
        if waiting.is_empty() {
            return;
        }
        let mut running = JoinSet::new();
        while !waiting.is_empty() || !running.is_empty() {
            while running.len() < AT_ONCE
                && let Some(job) = waiting.pop()
            {
                let services = services.clone();
                match job {
                    Job::CheckAccount { .. } => {}
                    Job::ReadDeep { account, .. } => {
                        running.spawn(async move { services.run(Job::Evaluate { account }).await });
                    }
                    job => {
                        running.spawn(async move { services.run(job).await });
                    }
                }
            }
            if let Some(done) = running.join_next().await {
                done.unwrap().unwrap();
            }
        }
    }
}

/// Of this process and of PostgreSQL's that serve it: user and system, in ticks of a hundredth of a second.
async fn processor_seconds(store: &Store) -> f64 {
    let serving: Vec<(i32,)> = sqlx::query_as(
        "select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    let ours = std::iter::once("self".to_owned());
    let ticks: f64 = ours
        .chain(serving.into_iter().map(|(pid,)| pid.to_string()))
        .map(|pid| {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
            let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
            [11, 12].map(|at| fields[at].parse::<f64>().unwrap()).iter().sum::<f64>()
        })
        .sum();
    ticks / 100.0
}

#[tokio::main]
async fn main() {
    let store = Store::connect(&std::env::var("DATABASE_URL").unwrap(), 20).await.unwrap();
    store.migrate().await.unwrap();
    let policies = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let regions: Vec<_> = ["us-east-1", "eu-west-1"].map(|code| code.parse().unwrap()).into();
    let (began, used) = (Instant::now(), processor_seconds(&store).await);
    let gateway = AwsGateway::new(&AwsSettings {
        region: "us-east-1".parse().unwrap(),
        inventory_role: "OrganizationAccountAccessRole".into(),
        access_role: "claviger-access".into(),
        remediation_role: "claviger-remediation".into(),
        external_id: None,
        quota_percent: 100,
        quotas: std::collections::BTreeMap::new(),
        endpoint_url: None,
    })
    .await;
    let settings = SweepSettings {
        regions: SweptRegions::These(regions),
        interval: time::Duration::minutes(15),
        parameter_tags: time::Duration::hours(1),
    };
    let access = AccessSettings::nothing().unwrap();
    let services = Services::new(store.clone(), Arc::new(gateway), Arc::new(Now), settings, access);
    services.import_policies(&policies).await.unwrap();
    services.sweep_if_due(SweepTrigger::Start).await.unwrap();
    work(&services, &store).await;
    let seconds = began.elapsed().as_secs_f64();
    let processor = processor_seconds(&store).await - used;
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select f.policy_id, r.arn from finding f join resource r on r.id = f.resource_id where f.verdict = 'fail'",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    let mut fails: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (policy, arn) in rows {
        fails.entry(policy).or_default().push(arn);
    }
    let (read, whole): (i64, i64) = sqlx::query_as(
        "select (select count(*) from resource), (select count(*) from scan where status = 'complete')",
    )
    .fetch_one(store.pool())
    .await
    .unwrap();
    println!(
        "{}",
        serde_json::json!({
            "seconds": seconds, "processor": processor, "resources": read, "scans": whole, "fails": fails,
        })
    );
}
