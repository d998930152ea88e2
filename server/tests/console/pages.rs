//! Responses of pages: for whom, with which status, and with which headers.

use crate::{
    common::{Browser, PEOPLE, TestApp},
    ways::{more_ways, tabs},
};
use claviger::router::page_routes;
use claviger_testkit::samples::PAYMENTS;
use http::{StatusCode, header};
use sqlx::PgPool;
use std::{collections::BTreeSet, fmt::Write};

/// A policy that is already enabled: saving it again changes nothing.
const POLICY: &str =
    "id%3A%20owner%0Atitle%3A%20Owners%0Aseverity%3A%20low%0Arule%3A%20%7Bowner%3A%20%7B%7D%7D";

/// A policy with findings to fix.
const ENVIRONMENTS: &str =
    "id: env\ntitle: Environments\nseverity: low\nrule: {required-tags: {tags: {env: [prod]}}}";

/// The plan that fixes it in the payments account, without the hash of its preview.
const TAG_IT: &str = "of=account%3D441205839201&wish=set-tags&tags=env%3Dprod&reason=So";

/// The form of a page that has shown the preview.
async fn previewed(browser: &Browser) -> String {
    let query = "query=of%3Daccount%253D441205839201%26wish%3Dset-tags%26tags%3Denv%253Dprod";
    let request = http::Request::post("/api/remediation/draft")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .header("sec-fetch-site", "same-origin");
    let draft = browser.clone().send(request, axum::body::Body::from(query)).await;
    let draft: serde_json::Value = serde_json::from_str(&draft.body).unwrap();
    format!("{TAG_IT}&preview={}", draft["preview"].as_str().unwrap())
}

/// Every endpoint: method, path with the sample's ids, form.
pub(super) async fn ways(app: &TestApp) -> Vec<Way> {
    let id = app.resource_id("payments/ledger").await;
    app.services.policies().import_policies(ENVIRONMENTS).await.unwrap();
    app.work().await;
    let planned = app.signed_in_as("tess", &["admins"]).await;
    let tag_it = previewed(&planned).await;
    let planned = status(&planned, "POST", "/api/remediation/submit", &tag_it).await;
    assert!(planned.is_redirection() || planned.is_success(), "{planned}");
    let asked = format!("policy=env&target=account:{PAYMENTS}&reason=So&until={}", app.tomorrow());
    let waived = app.signed_in_as("tess", &["admins"]).await;
    let waived = status(&waived, "POST", "/api/exceptions/ask", &asked).await;
    assert!(waived.is_redirection() || waived.is_success(), "{waived}");
    let mut ways = vec![
        get("/", "/"),
        get("/inventory", "/inventory"),
        get("/principals", "/principals"),
        get("/principals", &format!("/principals?arn=arn:aws:iam::{PAYMENTS}:role/app")),
        get("/accounts", "/accounts"),
        get("/accounts/{id}", &format!("/accounts/{PAYMENTS}")),
        get("/{*any}", "/nothing/here"),
        get("/events", "/events"),
        get("/sign-in", "/sign-in"),
        get("/signed-out", "/signed-out"),
        get("/healthz", "/healthz"),
        get("/livez", "/livez"),
        get("/readyz", "/readyz"),
        get("/auth/login", "/auth/login"),
        get("/auth/callback", "/auth/callback"),
        call("/auth/backchannel-logout", "logout_token=x".into()),
        call("/api/me", String::new()),
        call("/api/sweep/progress", String::new()),
        call("/api/sweep/start", String::new()),
        call("/api/theme", "theme=dark".into()),
        call("/api/zone", "zone=browser".into()),
        call("/api/inventory/list", "query=".into()),
        call("/api/inventory/siblings", format!("id={id}")),
        call("/api/inventory/complete", "begun=tag".into()),
        call("/api/inventory/export-progress", "token=1".into()),
        call("/api/inventory/save-view", "name=%20".into()),
        call("/api/inventory/delete-view", "id=absent".into()),
        call("/api/jumps", "text=pay".into()),
        get("/export/inventory/{format}", "/export/inventory/csv?kind=secret"),
        call("/api/accounts/list", String::new()),
        call("/api/accounts/account", format!("id={PAYMENTS}")),
        get("/changes", "/changes"),
        call("/api/history/changes", "query=".into()),
        get("/access", "/access"),
        get("/access/request", &format!("/access/request?resource={id}")),
        get("/access/live", "/access/live"),
        get("/access/{id}", "/access/{grant}"),
        get("/queue", "/queue"),
        get("/queue/access/{id}", "/queue/access/{grant}"),
        get("/queue/review/{id}", "/queue/review/{grant}"),
        call("/api/queue/list", "query=kind%3Daccess".into()),
        call("/api/shortcuts", "shortcuts=off".into()),
        get("/approvals", "/approvals"),
        get("/approvals/{id}", "/approvals/{grant}"),
        get("/reviews", "/reviews"),
        get("/inbox", "/inbox"),
        get("/audit", "/audit"),
        get("/notifications", "/notifications"),
        call("/api/deliveries/state", String::new()),
        call("/api/access/mine", String::new()),
        call("/api/access/form", format!("resources={id}&action=read&extends=")),
        call("/api/access/request", format!("resources={id}&action=read&minutes=5&purpose=So")),
        call("/api/access/grant", "grant={grant}".into()),
        call("/api/access/decide", "grant={grant}&verdict=approve&hash={hash}".into()),
        call("/api/access/claim", "grant={grant}".into()),
        call("/api/access/give-back", "grant={grant}".into()),
        call("/api/access/revoke", "grant={grant}&reason=So".into()),
        call("/api/access/close-review", "grant={grant}&note=So".into()),
        call("/api/access/resume", String::new()),
        call("/api/access/reveal", format!("grant={{grant}}&resource={id}")),
        call("/api/access/put", format!("grant={{grant}}&resource={id}&value=x")),
        call("/api/access/rotate", format!("grant={{grant}}&resource={id}")),
        call("/api/access/console", format!("grant={{grant}}&resource={id}")),
        call("/api/access/reviews", String::new()),
        call("/api/access/live", String::new()),
        call("/api/inbox/list", String::new()),
        call("/api/inbox/read", "up_to=1".into()),
        call("/api/audit/list", "query=".into()),
        call("/api/audit/verify", String::new()),
        (
            "POST",
            "/export/audit/{format}",
            "/export/audit/csv?outcome=failed".into(),
            String::new(),
        ),
    ];
    ways.extend(tabs(&id));
    ways.extend(more_ways(&id));
    ways.extend(ways_of_governance(&id, asked));
    // It ends the session, so it comes last.
    ways.push(call("/auth/logout", String::new()));
    ways
}

