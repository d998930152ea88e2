//! Which code reads values. Every new place has to be argued for here.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::{fs, path::Path};

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path.to_str().unwrap().replace('\\', "/"), text));
        }
    }
}

/// The files with one of these calls, from their crate on.
fn calling(calls: &[&str]) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut all = Vec::new();
    for krate in ["app", "browser", "cli", "islands", "server"] {
        sources(&root.join(krate).join("src"), &mut all);
    }
    for krate in ["aws", "domain", "policy", "services", "store"] {
        sources(&root.join("crates").join(krate).join("src"), &mut all);
    }
    assert!(all.len() > 200, "the sources are elsewhere");
    let mut files: Vec<String> = all
        .iter()
        .filter(|(_, text)| {
            // Tests of a module come last in its file.
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            calls.iter().any(|call| code.contains(call))
        })
        .map(|(file, _)| file.rsplit_once("/../../").unwrap().1.to_owned())
        .collect();
    files.sort();
    files
}

#[test]
fn values_are_read_with_the_session_of_a_grant_or_are_our_own() {
    let secrets = calling(&[".get_secret_value()", ".batch_get_secret_value()"]);
    assert_eq!(secrets, ["crates/aws/src/grants/calls.rs", "crates/aws/src/own_secrets.rs"]);
    let parameters = calling(&[
        ".get_parameter()",
        ".get_parameters()",
        ".get_parameters_by_path()",
        ".get_parameter_history()",
    ]);
    assert_eq!(parameters, ["crates/aws/src/grants/calls.rs"]);
    // Before a server starts, and with credentials that no role of a member account gave.
    let own = calling(&["OwnSecrets::new("]);
    assert_eq!(own, ["server/src/settings/source/collect.rs"]);
    let text = include_str!("../../aws/src/own_secrets.rs");
    for other in ["assume_role", "credentials_provider", "SessionCache"] {
        assert!(
            !text.contains(other),
            "own secrets are read with the hub's own credentials: {other}"
        );
    }
}
