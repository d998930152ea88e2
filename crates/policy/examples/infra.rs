//! Writes what `infra` has of the table of permissions; with `--check` compares, writes nothing, and ends with an error
//! where they differ. `cargo xtask infra` runs it.

#![expect(clippy::print_stdout, reason = "a command that says what it did")]

use claviger_policy::permissions::{
    Role,
    lint::{policy_faults, trust_faults},
    roles::{Variables, role_document, trust_policy},
    templates::{EVENTS, HAND_WRITTEN, TEMPLATE_VERSION, content, files},
};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Folders in which every file is rendered, but for those of [`HAND_WRITTEN`].
const RENDERED: [&str; 3] = ["policies", "cloudformation", "terraform/member-roles/policies"];

fn main() -> ExitCode {
    let infra = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra");
    let outcome = if std::env::args().any(|argument| argument == "--check") {
        check(&infra)
    } else {
        write(&infra)
    };
    match outcome {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in &faults {
                eprintln!("  {fault}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("  {error}");
            ExitCode::FAILURE
        }
    }
}

/// Writes all files and the version; returns why it does not.
fn write(infra: &Path) -> io::Result<Vec<String>> {
    let faults = lint();
    if !faults.is_empty() {
        return Ok(faults);
    }
    let (versions, record) = (infra.join("versions"), record(infra)?);
    match record {
        Record::Same => {}
        Record::New => {
            let mut text = fs::read_to_string(&versions).unwrap_or_default();
            let _ = writeln!(text, "{TEMPLATE_VERSION} {}", digest());
            fs::write(versions, text)?;
        }
        Record::Fault(fault) => return Ok(vec![fault]),
    }
    let files = files(&fs::read_to_string(infra.join(EVENTS))?);
    for file in left_over(infra)? {
        fs::remove_file(infra.join(file))?;
    }
    for (name, text) in &files {
        let path = infra.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    println!(
        "  {} files are written from the table of permissions (template version {TEMPLATE_VERSION})",
        files.len()
    );
    Ok(Vec::new())
}

fn check(infra: &Path) -> io::Result<Vec<String>> {
    let mut faults = lint();
    match record(infra)? {
        Record::Same => {}
        Record::New => faults.push(format!(
            "infra/versions does not have template version {TEMPLATE_VERSION}: run `cargo xtask infra`"
        )),
        Record::Fault(fault) => faults.push(fault),
    }
    let files = files(&fs::read_to_string(infra.join(EVENTS))?);
    for (name, text) in &files {
        match fs::read_to_string(infra.join(name)) {
            Ok(found) if found == *text => {}
            Ok(found) => {
                let same = found.lines().zip(text.lines()).take_while(|(a, b)| a == b).count();
                faults.push(format!(
                    "infra/{name} differs from the table of permissions from line {} on: run `cargo xtask infra`",
                    same + 1
                ));
            }
            Err(error) => faults.push(format!("infra/{name}: {error}: run `cargo xtask infra`")),
        }
    }
    for name in left_over(infra)? {
        faults.push(format!(
            "infra/{name} is not rendered any more: run `cargo xtask infra`, which removes it"
        ));
    }
    if faults.is_empty() {
        println!(
            "  {} files equal the table of permissions (template version {TEMPLATE_VERSION}), and the policies have no fault",
            files.len()
        );
    }
    Ok(faults)
}

/// The faults of what is rendered.
fn lint() -> Vec<String> {
    let trust = serde_json::from_str(&trust_policy()).unwrap_or_default();
    let mut faults = trust_faults(&trust);
    if let Ok(partition) = "aws".parse() {
        let variables = Variables::of(&partition);
        for role in Role::in_use() {
            faults.extend(policy_faults(role, &role_document(role, &variables)));
        }
    }
    faults
}

/// Files in rendered folders that the table does not have.
fn left_over(infra: &Path) -> io::Result<Vec<String>> {
    let files = files("");
    let mut folders: Vec<PathBuf> = RENDERED.iter().map(|name| infra.join(name)).collect();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(name) = path.strip_prefix(infra) {
                let name = name.to_string_lossy().into_owned();
                if !files.contains_key(&name) && !HAND_WRITTEN.contains(&name.as_str()) {
                    found.push(name);
                }
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What `infra/versions` says of the version in the code.
enum Record {
    Same,
    New,
    Fault(String),
}

fn record(infra: &Path) -> io::Result<Record> {
    let text = match fs::read_to_string(infra.join("versions")) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Record::New),
        Err(error) => return Err(error),
    };
    let last = text.lines().next_back().and_then(|line| line.split_once(' '));
    let Some((number, known)) = last.and_then(|(n, d)| Some((n.parse::<u32>().ok()?, d))) else {
        return Ok(Record::New);
    };
    let digest = digest();
    Ok(match number.cmp(&TEMPLATE_VERSION) {
        std::cmp::Ordering::Equal if known == digest => Record::Same,
        std::cmp::Ordering::Equal => Record::Fault(format!(
            "the policies have changed since template version {number} was recorded: raise TEMPLATE_VERSION to {} in \
             crates/policy/src/permissions/templates/mod.rs, then run `cargo xtask infra`",
            number + 1
        )),
        std::cmp::Ordering::Less => Record::New,
        std::cmp::Ordering::Greater => Record::Fault(format!(
            "infra/versions has template version {number}, and the code {TEMPLATE_VERSION}: versions only rise"
        )),
    })
}

fn digest() -> String {
    format!("{:x}", Sha256::digest(content()))
}
