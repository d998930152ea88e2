//! New secrets and parameters, created and requested with `clv secret`.

use super::{ACCOUNT, Console, US, fails, ok};
use claviger_domain::problem::ProblemCode;
use serde_json::{Value, json};

/// The row that the console answers with.
fn creation(state: &str) -> Value {
    json!({
        "id": 7, "account_name": "Payments", "reason": "So.", "state": state, "failing": [],
        "shape": {
            "account": ACCOUNT, "region": US, "name": "pay/new", "description": null, "key": null, "tags": {},
            "detail": {"secret": {"policy": null, "replicas": []}},
        },
        "requester": {"subject": "mira", "name": "Mira", "email": null},
        "created_at": time::OffsetDateTime::UNIX_EPOCH, "expires_at": time::OffsetDateTime::UNIX_EPOCH,
        "decision": null, "message": null, "resource": null, "plan": null,
    })
}

#[test]
fn a_secret_is_created_with_a_value_from_standard_input_or_a_file() {
    let console = Console::start();
    console.answers_with("POST /v1/secrets", 201, &creation("created"));
    let base =
        ["secret", "create", "pay/new", "--account", ACCOUNT, "--region", US, "--reason", "So."];
    let with = |more: &[&'static str]| [base.as_slice(), more].concat();
    let said = ok(
        &console,
        &with(&["--tag", "owner=pay", "--replica", "eu-west-1=alias/a", "-n"]),
        b"CANARY\n",
    );
    assert_eq!(String::from_utf8(said).unwrap(), "C-7\tcreated\tpay/new\n");
    let body = console.last("POST /v1/secrets");
    assert_eq!(body["value"], "CANARY");
    assert_eq!(body["tags"]["owner"], "pay");
    assert_eq!(body["replicas"], json!([{"region": "eu-west-1", "key": "alias/a"}]));
    let file = console.home().join("value");
    std::fs::write(&file, "from a file\n").unwrap();
    let args = [base.as_slice(), &["--value-file", file.to_str().unwrap()]].concat();
    ok(&console, &args, b"not this");
    assert_eq!(console.last("POST /v1/secrets")["value"], "from a file\n");
    ok(&console, &with(&["--generate", "--length", "40"]), b"not this");
    let body = console.last("POST /v1/secrets");
    assert_eq!((&body["generate"]["length"], body.get("value")), (&json!(40), None));
    let (code, _) = fails(&console, &with(&["--value", "CANARY"]));
    assert_eq!(code, 2, "a value is no argument");
}

#[test]
fn a_request_waits_without_a_value_and_gets_it_later() {
    let console = Console::start();
    console.answers_with("POST /v1/secrets", 202, &creation("waiting"));
    let args = [
        "secret",
        "create",
        "pay/new",
        "--account",
        ACCOUNT,
        "--region",
        US,
        "--reason",
        "So.",
        "--no-value",
    ];
    assert_eq!(String::from_utf8(ok(&console, &args, b"x")).unwrap(), "C-7\twaiting\tpay/new\n");
    assert_eq!(console.last("POST /v1/secrets").get("value"), None);
    console.answers_with("POST /v1/secrets/C-7/value", 201, &creation("created"));
    ok(&console, &["secret", "value", "C-7"], b"CANARY");
    assert_eq!(console.last("POST /v1/secrets/C-7/value"), json!({"value": "CANARY"}));
    console.refuses("POST /v1/secrets/C-7/value", ProblemCode::Conflict);
    assert_eq!(fails(&console, &["secret", "value", "C-7"]).0, 7);
}
