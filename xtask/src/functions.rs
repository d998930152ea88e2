//! `cargo xtask functions`: the archives of the rotation functions, for AWS Lambda on arm64.

use crate::{
    setup::python,
    shell::{cargo, root, run, run_quiet, step, which},
};
use anyhow::{Context, Result};
use clap::Args;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The functions' programs.
const PROGRAMS: [&str; 2] = ["rotation-http", "rotation-ssh"];
const TARGET: &str = "aarch64-unknown-linux-gnu";
/// The C library of Lambda's provided.al2023. This machine's is often newer, and a program needs at least that of its linker.
const GLIBC: &str = "2.34";

/// Makes an archive with the one file that Lambda starts. Its bytes depend on nothing but the program.
const PACK: &str = r#"
import sys, zipfile
program, archive = sys.argv[1:]
entry = zipfile.ZipInfo("bootstrap", (1980, 1, 1, 0, 0, 0))
entry.external_attr = 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
with zipfile.ZipFile(archive, "w") as target, open(program, "rb") as source:
    target.writestr(entry, source.read(), compresslevel=9)
"#;

#[derive(Args)]
pub struct Options {
    /// The folder for the archives.
    #[arg(long, default_value = "target/rotation-functions")]
    out: PathBuf,
}

pub fn run_with(options: &Options) -> Result<()> {
    let tools = python::environment(
        "venv-functions",
        "functions.stamp",
        "infra/requirements-functions.txt",
        "Zig, which links for Lambda's C library",
    )?;
    if let Some(rustup) = which(&["rustup"]) {
        step("Adding the target of Lambda", || {
            run_quiet(Command::new(rustup).args(["target", "add", TARGET]).current_dir(root()))
        })?;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let paths = env::join_paths([tools.clone()].into_iter().chain(env::split_paths(&path)))?;
    let mut build = cargo();
    build.args(["zigbuild", "--release", "--locked"]).env("PATH", paths);
    build.args(["--target", &format!("{TARGET}.{GLIBC}")]);
    for program in PROGRAMS {
        build.args(["--package", program]);
    }
    step("Compiling the functions for Lambda", || run(&mut build))?;
    let out = root().join(&options.out);
    fs::create_dir_all(&out)?;
    let programs = target_folder().join(TARGET).join("release");
    for program in PROGRAMS {
        let archive = out.join(program).with_extension("zip");
        pack(&programs.join(program), &archive)?;
        let size = fs::metadata(&archive)?.len() / 1024;
        println!("  {} ({size} KiB)", archive.display());
    }
    Ok(())
}

fn target_folder() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn pack(program: &Path, archive: &Path) -> Result<()> {
    let mut command = Command::new(python::interpreter()?);
    command.args(["-c", PACK]).args([program, archive]);
    run_quiet(&mut command).map(drop).with_context(|| format!("packing {}", program.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_is_the_same_each_time_and_its_file_can_be_started() {
        let folder = env::temp_dir().join(format!("claviger-pack-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (program, one, other) =
            (folder.join("program"), folder.join("one.zip"), folder.join("other.zip"));
        fs::write(&program, "#!/bin/sh\n").unwrap();
        pack(&program, &one).unwrap();
        pack(&program, &other).unwrap();
        let bytes = fs::read(&one).unwrap();
        assert_eq!(bytes, fs::read(&other).unwrap());
        let list = "import sys, zipfile; print([(i.filename, oct(i.external_attr >> 16)) for i in zipfile.ZipFile(sys.argv[1]).infolist()])";
        let mut listed = Command::new(python::interpreter().unwrap());
        let listed = run_quiet(listed.args(["-c", list]).arg(&one)).unwrap();
        assert_eq!(listed.trim(), "[('bootstrap', '0o100755')]");
        fs::remove_dir_all(folder).unwrap();
    }
}
