//! `claviger check --online`, with a PostgreSQL, an AWS emulator, and small servers of the test.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod certificates;
mod machine;
mod roles;

use axum::{Json, Router, http::StatusCode, routing::any};
use claviger_testkit::{ministack, test_folder, write_site};
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    process::Command,
};

/// A folder of the test, which also looks like a built site.
fn folder(name: &str) -> PathBuf {
    let folder = test_folder!(name);
    write_site(&folder);
    folder
}

fn database(options: &PgConnectOptions) -> String {
    let url = std::env::var("DATABASE_URL").unwrap();
    let (server, _) = url.rsplit_once('/').unwrap();
    format!("{server}/{}", options.get_database().unwrap())
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// An identity provider with these changes to its metadata; `null` removes a member.
async fn provider(changes: serde_json::Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut metadata = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/auth"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "end_session_endpoint": format!("{url}/end"),
    });
    for (key, value) in changes.as_object().unwrap() {
        metadata[key] = value.clone();
    }
    let router = Router::new()
        .route("/.well-known/openid-configuration", any(async move || Json(metadata)))
        .route("/keys", any(async || Json(json!({"keys": [{"kty": "OKP"}]}))));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// Speaks SMTP until a client starts to send a message, and counts that.
async fn mailbox(greeting: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    let sent = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&sent);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let _ = write.write_all(format!("{greeting}\r\n").as_bytes()).await;
            while let Ok(Some(line)) = lines.next_line().await {
                count.fetch_add(usize::from(line.starts_with("MAIL")), Ordering::SeqCst);
                if write.write_all(b"250 fine\r\n").await.is_err() {
                    break;
                }
            }
        }
    });
    (url, sent)
}

/// A webhook that responds to everything with this status and counts POST requests.
async fn webhook(status: StatusCode) -> (String, Arc<AtomicUsize>) {
    let posted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&posted);
    let router = Router::new().fallback(async move |method: http::Method| {
        count.fetch_add(usize::from(method == http::Method::POST), Ordering::SeqCst);
        status
    });
    (format!("{}/secret-path", serve(router).await), posted)
}

struct Answer {
    success: bool,
    /// One line for each test: its subject, its status and its result.
    lines: Vec<String>,
    said: String,
}

impl Answer {
    /// The line with this subject.
    fn line(&self, about: &str) -> &str {
        let found = self.lines.iter().find(|line| line[8..].trim_start().starts_with(about));
        found.unwrap_or_else(|| panic!("no line about {about}: {:?}\n{}", self.lines, self.said))
    }

    fn is(&self, about: &str, word: &str, says: &str) {
        let line = self.line(about);
        assert!(line.starts_with(word) && line.contains(says), "{about} is to be {word}: {line}");
    }
}

/// Tests the roles of one member account.
async fn check(settings: &BTreeMap<&str, String>) -> Answer {
    check_accounts(settings, &["--accounts", "1"]).await
}

async fn check_accounts(settings: &BTreeMap<&str, String>, more: &[&str]) -> Answer {
    let output = Command::new(env!("CARGO_BIN_EXE_claviger"))
        .args(["check", "--online"])
        .args(more)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap())
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("AWS_REGION", "us-east-1")
        .envs(settings.iter())
        .output()
        .await
        .unwrap();
    let lines: Vec<String> =
        String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect();
    let said = String::from_utf8(output.stderr).unwrap();
    for secret in ["hunter2", "secret-path"] {
        assert!(!said.contains(secret) && lines.iter().all(|line| !line.contains(secret)));
    }
    Answer { success: output.status.success(), lines, said }
}

/// Valid offline settings; none of the services that they name responds.
fn settings(folder: &std::path::Path) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("DATABASE_URL", "postgres://claviger:hunter2@127.0.0.1:9/claviger".to_owned()),
        ("CLAVIGER_OIDC_ISSUER", "http://127.0.0.1:9".to_owned()),
        ("CLAVIGER_OIDC_CLIENT_ID", "claviger".to_owned()),
        ("CLAVIGER_OIDC_CLIENT_SECRET", "hunter2".to_owned()),
        ("CLAVIGER_SITE_DIR", folder.to_str().unwrap().to_owned()),
        ("CLAVIGER_LISTEN", "127.0.0.1:0".to_owned()),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9".to_owned()),
        ("AWS_ACCESS_KEY_ID", "AKIA".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "hunter2".to_owned()),
        ("AWS_MAX_ATTEMPTS", "1".to_owned()),
    ])
}

