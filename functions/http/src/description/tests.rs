use super::*;

const EXAMPLE: &str = include_str!("../../descriptions/example-api-key.toml");

#[test]
fn ready_descriptions_and_the_example_are_usable() {
    for (name, text) in READY {
        assert_eq!(Description::parse(name).unwrap(), Description::parse(text).unwrap());
    }
    let example = Description::parse(EXAMPLE).unwrap();
    assert!(example.uses(Source::Admin));
    assert!(example.prove_revocation && !example.keep_previous);
}

#[test]
fn json_is_read_as_toml_is() {
    let value: toml::Table = toml::from_str(EXAMPLE).unwrap();
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(Description::parse(&json).unwrap(), Description::parse(EXAMPLE).unwrap());
}

/// Each change of the example is refused, for this reason.
#[test]
fn what_would_leak_or_lose_a_credential_is_refused() {
    let cases = [
        ("keys/{{old.key_id}}", "keys/{{old.key}}", "old.key is not in public"),
        (
            "https://api.example.com/v1/me",
            "https://{{new.key_id}}/v1/me",
            "a host without placeholders",
        ),
        ("https://api.example.com/v1/me", "https://api.example.com", "as far as the path"),
        ("https://api.example.com/v1/me", "http://api.example.com/v1/me", "begins with https://"),
        (
            "https://api.example.com/v1/me",
            "https://api.example.com@other/v1/me",
            "begins with https://",
        ),
        ("name = \"{{name}}\"", "name = \"x\"", "find cannot recognize"),
        ("[find]", "[finds]", "unknown field"),
        (
            "id = \"key_id\"\npublic",
            "expires = true\nid = \"key_id\"\npublic",
            "exclude each other",
        ),
        ("{{new.key}}", "{{old.key}}", "there is no old.key in this call"),
        ("{{new.key}}", "{{current.key}}", "there is no current.key in this call"),
        (
            "name = \"{{name}}\"",
            "name = \"{{name}}{{new.key}}\"",
            "there is no new.key in this call",
        ),
        ("{{admin.key}}", "{{jwt}}", "there is no jwt in this call"),
        ("expect = [204, 404]", "expect = []", "expect is empty"),
        ("\"/secret\"", "\"secret\"", "not a JSON pointer"),
        (
            "id = \"key_id\"\npublic",
            "timeout_seconds = 0\nid = \"key_id\"\npublic",
            "timeout_seconds is 1 to 60",
        ),
        (
            "headers = { authorization = \"Bearer {{admin.key}}\" }\nexpect = [204, 404]",
            "headers = { authorization = \"{{old.key}}\" }\nexpect = [204]",
            "only old.key_id is known",
        ),
    ];
    for (from, to, reason) in cases {
        assert!(EXAMPLE.contains(from), "{from}");
        let fault = Description::parse(&EXAMPLE.replace(from, to)).unwrap_err().to_string();
        assert!(fault.contains(reason), "{to}: {fault}");
    }
    let unfound = EXAMPLE.split("[find]").next().unwrap().to_owned()
        + "[test]"
        + EXAMPLE.split("[test]").nth(1).unwrap();
    let fault = Description::parse(&unfound).unwrap_err().to_string();
    assert!(fault.contains("unseen"), "{fault}");
}
