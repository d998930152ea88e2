//! Every relative link of the documentation leads to an existing file, every anchor to a heading, and every path in
//! `code` exists in the repository, as does every test that the threat model names.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The Markdown files of the root, `docs` and `.github`.
fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders =
        vec![(root.to_owned(), false), (root.join("docs"), true), (root.join(".github"), true)];
    while let Some((folder, is_deep)) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() && is_deep {
                folders.push((path, true));
            } else if path.extension().is_some_and(|end| end == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The lines outside of code blocks.
fn prose(text: &str) -> Vec<&str> {
    let mut is_code = false;
    text.lines()
        .filter(|line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
        .collect()
}

/// The text without `code`, in which brackets are not links. An unmatched backtick stays.
fn without_code(line: &str) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    let is_paired = !parts.len().is_multiple_of(2);
    let kept = parts.into_iter().enumerate().filter(|(at, _)| !is_paired || at % 2 == 0);
    kept.map(|(_, part)| part).collect::<Vec<_>>().join("`")
}

/// The targets of `[text](target)`, images included.
fn targets(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let line = without_code(line);
        for (at, open) in line.match_indices("](") {
            let rest = &line[at + open.len()..];
            let end = rest.find(')').unwrap_or_else(|| panic!("a link without its end: {line}"));
            found.push(rest[..end].to_owned());
        }
    }
    found
}

/// Folders of the repository that a path in `code` starts with.
const FOLDERS: [&str; 17] = [
    ".ci",
    ".github",
    "app",
    "bench",
    "cli",
    "crates",
    "demo",
    "docs",
    "e2e",
    "functions",
    "fuzz",
    "infra",
    "migrations",
    "scripts",
    "server",
    "style",
    "xtask",
];

/// The paths in `code`, such as `crates/policy/src/iam`. Patterns and examples, which have other characters, are left out.
fn paths(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in prose(text) {
        let parts: Vec<&str> = line.split('`').collect();
        if parts.len().is_multiple_of(2) {
            continue;
        }
        for code in parts.into_iter().skip(1).step_by(2) {
            let is_path = code.chars().all(|c| c.is_ascii_alphanumeric() || "/_-.".contains(c));
            let folder = code.split_once('/').map(|(folder, _)| folder);
            if is_path && folder.is_some_and(|folder| FOLDERS.contains(&folder)) {
                found.push(code.to_owned());
            }
        }
    }
    found
}

/// The anchors that GitHub gives to the headings: lower case, spaces as dashes, no punctuation, repetitions numbered.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    let mut anchors = BTreeSet::new();
    for line in prose(text) {
        let heading = line.trim_start_matches('#');
        let level = line.len() - heading.len();
        if !(1..=6).contains(&level) || !heading.starts_with(' ') {
            continue;
        }
        let anchor: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let earlier = count.entry(anchor.clone()).or_default();
        anchors.insert(if *earlier == 0 { anchor } else { format!("{anchor}-{earlier}") });
        *earlier += 1;
    }
    anchors
}

/// The error in a document's link; `None` if it leads somewhere, or to the web.
fn fault(document: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, a)| (path, Some(a)));
    let file =
        if path.is_empty() { document.to_owned() } else { document.parent().unwrap().join(path) };
    if path.starts_with('/') {
        return Some("starts with a slash: write it from its own folder".to_owned());
    }
    if !file.exists() {
        return Some("leads to no file".to_owned());
    }
    let anchor = anchor?;
    let text = fs::read_to_string(&file).unwrap_or_default();
    (!anchors(&text).contains(anchor)).then(|| "leads to no heading".to_owned())
}

#[test]
fn every_relative_link_and_anchor_resolves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut faults = Vec::new();
    let mut links = 0;
    for document in documents(&root) {
        let text = fs::read_to_string(&document).unwrap();
        for target in targets(&text) {
            links += 1;
            if let Some(fault) = fault(&document, &target) {
                let name = document.strip_prefix(&root).unwrap().display();
                faults.push(format!("{name}: ({target}) {fault}"));
            }
        }
    }
    assert!(links > 80, "only {links} links were found: the documents are not where they were");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_path_in_code_is_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut faults = Vec::new();
    let mut count = 0;
    for document in documents(&root) {
        let text = fs::read_to_string(&document).unwrap();
        for path in paths(&text) {
            count += 1;
            if !root.join(&path).exists() {
                let name = document.strip_prefix(&root).unwrap().display();
                faults.push(format!("{name}: {path} is not there"));
            }
        }
    }
    assert!(count > 20, "only {count} paths were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Names in `code` that are sentences: those of tests. Settings and metrics have fewer words.
fn test_names(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in prose(text) {
        for code in line.split('`').skip(1).step_by(2) {
            let is_name = code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if is_name && code.split('_').count() > 4 {
                found.insert(code.to_owned());
            }
        }
    }
    found
}

/// The functions of the repository's Rust sources that have an attribute of a test.
fn tests_in(root: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> =
        ["app", "cli", "crates", "functions", "islands", "server", "xtask"]
            .map(|name| root.join(name))
            .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let mut is_test = false;
                for line in text.lines().map(str::trim) {
                    let line = line.strip_prefix("async ").unwrap_or(line);
                    if line.starts_with("#[") {
                        is_test |= line.contains("test");
                    } else if let Some(name) = line.strip_prefix("fn ") {
                        if is_test {
                            found.insert(name.split(['(', '<']).next().unwrap().to_owned());
                        }
                        is_test = false;
                    } else if !line.starts_with("//") {
                        is_test = false;
                    }
                }
            }
        }
    }
    found
}

#[test]
fn every_test_that_the_threat_model_names_is_in_the_repository() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let named = test_names(&fs::read_to_string(root.join("docs/threat-model.md")).unwrap());
    assert!(named.len() >= 15, "only {named:?}");
    let tests = tests_in(&root);
    let missing: Vec<&String> = named.difference(&tests).collect();
    assert!(missing.is_empty(), "docs/threat-model.md names tests that are not there: {missing:?}");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    assert_eq!(fault(&readme, "docs/ARCHITECTURE.md"), None);
    assert_eq!(fault(&readme, "docs/ARCHITECTURE.md#the-crates"), None);
    assert_eq!(fault(&readme, "https://example.com/absent"), None);
    assert!(fault(&readme, "docs/absent.md").is_some());
    assert!(fault(&readme, "docs/ARCHITECTURE.md#absent").is_some());
    assert!(fault(&readme, "#absent").is_some());
    assert!(fault(&readme, "/docs/ARCHITECTURE.md").is_some());
}

#[test]
fn links_and_anchors_are_read_as_github_does() {
    let text = "\
# One heading, *and* `code`

[a](b.md#c), ![picture](d.png) and `[no](link)`

```
# no heading
[no](link)
```

## Twice
## Twice
";
    assert_eq!(targets(text), ["b.md#c", "d.png"]);
    let code =
        "`crates/a/b.rs`, `app/`, `/inventory`, `crates/*/src`, `cargo fmt` and `target/debug`";
    assert_eq!(paths(code), ["crates/a/b.rs", "app/"]);
    let expected = ["one-heading-and-code", "twice", "twice-1"].map(ToOwned::to_owned);
    assert_eq!(anchors(text), BTreeSet::from(expected));
}
