//! An account of the emulator, a recorder of the calls to it, and the program.

use aws_config::{BehaviorVersion, SdkConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_iam::Client as Iam;
use aws_sdk_secretsmanager::{Client as SecretsManager, types::Tag};
use aws_sdk_ssm::{Client as Ssm, types::ParameterType};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use claviger_policy::permissions::{
    Role,
    roles::{Variables, role_document},
};
use claviger_testkit::ministack;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    process::{Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::{net::TcpListener, process::Command};

pub const US: &str = "us-east-1";
/// In every value; it must be in no output.
pub const CANARY: &str = "CANARY-scan-4711";
/// A name and a tag that a page or a spreadsheet must not interpret.
pub const HOSTILE_NAME: &str = "=cmd|'/C calc'!A0<script>alert(1)</script>";
pub const HOSTILE_OWNER: &str = "\"><img src=x onerror=alert(2)>";

/// One account with a user.
pub struct Account {
    pub id: String,
    /// The recorder in front of the emulator.
    url: String,
    key: (String, String),
    calls: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Account {
    /// The user may do what the inventory role may, without one action.
    pub async fn without(missing: Option<&str>) -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let n = COUNTER.fetch_add(1, Ordering::Relaxed);
        let id = format!("71{:06}{n:04}", std::process::id() % 1_000_000);
        let root = root_of(&id).await;
        seed(&root).await;
        let iam = Iam::new(&root);
        let user = format!("scan-{id}");
        iam.create_user().user_name(&user).send().await.unwrap();
        iam.put_user_policy()
            .user_name(&user)
            .policy_name("inventory")
            .policy_document(policy(missing).to_string())
            .send()
            .await
            .unwrap();
        let key = iam.create_access_key().user_name(&user).send().await.unwrap();
        let key = key.access_key().unwrap();
        let key = (key.access_key_id().to_owned(), key.secret_access_key().to_owned());
        let calls = Arc::default();
        // The emulator allows this call to anyone.
        let is_refused = missing == Some("account:ListRegions");
        let url = record(Arc::clone(&calls), is_refused).await;
        Self { id, url, key, calls }
    }

    pub async fn complete() -> Self {
        Self::without(None).await
    }

    /// The program with the user's keys.
    pub fn command(&self) -> Command {
        let mut command = bare();
        command
            .env("AWS_ENDPOINT_URL", &self.url)
            .env("AWS_REGION", US)
            .env("AWS_ACCESS_KEY_ID", &self.key.0)
            .env("AWS_SECRET_ACCESS_KEY", &self.key.1);
        command
    }

    /// Scans one Region.
    pub async fn scan(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command().args(["--region", US]).args(arguments)).await
    }

    /// Service and operation of every call so far.
    pub fn calls(&self) -> BTreeSet<(String, String)> {
        self.calls.lock().unwrap().clone()
    }
}

/// The program with nothing of our own environment: no database, no configuration file.
pub fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
    command
        .arg("scan")
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// What the program wrote.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    pub async fn of(command: &mut Command) -> Self {
        let Output { status, stdout, stderr } = command.output().await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
    }
}

/// An empty folder of the test.
pub fn folder(name: &str) -> PathBuf {
    let folder = claviger_testkit::test_folder!(name);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    folder
}

/// The emulator's rule: an account's number as the key is the account's root.
async fn root_of(account: &str) -> SdkConfig {
    let root = Credentials::new(account, "root", None, None, "root");
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(aws_config::Region::new(US))
        .credentials_provider(SharedCredentialsProvider::new(root))
        .endpoint_url(ministack().url)
        .load()
        .await
}

fn policy(missing: Option<&str>) -> Value {
    let mut document = role_document(Role::Inventory, &Variables::of(&"aws".parse().unwrap()));
    let Some(missing) = missing else { return document };
    let statements = document["Statement"].as_array_mut().unwrap();
    let mut found = false;
    for statement in statements.iter_mut().filter(|one| one["Effect"] == "Allow") {
        let actions = statement["Action"].as_array_mut().unwrap();
        found |= actions.iter().any(|action| action == missing);
        actions.retain(|action| action != missing);
    }
    statements.retain(|one| one["Action"].as_array().is_some_and(|all| !all.is_empty()));
    assert!(found, "the inventory role has no {missing}");
    document
}

async fn seed(root: &SdkConfig) {
    let secrets = SecretsManager::new(root);
    let owner = |team: &str| Tag::builder().key("owner").value(team).build();
    let public = secrets
        .create_secret()
        .name("payments/db")
        .secret_string(CANARY)
        .tags(owner(HOSTILE_OWNER))
        .send()
        .await
        .unwrap();
    secrets
        .put_resource_policy()
        .secret_id(public.arn().unwrap())
        .resource_policy(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",
                "Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#,
        )
        .send()
        .await
        .unwrap();
    secrets.create_secret().name(HOSTILE_NAME).secret_string(CANARY).send().await.unwrap();
    let ssm = Ssm::new(root);
    for (name, kind) in
        [("/app/db-password", ParameterType::String), ("/app/token", ParameterType::SecureString)]
    {
        ssm.put_parameter().name(name).r#type(kind).value(CANARY).send().await.unwrap();
    }
}

type Calls = Arc<Mutex<BTreeSet<(String, String)>>>;

/// Passes every call on as it is, so that its signature stays valid.
async fn record(calls: Calls, refuses_regions: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let http = reqwest::Client::builder().build().unwrap();
    let mut router = Router::new();
    if refuses_regions {
        router = router.route("/listRegions", any(refuse));
    }
    let router = router.fallback(pass_on).with_state((calls, http, ministack().url));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

/// As Account Management refuses.
async fn refuse() -> impl IntoResponse {
    let code = [("x-amzn-errortype", "AccessDeniedException")];
    (StatusCode::FORBIDDEN, code, r#"{"message":"not authorized"}"#)
}

async fn pass_on(
    State((calls, http, emulator)): State<(Calls, reqwest::Client, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    calls.lock().unwrap().insert(called(&uri, &headers, &body));
    let url = format!("{emulator}{}", uri.path_and_query().unwrap());
    let answer = http.request(method, url).headers(headers).body(body).send().await.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

/// The service from the signature, the operation from the header, the form or the path.
fn called(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> (String, String) {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let signed = text("authorization").unwrap();
    let scope = signed.split("Credential=").nth(1).unwrap();
    let service = scope.split('/').nth(3).unwrap();
    let form = String::from_utf8_lossy(body);
    let in_form =
        form.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(ToOwned::to_owned);
    let operation = match (text("x-amz-target"), in_form) {
        (Some(target), _) => target.rsplit('.').next().unwrap().to_owned(),
        (None, Some(action)) => action,
        (None, None) => {
            let mut path: Vec<char> = uri.path().trim_start_matches('/').chars().collect();
            path[0] = path[0].to_ascii_uppercase();
            path.into_iter().collect()
        }
    };
    (service.to_owned(), operation)
}
