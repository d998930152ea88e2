//! What the binary reports when it cannot start.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod own_secrets;

use claviger_testkit::{test_folder, write_site};
use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::{Command, Output},
};

/// A folder that looks like a built site.
fn site(name: &str) -> PathBuf {
    let site = test_folder!(name);
    write_site(&site);
    site
}

fn claviger(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    let mut all = vec![
        ("CLAVIGER_OIDC_ISSUER", "https://id.example.com"),
        ("CLAVIGER_OIDC_CLIENT_ID", "claviger"),
        ("CLAVIGER_OIDC_CLIENT_SECRET", "hunter2"),
        ("DATABASE_URL", "postgres://claviger:hunter2@127.0.0.1:9/claviger"),
    ];
    all.extend(settings);
    claviger_alone(arguments, &all)
}

/// With these settings and nothing else.
fn claviger_alone(arguments: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_claviger"))
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .output()
        .unwrap()
}

fn fails_saying(output: &Output, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{said}");
    for word in words {
        assert!(said.contains(word), "{said}");
    }
    assert!(!said.contains("hunter2"), "a secret is in the message: {said}");
}

#[test]
fn a_database_that_is_not_there_is_said() {
    let site = site("no-database");
    let settings =
        [("CLAVIGER_SITE_DIR", site.to_str().unwrap()), ("CLAVIGER_LISTEN", "127.0.0.1:0")];
    fails_saying(
        &claviger(&["serve"], &settings),
        &["database cannot be reached", "refused", "DATABASE_URL"],
    );
    let settings = [("DATABASE_URL", "not-a-url"), settings[0], settings[1]];
    fails_saying(&claviger(&["serve"], &settings), &["database cannot be reached", "DATABASE_URL"]);
}

#[test]
fn a_port_in_use_is_said() {
    let site = site("port-in-use");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let held = TcpListener::bind(taken).unwrap();
    let address = held.local_addr().unwrap().to_string();
    let settings = [("CLAVIGER_SITE_DIR", site.to_str().unwrap())];
    fails_saying(&claviger(&["serve", "--listen", &address], &settings), &[&address, "--listen"]);
}

#[test]
fn a_site_that_was_not_built_is_said() {
    let settings = [("CLAVIGER_SITE_DIR", "/nowhere/at/all"), ("CLAVIGER_LISTEN", "127.0.0.1:0")];
    fails_saying(
        &claviger(&["serve"], &settings),
        &["/nowhere/at/all", "current: No such file", "cargo xtask web"],
    );
}

#[test]
fn settings_that_cannot_be_used_are_said() {
    fails_saying(
        &claviger(&["check"], &[("CLAVIGER_REGIONS", "eu-west-1,mars")]),
        &["mars", "Region"],
    );
    fails_saying(
        &claviger(&["check"], &[("CLAVIGER_PUBLIC_URL", "http://claviger.example.com")]),
        &["unprotected"],
    );
    fails_saying(&claviger(&["--file", "/nowhere.toml", "check"], &[]), &["/nowhere.toml"]);
    let file = site("with-a-file").join("claviger.toml");
    fs::write(&file, "regions = [\"eu-west-1\"]").unwrap();
    let site = site("with-a-file");
    let answer = claviger(
        &["check"],
        &[
            ("CLAVIGER_REGIONS", "eu-west-1,us-east-1"),
            ("CLAVIGER_FILE", file.to_str().unwrap()),
            ("CLAVIGER_SITE_DIR", site.to_str().unwrap()),
            ("CLAVIGER_LISTEN", "127.0.0.1:0"),
        ],
    );
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
}