pub(super) type Way = (&'static str, &'static str, String, String);

pub(super) fn get(route: &'static str, path: &str) -> Way {
    ("GET", route, path.to_owned(), String::new())
}

pub(super) fn call(route: &'static str, form: String) -> Way {
    ("POST", route, route.to_owned(), form)
}

fn ways_of_governance(id: &str, asked: String) -> Vec<Way> {
    vec![
        call("/api/inventory/favorite", format!("resource={id}&on=true")),
        get("/overview", "/overview"),
        get("/teams", "/teams"),
        get("/teams/{name}", "/teams/-"),
        get("/findings", "/findings"),
        get("/export/findings/{format}", "/export/findings/csv?policy=owner"),
        get("/export/exceptions/csv", "/export/exceptions/csv?state=approved"),
        get("/findings/triage", "/findings/triage?policy=env"),
        call("/api/findings/triage", "query=policy%3Denv".into()),
        call("/api/findings/snooze", format!("of=finding%3D{id}_env&until=")),
        call("/api/findings/assign", format!("of=finding%3D{id}_env&assignee=me")),
        call("/api/findings/undo", "change=absent".into()),
        call("/api/findings/last-change", String::new()),
        get("/policies", "/policies"),
        get("/policies/new", "/policies/new"),
        get("/policies/{id}", "/policies/owner"),
        call("/api/posture/overview", "query=".into()),
        call("/api/posture/teams", String::new()),
        call("/api/posture/team", "name=-&query=".into()),
        get("/rules", "/rules"),
        get("/help", "/help"),
        get("/help/{document}", "/help/guide"),
        get("/settings", "/settings"),
        get("/settings/access-rules", "/settings/access-rules?person=mira&secret=payments/ledger"),
        get("/settings/owners", "/settings/owners"),
        get("/settings/channels", "/settings/channels"),
        get("/settings/schedule", "/settings/schedule"),
        get("/settings/jobs", "/settings/jobs"),
        get("/settings/events", "/settings/events"),
        get("/settings/system", "/settings/system"),
        get("/settings/setup", "/settings/setup"),
        call("/api/settings/test-channel", "channel=chat".into()),
        call("/api/settings/retry-job", "job=0".into()),
        call("/api/settings/dismiss-setup", "dismissed=true".into()),
        get("/evidence", "/evidence"),
        get("/evidence/{framework}", "/evidence/soc-2"),
        (
            "POST",
            "/export/evidence/{framework}/{format}",
            "/export/evidence/soc-2/csv".into(),
            String::new(),
        ),
        call("/api/evidence/frameworks", String::new()),
        call("/api/evidence/pack", "framework=soc-2".into()),
        call("/api/posture/findings", "query=".into()),
        call("/api/posture/policies", String::new()),
        call("/api/posture/policy", "id=owner".into()),
        call("/api/posture/dry-run", format!("document={POLICY}")),
        call(
            "/api/posture/write-fields",
            format!("document={POLICY}&title=A%20b&severity=low&mode=observe&due_days="),
        ),
        call("/api/posture/save", format!("document={POLICY}")),
        call("/api/posture/retire", "id=absent".into()),
        get("/remediation", "/remediation"),
        get("/remediation/new", "/remediation/new?of=policy%3Downer"),
        get("/remediation/{id}", "/remediation/P-1"),
        call("/api/remediation/list", String::new()),
        call("/api/remediation/plan", "id=P-1".into()),
        call("/api/remediation/groups", "query=policy%3Downer".into()),
        call("/api/remediation/draft", "query=of%3Dpolicy%253Downer".into()),
        call("/api/remediation/preflight", format!("resource={id}&days=30")),
        call("/api/remediation/submit", TAG_IT.into()),
        call("/api/remediation/move", "plan=P-1&step=stop".into()),
        call("/api/remediation/brake", "reason=So".into()),
        call("/api/remediation/release", String::new()),
        get("/queue/plan/{id}", "/queue/plan/P-1"),
        get("/queue/exception/{id}", "/queue/exception/W-1"),
        get("/secrets/new", "/secrets/new"),
        get("/creations", "/creations"),
        get("/creations/{id}", "/creations/C-1"),
        call(
            "/api/creations/draft",
            // Only a form that was sent is looked at.
            format!(
                "query=account%3D{PAYMENTS}%26region%3Dus-east-1%26name%3Dpayments%2Fnew%26reason%3DSo"
            ),
        ),
        call("/api/creations/list", String::new()),
        call("/api/creations/creation", "id=C-1".into()),
        call(
            "/api/creations/submit",
            format!("account={PAYMENTS}&region=us-east-1&name=payments/new&reason=So"),
        ),
        call("/api/creations/value", "creation=C-1".into()),
        call("/api/creations/move", "creation=C-1&step=withdraw".into()),
        get("/exceptions", "/exceptions"),
        get("/exceptions/new", "/exceptions/new?policy=env&target=organization"),
        get("/exceptions/{id}", "/exceptions/W-1"),
        call("/api/exceptions/list", String::new()),
        call("/api/exceptions/exception", "id=W-1".into()),
        call("/api/exceptions/form", format!("policy=env&target=account:{PAYMENTS}")),
        call("/api/exceptions/choices", format!("findings={id}_env")),
        call("/api/exceptions/ask", asked),
        call("/api/exceptions/move", "id=W-1&step=review".into()),
    ]
}

