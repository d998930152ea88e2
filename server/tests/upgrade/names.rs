//! Names that people and programs have stored: URLs, words of the command lines, keys of the configuration.

use crate::{
    RELEASE,
    aws::Aws,
    console::Around,
    dump,
    idp::TestIdp,
    upgrade::Upgraded,
    v1::{keys, missing},
};
use clap::CommandFactory;
use claviger::SystemClock;
use claviger_domain::clock::Clock;
use claviger_testkit::TestClock;
use reqwest::{Method, StatusCode, header};
use std::{collections::BTreeSet, sync::Arc};

/// Each with ids and filters of the dump; `{id}` is a secret's. After an arrow is the new name, to which the old one leads.
const PAGES: &[&str] = &[
    "/",
    "/inventory",
    "/inventory?q=ledger&kind=secret&kind=parameter&account=441205839201&region=us-east-1",
    "/inventory?team=payments&owner=named&rotation=overdue&sort=changed&dir=desc&col=owner&col=tags",
    "/inventory/{id}",
    "/changes",
    "/changes?days=30&what=changed&what=first-seen&what=gone&what=back&field=Tags&q=ledger",
    "/overview",
    "/findings",
    "/findings?policy=env&account=441205839201&severity=low&verdict=fail",
    "/findings?state=open",
    "/findings?state=overdue",
    "/findings?state=waived",
    "/findings?state=resolved",
    "/policies",
    "/policies/new",
    "/policies/owner",
    "/remediation",
    "/remediation/new?of=policy%3Downer&wish=set-tags&tags=owner%3Dpayments",
    "/remediation/P-1",
    "/exceptions",
    "/exceptions/new?policy=env&target=organization",
    "/exceptions/W-1",
    "/accounts",
    "/accounts/441205839201",
    "/access",
    "/access/request?resource={id}&action=read",
    "/access/live",
    "/access/G-1",
    "/approvals",
    "/approvals/G-1",
    "/reviews",
    "/inbox",
    "/notifications",
    "/audit",
    "/export/inventory/csv?kind=secret",
    "/export/inventory/json",
    "/export/findings/csv?policy=env",
    "/export/findings/json",
    "/export/findings/asff",
    "/export/findings/ocsf",
    "/sign-in",
    "/signed-out",
    "/healthz",
    "/livez",
    "/readyz",
];

/// URLs registered at the identity provider and at load balancers: any response but "not found".
const ENDPOINTS: &[(Method, &str)] = &[
    (Method::GET, "/events"),
    (Method::GET, "/auth/login"),
    (Method::GET, "/auth/callback"),
    (Method::POST, "/auth/backchannel-logout"),
    // It ends the session, so it comes last.
    (Method::POST, "/auth/logout"),
];

#[tokio::test]
async fn every_url_of_the_release_leads_where_it_led() {
    let upgraded = Upgraded::start("claviger_upgrade_urls").await;
    // People who were signed in still are.
    let cookie = dump::cookie();
    let id: String =
        upgraded.one("select id::text from resource where name = 'payments/ledger'").await;
    let get = async |path: &str| {
        let request = upgraded.console.ask(Method::GET, path).header(header::COOKIE, &cookie);
        request.send().await.unwrap()
    };
    let mut columns = BTreeSet::new();
    for page in PAGES {
        let page = page.replace("{id}", &id);
        let mut answer = get(&page).await;
        let is_home = page == "/" && answer.status() == StatusCode::SEE_OTHER;
        if answer.status() == StatusCode::PERMANENT_REDIRECT || is_home {
            let to = answer.headers()[header::LOCATION].to_str().unwrap().to_owned();
            answer = get(&to).await;
        }
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, StatusCode::OK, "{page}: {text}");
        let is_signed_out = text.contains("/auth/login") && !page.starts_with("/sign");
        assert!(!is_signed_out, "{page} asks to sign in");
        if page.starts_with("/export/") {
            let file = page.split('?').next().unwrap();
            match serde_json::from_str(&text) {
                Ok(document) => keys(&format!("{file} "), &document, &mut columns),
                Err(_) if file.ends_with("/csv") => {
                    let mut lines = text.trim_start_matches('\u{feff}').lines();
                    // The export's filter and time come before the columns.
                    let head = lines.find(|line| !line.starts_with('#')).unwrap();
                    columns.extend(head.split(',').map(|column| format!("{file} {column}")));
                }
                // One document per line.
                Err(_) => {
                    for line in text.lines() {
                        let document = serde_json::from_str(line).unwrap();
                        keys(&format!("{file} "), &document, &mut columns);
                    }
                }
            }
        }
    }
    let missing = missing(".exports.txt", &columns);
    assert!(missing.is_empty(), "spreadsheets and programs of {RELEASE} read these: {missing:#?}");
    for (method, path) in ENDPOINTS {
        let answer = upgraded.console.ask(method.clone(), path).header(header::COOKIE, &cookie);
        let answer = answer.header("sec-fetch-site", "same-origin").send().await.unwrap();
        let is_nothing =
            [StatusCode::NOT_FOUND, StatusCode::METHOD_NOT_ALLOWED].contains(&answer.status());
        assert!(!is_nothing, "{method} {path}: {}", answer.status());
        if *path == "/events" {
            assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
        }
    }
}

