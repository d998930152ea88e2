//! `clv scan`: what is read and found in a working tree, what is written, and what is uploaded.

use super::{ACCOUNT, Console, EU, US, arn, clv, fails};
use claviger_domain::{
    consumers::declared::{Declared, NamedResource, NamesPage},
    facts::Kind,
    ids::ResourceId,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const CANARY: &str = "sk_live_CANARY7f3";

fn resource(number: u128, kind: Kind, region: &str, name: &str) -> NamedResource {
    let arn = match kind {
        Kind::Secret => arn(region, name),
        Kind::Parameter => format!("arn:aws:ssm:{region}:{ACCOUNT}:parameter{name}"),
    };
    NamedResource {
        id: ResourceId(uuid::Uuid::from_u128(number)),
        arn: arn.parse().unwrap(),
        name: name.into(),
        kind,
        owner_team: Some("checkout".into()),
    }
}

/// A server with these names on two pages.
fn inventory() -> Console {
    let console = Console::start();
    let second = resource(2, Kind::Secret, EU, "pay/db");
    let first = vec![resource(1, Kind::Secret, US, "pay/db"), second.clone()];
    let rest = vec![
        resource(3, Kind::Parameter, US, "/pay/host"),
        resource(4, Kind::Secret, US, "pay/stripe/live"),
        resource(5, Kind::Secret, US, "database"),
    ];
    let page = |rows, next| NamesPage { rows, next };
    console.answers("GET /v1/consumers/names", &page(first, Some(second.id)));
    console.answers(&format!("GET /v1/consumers/names?after={}", second.id), &page(rest, None));
    console
}

pub fn git(folder: &Path, arguments: &[&str]) -> String {
    let done = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

pub fn put(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let file = folder.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, content).unwrap();
}

/// A repository with a commit and a remote.
fn repository(console: &Console) -> PathBuf {
    let folder = console.home().join("shop");
    put(
        &folder,
        "src/main.py",
        "import os\nread(\"pay/db\")\nhost = '/pay/host'; read('/pay/host')\n",
    );
    put(
        &folder,
        "deploy/task 1.json",
        format!("{{\"valueFrom\": \"{}:password::\"}}", arn(US, "pay/db")),
    );
    put(&folder, ".gitignore", "build/\n*.log\n");
    put(&folder, "build/out.py", "pay/db");
    put(&folder, "debug.log", "pay/db");
    put(&folder, "image.bin", b"\0pay/db ");
    put(&folder, "large.txt", "pay/db ".repeat(200_000));
    put(&folder, "prose.md", "The database of pay/dbs and x/pay/db.\n");
    put(&folder, "gone.txt", "pay/db");
    std::os::unix::fs::symlink("src/main.py", folder.join("link.py")).unwrap();
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "--message", "All."]);
    let remote = format!("https://x-access-token:{CANARY}@github.com/example/shop.git");
    git(&folder, &["remote", "add", "origin", &remote]);
    fs::remove_file(folder.join("gone.txt")).unwrap();
    put(&folder, "new.sh", "aws --secret-id=pay/db\n");
    folder
}

fn scan(console: &Console, folder: &Path, options: &[&str]) -> (String, String) {
    let arguments = [&["scan", folder.to_str().unwrap()], options].concat();
    let done = clv(console, &arguments, b"");
    let says = String::from_utf8(done.stderr).unwrap();
    assert!(done.status.success(), "{says}");
    (String::from_utf8(done.stdout).unwrap(), says)
}

fn read(file: &Path) -> Value {
    serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
}