async fn status(browser: &Browser, method: &str, path: &str, form: &str) -> StatusCode {
    let mut browser = browser.clone();
    if method == "GET" {
        let page = browser.get(path).await;
        let title = page.body.split_once("<title>").map_or("", |(_, rest)| rest);
        let title = title.split("</title>").next().unwrap();
        assert!(!title.contains('<'), "{path}: {title}");
        page.status
    } else {
        // As a script calls it, so that the status is the response's own.
        let request = http::Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT, "application/json")
            .header("sec-fetch-site", "same-origin");
        browser.send(request, axum::body::Body::from(form.to_owned())).await.status
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_permission_matrix(pool: PgPool) {
    let app = TestApp::new(pool).await;
    // The grants are Mira's; each call has a new one, so that the columns are independent.
    let mut table = format!("{:32}", "");
    let mut browsers = Vec::new();
    for (name, groups) in PEOPLE {
        let _ = write!(table, "{name:>11}");
        browsers.push(match groups {
            Some(groups) if name == "holder" => app.signed_in_as("mira", groups).await,
            Some(groups) => app.signed_in(groups).await,
            None => app.browser(),
        });
    }
    let ways = ways(&app).await;
    for (method, route, path, form) in &ways {
        let _ = write!(table, "\n{:32}", format!("{method} {route}"));
        for browser in &browsers {
            let (path, form) = app.with_grant(path, form).await;
            let _ = write!(table, "{:>11}", status(browser, method, &path, &form).await.as_u16());
            app.work().await;
        }
    }
    insta::assert_snapshot!(table);

    let listed: BTreeSet<String> = ways.iter().map(|(_, route, ..)| (*route).to_owned()).collect();
    let routes = page_routes();
    let pages = routes.paths().map(str::to_owned);
    let functions = leptos::server_fn::axum::server_fn_paths().map(|(path, _)| path.to_owned());
    let missing: Vec<String> =
        pages.chain(functions).filter(|route| !listed.contains(route)).collect();
    assert!(missing.is_empty(), "not in the permission matrix: {missing:?}");
}

#[sqlx::test(migrations = "../migrations")]
async fn bad_input_gets_its_status_and_a_way_on(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let cases = [
        ("/inventory?kind=password", 400, "use secret or parameter"),
        ("/inventory?colour=red", 400, "there is no such filter"),
        ("/inventory?page=tampered", 400, "the link is damaged"),
        ("/inventory?q=%00", 400, "null character"),
        (
            "/inventory/00000000-0000-0000-0000-000000000000",
            404,
            "outside your scope: secret or parameter",
        ),
        ("/inventory/not-an-id", 404, "outside your scope: secret or parameter"),
        ("/accounts/999999999999", 404, "outside your scope: account"),
        ("/accounts/1", 404, "outside your scope: account"),
        ("/remediation/new?wsh=restore", 400, "is not a field of this form"),
        ("/remediation/new?of=colour%3Dred", 400, "there is no such filter"),
        ("/remediation/P-99", 404, "outside your scope: plan"),
        ("/remediation/99", 404, "outside your scope: plan"),
        ("/exceptions/W-99", 404, "outside your scope: exception"),
        ("/exceptions/new?policy=owner&target=everything", 400, "what it reaches"),
        ("/exceptions/new?policy=absent&target=organization", 404, "outside your scope: policy"),
        ("/exceptions/new?target=organization", 400, "of one secret or parameter"),
        ("/export/findings/csv?colour=red", 400, "there is no such filter"),
        ("/export/findings/xls", 404, "csv, json, asff or ocsf"),
        ("/evidence/hipaa", 404, "outside your scope: evidence pack"),
        ("/audit?outcome=maybe", 400, "succeeded, failed or started"),
        ("/audit?from=2026-11-28&until=2026-11-27", 400, "not before the first"),
        ("/changes?field=Owner", 400, "known are AllowedPattern"),
        ("/changes?days=0", 400, "use 1 to 400 days"),
        ("/changes?colour=red", 400, "there is no such filter"),
        ("/queue?kind=approval", 400, "use access, plan"),
        ("/inbox?topic=news", 400, "use access, plan"),
        ("/queue/plan/P-99", 404, "outside your scope: plan"),
        ("/inventory/code", 400, "Nothing is selected."),
        ("/inventory/code?colour=red", 400, "there is no such filter"),
        ("/inventory/code?team=nobody", 400, "No secret matches."),
        ("/inventory/code?team=a&as=pulumi", 400, "terraform, cloudformation or cdk"),
        ("/inventory/code?resource=not-an-id", 404, "outside your scope: secret"),
        ("/export/code?resource=not-an-id", 404, "outside your scope: secret"),
        ("/export/vault?team=a&file=a", 400, "account: Use the account"),
        ("/nothing", 404, "not found"),
    ];
    for (path, status, says) in cases {
        let answer = browser.get(path).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(answer.body.contains(says), "{path}: {}", answer.body);
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_person_without_a_role_is_told_so_and_sees_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&[]).await;
    let page = browser.get("/inventory").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        page.body.contains("The claim “groups” arrived without any group")
            && page.body.contains("Ask your security team")
    );
    for word in ["payments/ledger", "Payments Prod", "ml/openai"] {
        assert!(!page.body.contains(word), "{word}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn every_page_is_guarded_by_its_headers(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    for path in ["/inventory", "/accounts", "/sign-in", "/nothing"] {
        let answer = browser.get(path).await;
        let value =
            |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = value("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"),
            "{policy}"
        );
        assert_eq!(value("referrer-policy"), "same-origin");
        assert_eq!(value("x-content-type-options"), "nosniff");
        assert_eq!(value("cache-control"), "no-store", "{path}");
        assert!(value("strict-transport-security").contains("max-age"));
    }
    let page = browser.get("/inventory").await;
    let nonce =
        page.headers["content-security-policy"].to_str().unwrap().split("'nonce-").nth(1).unwrap();
    let nonce = nonce.split('\'').next().unwrap();
    assert!(nonce.len() > 15);
    assert_eq!(
        page.body.matches("<script").count(),
        page.body.matches(&format!("nonce=\"{nonce}\"")).count() - preloads(&page.body)
    );
    let again = browser.get("/inventory").await;
    assert!(!again.body.contains(nonce), "a nonce is used once");
}

