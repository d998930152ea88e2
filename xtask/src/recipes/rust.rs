//! Compiles the recipes in Rust as programs of a cargo package of their own, whose lock file has the product's versions of what
//! both have: AWS's caching client needs features of the AWS SDK that the product is not compiled with.

use super::Written;
use crate::shell::{cargo, data, root, run_quiet};
use anyhow::{Context, Result, ensure};
use std::{fs, path::Path};

/// Beside each recipe, its program.
pub fn compile(folder: &Path, files: &[Written]) -> Result<()> {
    let ours = root().join("xtask/src/recipes");
    let package = folder.join("cargo");
    fs::create_dir_all(&package)?;
    for name in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(ours.join("cargo").join(name), package.join(name))?;
    }
    let recipes: Vec<&Written> =
        files.iter().filter(|one| one.proof == "compiled-and-run").collect();
    ensure!(!recipes.is_empty(), "there is no recipe in Rust");
    for one in &recipes {
        let place = package.join("src/bin").join(&one.subject);
        fs::create_dir_all(&place)?;
        fs::copy(ours.join("drive.rs.txt"), place.join("main.rs"))?;
        fs::copy(folder.join(&one.path), place.join("secret.rs"))?;
    }
    let target = data().join("recipes-rust");
    let mut build = cargo();
    build.current_dir(&package).args(["build", "--quiet", "--locked"]);
    build.env("CARGO_TARGET_DIR", &target);
    run_quiet(build.env_remove("RUSTC_WORKSPACE_WRAPPER").env_remove("CLIPPY_ARGS"))?;
    for one in recipes {
        let program = folder.join(&one.path).with_file_name("program");
        fs::copy(target.join("debug").join(&one.subject), program)
            .with_context(|| one.path.display().to_string())?;
    }
    Ok(())
}
