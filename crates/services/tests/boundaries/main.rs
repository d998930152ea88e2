//! Who holds what, read from the sources: a service has the repositories and the gateways of its feature, and only the
//! composition has everything.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod logs;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The types through which everything can be reached.
const WHOLE: [&str; 4] = ["Services", "Store", "Outside", "Features"];
/// The composition: its files, and the types in them that hold everything.
const COMPOSITION: [&str; 7] = [
    "lib.rs",
    "composition.rs",
    "composition_creation.rs",
    "composition_plans.rs",
    "composition_rotation.rs",
    "composition_shared.rs",
    "composition_types.rs",
];
const COMPOSED: [&str; 2] = ["Services", "Outside"];
/// How the names of services and repositories end.
const KINDS: [&str; 8] = [
    "Service",
    "Reader",
    "Writer",
    "Timer",
    "Repository",
    "InventoryIndex",
    "JobQueue",
    "Transactions",
];
/// A service or a repository with more methods is several.
const MAX_METHODS: usize = 25;

/// Which services may call AWS through which gateway.
const GATEWAYS: [(&str, &[&str]); 9] = [
    (
        "Gateway",
        &[
            "AccountScanService",
            "CreationExecutionService",
            "EvaluationService",
            "EventService",
            "ExecutionService",
            "GrantChangeService",
            "RotationPreflightService",
            "ScanService",
            "ScopeCheckService",
            "TagPolicyService",
        ],
    ),
    (
        "AccessGateway",
        &[
            "GrantChangeService",
            "GrantSessionService",
            "IncidentService",
            "RevocationService",
            "TrailService",
        ],
    ),
    ("ReadinessGateway", &["AccountScanService", "AlarmService", "ReadinessService"]),
    ("RemediationGateway", &["CreationExecutionService", "ExecutionService"]),
    ("RotationGateway", &["RotationPreflightService"]),
    ("AlarmGateway", &["AlarmCheckService"]),
    ("ConsumerGateway", &["ConsumerExecutionService", "ConsumerPlanService"]),
    ("AnalyzerGateway", &["ConsumerRoleService"]),
    ("VariableGateway", &["VariableReadService"]),
];