fn preloads(body: &str) -> usize {
    body.split("<link")
        .filter(|link| link.split('>').next().is_some_and(|link| link.contains("nonce=")))
        .count()
}

#[sqlx::test(migrations = "../migrations")]
async fn without_javascript_the_sweep_button_and_the_theme_work(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    let request = http::Request::post("/api/sweep/start")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html")
        .header(header::REFERER, "https://claviger.test/accounts")
        .header("sec-fetch-site", "same-origin");
    let answer = browser.send(request, axum::body::Body::empty()).await;
    assert_eq!(
        (answer.status, answer.location().as_str()),
        (StatusCode::FOUND, "https://claviger.test/accounts?")
    );
    let (by,): (Option<String>,) =
        sqlx::query_as("select requested_by from sweep order by started_at desc, id desc limit 1")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert_eq!(by.as_deref(), Some("ada"));
    let answer = browser.post("/api/theme", "theme=dark").await;
    assert!(answer.status.is_success() || answer.status.is_redirection());
    assert!(browser.get("/inventory").await.body.contains("data-theme=\"dark\""));
    browser.post("/api/theme", "theme=\"><script>").await;
    assert!(
        !browser.get("/inventory").await.body.contains("data-theme"),
        "anything else is the system's"
    );
}

#[sqlx::test(migrations = "../migrations")]
async fn a_database_that_is_gone_is_said_without_its_address(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    app.pool.close().await;
    let answer = browser.get("/inventory").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(app.browser().get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!answer.body.contains("127.0.0.1") && !answer.body.contains("postgres"));
}

#[sqlx::test(migrations = "../migrations")]
async fn pages_load_one_module_and_nothing_for_hydration(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let grant = app.asked().await;
    let mut browser = app.signed_in(&["admins"]).await;
    let pages = [
        "/inventory",
        "/overview",
        "/teams",
        "/findings",
        "/accounts",
        "/remediation/new",
        "/audit",
    ];
    let of_the_grant = format!("/access/{grant}");
    for path in pages.into_iter().chain([of_the_grant.as_str()]) {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(page.body.contains("/console.js\" nonce=\""), "{path}: {}", page.body);
        for word in [".wasm", "claviger.js", "modulepreload"] {
            assert!(!page.body.contains(word), "{path}: {word}");
        }
        let data = page.body.split("__RESOLVED_RESOURCES").nth(1).unwrap_or("=[];");
        assert!(
            data.starts_with("=[];") && !data.contains("__RESOLVED_RESOURCES["),
            "{path}: {data}"
        );
        // Each script carries the nonce of this answer's policy.
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        let scripts = page.body.matches("<script").count();
        assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{path}");
    }
}