#[test]
fn a_repository_is_read_as_git_sees_it() {
    let console = inventory();
    let folder = repository(&console);
    let (sarif, list) = (console.home().join("out.sarif"), console.home().join("list.json"));
    let options = ["--sarif", sarif.to_str().unwrap(), "--consumers", list.to_str().unwrap()];
    let (out, says) = scan(&console, &folder, &options);
    let task = format!("deploy/task 1.json:1\tpay/db\t{}", arn(US, "pay/db"));
    let mut lines: Vec<&str> = out.lines().collect();
    lines.sort_unstable();
    let host = format!("src/main.py:3\t/pay/host\tarn:aws:ssm:{US}:{ACCOUNT}:parameter/pay/host");
    let both = "pay/db\t2 accounts and Regions";
    let (script, source) = (format!("new.sh:1\t{both}"), format!("src/main.py:2\t{both}"));
    assert_eq!(lines, [&task, &script, &source, &host], "{says}");
    let summary = "4 references in 5 files (5 secrets and parameters checked). Skipped: binary: 1, over 1 MB: 1";
    assert_eq!(says, format!("clv: {summary}\n"));

    let list = read(&list);
    assert_eq!(list["repository"], "github.com/example/shop");
    assert_eq!(list["commit"], git(&folder, &["rev-parse", "HEAD"]));
    let consumers = list["consumers"].as_array().unwrap();
    assert_eq!(consumers.len(), 6, "a name of two Regions stands for both");
    assert_eq!(
        consumers[0],
        json!({"path": "deploy/task 1.json", "line": 1, "arn": arn(US, "pay/db"), "kind": "secret", "by": "arn"})
    );
    let parameter = consumers.iter().find(|one| one["kind"] == "parameter").unwrap();
    assert_eq!((&parameter["line"], &parameter["by"]), (&json!(3), &json!("name")));

    let log = read(&sarif);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 4);
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
        assert_eq!(result["level"], "note");
    }
    let place = |at: usize| &results[at]["locations"][0]["physicalLocation"];
    let uris: Vec<&str> =
        (0..4).map(|at| place(at)["artifactLocation"]["uri"].as_str().unwrap()).collect();
    assert!(uris.contains(&"deploy/task%201.json"), "{uris:?}");
    for text in [out, says, log.to_string(), list.to_string()] {
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn results_of_scans_are_no_consumers() {
    let console = inventory();
    let folder = repository(&console);
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (sarif, list) = (file("claviger.sarif"), file("consumers.json"));
    let (first, _) = scan(&console, &folder, &["--sarif", &sarif, "--consumers", &list]);
    fs::copy(&sarif, folder.join("report.json")).unwrap();
    put(&folder, "tools/gitleaks.sarif", leaks("pay/db").to_string());
    let call = "POST /v1/consumers/declared";
    console.answers(call, &Declared { stored: 6, unknown: 0 });
    let (second, says) = scan(&console, &folder, &["--upload"]);
    assert_eq!(second, first);
    assert!(says.contains("results of scans: 4"), "{says}");
    assert_eq!(console.last(call)["consumers"].as_array().unwrap().len(), 6);
}

#[test]
fn a_folder_of_a_repository_has_paths_from_its_root() {
    let console = inventory();
    let folder = repository(&console);
    let (out, _) = scan(&console, &folder.join("src"), &[]);
    assert!(out.starts_with("src/main.py:2\tpay/db"), "{out}");
    let source = folder.join("src");
    let (code, says) = fails(&console, &["scan", source.to_str().unwrap(), "--upload"]);
    assert_eq!(code, 2);
    assert!(says.contains("scan the repository's root"), "{says}");
}

#[test]
fn a_folder_without_git_is_walked() {
    let console = inventory();
    let folder = console.home().join("plain");
    put(&folder, "b/c.txt", "pay/db");
    put(&folder, "a.txt", "\n\"database\" and database");
    put(&folder, ".hidden", "pay/stripe/live");
    let (out, _) = scan(&console, &folder, &[]);
    let places: Vec<&str> = out.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!(places, [".hidden:1", "a.txt:2", "b/c.txt:1"]);
    let list = console.home().join("list.json");
    let arguments = ["scan", folder.to_str().unwrap(), "--consumers", list.to_str().unwrap()];
    // Before anything is read or printed.
    let (code, says) = fails(&console, &arguments);
    assert_eq!(code, 2);
    assert!(says.contains("--repository"), "{says}");
    let named = ["--repository", "example/plain", "--commit", "0123abc"];
    scan(&console, &folder, &[&["--consumers", list.to_str().unwrap()], &named[..]].concat());
    assert_eq!(read(&list)["repository"], "example/plain");
    let file = folder.join("a.txt");
    assert_eq!(fails(&console, &["scan", file.to_str().unwrap()]).0, 2);
    assert_eq!(fails(&console, &["scan", "/nowhere/at/all"]).0, 1);
}

#[test]
fn a_folder_that_cannot_be_read_is_counted() {
    use std::os::unix::fs::PermissionsExt;
    let console = inventory();
    let folder = console.home().join("plain");
    put(&folder, "a.txt", "pay/db");
    put(&folder, "closed/b.txt", "pay/db");
    let closed = folder.join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).unwrap();
    // The superuser reads it all the same.
    let is_closed = fs::read_dir(&closed).is_err();
    let (out, says) = scan(&console, &folder, &[]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    assert!(out.starts_with("a.txt:1\tpay/db"), "{out}");
    assert_eq!(says.contains("files or folders that cannot be read: 1"), is_closed, "{says}");
}

/// What gitleaks writes, with the credential in each field that could hold it.
fn leaks(path: &str) -> Value {
    json!({
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "gitleaks", "rules": [{"id": "stripe-access-token"}]}},
            "results": [{
                "message": {"text": format!("found {CANARY}")},
                "ruleId": "stripe-access-token",
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": path},
                    "region": {"startLine": 12, "snippet": {"text": CANARY}},
                }}],
                "partialFingerprints": {"commitMessage": CANARY},
            }],
        }],
    })
}

