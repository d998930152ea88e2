//! `clv` as a person runs it, with a server whose responses the test sets: bytes, choices, commands, exit codes.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod change;
#[path = "../console/mod.rs"]
mod console;
mod mcp;
mod pending;
mod pipeline;
mod run;
mod scan;
mod secrets;

use base64::Engine;
use claviger_domain::{
    facts::Kind,
    grants::{
        Action, EndReason, GrantState,
        view::{Ending, Queue, Revealed},
    },
    problem::{Problem, ProblemCode},
    waits::Waits,
};
use console::{ACCOUNT, Console, EU, US, arn, candidate, detail, mine, resource};
use serde_json::{Value, json};
use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

/// Runs `clv` with the stored sign-in, and this standard input.
fn clv(console: &Console, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_clv"))
        .args(args)
        .env("CLV_HOME", console.home())
        .env("AWS_CONFIG_FILE", console.home().join("aws-config"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have ended without reading.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

fn ok(console: &Console, args: &[&str], input: &[u8]) -> Vec<u8> {
    let done = clv(console, args, input);
    assert!(done.status.success(), "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

fn fails(console: &Console, args: &[&str]) -> (i32, String) {
    let done = clv(console, args, b"");
    let text = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.stdout.is_empty(), "{args:?}: {}", String::from_utf8_lossy(&done.stdout));
    (done.status.code().unwrap(), text)
}

/// A server with one active grant to read one secret with this value.
fn with_value(value: &Revealed) -> Console {
    let console = Console::start();
    console.answers("GET /v1/grants", &mine(&[(1, Action::Read)]));
    console.answers("GET /v1/grants/G-1", &detail(1, Action::Read, &[resource(US, "pay/db")]));
    console.answers("POST /v1/grants/G-1/reveal", value);
    console
}

fn text(value: &str) -> Revealed {
    Revealed::Text(value.to_owned().into())
}

#[test]
fn a_value_comes_out_byte_by_byte() {
    for value in [
        "plain",
        "with a break\n",
        "-----BEGIN KEY-----\nAA==\n-----END KEY-----\n",
        "windows\r\n",
        "  spaces \t",
        "\u{feff}{\"a\":1.10}",
        r#"{"n":12345678901234567890123,"x":1.10,"n":2}"#,
    ] {
        assert_eq!(ok(&with_value(&text(value)), &["get", "pay/db"], b""), value.as_bytes());
    }
    let bytes = [0, 159, 146, 150, 10];
    let in_base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
    let binary = with_value(&Revealed::Binary(in_base64.clone().into()));
    assert_eq!(ok(&binary, &["get", "pay/db"], b""), bytes);
    assert_eq!(ok(&binary, &["get", "pay/db", "--base64"], b""), in_base64.as_bytes());
    assert_eq!(fails(&binary, &["get", "pay/db", "--field", "a"]).0, 2);
}

#[test]
fn a_field_is_as_it_is_written() {
    let value = r#"{"big":12345678901234567890123,"price":1.10,"exp":1E400,"nested":{"b": 1.50,"a":[1.0]},"caf\u00e9":"a\/\u00e9\n","twice":1,"twice":2,"none":null,"empty":""}"#;
    let console = with_value(&text(value));
    for (field, shown) in [
        ("big", "12345678901234567890123"),
        ("price", "1.10"),
        ("exp", "1E400"),
        ("nested", r#"{"b": 1.50,"a":[1.0]}"#),
        ("café", "a/é\n"),
        ("none", "null"),
        ("empty", ""),
    ] {
        let out = ok(&console, &["get", "pay/db", "--field", field], b"");
        assert_eq!(String::from_utf8(out).unwrap(), shown);
    }
    let raw = ok(&console, &["get", "pay/db", "--field", "café", "--json"], b"");
    assert_eq!(raw, br#""a\/\u00e9\n""#);
    let (code, says) = fails(&console, &["get", "pay/db", "--field", "twice"]);
    assert_eq!(code, 6);
    assert!(says.contains("the field twice 2 times"), "{says}");
    for (nth, shown) in [("1", "1"), ("2", "2")] {
        let out = ok(&console, &["get", "pay/db", "--field", "twice", "--nth", nth], b"");
        assert_eq!(String::from_utf8(out).unwrap(), shown);
    }
    assert_eq!(fails(&console, &["get", "pay/db", "--field", "twice", "--nth", "3"]).0, 5);
    let (code, says) = fails(&console, &["get", "pay/db", "--field", "colour"]);
    assert_eq!(code, 5);
    assert!(says.contains("It has big, price, exp, nested, café, twice, none, empty"), "{says}");
    assert_eq!(fails(&with_value(&text("plain")), &["get", "pay/db", "--field", "a"]).0, 2);
}

#[test]
fn a_value_goes_in_byte_by_byte() {
    let console = Console::start();
    console.answers("GET /v1/grants", &mine(&[(2, Action::Write)]));
    console.answers("GET /v1/grants/G-2", &detail(2, Action::Write, &[resource(EU, "pay/db")]));
    console.answers("PUT /v1/grants/G-2/value", &json!("v7"));
    for (input, args, written) in [
        ("plain", &[][..], "plain"),
        ("ends with a break\n", &[], "ends with a break\n"),
        ("windows\r\n\r\n", &[], "windows\r\n\r\n"),
        (" \t spaces \n \u{feff}", &[], " \t spaces \n \u{feff}"),
        ("cut\n", &["--trim-newline"], "cut"),
        ("cut\r\n", &["-n"], "cut"),
        ("cut once\n\n", &["-n"], "cut once\n"),
    ] {
        let args: Vec<&str> = ["put", "pay/db"].iter().chain(args).copied().collect();
        let out = String::from_utf8(ok(&console, &args, input.as_bytes())).unwrap();
        assert!(out.contains(&format!("Payments ({ACCOUNT}), {EU}")), "where it went: {out}");
        assert_eq!(console.last("PUT /v1/grants/G-2/value")["value"], written);
    }
}

#[test]
fn bytes_go_in_as_a_binary_value_where_that_is_said() {
    let console = Console::start();
    console.answers("GET /v1/grants", &mine(&[(2, Action::Write)]));
    console.answers("GET /v1/grants/G-2", &detail(2, Action::Write, &[resource(EU, "pay/db")]));
    console.answers("PUT /v1/grants/G-2/value", &json!("v8"));
    // Never guessed: text in another encoding would become a value that readers of text do not find.
    let unsaid = clv(&console, &["put", "pay/db"], &[0xff, 0xfe]);
    assert_eq!(unsaid.status.code(), Some(2));
    let says = String::from_utf8(unsaid.stderr).unwrap();
    assert!(says.contains("--binary"), "{says}");
    assert_eq!(console.count("PUT /v1/grants/G-2/value"), 0);
    for bytes in [&[0xff, 0xfe, 0, b'\n'][..], b"text as bytes\n"] {
        let out = String::from_utf8(ok(&console, &["put", "pay/db", "--binary"], bytes)).unwrap();
        assert!(out.contains(EU) && out.contains("v8"), "{out}");
        let sent = console.last("PUT /v1/grants/G-2/value");
        let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
        assert_eq!((&sent["binary"], &sent["value"]), (&json!(encoded), &Value::Null));
    }
    let both = clv(&console, &["put", "pay/db", "--binary", "-n"], b"x");
    assert_eq!(both.status.code(), Some(2));
    let mut parameter = resource(EU, "pay/db");
    parameter.kind = Kind::Parameter;
    console.answers("GET /v1/grants/G-2", &detail(2, Action::Write, &[parameter]));
    let refused = clv(&console, &["put", "pay/db", "--binary"], b"x");
    assert_eq!(refused.status.code(), Some(2));
}

/// `clv` shows the server's answer about AWS sessions.
#[test]
fn an_end_says_what_becomes_of_sessions() {
    let console = Console::start();
    let ending = |was_active, ends_sessions| Ending { was_active, ends_sessions };
    for (ended, revoked, back) in [
        (ending(true, true), "Active AWS sessions are being ended.", "Access ended: G-1."),
        (ending(true, false), "No AWS session was active.", "Access ended: G-1."),
        (ending(false, false), "No AWS session was active.", "Withdrawn: G-1"),
    ] {
        console.answers("POST /v1/grants/G-1/revoke", &ended);
        console.answers("POST /v1/grants/G-1/give-back", &ended);
        let out = ok(&console, &["revoke", "G-1", "--reason", "Left."], b"");
        let out = String::from_utf8(out).unwrap();
        assert_eq!(out, format!("Revoked: G-1. {revoked}\n"));
        let out = String::from_utf8(ok(&console, &["give-back", "G-1"], b"")).unwrap();
        assert!(out.starts_with(back), "{out}");
        assert_eq!(out.contains("being ended"), ended.ends_sessions, "{out}");
    }
    // A server of an earlier release has no answer, so `clv` shows nothing.
    console.answers("POST /v1/grants/G-1/revoke", &json!(null));
    let out = ok(&console, &["revoke", "G-1", "--reason", "Left."], b"");
    assert_eq!(out, b"Revoked: G-1\n");
}

#[test]
fn grants_are_listed_and_counted_in_words() {
    let console = Console::start();
    let mut all = mine(&[(1, Action::Read), (2, Action::Read)]);
    for (number, row) in all.live.iter_mut().enumerate() {
        row.state = GrantState::Ended { at: all.as_of, why: EndReason::GivenBack };
        // The first was never approved.
        row.approvals = u32::from(number > 0);
    }
    console.answers("GET /v1/grants", &all);
    let out = String::from_utf8(ok(&console, &["grants"], b"")).unwrap();
    let states: Vec<&str> = out.lines().filter_map(|line| line.split('\t').nth(4)).collect();
    assert_eq!(states, ["Withdrawn", "Ended early"]);
}

#[test]
fn what_waits_names_who_can_decide() {
    let console = Console::start();
    let mut all = mine(&[(1, Action::Read)]);
    let mut row = all.live.remove(0);
    row.state = GrantState::Requested { expires_at: all.as_of };
    row.waits = Some(Waits::Approval(vec!["Ada".into(), "Tomas".into()]));
    all.waiting.push(row.clone());
    console.answers("GET /v1/grants", &all);
    console.answers("GET /v1/queue", &Queue { rows: vec![row], as_of: all.as_of });
    for list in ["grants", "queue"] {
        let out = String::from_utf8(ok(&console, &[list], b"")).unwrap();
        assert!(out.contains("Needs approval by Ada or Tomas."), "{list}: {out}");
    }
}

#[test]
fn a_name_that_several_have_is_an_error_with_a_command_for_each() {
    let console = Console::start();
    console.answers(
        "GET /v1/grants",
        &mine(&[(1, Action::Write), (2, Action::Write), (3, Action::Read)]),
    );
    console.answers("GET /v1/grants/G-1", &detail(1, Action::Write, &[resource(US, "it's $HOME")]));
    console.answers(
        "GET /v1/grants/G-2",
        &detail(2, Action::Write, &[resource(EU, "it's $HOME"), resource(US, "it's $HOME")]),
    );
    console.answers("PUT /v1/grants/G-1/value", &json!("one"));
    console.answers("PUT /v1/grants/G-2/value", &json!("two"));
    let (code, says) = fails(&console, &["put", "it's $HOME", "-n"]);
    assert_eq!(code, 6, "{says}");
    assert!(says.contains(&format!("Payments ({ACCOUNT}), {US}")), "{says}");
    assert_eq!(
        console.count("PUT /v1/grants/G-1/value") + console.count("PUT /v1/grants/G-2/value"),
        0
    );
    // Each printed command selects its candidate.
    let commands: Vec<&str> =
        says.lines().map(str::trim).filter(|line| line.starts_with("clv ")).collect();
    assert_eq!(commands.len(), 2, "{says}");
    for command in commands {
        let region = if command.contains(EU) { EU } else { US };
        let run = command.replacen("clv", env!("CARGO_BIN_EXE_clv"), 1);
        let done = Command::new("sh")
            .args(["-c", &format!("echo x | {run}")])
            .env("CLV_HOME", console.home())
            .output()
            .unwrap();
        let (out, err) =
            (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
        assert!(done.status.success(), "{command}: {err}");
        assert!(out.contains(region), "{command}: {out}");
    }
    // By ARN, full or without AWS's suffix.
    for named in
        [arn(EU, "it's $HOME"), arn(EU, "it's $HOME").rsplit_once('-').unwrap().0.to_owned()]
    {
        let before = console.count("PUT /v1/grants/G-2/value");
        ok(&console, &["put", &named], b"x");
        assert_eq!(console.count("PUT /v1/grants/G-2/value"), before + 1, "{named}");
    }
    ok(&console, &["put", "it's $HOME", "--grant", "G-1"], b"x");
    let (code, says) = fails(&console, &["put", "it's $HOME", "--region", "ap-south-1"]);
    assert_eq!(code, 5);
    assert!(
        says.contains("clv request 'it'\\''s $HOME' --region ap-south-1 --action write"),
        "{says}"
    );
}

#[test]
fn one_broken_grant_stops_no_other() {
    let console = with_value(&text("plain"));
    console.answers("GET /v1/grants", &mine(&[(9, Action::Read), (1, Action::Read)]));
    console.refuses("GET /v1/grants/G-9", ProblemCode::InvalidInput);
    assert_eq!(ok(&console, &["get", "pay/db"], b""), b"plain");
    let (code, says) = fails(&console, &["get", "pay/other"]);
    assert_eq!(code, 5);
    assert!(says.contains("not checked: G-9"), "{says}");
}

#[test]
fn a_request_names_what_it_means() {
    let console = Console::start();
    let all = [candidate(1, US, "pay/db"), candidate(2, EU, "pay/db")];
    console.answers("GET /v1/resources?name=pay%2Fdb", &all);
    console.answers(
        &format!("GET /v1/resources?name=pay%2Fdb&account={ACCOUNT}&region={EU}"),
        &[candidate(2, EU, "pay/db")],
    );
    console.answers("POST /v1/requests", &json!({"request": 1, "grants": [5]}));
    console.answers("GET /v1/grants/G-5", &detail(5, Action::Read, &[resource(EU, "pay/db")]));
    let typed = ["request", "pay/db", "--purpose", "it's late"];
    let (code, says) = fails(&console, &typed);
    assert_eq!(code, 6);
    let command = says.lines().map(str::trim).find(|line| line.contains(&format!("--region {EU}")));
    let run = command.unwrap().replacen("clv", env!("CARGO_BIN_EXE_clv"), 1);
    let done =
        Command::new("sh").args(["-c", &run]).env("CLV_HOME", console.home()).output().unwrap();
    assert!(done.status.success(), "{run}: {}", String::from_utf8_lossy(&done.stderr));
    let sent = console.last("POST /v1/requests");
    assert_eq!(sent["resources"], json!([all[1].id]));
    assert_eq!(sent["purpose"], "it's late");
    console.answers("GET /v1/resources?name=nothing", &json!([]));
    assert_eq!(fails(&console, &["request", "nothing", "--purpose", "x"]).0, 5);
}

/// A server with one grant over two Regions.
fn over_regions() -> Console {
    let console = Console::start();
    let both = [resource(US, "pay/db"), resource(EU, "pay/db")];
    console.answers("GET /v1/grants/G-3", &detail(3, Action::Read, &both));
    console.answers(
        "POST /v1/grants/G-3/credentials",
        &json!({
            "access_key_id": "ASIAEXAMPLE", "secret_access_key": "k/e+y", "session_token": "t",
            "expiration": "2026-11-27T18:05:09.123456789Z", "region": US, "resources": [],
        }),
    );
    console
}

#[test]
fn credentials_have_whole_seconds_and_the_region_that_was_meant() {
    let console = over_regions();
    let printed = ok(&console, &["creds", "--grant", "G-3"], b"");
    let printed: Value = serde_json::from_slice(&printed).unwrap();
    assert_eq!(printed["Expiration"], "2026-11-27T18:05:09Z");
    assert_eq!(printed["Version"], 1);
    for args in
        [&["creds", "--grant", "G-3", "--format", "env"][..], &["configure", "--grant", "G-3"]]
    {
        let (code, says) = fails(&console, args);
        assert_eq!(code, 6);
        assert!(says.contains(&format!("--region {EU}")), "{says}");
    }
    let (code, says) = fails(&console, &["exec", "--grant", "G-3", "--", "sh", "-c", "echo $A"]);
    assert_eq!(code, 125, "{says}");
    assert!(
        says.contains(&format!("clv exec --grant G-3 --region {EU} -- sh -c 'echo $A'")),
        "{says}"
    );
    let env = ok(&console, &["creds", "--grant", "G-3", "--format", "env", "--region", EU], b"");
    let env = String::from_utf8(env).unwrap();
    assert!(env.contains(&format!("export AWS_REGION={EU}\n")), "{env}");
    let (code, says) =
        fails(&console, &["creds", "--grant", "G-3", "--format", "json", "--secret", "pay/db"]);
    assert_eq!(code, 6);
    assert!(says.contains(&format!("--secret {}", arn(EU, "pay/db"))), "{says}");
    let json = ok(
        &console,
        &["creds", "--grant", "G-3", "--format", "json", "--secret", &arn(EU, "pay/db")],
        b"",
    );
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["Region"], EU);
    assert_eq!(console.last("POST /v1/grants/G-3/credentials")["resource"], arn(EU, "pay/db"));
    let region = [
        "exec",
        "--grant",
        "G-3",
        "--region",
        EU,
        "--",
        "sh",
        "-c",
        "echo $AWS_REGION $AWS_DEFAULT_REGION",
    ];
    assert_eq!(ok(&console, &region, b""), format!("{EU} {EU}\n").as_bytes());
}

#[test]
fn a_profile_carries_its_region_and_can_be_run() {
    let console = over_regions();
    let out = ok(&console, &["configure", "--grant", "G-3", "--secret", &arn(EU, "pay/db")], b"");
    let out = String::from_utf8(out).unwrap();
    assert!(
        out.contains(&format!("aws --profile claviger-G-3 --region {EU} secretsmanager")),
        "{out}"
    );
    let file = std::fs::read_to_string(console.home().join("aws-config")).unwrap();
    assert!(file.contains(&format!("[profile claviger-G-3]\nregion = {EU}\n")), "{file}");
    let process = file.lines().find_map(|line| line.strip_prefix("credential_process = ")).unwrap();
    let done =
        Command::new("sh").args(["-c", process]).env("CLV_HOME", console.home()).output().unwrap();
    let printed: Value = serde_json::from_slice(&done.stdout).unwrap();
    assert_eq!(printed["AccessKeyId"], "ASIAEXAMPLE");
    assert_eq!(console.last("POST /v1/grants/G-3/credentials")["resource"], arn(EU, "pay/db"));
}

#[test]
fn exit_codes_are_those_that_the_help_and_the_guide_list() {
    let help = Command::new(env!("CARGO_BIN_EXE_clv")).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let guide =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/README.md"))
            .unwrap();
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 8, 125, 126, 127] {
        assert!(help.contains(&format!("{code} ")), "{code} in the help");
        assert!(guide.contains(&format!("| {code} |")), "{code} in the guide");
    }
    let console = Console::start();
    for (problem, code) in [
        (ProblemCode::InvalidInput, 2),
        (ProblemCode::SignInNeeded, 3),
        (ProblemCode::Forbidden, 4),
        (ProblemCode::NotFound, 5),
        (ProblemCode::Ambiguous, 6),
        (ProblemCode::Conflict, 7),
        (ProblemCode::Unavailable, 8),
        (ProblemCode::Internal, 8),
    ] {
        console.refuses("GET /v1/grants", problem);
        let (got, says) = fails(&console, &["grants"]);
        assert_eq!(got, code, "{says}");
        assert!(says.contains("What happened. What to do."), "{says}");
    }
    assert_eq!(fails(&console, &["get"]).0, 2, "a word is missing");
    assert_eq!(fails(&console, &["configure", "--grant", "12"]).0, 2);
    let nobody = Command::new(env!("CARGO_BIN_EXE_clv"))
        .arg("grants")
        .env("CLV_HOME", console.home().join("nobody"))
        .output()
        .unwrap();
    assert_eq!(nobody.status.code(), Some(3));
    let over = over_regions();
    let exec = |command: &[&str]| {
        let args: Vec<&str> = ["exec", "--grant", "G-3", "--region", EU, "--"]
            .iter()
            .chain(command)
            .copied()
            .collect();
        clv(&over, &args, b"").status.code().unwrap()
    };
    assert_eq!(exec(&["sh", "-c", "exit 42"]), 42);
    assert_eq!(exec(&["sh", "-c", "kill -TERM $$"]), 143);
    assert_eq!(exec(&["claviger-no-such-program"]), 127);
    assert_eq!(exec(&["/dev/null"]), 126);
    let gone = Console::start();
    gone.stop();
    assert_eq!(fails(&gone, &["grants"]).0, 8);
}

#[test]
fn the_consoles_words_come_through() {
    let console = Console::start();
    let problem = Problem::new(ProblemCode::Conflict, "It was revoked.", "Ask again.");
    console.answers_with("POST /v1/grants/G-1/claim", 409, &problem);
    let (code, says) = fails(&console, &["claim", "G-1"]);
    assert_eq!((code, says.as_str()), (7, "clv: It was revoked. Ask again.\n"));
}
