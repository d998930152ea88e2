//! What the binary says when it cannot start.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output},
};

/// A folder that looks like a built site.
fn site(name: &str) -> PathBuf {
    let site = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(site.join("assets-test")).unwrap();
    fs::write(site.join("assets-test/claviger.js"), "").unwrap();
    fs::write(site.join("current"), "assets-test").unwrap();
    site
}

fn claviger(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_claviger"))
        .args(arguments)
        .env_clear()
        .env("CLAVIGER_OIDC_ISSUER", "https://id.example.com")
        .env("CLAVIGER_OIDC_CLIENT_ID", "claviger")
        .env("CLAVIGER_OIDC_CLIENT_SECRET", "hunter2")
        .env("DATABASE_URL", "postgres://claviger:hunter2@127.0.0.1:9/claviger")
        .envs(settings.iter().copied())
        .output()
        .unwrap()
}

fn fails_saying(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    for word in words {
        assert!(said.contains(word), "{said}");
    }
    assert!(!said.contains("hunter2"), "a secret is in the message: {said}");
}

#[test]
fn a_database_that_is_not_there_is_said() {
    let site = site("no-database");
    let settings =
        [("CLAVIGER_SITE_DIR", site.to_str().unwrap()), ("CLAVIGER_LISTEN", "127.0.0.1:0")];
    fails_saying(
        &claviger(&["serve"], &settings),
        &["database cannot be reached", "refused", "DATABASE_URL"],
    );
    let settings = [("DATABASE_URL", "not-a-url"), settings[0], settings[1]];
    fails_saying(&claviger(&["serve"], &settings), &["database cannot be reached", "DATABASE_URL"]);
}

#[test]
fn a_port_in_use_is_said() {
    let site = site("port-in-use");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let held = TcpListener::bind(taken).unwrap();
    let address = held.local_addr().unwrap().to_string();
    let settings = [("CLAVIGER_SITE_DIR", site.to_str().unwrap())];
    fails_saying(&claviger(&["serve", "--listen", &address], &settings), &[&address, "--listen"]);
}

#[test]
fn a_site_that_was_not_built_is_said() {
    let settings = [("CLAVIGER_SITE_DIR", "/nowhere/at/all"), ("CLAVIGER_LISTEN", "127.0.0.1:0")];
    fails_saying(&claviger(&["serve"], &settings), &["/nowhere/at/all", "cargo xtask web"]);
}

#[test]
fn settings_that_cannot_be_used_are_said() {
    fails_saying(
        &claviger(&["check"], &[("CLAVIGER_REGIONS", "eu-west-1,mars")]),
        &["mars", "Region"],
    );
    fails_saying(
        &claviger(&["check"], &[("CLAVIGER_PUBLIC_URL", "http://claviger.example.com")]),
        &["unprotected"],
    );
    fails_saying(&claviger(&["--file", "/nowhere.toml", "check"], &[]), &["/nowhere.toml"]);
    let file = site("with-a-file").join("claviger.toml");
    fs::write(&file, "regions = [\"eu-west-1\"]").unwrap();
    let answer = claviger(
        &["check"],
        &[("CLAVIGER_REGIONS", "eu-west-1,us-east-1"), ("CLAVIGER_FILE", file.to_str().unwrap())],
    );
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}
