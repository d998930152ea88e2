//! Logs and spans, read from the sources: fields have dotted names, no line contains a dump of an error, and every use case,
//! query and AWS call has a span without its arguments.

use crate::{block, rust_files, tokens};
use std::{fs, path::Path};

/// Where the log is written, from the repository's root.
const FOLDERS: [&str; 6] = [
    "app/src",
    "crates/aws/src",
    "crates/policy/src",
    "crates/services/src",
    "crates/store/src",
    "server/src",
];
/// Where each public asynchronous method has a span.
const WITH_SPANS: [&str; 2] = ["crates/services/src", "crates/store/src"];
const EVENTS: [&str; 5] = ["error", "warn", "info", "debug", "trace"];
const SPANS: [&str; 5] = ["error_span", "warn_span", "info_span", "debug_span", "trace_span"];
/// Names that need no dot: what failed, and for how long something ran.
const PLAIN: [&str; 3] = ["error", "elapsed_ms", "elapsed_seconds"];

/// The parts that commas divide, outside of brackets.
fn parts(tokens: &[String]) -> Vec<&[String]> {
    let mut depth = 0;
    tokens
        .split(|token| {
            depth += i32::from(["(", "[", "{"].contains(&token.as_str()));
            depth -= i32::from([")", "]", "}"].contains(&token.as_str()));
            depth == 0 && token == ","
        })
        .filter(|part| !part.is_empty())
        .collect()
}

/// The calls of these macros of `tracing`, each with its arguments.
fn calls<'a>(tokens: &'a [String], names: &[&'a str]) -> Vec<(&'a str, &'a [String])> {
    let at = (2..tokens.len().saturating_sub(2)).filter(|at| {
        tokens[at - 2] == "tracing" && tokens[at - 1] == "::" && tokens[at + 1] == "!"
    });
    at.filter_map(|at| {
        let name = names.iter().find(|name| tokens[at] == **name)?;
        Some((*name, block(tokens, at + 2)))
    })
    .collect()
}

/// What is wrong with the fields of a macro. Quoted text is no token: a message has none, or those of its arguments.
fn faults_of_fields(macro_name: &str, arguments: &[String]) -> Vec<String> {
    let mut faults = Vec::new();
    for part in parts(arguments) {
        let said = part.join("");
        let Some(equals) = part.iter().position(|token| token == "=") else {
            // A field without a name of its own, such as `%plan`.
            if part.len() == 1 && !PLAIN.contains(&said.as_str())
                || ["%", "?"].contains(&part[0].as_str())
            {
                faults.push(format!("{macro_name}!: `{said}` has no dotted name"));
            }
            continue;
        };
        let (name, value) = (part[..equals].join(""), &part[equals + 1..]);
        if ["target", "parent", "level"].contains(&name.trim_end_matches(':')) {
            continue;
        }
        if !name.contains('.') && !PLAIN.contains(&name.as_str()) {
            faults.push(format!("{macro_name}!: `{name}` has no dot"));
        }
        let is_dump = value.first().is_some_and(|sign| sign == "?") && name.contains("error");
        if is_dump && !["debug", "trace"].contains(&macro_name) {
            faults.push(format!("{macro_name}!: `{said}` is a dump"));
        }
        // `Display` of an error leaves its sources out, and may have line breaks.
        let is_raw = name == "error" && value.first().is_some_and(|sign| sign == "%");
        if is_raw && value.get(1).is_none_or(|form| form != "ErrorLine") {
            faults.push(format!("{macro_name}!: `{said}` is not made one line"));
        }
    }
    faults
}

/// Whether the tokens end with an attribute that makes a span, and that span takes no argument by itself.
fn ends_with_span(tokens: &[String]) -> bool {
    let attributes = tokens.rsplit(|token| ["{", "}", ";"].contains(&token.as_str())).next();
    let has = |word: &str| attributes.is_some_and(|them| them.iter().any(|token| token == word));
    has("instrument") && has("skip_all")
}

