//! The store's checked queries: `crates/store/.sqlx` contains PostgreSQL's description of each, so that compiling needs no
//! database. This does what `cargo sqlx prepare` and its `--check` do, over a private cluster and within a run of cargo that
//! is needed anyway.

use crate::{
    setup::{
        self,
        postgres::{Cluster, Durability},
    },
    shell::{self, cargo, data, root, run_quiet, step},
};
use anyhow::{Context, Result, bail};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    time::SystemTime,
};

/// sqlx's description of each query, by the name of its file.
type Descriptions = BTreeMap<String, Vec<u8>>;

/// Rewrites the committed descriptions.
pub fn rewrite() -> Result<()> {
    let postgres = setup::postgres::ensure()?;
    let mut check = cargo();
    check.args(["check", "--quiet", "--locked", "--package", "claviger-store"]);
    let described = step("Describing the store's queries", || describe(&postgres, &mut check))?;
    let committed = committed()?;
    for name in committed.keys().filter(|name| !described.contains_key(*name)) {
        fs::remove_file(folder().join(name))?;
    }
    fs::create_dir_all(folder())?;
    for (name, text) in described.iter().filter(|(name, text)| committed.get(*name) != Some(text)) {
        fs::write(folder().join(name), text)?;
    }
    println!("  {} queries are described in {}", described.len(), folder().display());
    Ok(())
}

/// Runs the lints; if any input of the descriptions has changed since they were last correct, the lints compile the
/// store against a migrated database, and its descriptions are compared with the committed ones.
pub fn lint(postgres: &Path, clippy: &mut Command) -> Result<()> {
    let sources = sources()?;
    let sources: Vec<&Path> = sources.iter().map(PathBuf::as_path).collect();
    let mut was_run = false;
    setup::unless_stamped(&data().join("sqlx.stamp"), &sources, || {
        was_run = true;
        compare(&describe(postgres, clippy)?, &committed()?)
    })?;
    if was_run { Ok(()) } else { shell::run(clippy) }
}

fn folder() -> PathBuf {
    root().join("crates/store/.sqlx")
}

