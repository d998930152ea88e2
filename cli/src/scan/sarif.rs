//! The findings as SARIF 2.1.0, which code hosts show beside the lines. Nothing of a file's text is in it.

use super::{Hardcoded, Reference};
use serde_json::{Value, json};
use std::fmt::Write;

const REFERENCE: &str = "claviger-reference";
const HARDCODED: &str = "claviger-hard-coded-credential";

/// The whole log. References are notes; a hard-coded credential is an error.
pub(super) fn log(references: &[Reference<'_>], hardcoded: &[Hardcoded<'_>]) -> Value {
    let results: Vec<Value> =
        references.iter().map(reference).chain(hardcoded.iter().map(leak)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "clv scan",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": [
                    rule(REFERENCE, "note", "A secret or parameter of AWS is named here."),
                    rule(HARDCODED, "error", "A credential is hard-coded here; it belongs in a secret."),
                ],
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(id: &str, level: &str, text: &str) -> Value {
    json!({
        "id": id,
        "shortDescription": { "text": text },
        "defaultConfiguration": { "level": level },
    })
}

fn result(rule: &str, level: &str, text: String, path: &str, line: u32) -> Value {
    json!({
        "ruleId": rule,
        "ruleIndex": i32::from(rule == HARDCODED),
        "level": level,
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(path), "uriBaseId": "%SRCROOT%" },
            "region": { "startLine": line },
        } }],
    })
}

fn reference(one: &Reference<'_>) -> Value {
    let text = match one.resources.as_slice() {
        [resource] => format!("Names the {} {} ({}).", resource.kind, resource.name, resource.arn),
        several => {
            let arns: Vec<&str> = several.iter().take(5).map(|one| one.arn.as_str()).collect();
            let more = several.len() - arns.len();
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let name = several.first().map(|one| one.name.as_str()).unwrap_or_default();
            format!("Names {name}, which can mean {}{more}.", arns.join(", "))
        }
    };
    result(REFERENCE, "note", text, &one.path, one.line)
}

fn leak(one: &Hardcoded<'_>) -> Value {
    let found = format!("gitleaks found a credential here ({}).", one.leak.rule);
    let advice = one.advice();
    let mut leak =
        result(HARDCODED, "error", format!("{found} {advice}"), &one.leak.path, one.leak.line);
    let suggested: Vec<Value> = one
        .suggested
        .iter()
        .map(|(resource, words)| json!({ "arn": resource.arn, "name": resource.name, "words": words }))
        .collect();
    leak["properties"] = json!({ "gitleaksRule": one.leak.rule, "suggested": suggested });
    leak
}

/// A relative reference (RFC 3986): each part percent-encoded.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn a_path_is_a_relative_reference() {
        assert_eq!(uri("src/a b#é?.rs"), "src/a%20b%23%C3%A9%3F.rs");
        assert_eq!(uri("a:b/c"), "a%3Ab/c");
    }
}