/// Paths in the file count from its folder, wherever the command runs.
#[test]
fn a_configuration_can_be_used_from_any_folder() {
    let folder = site("any-folder");
    fs::write(
        folder.join("policies.cedar"),
        "permit(principal in Claviger::Squad::\"a\", action, resource);",
    )
    .unwrap();
    fs::write(
        folder.join("claviger.toml"),
        "site_dir = \".\"\naccess_policies = \"policies.cedar\"",
    )
    .unwrap();
    let check = |at: &std::path::Path, file: &str| {
        Command::new(env!("CARGO_BIN_EXE_claviger"))
            .args(["--file", file, "check"])
            .current_dir(at)
            .env_clear()
            .env("CLAVIGER_OIDC_ISSUER", "https://id.example.com")
            .env("CLAVIGER_OIDC_CLIENT_ID", "claviger")
            .env("CLAVIGER_OIDC_CLIENT_SECRET", "hunter2")
            .env("DATABASE_URL", "postgres://127.0.0.1:9/claviger")
            .env("CLAVIGER_LISTEN", "127.0.0.1:0")
            .output()
            .unwrap()
    };
    let absolute = folder.join("claviger.toml");
    // The policies are read, and found wrong.
    fails_saying(&check("/".as_ref(), absolute.to_str().unwrap()), &["Squad"]);
    fails_saying(&check(&folder, "claviger.toml"), &["Squad"]);
    fs::write(folder.join("policies.cedar"), "").unwrap();
    let passed = check(folder.parent().unwrap(), "any-folder/claviger.toml");
    assert!(passed.status.success(), "{}", said(&passed));
}

