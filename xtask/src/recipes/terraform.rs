//! `terraform validate` for the recipes of Terraform, each folder a configuration of its own.

use super::Written;
use crate::{
    infra::{Outcome, Terraform},
    shell::data,
};
use anyhow::{Context, Result, bail, ensure};
use std::{collections::BTreeSet, fs, path::Path};

pub fn validate(folder: &Path, files: &[Written]) -> Result<()> {
    let copy = data().join("infra/recipes");
    let terraform = match Terraform::prepare_in(&copy) {
        Ok(terraform) => terraform,
        Err(reason) => {
            println!("  NOT RUN: {reason:#}. The recipes of Terraform are not known to be valid.");
            return Ok(());
        }
    };
    let of_terraform: Vec<&Written> =
        files.iter().filter(|one| one.proof == "terraform-validate").collect();
    let subjects: BTreeSet<&str> = of_terraform.iter().map(|one| one.subject.as_str()).collect();
    ensure!(!subjects.is_empty(), "there is no recipe of Terraform");
    for subject in subjects {
        let module = format!("recipes-{subject}");
        let place = copy.join("terraform").join(&module);
        fs::create_dir_all(&place)?;
        for one in of_terraform.iter().filter(|one| one.subject == subject) {
            let name = one.path.file_name().context("a recipe without a name")?;
            fs::copy(folder.join(&one.path), place.join(name))?;
        }
        if !initialized(&terraform, &module)? {
            return Ok(());
        }
        terraform
            .run_with(&module, &["validate", "-no-color"], &[])
            .with_context(|| format!("{subject}/terraform"))?;
    }
    // A validation that finds nothing in a broken configuration proves nothing.
    let broken = copy.join("terraform/recipes-secret/write.tf");
    let text = fs::read_to_string(&broken)?.replace("secret_string_wo_version =", "wo_version =");
    fs::write(&broken, text)?;
    if terraform.run_with("recipes-secret", &["validate", "-no-color"], &[]).is_ok() {
        bail!("terraform validate finds nothing in a broken recipe");
    }
    Ok(())
}

/// `false` where the provider cannot be had.
fn initialized(terraform: &Terraform, module: &str) -> Result<bool> {
    match terraform.without_provider(module) {
        None | Some(Outcome::Passed) => Ok(true),
        Some(Outcome::NotRun(reason)) => {
            println!("  NOT RUN: {reason}. The recipes of Terraform are not known to be valid.");
            Ok(false)
        }
        Some(Outcome::Failed(fault)) => bail!(fault),
    }
}
