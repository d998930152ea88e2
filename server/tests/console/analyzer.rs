//! A drafted role that AWS Access Analyzer checks: with scripts as an answer, without them on the page that is loaded again.

use crate::common::{Answer, Browser, TestApp};
use axum::body::Body;
use claviger_domain::{
    consumers::analyzer::{FindingType, PolicyFinding},
    scan::RegionScanFault,
};
use http::{Request, StatusCode, header};
use sqlx::PgPool;

const PATH: &str = "/api/consumers/analyze";
const QUERY: &str = "consumer=lambda&role_name=orders";

/// The form as the page has it: the query is a field.
fn form(id: &str, query: &str) -> String {
    format!("id={id}&query={}", query.replace('=', "%3D").replace('&', "%26"))
}

/// As the page's module sends it.
async fn asked(browser: &Browser, form: String) -> Answer {
    let request = Request::post(PATH)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .header("sec-fetch-site", "same-origin");
    browser.clone().send(request, Body::from(form)).await
}

/// As a browser without scripts sends it.
async fn posted(browser: &Browser, form: String) -> Answer {
    let request = Request::post(PATH)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "text/html,application/xhtml+xml")
        .header("sec-fetch-site", "same-origin");
    browser.clone().send(request, Body::from(form)).await
}

#[sqlx::test(migrations = "../migrations")]
async fn aws_is_asked_when_the_form_is_sent_and_not_by_the_page(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id("payments/ledger").await;
    let mut browser = app.signed_in(&["viewers"]).await;
    let page = browser.get(&format!("/inventory/{id}/role?{QUERY}")).await;
    assert!(page.body.contains("Check with AWS Access Analyzer"), "{}", page.body);
    assert!(page.body.contains("$0.0020 each"), "{}", page.body);
    // What AWS is asked about is on the page.
    assert!(page.body.contains("Listed actions"), "{}", page.body);
    assert!(page.body.contains("secretsmanager:PutResourcePolicy"), "{}", page.body);
    assert!(app.aws.analyzed().is_empty());

    let answer = asked(&browser, form(&id, QUERY)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for part in [
        "found nothing to correct",
        "No findings",
        "Passes",
        "CheckNoPublicAccess",
        "The permission policy grants none of the listed actions",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert_eq!(app.aws.analyzed().len(), 1);
}

#[sqlx::test(migrations = "../migrations")]
async fn what_aws_finds_is_shown_without_scripts_too(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id("payments/ledger").await;
    app.aws.change_analyzer(|analyzer| {
        analyzer.findings = vec![PolicyFinding {
            finding_type: FindingType::SecurityWarning,
            code: "PASS_ROLE_WITH_STAR".into(),
            message: "Use <a> narrower resource.".into(),
            link: Some("https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html".into()),
        }];
        analyzer.public = vec!["Anyone may assume it.".into()];
    });
    let mut browser = app.signed_in(&["viewers"]).await;
    let answer = posted(&browser, form(&id, QUERY)).await;
    assert!(answer.status.is_redirection(), "{}: {}", answer.status, answer.body);
    let to = answer.location();
    assert!(to.starts_with(&format!("/inventory/{id}/role?consumer=lambda&role_name=orders")));
    assert!(to.ends_with("&checked=yes#analyzer"), "{to}");
    let page = browser.get(to.split('#').next().unwrap()).await;
    for part in [
        "found something to correct",
        "Security warning",
        "PASS_ROLE_WITH_STAR",
        "Use &lt;a&gt; narrower resource.",
        "Anyone may assume it.",
        "Fails",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    // Of another role the result says nothing.
    let other = browser.get(&format!("/inventory/{id}/role?consumer=ec2&role_name=orders")).await;
    assert!(!other.body.contains("PASS_ROLE_WITH_STAR"), "{}", other.body);
    let lost = format!("/inventory/{id}/role?consumer=ec2&role_name=orders&checked=yes");
    assert!(browser.get(&lost).await.body.contains("The result is no longer here."));
}

#[sqlx::test(migrations = "../migrations")]
async fn what_aws_does_not_answer_is_unknown_on_the_page(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id("payments/ledger").await;
    app.aws.change_analyzer(|analyzer| {
        analyzer.refused = [
            ("ValidatePolicy", RegionScanFault::Denied),
            ("CheckNoPublicAccess", RegionScanFault::Unreachable),
        ]
        .into();
    });
    let browser = app.signed_in(&["viewers"]).await;
    let answer = asked(&browser, form(&id, QUERY)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    for part in [
        "Unknown: AWS Access Analyzer did not answer every check.",
        "AWS denied ValidatePolicy",
        "AWS gave no answer to CheckNoPublicAccess",
    ] {
        assert!(answer.body.contains(part), "{part}: {}", answer.body);
    }
    assert!(!answer.body.contains("found nothing to correct"), "{}", answer.body);
}

#[sqlx::test(migrations = "../migrations")]
async fn a_form_without_a_role_asks_nothing(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id("payments/ledger").await;
    let browser = app.signed_in(&["viewers"]).await;
    for query in ["", "consumer=github&role_name=orders&repository=acme&branch=main"] {
        let answer = asked(&browser, form(&id, query)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}: {}", answer.body);
    }
    assert!(app.aws.analyzed().is_empty());
}

/// A browser whose style sheets do not know `:has` shows the fields of this kind.
#[sqlx::test(migrations = "../migrations")]
async fn the_form_of_the_role_names_the_kind_that_was_sent(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id("payments/ledger").await;
    let mut browser = app.signed_in(&["viewers"]).await;
    for (query, kind) in [(QUERY, "lambda"), ("", ""), ("consumer=toaster", "")] {
        let page = browser.get(&format!("/inventory/{id}/role?{query}")).await;
        let named = format!("data-kind=\"{kind}\"");
        assert!(page.body.contains(&named), "{query}: {}", page.body);
    }
}

/// A page for somebody who may not plan in the account names who may, also by an address that asks for a plan.
#[sqlx::test(migrations = "../migrations")]
async fn who_may_not_plan_the_role_reads_who_may(pool: PgPool) {
    let app = TestApp::new(pool).await;
    let id = app.resource_id("payments/ledger").await;
    let path = format!("/inventory/{id}/role?{QUERY}");
    let mut viewer = app.signed_in(&["viewers"]).await;
    let page = viewer.get(&path).await.body;
    assert!(page.contains("A security admin of this account can"), "{page}");
    assert!(!page.contains("Preview plan") && !page.contains("There is no plan:"), "{page}");
    let asked = viewer.get(&format!("{path}&apply=yes")).await.body;
    assert!(asked.contains("There is no plan: you don"), "{asked}");
}
