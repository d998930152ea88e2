//! What compiles our own crates.

use crate::shell::{cargo, run_quiet, which};
use anyhow::{Context, Result};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// The compiler that cargo runs for the crates of the workspace; rustc compiles all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compiler {
    Rustc,
    /// The same with Clippy's lints, each of which is an error. `cargo clippy` does this with `cargo check`, whose output
    /// no program can be linked from: dependencies are then compiled a second time for the tests.
    Clippy,
}

impl Compiler {
    /// Cargo with this compiler. Builds by both keep their output side by side.
    pub fn cargo(self) -> Result<Command> {
        let mut command = cargo();
        if self == Self::Clippy {
            command
                .env("RUSTC_WORKSPACE_WRAPPER", clippy_driver()?)
                // The form in which `cargo clippy` passes what follows its `--`.
                .env("CLIPPY_ARGS", "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
        }
        Ok(command)
    }
}

/// That of the toolchain itself, since rustup's would be started twice for each crate.
fn clippy_driver() -> Result<PathBuf> {
    let sysroot = run_quiet(Command::new("rustc").args(["--print", "sysroot"]))?;
    let of_the_toolchain = Path::new(sysroot.trim()).join("bin/clippy-driver");
    if of_the_toolchain.is_file() {
        return Ok(of_the_toolchain);
    }
    which(&["clippy-driver"]).context("Clippy is missing: rustup component add clippy")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Clippy reads its arguments and whether it is wanted from variables that are no documented interface.
    #[test]
    fn a_lint_ends_the_compilation() {
        let folder = std::env::temp_dir().join(format!("claviger-lint-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let compiles = |source: &str| {
            let file = folder.join("linted.rs");
            fs::write(&file, source).unwrap();
            let mut command = Command::new(clippy_driver().unwrap());
            for (name, value) in Compiler::Clippy.cargo().unwrap().get_envs() {
                match value {
                    Some(value) => command.env(name, value),
                    None => command.env_remove(name),
                };
            }
            command
                .args(["rustc", "--edition=2024", "--crate-type=lib", "--out-dir"])
                .arg(&folder)
                .arg(&file)
                .env("CARGO_PRIMARY_PACKAGE", "1")
                .output()
                .unwrap()
                .status
                .success()
        };
        let (sound, linted) = (
            compiles("pub fn same(number: u8) -> u8 {\n    number\n}\n"),
            compiles("pub fn same(number: u8) -> u8 {\n    return number;\n}\n"),
        );
        fs::remove_dir_all(&folder).unwrap();
        assert!(sound && !linted, "{sound} {linted}");
    }
}
