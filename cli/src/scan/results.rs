//! Results of scans, which lie in the tree that they are about: what they name is no consumer. Those of `clv scan` itself and
//! other SARIF logs are recognized by their content, whatever the file's name is.

use claviger_domain::consumers::declared::DeclaredConsumers;
use serde::Deserialize;

/// A SARIF log, as far as it tells it from other JSON.
#[derive(Deserialize)]
struct Log {
    version: String,
    runs: Vec<LogRun>,
}

#[derive(Deserialize)]
struct LogRun {
    tool: Tool,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
}

#[derive(Deserialize)]
struct Driver {
    name: String,
}

/// Whether a file has the results of a scan: a SARIF log, or the declared consumers that `clv scan --consumers` wrote.
pub(super) fn is_result(path: &str, text: &[u8]) -> bool {
    has_sarif_name(path) || {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii_start();
        text.starts_with(b"{") && (is_sarif(text) || is_declared(text))
    }
}

fn has_sarif_name(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    [".sarif", ".sarif.json"].iter().any(|end| path.ends_with(end))
}

fn is_sarif(text: &[u8]) -> bool {
    serde_json::from_slice::<Log>(text).is_ok_and(|log| {
        let is_named = |run: &LogRun| !run.tool.driver.name.is_empty();
        log.version.starts_with("2.") && log.runs.iter().all(is_named)
    })
}

fn is_declared(text: &[u8]) -> bool {
    serde_json::from_slice::<DeclaredConsumers>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_result;
    use serde_json::json;

    #[test]
    fn results_are_known_by_their_content() {
        let sarif =
            json!({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "clv scan"}}}]});
        let declared =
            json!({"repository": "github.com/a/b", "commit": "0123abc", "consumers": []});
        for text in [sarif.to_string(), format!("\u{feff} {declared:#}")] {
            assert!(is_result("out.json", text.as_bytes()), "{text}");
        }
        assert!(is_result("a/GITLEAKS.SARIF", b"pay/db"));
        for text in [
            r#"{"runs": [{"name": "pay/db"}], "version": "2.1.0"}"#,
            r#"{"repository": "a", "secret": "pay/db"}"#,
            r#"{"version": "2.1.0"}"#,
            "{ pay/db }",
            "pay/db",
        ] {
            assert!(!is_result("sarif.json", text.as_bytes()), "{text}");
        }
    }
}
