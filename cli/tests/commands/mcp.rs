//! `clv mcp` as an agent uses it. The canary is in every value, and in nothing that the agent reads.

mod grants;

use super::{
    Console, US, detail, fails, resource,
    run::{in_state, requesting, revoked, waiting},
    text, with_value,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use claviger_domain::{
    grants::{Action, GrantState, view::Ending},
    problem::ProblemCode,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

const CANARY: &str = "CANARY-\"7f3/a+b=é\\x";

/// A client of the protocol.
struct Agent {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    /// Everything that the server has written.
    read: String,
    next: i64,
}

impl Agent {
    fn start(console: &Console, options: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_clv"))
            .arg("mcp")
            .args(options)
            .env("CLV_HOME", console.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output, read: String::new(), next: 0 }
    }

    fn line(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(line.as_bytes()).unwrap();
        input.write_all(b"\n").unwrap();
    }

    fn response(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        self.read.push_str(&line);
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    fn send(&mut self, method: &str, params: &Value) -> i64 {
        self.next += 1;
        let id = self.next;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.line(&message.to_string());
        id
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.send(method, params);
        let response = self.response();
        assert_eq!((&response["jsonrpc"], &response["id"]), (&json!("2.0"), &json!(id)));
        response
    }

    /// The structured result of a tool.
    fn call(&mut self, name: &str, arguments: &Value) -> Value {
        let response = self.ask("tools/call", &json!({"name": name, "arguments": arguments}));
        let result = &response["result"];
        assert_eq!(result["isError"], false, "{response}");
        let text = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), result["structuredContent"]);
        result["structuredContent"].clone()
    }

    /// The text of a tool's error.
    fn refused(&mut self, name: &str, arguments: &Value) -> String {
        let response = self.ask("tools/call", &json!({"name": name, "arguments": arguments}));
        assert_eq!(response["result"]["isError"], true, "{response}");
        response["result"]["content"][0]["text"].as_str().unwrap().to_owned()
    }

    fn shell(&mut self, script: &str) -> Value {
        let arguments = json!({"program": "sh", "args": ["-c", script], "env": {"A": "pay/db"}});
        self.call("run_command", &arguments)
    }

    /// Closes standard input; returns everything that was written.
    fn end(mut self) -> String {
        drop(self.input.take());
        self.output.read_to_string(&mut self.read).unwrap();
        assert!(self.child.wait().unwrap().success());
        self.read
    }
}

/// Nothing of the canary, as it is or encoded.
fn assert_no_canary(read: &str) {
    let hex = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let escaped = serde_json::to_string(CANARY).unwrap();
    for form in [
        "CANARY",
        "7f3/a",
        &STANDARD.encode(CANARY)[..12],
        &STANDARD.encode(format!("user:{CANARY}"))[8..20],
        &hex,
        &hex.to_uppercase(),
        &escaped[8..],
        "43414e415259",
        "43 41 4e 41",
        "%43%41",
        "CANARY-%22",
    ] {
        assert!(!read.contains(form), "{form} in {read}");
    }
}

#[test]
fn the_protocol_is_spoken_and_faults_get_its_errors() {
    let console = Console::start();
    let mut agent = Agent::start(&console, &[]);
    for (asked, answered) in
        [("2025-06-18", "2025-06-18"), ("2025-11-25", "2025-11-25"), ("1999-01-01", "2025-11-25")]
    {
        let params = json!({"protocolVersion": asked, "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}});
        let result = &agent.ask("initialize", &params)["result"];
        assert_eq!(result["protocolVersion"], answered);
        assert!(result["capabilities"]["tools"].is_object());
        assert_eq!(result["serverInfo"]["name"], "clv");
    }
    agent.line(r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    agent.line(r#"{"jsonrpc":"2.0","method":"notifications/unknown","params":{"a":1}}"#);
    agent.line("  ");
    assert_eq!(agent.ask("ping", &json!({}))["result"], json!({}));
    assert_eq!(agent.ask("tools/list", &json!({}))["result"]["tools"].as_array().unwrap().len(), 5);
    for (method, params, code) in [
        ("resources/list", json!({}), -32601),
        ("tools/unknown", json!({}), -32601),
        ("initialize", json!({}), -32602),
        ("tools/call", json!({}), -32602),
        ("tools/call", json!({"name": 1}), -32602),
        ("tools/call", json!({"name": "get_value"}), -32602),
        ("tools/call", json!({"name": "find_secrets", "arguments": [1]}), -32602),
        ("ping", json!([1]), -32602),
    ] {
        assert_eq!(agent.ask(method, &params)["error"]["code"], code, "{method} {params}");
    }
    // What has no id is answered without one, and the next message is read.
    for (line, code) in
        [("{\"jsonrpc\":", -32700), ("[]", -32600), (&*"x".repeat(1_100_000), -32600)]
    {
        agent.line(line);
        let response = agent.response();
        assert_eq!((&response["error"]["code"], &response["id"]), (&json!(code), &json!(null)));
        assert_eq!(agent.ask("ping", &json!({}))["result"], json!({}));
    }
    agent.line(r#"{"jsonrpc":"2.0","id":"x"}"#);
    let response = agent.response();
    assert_eq!((&response["error"]["code"], &response["id"]), (&json!(-32600), &json!("x")));
    // What a model can correct is a result, which it reads.
    assert!(agent.refused("find_secrets", &json!({})).contains("query"));
    assert!(
        agent.refused("run_command", &json!({"program": "sh", "env": "A"})).contains("invalid")
    );
    console.refuses("GET /v1/search?q=x", ProblemCode::Forbidden);
    assert!(agent.refused("find_secrets", &json!({"query": "x"})).contains("What to do."));
    agent.end();
}

#[test]
fn an_agent_uses_a_secret_and_never_sees_it() {
    let active = detail(5, Action::Read, &[resource(US, "pay/db")]);
    let ready = in_state(5, GrantState::Claimable { claim_until: active.as_of });
    let value = json!({"user": "application", "password": CANARY}).to_string();
    let console = requesting(&[waiting(), waiting(), ready.clone(), ready.clone(), ready, active]);
    console.answers("POST /v1/grants/G-5/reveal", &text(&value));
    console.answers(
        "POST /v1/grants/G-5/give-back",
        &Ending { was_active: true, ends_sessions: false },
    );
    console.answers("GET /v1/search?q=pay", &json!([]));
    let mut agent = Agent::start(&console, &["--allow", "sh", "--allow", "env"]);
    assert_eq!(agent.call("find_secrets", &json!({"query": "pay"})), json!({"secrets": []}));
    let arguments = json!({"secrets": ["pay/db"], "reason": "Check the schema."});
    let grant = agent.call("request_access", &arguments)["grants"][0].clone();
    assert_eq!((&grant["grant"], &grant["state"]), (&json!("G-5"), &json!("requested")));
    assert_eq!(grant["waits_for"], "Needs approval by Ada.");
    let sent = console.last("POST /v1/requests");
    assert_eq!((&sent["action"], &sent["resources"]), (&json!("read"), &json!(["pay/db"])));
    assert_eq!(sent["purpose"], "Check the schema. (requested by an agent through clv mcp)");
    // A person approves it meanwhile.
    let status = agent.call("request_status", &json!({"grant": "G-5", "wait_seconds": 20}));
    assert_eq!(status["state"], "claimable");

    let env = json!({"A": "pay/db", "B": "pay/db#password"});
    let printed = agent.call("run_command", &json!({"program": "env", "env": env}));
    assert_eq!(console.count("POST /v1/grants/G-5/claim"), 1);
    let out = printed["stdout"].as_str().unwrap();
    assert!(out.contains("A=[redacted]") && out.contains("B=[redacted]"), "{out}");
    assert_eq!(printed["exit_code"], 0);
    for script in [
        "printf %s \"$B\"; printf %s \"$B\" >&2; echo; printf %s \"$A\" | sed s/x/y/ >/dev/null",
        "printf %s \"$B\" | base64; printf %s \"user:$B\" | base64 -w 7; printf %s \"$A\" | base64",
        "printf %s \"$B\" | od -An -v -tx1; printf %s \"$B\" | od -An -v -tx1 | tr -d ' \\n' | tr a-f A-F",
        "printf %s \"$B\" | od -An -v -tx1 | tr -d '\\n' | sed 's/ /%/g'",
        "cat /proc/self/environ; set; export -p; for w in $B; do echo \"$w\"; done",
    ] {
        let arguments = json!({"program": "sh", "args": ["-c", script], "env": env});
        let printed = agent.call("run_command", &arguments);
        assert!(printed.to_string().contains("[redacted]"), "{script}: {printed}");
    }
    // In an error that lists the keys too.
    let keys = json!({"program": "sh", "env": {"B": "pay/db#none"}});
    assert!(agent.refused("run_command", &keys).contains("It has user, password"));
    let ended = agent.call("end_access", &json!({"grant": "G-5"}));
    assert!(ended["result"].as_str().unwrap().contains("has ended"));
    assert_no_canary(&agent.end());
}

#[test]
fn nothing_runs_that_nobody_has_allowed() {
    let console = with_value(&text(CANARY));
    let mut agent = Agent::start(&console, &["--grant", "G-1"]);
    let sh = json!({"program": "sh", "args": ["-c", "echo $A"], "env": {"A": "pay/db"}});
    let says = agent.refused("run_command", &sh);
    assert!(says.contains("clv mcp --allow PROGRAM"), "{says}");
    agent.end();
    let mut agent = Agent::start(&console, &["--grant", "G-1", "--allow", "env"]);
    for program in ["sh", "/usr/bin/env", "./env", "ENV", ""] {
        let says =
            agent.refused("run_command", &json!({"program": program, "env": {"A": "pay/db"}}));
        assert!(says.contains("Only env may be run"), "{says}");
    }
    for name in ["PATH", "LD_PRELOAD", "BASH_ENV", "NODE_OPTIONS", "HOME", "PAGER"] {
        let run = json!({"program": "env", "env": {name: "pay/db"}});
        let says = agent.refused("run_command", &run);
        assert!(says.contains(name) && says.contains("cannot be set"), "{says}");
    }
    for env in [json!({}), json!({"A-B": "pay/db"}), json!({"A": "pay/db#"}), json!({"A": ""})] {
        agent.refused("run_command", &json!({"program": "env", "env": env}));
    }
    assert_eq!(console.count("POST /v1/grants/G-1/reveal"), 0);
    let printed = agent.call("run_command", &json!({"program": "env", "env": {"A": "pay/db"}}));
    assert!(printed["stdout"].as_str().unwrap().contains("A=[redacted]"));
    assert_no_canary(&agent.end());
}

#[test]
fn a_client_that_reads_no_more_ends_the_server() {
    let console = with_value(&text(CANARY));
    let Agent { mut child, input, output, .. } = Agent::start(&console, &[]);
    drop(output);
    let mut input = input.unwrap();
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    input.write_all(format!("{ping}\n").as_bytes()).unwrap();
    // Its standard input is still open.
    assert!(child.wait().unwrap().success());
    drop(input);
}

#[test]
fn a_program_that_is_not_there_stops_the_start() {
    let console = with_value(&text(CANARY));
    let (code, says) = fails(&console, &["mcp", "--allow", "claviger-no-such-program"]);
    assert_eq!(code, 2);
    assert!(says.contains("there is no such program"), "{says}");
}

#[test]
fn a_value_that_is_too_short_to_hide_is_not_injected() {
    let console = with_value(&text(r#"{"pin":"713","password":"long enough"}"#));
    let mut agent = Agent::start(&console, &["--grant", "G-1", "--allow", "env"]);
    for source in ["pay/db", "pay/db#pin"] {
        let run = json!({"program": "env", "env": {"A": source}});
        let says = agent.refused("run_command", &run);
        assert!(says.contains("shorter than 4 characters") && !says.contains("713"), "{says}");
        assert!(source.contains('#') || says.contains("\"pin\""), "{says}");
    }
    let run = json!({"program": "env", "env": {"A": "pay/db#password"}});
    let printed = agent.call("run_command", &run);
    assert!(printed["stdout"].as_str().unwrap().contains("A=[redacted]"), "{printed}");
    assert!(!agent.end().contains("long enough"));
}

#[test]
fn an_outage_does_not_end_the_wait_for_a_decision() {
    let active = detail(5, Action::Read, &[resource(US, "pay/db")]);
    let console = requesting(&[waiting()]);
    console.then_refuses("GET /v1/grants/G-5", ProblemCode::Unavailable);
    console.then_refuses("GET /v1/grants/G-5", ProblemCode::Internal);
    console.then_answers("GET /v1/grants/G-5", &active);
    let mut agent = Agent::start(&console, &[]);
    agent.call("request_access", &json!({"secrets": ["pay/db"], "reason": "Check."}));
    let status = agent.call("request_status", &json!({"grant": "G-5", "wait_seconds": 50}));
    assert_eq!(status["state"], "active");
    agent.end();
}

#[test]
fn a_command_ends_with_its_time_its_access_its_call_and_the_session() {
    let console = with_value(&text(CANARY));
    let options = ["--allow", "sh", "--grant", "G-1"];
    let mut agent = Agent::start(&console, &options);
    let endless = |seconds: u32, script: &str| json!({"program": "sh", "args": ["-c", script], "env": {"A": "pay/db"}, "timeout_seconds": seconds});
    let ended = agent.call("run_command", &endless(1, "echo $A; sleep 600"));
    assert_eq!((&ended["exit_code"], &ended["stdout"]), (&json!(143), &json!("[redacted]\n")));
    assert!(ended["stopped"].as_str().unwrap().contains("longer than 1 seconds"));
    // What a command leaves behind in its group does not stay, nor hold up the answer.
    let left = agent.shell("sleep 600 & echo done");
    assert_eq!((&left["exit_code"], &left["stdout"]), (&json!(0), &json!("done\n")));
    let active = detail(1, Action::Read, &[resource(US, "pay/db")]);
    console.answers_in_turn("GET /v1/grants/G-1", &[active.clone(), active.clone(), revoked()]);
    let ended = agent.call("run_command", &endless(600, "sleep 600"));
    assert!(ended["stopped"].as_str().unwrap().contains("Revoked"), "{ended}");
    console.answers("GET /v1/grants/G-1", &active);
    // Canceled: there is no response, and every process is gone. A pipe ends when its last writer has.
    let pipe = console.home().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let script = format!("exec 9>{}; echo started >&9; sleep 600; true", pipe.display());
    for is_canceled in [true, false] {
        let params = json!({"name": "run_command", "arguments": endless(600, &script)});
        let id = agent.send("tools/call", &params);
        let mut writes = BufReader::new(std::fs::File::open(&pipe).unwrap());
        let mut line = String::new();
        writes.read_line(&mut line).unwrap();
        assert_eq!(line, "started\n");
        if is_canceled {
            let params = json!({"requestId": id});
            let cancel =
                json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params});
            agent.line(&cancel.to_string());
            assert_eq!(agent.ask("ping", &json!({}))["result"], json!({}));
        } else {
            assert_no_canary(&agent.end());
            agent = Agent::start(&console, &options);
        }
        writes.read_to_string(&mut line).unwrap();
        assert_eq!(line, "started\n");
    }
    assert_no_canary(&agent.end());
}

#[test]
fn output_is_bounded_and_no_value_is_cut() {
    let console = with_value(&text(CANARY));
    let mut agent = Agent::start(&console, &["--allow", "sh", "--grant", "G-1"]);
    for before in [65_530, 65_535, 65_536] {
        let script = format!(
            "head -c {before} /dev/zero | tr '\\0' a; printf %s \"$A\"; head -c 900000 /dev/zero"
        );
        let out = agent.shell(&script)["stdout"].as_str().unwrap().to_owned();
        assert!(out.len() < 65_600 && out.ends_with("[output truncated]"), "{}", out.len());
    }
    assert_no_canary(&agent.end());
}

#[test]
fn a_client_with_a_token_reads_progress() {
    let active = detail(5, Action::Read, &[resource(US, "pay/db")]);
    let ready = in_state(5, GrantState::Claimable { claim_until: active.as_of });
    // The first answer is read at the start.
    let console = requesting(&[waiting(), waiting(), waiting(), ready, active.clone()]);
    console.answers("POST /v1/grants/G-5/reveal", &text(CANARY));
    let mut agent = Agent::start(&console, &["--allow", "sh", "--grant", "G-5"]);
    // Nothing without a token, and the response is the last message about a call.
    let status =
        json!({"name": "request_status", "arguments": {"grant": "G-5", "wait_seconds": 40}});
    let mut with_token = status.clone();
    with_token["_meta"] = json!({"progressToken": "p-1"});
    let id = agent.send("tools/call", &with_token);
    for number in 1..=2 {
        let progress = agent.response();
        assert_eq!(progress["method"], "notifications/progress");
        let params = &progress["params"];
        assert_eq!(
            (&params["progressToken"], &params["progress"]),
            (&json!("p-1"), &json!(number))
        );
        let message = params["message"].as_str().unwrap();
        assert!(message.starts_with("G-5: ") && message.contains("Ada"), "{message}");
    }
    let response = agent.response();
    assert_eq!((&response["id"], &response["result"]["isError"]), (&json!(id), &json!(false)));
    assert_eq!(agent.call("request_status", &status["arguments"])["state"], "active");

    // Goes on until the test has read that it does.
    let marker = console.home().join("read");
    let script = format!("while ! test -e '{}'; do sleep 0.1; done; echo $A", marker.display());
    let run = json!({
        "name": "run_command",
        "arguments": {"program": "sh", "args": ["-c", script], "env": {"A": "pay/db"}},
        "_meta": {"progressToken": 7},
    });
    let id = agent.send("tools/call", &run);
    for (number, says) in [(1, "Reading pay/db."), (2, "Running sh."), (3, "Running sh, for ")] {
        let params = agent.response()["params"].clone();
        assert_eq!((&params["progressToken"], &params["progress"]), (&json!(7), &json!(number)));
        assert!(params["message"].as_str().unwrap().starts_with(says), "{params}");
    }
    std::fs::write(marker, "").unwrap();
    let response = loop {
        let message = agent.response();
        if message.get("id").is_some() {
            break message;
        }
    };
    assert_eq!(response["id"], json!(id));
    let request = json!({
        "name": "request_access",
        "arguments": {"secrets": ["pay/db"], "reason": "So."},
        "_meta": {"progressToken": "p-2"},
    });
    agent.send("tools/call", &request);
    for says in ["Requesting access.", "Reading G-5."] {
        assert_eq!(agent.response()["params"]["message"], says);
    }
    assert!(agent.response()["result"].is_object());
    assert_no_canary(&agent.end());
}
