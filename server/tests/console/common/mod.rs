//! A complete server in a test: the real router, a real PostgreSQL, and the test's own clock and identity provider.

pub mod idp;
pub mod log;

use axum::{Router, body::Body};
use claviger::{
    AppState, SystemClock,
    auth::{Oidc, SessionTable},
    router::router,
    settings::Settings,
};
use claviger_domain::{
    authz::{Caller, Person, RoleBinding},
    clock::Clock,
    grants::GrantId,
};
use claviger_policy::AccessPolicy;
use claviger_services::{
    Services, Touched,
    grants::{AccessSettings, RequestInput},
};
use claviger_testkit::{
    Console, FakeAws, TestClock,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, parameter, secret},
    work_off,
};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use idp::TestIdp;
use leptos::config::LeptosOptions;
use sqlx::PgPool;
use std::{
    collections::BTreeMap,
    sync::{Arc, Once},
};
use tokio::sync::{broadcast, watch};
use tower::ServiceExt;
use url::Url;

pub const US: &str = "us-east-1";

/// Everyone with a role may request to read, and requesters may create; any approver and any security admin may decide.
pub const CEDAR: &str = r#"
    permit(principal in Claviger::Role::"requester", action, resource);
    permit(principal in Claviger::Role::"requester", action == Claviger::Action::"create", resource);
    permit(principal in Claviger::Role::"approver", action == Claviger::Action::"read", resource);
    permit(principal in Claviger::Role::"security-admin", action == Claviger::Action::"read", resource);
"#;
pub const RULES: &str = r#"
    [[rule]]
    name = "Everything"
    scope = "organization"
    actions = ["read", "write", "rotate"]
    longest_minutes = 60
    claim_minutes = 60
    decide_minutes = 60
    steps = [{ name = "One", quorum = 1, approvers = [{ role = "approver" }, { role = "security-admin" }] }]
    break_glass = { longest_minutes = 10 }

    [[creation]]
    name = "At once"
    scope = "organization"
    tags = { stage = "test" }
    approval = "none"

    [[creation]]
    name = "After an approval"
    scope = "organization"
    tags = { stage = "live" }
    approval = { by = [{ role = "approver" }] }
"#;

/// The columns of a permission matrix: people and their groups. Mira holds the grants.
pub const PEOPLE: [(&str, Option<&[&str]>); 9] = [
    ("nobody", None),
    ("no group", Some(&[])),
    ("viewer", Some(&["viewers"])),
    ("requester", Some(&["requesters"])),
    ("approver", Some(&["approvers"])),
    ("auditor", Some(&["auditors"])),
    ("admin", Some(&["admins"])),
    ("elsewhere", Some(&["sandboxers"])),
    ("holder", Some(&["requesters"])),
];

/// The only enabled policy.
const OWNER_POLICY: &str = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";

pub struct TestApp {
    pub pool: PgPool,
    pub aws: FakeAws,
    pub clock: Arc<TestClock>,
    pub idp: TestIdp,
    pub services: Services,
    /// As PostgreSQL would notify this replica.
    pub changes: broadcast::Sender<Touched>,
    router: Router,
    /// When it is dropped, the server ends.
    _running: watch::Sender<bool>,
}

