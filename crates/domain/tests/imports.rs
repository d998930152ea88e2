//! No two files of a crate import each other. A module and the modules below it are one, in several files.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const CRATES: [&str; 11] = [
    "app",
    "cli",
    "crates/aws",
    "crates/domain",
    "crates/gateways",
    "crates/policy",
    "crates/services",
    "crates/store",
    "crates/testkit",
    "server",
    "xtask",
];

/// Crate, two files that import each other, and why.
const EXCEPTIONS: [(&str, &str, &str, &str); 2] = [
    ("crates/testkit", "fake_access", "fake_aws", "one fake, which is AWS for both gateways"),
    ("server", "auth::caller", "pages", "where there is no caller, the response is a page"),
];

/// Without its name a module is the crate's root.
type Modules = BTreeMap<String, Vec<Import>>;

struct Import {
    is_public: bool,
    path: Vec<String>,
}

fn read(folder: &Path, above: &str, texts: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = if above.is_empty() { name.clone() } else { format!("{above}::{name}") };
        if path.is_dir() {
            read(&path, &module, texts);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let is_root = matches!(name.as_str(), "mod" | "lib" | "main");
            let module = if is_root { above.to_owned() } else { module };
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
            texts.entry(module).or_default().push_str(code);
        }
    }
}

/// The paths of a `use`: `a::{b, c::d}` has two.
fn paths(before: &[String], tree: &str, found: &mut Vec<Vec<String>>) {
    let (head, group) = tree.split_once('{').map_or((tree, None), |(head, group)| {
        (head, Some(group.trim_end().strip_suffix('}').unwrap_or(group)))
    });
    let head = head.split(" as ").next().unwrap();
    let parts = head.split("::").map(str::trim).filter(|part| !part.is_empty());
    let path: Vec<String> = before.iter().cloned().chain(parts.map(str::to_owned)).collect();
    let Some(group) = group else { return found.push(path) };
    let (mut depth, mut from) = (0, 0);
    for (at, sign) in group.char_indices().chain([(group.len(), ',')]) {
        depth += i32::from(sign == '{') - i32::from(sign == '}');
        if sign == ',' && depth == 0 {
            if !group[from..at].trim().is_empty() {
                paths(&path, &group[from..at], found);
            }
            from = (at + 1).min(group.len());
        }
    }
}

/// The path from the root of the crate; `None` where it leads to another crate.
fn absolute(
    module: &str,
    path: &[String],
    texts: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    let mut here: Vec<String> =
        module.split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let ups = path.iter().take_while(|part| *part == "super").count();
    let rest = match path.first()?.as_str() {
        "crate" => return Some(path[1..].to_vec()),
        "self" => &path[1..],
        "super" => {
            here.truncate(here.len().checked_sub(ups)?);
            &path[ups..]
        }
        child => {
            let below = [&here[..], &[child.to_owned()]].concat().join("::");
            return texts.contains_key(&below).then(|| [&here[..], path].concat());
        }
    };
    Some([&here[..], rest].concat())
}

fn imports(texts: &BTreeMap<String, String>) -> Modules {
    let of = |module: &String, text: &String| {
        let code: String = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect();
        let uses = code.split(';').filter_map(|statement| {
            let (before, tree) = statement.rsplit_once("use ")?;
            Some((before.trim_end().ends_with(')') || before.trim_end().ends_with("pub"), tree))
        });
        let mut found = Vec::new();
        for (is_public, tree) in uses {
            let mut all = Vec::new();
            paths(&[], tree, &mut all);
            let all = all.iter().filter_map(|path| absolute(module, path, texts));
            found.extend(all.map(|path| Import { is_public, path }));
        }
        // Paths that are written where they are used.
        for written in code.split("crate::").skip(1) {
            let end = written.find(|sign: char| !(sign.is_alphanumeric() || "_:".contains(sign)));
            let parts = written[..end.unwrap_or(written.len())].split("::").map(str::to_owned);
            let path = parts.filter(|part| !part.is_empty()).collect();
            found.push(Import { is_public: false, path });
        }
        (module.clone(), found)
    };
    texts.iter().map(|(module, text)| of(module, text)).collect()
}

/// The file that defines what a path names: through the modules that pass it on.
fn file_of(path: &[String], modules: &Modules, steps: u8) -> String {
    let known = (0..=path.len()).rev().find(|n| modules.contains_key(&path[..*n].join("::")));
    let (module, rest) = path.split_at(known.unwrap_or(0));
    let module = module.join("::");
    let passed = rest.first().and_then(|name| {
        let mut all = modules[&module].iter().filter(|import| import.is_public);
        all.find(|import| import.path.last() == Some(name))
    });
    match passed {
        Some(import) if steps > 0 => file_of(&import.path, modules, steps - 1),
        _ => module,
    }
}

fn is_above(above: &str, below: &str) -> bool {
    above.is_empty() || below.strip_prefix(above).is_some_and(|rest| rest.starts_with("::"))
}

/// Pairs of files that import each other.
fn cycles(texts: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let modules = imports(texts);
    let mut edges: BTreeSet<(String, String)> = BTreeSet::new();
    for (module, imports) in &modules {
        for import in imports {
            edges.insert((module.clone(), file_of(&import.path, &modules, 5)));
        }
    }
    let mutual = edges.iter().filter(|(a, b)| a < b && edges.contains(&(b.clone(), a.clone())));
    mutual.filter(|(a, b)| !is_above(a, b) && !is_above(b, a)).cloned().collect()
}

#[test]
fn no_two_files_of_a_crate_import_each_other() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = BTreeSet::new();
    for name in CRATES {
        let mut texts = BTreeMap::new();
        read(&root.join(name).join("src"), "", &mut texts);
        assert!(texts.len() > 1, "{name} was not read");
        found.extend(cycles(&texts).into_iter().map(|(a, b)| (name.to_owned(), a, b)));
    }
    let excepted: BTreeSet<_> =
        EXCEPTIONS.map(|(name, a, b, _)| (name.to_owned(), a.to_owned(), b.to_owned())).into();
    let wrong: Vec<_> = found.difference(&excepted).collect();
    assert!(wrong.is_empty(), "move what both need to a third file: {wrong:#?}");
}

#[test]
fn a_cycle_is_found_through_the_module_that_passes_a_name_on() {
    let texts = |one: &str, two: &str| -> BTreeMap<String, String> {
        [
            ("", "pub use a::one::One;\nmod a;"),
            ("a", "pub(crate) use one::One;\nmod one;\nmod two;"),
            ("a::one", one),
            ("a::two", two),
        ]
        .map(|(module, text)| (module.to_owned(), text.to_owned()))
        .into()
    };
    let pair = vec![("a::one".to_owned(), "a::two".to_owned())];
    assert_eq!(cycles(&texts("use super::{two::{self, X}};", "use crate::One;")), pair);
    assert_eq!(cycles(&texts("use crate::a::{\n    two::X,\n};", "use super::One;")), pair);
    assert_eq!(cycles(&texts("use super::two::X;", "fn f() { crate::a::one::f(1) }")), pair);
    assert_eq!(cycles(&texts("use super::two::X; // use", "use std::fmt; use super::*;")), []);
}
