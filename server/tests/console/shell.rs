//! What a person meets first: pages without a role, public pages, and addresses that lead elsewhere or nowhere.

use crate::common::TestApp;
use claviger_testkit::{
    US,
    samples::{PAYMENTS, secret},
};
use http::{StatusCode, header};
use sqlx::PgPool;

#[sqlx::test(migrations = "../migrations")]
async fn a_person_without_a_role_learns_that_on_the_first_page(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&[]).await;
    assert_eq!(browser.get("/").await.location(), "/queue");
    for path in ["/queue", "/queue?kind=plan"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{path}");
        assert!(page.body.contains("No access yet"), "{path}: {}", page.body);
        assert!(!page.body.contains("caught up"), "{path}");
    }
    // Their own pages stay open, and lead nowhere else.
    let own = browser.get("/access").await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(own.body.contains("href=\"/access\"") && own.body.contains("/auth/logout"));
    for path in ["/overview", "/inventory", "/findings", "/accounts", "/pipelines", "/help"] {
        for attribute in ["href", "data-href", "action"] {
            assert!(!own.body.contains(&format!("{attribute}=\"{path}")), "{path}: {}", own.body);
        }
    }
    // What is in the queue from earlier is shown.
    app.asked().await;
    let mut holder = app.signed_in_as("mira", &[]).await;
    let page = holder.get("/queue").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);

    let mut viewer = app.signed_in(&["viewers"]).await;
    let page = viewer.get("/queue").await;
    for path in ["/overview", "/inventory", "/findings", "/accounts", "/pipelines", "/help"] {
        assert!(page.body.contains(&format!("href=\"{path}")), "{path}: {}", page.body);
    }
    let own = viewer.get("/access").await;
    assert!(own.body.contains("have permission to request access"), "{}", own.body);
    assert!(!own.body.contains("class=\"button\">Go to Inventory"), "{}", own.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_unknown_function_is_not_found(pool: PgPool) {
    let app = TestApp::new(pool).await;
    for mut browser in [app.browser(), app.signed_in(&["admins"]).await] {
        for (path, status) in [
            ("/api/anything", StatusCode::NOT_FOUND),
            ("/api/inventory/list", StatusCode::METHOD_NOT_ALLOWED),
        ] {
            for accept in ["text/html", "application/json"] {
                let request = http::Request::get(path).header(header::ACCEPT, accept);
                let answer = browser.send(request, axum::body::Body::empty()).await;
                assert_eq!(answer.status, status, "{path}, {accept}");
                let is_allowed = answer.headers.get(header::ALLOW).is_some_and(|all| all == "POST");
                assert_eq!(is_allowed, status == StatusCode::METHOD_NOT_ALLOWED, "{path}");
                for word in ["server function", "server_fn", "#[server]", "macro"] {
                    assert!(!answer.body.contains(word), "{path}, {word}: {}", answer.body);
                }
            }
        }
        let unknown = browser.post("/api/anything", "a=b").await;
        assert_eq!(unknown.status, StatusCode::NOT_FOUND);
        assert!(unknown.body.contains("Check the address."), "{}", unknown.body);
    }
}

/// The links of a page whose address begins like this.
fn links<'a>(body: &'a str, begins: &str) -> Vec<&'a str> {
    let links = body.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.filter(|href| href.starts_with(begins)).collect()
}

#[sqlx::test(migrations = "../migrations")]
async fn a_selection_that_is_too_large_can_be_narrowed(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    for n in 0..101 {
        app.aws.put(secret(PAYMENTS, US, &format!("bulk/{n}")));
    }
    browser.post("/api/sweep/start", "").await;
    app.work().await;
    let page = browser.get("/inventory/code?q=bulk&as=cdk").await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("101 secrets are selected"), "{}", page.body);
    let narrower = links(&page.body, "/inventory/code?");
    for choice in [format!("account={PAYMENTS}"), format!("region={US}")] {
        let found = narrower.iter().find(|href| href.contains(&choice));
        let found = found.unwrap_or_else(|| panic!("{choice}: {narrower:?}"));
        assert!(found.contains("q=bulk") && found.contains("as=cdk"), "{found}");
    }
    assert!(!links(&page.body, "/inventory?q=bulk").is_empty(), "{}", page.body);
    // Without a selection there is nothing to narrow, and no link to the page itself.
    let nothing = browser.get("/inventory/code").await;
    assert!(nothing.body.contains("Nothing is selected."), "{}", nothing.body);
    assert!(nothing.body.contains("Go to Inventory"), "{}", nothing.body);
    assert!(links(&nothing.body, "/inventory/code").is_empty(), "{}", nothing.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn an_unknown_filter_keeps_the_menu_and_leads_back(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    for path in ["/findings", "/inventory", "/audit", "/changes", "/pipelines"] {
        let page = browser.get(&format!("{path}?colour=red")).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(page.body.contains("aria-label=\"Main\""), "{path}: {}", page.body);
        let (_, problem) = page.body.split_once("class=\"problem panel\"").unwrap();
        assert_eq!(links(problem, path).first(), Some(&path), "{path}: {problem}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn filters_typed_as_words_take_their_place_in_the_address(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let mut browser = app.signed_in(&["admins"]).await;
    for (typed, settled) in [
        ("/inventory?q=kind%3Asecret", Some("/inventory?kind=secret")),
        (
            "/inventory?q=ledger+kind%3Asecret&sort=changed",
            Some("/inventory?q=ledger&kind=secret&sort=changed"),
        ),
        ("/inventory?q=ledger", None),
        ("/inventory?q=+ledger++pay+", Some("/inventory?q=ledger+pay")),
        ("/inventory", None),
    ] {
        let answer = browser.get(typed).await;
        match settled {
            Some(settled) => {
                assert_eq!(answer.status, StatusCode::FOUND, "{typed}");
                assert_eq!(answer.location(), settled, "{typed}");
                assert_eq!(browser.get(settled).await.status, StatusCode::OK, "{settled}");
            }
            None => assert_eq!(answer.status, StatusCode::OK, "{typed}"),
        }
    }
}
