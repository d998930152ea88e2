//! Queries that the compiler does not check are few, and each has a reason: docs/queries.md lists them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Unchecked queries outside of tests, at most.
const MOST: usize = 40;

/// What runs SQL that the macros of sqlx do not see. `sqlx::query!` and its kin have no bracket after the name.
const UNCHECKED: [&str; 12] = [
    "sqlx::query(",
    "sqlx::query::",
    "sqlx::query_as(",
    "sqlx::query_as::",
    "sqlx::query_scalar(",
    "sqlx::query_scalar::",
    "sqlx::query_with(",
    "sqlx::raw_sql(",
    "QueryBuilder::",
    ".copy_in_raw(",
    ".execute(\"",
    "_unchecked!(",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Every Rust file that is not of a test.
fn sources() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> =
        ["app", "cli", "crates", "server", "xtask"].map(|folder| root().join(folder)).into();
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !["tests", "target", "node_modules"].contains(&name) {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

/// How often a source runs unchecked SQL, its unit tests left out.
fn count(source: &str) -> usize {
    let code = source.split("\n#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let imported = code.match_indices("use sqlx::").filter(|(at, _)| {
        let import = code[*at..].split(';').next().unwrap_or_default();
        import.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| {
            ["query", "query_as", "query_scalar", "query_with", "raw_sql"].contains(&word)
        })
    });
    let code_lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let text: Vec<&str> = code_lines.collect();
    let text = text.join("\n");
    imported.count() + UNCHECKED.iter().map(|what| text.matches(what).count()).sum::<usize>()
}

/// The table of docs/queries.md: file, number, reason.
fn listed() -> BTreeMap<String, usize> {
    let docs = fs::read_to_string(root().join("docs/queries.md")).unwrap();
    let section = docs.split("## Queries that are not checked").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    section
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| `")?.split(" | ").collect();
            assert!(cells.len() == 3 && cells[2].len() > 20, "no reason: {line}");
            Some((cells[0].trim_end_matches('`').to_owned(), cells[1].parse().unwrap()))
        })
        .collect()
}

#[test]
fn unchecked_queries_are_few_and_each_is_listed_with_its_reason() {
    let root = root();
    let found: BTreeMap<String, usize> = sources()
        .iter()
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
            (name, count(&fs::read_to_string(path).unwrap()))
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(
        found,
        listed(),
        "left: unchecked queries by file; right: those that docs/queries.md lists. Use sqlx::query! and its kin, or list \
         the query there with the reason"
    );
    let all: usize = found.values().sum();
    assert!(all <= MOST, "{all} unchecked queries");
}

#[test]
fn every_kind_of_unchecked_query_is_counted() {
    for (source, counted) in [
        ("sqlx::query!(\"select 1\"); sqlx::query_as!(Row, \"select 1\")", 0),
        ("// sqlx::query(\"select 1\")", 0),
        ("fn f() {}\n#[cfg(test)]\nmod tests { sqlx::query(\"select 1\") }", 0),
        ("sqlx::query(\"select 1\")", 1),
        ("sqlx::query_as::<_, (i64,)>(\"select 1\")", 1),
        ("sqlx::query_scalar(\"select 1\")", 1),
        ("sqlx::query_as_unchecked!(Row, \"select 1\")", 1),
        ("sqlx::raw_sql(TEXT); QueryBuilder::new(\"select\")", 2),
        ("connection.execute(\"rollback\")", 1),
        ("use sqlx::{PgPool, query_as};", 1),
        ("use sqlx::{PgPool, types::Json};", 0),
    ] {
        assert_eq!(count(source), counted, "{source}");
    }
}
