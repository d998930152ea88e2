//! Findings of gitleaks, from its SARIF file: where a credential is, and by which rule. Nothing else of the file is kept: its
//! snippets and messages can hold the credential itself.

use crate::{error::CliError, without_controls};
use serde::Deserialize;
use std::{fs, path::Path};
use zeroize::Zeroizing;

/// The largest file that is read.
const MAX_FILE_BYTES: u64 = 64 * 1024 * 1024;

/// A hard-coded credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Leak {
    pub(super) path: String,
    pub(super) line: u32,
    /// Such as `stripe-access-token`.
    pub(super) rule: String,
}

#[derive(Deserialize)]
struct Log {
    runs: Vec<LogRun>,
}

#[derive(Deserialize)]
struct LogRun {
    #[serde(default)]
    results: Vec<LogResult>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogResult {
    #[serde(default)]
    rule_id: String,
    #[serde(default)]
    locations: Vec<Location>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Option<Region>,
}

#[derive(Deserialize)]
struct ArtifactLocation {
    uri: String,
}

/// Without its snippet, which is not read into memory of its own.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<u32>,
}

/// Reads the file, and clears its text.
pub(super) fn read(file: &Path) -> Result<Vec<Leak>, CliError> {
    let failed = |error| CliError::file(file.display(), error);
    let invalid = |why: String| CliError::Input(format!("{}: {why}", file.display()));
    let size = fs::metadata(file).map_err(failed)?.len();
    if size > MAX_FILE_BYTES {
        return Err(invalid(format!("larger than {} MB", MAX_FILE_BYTES / (1024 * 1024))));
    }
    let text = Zeroizing::new(fs::read(file).map_err(failed)?);
    parse(&text).map_err(|at| invalid(format!("not a SARIF file of gitleaks: {at}")))
}

/// The error is a position: what serde says could repeat a part of the text.
fn parse(text: &[u8]) -> Result<Vec<Leak>, String> {
    let log: Log = serde_json::from_slice(text)
        .map_err(|error| format!("line {}, column {}", error.line(), error.column()))?;
    let mut leaks = Vec::new();
    for result in log.runs.into_iter().flat_map(|run| run.results) {
        let rule: String = without_controls(&result.rule_id).take(100).collect();
        for Location { physical_location: at } in result.locations {
            let line = at.region.and_then(|region| region.start_line).unwrap_or(1).max(1);
            let uri = at.artifact_location.uri;
            let path = uri.strip_prefix("file://").unwrap_or(&uri);
            let path = path.strip_prefix("./").unwrap_or(path);
            let path = without_controls(path).take(1024).collect();
            leaks.push(Leak { path, line, rule: rule.clone() });
        }
    }
    leaks.sort();
    leaks.dedup();
    Ok(leaks)
}

#[cfg(test)]
mod tests {
    use super::{Leak, parse};
    use serde_json::json;

    fn log(path: &str, line: u32) -> serde_json::Value {
        json!({"runs": [{
            "tool": {"driver": {"name": "gitleaks"}},
            "results": [{
                "ruleId": "stripe-access-token",
                "message": {"text": "CANARY was found"},
                "partialFingerprints": {"commitMessage": "CANARY"},
                "locations": [{"physicalLocation": {
                    "artifactLocation": {"uri": path},
                    "region": {"startLine": line, "endLine": line, "snippet": {"text": "CANARY"}},
                }}],
            }],
        }]})
    }

    #[test]
    fn only_rule_and_place_are_kept() {
        let leaks = parse(log("services/pay/config.py", 7).to_string().as_bytes()).unwrap();
        let rule = "stripe-access-token".to_owned();
        assert_eq!(leaks, [Leak { path: "services/pay/config.py".into(), line: 7, rule }]);
        assert!(!format!("{leaks:?}").contains("CANARY"));
    }

    #[test]
    fn a_file_that_is_none_is_an_error_without_its_text() {
        for text in ["", "CANARY", "{\"runs\": \"CANARY\"}", "[\"CANARY\"]", "{\"CANARY\": 1}"] {
            let fault = parse(text.as_bytes()).unwrap_err();
            assert!(fault.starts_with("line ") && !fault.contains("CANARY"), "{fault}");
        }
        assert_eq!(parse(br#"{"runs": [{}]}"#), Ok(Vec::new()));
    }
}