fn with_emulator(settings: &mut BTreeMap<&'static str, String>) {
    let emulator = ministack();
    settings.insert("AWS_ENDPOINT_URL", emulator.url);
    settings.insert("AWS_ACCESS_KEY_ID", emulator.key_id);
    settings.insert("AWS_SECRET_ACCESS_KEY", emulator.key_secret);
    settings.insert("CLAVIGER_EXTERNAL_ID", emulator.external_id);
}

#[sqlx::test(migrations = "../migrations")]
async fn everything_that_answers_passes_and_nothing_is_sent(
    _: PgPoolOptions,
    options: PgConnectOptions,
) {
    let folder = folder("check-passes");
    let mut all = settings(&folder);
    with_emulator(&mut all);
    let (mail, sent) = mailbox("220 test").await;
    let (chat, to_chat) = webhook(StatusCode::BAD_REQUEST).await;
    let (events, to_events) = webhook(StatusCode::NO_CONTENT).await;
    let file = folder.join("claviger.toml");
    fs::write(
        &file,
        "[[roles]]\ngroup = \"a\"\nrole = \"viewer\"\nscope = { ou = \"Workloads/Production\" }\n",
    )
    .unwrap();
    all.insert("DATABASE_URL", database(&options));
    all.insert("CLAVIGER_FILE", file.to_str().unwrap().to_owned());
    all.insert("CLAVIGER_OIDC_ISSUER", provider(json!({})).await);
    all.insert("CLAVIGER_SMTP_URL", mail);
    all.insert("CLAVIGER_WEBHOOK_URL", chat);
    all.insert("CLAVIGER_EVENT_WEBHOOK_URL", events);
    all.insert("CLAVIGER_EVENT_WEBHOOK_SECRET", format!("whsec_{}", "A".repeat(32)));
    all.insert("CLAVIGER_EVENT_QUEUE_URL", ministack().queue_url());
    let answer = check(&all).await;
    for (about, says) in [
        ("Database:", "PostgreSQL"),
        ("Database schema:", "up to date"),
        ("Database privileges:", "every table"),
        ("Clock:", "agrees"),
        ("Releases:", "only "),
        ("Inventory size:", "0 of at most 5000000"),
        ("Identity provider:", "answers"),
        ("Identity provider's endpoints:", "every endpoint"),
        ("Identity provider's options:", ""),
        ("Identity provider's keys:", "1 at"),
        ("STS:", "arn:aws"),
        ("Organization:", "14 accounts"),
        ("Scopes:", "all 1"),
        ("Event queue (event_queue_url):", "messages wait"),
        ("Mail:", "no mail was sent"),
        ("Webhook (webhook_url):", "reachable"),
        ("Event webhook (event_webhook_url):", "reachable"),
    ] {
        answer.is(about, "ok", says);
    }
    let member = |line: &&String| line.contains("(member account)");
    let roles: Vec<&String> = answer.lines.iter().filter(member).collect();
    assert_eq!(roles.len(), 3, "{roles:?}");
    assert!(roles.iter().all(|line| line.starts_with("ok")), "{roles:?}");
    assert!(
        answer.success && answer.said.contains("The configuration is valid."),
        "{}",
        answer.said
    );
    let counts = [sent, to_chat, to_events].map(|count| count.load(Ordering::SeqCst));
    assert_eq!(counts, [0, 0, 0], "nothing is sent");
}

