//! `clv run`: what the command gets, what stops it before it starts, and what ends it.

use super::{Console, EU, US, candidate, clv, detail, fails, mine, ok, resource, text, with_value};
use claviger_domain::{
    grants::{
        Action, EndReason, GrantState,
        view::{GrantDetail, MyAccess, Revealed},
    },
    problem::ProblemCode,
    waits::Waits,
};
use serde_json::json;
use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

const VALUE: &str = r#"{"user":"app","password":"CAN\"ARY\n","twice":1,"twice":2}"#;
const PRINT: &str = r#"printf '%s|%s|%s|%s' "$A" "$B" "$(cat <&3)" "$(cat)""#;

fn run<'a>(options: &[&'a str], command: &[&'a str]) -> Vec<&'a str> {
    [&["run"], options, &["--"], command].concat()
}

/// Whether what started this test left the descriptor open for every program: clv refuses such a number.
fn is_inherited(number: u32) -> bool {
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}"));
    let flags = info.ok().and_then(|info| {
        let line = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
        u32::from_str_radix(line.trim(), 8).ok()
    });
    flags.is_some_and(|flags| flags & 0o2_000_000 == 0)
}

#[test]
fn a_command_gets_values_in_variables_and_descriptors() {
    let console = with_value(&text(VALUE));
    let options = [
        "--env",
        "A=pay/db#user",
        "--env=B=pay/db",
        "--fd",
        "3=pay/db#password",
        "--fd=0=pay/db#user",
    ];
    let out = ok(&console, &run(&options, &["sh", "-c", PRINT]), b"not this");
    assert_eq!(String::from_utf8(out).unwrap(), format!("app|{VALUE}|CAN\"ARY|app"));
    assert_eq!(console.count("POST /v1/grants/G-1/reveal"), 1, "each reveal is in the audit log");
    // The numbers that the runtime and the network would take.
    let free: Vec<u32> = (3..20).filter(|number| !is_inherited(*number)).collect();
    let many: Vec<String> =
        free.iter().map(|number| format!("--fd={number}=pay/db#user")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let short: Vec<String> =
        free.iter().filter(|number| **number < 10).map(ToString::to_string).collect();
    let last = free.last().unwrap();
    let script =
        format!("for n in {}; do eval \"cat <&$n\"; done; cat /dev/fd/{last}", short.join(" "));
    let out = ok(&console, &run(&many, &["sh", "-c", &script]), b"");
    assert_eq!(out, b"app".repeat(short.len() + 1));
}

#[test]
fn bytes_and_long_values_go_through_a_descriptor_unchanged() {
    use base64::Engine;
    let bytes: Vec<u8> = (0..65_536_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let encoded = base64::engine::general_purpose::STANDARD.encode(&bytes);
    let console = with_value(&Revealed::Binary(encoded.into()));
    assert!(ok(&console, &run(&["--fd", "3=pay/db"], &["cat", "/dev/fd/3"]), b"") == bytes);
    // A command that reads nothing ends all the same.
    ok(&console, &run(&["--fd", "3=pay/db"], &["true"]), b"");
}

#[test]
fn what_cannot_be_injected_is_said_before_the_command_starts() {
    let console = with_value(&text(VALUE));
    let marker = console.home().join("ran");
    let touch = ["touch", marker.to_str().unwrap()];
    for (options, code, says) in [
        (&["--env", "A=pay/db#colour"][..], 125, "It has user, password, twice"),
        (&["--env", "A=pay/db#twice"], 125, "2 times"),
        (&["--env", "A=pay/db", "--env", "A=pay/db#user"], 125, "A twice"),
        (&["--fd", "3=pay/db", "--fd", "3=pay/db"], 125, "3 twice"),
        (&["--env", "A=pay/other"], 125, "add --request --reason"),
        (&["--env", "9A=pay/db"], 2, "don't start with a digit"),
        (&["--env", "A-B=pay/db"], 2, "letters, digits"),
        (&["--env", "pay/db"], 2, "NAME=SECRET"),
        (&["--env", "A=pay/db#"], 2, "after the #"),
        (&["--env", "A="], 2, "name a secret"),
        (&["--fd", "1=pay/db"], 2, "from 3 to 255"),
        (&["--fd", "256=pay/db"], 2, "from 3 to 255"),
        (&["--env", "A=pay/db", "--wait"], 2, "--request"),
        (&["--env", "A=pay/db", "--request"], 2, "--reason"),
        (&[], 2, "--env"),
    ] {
        let (got, error) = fails(&console, &run(options, &touch));
        assert_eq!(got, code, "{options:?}: {error}");
        assert!(error.contains(says), "{options:?}: {error}");
        assert!(!error.contains("ARY"), "{error}");
    }
    for (value, says) in
        [(text("a\0CANARY"), "NUL"), (Revealed::Binary("AAE=".to_owned().into()), "--fd 3=pay/db")]
    {
        console.answers("POST /v1/grants/G-1/reveal", &value);
        let (got, error) = fails(&console, &run(&["--env", "A=pay/db"], &touch));
        assert_eq!(got, 125);
        assert!(error.contains(says) && !error.contains("CANARY"), "{error}");
    }
    assert!(!marker.exists());
}

#[test]
fn the_exit_code_is_the_commands_own() {
    let console = with_value(&text("v"));
    for (command, code) in [
        (&["sh", "-c", "exit 42"][..], 42),
        (&["sh", "-c", "kill -TERM $$"], 143),
        (&["claviger-no-such-program"], 127),
        (&["/dev/null"], 126),
        (&["true"], 0),
    ] {
        let done = clv(&console, &run(&["--env", "A=pay/db"], command), b"");
        assert_eq!(done.status.code(), Some(code), "{command:?}");
    }
}

#[test]
fn signals_reach_the_command() {
    let console = with_value(&text("v"));
    for (signal, code) in [("TERM", 7), ("INT", 8), ("HUP", 9)] {
        let script = "trap 'exit 7' TERM; trap 'exit 8' INT; trap 'exit 9' HUP; echo ready; while :; do sleep 0.05; done";
        let mut child = Command::new(env!("CARGO_BIN_EXE_clv"))
            .args(run(&["--env", "A=pay/db"], &["sh", "-c", script]))
            .env("CLV_HOME", console.home())
            // Not in the foreground of a terminal, which would send SIGINT itself.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        let id = child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(code), "{signal}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn what_the_command_has_started_ends_with_it() {
    let console = with_value(&text("v"));
    let active = detail(1, Action::Read, &[resource(US, "pay/db")]);
    console.answers_in_turn("GET /v1/grants/G-1", &[active.clone(), active, revoked()]);
    // One in a session of its own. The pipe ends when its last writer has ended.
    let pipe = console.home().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script =
        format!("exec 9>{}; setsid sleep 600 & echo started >&9; sleep 600", pipe.display());
    let child = Command::new(env!("CARGO_BIN_EXE_clv"))
        .args(run(&["--env", "A=pay/db"], &["sh", "-c", &script]))
        .env("CLV_HOME", console.home())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut writes = BufReader::new(std::fs::File::open(&pipe).unwrap());
    let mut read = String::new();
    writes.read_to_string(&mut read).unwrap();
    assert_eq!(read, "started\n");
    let done = child.wait_with_output().unwrap();
    assert_eq!(done.status.code(), Some(143), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn no_value_gets_into_a_core_dump() {
    let console = with_value(&text("v"));
    let out = ok(&console, &run(&["--env", "A=pay/db"], &["sh", "-c", "ulimit -H -c"]), b"");
    assert_eq!(out, b"0\n");
}

#[test]
fn a_hangup_that_is_ignored_stays_so() {
    let console = with_value(&text("v"));
    let script = "kill -HUP $PPID; sleep 0.2; echo done";
    let done = Command::new("nohup")
        .arg(env!("CARGO_BIN_EXE_clv"))
        .args(run(&["--env", "A=pay/db"], &["sh", "-c", script]))
        .env("CLV_HOME", console.home())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(done.stdout, b"done\n", "{}", String::from_utf8_lossy(&done.stderr));
}

pub fn in_state(grant: i64, state: GrantState) -> GrantDetail {
    let mut shown = detail(grant, Action::Read, &[resource(US, "pay/db")]);
    shown.row.state = state;
    shown
}

pub fn revoked() -> GrantDetail {
    let at = detail(1, Action::Read, &[]).as_of;
    in_state(1, GrantState::Ended { at, why: EndReason::Revoked })
}

#[test]
fn the_commands_end_is_the_end_of_the_access() {
    let console = with_value(&text("v"));
    let active = detail(1, Action::Read, &[resource(US, "pay/db")]);
    let endless = ["sh", "-c", "trap 'echo stopped; exit 3' TERM; while :; do sleep 0.05; done"];
    // Somebody revokes it while the command runs: the first reads find it active.
    let reads = [active.clone(), active.clone(), active.clone(), revoked()];
    console.answers_in_turn("GET /v1/grants/G-1", &reads);
    let done = clv(&console, &run(&["--env", "A=pay/db"], &endless), b"");
    let says = String::from_utf8(done.stderr).unwrap();
    assert_eq!(
        (done.status.code(), done.stdout.as_slice()),
        (Some(3), &b"stopped\n"[..]),
        "{says}"
    );
    assert!(says.contains("the access of G-1 is over: Revoked"), "{says}");
    // The person may not read it any more.
    for (code, reason) in [
        (ProblemCode::Forbidden, "your role does not let you use G-1"),
        (ProblemCode::SignInNeeded, "your sign-in is over"),
    ] {
        console.answers_in_turn("GET /v1/grants/G-1", &[active.clone(), active.clone()]);
        console.then_refuses("GET /v1/grants/G-1", code);
        let done = clv(&console, &run(&["--env", "A=pay/db"], &endless), b"");
        let says = String::from_utf8(done.stderr).unwrap();
        assert!(says.contains(reason), "{says}");
        assert_eq!(done.status.code(), Some(3), "{says}");
    }
    // Its time is over, by the server's clock.
    let mut short = active.clone();
    let until = short.as_of + std::time::Duration::from_millis(300);
    short.row.state = GrantState::Active { since: short.as_of, until };
    console.answers("GET /v1/grants/G-1", &short);
    let done = clv(&console, &run(&["--env", "A=pay/db"], &["sleep", "600"]), b"");
    assert_eq!(done.status.code(), Some(143));
    // A server that does not answer any more holds up no end.
    let until = short.as_of + std::time::Duration::from_secs(2);
    short.row.state = GrantState::Active { since: short.as_of, until };
    console.answers_in_turn("GET /v1/grants/G-1", &[short.clone(), short]);
    console.then_hangs("GET /v1/grants/G-1");
    let done = clv(&console, &run(&["--env", "A=pay/db"], &["sleep", "600"]), b"");
    assert_eq!(done.status.code(), Some(143));
    // Where it may go on, it does.
    console.answers_in_turn("GET /v1/grants/G-1", &[active, revoked()]);
    let done = clv(&console, &run(&["--env", "A=pay/db", "--keep"], &["sh", "-c", "exit 5"]), b"");
    assert_eq!(done.status.code(), Some(5));
}

/// A server on which nothing is active, and whose request gets this grant.
pub fn requesting(states: &[GrantDetail]) -> Console {
    let console = Console::start();
    console.answers("GET /v1/grants", &mine(&[]));
    console.answers("GET /v1/resources?name=pay%2Fdb", &[candidate(1, US, "pay/db")]);
    console.answers("POST /v1/requests", &json!({"request": 5, "grants": [5]}));
    console.answers("POST /v1/grants/G-5/claim", &json!(null));
    console.answers("POST /v1/grants/G-5/reveal", &text("v"));
    console.answers_in_turn("GET /v1/grants/G-5", states);
    console
}

pub fn waiting() -> GrantDetail {
    let mut shown = in_state(5, GrantState::Requested { expires_at: revoked().as_of });
    shown.row.waits = Some(Waits::Approval(vec!["Ada".into()]));
    shown
}

#[test]
fn access_is_requested_and_started_once_it_is_approved() {
    let active = detail(5, Action::Read, &[resource(US, "pay/db")]);
    let ready = in_state(5, GrantState::Claimable { claim_until: active.as_of });
    let console = requesting(&[waiting(), waiting(), ready, active]);
    let options =
        ["--env", "A=pay/db", "--request", "--reason", "it's late", "--for", "1h", "--wait"];
    let command = ["sh", "-c", "printf %s \"$A\""];
    assert_eq!(ok(&console, &run(&options, &command), b""), b"v");
    let sent = console.last("POST /v1/requests");
    assert_eq!((&sent["action"], &sent["minutes"]), (&json!("read"), &json!(60)));
    assert_eq!(sent["purpose"], "it's late");
    assert_eq!(console.count("POST /v1/grants/G-5/claim"), 1);
}

#[test]
fn a_request_that_waits_is_not_made_twice() {
    let console = requesting(&[waiting()]);
    let options = ["--env", "A=pay/db", "--request", "--reason", "So."];
    let (code, says) = fails(&console, &run(&options, &["true"]));
    assert_eq!(code, 125);
    assert!(says.contains("requested G-5") && says.contains("Needs approval by Ada"), "{says}");
    assert!(says.contains("or add --wait"), "{says}");
    // Of several, the one that can be started is.
    let active = detail(6, Action::Read, &[resource(US, "pay/db")]);
    let ready = in_state(6, GrantState::Claimable { claim_until: active.as_of });
    let both = MyAccess { waiting: vec![waiting().row, ready.row.clone()], ..mine(&[]) };
    console.answers("GET /v1/grants", &both);
    console.answers_in_turn("GET /v1/grants/G-6", &[ready.clone(), ready, active]);
    console.answers("POST /v1/grants/G-6/claim", &json!(null));
    console.answers("POST /v1/grants/G-6/reveal", &text("v"));
    ok(&console, &run(&options, &["true"]), b"");
    assert_eq!(console.count("POST /v1/grants/G-6/claim"), 1);
    console.answers("GET /v1/grants", &MyAccess { waiting: vec![waiting().row], ..mine(&[]) });
    let (code, says) = fails(&console, &run(&options, &["true"]));
    assert_eq!((code, console.count("POST /v1/requests")), (125, 1), "{says}");
    let denied = in_state(5, GrantState::Denied { at: revoked().as_of });
    console.answers_in_turn("GET /v1/grants/G-5", &[waiting(), waiting(), denied]);
    let waits = [&options[..], &["--wait=1h"]].concat();
    let (code, says) = fails(&console, &run(&waits, &["true"]));
    assert_eq!(code, 125);
    assert!(says.contains("Denied"), "{says}");
}

#[test]
fn a_name_that_several_have_is_an_error_with_a_command_for_each() {
    let console = with_value(&text(VALUE));
    let both = [resource(US, "pay/db"), resource(EU, "pay/db")];
    console.answers("GET /v1/grants/G-1", &detail(1, Action::Read, &both));
    let options = ["--env", "A=pay/db#user"];
    let (code, says) = fails(&console, &run(&options, &["sh", "-c", "printf %s $A"]));
    assert_eq!(code, 125);
    let commands: Vec<&str> =
        says.lines().map(str::trim).filter(|line| line.starts_with("clv run")).collect();
    assert_eq!(commands.len(), 2, "{says}");
    for command in commands {
        let typed = command.replacen("clv", env!("CARGO_BIN_EXE_clv"), 1);
        let done = Command::new("sh")
            .args(["-c", &typed])
            .env("CLV_HOME", console.home())
            .output()
            .unwrap();
        assert_eq!(done.stdout, b"app", "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
}
