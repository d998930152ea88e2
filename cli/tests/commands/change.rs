//! Changes in part and comparisons: what is sent, what is printed, and what a lost race ends with.

use super::{Console, Kind, US, clv, detail, fails, mine, ok, resource};
use claviger_domain::{
    grants::{Action, GrantResource},
    json_shape::{ShapeComparison, ValueShape},
    value_change::{ParameterPreview, ShownKeys, Written},
};
use serde_json::json;

/// A server with one active grant to read and write this.
fn changing(one: GrantResource) -> Console {
    let console = Console::start();
    console.answers("GET /v1/grants", &mine(&[(1, Action::Change)]));
    console.answers("GET /v1/grants/G-1", &detail(1, Action::Change, &[one]));
    console
}

fn written(overwrote: Option<&str>) -> Written {
    Written {
        version: "v2".into(),
        overwrote: overwrote.map(Into::into),
        is_verified: true,
        ..Written::default()
    }
}

#[test]
fn keys_are_edited_with_a_value_from_standard_input() {
    let console = changing(resource(US, "pay/db"));
    let path = "PUT /v1/grants/G-1/keys";
    console.answers(path, &written(None));
    let args = ["edit", "pay/db", "--set", "password", "--remove", "old", "-n"];
    let said = String::from_utf8(ok(&console, &args, b"n\"ew\n")).unwrap();
    assert!(said.contains("as version v2") && said.contains(US), "{said}");
    assert_eq!(
        console.last(path)["keys"],
        json!([{"key": "old", "do": "remove"}, {"key": "password", "do": "change", "text": "n\"ew"}])
    );
    ok(&console, &["edit", "pay/db", "--add", "port", "--json"], b"5432.0");
    assert_eq!(console.last(path)["keys"], json!([{"key": "port", "do": "add", "json": "5432.0"}]));
    ok(&console, &["edit", "pay/db", "--remove", "port"], b"not this");
    assert_eq!(console.last(path)["keys"], json!([{"key": "port", "do": "remove"}]));
    assert_eq!(fails(&console, &["edit", "pay/db"]).0, 2, "nothing to change");
}

#[test]
fn a_lost_race_is_an_error_that_names_the_other_version() {
    let console = changing(resource(US, "pay/db"));
    console.answers("PUT /v1/grants/G-1/keys", &written(Some("theirs")));
    let done = clv(&console, &["edit", "pay/db", "--set", "a"], b"x");
    let says = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(7));
    assert!(says.contains("over version theirs"), "{says}");
}

#[test]
fn keys_and_differences_are_printed_without_values() {
    let console = changing(resource(US, "pay/db"));
    let (old, new) = (r#"{"a":1,"b":"CANARY"}"#, r#"{"a":"CANARY","c":null}"#);
    let shape = ValueShape::of_text(new);
    let shown = ShownKeys { version: "v2".into(), shape: shape.clone() };
    console.answers("POST /v1/grants/G-1/keys", &shown);
    assert_eq!(ok(&console, &["keys", "pay/db"], b""), b"a\tstring\nc\tnull\n");
    let both = ShapeComparison::new(("v1".into(), ValueShape::of_text(old)), ("v2".into(), shape));
    console.answers("POST /v1/grants/G-1/compare", &both);
    let said = String::from_utf8(ok(&console, &["compare", "pay/db"], b"")).unwrap();
    assert_eq!(
        said,
        "v1\tJSON object\nv2\tJSON object\na\ttype changed\tnumber to string\nb\tremoved\tstring\nc\tadded\tnull\n"
    );
    let sent = console.last("POST /v1/grants/G-1/compare");
    assert_eq!((&sent["from"], &sent["to"]), (&json!("AWSPREVIOUS"), &json!("AWSCURRENT")));
}

#[test]
fn a_parameter_changes_after_a_preview() {
    let console = changing(GrantResource { kind: Kind::Parameter, ..resource(US, "/pay/db") });
    let preview = ParameterPreview {
        changes: vec![claviger_domain::changes::Change {
            field: "Tier".into(),
            before: Some("Standard".into()),
            after: Some("Advanced".into()),
        }],
        ..ParameterPreview::default()
    };
    console.answers("POST /v1/grants/G-1/parameter/preview", &preview);
    let said = ok(&console, &["parameter", "/pay/db", "--tier", "Advanced", "--preview"], b"");
    assert_eq!(said, b"Tier: Standard -> Advanced\nValue: sent again, unchanged\n");
    let path = "PUT /v1/grants/G-1/parameter";
    assert_eq!(console.count(path), 0);
    console.answers(path, &written(None));
    ok(&console, &["parameter", "/pay/db", "--tier", "Advanced", "--no-change-days", "20"], b"x");
    let sent = console.last(path);
    assert_eq!((&sent["tier"], &sent["no_change_days"]), (&json!("Advanced"), &json!("20")));
    assert_eq!(sent.get("value"), None, "standard input is not read");
    ok(&console, &["parameter", "/pay/db", "--value", "-n"], b"new\n");
    assert_eq!(console.last(path)["value"], "new");
}