#[test]
fn a_hard_coded_credential_gets_a_secret_and_is_shown_nowhere() {
    let console = inventory();
    let folder = console.home().join("plain");
    put(&folder, "checkout/settings.py", format!("KEY = '{CANARY}'\n"));
    let report = console.home().join("gitleaks.sarif");
    fs::write(&report, leaks("checkout/settings.py").to_string()).unwrap();
    let sarif = console.home().join("out.sarif");
    let options = ["--gitleaks", report.to_str().unwrap(), "--sarif", sarif.to_str().unwrap()];
    let (out, says) = scan(&console, &folder, &options);
    assert!(out.starts_with("checkout/settings.py:12\tstripe-access-token\t"), "{out}");
    assert!(out.contains("read instead: pay/stripe/live (checkout, stripe)"), "{out}");
    let log = read(&sarif);
    let result = &log["runs"][0]["results"][0];
    assert_eq!((&result["level"], &result["ruleIndex"]), (&json!("error"), &json!(1)));
    assert_eq!(result["properties"]["suggested"][0]["arn"], arn(US, "pay/stripe/live"));
    for text in [&out, &says, &log.to_string()] {
        assert!(!text.contains("CANARY") && !text.contains("sk_live"), "{text}");
    }
    // Where nothing matches, and where the file is none.
    fs::write(&report, leaks("lib/other.rb").to_string().replace("stripe", "generic")).unwrap();
    let (out, _) = scan(&console, &folder, &options[..2]);
    assert!(out.contains("create one with clv secret create"), "{out}");
    fs::write(&report, format!("{{\"runs\": \"{CANARY}\"}}")).unwrap();
    let arguments = [&["scan", folder.to_str().unwrap()], &options[..2]].concat();
    let (code, says) = fails(&console, &arguments);
    assert_eq!(code, 2);
    assert!(says.contains("gitleaks.sarif") && !says.contains("CANARY"), "{says}");
}

#[test]
fn the_list_is_uploaded() {
    let console = inventory();
    let folder = repository(&console);
    let call = "POST /v1/consumers/declared";
    console.answers(call, &Declared { stored: 5, unknown: 1 });
    let (_, says) = scan(&console, &folder, &["--upload"]);
    assert!(
        says.contains("stored 5 declared consumers of github.com/example/shop; 1 are not"),
        "{says}"
    );
    let sent = console.last(call);
    assert_eq!(sent["consumers"].as_array().unwrap().len(), 6);
    assert!(!sent.to_string().contains("CANARY"));
    for (options, says) in [
        (&["--repository", "https://github.com/example/shop"][..], "is not a repository"),
        (&["--commit", "main"], "is not a commit"),
    ] {
        let arguments = [&["scan", folder.to_str().unwrap(), "--upload"], options].concat();
        let done = clv(&console, &arguments, b"");
        assert_eq!(done.status.code(), Some(2));
        assert!(String::from_utf8(done.stderr).unwrap().contains(says), "{options:?}");
    }
    put(&folder, "many.txt", "pay/db\n".repeat(5_001));
    let arguments = ["scan", folder.to_str().unwrap(), "--upload"];
    let done = clv(&console, &arguments, b"");
    assert_eq!(done.status.code(), Some(2));
    let says = String::from_utf8(done.stderr).unwrap();
    assert!(says.contains("more than 10000") && says.contains("several accounts"), "{says}");
    assert_eq!(console.count(call), 1);
}
