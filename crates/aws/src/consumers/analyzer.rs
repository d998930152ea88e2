//! The documents of a drafted role, asked of AWS Access Analyzer by signed requests. Its SDK is not a part of this program.
//!
//! <https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicy.html>

use crate::{
    AnalyzerGateway, Api, AwsError, AwsGateway, ConsumerOrder, DraftedPolicies, IssuedSession,
    PolicyReading,
    signed::{ResponseBody, SignedBody, SignedCall, credentials},
};
use async_trait::async_trait;
use claviger_domain::{
    consumers::analyzer::{CustomCheck, FindingType, PolicyFinding},
    scan::RegionScanFault,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// AWS's id of the service, and its name in addresses and signatures.
const SERVICE: (&str, &str) = ("AccessAnalyzer", "access-analyzer");
/// For the session: a person waits for the page.
const SESSION_DEADLINE: Duration = Duration::from_secs(10);
/// For each question afterwards, with its repetitions and pages. All are asked at once.
const DEADLINE: Duration = Duration::from_secs(15);
/// Of findings about one document.
const MAX_PAGES: usize = 10;
/// The type of a role's trust policy, where AWS asks for one.
const TRUST: &str = "AWS::IAM::AssumeRolePolicyDocument";
/// Where AWS's pages about findings are.
const DOCUMENTATION: &str = "https://docs.aws.amazon.com/";

#[async_trait]
impl AnalyzerGateway for AwsGateway {
    #[tracing::instrument(level = "debug", skip_all, fields(aws.account = %order.account, aws.region = %order.region))]
    async fn check_policies(
        &self,
        order: &ConsumerOrder,
        policies: &DraftedPolicies,
    ) -> Result<PolicyReading, AwsError> {
        let session = Box::pin(self.consumer_session(&self.roles.consumers, order));
        let session = within("AssumeRole", SESSION_DEADLINE, session).await?;
        let permission = identity_policy(&policies.permission);
        let trust = trust_policy(&policies.trust);
        let (permission, trust, no_public_access, not_granted) = tokio::join!(
            Box::pin(self.findings(order, &session, &permission)),
            Box::pin(self.findings(order, &session, &trust)),
            Box::pin(self.public_access(order, &session, &policies.trust)),
            Box::pin(self.granted_access(order, &session, policies)),
        );
        Ok(PolicyReading { permission, trust, no_public_access, not_granted })
    }

    fn checking_role(&self) -> &str {
        &self.roles.consumers
    }
}

impl AwsGateway {
    /// Every page of what `ValidatePolicy` finds.
    async fn findings(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        asked: &Value,
    ) -> Result<Vec<PolicyFinding>, AwsError> {
        let pages = async {
            let mut found = Vec::new();
            let mut next: Option<String> = None;
            for _ in 0..MAX_PAGES {
                let call = SignedCall {
                    service: SERVICE.0,
                    endpoint: SERVICE.1,
                    operation: "ValidatePolicy",
                    path: validation_path(next.as_deref()),
                    body: SignedBody::Post(asked.to_string()),
                };
                let body = self.analyzer_call(order, session, &call).await?;
                let (more, token) = read_findings(&body)?;
                found.extend(more);
                next = token;
                if next.is_none() {
                    return Ok(found);
                }
            }
            Err(AwsError::nonsense("ValidatePolicy", "the list does not end"))
        };
        within("ValidatePolicy", DEADLINE, pages).await
    }

    async fn public_access(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        trust: &str,
    ) -> Result<CustomCheck, AwsError> {
        let asked = json!({"policyDocument": trust, "resourceType": TRUST});
        let call = SignedCall {
            service: SERVICE.0,
            endpoint: SERVICE.1,
            operation: "CheckNoPublicAccess",
            path: "/policy/check-no-public-access".to_owned(),
            body: SignedBody::Charged(asked.to_string()),
        };
        self.custom_check(order, session, &call).await
    }

    async fn granted_access(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        policies: &DraftedPolicies,
    ) -> Result<CustomCheck, AwsError> {
        let call = SignedCall {
            service: SERVICE.0,
            endpoint: SERVICE.1,
            operation: "CheckAccessNotGranted",
            path: "/policy/check-access-not-granted".to_owned(),
            body: SignedBody::Charged(not_granted(policies).to_string()),
        };
        self.custom_check(order, session, &call).await
    }

    async fn custom_check(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        call: &SignedCall,
    ) -> Result<CustomCheck, AwsError> {
        let answered = async {
            let body = self.analyzer_call(order, session, call).await?;
            read_check(call.operation, &body)
        };
        within(call.operation, DEADLINE, answered).await
    }

    async fn analyzer_call(
        &self,
        order: &ConsumerOrder,
        session: &IssuedSession,
        call: &SignedCall,
    ) -> Result<ResponseBody, AwsError> {
        self.budget.ready(Api::PolicyChecks, &(order.account.clone(), order.region.clone())).await;
        // On the heap: its layout is too deep for what awaits it.
        Box::pin(self.signed.send(&self.config, &credentials(session), &order.region, call)).await
    }
}

/// What is answered in time.
async fn within<T>(
    operation: &'static str,
    deadline: Duration,
    answer: impl Future<Output = Result<T, AwsError>>,
) -> Result<T, AwsError> {
    tokio::time::timeout(deadline, answer).await.unwrap_or_else(|_| {
        Err(AwsError {
            operation,
            fault: RegionScanFault::Unreachable,
            code: None,
            detail: "no response in time".to_owned(),
        })
    })
}

fn validation_path(next: Option<&str>) -> String {
    let path = "/policy/validation".to_owned();
    match next {
        Some(token) => {
            format!("{path}?nextToken={}", utf8_percent_encode(token, NON_ALPHANUMERIC))
        }
        None => path,
    }
}

fn identity_policy(document: &str) -> Value {
    json!({"locale": "EN", "policyDocument": document, "policyType": "IDENTITY_POLICY"})
}

fn trust_policy(document: &str) -> Value {
    json!({
        "locale": "EN",
        "policyDocument": document,
        "policyType": "RESOURCE_POLICY",
        "validatePolicyResourceType": TRUST,
    })
}

/// AWS takes one object of actions. Without resources it is about each of them.
fn not_granted(policies: &DraftedPolicies) -> Value {
    json!({
        "policyDocument": policies.permission,
        "policyType": "IDENTITY_POLICY",
        "access": [{"actions": policies.not_granted}],
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FindingsPage {
    findings: Vec<Finding>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    #[serde(rename = "findingDetails")]
    details: String,
    #[serde(rename = "findingType")]
    kind: String,
    issue_code: String,
    learn_more_link: Option<String>,
}

/// A page of findings, with the token of the next one.
fn read_findings(body: &[u8]) -> Result<(Vec<PolicyFinding>, Option<String>), AwsError> {
    let page: FindingsPage = serde_json::from_slice(body)
        .map_err(|_| AwsError::nonsense("ValidatePolicy", "the response cannot be read"))?;
    let finding = |one: Finding| PolicyFinding {
        finding_type: FindingType::of_aws(&one.kind),
        code: one.issue_code,
        message: one.details,
        link: one.learn_more_link.filter(|link| link.starts_with(DOCUMENTATION)),
    };
    let next = page.next_token.filter(|token| !token.is_empty());
    Ok((page.findings.into_iter().map(finding).collect(), next))
}

#[derive(Deserialize)]
struct Checked {
    result: String,
    message: Option<String>,
    #[serde(default)]
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reason {
    description: Option<String>,
    statement_id: Option<String>,
    /// From 0.
    statement_index: Option<u32>,
}

impl Reason {
    fn in_words(self) -> Option<String> {
        let description = self.description.filter(|text| !text.is_empty())?;
        Some(match (self.statement_id, self.statement_index) {
            (Some(id), _) => format!("{description} (statement {id})"),
            (None, Some(at)) => format!("{description} (statement {})", at.saturating_add(1)),
            (None, None) => description,
        })
    }
}

/// The result of a custom check. Anything but PASS and FAIL is no result.
fn read_check(operation: &'static str, body: &[u8]) -> Result<CustomCheck, AwsError> {
    let unreadable = || AwsError::nonsense(operation, "the response cannot be read");
    let checked: Checked = serde_json::from_slice(body).map_err(|_| unreadable())?;
    match checked.result.as_str() {
        "PASS" => Ok(CustomCheck::Passed),
        "FAIL" => {
            let mut reasons: Vec<String> =
                checked.reasons.into_iter().filter_map(Reason::in_words).collect();
            if reasons.is_empty() {
                reasons.push(checked.message.unwrap_or_else(|| "AWS gave no reason.".to_owned()));
            }
            Ok(CustomCheck::Failed(reasons))
        }
        _ => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_request_has_the_fields_of_the_api() {
        let policies = DraftedPolicies {
            permission: "{}".into(),
            trust: "{}".into(),
            not_granted: vec!["iam:CreateUser".into()],
        };
        assert_eq!(
            identity_policy("{}"),
            json!({"locale": "EN", "policyDocument": "{}", "policyType": "IDENTITY_POLICY"})
        );
        assert_eq!(
            trust_policy("{}"),
            json!({
                "locale": "EN",
                "policyDocument": "{}",
                "policyType": "RESOURCE_POLICY",
                "validatePolicyResourceType": "AWS::IAM::AssumeRolePolicyDocument",
            })
        );
        assert_eq!(
            not_granted(&policies),
            json!({
                "policyDocument": "{}",
                "policyType": "IDENTITY_POLICY",
                "access": [{"actions": ["iam:CreateUser"]}],
            })
        );
        assert_eq!(validation_path(None), "/policy/validation");
        assert_eq!(validation_path(Some("a/b=")), "/policy/validation?nextToken=a%2Fb%3D");
    }

    #[test]
    fn findings_are_read_with_their_page() {
        let body = br#"{"findings": [
            {"findingDetails": "Add a version.", "findingType": "WARNING", "issueCode": "MISSING_VERSION",
             "learnMoreLink": "https://docs.aws.amazon.com/IAM/latest/UserGuide/x.html#missing", "locations": []},
            {"findingDetails": "Everybody.", "findingType": "SECURITY_WARNING", "issueCode": "X",
             "learnMoreLink": "javascript:alert(1)", "locations": []}],
            "nextToken": "more"}"#;
        let (found, next) = read_findings(body).unwrap();
        assert_eq!(next.as_deref(), Some("more"));
        assert_eq!(found[0].finding_type, FindingType::Warning);
        assert_eq!(
            (found[0].code.as_str(), found[0].message.as_str()),
            ("MISSING_VERSION", "Add a version.")
        );
        assert!(found[0].link.as_deref().is_some_and(|link| link.ends_with("#missing")));
        assert_eq!(
            (found[1].finding_type, found[1].link.as_ref()),
            (FindingType::SecurityWarning, None)
        );
        let last = read_findings(br#"{"findings": [], "nextToken": ""}"#).unwrap();
        assert_eq!(last, (Vec::new(), None));
    }

    #[test]
    fn a_check_passes_or_fails_with_reasons() {
        let read = |body: &str| read_check("CheckNoPublicAccess", body.as_bytes());
        assert_eq!(
            read(r#"{"result": "PASS", "message": "No public access.", "reasons": []}"#).unwrap(),
            CustomCheck::Passed
        );
        let failed = read(
            r#"{"result": "FAIL", "message": "Public.", "reasons": [
                {"description": "Public access in this statement", "statementIndex": 0, "statementId": "Anyone"},
                {"description": "Public access in this statement", "statementIndex": 1}]}"#,
        );
        let reasons = ["Anyone", "2"]
            .map(|which| format!("Public access in this statement (statement {which})"));
        assert_eq!(failed.unwrap(), CustomCheck::Failed(reasons.into()));
        let bare = read(r#"{"result": "FAIL", "message": "Public."}"#).unwrap();
        assert_eq!(bare, CustomCheck::Failed(vec!["Public.".into()]));
    }

    #[tokio::test]
    async fn a_call_without_an_answer_in_time_is_unreachable_by_its_own_name() {
        let silent = std::future::pending::<Result<(), AwsError>>();
        let error = within("AssumeRole", Duration::ZERO, silent).await.unwrap_err();
        assert_eq!((error.operation, error.fault), ("AssumeRole", RegionScanFault::Unreachable));
        let answered = std::future::ready(Ok::<_, AwsError>(1));
        assert_eq!(within("AssumeRole", Duration::ZERO, answered).await.unwrap(), 1);
    }

    /// An emulator, or a proxy, answers with something else.
    #[test]
    fn what_is_no_result_is_an_error_and_never_a_pass() {
        for body in ["{}", "", "<html>", r#"{"result": "MAYBE"}"#, r#"{"result": null}"#, "[]"] {
            assert!(read_check("CheckNoPublicAccess", body.as_bytes()).is_err(), "{body}");
            assert!(read_findings(body.as_bytes()).is_err(), "{body}");
        }
    }
}