/// All input of the descriptions.
fn sources() -> Result<Vec<PathBuf>> {
    let mut files = vec![root().join("Cargo.lock"), root().join("xtask/src/sqlx.rs")];
    let mut folders = vec![root().join("crates/store/src"), root().join("migrations"), folder()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder);
        for entry in entries.with_context(|| format!("{} cannot be read", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

fn committed() -> Result<Descriptions> {
    if folder().is_dir() { read(&folder()) } else { Ok(Descriptions::new()) }
}

fn read(folder: &Path) -> Result<Descriptions> {
    let mut read = Descriptions::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("query-") {
            read.insert(name, fs::read(&path)?);
        }
    }
    Ok(read)
}

/// Returns what `cargo xtask sqlx` would change.
fn compare(described: &Descriptions, committed: &Descriptions) -> Result<()> {
    if described.is_empty() {
        bail!("no query of the store was described: the store was not compiled");
    }
    let mut wrong: Vec<String> = Vec::new();
    for (name, text) in described {
        match committed.get(name) {
            None => wrong.push(format!("no description is committed of: {}", query(text))),
            Some(was) if was != text => {
                wrong.push(format!("PostgreSQL now says something else of: {}", query(text)));
            }
            Some(_) => {}
        }
    }
    let unused = committed.iter().filter(|(name, _)| !described.contains_key(*name));
    wrong.extend(unused.map(|(_, text)| format!("no query needs any more: {}", query(text))));
    if wrong.is_empty() {
        println!("{} checked queries are described as committed.", described.len());
        return Ok(());
    }
    bail!(
        "crates/store/.sqlx is out of date. Run `cargo xtask sqlx` and commit what it changes.\n  {}",
        wrong.join("\n  ")
    );
}

/// The beginning of the query of a description.
fn query(description: &[u8]) -> String {
    let read: serde_json::Value = serde_json::from_slice(description).unwrap_or_default();
    let words: Vec<&str> =
        read["query"].as_str().unwrap_or("(unreadable)").split_whitespace().collect();
    words.join(" ").chars().take(120).collect()
}

/// Runs a cargo command that compiles the store and checks its queries against a migrated database.
fn describe(postgres: &Path, command: &mut Command) -> Result<Descriptions> {
    let scratch = data().join("sqlx");
    let cluster = Cluster::start(postgres, &scratch.join("postgres"), Durability::Lost)?;
    let database = migrated(postgres, &cluster)?;
    let written = scratch.join("queries");
    let _ = fs::remove_dir_all(&written);
    fs::create_dir_all(&written)?;
    // The macros run again only if the store is compiled again.
    File::options()
        .append(true)
        .open(root().join("crates/store/src/lib.rs"))?
        .set_modified(SystemTime::now())?;
    let names = ["DATABASE_URL", "SQLX_OFFLINE", "SQLX_OFFLINE_DIR"];
    command.env(names[0], &database).env(names[1], "false").env(names[2], &written);
    let done = shell::run(command);
    for name in names {
        command.env_remove(name);
    }
    done?;
    read(&written)
}

/// The URL of a newly created database with all migrations.
fn migrated(postgres: &Path, cluster: &Cluster) -> Result<String> {
    let psql = |url: &str| {
        let mut psql = Command::new(postgres.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", url]);
        psql
    };
    // sqlx determines nullable columns from plans. With nested loops alone an outer join stays as written,
    // regardless of the tables' content and of PostgreSQL's release.
    run_quiet(psql(&cluster.url).args([
        "--command=drop database if exists described",
        "--command=create database described",
        "--command=alter database described set enable_hashjoin = off",
        "--command=alter database described set enable_mergejoin = off",
    ]))?;
    let base =
        cluster.url.strip_suffix("/postgres").context("the cluster's URL has no database")?;
    let url = format!("{base}/described");
    let mut migrate = psql(&url);
    for file in migrations()? {
        migrate.arg("--file").arg(file);
    }
    run_quiet(&mut migrate)?;
    Ok(url)
}

/// The migration files, in the order of their numbers.
fn migrations() -> Result<Vec<PathBuf>> {
    let mut files: Vec<(u64, PathBuf)> = Vec::new();
    for entry in fs::read_dir(root().join("migrations"))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = name.split('_').next().and_then(|number| number.parse().ok());
        files.push((number.with_context(|| format!("{name} has no number"))?, path));
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn descriptions(of: &[(&str, &str)]) -> Descriptions {
        of.iter()
            .map(|(name, query)| {
                ((*name).to_owned(), format!("{{\"query\": \"{query}\"}}").into_bytes())
            })
            .collect()
    }

    #[test]
    fn what_is_missing_other_or_no_longer_needed_is_said() {
        let committed = descriptions(&[("query-1.json", "select 1"), ("query-2.json", "select 2")]);
        assert!(compare(&committed, &committed).is_ok());
        assert!(compare(&Descriptions::new(), &committed).is_err());
        let described =
            descriptions(&[("query-2.json", "select  two"), ("query-3.json", "select 3")]);
        let said = format!("{:#}", compare(&described, &committed).unwrap_err());
        for line in [
            "cargo xtask sqlx",
            "no description is committed of: select 3",
            "PostgreSQL now says something else of: select two",
            "no query needs any more: select 1",
        ] {
            assert!(said.contains(line), "{line} is not in {said}");
        }
    }

    #[test]
    fn migrations_with_timestamps_come_after_those_with_numbers() {
        let names: Vec<String> = migrations()
            .unwrap()
            .iter()
            .map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned())
            .collect();
        assert_eq!(names[0], "0001_inventory.sql");
        let last_numbered = names.iter().position(|name| name == "0036_scan_lists.sql").unwrap();
        let first_dated =
            names.iter().position(|name| name == "20261128000000_checks.sql").unwrap();
        assert_eq!(last_numbered + 1, first_dated);
    }
}
