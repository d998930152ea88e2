//! `clv scan --pipeline`: what a pipeline uploads, with which token, and what it never sends.

use super::{
    Console,
    scan::{git, put},
};
use claviger_domain::{consumers::found::Received, problem::ProblemCode};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

const CALL: &str = "POST /v1/consumers/found";
const ARN: &str = "arn:aws:secretsmanager:us-east-1:441205839201:secret:pay/stripe-AbCdEf";

fn repository(console: &Console) -> PathBuf {
    let folder = console.home().join("shop");
    put(&folder, "src/main.py", "name = 'CANARY/a'\nclient.get_secret_value(SecretId='pay/db')\n");
    put(&folder, "task.json", format!("{{\"valueFrom\": \"{ARN}:key::\"}}"));
    put(&folder, ".gitignore", "build/\n");
    put(&folder, "build/out.py", "secret_id = 'CANARY/b'");
    git(&folder, &["init", "--quiet"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "--quiet", "--message", "All."]);
    folder
}

/// Runs it without a sign-in, and with these variables: exit code, output and errors.
fn scan(
    console: &Console,
    folder: &Path,
    options: &[&str],
    variables: &[(&str, &str)],
) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_clv"))
        .args(["scan", folder.to_str().unwrap(), "--pipeline", &console.address()])
        .args(options)
        .env("CLV_HOME", console.home().join("none"))
        .env_remove("CLV_ID_TOKEN")
        .env_remove("ACTIONS_ID_TOKEN_REQUEST_URL")
        .env_remove("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (done.status.code().unwrap(), text(done.stdout), text(done.stderr))
}

#[test]
fn a_pipeline_uploads_what_its_files_name() {
    let console = Console::start();
    console.answers(CALL, &Received { references: 2 });
    let folder = repository(&console);
    put(&folder, "large.py", "secret_id = 'CANARY/c'\n".repeat(60_000));
    put(&folder, "image.bin", "\0");
    let (code, out, says) = scan(&console, &folder, &[], &[("CLV_ID_TOKEN", "a.b.c")]);
    let summary = "clv: uploaded 2 references of 3 files. Skipped: binary: 1, over 1 MB: 1\n";
    assert_eq!((code, says.as_str()), (0, summary));
    assert_eq!(out, format!("src/main.py:2\tsecret\tpay/db\ntask.json:1\tsecret\t{ARN}:key\n"));
    let sent = console.last(CALL);
    assert_eq!((&sent["repository"], &sent["commit"]), (&Value::Null, &Value::Null));
    assert_eq!(
        sent["references"],
        json!([
            {"path": "src/main.py", "line": 2, "kind": "secret", "named": "pay/db"},
            {"path": "task.json", "line": 1, "kind": "secret", "named": format!("{ARN}:key")},
        ])
    );
    assert_eq!(console.authorization(CALL), "Bearer a.b.c");
    assert!(!sent.to_string().contains("CANARY"), "{sent}");
}

#[test]
fn github_gives_a_token_for_this_console() {
    let console = Console::start();
    console.answers(CALL, &Received { references: 2 });
    let audience = console.address().replace(':', "%3A").replace('/', "%2F");
    let call = format!("GET /token?api-version=2.0&audience={audience}");
    console.answers(&call, &json!({"count": 1, "value": "g.h.i"}));
    let url = format!("{}/token?api-version=2.0", console.address());
    let variables =
        [("ACTIONS_ID_TOKEN_REQUEST_URL", url.as_str()), ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "r")];
    let folder = repository(&console);
    let options = ["--repository", "github.com/acme/shop", "--commit", "0123abc"];
    let (code, _, says) = scan(&console, &folder, &options, &variables);
    assert_eq!(code, 0, "{says}");
    assert_eq!(console.authorization(&call), "Bearer r");
    assert_eq!(console.authorization(CALL), "Bearer g.h.i");
    assert_eq!(console.last(CALL)["repository"], "github.com/acme/shop");
    // Where it gives none.
    console.refuses(&call, ProblemCode::Forbidden);
    let (code, _, says) = scan(&console, &folder, &[], &variables);
    assert_eq!(code, 2);
    assert!(says.contains("GitHub gave no id token: it answered 403"), "{says}");
    let plain = [("ACTIONS_ID_TOKEN_REQUEST_URL", "http://example.com/"), variables[1]];
    let (code, _, says) = scan(&console, &folder, &[], &plain);
    assert_eq!(code, 2);
    assert!(says.contains("not an https URL"), "{says}");
    assert_eq!(console.count(CALL), 1);
}

#[test]
fn what_cannot_be_uploaded_is_said() {
    let console = Console::start();
    let folder = repository(&console);
    let token = [("CLV_ID_TOKEN", "a.b.c")];
    let (code, _, says) = scan(&console, &folder, &[], &[]);
    assert_eq!(code, 2);
    assert!(says.contains("id-token: write") && says.contains("CLV_ID_TOKEN"), "{says}");
    console.refuses(CALL, ProblemCode::Forbidden);
    let (code, _, says) = scan(&console, &folder, &[], &token);
    assert_eq!((code, says.as_str()), (4, "clv: What happened. What to do.\n"));
    for (options, says) in [
        (&["--upload"][..], "cannot be used with"),
        (&["--sarif", "x.sarif"], "cannot be used with"),
        (&["--repository", "shop", "--commit", "0123abc"], "is not a repository"),
    ] {
        let (code, _, error) = scan(&console, &folder, options, &token);
        assert_eq!(code, 2, "{error}");
        assert!(error.contains(says), "{error}");
    }
    let (code, _, says) = scan(&console, &folder.join("src"), &[], &token);
    assert_eq!(code, 2);
    assert!(says.contains("scan the repository's root"), "{says}");
    for address in ["http://example.com", "https://example.com/path"] {
        let done = Command::new(env!("CARGO_BIN_EXE_clv"))
            .args(["scan", folder.to_str().unwrap(), "--pipeline", address])
            .env("CLV_ID_TOKEN", "a.b.c")
            .output()
            .unwrap();
        let says = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{says}");
        assert!(says.contains("by its address alone"), "{says}");
    }
    assert_eq!(console.count(CALL), 1);
}

#[test]
fn more_than_an_upload_has_room_for_is_refused_with_advice() {
    use std::fmt::Write as _;
    let console = Console::start();
    let folder = repository(&console);
    let mut text = String::new();
    for number in 0..10_000 {
        writeln!(text, "secret_id = 'pay/{number}'").unwrap();
    }
    put(&folder, "src/many.py", text);
    let (code, _, says) = scan(&console, &folder, &[], &[("CLV_ID_TOKEN", "a.b.c")]);
    assert_eq!(code, 2, "{says}");
    assert!(says.contains("10002 references are more than 10000"), "{says}");
    assert!(says.contains(".gitignore") && !says.contains("without --upload"), "{says}");
    assert_eq!(console.count(CALL), 0);
}
