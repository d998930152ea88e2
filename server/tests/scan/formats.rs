//! Every format, with names and tags that try to be something else.

use crate::account::{Account, CANARY, Ended, HOSTILE_NAME, US, folder};
use serde_json::Value;
use std::{fs, path::Path, process::Command};

/// The time and the account of a run, and what AWS makes up.
fn stable(text: &str, account: &str) -> String {
    let text = text.replace(account, "111122223333");
    let day = regex::Regex::new(r"\d{4}-\d\d-\d\d(T[\d:.]+Z)?").unwrap();
    day.replace_all(&text, "2026-11-28T12:00:00Z").into_owned()
}

#[tokio::test]
async fn the_table_is_for_people() {
    let account = Account::complete().await;
    let ended = account.scan(&[]).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    insta::assert_snapshot!(stable(&ended.stdout, &account.id));
    assert!(!ended.stdout.contains('\u{1b}'), "no control sequences outside of a terminal");
    assert!(ended.stdout.lines().all(|line| line.chars().count() <= 120), "{}", ended.stdout);
}

#[tokio::test]
async fn the_exit_code_follows_the_severity() {
    let account = Account::complete().await;
    let policy = folder("exit-codes").join("policy.yaml");
    fs::write(&policy, "id: tagged\ntitle: Tagged\nseverity: medium\nrule: {tagged: {}}\n")
        .unwrap();
    let policy = policy.to_str().unwrap();
    for (fail_on, code) in [("critical", 0), ("high", 0), ("medium", 1), ("low", 1), ("never", 0)] {
        let ended = account.scan(&["--policy", policy, "--fail-on", fail_on]).await;
        assert_eq!(ended.code, Some(code), "{fail_on}: {} {}", ended.stdout, ended.stderr);
    }
}

#[tokio::test]
async fn each_file_is_what_its_readers_expect() {
    let account = Account::complete().await;
    let folder = folder("each-format");
    let files = ["a.txt", "a.html", "a.csv", "a.json", "a.ndjson", "a.sarif"];
    let mut command = account.command();
    command.args(["--region", US]);
    for file in files {
        command.arg("--output").arg(folder.join(file));
    }
    let ended = Ended::of(&mut command).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let text = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    for file in files {
        assert!(!text(file).contains(CANARY), "{file}");
        assert!(ended.stderr.contains(file), "{}", ended.stderr);
    }
    assert!(!ended.stdout.contains(CANARY) && !ended.stderr.contains(CANARY));
    html(&text("a.html"));
    csv(&text("a.csv"));
    ocsf(&text("a.ndjson"));
    sarif(&text("a.sarif"), &account.id);
    assert_eq!(schema_faults(&folder.join("a.sarif")), "");
    let result: Value = serde_json::from_str(&text("a.json")).unwrap();
    assert_eq!(
        (&result["complete"], &result["checks"]["critical"]["fail"]),
        (&true.into(), &2.into())
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), files.len(), "nothing is left over");
}

fn html(page: &str) {
    assert!(page.starts_with("<!DOCTYPE html>"));
    let title = page.split_once("<title>").unwrap().1.split_once("</title>").unwrap().0;
    assert!(title.starts_with("Secrets of account ") && !title.contains('<'), "{title}");
    assert!(page.contains(r#"<html lang="en">"#) && page.contains("default-src 'none'"));
    assert!(page.contains("color-scheme"));
    let lower = page.to_lowercase();
    for forbidden in ["<script", "<img", "<link", "http://", "https://", "javascript:"] {
        assert!(!lower.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "the name is escaped");
    assert!(page.contains("&lt;img src=x onerror=alert(2)&gt;"), "the owner is escaped");
}

fn csv(text: &str) {
    assert!(text.starts_with("policy,policy_title,severity,verdict,"));
    assert!(text.contains("'=cmd|"), "no cell is a formula: {text}");
    assert!(text.lines().count() > 4);
}

fn ocsf(text: &str) {
    let mut statuses = Vec::new();
    for line in text.lines() {
        let finding: Value = serde_json::from_str(line).unwrap();
        assert_eq!(finding["class_uid"], 2003);
        assert_eq!(finding["metadata"]["version"], "1.3.0");
        for required in
            ["activity_id", "category_uid", "severity_id", "time", "type_uid", "finding_info"]
        {
            assert!(!finding[required].is_null(), "{required}: {line}");
        }
        statuses.push(finding["compliance"]["status_id"].clone());
    }
    assert!(statuses.contains(&3.into()) && statuses.contains(&0.into()), "{statuses:?}");
    assert!(!statuses.contains(&1.into()), "nothing that passes");
}

/// What the schema of SARIF does not allow in the file. The validator is in the Python environment that
/// `cargo xtask test` makes.
fn schema_faults(file: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = root.join("tests/scan/sarif");
    let output = Command::new(root.join("../data/venv/bin/python"))
        .args([here.join("validate.py"), here.join("sarif-2.1.0-rtm.5.json"), file.to_owned()])
        .output()
        .unwrap_or_else(|error| panic!("{error}: `cargo xtask test` makes data/venv"));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said.is_empty(), output.status.success());
    said
}

#[test]
fn the_schema_of_sarif_refuses_what_is_not_sarif() {
    let file = folder("not-sarif").join("a.sarif");
    let log =
        r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {}}, "results": [{"message": {}}]}]}"#;
    fs::write(&file, log).unwrap();
    let faults = schema_faults(&file);
    assert!(faults.contains("runs/0/tool/driver: 'name' is a required property"), "{faults}");
}

fn sarif(text: &str, account: &str) {
    let log: Value = serde_json::from_str(text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "Claviger");
    let rules = driver["rules"].as_array().unwrap();
    for rule in rules {
        assert!(rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string());
        let severity: f64 =
            rule["properties"]["security-severity"].as_str().unwrap().parse().unwrap();
        assert!((0.1..=10.0).contains(&severity));
    }
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
    assert!(!run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap().is_empty());
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string());
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        let uri =
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with(&format!("aws/{account}/{US}/")), "{uri}");
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/%*".contains(&b)), "{uri}");
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert_eq!(region["startLine"], 1);
    }
    let prints: std::collections::BTreeSet<String> = results
        .iter()
        .map(|result| result["partialFingerprints"]["primaryLocationLineHash"].to_string())
        .collect();
    assert_eq!(prints.len(), results.len(), "each finding has its own");
    assert!(
        results
            .iter()
            .any(|result| result["locations"][0]["logicalLocations"][0]["name"] == HOSTILE_NAME)
    );
    // No tag is in it.
    assert!(!text.contains("onerror"));
}
