//! `cargo xtask test --only recipes`: writes every recipe of the tab *Use it* for sample resources and for those of an emulator,
//! and proves each file as the page says that it is proven.

mod rust;
mod terraform;

use crate::{
    infra::linters,
    setup::{self, node, python},
    shell::{cargo, root, run, run_quiet, step, which, without_aws},
    stack::{Emulator, Tools},
};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The account of the emulator's resources, whose number is its key there.
const ACCOUNT: &str = "441205839201";

/// A file that the example wrote.
#[derive(Debug, Clone, Deserialize)]
struct Written {
    /// The resource.
    subject: String,
    /// Relative to the folder.
    path: PathBuf,
    proof: String,
}

#[derive(Deserialize)]
struct Manifest {
    files: Vec<Written>,
}

/// Fails if one recipe is not what its proof says. What this machine cannot run is a failure too, except Terraform's provider,
/// which is said to be missing.
pub fn prove(tools: &Tools, folder: &Path) -> Result<()> {
    let python = python::environment(
        "venv-recipes",
        "recipes.stamp",
        "xtask/src/recipes/requirements.txt",
        "what recipes are run and validated with",
    )?;
    let cfn_lint = linters()?.join("cfn-lint");
    let npm = node::packages("recipes-npm", "xtask/src/recipes/npm")?;
    for tool in ["jq", "curl"] {
        if which(&[tool]).is_none() {
            setup::apt(&[tool], "the shell scripts of recipes")?;
        }
    }
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    let emulator = Emulator::start_empty(tools, folder)?;
    let subjects = folder.join("subjects.json");
    let mut seed = check(&python, &cfn_lint, &emulator);
    run_quiet(seed.arg("--seed").arg(&subjects))?;
    step("Compiling what writes the recipes", || write(folder, &subjects))?;
    let files = manifest(folder)?;
    step("Compiling the recipes in Rust", || rust::compile(folder, &files))?;
    let typescript = root().join("node_modules/typescript/bin/tsc");
    let mut prove = check(&python, &cfn_lint, &emulator);
    let proven = run(prove.arg(folder).arg(&npm).arg(typescript));
    let by_terraform = step("Terraform", || terraform::validate(folder, &files));
    proven.and(by_terraform)
}

/// The program that proves, with the credentials of the emulator.
fn check(python: &Path, cfn_lint: &Path, emulator: &Emulator) -> Command {
    let mut command = Command::new(python.join("python"));
    command
        .arg(root().join("xtask/src/recipes/check.py"))
        .env("AWS_ENDPOINT_URL", emulator.url())
        .env("AWS_ACCESS_KEY_ID", ACCOUNT)
        .env("AWS_SECRET_ACCESS_KEY", "root")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("CFN_LINT", cfn_lint)
        .env_remove("AWS_REGION")
        .env_remove("AWS_DEFAULT_REGION");
    without_aws(&mut command);
    command
}

/// Writes the recipes by the example, compiled as the tests compile the whole product: so nothing is compiled with other features.
fn write(folder: &Path, subjects: &Path) -> Result<()> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--workspace", "--exclude", "xtask"]);
    build.args(["--example", "recipes", "--message-format", "json"]);
    let said = run_quiet(&mut build)?;
    let program = said
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["target"]["name"] == "recipes")
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo built no example recipes")?;
    run_quiet(Command::new(program).arg(folder).arg(subjects))?;
    Ok(())
}

fn manifest(folder: &Path) -> Result<Vec<Written>> {
    let text = fs::read_to_string(folder.join("manifest.json"))?;
    let manifest: Manifest = serde_json::from_str(&text).context("manifest.json")?;
    if manifest.files.is_empty() {
        bail!("no recipe was written");
    }
    Ok(manifest.files)
}