/// Everything that makes `serve` fail makes `check` fail as well, with the same message.
#[test]
fn check_refuses_what_serve_refuses() {
    let folder = site("refused");
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap().to_string();
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let cedar = file("bad.cedar", "permit(principal);");
    let rules = file("bad.toml", "[[rule]]\nname = \"x\"");
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("DATABASE_URL", "not-a-url")], "DATABASE_URL"),
        (&[("DATABASE_URL", "mysql://localhost/x")], "DATABASE_URL"),
        (&[("CLAVIGER_DATABASE_CONNECTIONS", "0")], "database_connections"),
        (&[("CLAVIGER_PUBLIC_URL", "http://claviger.example.com")], "public_url"),
        (&[("CLAVIGER_PUBLIC_URL", "https://claviger.example.com/console")], "public_url"),
        (&[("CLAVIGER_PUBLIC_URL", "ftp://127.0.0.1/")], "public_url"),
        (&[("CLAVIGER_PUBLIC_URL", "claviger.example.com")], "CLAVIGER_PUBLIC_URL"),
        (&[("CLAVIGER_OIDC_ISSUER", "http://id.example.com")], "oidc_issuer"),
        (&[("CLAVIGER_OIDC_ISSUER", "ftp://127.0.0.1")], "oidc_issuer"),
        (&[("CLAVIGER_FEDERATION_URL", "http://signin.example.com")], "federation_url"),
        (&[("CLAVIGER_SITE_DIR", "/nowhere/at/all")], "/nowhere/at/all"),
        (&[("CLAVIGER_LISTEN", &taken)], "listened on"),
        (&[("CLAVIGER_LISTEN", "192.0.2.1:80")], "listened on"),
        (&[("CLAVIGER_LISTEN", "8080")], "CLAVIGER_LISTEN"),
        (&[("CLAVIGER_ACCESS_POLICIES", &cedar)], "Cedar"),
        (&[("CLAVIGER_ACCESS_POLICIES", "/nowhere.cedar")], "/nowhere.cedar"),
        (&[("CLAVIGER_ACCESS_RULES", &rules)], "approval rules"),
        (&[("CLAVIGER_ACCESS_RULES", "/nowhere.toml")], "/nowhere.toml"),
        (&[("CLAVIGER_SMTP_URL", "https://mail.example.com")], "smtp_url"),
        (&[("CLAVIGER_SMTP_URL", "smtp://mail"), ("CLAVIGER_MAIL_FROM", "nobody")], "mail_from"),
        (&[("CLAVIGER_WEBHOOK_URL", "hooks.example.com")], "webhook_url"),
        (&[("CLAVIGER_EVENT_WEBHOOK_URL", "https://hooks.example.com")], "belong together"),
        (&[("CLAVIGER_EVENT_WEBHOOK_SECRET", "whsec_AAAA")], "belong together"),
        (
            &[
                ("CLAVIGER_EVENT_WEBHOOK_URL", "https://hooks.example.com"),
                ("CLAVIGER_EVENT_WEBHOOK_SECRET", "123456"),
            ],
            "whsec_",
        ),
        (&[("CLAVIGER_REGIONS", "mars")], "mars"),
        (&[("CLAVIGER_REGIONS", "")], "regions"),
        (&[("CLAVIGER_QUOTA_PERCENT", "0")], "quota_percent"),
        (&[("CLAVIGER_ACCESS_SESSION_SECONDS", "1")], "access_session_seconds"),
        (&[("CLAVIGER_SESSION_HOURS", "0")], "session_hours"),
        (&[("CLAVIGER_TAKEOVER_SECONDS", "1")], "takeover_seconds"),
        (&[("CLAVIGER_INVENTORY_LIMIT", "0")], "CLAVIGER_INVENTORY_LIMIT"),
        (&[("CLAVIGER_JOBS", "many")], "CLAVIGER_JOBS"),
        (&[("CLAVIGER_LOG_FORMAT", "xml")], "CLAVIGER_LOG_FORMAT"),
        (&[("CLAVIGER_EXTERNAL_ID", "")], "CLAVIGER_EXTERNAL_ID"),
        (&[("CLAVIGER_CA_BUNDLE", "/nowhere.pem")], "/nowhere.pem"),
        (&[("CLAVIGER_CA_BUNDLE", &rules)], "it has no certificate"),
        (&[("CLAVIGER_DATABASE_AUTH", "iam")], "CLAVIGER_DATABASE_AUTH"),
        (&[("CLAVIGER_DATABASE_AUTH", "rds-iam")], "Remove the password"),
        (&[("HTTPS_PROXY", "socks5://proxy:1080")], "HTTPS_PROXY"),
        (&[("CLAVIGER_SWEEP_MINUTE", "5")], "did you mean CLAVIGER_SWEEP_MINUTES?"),
    ];
    for (settings, says) in cases {
        let mut all = vec![
            ("CLAVIGER_SITE_DIR", folder.to_str().unwrap()),
            ("CLAVIGER_LISTEN", "127.0.0.1:0"),
        ];
        all.extend(settings.iter().copied());
        let (check, serve) = (claviger(&["check"], &all), claviger(&["serve"], &all));
        assert!(!check.status.success(), "{settings:?} {}", said(&check));
        fails_saying(&check, &[says]);
        assert!(!said(&check).contains("The configuration is valid."), "{}", said(&check));
        assert_eq!(said(&check), said(&serve), "{settings:?}");
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The demo's policies, tested with the demo's table.
#[test]
fn the_access_policy_is_held_against_its_table() {
    let demo = |file: &str| format!("{}/../demo/access/{file}", env!("CARGO_MANIFEST_DIR"));
    let (policies, rules, cases) = (demo("policies.cedar"), demo("rules.toml"), demo("cases.toml"));
    let test = |cases: &str| {
        claviger(&["access", "test", cases, "--policies", &policies, "--rules", &rules], &[])
    };
    let passed = test(&cases);
    assert!(
        passed.status.success() && said(&passed).contains("10 of 10 cases"),
        "{}",
        said(&passed)
    );
    let wrong = site("wrong-case").join("cases.toml");
    let changed =
        fs::read_to_string(&cases).unwrap().replacen("permit = true", "permit = false", 1);
    fs::write(&wrong, changed).unwrap();
    let failed = test(wrong.to_str().unwrap());
    fails_saying(&failed, &["permitted where refused is expected", "9 of 10 cases"]);
    fails_saying(&test("/nowhere.toml"), &["/nowhere.toml"]);
    let schema = claviger(&["access", "schema"], &[]);
    assert!(String::from_utf8_lossy(&schema.stdout).contains("entity Secret in [Account]"));
}

#[test]
fn a_policy_that_cannot_be_used_stops_the_check() {
    let file = site("bad-policy").join("policies.cedar");
    fs::write(&file, "\npermit(principal in Claviger::Squad::\"a\", action, resource);").unwrap();
    let settings = [("CLAVIGER_ACCESS_POLICIES", file.to_str().unwrap())];
    fails_saying(&claviger(&["check"], &settings), &["Squad", "line 2"]);
}

#[sqlx::test(migrations = "../migrations")]
async fn the_audit_trail_is_verified_from_the_command_line(
    _: sqlx::postgres::PgPoolOptions,
    options: sqlx::postgres::PgConnectOptions,
) {
    let (server, _) = std::env::var("DATABASE_URL")
        .unwrap()
        .rsplit_once('/')
        .map(|(s, d)| (s.to_owned(), d.to_owned()))
        .unwrap();
    let database = format!("{server}/{}", options.get_database().unwrap());
    let verify = |more: &[&str]| {
        let arguments: Vec<&str> = ["audit", "verify"].iter().chain(more).copied().collect();
        claviger(&arguments, &[("DATABASE_URL", &database)])
    };
    let sound = verify(&[]);
    assert!(
        sound.status.success() && said(&sound).contains("0 entries verified"),
        "{}",
        said(&sound)
    );
    fails_saying(&verify(&["--head", &"ab".repeat(32)]), &["the end is cut off"]);
}

/// An OU named like a path: neither it nor the OU at that path may be mistaken for the other.
#[sqlx::test(migrations = "../migrations")]
async fn a_scope_that_fits_two_ous_stops_the_server(
    _: sqlx::postgres::PgPoolOptions,
    options: sqlx::postgres::PgConnectOptions,
) {
    let url = std::env::var("DATABASE_URL").unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    let database = format!("{server}/{}", options.get_database().unwrap());
    let pool = sqlx::PgPool::connect_with(options).await.unwrap();
    sqlx::raw_sql(
        r"insert into ou (id, parent_id, name, path) values ('r-ab12', null, 'Root', ''),
            ('ou-ab12-00000001', 'r-ab12', 'Workloads', 'Workloads'),
            ('ou-ab12-00000002', 'ou-ab12-00000001', 'Production', 'Workloads/Production'),
            ('ou-ab12-00000003', 'r-ab12', 'Workloads/Production', 'Workloads\/Production');
          insert into account (id, name, email, state, ou_path, first_seen_at)
            values ('111122223333', 'a', 'a@example.com', 'ACTIVE', array['r-ab12', 'ou-ab12-00000003'], now());",
    )
    .execute(&pool)
    .await
    .unwrap();
    let site = site("two-ous");
    let file = site.join("claviger.toml");
    let with = |configuration: &str| {
        fs::write(&file, configuration).unwrap();
        let settings = [
            ("DATABASE_URL", database.as_str()),
            ("CLAVIGER_SITE_DIR", site.to_str().unwrap()),
            ("CLAVIGER_LISTEN", "127.0.0.1:0"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ];
        claviger(&["--file", file.to_str().unwrap(), "serve"], &settings)
    };
    for configuration in [
        "[[roles]]\ngroup = \"g\"\nrole = \"approver\"\nscope = { ou = \"Workloads/Production\" }\n",
        "[[owners]]\nou = \"Workloads/Production\"\nteam = \"t\"\n",
    ] {
        let refused = with(configuration);
        fails_saying(
            &refused,
            &["fits 2 OUs", "ou-ab12-00000002", "ou-ab12-00000003", "Use the id"],
        );
    }
}

/// Answers every request with this status and body.
fn answering(status: &'static str, body: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = std::io::Read::read(&mut stream, &mut [0; 4096]);
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = std::io::Write::write_all(&mut stream, answer.as_bytes());
        }
    });
    port
}

