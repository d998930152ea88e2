//! Side by side with Cloud Custodian's c7n-org: the same Organization, the same three questions, both reading AWS.

use crate::{
    process::{Service, free_port, http_get, wait_for},
    setup::{
        postgres::{Care, Cluster},
        python,
    },
    shell::{cargo, root, run_quiet, step},
    stack::{self, Tools},
};
use anyhow::Result;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
    process::Command,
    time::Duration,
};

/// What a side says of itself.
#[derive(Deserialize)]
struct Run {
    seconds: f64,
    processor: f64,
    fails: BTreeMap<String, BTreeSet<String>>,
}

/// Where the console differs on purpose: a secret of the seed, by its number, and why.
const EXPLAINED: [(&str, &str, &str); 3] = [
    (
        "owner",
        "service-11",
        "its tag owner is blank, which names nobody; c7n-org asks whether the key is there",
    ),
    (
        "customer-managed-key",
        "service-17",
        "it is pending deletion, and can be restored; c7n-org lists without IncludePlannedDeletion and does not see it",
    ),
    (
        "customer-managed-key",
        "service-13",
        "its key is alias/aws/secretsmanager, AWS's own by its name; c7n-org takes any key for a customer's",
    ),
];

pub fn compare(tools: &Tools, folder: &Path) -> Result<String> {
    let peer = python::environment(
        "custodian",
        "custodian.stamp",
        "bench/custodian/requirements.txt",
        "c7n-org",
    )?;
    let here = root().join("bench/custodian");
    let (port, accounts) = (free_port()?, folder.join("accounts.yml"));
    let mut serve = Command::new(tools.python.join("python"));
    serve.arg(here.join("organization.py")).arg(port.to_string()).arg(&accounts);
    serve.env_remove("MOTO_ACCOUNT_ID");
    let mut moto = Service::start("moto", &mut serve, &folder.join("organization.log"), "TERM")?;
    wait_for("moto", &mut moto, Duration::from_mins(1), || {
        http_get(port, "/moto-api/data.json").is_some()
    })?;
    let url = format!("http://127.0.0.1:{port}");
    let aws = |command: &mut Command| {
        command
            .env("AWS_ENDPOINT_URL", &url)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "example")
            .env("AWS_REGION", "us-east-1")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_EC2_METADATA_DISABLED", "true");
    };
    let theirs: Run = step("Running c7n-org over 20 accounts", || {
        let mut run = Command::new(peer.join("python"));
        run.arg(here.join("run.py")).arg(peer.join("c7n-org")).arg(&accounts);
        run.arg(here.join("custodian.yml")).arg(folder.join("custodian"));
        aws(&mut run);
        Ok(serde_json::from_str(&run_quiet(&mut run)?)?)
    })?;
    let cluster = Cluster::start(&tools.postgres, &folder.join("compared"), Care::Kept)?;
    let database = stack::create_database(&tools.postgres, &cluster.url, "compared")?;
    let ours: Run = step("Running the console over the same", || {
        let build = ["build", "--quiet", "--locked", "--release", "-p", "claviger-services"];
        run_quiet(cargo().args(build).args(["--example", "custodian"]))?;
        let mut run = Command::new(root().join("target/release/examples/custodian"));
        run.arg(here.join("policies.yaml")).env("DATABASE_URL", &database);
        aws(&mut run);
        Ok(serde_json::from_str(&run_quiet(&mut run)?)?)
    })?;
    table(&theirs, &ours)
}

fn table(theirs: &Run, ours: &Run) -> Result<String> {
    let mut report = String::new();
    writeln!(
        report,
        "\n| 20 accounts x 2 Regions x 50 secrets by moto, three policies, AWS read anew | c7n-org 0.6.52 | Claviger | ratio |\n|---|---|---|---|\n\
         | wall time, seconds | {:.1} | {:.2} | {:.0} |\n| processor, seconds (PostgreSQL's as well; moto's not) | {:.1} | {:.2} | {:.0} |",
        theirs.seconds,
        ours.seconds,
        theirs.seconds / ours.seconds,
        theirs.processor,
        ours.processor,
        theirs.processor / ours.processor
    )?;
    for (policy, found) in &theirs.fails {
        let own = ours.fails.get(policy).cloned().unwrap_or_default();
        writeln!(report, "| {policy}: secrets found | {} | {} | |", found.len(), own.len())?;
    }
    let mut said: BTreeMap<String, usize> = BTreeMap::new();
    for (policy, found) in &theirs.fails {
        let own = ours.fails.get(policy).cloned().unwrap_or_default();
        for arn in found.symmetric_difference(&own) {
            let why = EXPLAINED
                .iter()
                .find(|(of, name, _)| of == policy && arn.contains(&format!("/{name}-")))
                .map_or_else(|| format!("not explained: {arn}"), |(.., why)| (*why).to_owned());
            let by = if own.contains(arn) { "the console alone" } else { "c7n-org alone" };
            *said.entry(format!("{policy}, by {by}: {why}")).or_default() += 1;
        }
    }
    writeln!(report, "\nWhere they differ:\n")?;
    for (what, count) in said {
        writeln!(report, "- {count} secrets, {what}")?;
    }
    Ok(report)
}
