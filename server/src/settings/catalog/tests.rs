//! The catalog is complete, its defaults are true, and the documentation has it.

use super::{super::source, CATALOG, Kind, Setting, VARIABLES};
use crate::settings::Settings;
use std::{
    collections::BTreeSet,
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Setting {
    fn is_secret(&self) -> bool {
        self.kind == Kind::Secret
    }

    fn is_file_only(&self) -> bool {
        self.kind == Kind::FileOnly
    }

    /// Its variable, and another program's for the same.
    fn variables(&self) -> String {
        let own = format!("`CLAVIGER_{}`", self.name.to_uppercase());
        match self.name {
            _ if self.is_file_only() => "in the file only".to_owned(),
            "database_url" => format!("`DATABASE_URL`, {own}"),
            "otlp_endpoint" => format!("{own}, `OTEL_EXPORTER_OTLP_ENDPOINT`"),
            _ => own,
        }
    }

    /// Without the parentheses that mark words.
    fn default_in_words(&self) -> Option<&'static str> {
        self.default.strip_prefix('(')?.strip_suffix(')')
    }
}

/// The section of the documentation.
fn section() -> String {
    let mut text = String::from(
        "\n## Settings\n\n<!-- Generated from server/src/settings/catalog.rs by: UPDATE_DOCS=1 cargo test -p claviger --lib settings::catalog -->\n\n\
         | setting | variable | default | unit | secret | meaning |\n|---|---|---|---|---|---|\n",
    );
    for setting in CATALOG {
        let (name, variables) = (setting.name, setting.variables());
        let default = setting
            .default_in_words()
            .map_or_else(|| format!("`{}`", setting.default), ToOwned::to_owned);
        let unit = setting.unit.unwrap_or("–");
        let secret = if setting.is_secret() { "yes" } else { "–" };
        let meaning = setting.meaning;
        let _ = writeln!(
            text,
            "| `{name}` | {variables} | {default} | {unit} | {secret} | {meaning} |"
        );
    }
    text.push_str("\n### Other variables\n\n| variable | meaning |\n|---|---|\n");
    for variable in VARIABLES {
        let names: Vec<String> = variable.names.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(text, "| {} | {} |", names.join(", "), variable.meaning);
    }
    text
}

#[test]
fn the_documentation_has_the_catalog() {
    let file = root().join("docs/configuration.md");
    let text = fs::read_to_string(&file).unwrap();
    let start = text.find("\n## Settings\n").unwrap();
    let rest = &text[start + 1..];
    let end = start + 1 + rest.find("\n## ").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, format!("{}{}{}", &text[..start], section(), &text[end..])).unwrap();
        return;
    }
    let run = "UPDATE_DOCS=1 cargo test -p claviger --lib settings::catalog";
    assert!(
        text[start..end] == section(),
        "docs/configuration.md is not as the catalog: run {run}"
    );
}

/// Files and environments of earlier releases contain these.
#[test]
fn every_setting_is_in_the_catalog() {
    let listed: Vec<&str> = CATALOG.iter().map(|setting| setting.name).collect();
    let known: BTreeSet<&str> = source::names().iter().copied().collect();
    assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), known);
    assert_eq!(listed.len(), known.len(), "a setting is listed twice");
    for name in include_str!("../../../tests/upgrade/0.1.0.settings.txt").lines() {
        assert!(known.contains(&name), "{name} is in files of 0.1.0");
    }
    for setting in CATALOG {
        let is_number = setting.default.parse::<u64>().is_ok();
        assert!(
            !is_number || setting.unit.is_some(),
            "{} is a number without a unit",
            setting.name
        );
        assert!(
            !setting.meaning.ends_with('.') && !setting.meaning.contains('|'),
            "{}",
            setting.name
        );
    }
}

/// The settings with one more, as text with all values but those of secrets.
fn with(more: Option<(&str, &str)>) -> String {
    let needed = [
        ("DATABASE_URL", "postgres://localhost/claviger"),
        ("CLAVIGER_OIDC_ISSUER", "https://id.example.com"),
        ("CLAVIGER_OIDC_CLIENT_ID", "claviger"),
        ("CLAVIGER_OIDC_CLIENT_SECRET", "s"),
    ];
    let given = needed.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    let more =
        more.map(|(name, value)| (format!("CLAVIGER_{}", name.to_uppercase()), value.to_owned()));
    let given =
        given.chain(more).map(|(name, value)| (OsString::from(name), OsString::from(value)));
    let settings: Settings = source::read("", given).unwrap();
    format!("{settings:#?}")
}

#[test]
fn each_default_is_what_the_settings_have_without_it() {
    let without = with(None);
    for setting in CATALOG.iter().filter(|setting| setting.default != "(required)") {
        let name = setting.name;
        if let Some(words) = setting.default_in_words() {
            let field = without.split(&format!("\n    {name}: ")).nth(1).unwrap();
            let value = field.split(",\n").next().unwrap();
            assert!(["None", "[]", "{}"].contains(&value), "{name} is {value}, not {words}");
        } else {
            assert_eq!(with(Some((name, setting.default))), without, "the default of {name}");
        }
    }
    // What the settings are made of says the same.
    for setting in CATALOG {
        let field = format!("pub {}: ", setting.name);
        let of = include_str!("../../settings.rs").split(&field).nth(1).unwrap();
        let of = of.split(",\n").next().unwrap();
        assert_eq!(of.contains("SecretString"), setting.kind == Kind::Secret, "{}", setting.name);
        let is_path = of.contains("PathBuf") || of.contains("CaBundle");
        assert_eq!(is_path, setting.kind == Kind::Path, "{}", setting.name);
    }
    assert_ne!(with(Some(("jobs", "9"))), without, "the comparison sees a difference");
}

fn sources(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

/// A variable that code reads beside the settings is in the second table.
#[test]
fn every_variable_that_code_reads_is_listed() {
    let mut found = Vec::new();
    for folder in ["server/src", "crates/aws/src", "crates/store/src", "crates/services/src"] {
        sources(&root().join(folder), &mut found);
    }
    let mut listed: BTreeSet<String> =
        CATALOG.iter().map(|setting| format!("CLAVIGER_{}", setting.name.to_uppercase())).collect();
    listed
        .extend(VARIABLES.iter().flat_map(|variable| variable.names).map(|&name| name.to_owned()));
    let mut read = BTreeSet::new();
    for (file, text) in &found {
        if file.ends_with("settings/catalog/tests.rs") {
            continue;
        }
        for start in ["env::var(\"", "env::var_os(\"", "env = \""] {
            for rest in text.split(start).skip(1) {
                let name = rest.split('"').next().unwrap();
                // Of the compiler, and of tests.
                if !name.starts_with("CARGO_")
                    && !name.starts_with("CLAVIGER_TEST_")
                    && !["DATABASE_URL", "REWRITE_REFERENCE"].contains(&name)
                {
                    read.insert(name.to_owned());
                }
            }
        }
    }
    let missing: Vec<&String> = read.difference(&listed).collect();
    assert!(missing.is_empty(), "in no table of docs/configuration.md: {missing:?}");
    assert!(read.contains("CLAVIGER_FILE") && read.contains("CLAVIGER_LISTEN"), "{read:?}");
}