#[tokio::test]
async fn each_test_runs_though_every_other_fails() {
    let folder = folder("check-fails");
    let mut all = settings(&folder);
    all.insert("CLAVIGER_SMTP_URL", "smtp://claviger:hunter2@127.0.0.1:9".to_owned());
    all.insert("CLAVIGER_WEBHOOK_URL", "http://127.0.0.1:9/secret-path".to_owned());
    let no_queue = ministack().queue_url().replace("claviger-events", "nothing");
    all.insert("CLAVIGER_EVENT_QUEUE_URL", no_queue);
    all.insert("CLAVIGER_EVENT_WEBHOOK_URL", "https://127.0.0.1:9/secret-path".to_owned());
    all.insert("CLAVIGER_EVENT_WEBHOOK_SECRET", format!("whsec_{}", "A".repeat(32)));
    let answer = check(&all).await;
    for (about, to_do) in [
        ("Database:", "DATABASE_URL"),
        ("Identity provider:", "oidc_issuer"),
        ("STS:", "credentials"),
        ("Organization:", "delegated administrator"),
        ("Mail:", "smtp_url"),
        ("Webhook (webhook_url):", "address"),
        ("Event queue (event_queue_url):", "HubRoleArn"),
        ("Event webhook (event_webhook_url):", "address"),
    ] {
        answer.is(about, "failed", to_do);
    }
    for about in ["Roles:", "Scopes:", "Tag policies:"] {
        answer.is(about, "warning", "");
    }
    assert!(!answer.success && answer.said.contains("8 of the checks failed"), "{}", answer.said);
    assert!(!answer.said.contains("The configuration is valid."));
}

#[sqlx::test(migrations = false)]
async fn the_schema_and_the_privileges_are_looked_at(_: PgPoolOptions, options: PgConnectOptions) {
    let pool = claviger_testkit::emptied(&options).await;
    let folder = folder("check-database");
    let mut all = settings(&folder);
    all.insert("DATABASE_URL", database(&options));
    let answer = check(&all).await;
    answer.is("Database schema:", "warning", "claviger migrate");

    claviger_store::Store::from_pool(pool.clone()).migrate().await.unwrap();
    let answer = check(&all).await;
    answer.is("Database schema:", "ok", "up to date");
    answer.is("Database privileges:", "ok", "");

    // A role that may only connect.
    let name = options.get_database().unwrap();
    let role = format!("r{}", name.trim_start_matches('_').to_lowercase().replace('-', "_"));
    let run = async |sql: String| {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&pool).await.unwrap();
    };
    run(format!("drop role if exists \"{role}\"; create role \"{role}\" login password 'hunter2'"))
        .await;
    run(format!("grant select on _sqlx_migrations to \"{role}\"")).await;
    let url = url::Url::parse(&database(&options)).unwrap();
    let mut poor = url.clone();
    poor.set_username(&role).unwrap();
    poor.set_password(Some("hunter2")).unwrap();
    all.insert("DATABASE_URL", poor.to_string());
    let answer = check(&all).await;
    answer.is("Database privileges:", "failed", "Grant");
    run("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)"
        .into())
    .await;
    let answer = check(&all).await;
    answer.is("Database schema:", "failed", "a role that may create");
    run("insert into _sqlx_migrations (version, description, success, checksum, execution_time)
         values (9999, 'later', true, '', 0)"
        .into())
    .await;
    all.insert("DATABASE_URL", url.to_string());
    let answer = check(&all).await;
    answer.is("Database schema:", "failed", "newer release");
    run(format!("drop owned by \"{role}\"; drop role \"{role}\"")).await;
}

#[tokio::test]
async fn the_identity_provider_is_held_against_the_settings() {
    let folder = folder("check-issuer");
    let mut all = settings(&folder);
    // By default, only scopes that the provider lists are requested.
    all.insert("CLAVIGER_OIDC_SCOPES", "profile,email,groups".to_owned());
    for (changes, about, word, says) in [
        (
            json!({"issuer": "https://other.example.com"}),
            "Identity provider:",
            "failed",
            "other.example.com",
        ),
        (
            json!({"token_endpoint": null}),
            "Identity provider's endpoints:",
            "failed",
            "token_endpoint",
        ),
        (json!({"jwks_uri": null}), "Identity provider's endpoints:", "failed", "jwks_uri"),
        (
            json!({"jwks_uri": "http://127.0.0.1:9/keys"}),
            "Identity provider's keys:",
            "failed",
            "127.0.0.1:9",
        ),
        (
            json!({"scopes_supported": ["openid"]}),
            "Identity provider's options:",
            "warning",
            "groups",
        ),
        (
            json!({"code_challenge_methods_supported": ["plain"]}),
            "Identity provider's options:",
            "warning",
            "S256",
        ),
    ] {
        all.insert("CLAVIGER_OIDC_ISSUER", provider(changes).await);
        check(&all).await.is(about, word, says);
    }
    all.insert("CLAVIGER_OIDC_ISSUER", provider(json!({})).await);
    all.insert("CLAVIGER_OIDC_CLI_CLIENT_ID", "clv".to_owned());
    let answer = check(&all).await;
    answer.is("Identity provider's endpoints:", "failed", "device_authorization_endpoint");
}

