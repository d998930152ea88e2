//! The browser's files, compressed: the islands (WebAssembly and its loader), the pages' module, the style sheet and the fonts.

use crate::{
    module,
    setup::{unless_stamped, wasm::Toolchain},
    shell::{hex, root, run, run_quiet, step, which},
};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};
use wasm_bindgen_cli_support::Bindgen;

/// Build profiles of the browser's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// For the demo: built minutes faster and loaded from this machine, so that its size does not matter.
    Quick,
    /// As delivered, measured and tested.
    Small,
}

impl Build {
    fn profile(self) -> &'static str {
        match self {
            Self::Quick => "wasm-quick",
            Self::Small => "wasm-release",
        }
    }

    /// The brotli level, up to 11.
    fn brotli_quality(self) -> u32 {
        match self {
            Self::Quick => 3,
            Self::Small => 11,
        }
    }
}

/// The program of `browser`, and the name of its files in the site.
const PROGRAM: &str = "islands";

/// Sizes of the files that the browser loads, in bytes by brotli.
pub struct Sizes {
    pub islands: usize,
    pub islands_script: usize,
    pub module: usize,
    pub style: usize,
}

/// The folder of the built site; `current` in it names the current assets.
pub fn site(build: Build) -> PathBuf {
    root().join(match build {
        Build::Quick => "target/site-quick",
        Build::Small => "target/site",
    })
}

/// A folder that the server takes for the browser's files, where nobody opens a page's scripts: building them takes minutes.
pub fn placeholder(folder: &Path) -> Result<PathBuf> {
    let site = folder.join("site");
    let assets = site.join("assets-placeholder");
    fs::create_dir_all(&assets)?;
    for file in ["claviger.js", "console.js"] {
        fs::write(assets.join(file), "")?;
    }
    fs::write(site.join("current"), "assets-placeholder")?;
    Ok(site)
}

/// Builds all files that the browser loads into a folder named after their content.
pub fn build(toolchain: &Toolchain, build: Build) -> Result<()> {
    build_beside(toolchain, build, |_| ())
}

/// The same, beside another build; `share` lets the compiler's command know of it.
pub fn build_beside(
    toolchain: &Toolchain,
    build: Build,
    share: impl FnOnce(&mut Command),
) -> Result<()> {
    let compiled = step("Compiling the browser's part (a few minutes when cold)", || {
        compile(toolchain, &root(), build, share)
    })?;
    let mut made_from = vec![root().join("package-lock.json")];
    made_from.extend(["web.rs", "module.rs"].map(|file| root().join("xtask/src").join(file)));
    made_from.push(wasm(&compiled));
    for folder in [root().join("style"), module::folder(&root())] {
        made_from.extend(fs::read_dir(folder)?.flatten().map(|entry| entry.path()));
    }
    made_from.sort();
    let stamp = site(build).join("stamp");
    if assets_are_missing(build) {
        let _ = fs::remove_file(&stamp);
    }
    fs::create_dir_all(site(build))?;
    let made_from: Vec<&Path> = made_from.iter().map(PathBuf::as_path).collect();
    unless_stamped(&stamp, &made_from, || {
        step("Making the browser's files", || {
            let made = root().join("target/web-assets");
            make(&compiled, &root(), &made, build)?;
            publish(&made, build)
        })
    })
}

/// Builds the files of another working copy, as delivered, into `made`.
pub fn build_copy(toolchain: &Toolchain, tree: &Path, made: &Path) -> Result<()> {
    let compiled = compile(toolchain, tree, Build::Small, |_| ())?;
    make(&compiled, tree, made, Build::Small)
}

/// Whether the folder that `current` names is missing.
fn assets_are_missing(build: Build) -> bool {
    fs::read_to_string(site(build).join("current"))
        .map_or(true, |folder| !site(build).join(folder.trim()).is_dir())
}

/// Makes the files from the compiled program and the working copy `tree`, in the folder `made`.
fn make(compiled: &Path, tree: &Path, made: &Path, build: Build) -> Result<()> {
    let style = tree.join("style");
    let _ = fs::remove_dir_all(made);
    fs::create_dir_all(made)?;
    let mut files = vec!["claviger.css".to_owned(), "icon.svg".to_owned(), "console.js".to_owned()];
    Bindgen::new()
        .input_path(wasm(compiled))
        .web(true)?
        .typescript(false)
        .out_name(PROGRAM)
        .generate(made)?;
    let islands = format!("{PROGRAM}_bg.wasm");
    if build == Build::Small {
        optimize(&made.join(&islands))?;
    }
    files.extend([islands, format!("{PROGRAM}.js")]);
    fs::write(made.join("console.js"), module::bundle(tree)?)?;
    fs::write(made.join("claviger.css"), style_sheet(&style)?)?;
    fs::copy(style.join("icon.svg"), made.join("icon.svg"))?;
    let fonts = root().join("node_modules/@fontsource-variable");
    fs::copy(fonts.join("inter/files/inter-latin-wght-normal.woff2"), made.join("inter.woff2"))?;
    fs::copy(
        fonts.join("jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2"),
        made.join("mono.woff2"),
    )?;
    for file in files {
        compress(&made.join(file), build)?;
    }
    if build == Build::Small {
        module::weigh(&made.join("console.js.br"))?;
    }
    Ok(())
}

