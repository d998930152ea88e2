//! A compiler for WebAssembly: rustup's target, or Debian's Rust with a standard library built here.

use super::apt;
use crate::shell::{cargo, data, root, run_quiet, step, which};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const TARGET: &str = "wasm32-unknown-unknown";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_LLD: &str = "/usr/bin/wasm-ld-22";
const STD_SOURCES: &str = "/usr/lib/rustlib/src/rust/library/std";

/// How to build for WebAssembly here.
pub enum Toolchain {
    /// The current toolchain has the target.
    Rustup,
    /// Debian's toolchain, with the standard library in this system root.
    Debian { sysroot: PathBuf },
}

impl Toolchain {
    /// A cargo command that compiles for WebAssembly and treats warnings as errors.
    pub fn cargo(&self) -> Command {
        // The same as in `.cargo/config.toml`, which these flags replace.
        let mut flags = "--cfg=erase_components -Dwarnings".to_owned();
        let mut command = match self {
            Self::Rustup => cargo(),
            Self::Debian { sysroot } => {
                flags.push_str(" --sysroot=");
                flags.push_str(&sysroot.to_string_lossy());
                let mut command = debian_cargo();
                command
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LLD)
                    .current_dir(root());
                command
            }
        };
        command.env_remove("RUSTFLAGS").env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
        command
    }
}

/// Debian's cargo with Debian's rustc, regardless of rustup's environment variables.
fn debian_cargo() -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    for name in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(name);
    }
    command.env("RUSTC", DEBIAN_RUSTC);
    command
}

/// Finds or builds the toolchain. `XTASK_WASM=debian` uses Debian's even if rustup has one.
pub fn ensure() -> Result<Toolchain> {
    if std::env::var("XTASK_WASM").is_ok_and(|wanted| wanted == "debian") {
        return debian();
    }
    if has_target() {
        return Ok(Toolchain::Rustup);
    }
    let by_rustup = which(&["rustup"]).is_some_and(|rustup| {
        step("Adding the WebAssembly target with rustup", || {
            run_quiet(Command::new(rustup).args(["target", "add", TARGET]).current_dir(root()))
                .map(drop)
        })
        .is_ok()
    });
    if by_rustup && has_target() {
        return Ok(Toolchain::Rustup);
    }
    println!("  rustup cannot add the target here: taking Debian's Rust for the browser's part");
    debian().context(
        "WebAssembly cannot be compiled here. Either `rustup target add wasm32-unknown-unknown` has to work, or \
         Debian's rustc-web, cargo-web, rust-web-src and lld-22 have to be installed",
    )
}

fn has_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]).current_dir(root());
    run_quiet(&mut rustc).is_ok_and(|folder| {
        Path::new(folder.trim()).read_dir().is_ok_and(|mut files| files.next().is_some())
    })
}

fn debian() -> Result<Toolchain> {
    let there = || {
        [DEBIAN_RUSTC, DEBIAN_CARGO, DEBIAN_LLD, STD_SOURCES]
            .iter()
            .all(|path| Path::new(path).exists())
    };
    if !there() {
        apt(&["rustc-web", "cargo-web", "rust-web-src", "lld-22"], "the WebAssembly compiler")?;
        if !there() {
            bail!(
                "Debian's packages did not bring {DEBIAN_RUSTC}, {DEBIAN_LLD} and the sources of the standard library"
            );
        }
    }
    let version = run_quiet(Command::new(DEBIAN_RUSTC).arg("--version"))?;
    let tag: String = version.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '.').collect();
    let sysroot = data().join("wasm").join(tag);
    let library = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    if !library.exists() {
        step("Building the standard library for WebAssembly", || build_std(&sysroot, &library))?;
    }
    Ok(Toolchain::Debian { sysroot })
}

/// Builds std as the dependency of an empty crate, and keeps the result.
fn build_std(sysroot: &Path, library: &Path) -> Result<()> {
    let empty = sysroot.join("build");
    fs::create_dir_all(empty.join("src"))?;
    fs::write(
        empty.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n",
    )?;
    fs::write(empty.join("src/lib.rs"), "")?;
    let mut build = debian_cargo();
    build
        .env("RUSTC_BOOTSTRAP", "1")
        // The app is optimized together with it, for size.
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")
        .args([
            "build",
            "-Zbuild-std=std,panic_abort,panic_unwind",
            "--release",
            "--target",
            TARGET,
        ])
        .env("CARGO_TARGET_DIR", empty.join("target"))
        .current_dir(&empty);
    run_quiet(&mut build)?;
    let made = library.with_extension("new");
    fs::create_dir_all(&made)?;
    for file in fs::read_dir(empty.join("target").join(TARGET).join("release/deps"))? {
        let file = file?.path();
        let name =
            file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if file.extension().is_some_and(|end| end == "rlib") && !name.starts_with("libempty") {
            fs::copy(&file, made.join(name))?;
        }
    }
    fs::remove_dir_all(&empty)?;
    // Last and atomically: an existing folder is complete.
    fs::rename(made, library)?;
    Ok(())
}
