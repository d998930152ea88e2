//! Terraform at the emulator: import, and a second plan that is empty.

use super::{Chosen, no_value_in};
use crate::{infra::Terraform, rollout::Aws};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{fs, path::Path};

/// Imports the exported configuration, and compares what AWS says before and after.
pub fn import(
    folder: &Path,
    exported: &Path,
    owner: &Aws,
    secrets: &[Chosen],
    canary: &str,
) -> Result<()> {
    let terraform = Terraform::prepare_in(folder)?;
    let module = "exported";
    let at = folder.join("terraform").join(module);
    fs::create_dir_all(&at)?;
    for entry in fs::read_dir(exported)? {
        let path = entry?.path();
        fs::copy(&path, at.join(path.file_name().unwrap_or_default()))?;
    }
    let environment = owner.environment();
    let run = |arguments: &[&str]| terraform.run_with(module, arguments, &environment);
    run(&["fmt", "-check", "-diff", "-no-color"]).context("the export is not formatted")?;
    run(&["init", "-input=false", "-no-color"])?;
    run(&["validate", "-no-color"])?;
    let before = described(owner, secrets)?;
    let plan = run(&["plan", "-input=false", "-no-color"])?;
    let summary = plan.lines().find(|line| line.starts_with("Plan: "));
    let summary = summary.with_context(|| format!("the plan has no summary: {plan}"))?;
    println!("    {summary}");
    ensure!(
        summary.contains(" 0 to add") && summary.ends_with(" 0 to destroy."),
        "the plan does more than to import: {plan}"
    );
    let managed = secrets.iter().filter(|one| !one.is_owned).count();
    let said = run(&["apply", "-auto-approve", "-input=false", "-no-color"])?;
    ensure!(said.contains("Apply complete!"), "terraform apply said: {said}");
    run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"])
        .context("the plan after the import is not empty")?;
    let state = fs::read_to_string(at.join("terraform.tfstate"))?;
    let state: Value = serde_json::from_str(&state)?;
    let resources = state["resources"].as_array().context("the state has no resources")?;
    let count = |mode: &str| {
        let own = |one: &&Value| one["mode"] == mode && one["type"] == "aws_secretsmanager_secret";
        resources.iter().filter(own).count()
    };
    ensure!(
        count("managed") == managed && count("data") == secrets.len() - managed,
        "the state has {} secrets and {} references",
        count("managed"),
        count("data")
    );
    ensure!(
        resources.iter().all(|one| one["type"] != "aws_secretsmanager_secret_version"),
        "the state has a version of a secret"
    );
    no_value_in(&at, canary)?;
    ensure!(before == described(owner, secrets)?, "the import has changed a secret");
    println!(
        "    {managed} secrets imported, {} referred to; the second plan is empty",
        secrets.len() - managed
    );
    Ok(())
}

fn described(owner: &Aws, secrets: &[Chosen]) -> Result<Vec<Value>> {
    secrets.iter().map(|one| one.describe(owner)).collect()
}
