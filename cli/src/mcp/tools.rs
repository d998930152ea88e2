//! What the tools are called, what they take, and what a model reads about them.

use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The longest that a status is waited for, in seconds: clients give up after a minute.
pub(super) const MAX_WAIT: u64 = 50;
/// The longest time of a command, in seconds.
pub(super) const MAX_TIME: u64 = 600;
/// Below a minute, after which clients give up.
const DEFAULT_TIME: u64 = 45;
const DEFAULT_MINUTES: u32 = 30;

pub(super) const INSTRUCTIONS: &str = "\
Runs commands that need secrets of AWS Secrets Manager and Parameter Store, without ever showing a value. \
Find the secret (find_secrets), request access with a reason that a person reads (request_access), wait for a person's \
approval (request_status), run a command that gets the value in an environment variable (run_command), and end the access \
when it is no longer needed (end_access). No tool returns a value, and values in the output of commands are replaced by \
[redacted]: do not try to print, encode or transform them.";

/// A call of a tool.
#[derive(Debug)]
pub(super) enum Call {
    Find(Find),
    Request(Request),
    Status(Status),
    Run(Run),
    End(End),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Find {
    pub(super) query: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) secrets: Vec<String>,
    pub(super) reason: String,
    #[serde(default)]
    pub(super) ticket: String,
    #[serde(default = "default_minutes")]
    pub(super) minutes: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Status {
    pub(super) grant: String,
    #[serde(default)]
    pub(super) wait_seconds: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    pub(super) program: String,
    #[serde(default)]
    pub(super) args: Vec<String>,
    pub(super) env: BTreeMap<String, String>,
    #[serde(default = "default_time")]
    pub(super) timeout_seconds: u64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    pub(super) grant: String,
}

fn default_minutes() -> u32 {
    DEFAULT_MINUTES
}

fn default_time() -> u64 {
    DEFAULT_TIME
}

/// Why a call cannot be read.
#[derive(Debug)]
pub(super) enum InvalidCall {
    /// No tool has this name: an error of the protocol.
    UnknownTool,
    /// The model can correct these arguments.
    Arguments(String),
}

impl Call {
    pub(super) fn read(name: &str, arguments: Value) -> Result<Self, InvalidCall> {
        fn of<T: for<'de> Deserialize<'de>>(arguments: Value) -> Result<T, InvalidCall> {
            serde_json::from_value(arguments).map_err(|error| {
                InvalidCall::Arguments(format!("The arguments are invalid: {error}."))
            })
        }
        match name {
            "find_secrets" => of(arguments).map(Self::Find),
            "request_access" => of(arguments).map(Self::Request),
            "request_status" => of(arguments).map(Self::Status),
            "run_command" => of(arguments).map(Self::Run),
            "end_access" => of(arguments).map(Self::End),
            _ => Err(InvalidCall::UnknownTool),
        }
    }
}

/// The answer to `tools/list`.
pub(super) fn definitions(allowed: &[&str]) -> Value {
    let programs = if allowed.is_empty() {
        "No program is allowed yet: the person has to start clv mcp with --allow PROGRAM."
            .to_owned()
    } else {
        format!("Allowed programs: {}.", allowed.join(", "))
    };
    let grant = json!({ "type": "string", "description": "The grant's id, such as G-12." });
    let schema = |required: &[&str], properties: Value| {
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    };
    json!([
        {
            "name": "find_secrets",
            "title": "Find secrets",
            "description": "Finds secrets and parameters of the inventory by words of their name, tags or description. Returns ids, names and locations, never values.",
            "inputSchema": schema(&["query"], json!({
                "query": { "type": "string", "description": "Words and filters, such as: payments db kind:secret" },
            })),
            "annotations": { "readOnlyHint": true },
        },
        {
            "name": "request_access",
            "title": "Request access",
            "description": "Requests read access to secrets or parameters. A person reads the reason and decides; follow it with request_status.",
            "inputSchema": schema(&["secrets", "reason"], json!({
                "secrets": {
                    "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 50,
                    "description": "Names, ARNs, or ids of find_secrets.",
                },
                "reason": { "type": "string", "description": "What the value is needed for, in a sentence for the approver." },
                "ticket": { "type": "string", "description": "A ticket, such as OPS-1234, where a rule asks for one." },
                "minutes": { "type": "integer", "minimum": 1, "description": "The duration of the access in minutes; 30 without it." },
            })),
            "annotations": { "readOnlyHint": false, "destructiveHint": false },
        },
        {
            "name": "request_status",
            "title": "Status of a request",
            "description": "The state of a grant that this session requested. With wait_seconds it waits for a person's decision; call it again while it is pending.",
            "inputSchema": schema(&["grant"], json!({
                "grant": grant,
                "wait_seconds": { "type": "integer", "minimum": 0, "maximum": MAX_WAIT },
            })),
            "annotations": { "readOnlyHint": true },
        },
        {
            "name": "run_command",
            "title": "Run a command with secrets",
            "description": format!("Runs a program, without a shell, with values of secrets in environment variables, under an approved grant of this session. Returns its exit code and output with all values redacted. {programs}"),
            "inputSchema": schema(&["program", "env"], json!({
                "program": { "type": "string", "description": "One of the allowed programs, exactly as it is listed." },
                "args": { "type": "array", "items": { "type": "string" }, "description": "Its arguments. Variables are not expanded here." },
                "env": {
                    "type": "object", "additionalProperties": { "type": "string" }, "minProperties": 1,
                    "description": "Environment variables: the name, and SECRET or SECRET#JSON_KEY, such as {\"PGPASSWORD\": \"payments/db#password\"}.",
                },
                "timeout_seconds": { "type": "integer", "minimum": 1, "maximum": MAX_TIME, "description": format!("{DEFAULT_TIME} without it. Many clients give up after 60.") },
            })),
            "annotations": { "readOnlyHint": false, "destructiveHint": true, "openWorldHint": true },
        },
        {
            "name": "end_access",
            "title": "End access",
            "description": "Ends a grant of this session early, or withdraws its request.",
            "inputSchema": schema(&["grant"], json!({ "grant": grant })),
            "annotations": { "readOnlyHint": false, "destructiveHint": false, "idempotentHint": true },
        },
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_ends_before_its_client_gives_up() {
        let run = json!({ "program": "a", "env": { "A": "pay/db" } });
        let Ok(Call::Run(run)) = Call::read("run_command", run) else { panic!("a run") };
        assert!(run.timeout_seconds < 60 && MAX_WAIT < 60);
    }

    #[test]
    fn every_tool_is_defined_and_can_be_called() {
        let all = definitions(&["psql"]);
        let names: Vec<&str> =
            all.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            ["find_secrets", "request_access", "request_status", "run_command", "end_access"]
        );
        for tool in all.as_array().unwrap() {
            // Each required property alone is enough, and an unknown one is an error.
            let schema = &tool["inputSchema"];
            let mut arguments = serde_json::Map::new();
            for name in schema["required"].as_array().unwrap() {
                let name = name.as_str().unwrap();
                let value = match schema["properties"][name]["type"].as_str().unwrap() {
                    "array" => json!(["x"]),
                    "object" => json!({ "A": "x" }),
                    _ => json!("x"),
                };
                arguments.insert(name.to_owned(), value);
            }
            let name = tool["name"].as_str().unwrap();
            Call::read(name, Value::Object(arguments.clone())).unwrap();
            for property in schema["properties"].as_object().unwrap().keys() {
                let mut wrong = arguments.clone();
                wrong.insert(property.clone(), json!({ "no": [1] }));
                let fault = Call::read(name, Value::Object(wrong));
                assert!(matches!(fault, Err(InvalidCall::Arguments(_))), "{name} {property}");
            }
            arguments.insert("colour".into(), json!(1));
            let fault = Call::read(name, Value::Object(arguments));
            assert!(matches!(fault, Err(InvalidCall::Arguments(_))), "{name}");
        }
        assert!(matches!(Call::read("get_value", json!({})), Err(InvalidCall::UnknownTool)));
    }
}
