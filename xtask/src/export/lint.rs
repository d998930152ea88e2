//! cfn-lint, which holds templates against CloudFormation's own schemas.

use super::files;
use crate::{infra::linters, shell::run_quiet};
use anyhow::{Result, ensure};
use std::{path::Path, process::Command};

/// Every template below the folder.
pub fn templates(folder: &Path) -> Result<()> {
    let mut all = Vec::new();
    files(folder, &mut all)?;
    all.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".template.yaml") || name.ends_with(".template.json")
    });
    ensure!(!all.is_empty(), "{} has no templates", folder.display());
    // W3002 and the like are warnings that fail as errors do.
    let mut lint = Command::new(linters()?.join("cfn-lint"));
    lint.args(["--regions", "us-east-1", "--"]).args(&all);
    run_quiet(&mut lint)?;
    println!("    {} templates", all.len());
    Ok(())
}