#[test]
fn the_health_check_needs_no_setting_but_the_port() {
    let health = |listen: String| {
        Command::new(env!("CARGO_BIN_EXE_claviger"))
            .arg("health")
            .env_clear()
            .env("CLAVIGER_LISTEN", listen)
            .output()
            .unwrap()
    };
    // A server that listens on every address is asked on loopback.
    let ready = health(format!("0.0.0.0:{}", answering("200 OK", "ready")));
    assert!(ready.status.success(), "{}", String::from_utf8_lossy(&ready.stderr));
    let waiting = health(format!("127.0.0.1:{}", answering("503 Service Unavailable", "database")));
    fails_saying(&waiting, &["/readyz", "503", "database"]);
    fails_saying(&health("127.0.0.1:9".to_owned()), &["127.0.0.1:9", "refused"]);
    fails_saying(&health("nowhere".to_owned()), &["listen", "nowhere"]);
}

#[test]
fn completions_and_man_pages_need_no_setting() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
        command.args(arguments).env_clear().output().unwrap()
    };
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stdout).contains("migrate"), "{shell}");
    }
    let folder = test_folder!("man-pages");
    assert!(run(&["man", folder.to_str().unwrap()]).status.success());
    let page = fs::read_to_string(folder.join("claviger-serve.1")).unwrap();
    assert!(page.contains("Serve the web console"), "{page}");
    fails_saying(&run(&["man", "/nowhere/at/all"]), &["/nowhere/at/all"]);
}
