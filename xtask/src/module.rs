//! The pages' module: its files joined into one, without comments.

use crate::shell::{root, run};
use anyhow::{Context, Result, bail};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Bytes by brotli: every page loads it.
const MAX_BROTLI: u64 = 9 * 1024;

/// Where its sources are in the working copy `tree`.
pub fn folder(tree: &Path) -> PathBuf {
    tree.join("browser/module")
}

/// `main.js` with what it imports, each file once and before the files that need it.
pub fn bundle(tree: &Path) -> Result<String> {
    let mut joined = Joined::default();
    join(&folder(tree), "main.js", &mut joined)?;
    Ok(joined.text)
}

#[derive(Default)]
struct Joined {
    files: BTreeSet<String>,
    /// The file of each name that is declared at the top level: the joined module has one scope.
    names: BTreeMap<String, String>,
    text: String,
}

/// The name that a line declares at the top level.
fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let kinds = ["async function ", "function ", "const ", "let ", "class "];
    let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
    Some(&rest[..end.unwrap_or(rest.len())]).filter(|name| !name.is_empty())
}

fn join(folder: &Path, name: &str, into: &mut Joined) -> Result<()> {
    if !into.files.insert(name.to_owned()) {
        return Ok(());
    }
    let text =
        fs::read_to_string(folder.join(name)).with_context(|| format!("browser/module/{name}"))?;
    let mut own = String::new();
    let mut in_comment = false;
    for line in text.lines() {
        let code = line.trim_start();
        if in_comment || code.starts_with("/**") {
            in_comment = !code.ends_with("*/");
        } else if code.starts_with("import ") {
            let from = code.split('"').nth(1).and_then(|from| from.strip_prefix("./"));
            let Some(from) = from else {
                bail!("browser/module/{name} imports something other than a file: {code}");
            };
            join(folder, from, into)?;
        } else if !code.is_empty() && !code.starts_with("//") {
            let other = declared(line).and_then(|word| into.names.insert(word.into(), name.into()));
            if let Some(other) = other {
                bail!("browser/module/{name} and {other} both declare this: {code}");
            }
            own.push_str(code.strip_prefix("export ").unwrap_or(code));
            own.push('\n');
        }
    }
    into.text.push_str(&own);
    Ok(())
}

/// Fails if the module's compressed file is too large.
pub fn weigh(compressed: &Path) -> Result<()> {
    let bytes = fs::metadata(compressed)?.len();
    if bytes > MAX_BROTLI {
        bail!(
            "the pages' module has {bytes} bytes by brotli, more than {MAX_BROTLI}: make parts with state islands"
        );
    }
    Ok(())
}

/// Has TypeScript check the module's types.
pub fn check(node: &Path) -> Result<()> {
    let compiler = root().join("node_modules/typescript/lib/tsc.js");
    let mut command = Command::new(node);
    command
        .arg(compiler)
        .args(["--noEmit", "--allowJs", "--checkJs", "--strict", "--target", "es2022"])
        .args(["--module", "es2022", "--moduleResolution", "bundler"])
        .args(["--lib", "es2023,dom,dom.iterable"])
        .arg(folder(&root()).join("main.js"));
    run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_cannot_declare_the_same_name() {
        for (line, name) in [
            ("export async function wake() {", Some("wake")),
            ("const PAUSE = 1000;", Some("PAUSE")),
            ("let loading;", Some("loading")),
            ("  const inner = 1;", None),
            ("for (const start of all) start();", None),
        ] {
            assert_eq!(declared(line), name, "{line}");
        }
        let folder = std::env::temp_dir().join(format!("module-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("main.js"), "import { a } from \"./a.js\";\nlet read = a;\n")
            .unwrap();
        fs::write(folder.join("a.js"), "export const a = 1;\nfunction read() {}\n").unwrap();
        let error = join(&folder, "main.js", &mut Joined::default()).unwrap_err().to_string();
        assert!(error.contains("main.js and a.js"), "{error}");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_module_is_one_file_of_code() {
        let bundle = bundle(&root()).unwrap();
        for word in ["import {", "export ", "/**", "*/", "// "] {
            let found = bundle.lines().find(|line| line.trim_start().starts_with(word));
            assert_eq!(found, None, "{word}");
        }
        let order = ["function wake(", "function refresh(", "function forms(", "data-hydrated"];
        let at = |text: &&str| bundle.find(*text);
        assert!(order[..3].is_sorted_by_key(at), "imported files come first");
    }
}
