//! The requests to Access Analyzer, and its responses. No emulator has it, so a stub answers as AWS documents.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use aws_credential_types::Credentials;
use claviger_aws::{AnalyzerGateway, AwsGateway, ConsumerOrder, DraftedPolicies, PolicyReading};
use claviger_domain::{
    consumers::analyzer::{CustomCheck, FindingType},
    scan::RegionScanFault,
};
use claviger_policy::consumers::checking_session;
use claviger_testkit::{emulator_config, gateway_settings};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const IDENTITY: &str = r#"<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:sts::111122223333:assumed-role/hub/x</Arn><UserId>x</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"#;
const SESSION: &str = r#"<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIAEXAMPLE</AccessKeyId><SecretAccessKey>key</SecretAccessKey><SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"#;

/// A request as it came.
#[derive(Debug, Clone)]
struct Seen {
    /// Such as `/policy/validation`, with its query.
    path: String,
    head: String,
    body: String,
}

impl Seen {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Status, AWS's code of an error, and body. With status 0 the connection ends without a response.
type Answer = (u16, &'static str, &'static str);

/// Answers STS by itself, and Access Analyzer as the test wants it. A request has a connection of its own.
async fn stub(answer: fn(&Seen) -> Answer) -> (AwsGateway, Arc<Mutex<Vec<Seen>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let all: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let noted = Arc::clone(&all);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, answer, Arc::clone(&noted)));
        }
    });
    let config = emulator_config(&url, Credentials::new("test", "test", None, None, "test")).await;
    (AwsGateway::over(config, &gateway_settings("external")), all)
}