/// The settings of a test's server; `over` replaces some of them.
pub fn settings(issuer: &str, over: &serde_json::Value) -> Settings {
    let roles = [
        ("viewers", "viewer", r#""organization""#),
        ("requesters", "requester", r#""organization""#),
        ("approvers", "approver", r#""organization""#),
        ("admins", "security-admin", r#""organization""#),
        ("auditors", "auditor", r#""organization""#),
        ("sandboxers", "security-admin", r#"{"ou": "Sandbox"}"#),
    ];
    let roles: Vec<serde_json::Value> = roles
        .map(|(group, role, scope)| {
            serde_json::from_str(&format!(
                r#"{{"group": "{group}", "role": "{role}", "scope": {scope}}}"#
            ))
            .unwrap()
        })
        .to_vec();
    let mut settings = serde_json::json!({
        "database_url": "unused",
        "oidc_issuer": issuer,
        "oidc_client_id": idp::CLIENT,
        "oidc_client_secret": "secret",
        "oidc_cli_client_id": idp::CLI,
        "public_url": "https://claviger.test",
        "session_idle_minutes": 60,
        "session_hours": 12,
        "roles": roles,
    });
    idp::merge(&mut settings, over);
    serde_json::from_value(settings).unwrap()
}

impl TestApp {
    /// A server over the sample Organization, scanned once.
    pub async fn new(pool: PgPool) -> Self {
        Self::with(pool, serde_json::json!({})).await
    }

    /// The same with different settings.
    pub async fn with(pool: PgPool, over: serde_json::Value) -> Self {
        let clock = Arc::new(TestClock::at(SystemClock.now()));
        let idp = TestIdp::start(clock.clone()).await;
        Self::over(pool, clock, idp, over).await
    }

    /// The same with the test's own identity provider.
    pub async fn over(
        pool: PgPool,
        clock: Arc<TestClock>,
        idp: TestIdp,
        over: serde_json::Value,
    ) -> Self {
        static TLS: Once = Once::new();
        TLS.call_once(|| {
            // Another test's database connection may have been first.
            let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
            log::start();
        });
        let aws = FakeAws::default();
        aws.put(secret(PAYMENTS, US, "payments/ledger"));
        aws.put(parameter(CHECKOUT, US, "/checkout/jwt"));
        aws.put(secret(SANDBOX, US, "ml/openai"));
        aws.access.use_clock(clock.clone());
        let settings = Arc::new(settings(&idp.issuer, &over));
        let access = AccessSettings {
            policy: Arc::new(AccessPolicy::read(CEDAR, RULES).unwrap()),
            roles: settings.roles.clone(),
            ..AccessSettings::nothing().unwrap()
        };
        let Console { pool, store, services, .. } = Console::builder(&pool)
            .aws(aws.clone())
            .clock(clock.clone())
            .scan_interval(time::Duration::hours(1))
            .access(access)
            .policies(OWNER_POLICY)
            .build()
            .await;
        services.scans().scan_if_due(claviger_domain::scan::ScanTrigger::Start).await.unwrap();
        let http =
            reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let changes = broadcast::Sender::new(64);
        let (running, shutdown) = watch::channel(false);
        let state = AppState {
            unfit: watch::channel(None).1,
            services: services.clone(),
            settings: Arc::clone(&settings),
            clock: clock.clone(),
            oidc: Arc::new(Oidc::new(settings, http).unwrap()),
            leptos: LeptosOptions::builder()
                .output_name("claviger")
                .site_pkg_dir("assets-test")
                .build(),
            steps: watch::channel(0).1,
            changes: changes.clone(),
            draining: shutdown.clone(),
            shutdown,
        };
        let router = router(state, SessionTable::new(store, clock.clone())).unwrap();
        let app = Self { pool, aws, clock, idp, services, changes, router, _running: running };
        app.work().await;
        app
    }

    /// The day after the clock's current day.
    pub fn tomorrow(&self) -> time::Date {
        self.clock.now().date().next_day().unwrap()
    }

    /// Runs every job in the queue.
    pub async fn work(&self) {
        work_off(&self.pool, async |job| self.services.jobs().run(job).await.unwrap()).await;
    }

    /// The complete router, for requests that no browser makes.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// A browser with a signed-in person in these groups.
    pub async fn signed_in(&self, groups: &[&str]) -> Browser {
        let mut browser = self.browser();
        let answer = browser.sign_in(&self.idp, |token| token.set_groups(groups)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// The same for someone other than Ada.
    pub async fn signed_in_as(&self, subject: &str, groups: &[&str]) -> Browser {
        let mut browser = self.browser();
        let answer = browser
            .sign_in(&self.idp, |token| {
                token.set_groups(groups);
                for (claim, value) in [("sub", subject), ("name", subject)] {
                    token.claims[claim] = value.into();
                }
                token.claims["email"] = format!("{subject}@example.com").into();
            })
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        browser
    }

    /// Mira, who holds the tests' grants.
    pub fn mira() -> Caller {
        let person = Person { subject: "mira".into(), name: "mira".into(), email: None };
        let bindings: Result<Vec<RoleBinding>, _> = serde_json::from_str(
            r#"[{"group": "requesters", "role": "requester", "scope": "organization"}]"#,
        );
        Caller::new(person, &["requesters".to_owned()], &bindings.unwrap())
    }

    /// A request of Mira's to read the ledger.
    pub async fn asked(&self) -> GrantId {
        let input = RequestInput {
            resources: vec![self.resource_id("payments/ledger").await],
            action: "read".into(),
            minutes: 30,
            purpose: "To see.".into(),
            ..RequestInput::default()
        };
        self.services.requests().request_access(&Self::mira(), input).await.unwrap().grants[0]
    }

    /// The hash that an approval of it is bound to.
    pub async fn hash(&self, grant: GrantId) -> String {
        self.services.grants().grant_detail(&Self::mira(), &grant.to_string()).await.unwrap().hash
    }

    /// Inserts a new grant into a path and a body that need one.
    pub async fn with_grant(&self, path: &str, body: &str) -> (String, String) {
        if !path.contains("{grant}") && !body.contains("{grant}") {
            return (path.to_owned(), body.to_owned());
        }
        let grant = self.asked().await;
        let (number, hash) = (grant.to_string(), self.hash(grant).await);
        (
            path.replace("{grant}", &number),
            body.replace("{grant}", &number).replace("{hash}", &hash),
        )
    }

    pub async fn resource_id(&self, name: &str) -> String {
        let (id,): (sqlx::types::Uuid,) = sqlx::query_as("select id from resource where name = $1")
            .bind(name)
            .fetch_one(&self.pool)
            .await
            .unwrap();
        id.to_string()
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// The target of a page's automatic redirect.
    pub fn refresh(&self) -> String {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        let refresh = self.headers[header::REFRESH].to_str().unwrap();
        refresh.strip_prefix("0; url=").unwrap().to_owned()
    }

    pub fn location(&self) -> String {
        self.headers[header::LOCATION].to_str().unwrap().to_owned()
    }
}

/// Keeps cookies, and sends the headers of a browser.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    pub async fn post(&mut self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request, Body::from(form.to_owned())).await
    }

    /// A form from a server, without a browser's headers.
    pub async fn send_form(&mut self, path: &str, form: &str) -> Answer {
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(form.to_owned())).await
    }

    /// The body of a streaming response.
    pub async fn stream(&self, path: &str) -> Body {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = Request::get(path)
            .header(header::HOST, "claviger.test")
            .header(header::COOKIE, cookies.join("; "));
        let answer =
            self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        answer.into_body()
    }

    pub async fn send(&mut self, request: http::request::Builder, body: Body) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header(header::HOST, "claviger.test");
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let is_stream =
            parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t == "text/event-stream");
        let body = if is_stream {
            String::new()
        } else {
            String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned()
        };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Completes the sign-in, with a token that the test sets.
    pub async fn sign_in(&mut self, idp: &TestIdp, change: impl FnOnce(&mut idp::Token)) -> Answer {
        let (state, _) = self.begin_sign_in(idp, change).await;
        self.get(&format!("/auth/callback?code=good&state={state}")).await
    }

    /// Up to the point where the person has signed in at the provider. Returns state and nonce.
    pub async fn begin_sign_in(
        &mut self,
        idp: &TestIdp,
        change: impl FnOnce(&mut idp::Token),
    ) -> (String, String) {
        let answer = self.get("/auth/login?return_to=/inventory?kind=secret").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let url = Url::parse(&answer.location()).unwrap();
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["code_challenge_method"], "S256");
        assert_eq!(asked["redirect_uri"], "https://claviger.test/auth/callback");
        let mut token = idp::Token::good(&idp.issuer, &asked["nonce"], idp.now());
        change(&mut token);
        idp.expect(token, &asked["code_challenge"]);
        (asked["state"].clone(), asked["nonce"].clone())
    }
}