/// The program's WebAssembly in the folder from `compile`.
fn wasm(compiled: &Path) -> PathBuf {
    compiled.join(PROGRAM).with_extension("wasm")
}

/// Compiles the program of the working copy `tree`. Returns its folder.
fn compile(
    toolchain: &Toolchain,
    tree: &Path,
    quality: Build,
    share: impl FnOnce(&mut Command),
) -> Result<PathBuf> {
    let target = root().join("target/web");
    let mut build = toolchain.cargo();
    build
        .current_dir(tree)
        .args(["build", "--quiet", "--locked", "-p", "claviger-browser", "--bins"])
        .args(["--profile", quality.profile()])
        .args(["--target", "wasm32-unknown-unknown", "--target-dir"])
        .arg(&target);
    share(&mut build);
    run(&mut build)?;
    Ok(target.join("wasm32-unknown-unknown").join(quality.profile()))
}

/// Shrinks the file with binaryen's optimizer from npm: Debian's is too old for reference types.
fn optimize(wasm: &Path) -> Result<()> {
    let mut command = Command::new(which(&["node", "nodejs"]).context("Node.js is missing")?);
    command
        .arg(root().join("node_modules/binaryen/bin/wasm-opt"))
        // What rustc uses and every current browser supports; `--all-features` would emit more than browsers support.
        .args([
            "-Oz",
            "--enable-bulk-memory",
            "--enable-bulk-memory-opt",
            "--enable-sign-ext",
            "--enable-mutable-globals",
        ])
        .args([
            "--enable-nontrapping-float-to-int",
            "--enable-reference-types",
            "--enable-multivalue",
        ])
        .arg(wasm)
        .arg("-o")
        .arg(wasm);
    run_quiet(&mut command).map(drop)
}

/// Joins `main.css` with its imports, each in its layer.
fn style_sheet(folder: &Path) -> Result<String> {
    let main = fs::read_to_string(folder.join("main.css"))?;
    let mut sheet = String::new();
    for line in main.lines() {
        let Some(import) = line.strip_prefix("@import \"") else {
            sheet.push_str(line);
            sheet.push('\n');
            continue;
        };
        let (file, rest) =
            import.split_once('"').context("an @import without its closing quote")?;
        let part =
            fs::read_to_string(folder.join(file)).with_context(|| format!("style/{file}"))?;
        match rest.trim().strip_prefix("layer(").and_then(|rest| rest.split_once(')')) {
            Some((layer, _)) => {
                sheet.push_str("@layer ");
                sheet.push_str(layer);
                sheet.push_str(" {\n");
                sheet.push_str(&part);
                sheet.push_str("}\n");
            }
            None => sheet.push_str(&part),
        }
    }
    Ok(sheet)
}

fn brotli(bytes: &[u8], build: Build) -> Result<Vec<u8>> {
    let quality = build.brotli_quality();
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 64 * 1024, quality, 22);
    writer.write_all(bytes)?;
    Ok(writer.into_inner())
}

fn compress(file: &Path, build: Build) -> Result<()> {
    let mut name = file.as_os_str().to_owned();
    name.push(".br");
    fs::write(name, brotli(&fs::read(file)?, build)?)?;
    Ok(())
}

/// Moves the files to a folder named after their content, and makes it the current one.
fn publish(made: &Path, build: Build) -> Result<()> {
    let mut hash = Sha256::new();
    let mut files: Vec<PathBuf> = fs::read_dir(made)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in &files {
        hash.update(fs::read(file)?);
    }
    let name = hex(&hash.finalize()[..6]);
    let site = site(build);
    fs::create_dir_all(&site)?;
    let folder = format!("assets-{name}");
    let there = site.join(&folder);
    if !there.exists() {
        fs::rename(made, &there)?;
    }
    fs::write(site.join("current"), &folder)?;
    // Files of earlier builds are unused: pages name only the current folder.
    for entry in fs::read_dir(&site)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with("assets-") && entry.path() != there {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// The sizes of delivered files that a browser loads, by brotli.
pub fn sizes() -> Result<Sizes> {
    let site = site(Build::Small);
    let folder = site.join(fs::read_to_string(site.join("current"))?.trim());
    let bytes_of = |name: &str| -> Result<usize> {
        Ok(usize::try_from(fs::metadata(folder.join(name))?.len())?)
    };
    Ok(Sizes {
        islands: bytes_of("islands_bg.wasm.br")?,
        islands_script: bytes_of("islands.js.br")?,
        module: bytes_of("console.js.br")?,
        style: bytes_of("claviger.css.br")?,
    })
}
