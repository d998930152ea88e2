//! `cargo xtask release`: the archives of `claviger` and `clv` for this platform, with checksums and a bill of materials.

mod sbom;

use crate::{
    image::dockerfile::Dockerfile,
    setup,
    shell::{self, cargo, root, run_quiet, step},
};
use anyhow::{Context, Result, bail};
use clap::Args;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[derive(Args)]
pub struct Options {
    /// Only write the bill of materials (`CycloneDX`) to this file.
    #[arg(long, value_name = "FILE")]
    sbom: Option<PathBuf>,
    /// Only say what would refuse a release.
    #[arg(long)]
    check: bool,
    /// Make archives named "draft" although something would refuse a release.
    #[arg(long)]
    draft: bool,
    /// The folder for the archives.
    #[arg(long, default_value = "target/release-archives")]
    out: PathBuf,
}

/// An archive: a program, and what comes with it.
struct Archive {
    program: &'static str,
    /// Files of this working copy, and where they go.
    files: &'static [(&'static str, &'static str)],
    has_site: bool,
}

const ARCHIVES: [Archive; 2] = [
    Archive {
        program: "claviger",
        files: &[
            ("LICENSE", "share/doc/claviger/LICENSE"),
            ("CHANGELOG.md", "share/doc/claviger/CHANGELOG.md"),
            ("infra/systemd/claviger.service", "lib/systemd/system/claviger.service"),
        ],
        has_site: true,
    },
    Archive {
        program: "clv",
        files: &[
            ("LICENSE", "share/doc/clv/LICENSE"),
            ("CHANGELOG.md", "share/doc/clv/CHANGELOG.md"),
        ],
        has_site: false,
    },
];

pub fn run(options: &Options) -> Result<()> {
    if let Some(file) = &options.sbom {
        return sbom::write(file);
    }
    let version = version()?;
    let refused = refusals(&version)?;
    for reason in &refused {
        println!("  {reason}");
    }
    if !refused.is_empty() && !options.draft {
        bail!("{version} is not ready for a release");
    }
    if options.check {
        println!("  {version} is ready for a release");
        return Ok(());
    }
    let out = root().join(&options.out);
    let _ = fs::remove_dir_all(&out);
    let stages = out.join("stages");
    setup::node::ensure()?;
    for stage in ["web", "server"] {
        let mut script = Command::new(root().join("infra/image").join(stage).with_extension("sh"));
        script.arg(stages.join(stage)).current_dir(root());
        step(&format!("Running infra/image/{stage}.sh"), || shell::run(&mut script))?;
    }
    let named = if refused.is_empty() { version } else { format!("{version}-draft") };
    let mut made = Vec::new();
    for archive in &ARCHIVES {
        made.push(pack(archive, &named, &stages, &out)?);
    }
    let sums = checksums(&out, &made)?;
    fs::remove_dir_all(&stages)?;
    println!("{sums}\nin {}", out.display());
    Ok(())
}

/// Why this must not be released; empty if it may.
fn refusals(version: &str) -> Result<Vec<String>> {
    let mut reasons = Vec::new();
    let changes = fs::read_to_string(root().join("CHANGELOG.md"))?;
    reasons.extend(changelog_fault(&changes, version));
    let dockerfile = fs::read_to_string(root().join("Dockerfile"))?;
    for base in Dockerfile::parse(&dockerfile).unpinned() {
        reasons.push(format!("{base}, without a digest: run infra/image/pin.sh"));
    }
    let status =
        run_quiet(Command::new("git").args(["status", "--porcelain"]).current_dir(root()))?;
    if !status.trim().is_empty() {
        reasons.push("the working copy has changes that are not committed".to_owned());
    }
    Ok(reasons)
}

/// The changelog has a section of the version, with entries, and nothing that no version has.
fn changelog_fault(text: &str, version: &str) -> Option<String> {
    let section = |name: &str| -> Option<bool> {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(&format!("## [{name}]")));
        lines.next()?;
        let has_text = |line: &str| {
            !line.trim().is_empty() && !line.starts_with('#') && !line.starts_with('[')
        };
        Some(lines.take_while(|line| !line.starts_with("## ")).any(has_text))
    };
    match (section(version), section("Unreleased")) {
        (_, Some(true)) => Some(format!(
            "CHANGELOG.md has entries below [Unreleased]: put them below [{version}] with today's date, and raise the version \
             in Cargo.toml"
        )),
        (Some(true), _) => None,
        (Some(false), _) => Some(format!("CHANGELOG.md says nothing below [{version}]")),
        (None, _) => Some(format!("CHANGELOG.md has no section [{version}]")),
    }
}

