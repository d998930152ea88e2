//! The calls that `claviger-aws` makes, parsed from its sources: every `.send()` with its operation, and the role
//! of its client. A call that cannot be parsed is an error, so that none is overlooked.

use claviger_policy::permissions::Role;
use std::{collections::BTreeSet, fs, path::Path};

/// Reads of Claviger's own secrets (ADR 46): the operator names their ARNs and allows them in a statement of docs/deploy.md,
/// where the hub needs it. No role of the table may read a value for it.
const OWN_SECRETS: &str = "own_secrets.rs";

/// Reads of the queue of events: its own policy lets the hub's role do so (`queue_calls`), because an installation without events needs no such right.
const EVENT_QUEUE: &str = "event_queue.rs";

/// Every call with its role.
pub fn made() -> BTreeSet<(Role, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../aws/src");
    let mut made = BTreeSet::new();
    for path in sources(&folder) {
        let file = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
        let text = without_comments(&without_tests(&fs::read_to_string(&path).unwrap()));
        let is_apart = ["paged.rs", OWN_SECRETS, EVENT_QUEUE].contains(&file.as_str());
        for chain in chains(&text).into_iter().filter(|_| !is_apart) {
            if is_in_macro(&chain) {
                continue;
            }
            let operation = operation(&chain)
                .unwrap_or_else(|| panic!("{file}: no operation is recognized in {chain}"));
            made.extend(roles(&file, &chain).iter().map(|role| (*role, camel(&operation))));
        }
        if file == "alarms.rs" {
            made.extend(
                signed(&text).filter(|one| !one.is_empty()).map(|it| (Role::Inventory, it)),
            );
        }
        let signed_by = match file.as_str() {
            "consumers/analyzer.rs"
            | "consumers/functions.rs"
            | "consumers/instances.rs"
            | "consumers/projects.rs" => Some(Role::Consumers),
            file if file.starts_with("variables/") => Some(Role::Consumers),
            "consumers/attach.rs" => Some(Role::Iam),
            file if file.starts_with("rotation/") => Some(Role::Remediation),
            _ => None,
        };
        if let Some(role) = signed_by {
            made.extend(signed(&text).map(|operation| (role, operation)));
        }
    }
    assert!(made.len() > 30, "the sources are not where they were: {made:?}");
    made
}

/// The operations of the calls that are signed without an SDK, from where each is written: `operation: "X"`, or the macro
/// of the lists of EC2, or the function that makes a call of EC2.
fn signed(text: &str) -> impl Iterator<Item = String> + '_ {
    ["operation: \"", "pages!(\"", "ec2(\""].into_iter().flat_map(move |before| {
        text.split(before).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()))
    })
}

/// The calls on the queue of events.
pub fn queue_calls() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../aws/src").join(EVENT_QUEUE);
    let text = without_comments(&without_tests(&fs::read_to_string(path).unwrap()));
    chains(&text).iter().map(|chain| camel(&operation(chain).unwrap())).collect()
}

fn sources(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found
}

/// Tests are at the end of a file.
fn without_tests(text: &str) -> String {
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The expressions that send a request: those that end in `.send()`, and the arguments of the macros that add it.
fn chains(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(".send()") {
        found.push(back_from(text, at));
    }
    for name in ["paged!(", "send!("] {
        for (at, _) in text.match_indices(name) {
            let before = text[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
                continue;
            }
            found.push(inside(&text[at + name.len()..]));
        }
    }
    found
}

/// The `.send()` inside the macros.
fn is_in_macro(chain: &str) -> bool {
    chain.trim_start().starts_with('$')
}

/// Back to the beginning of the expression, at depth 0.
fn back_from(text: &str, end: usize) -> String {
    let bytes: Vec<char> = text[..end].chars().collect();
    let mut depth = 0i32;
    let mut start = bytes.len();
    for (at, c) in bytes.iter().enumerate().rev() {
        match c {
            ')' | ']' | '}' => depth += 1,
            '(' | '[' | '{' | ';' | '=' | ',' if depth == 0 => break,
            '(' | '[' | '{' => depth -= 1,
            _ => {}
        }
        start = at;
    }
    bytes[start..].iter().collect()
}

/// Up to the closing bracket.
fn inside(text: &str) -> String {
    let mut depth = 0i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return text[..at].to_owned(),
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
    }
    text.to_owned()
}

/// The first method without arguments that no plain Rust value has: fluent setters always take one.
fn operation(chain: &str) -> Option<String> {
    const NO_CALLS: [&str; 9] = [
        "clone",
        "to_string",
        "as_str",
        "to_owned",
        "iter",
        "into_iter",
        "build",
        "next_token",
        "builder",
    ];
    let mut rest = chain;
    while let Some(at) = rest.find("()") {
        let before = &rest[..at];
        let name: String = before
            .chars()
            .rev()
            .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        let is_method = before[..before.len() - name.len()].ends_with('.');
        if is_method && name.contains('_') && !NO_CALLS.contains(&name.as_str()) {
            return Some(name);
        }
        rest = &rest[at + 2..];
    }
    None
}

/// The roles whose sessions a call uses.
fn roles(file: &str, chain: &str) -> &'static [Role] {
    let file = file.trim_end_matches(".rs");
    match file {
        "accounts/organization" | "tag_policies" | "session_cache" | "lib" => &[Role::Hub],
        "creation" | "remediation" => &[Role::Remediation],
        "consumers/roles" => &[Role::Iam],
        // Of roles with grants, and of those of consumers.
        "inline_policy" => &[Role::Remediation, Role::Iam],
        "parameters" => &[Role::Access],
        "grants/calls" | "grants/sessions"
            if chain.contains("secrets_with") || chain.contains("ssm_with") =>
        {
            &[Role::Access]
        }
        "grants/calls" if chain.contains("role_policy") => &[Role::Remediation],
        "inventory" | "accounts/readiness" | "keys" | "identities" | "accounts/regions"
        | "grants/calls" => &[Role::Inventory],
        other => panic!("{other}.rs calls AWS: say here with which role"),
    }
}

/// `get_secret_value` as `GetSecretValue`.
fn camel(operation: &str) -> String {
    let mut name = String::new();
    for word in operation.split('_') {
        let (first, rest) = word.split_at(1);
        name.push_str(&first.to_uppercase());
        name.push_str(rest);
    }
    name
}

#[test]
fn a_call_is_read_whatever_stands_around_it() {
    let found = |text: &str| chains(text).iter().map(|chain| operation(chain)).collect::<Vec<_>>();
    let one = |name: &str| vec![Some(name.to_owned())];
    assert_eq!(
        found("let a = self.ssm.get_parameter().name(&x.to_string()).send().await;"),
        one("get_parameter")
    );
    assert_eq!(
        found("let a = terms(self.sts.assume_role().role_arn(x)).send().await;"),
        one("assume_role")
    );
    assert_eq!(
        found("paged!(\"X\", { ready().await; client.list_x().max(1) }, xs, |x| x)"),
        one("list_x")
    );
    assert_eq!(found("send!(client.put_x().y(z))"), one("put_x"));
    assert_eq!(found("let a = ask.send().await;"), vec![None]);
}