#[tokio::test]
async fn places_that_do_not_exist_are_named() {
    let folder = folder("check-places");
    let mut all = settings(&folder);
    with_emulator(&mut all);
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    all.insert(
        "CLAVIGER_FILE",
        write(
            "claviger.toml",
            r#"
            [[roles]]
            group = "a"
            role = "viewer"
            scope = { ou = "Workloads/Productoin" }
            [[roles]]
            group = "b"
            role = "viewer"
            scope = { accounts = ["999999999999"] }
            [[owners]]
            ou = "ou-nowhere-12345678"
            team = "x"
            "#,
        ),
    );
    all.insert(
        "CLAVIGER_ACCESS_RULES",
        write(
            "rules.toml",
            r#"
            [[rule]]
            name = "Reading"
            scope = { ou = "Sandboxes" }
            actions = ["read"]
            longest_minutes = 60
            claim_minutes = 60
            decide_minutes = 60
            steps = [{ name = "One", quorum = 1, approvers = ["parent-ou"] }]
            "#,
        ),
    );
    all.insert(
        "CLAVIGER_ACCESS_POLICIES",
        write(
            "policies.cedar",
            r#"permit(principal, action == Claviger::Action::"read", resource in Claviger::Ou::"Elsewhere");"#,
        ),
    );
    let answer = check(&all).await;
    let scopes: Vec<&String> =
        answer.lines.iter().filter(|line| line.contains("Scopes:")).collect();
    assert_eq!(scopes.len(), 5, "{scopes:?}");
    for name in
        ["Workloads/Productoin", "999999999999", "ou-nowhere-12345678", "Sandboxes", "Elsewhere"]
    {
        assert!(
            scopes.iter().any(|line| line.starts_with("warning") && line.contains(name)),
            "{name}: {scopes:?}"
        );
    }
}

/// Claviger takes credentials from the same sources as the AWS CLI.
#[tokio::test]
async fn a_profile_may_name_a_process() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("check-process");
    let emulator = ministack();
    let script = folder.join("credentials.sh");
    fs::write(
        &script,
        format!(
            "#!/bin/sh\necho '{}'\n",
            json!({"Version": 1, "AccessKeyId": emulator.key_id, "SecretAccessKey": emulator.key_secret})
        ),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let config = folder.join("config");
    fs::write(&config, format!("[profile vault]\ncredential_process = {}\n", script.display()))
        .unwrap();
    let mut all = settings(&folder);
    all.remove("AWS_ACCESS_KEY_ID");
    all.remove("AWS_SECRET_ACCESS_KEY");
    all.insert("AWS_ENDPOINT_URL", emulator.url);
    all.insert("AWS_CONFIG_FILE", config.to_str().unwrap().to_owned());
    all.insert("AWS_PROFILE", "vault".to_owned());
    check(&all).await.is("STS:", "ok", "arn:aws");
    // The script's output counts.
    fs::write(&script, "#!/bin/sh\necho refused by the vault >&2\nexit 3\n").unwrap();
    check(&all).await.is("STS:", "failed", "process");
}

#[tokio::test]
async fn a_profile_may_name_a_session_of_identity_center() {
    let folder = folder("check-sso");
    let config = folder.join("config");
    fs::write(
        &config,
        "[profile people]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin\n\
         [sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://corp.awsapps.com/start\n",
    )
    .unwrap();
    let mut all = settings(&folder);
    all.remove("AWS_ACCESS_KEY_ID");
    all.remove("AWS_SECRET_ACCESS_KEY");
    all.insert("AWS_CONFIG_FILE", config.to_str().unwrap().to_owned());
    all.insert("AWS_PROFILE", "people".to_owned());
    all.insert("HOME", folder.to_str().unwrap().to_owned());
    // Nobody has signed in: the provider looks for the token of `aws sso login`.
    let answer = check(&all).await;
    let line = answer.line("STS:");
    assert!(line.starts_with("failed") && line.contains("token"), "{line}");
    assert!(!line.contains("cargo feature"), "it is compiled in: {line}");
}