/// The workspace's version.
fn version() -> Result<String> {
    let text =
        run_quiet(cargo().args(["metadata", "--no-deps", "--format-version=1", "--locked"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let packages = metadata["packages"].as_array().context("packages")?;
    let server = packages.iter().find(|package| package["name"] == "claviger");
    let version = server.and_then(|package| package["version"].as_str());
    Ok(version.context("the version of claviger")?.to_owned())
}

/// Packs an archive whose bytes depend on nothing but its content, and returns its name.
fn pack(archive: &Archive, version: &str, stages: &Path, out: &Path) -> Result<String> {
    let Archive { program, files, has_site } = archive;
    let platform = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let name = format!("{program}-{version}-{platform}");
    let folder = out.join(&name);
    let server = stages.join("server");
    let install = |from: PathBuf, to: &str, mode: &str| {
        let to = folder.join(to);
        let mut command = Command::new("install");
        command.args(["-D", "-m", mode]).args([from, to]);
        run_quiet(&mut command).map(drop)
    };
    install(server.join("bin").join(program), &format!("bin/{program}"), "755")?;
    for (from, to) in *files {
        install(root().join(from), to, "644")?;
    }
    install(
        server.join("claviger.cdx.json"),
        &format!("share/doc/{program}/claviger.cdx.json"),
        "644",
    )?;
    for page in fs::read_dir(server.join("man"))?.flatten() {
        let file = page.file_name().to_string_lossy().into_owned();
        if file.starts_with(&format!("{program}.")) || file.starts_with(&format!("{program}-")) {
            install(page.path(), &format!("share/man/man1/{file}"), "644")?;
        }
    }
    for (shell, to) in [
        ("bash", format!("share/bash-completion/completions/{program}")),
        ("zsh", format!("share/zsh/site-functions/_{program}")),
        ("fish", format!("share/fish/vendor_completions.d/{program}.fish")),
    ] {
        let from = server.join("completions").join(format!("{program}.{shell}"));
        install(from, &to, "644")?;
    }
    if *has_site {
        let to = folder.join("share/claviger");
        fs::create_dir_all(&to)?;
        run_quiet(Command::new("cp").arg("-R").arg(stages.join("web/site")).arg(&to))?;
    }
    let file = format!("{name}.tar.gz");
    // The date of the commit: the same source gives the same archive.
    let date =
        run_quiet(Command::new("git").args(["log", "-1", "--format=%cI"]).current_dir(root()))?;
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .args(["--mode=u=rwX,go=rX", "--format=gnu", "--use-compress-program=gzip -n9"])
        .arg(format!("--mtime={}", date.trim()))
        .arg("--file")
        .arg(out.join(&file))
        .arg("--directory")
        .args([out, Path::new(&name)]);
    run_quiet(&mut tar)?;
    fs::remove_dir_all(folder)?;
    Ok(file)
}

/// Writes SHA256SUMS, and lets the tool that people use read it again.
fn checksums(out: &Path, files: &[String]) -> Result<String> {
    let sums = run_quiet(Command::new("sha256sum").arg("--").args(files).current_dir(out))?;
    fs::write(out.join("SHA256SUMS"), &sums)?;
    run_quiet(
        Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(out),
    )?;
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_without_a_version_refuse_a_release() {
        let open = "# Changelog\n## [Unreleased]\n\n### Added\n\n- One.\n\n## [1.0.0]\n\n- Two.\n";
        assert!(changelog_fault(open, "1.0.0").is_some_and(|fault| fault.contains("Unreleased")));
        let closed = open.replace("- One.\n", "");
        assert_eq!(changelog_fault(&closed, "1.0.0"), None);
        assert!(
            changelog_fault(&closed, "1.1.0").is_some_and(|fault| fault.contains("no section"))
        );
        let empty = closed.replace("- Two.\n", "");
        assert!(changelog_fault(&empty, "1.0.0").is_some_and(|fault| fault.contains("nothing")));
    }
}
