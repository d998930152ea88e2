//! The inventory at three sizes: scanned with the SDK from the load simulator, then queried. And scans limited by low quotas.

use crate::{
    process::{Service, free_port, http_get, wait_for},
    setup::postgres::{Cluster, Durability},
    shell::{self, root, step},
    stack::{self, Tools},
};
use anyhow::Result;
use std::{fmt::Write, path::Path, process::Command, time::Duration};

/// Accounts, Regions, and the secrets and parameters in each of them.
const SIZES: [(&str, [u32; 4]); 4] = [
    (SCALED, [1, 2, 20_000, 500]),
    ("10,000", [50, 17, 10, 2]),
    ("100,000", [500, 17, 10, 2]),
    ("1,000,000", [500, 17, 108, 10]),
];
/// Not a size: scans with low quotas.
const SCALED: &str = "quotas";

pub fn measure(tools: &Tools, folder: &Path) -> Result<String> {
    step("Compiling the load simulator and what measures, optimised", || {
        super::build_with_simulator("inventory")
    })?;
    let cluster = Cluster::start(&tools.postgres, &folder.join("inventory"), Durability::Kept)?;
    let only = std::env::var("CLAVIGER_BENCH_INVENTORY").ok();
    let mut report = String::new();
    for (name, size) in SIZES {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let database = format!("inventory_{}", size.iter().product::<u32>());
        let database = stack::create_database(&tools.postgres, &cluster.url, &database)?;
        let port = free_port()?;
        let examples = root().join("target/release/examples");
        let mut command = Command::new(examples.join("simulator"));
        for (field, value) in ["ACCOUNTS", "REGIONS", "SECRETS", "PARAMETERS"].iter().zip(size) {
            command.env(field, value.to_string());
        }
        command.env("PORT", port.to_string());
        let log = folder.join("simulator.log");
        let mut simulator = Service::start("The load simulator", &mut command, &log, "TERM")?;
        wait_for("The load simulator", &mut simulator, Duration::from_secs(20), || {
            http_get(port, "/").is_some()
        })?;
        let mut measure = Command::new(examples.join("inventory"));
        measure
            .env("DATABASE_URL", &database)
            .env("CLAVIGER_SIMULATOR", format!("http://127.0.0.1:{port}"))
            .env("CLAVIGER_REGIONS", size[1].to_string())
            .env("AWS_EC2_METADATA_DISABLED", "true");
        let title = if name == SCALED {
            measure.env("CLAVIGER_SCALED", "");
            "Sweeps bound by quotas".to_owned()
        } else {
            format!("About {name} rows")
        };
        let table =
            step(&format!("Measuring the inventory: {title}"), || shell::run_quiet(&mut measure))?;
        let _ = writeln!(report, "\n### {title}\n{table}");
    }
    Ok(report)
}
