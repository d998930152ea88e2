//! Compiles the recipes in Rust by rustc, with AWS's caching client from crates.io and the libraries that the product has anyway:
//! a cargo project of their own would compile the AWS SDK once more.

use super::Written;
use crate::shell::{data, root, run_quiet};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The client, whose sources cargo downloads.
const CLIENT: &str = "aws_secretsmanager_caching";
const VERSION: &str = "2.1.0";

/// What the client is compiled with: the names of libraries, and the beginning of the version where there are several.
const OF_CLIENT: [(&str, &str); 12] = [
    ("aws_config", ""),
    ("aws_sdk_secretsmanager", ""),
    ("aws_smithy_runtime_api", ""),
    ("aws_smithy_types", ""),
    ("linked_hash_map", ""),
    ("log", ""),
    ("rustls", ""),
    ("serde", ""),
    ("serde_json", ""),
    ("serde_with", ""),
    ("thiserror", "2."),
    ("tokio", ""),
];
/// What the recipe and the program that drives it name.
const OF_RECIPE: [&str; 4] = ["aws_config", "aws_sdk_secretsmanager", "serde_json", "tokio"];

/// Beside each recipe of the emulator's resources, its program.
pub fn compile(folder: &Path, files: &[Written], messages: &str) -> Result<()> {
    let client = folder.join(format!("lib{CLIENT}.rlib"));
    let mut command = rustc("2021", messages, OF_CLIENT.map(|(name, _)| name).as_slice())?;
    command.args(["--crate-type", "rlib", "--crate-name", CLIENT, "--cap-lints", "allow"]);
    command.env("CARGO_PKG_VERSION", VERSION);
    run_quiet(command.arg("-o").arg(&client).arg(sources()?.join("src/lib.rs")))?;
    let driver = root().join("xtask/src/recipes/drive.rs.txt");
    let mut count = 0;
    for one in files.iter().filter(|one| is_run(one)) {
        let place = folder.join(&one.path).parent().map(Path::to_path_buf).unwrap_or_default();
        let main = place.join("main.rs");
        fs::copy(&driver, &main)?;
        let mut command = rustc("2024", messages, &OF_RECIPE)?;
        command.args(["--crate-type", "bin", "-D", "warnings", "-A", "dead_code", "--extern"]);
        command.arg(format!("{CLIENT}={}", client.display()));
        run_quiet(command.arg("-o").arg(place.join("program")).arg(&main))
            .with_context(|| one.path.display().to_string())?;
        count += 1;
    }
    ensure!(count > 0, "there is no recipe in Rust");
    Ok(())
}

fn is_run(one: &Written) -> bool {
    one.proof == "compiled-and-run" && one.subject.starts_with("emulated-")
}

/// rustc with these libraries.
fn rustc(edition: &str, messages: &str, names: &[&str]) -> Result<Command> {
    let mut command = Command::new("rustc");
    command.args(["--edition", edition, "-L"]);
    command.arg(format!("dependency={}", dependencies(messages)?.display()));
    for name in names {
        let version =
            OF_CLIENT.iter().find(|(own, _)| own == name).map_or("", |(_, version)| version);
        command
            .arg("--extern")
            .arg(format!("{name}={}", library(messages, name, version)?.display()));
    }
    Ok(command)
}

/// The library of this name among those that cargo reports.
fn library(messages: &str, name: &str, version: &str) -> Result<PathBuf> {
    let found = messages
        .lines()
        .filter(|line| line.contains("compiler-artifact"))
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"].as_str() == Some(name))
        .filter(|message| {
            let id = message["package_id"].as_str().unwrap_or_default();
            // As in `…#thiserror@2.0.17`, or `…#2.0.17` where the folder has the name.
            id.rsplit(['#', '@']).next().is_some_and(|own| own.starts_with(version))
        })
        .filter_map(|message| {
            let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
            files.map(PathBuf::from).find(|file| file.extension().is_some_and(|end| end == "rlib"))
        })
        .last();
    found.with_context(|| format!("the product has no library {name} {version}"))
}

/// The folder of all libraries.
fn dependencies(messages: &str) -> Result<PathBuf> {
    let one = library(messages, "aws_config", "")?;
    Ok(one.parent().map(Path::to_path_buf).unwrap_or_default())
}

/// The folder with the client's sources. Cargo downloads them with the versions of our lock file.
fn sources() -> Result<PathBuf> {
    let folder = data().join("recipes-rust");
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"recipes\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{CLIENT} = \"={VERSION}\"\n\n[workspace]\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["metadata", "--format-version", "1"]).current_dir(&folder);
    let metadata: Value = serde_json::from_str(&run_quiet(&mut command)?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages
        .filter(|package| package["name"].as_str() == Some(CLIENT))
        .find_map(|package| package["manifest_path"].as_str().map(PathBuf::from));
    let manifest = manifest.with_context(|| format!("cargo knows no package {CLIENT}"))?;
    Ok(manifest.parent().map(Path::to_path_buf).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_found_by_its_name_and_version() {
        let message = |id: &str, file: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","package_id":"{id}","target":{{"name":"thiserror"}},"filenames":["{file}","a.rmeta"]}}"#
            )
        };
        let messages = [
            message("registry+https://x#thiserror@1.0.69", "/t/one.rlib"),
            message("registry+https://x#thiserror@2.0.21", "/t/two.rlib"),
        ]
        .join("\n");
        let found = |version| library(&messages, "thiserror", version).ok();
        assert_eq!(found("2."), Some(PathBuf::from("/t/two.rlib")));
        assert_eq!(found("1."), Some(PathBuf::from("/t/one.rlib")));
        assert_eq!(found("3."), None);
        assert!(library(&messages, "tokio", "").is_err());
    }
}