async fn serve(mut stream: TcpStream, answer: fn(&Seen) -> Answer, noted: Arc<Mutex<Vec<Seen>>>) {
    let Some(seen) = request(&mut stream).await else { return };
    let (status, code, body) = if seen.path == "/" {
        let is_session = seen.body.contains("Action=AssumeRole");
        (200, "", if is_session { SESSION } else { IDENTITY })
    } else {
        noted.lock().unwrap().push(seen.clone());
        answer(&seen)
    };
    if status == 0 {
        return;
    }
    let error =
        if code.is_empty() { String::new() } else { format!("x-amzn-errortype: {code}\r\n") };
    let length = body.len();
    let response = format!(
        "HTTP/1.1 {status} Status\r\n{error}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    let _ = stream.write_all(response.as_bytes()).await;
}

async fn request(stream: &mut TcpStream) -> Option<Seen> {
    let (mut read, mut buffer) = (Vec::new(), [0; 4 * 1024]);
    loop {
        let count = stream.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
        read.extend_from_slice(&buffer[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if body.len() >= length.unwrap_or(0) {
            let path = head.split(' ').nth(1)?.to_owned();
            return Some(Seen { path, head: head.to_ascii_lowercase(), body: body.to_owned() });
        }
    }
}

async fn checked(gateway: &AwsGateway) -> PolicyReading {
    let order = ConsumerOrder {
        account: "441205839201".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        session_name: "claviger-role-check".into(),
        source_identity: "ada@example.com".into(),
        policy: checking_session(),
    };
    let policies = DraftedPolicies {
        permission: r#"{"Statement":"permission"}"#.into(),
        trust: r#"{"Statement":"trust"}"#.into(),
        not_granted: vec!["iam:CreateUser".into(), "ssm:PutParameter".into()],
    };
    gateway.check_policies(&order, &policies).await.unwrap()
}

fn answers(seen: &Seen) -> Answer {
    let body = match seen.path.as_str() {
        "/policy/validation" if seen.body.contains("IDENTITY_POLICY") => {
            r#"{"findings": [{"findingDetails": "Add a version.", "findingType": "WARNING", "issueCode": "MISSING_VERSION", "learnMoreLink": "https://docs.aws.amazon.com/x", "locations": []}], "nextToken": "a b"}"#
        }
        "/policy/validation?nextToken=a%20b" => {
            r#"{"findings": [{"findingDetails": "An error.", "findingType": "ERROR", "issueCode": "INVALID_ACTION", "learnMoreLink": "https://docs.aws.amazon.com/y", "locations": []}]}"#
        }
        "/policy/validation" => r#"{"findings": []}"#,
        "/policy/check-no-public-access" => {
            r#"{"result": "PASS", "message": "The policy is not public.", "reasons": []}"#
        }
        "/policy/check-access-not-granted" => {
            r#"{"result": "FAIL", "message": "It grants access.", "reasons": [{"description": "One or more of the listed actions in the statement with index: 0.", "statementIndex": 0}]}"#
        }
        other => panic!("no answer for {other}"),
    };
    (200, "", body)
}

#[tokio::test]
async fn each_document_is_asked_about_as_aws_documents_it_and_every_page_is_read() {
    let (gateway, seen) = stub(answers).await;
    let read = checked(&gateway).await;
    let types: Vec<FindingType> =
        read.permission.unwrap().iter().map(|one| one.finding_type).collect();
    assert_eq!(types, [FindingType::Warning, FindingType::Error]);
    assert_eq!(read.trust.unwrap(), []);
    assert_eq!(read.no_public_access.unwrap(), CustomCheck::Passed);
    let reasons = match read.not_granted.unwrap() {
        CustomCheck::Failed(reasons) => reasons,
        CustomCheck::Passed => panic!("it passed"),
    };
    assert!(reasons[0].contains("with index: 0. (statement 1)"), "{reasons:?}");

    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 5, "{seen:?}");
    for one in &seen {
        assert!(one.head.starts_with("post "), "{}", one.head);
        assert!(one.head.contains("/eu-west-1/access-analyzer/aws4_request"), "{}", one.head);
        assert!(one.head.contains("content-type: application/json"), "{}", one.head);
        assert!(one.head.contains("x-amz-security-token: token"), "{}", one.head);
    }
    let sent = |path: &str| {
        let all = seen.iter().filter(|one| one.path == path).map(Seen::json);
        all.collect::<Vec<_>>()
    };
    let public = json!({
        "policyDocument": r#"{"Statement":"trust"}"#,
        "resourceType": "AWS::IAM::AssumeRolePolicyDocument",
    });
    assert_eq!(sent("/policy/check-no-public-access"), [public]);
    let granted = json!({
        "policyDocument": r#"{"Statement":"permission"}"#,
        "policyType": "IDENTITY_POLICY",
        "access": [{"actions": ["iam:CreateUser", "ssm:PutParameter"]}],
    });
    assert_eq!(sent("/policy/check-access-not-granted"), [granted]);
    assert_eq!(sent("/policy/validation").len(), 2);
}

fn refuses(seen: &Seen) -> Answer {
    match seen.path.as_str() {
        "/policy/validation" if seen.body.contains("IDENTITY_POLICY") => {
            (403, "AccessDeniedException", r#"{"message": "not authorized"}"#)
        }
        // As an emulator without the service answers.
        "/policy/validation" => (200, "", "{}"),
        "/policy/check-no-public-access" => {
            (422, "UnprocessableEntityException", r#"{"message": "too complex"}"#)
        }
        _ => (500, "", ""),
    }
}

#[tokio::test]
async fn what_aws_refuses_is_an_error_of_its_own_check() {
    let (gateway, _) = stub(refuses).await;
    let read = checked(&gateway).await;
    let denied = read.permission.unwrap_err();
    assert_eq!(
        (denied.operation, denied.fault, denied.code.as_deref()),
        ("ValidatePolicy", RegionScanFault::Denied, Some("AccessDeniedException"))
    );
    assert_eq!(read.trust.unwrap_err().code, None);
    let unprocessable = read.no_public_access.unwrap_err();
    assert_eq!(unprocessable.code.as_deref(), Some("UnprocessableEntityException"));
    let failed = read.not_granted.unwrap_err();
    assert_eq!(
        (failed.fault, failed.code.as_deref()),
        (RegionScanFault::Unreachable, Some("HTTP 500")),
        "without a code, people read the status"
    );
}

fn loses(seen: &Seen) -> Answer {
    match seen.path.as_str() {
        "/policy/validation" => (500, "", ""),
        "/policy/check-no-public-access" => (0, "", ""),
        _ => (503, "", ""),
    }
}

fn throttles(seen: &Seen) -> Answer {
    match seen.path.as_str() {
        "/policy/validation" => (200, "", r#"{"findings": []}"#),
        _ => (429, "ThrottlingException", ""),
    }
}

/// How often each custom check was asked: for public access, and for access that is granted.
fn custom_checks(seen: &Mutex<Vec<Seen>>) -> [usize; 2] {
    let seen = seen.lock().unwrap();
    ["/policy/check-no-public-access", "/policy/check-access-not-granted"]
        .map(|path| seen.iter().filter(|one| one.path == path).count())
}

/// AWS may have charged for the answer that was lost.
#[tokio::test]
async fn a_custom_check_is_not_repeated_after_a_lost_answer() {
    let (gateway, seen) = stub(loses).await;
    let read = checked(&gateway).await;
    assert_eq!(read.no_public_access.unwrap_err().fault, RegionScanFault::Unreachable);
    assert_eq!(read.not_granted.unwrap_err().fault, RegionScanFault::Unreachable);
    assert_eq!(custom_checks(&seen), [1, 1]);
    // The validation is free: both documents, each more than once.
    assert!(seen.lock().unwrap().len() > 4, "{seen:?}");
}

#[tokio::test]
async fn a_custom_check_that_is_throttled_is_repeated() {
    let (gateway, seen) = stub(throttles).await;
    let read = checked(&gateway).await;
    assert_eq!(read.not_granted.unwrap_err().fault, RegionScanFault::Throttled);
    assert!(custom_checks(&seen).iter().all(|count| *count > 1), "{seen:?}");
}