/// Words and signs of a source, without comments and without what is in quotes.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let begins = |at: usize, what: &str| {
        what.chars().enumerate().all(|(n, c)| chars.get(at + n) == Some(&c))
    };
    let is_word = |at: usize| chars.get(at).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let (mut found, mut at) = (Vec::new(), 0);
    while at < chars.len() {
        let rest = &chars[at..];
        if begins(at, "//") {
            at += rest.iter().take_while(|c| **c != '\n').count();
        } else if begins(at, "/*") {
            let mut depth = 0;
            while at < chars.len() {
                let (opens, closes) = (begins(at, "/*"), begins(at, "*/"));
                depth += i32::from(opens) - i32::from(closes);
                at += if opens || closes { 2 } else { 1 };
                if depth == 0 {
                    break;
                }
            }
        } else if let Some(hashes) = raw_string(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            at += hashes + 2;
            while at < chars.len() && !begins(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if begins(at, "\"") {
            at += 1;
            while at < chars.len() && !begins(at, "\"") {
                at += if begins(at, "\\") { 2 } else { 1 };
            }
            at += 1;
        } else if begins(at, "'\\") {
            // Behind the escaped character: `'\''` and `'\u{e9}'`.
            at += 3 + chars[at + 3..].iter().take_while(|c| **c != '\'').count() + 1;
        } else if begins(at, "'") && chars.get(at + 2) == Some(&'\'') {
            at += 3;
        } else if is_word(at) {
            let word: String = (at..).take_while(|n| is_word(*n)).map(|n| chars[n]).collect();
            at += word.chars().count();
            found.push(word);
        } else {
            let sign = if begins(at, "::") { "::".to_owned() } else { chars[at].to_string() };
            at += sign.len();
            if !sign.trim().is_empty() {
                found.push(sign);
            }
        }
    }
    found
}

/// How many `#` the raw string has that begins here.
fn raw_string(chars: &[char]) -> Option<usize> {
    let hashes = chars.strip_prefix(&['r'])?.iter().take_while(|c| **c == '#').count();
    (chars.get(1 + hashes) == Some(&'"')).then_some(hashes)
}

/// The inside of the brackets that open at `at`.
fn block(tokens: &[String], at: usize) -> &[String] {
    let mut depth = 0;
    for (n, token) in tokens.iter().enumerate().skip(at) {
        depth += i32::from(["{", "("].contains(&token.as_str()));
        depth -= i32::from(["}", ")"].contains(&token.as_str()));
        if depth == 0 {
            return &tokens[(at + 1).min(n)..n];
        }
    }
    &tokens[at..]
}

/// The structs with what is in them.
fn structs(tokens: &[String]) -> Vec<(&str, &[String])> {
    let at = (0..tokens.len()).filter(|at| tokens[*at] == "struct");
    at.filter_map(|at| {
        let open = (at..tokens.len()).find(|n| ["{", "(", ";"].contains(&tokens[*n].as_str()))?;
        Some((tokens[at + 1].as_str(), block(tokens, open)))
    })
    .collect()
}

/// The inherent `impl` blocks without parameters, such as a service's.
fn impls(tokens: &[String]) -> Vec<(&str, &[String])> {
    let at = (0..tokens.len()).filter(|at| tokens[*at] == "impl");
    at.filter(|at| tokens.get(at + 2).is_some_and(|token| token == "{"))
        .map(|at| (tokens[at + 1].as_str(), block(tokens, at + 2)))
        .collect()
}

#[expect(clippy::ptr_arg, reason = "it is given to iterators over tokens")]
fn is_whole(token: &String) -> bool {
    WHOLE.contains(&token.as_str())
}

/// What of a source gives somebody everything who is not the composition.
fn breaches(path: &str, text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    if !COMPOSITION.contains(&path) {
        // Neither in a field, nor in an argument, nor imported under another name. A variant, such as
        // `ServiceError::Store(error)`, is something else.
        for (at, token) in tokens.iter().enumerate().filter(|(_, token)| is_whole(token)) {
            let is_variant = tokens.get(at + 1).is_some_and(|next| next == "(")
                || at > 1 && tokens[at - 2] == "Suggested" && tokens[at - 1] == "::";
            if !is_variant {
                let from = at.saturating_sub(4);
                found.push(format!("{path} names {token}: {}", tokens[from..=at].join(" ")));
            }
        }
        return found;
    }
    for (name, fields) in structs(&tokens) {
        if !COMPOSED.contains(&name) && fields.iter().any(is_whole) {
            found.push(format!("{path}: {name} has everything in a field"));
        }
    }
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| is_whole(token)) {
        // `&Store`, `&'a Store`, `&mut Store`
        let before = tokens[at.saturating_sub(3)..at].iter().rev();
        let mut before =
            before.skip_while(|token| !["&", ",", "(", ":", "{"].contains(&token.as_str()));
        if before.next().is_some_and(|sign| sign == "&") {
            found.push(format!("{path}: a function takes {token} by reference"));
        }
    }
    for (of, methods) in impls(&tokens) {
        if of == "Services" && path != "lib.rs" {
            found.push(format!("{path}: Services has methods outside lib.rs"));
        }
        if COMPOSED.contains(&of) && methods.iter().any(|token| token == "async") {
            found.push(format!("{path}: {of} has a use case of its own"));
        }
    }
    found
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The sources of a crate, by their path below its `src`.
fn sources(name: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    assert!(files.len() > 30, "the sources of {name} are somewhere else");
    let read = |file: PathBuf| {
        let path = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        (path, fs::read_to_string(file).unwrap())
    };
    files.into_iter().map(read).collect()
}

#[test]
fn no_service_holds_everything() {
    let sources = sources("services");
    for file in COMPOSITION {
        assert!(sources.contains_key(file), "{file} is somewhere else");
    }
    let found: Vec<String> = sources.iter().flat_map(|(path, text)| breaches(path, text)).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn whatever_gives_a_service_everything_is_found() {
    for text in [
        "struct GrantService { store: Store }",
        "struct GrantService { grants: GrantRepository, all: Arc<claviger_store::Store> }",
        "struct GrantService(Services, Clock);",
        "enum Held { Nothing, All(Box<Services>) }",
        "struct GrantService<'a> { services: &'a Services }",
        "impl Services { fn claim(&self) {} }",
        "async fn claim(services: &Services, grant: GrantId) {}",
        "fn claim(store: &mut Store) {}",
        "use claviger_store::Store as Database;",
        "use claviger_store::{GrantRepository, Store};",
        "type Everything = crate::Services;",
        "fn claim(all: &crate::composition::Outside) {}",
    ] {
        assert!(!breaches("grants/mod.rs", text).is_empty(), "{text}");
    }
    for text in [
        "struct GrantService { service: ScanService, error: StoreError, stored: StoredGrant }",
        "enum Failure { Store(StoreError) }",
        "fn of(error: ServiceError) -> u8 { match error { ServiceError::Store(_) => 1, _ => 2 } }",
        "let found = suggest(Suggested::Services, begun);",
        "/// Of the [`Store`] and of Services.\nconst WORD: &str = \"Store, Services\"; // Store",
        "const RAW: &str = r#\"a \"Store\" of Services\"#; const ONE: char = '\"'; /* Store /* Services */ */",
    ] {
        assert_eq!(breaches("grants/mod.rs", text), Vec::<String>::new(), "{text}");
    }
    for text in [
        "struct GrantService { store: Store }",
        "struct Features { services: Arc<Services> }",
        "fn compose(store: &Store) {}",
        "fn compose<'a>(store: &'a Store) {}",
        "impl Services { pub async fn ping(&self) {} }",
    ] {
        assert!(!breaches("lib.rs", text).is_empty(), "{text}");
    }
    assert!(
        !breaches("composition.rs", "impl Services { fn a(self) -> Self { self } }").is_empty()
    );
    let composition = "pub struct Services { outside: Outside, features: Arc<Features> } struct Outside { store: Store }
        impl Services { pub fn with_store(self, store: Store) -> Self { Self::of(Outside { store, ..self.outside }) } }";
    assert_eq!(breaches("lib.rs", composition), Vec::<String>::new());
}

#[test]
fn no_service_and_no_repository_is_a_giant() {
    for name in ["services", "store"] {
        let mut methods: BTreeMap<String, usize> = BTreeMap::new();
        for text in sources(name).values() {
            for (of, body) in impls(&tokens(text)) {
                let count = body.iter().filter(|token| *token == "fn").count();
                *methods.entry(of.to_owned()).or_default() += count;
            }
        }
        methods.retain(|of, _| KINDS.iter().any(|kind| of.ends_with(kind)));
        assert!(methods.len() > 20, "{methods:?}");
        methods.retain(|_, count| *count > MAX_METHODS);
        assert!(methods.is_empty(), "{name}: more than {MAX_METHODS} methods: {methods:?}");
    }
}

#[test]
fn each_gateway_is_held_by_the_services_that_call_it() {
    let mut holders: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (path, text) in sources("services") {
        let tokens = tokens(&text);
        for (name, fields) in
            structs(&tokens).into_iter().filter(|_| !COMPOSITION.contains(&path.as_str()))
        {
            for (gateway, _) in GATEWAYS {
                if fields.windows(2).any(|two| two[0] == "dyn" && two[1] == gateway) {
                    holders.entry(gateway).or_default().push(name.to_owned());
                }
            }
        }
    }
    for (gateway, expected) in GATEWAYS {
        let mut held = holders.remove(gateway).unwrap_or_default();
        held.sort();
        assert_eq!(held, expected, "who holds the {gateway}");
    }
}

/// The fields of a struct: name and type, the type by its last word.
fn fields(body: &[String]) -> Vec<(&str, &str)> {
    let at = (1..body.len()).filter(|at| body[*at] == ":");
    at.map(|at| {
        let end = (at..body.len()).find(|n| body[*n] == ",").unwrap_or(body.len());
        let of = body[at..end].iter().rfind(|word| word.chars().all(char::is_alphanumeric));
        (body[at - 1].as_str(), of.map_or("", String::as_str))
    })
    .collect()
}

#[test]
fn the_table_in_the_architecture_says_what_each_service_holds() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/ARCHITECTURE.md");
    let text = fs::read_to_string(path).unwrap();
    let rows = text.split("\n## Services and repositories").nth(1).unwrap();
    let rows = rows.lines().skip_while(|line| !line.starts_with("|---"));
    let mut written = BTreeMap::new();
    for row in rows.skip(1).take_while(|line| line.starts_with('|')) {
        let cells: Vec<String> = row.split('|').map(|cell| cell.replace('`', "")).collect();
        let list = |cell: &str| {
            let words = cell.split(", ").map(|word| word.trim().to_owned());
            words.filter(|word| word != "–").collect::<BTreeSet<String>>()
        };
        let audits = cells[4].trim() == "yes";
        let gateways = list(&cells[5]).into_iter().filter(|word| word.ends_with("Gateway"));
        let held = (list(&cells[3]), audits, gateways.collect(), list(&cells[6]));
        written.insert(cells[1].trim().to_owned(), held);
    }
    let mut real = BTreeMap::new();
    for text in sources("services").values() {
        let tokens = tokens(text);
        for (name, body) in structs(&tokens) {
            if !KINDS.iter().any(|kind| name.ends_with(kind)) {
                continue;
            }
            let fields = fields(body);
            let of = |kinds: &[&str], by_name: bool| -> BTreeSet<String> {
                let wanted = |of: &str| kinds.iter().any(|kind| of.ends_with(kind));
                let some = fields.iter().filter(|(_, of)| wanted(of));
                some.map(|(name, of)| (if by_name { *name } else { *of }).to_owned()).collect()
            };
            let held = (
                of(&["Repository", "InventoryIndex", "JobQueue", "Database"], true),
                !of(&["Transactions"], true).is_empty(),
                of(&["Gateway"], false),
                of(&["Service", "Reader", "Writer", "Timer"], false),
            );
            real.insert(name.to_owned(), held);
        }
    }
    assert_eq!(written.keys().collect::<Vec<_>>(), real.keys().collect::<Vec<_>>());
    for (name, held) in &real {
        assert_eq!(&written[name], held, "the row of {name}");
    }
}
