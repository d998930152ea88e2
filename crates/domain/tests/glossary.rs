//! Checks against docs/glossary.md: the sources use no retired word, and features have one module name.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::{
    fs,
    path::{Path, PathBuf},
};

const READ: [&str; 6] = ["rs", "js", "css", "md", "toml", "yaml"];
const SKIPPED: [&str; 7] =
    ["target", "data", "node_modules", ".git", "migrations", "results", "images"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of the table below a heading, without its two header lines.
fn table(text: &str, heading: &str) -> Vec<Vec<String>> {
    let below = text.split(heading).nth(1).unwrap_or_else(|| panic!("no heading {heading}"));
    let rows = below.lines().skip_while(|line| !line.starts_with('|'));
    rows.take_while(|line| line.starts_with('|'))
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIPPED.contains(&name.as_str()) {
                files(&path, found);
            }
        } else if path.extension().is_some_and(|end| READ.iter().any(|read| end == *read)) {
            found.push(path);
        }
    }
}

fn identifiers(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The words of an identifier in lower case: `PlanMove` and `plan_move` have two.
fn words(identifier: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut was_lower = false;
    for c in identifier.chars() {
        if c == '_' || (c.is_ascii_uppercase() && was_lower) {
            found.push(String::new());
        }
        if c != '_' {
            found.last_mut().unwrap().push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase();
    }
    found
}

fn stands_in(line: &str, retired: &str, kind: &str) -> bool {
    match kind {
        "word" => identifiers(line).any(|one| words(one).iter().any(|word| word == retired)),
        "identifier" => identifiers(line).any(|one| one == retired),
        "text" => line.contains(retired),
        other => panic!("{retired}: no kind {other}"),
    }
}

#[test]
fn no_retired_word_is_used() {
    let glossary = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let retired = table(&glossary, "## Retired words");
    let exceptions = table(&glossary, "## Exceptions");
    assert!(retired.len() > 20 && !exceptions.is_empty(), "the glossary was not read");
    let mut found = Vec::new();
    files(&root(), &mut found);
    let mut wrong = Vec::new();
    for path in found {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
        let allowed: Vec<&str> = exceptions
            .iter()
            .filter(|row| name == row[0] || row[0].ends_with('/') && name.starts_with(&row[0]))
            .flat_map(|row| row[1].split(", "))
            .collect();
        if allowed.contains(&"*") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in (1..).zip(text.lines()) {
            // Taking each line apart for each of the words took longer than any other test of this crate.
            let lower = line.to_ascii_lowercase();
            for row in retired.iter().filter(|row| lower.contains(&row[0].to_ascii_lowercase())) {
                if !allowed.contains(&row[0].as_str()) && stands_in(line, &row[0], &row[1]) {
                    wrong.push(format!("{name}:{at}: {} is retired: use {}", row[0], row[2]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} retired words:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_retired_word_is_found_in_each_of_its_spellings() {
    for line in ["let deed = 1;", "struct NewDeed;", "a deed of the console", "fn deed_of() {}"] {
        assert!(stands_in(line, "deed", "word"), "{line}");
    }
    assert!(!stands_in("indeed", "deed", "word"));
    assert!(stands_in("Court::new()", "Court", "identifier"));
    assert!(!stands_in("court", "Court", "identifier"));
}

#[test]
fn a_feature_has_the_same_module_in_every_crate() {
    let text = fs::read_to_string(root().join("docs/ARCHITECTURE.md")).unwrap();
    let rows = table(&text, "## Features and modules");
    assert_eq!(rows.len(), 19, "the table of features was not read");
    let places =
        ["crates/domain/src", "crates/policy/src", "crates/services/src", "crates/store/src"];
    let places = [&places[..], &["crates/aws/src", "app/src", "e2e", "style"]].concat();
    let mut wrong = Vec::new();
    for row in &rows {
        for (place, cell) in places.iter().zip(&row[2..]) {
            let end = match *place {
                "e2e" => "spec.js",
                "style" => "css",
                _ => "rs",
            };
            let at = root().join(place);
            let is_there =
                at.join(format!("{}.{end}", row[0])).is_file() || at.join(&row[0]).is_dir();
            if (cell == "–") == is_there || cell != "–" && *cell != row[0] {
                wrong.push(format!("{place}: {} is {cell} in the table", row[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