/// The public asynchronous methods without a span.
fn without_span(tokens: &[String]) -> Vec<&str> {
    let at = (0..tokens.len().saturating_sub(3))
        .filter(|at| tokens[*at..*at + 3] == ["pub", "async", "fn"]);
    at.filter(|at| {
        let open = (*at..tokens.len()).find(|n| tokens[*n] == "(").unwrap_or(*at);
        parts(block(tokens, open)).first().is_some_and(|first| first.iter().any(|t| t == "self"))
    })
    .filter(|at| !ends_with_span(&tokens[..*at]))
    .map(|at| tokens[at + 3].as_str())
    .collect()
}

fn faults(text: &str, needs_spans: bool) -> Vec<String> {
    let tokens = tokens(text);
    let mut faults = Vec::new();
    for (name, arguments) in calls(&tokens, &EVENTS).into_iter().chain(calls(&tokens, &SPANS)) {
        faults.extend(faults_of_fields(name, arguments));
    }
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| *token == "instrument") {
        let is_attribute = at > 1 && tokens[at - 1] == "::" && tokens[at + 1] == "(";
        if is_attribute && !block(&tokens, at + 1).iter().any(|token| token == "skip_all") {
            faults.push("a span without skip_all".to_owned());
        }
    }
    if needs_spans {
        faults.extend(without_span(&tokens).into_iter().map(|name| format!("{name} has no span")));
    }
    faults
}

#[test]
fn the_log_has_dotted_names_and_no_dumps_and_everything_has_a_span() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    let mut calls_read = 0;
    for folder in FOLDERS {
        let mut files = Vec::new();
        rust_files(&root.join(folder), &mut files);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            calls_read += calls(&tokens(&text), &EVENTS).len();
            for fault in faults(&text, WITH_SPANS.contains(&folder)) {
                found.push(format!("{}: {fault}", file.display()));
            }
        }
    }
    assert!(calls_read > 60, "only {calls_read} lines of the log were found");
    assert!(found.is_empty(), "docs/ARCHITECTURE.md, Logs and spans:\n{}", found.join("\n"));
}

#[test]
fn what_breaks_the_rules_is_found() {
    for (text, is_fault) in [
        (r#"tracing::info!(grant.id = %id, "ended");"#, false),
        (r#"tracing::info!(grant = %id, "ended");"#, true),
        (r#"tracing::info!(%plan, "ended");"#, true),
        (r#"tracing::info!(person, "ended");"#, true),
        (r#"tracing::info!("ended");"#, false),
        (r#"tracing::info!(db.rows = rows, "{size}. {LIMIT}");"#, false),
        (r#"tracing::warn!(error = %ErrorLine(&error), "failed");"#, false),
        (r#"tracing::warn!(error = one_line(&error), "failed");"#, false),
        (r#"tracing::warn!(error, "failed");"#, false),
        (r#"tracing::warn!(error = %error, "failed");"#, true),
        (r#"tracing::warn!(error = ?error, "failed");"#, true),
        (r#"tracing::debug!(error = ?error, "failed");"#, false),
        (r#"tracing::info_span!("job", id = 1);"#, true),
        (r#"tracing::info_span!("job", job.id = 1, request.id = id.map(field::display));"#, false),
        ("#[tracing::instrument(level = \"debug\")] fn f(&self) {}", true),
        ("impl A { #[tracing::instrument(skip_all)] pub async fn f(&self) {} }", false),
        ("impl A { #[tracing::instrument(skip_all)] #[must_use] pub async fn f(&self) {} }", false),
        ("impl A { fn g() {} pub async fn f(&self) {} }", true),
        ("impl A { pub async fn f(pool: Pool) {} }", false),
    ] {
        assert_eq!(!faults(text, true).is_empty(), is_fault, "{text}: {:?}", faults(text, true));
    }
}
