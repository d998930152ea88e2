//! What one page more costs. A clean copy of the tree is built for the browser as it is, and again with a page and its
//! route. The copy is also compiled as the console, so that the page is one that the server could show.

use super::measured::AddedPage;
use crate::{
    setup::wasm::Toolchain,
    shell::{cargo, root, run, run_quiet, step},
    web,
};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A page with a table, a form and its own texts.
const PAGE: &str = include_str!("added_page.rs.txt");
/// The last route, before which the page's is put.
const LAST_ROUTE: &str = "<Route path=path!(\"/*any\")";
const ROUTE: &str = "<Route path=path!(\"/added\") view=crate::added::AddedPage ssr=SsrMode::Async />\n                    ";

pub fn measure(toolchain: &Toolchain, folder: &Path) -> Result<AddedPage> {
    let (tree, made) = (folder.join("tree"), folder.join("made"));
    copy(&tree)?;
    let built = || {
        web::build_copy(toolchain, &tree, &made)?;
        bytes(&made)
    };
    let before = step("Building the browser's part of a clean copy", built)?;
    add_page(&tree)?;
    let after = step("Building it again with a page more", built)?;
    step("Compiling the console with that page", || {
        run(cargo()
            .current_dir(&tree)
            .args(["check", "--quiet", "--locked", "--workspace", "--exclude", "xtask"])
            .args(["--bin", "claviger", "--target-dir"])
            .arg(root().join("target"))
            .env("SQLX_OFFLINE", "true"))
    })?;
    Ok(AddedPage { before, after })
}

/// Copies what git tracks or would track.
fn copy(tree: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(tree);
    let mut list = Command::new("git");
    list.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = run_quiet(list.current_dir(root()))?;
    for name in list.split('\0').filter(|name| !name.is_empty()) {
        let from = root().join(name);
        // A file that was deleted and not committed yet is still listed.
        if from.is_file() {
            let to = tree.join(name);
            fs::create_dir_all(to.parent().context("a file without a folder")?)?;
            fs::copy(&from, &to).with_context(|| name.to_owned())?;
        }
    }
    Ok(())
}

fn add_page(tree: &Path) -> Result<()> {
    let source = tree.join("app/src");
    fs::write(source.join("added.rs"), PAGE)?;
    change(source.join("lib.rs"), "mod accounts;\n", "mod accounts;\nmod added;\n")?;
    change(source.join("app.rs"), LAST_ROUTE, &format!("{ROUTE}{LAST_ROUTE}"))
}

fn change(file: PathBuf, from: &str, to: &str) -> Result<()> {
    let text = fs::read_to_string(&file)?;
    ensure!(text.contains(from), "{} does not contain {from:?}", file.display());
    fs::write(file, text.replacen(from, to, 1))?;
    Ok(())
}

/// Of all scripts and WebAssembly files, compressed.
fn bytes(made: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(made)?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".js.br") || name.ends_with(".wasm.br") {
            sum += entry.metadata()?.len();
        }
    }
    ensure!(sum > 0, "the build made no script");
    Ok(sum)
}