/// Every command with its aliases, arguments, options and the values that an option accepts.
fn words(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
    let names = std::iter::once(command.get_name()).chain(command.get_all_aliases());
    for name in names.map(|name| format!("{before} {name}")) {
        found.insert(name.trim().to_owned());
        for argument in command.get_arguments() {
            let mut spelled = Vec::new();
            for long in argument.get_long_and_visible_aliases().unwrap_or_default() {
                spelled.push(format!("--{long}"));
            }
            for alias in argument.get_aliases().unwrap_or_default() {
                spelled.push(format!("--{alias}"));
            }
            for short in argument.get_short_and_visible_aliases().unwrap_or_default() {
                spelled.push(format!("-{short}"));
            }
            if argument.is_positional() {
                // Only the help shows its name; its position counts.
                let location = argument.get_index().unwrap_or_default();
                spelled.push(format!("<{location}>"));
            }
            for one in &spelled {
                found.insert(format!("{name} {one}").trim().to_owned());
                for value in argument.get_possible_values() {
                    found.insert(format!("{name} {one} {}", value.get_name()).trim().to_owned());
                }
            }
            if let Some(variable) = argument.get_env() {
                found.insert(format!("{name} ${}", variable.to_string_lossy()));
            }
        }
        for below in command.get_subcommands() {
            words(below, &name, found);
        }
    }
}

#[test]
fn every_word_of_the_command_lines_is_understood() {
    for (ending, mut command) in [
        (".clv.txt", claviger_cli::Cli::command()),
        (".claviger.txt", claviger::cli::Cli::command()),
    ] {
        command.build();
        let mut now = BTreeSet::new();
        words(&command, "", &mut now);
        let missing = missing(ending, &now);
        assert!(missing.is_empty(), "scripts of {RELEASE} say these: {missing:#?}");
    }
}

/// Command lines from the guide and from people's scripts.
#[test]
fn command_lines_of_the_release_are_read() {
    use clap::Parser;
    for line in [
        "login https://claviger.example.com",
        "logout",
        "whoami",
        "search",
        "search ledger",
        "request payments/ledger --purpose Why --for 1h30m --action write --ticket PAY-1 --start 2026-12-01T15:00Z --account 441205839201 --region us-east-1 --extends G-1",
        "request payments/ledger other --purpose Why --break-glass",
        "queue",
        "approve G-1 --minutes 15",
        "deny G-1 --reason Why",
        "grants",
        "claim G-1",
        "give-back G-1",
        "revoke G-1 --reason Why",
        "creds --grant G-1 --secret payments/ledger --region us-east-1 --format credential-process",
        "creds --grant G-1 --format env",
        "exec --grant G-1 --secret payments/ledger --region us-east-1 -- aws s3 ls",
        "get payments/ledger --field password --json --nth 1 --account 441205839201 --region us-east-1 --grant G-1",
        "get payments/ledger --base64",
        "put payments/ledger --trim-newline",
        "put payments/ledger -n --grant G-1",
        "put payments/ledger --binary",
        "rotate payments/ledger --grant G-1",
        "configure --grant G-1 --secret payments/ledger --region us-east-1",
    ] {
        let read = claviger_cli::Cli::try_parse_from(std::iter::once("clv").chain(line.split(' ')));
        assert!(read.is_ok(), "clv {line}: {}", read.unwrap_err());
    }
    for line in [
        "serve",
        "--file claviger.toml serve --listen 127.0.0.1:8080",
        "migrate --grant-to claviger_console",
        "check --online",
        "audit verify --head 4f1c --heads heads.jsonl",
        "access test cases.toml --policies policies.cedar --rules rules.toml",
        "access schema",
        "policy import policies.yaml",
        "policy import --pack baseline",
        "policy export --pack pci-dss",
        "policy validate policies.yaml",
        "policy test cases.toml --policies policies.yaml",
        "policy test cases.toml --pack strict",
        "policy dry-run policies.yaml",
        "policy schema",
    ] {
        let read =
            claviger::cli::Cli::try_parse_from(std::iter::once("claviger").chain(line.split(' ')));
        assert!(read.is_ok(), "claviger {line}: {}", read.unwrap_err());
    }
}

#[tokio::test]
async fn every_key_of_the_configuration_is_read() {
    let idp = TestIdp::start(Arc::new(TestClock::at(SystemClock.now()))).await;
    let aws = Aws::start().await;
    let database = "postgres://claviger@127.0.0.1:9/claviger";
    let around = Around { folder: "upgrade-keys", database, issuer: &idp.issuer, aws: &aws.url };
    let checked = around.run(&["check"]);
    let said = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{said}");
    // Each by its variable too, except those that only the file can set.
    let file = std::fs::read_to_string(dump::file(".toml")).unwrap();
    let keys: BTreeSet<String> = file.parse::<toml::Table>().unwrap().keys().cloned().collect();
    let text = std::fs::read_to_string(around.configuration("127.0.0.1:0")).unwrap();
    let table: toml::Table = text.parse().unwrap();
    let mut by_variable = around.command("127.0.0.1:0");
    for (name, value) in &table {
        let value = match value {
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Array(items) if items.iter().all(toml::Value::is_str) => {
                items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(",")
            }
            _ => continue,
        };
        by_variable.env(format!("CLAVIGER_{}", name.to_uppercase()), value);
    }
    let checked = by_variable.arg("check").output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    // The file has every documented key.
    let documented = std::fs::read_to_string(dump::file(".settings.txt")).unwrap();
    let documented: BTreeSet<String> = documented.lines().map(ToOwned::to_owned).collect();
    assert_eq!(keys, documented);
}
