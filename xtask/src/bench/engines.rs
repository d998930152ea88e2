//! PostgreSQL, Tantivy and `DuckDB` with the rows and the queries of the inventory's benchmark (ADR 18). None of them is
//! part of the workspace: a Python script measures them.

use crate::{
    setup::{
        postgres::{Cluster, Durability},
        python,
    },
    shell::{root, run_quiet, step},
    stack::{self, Tools},
};
use anyhow::Result;
use std::{path::Path, process::Command};

/// Settings for a server with a few gigabytes for PostgreSQL; read when the server starts.
const SERVER: [&str; 4] = [
    "alter system set shared_buffers = '2GB'",
    "alter system set effective_cache_size = '6GB'",
    "alter system set max_wal_size = '8GB'",
    "alter system set checkpoint_timeout = '30min'",
];

/// The number of rows, from `CLAVIGER_BENCH_ENGINES`.
const ROWS: &str = "1000000";

pub(super) fn measure(tools: &Tools, folder: &Path) -> Result<String> {
    let python = python::environment(
        "engines",
        "engines.stamp",
        "bench/engines/requirements.txt",
        "Tantivy and DuckDB",
    )?;
    let folder = folder.join("engines");
    let cluster = Cluster::start(&tools.postgres, &folder, Durability::Kept)?;
    for setting in SERVER {
        let mut psql = Command::new(tools.postgres.join("psql"));
        run_quiet(psql.args(["-XAqc", setting, &cluster.url]))?;
    }
    // A restart reads them.
    drop(cluster);
    let cluster = Cluster::start(&tools.postgres, &folder, Durability::Kept)?;
    let database = stack::create_database(&tools.postgres, &cluster.url, "engines")?;
    let rows = std::env::var("CLAVIGER_BENCH_ENGINES").unwrap_or_else(|_| ROWS.to_owned());
    step(&format!("Measuring engines with {rows} rows (about half an hour at a million)"), || {
        let mut measure = Command::new(python.join("python"));
        measure.arg(root().join("bench/engines/measure.py")).args([&database, "--rows", &rows]);
        run_quiet(&mut measure)
    })
}
