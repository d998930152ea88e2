//! Events about the use of values: reads, and findings about credentials.
//!
//! Shapes: <https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_finding-format.html>. A call that AWS refused may name
//! no resource.

use super::{
    EventContent, EventTarget, Home, InvalidEvent, ParameterPath, ReportedCall, ReportedFinding,
    ReportedRead, cut, text,
};
use serde_json::Value;

/// A read of secrets, one or several.
pub(super) fn read_of_secrets(home: &Home<'_>, detail: &Value, call: ReportedCall) -> EventContent {
    let asked = &detail["requestParameters"];
    let ids = text(asked, "secretId").into_iter().chain(listed(asked, "secretIdList"));
    let targets = ids.filter_map(|id| home.secret(id)).collect();
    read(detail, call, targets, None)
}

/// A read of parameters, by their names or their path.
pub(super) fn read_of_parameters(
    home: &Home<'_>,
    detail: &Value,
    call: ReportedCall,
) -> EventContent {
    let asked = &detail["requestParameters"];
    let names = text(asked, "name").into_iter().chain(listed(asked, "names"));
    let targets = names.filter_map(|name| home.parameter(without_selector(name))).collect();
    let under = text(asked, "path").map(|path| ParameterPath {
        path: path.trim_end_matches('/').to_owned(),
        is_recursive: asked["recursive"].as_bool().unwrap_or(false),
    });
    read(detail, call, targets, under)
}

fn read(
    detail: &Value,
    mut call: ReportedCall,
    mut targets: Vec<EventTarget>,
    under: Option<ParameterPath>,
) -> EventContent {
    targets.sort();
    targets.dedup();
    if targets.is_empty() && under.is_none() {
        return EventContent::Other;
    }
    if call.error.is_none() {
        call.error = text(detail, "errorCode").map(cut);
    }
    let role = text(&detail["userIdentity"]["sessionContext"]["sessionIssuer"], "arn").map(cut);
    EventContent::Read(ReportedRead { targets, under, call, role })
}

/// A name or ARN without the version or label behind it.
fn without_selector(id: &str) -> &str {
    let colons = if id.starts_with("arn:") { 5 } else { 0 };
    match id.match_indices(':').nth(colons) {
        Some((at, _)) => &id[..at],
        None => id,
    }
}

fn listed<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a str> {
    value[field].as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// `GuardDuty`'s administrator sends the findings of its members too: the finding says where it is.
pub(super) fn finding(home: &Home<'_>, detail: &Value) -> Result<ReportedFinding, InvalidEvent> {
    let needed = |field, name| text(detail, field).ok_or(InvalidEvent::Field(name));
    let id = needed("id", "finding id")?;
    let account = match text(detail, "accountId") {
        Some(account) => account.parse().map_err(|_| InvalidEvent::Field("finding's account"))?,
        None => home.account.clone(),
    };
    let region = match text(detail, "region") {
        Some(region) => region.parse().map_err(|_| InvalidEvent::Field("finding's Region"))?,
        None => home.region.clone(),
    };
    let key = &detail["resource"]["accessKeyDetails"];
    let user = text(key, "userName").map(|name| match text(key, "userType") {
        Some(kind) => format!("{kind} {name}"),
        None => name.to_owned(),
    });
    let affected = &detail["service"]["action"]["awsApiCallAction"]["affectedResources"];
    let secret = text(affected, "AWS::SecretsManager::Secret");
    Ok(ReportedFinding {
        id: cut(id),
        account,
        region,
        finding_type: cut(needed("type", "finding type")?),
        principal: user.as_deref().or_else(|| text(key, "principalId")).map(cut),
        secret: secret.and_then(|arn| home.secret(arn)),
    })
}

#[cfg(test)]
mod tests {
    use super::super::{EventContent, ReportedRead, read_event};
    use serde_json::{Value, json};

    fn read(service: &str, call: &str, asked: Value, error: Option<&str>) -> EventContent {
        let mut event = json!({
            "id": "e", "source": format!("aws.{service}"), "detail-type": "AWS API Call via CloudTrail",
            "account": "444455556666", "region": "us-east-1", "time": "2026-11-02T16:43:48Z",
            "detail": {
                "eventID": "r", "eventName": call, "requestParameters": asked,
                "userIdentity": {
                    "arn": "arn:aws:sts::444455556666:assumed-role/app/i-1",
                    "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::444455556666:role/x/app"}},
                },
            },
        });
        if let Some(error) = error {
            event["detail"]["errorCode"] = json!(error);
        }
        read_event(&event.to_string()).unwrap().what
    }

    fn names(what: &EventContent) -> Vec<String> {
        let EventContent::Read(ReportedRead { targets, .. }) = what else { panic!("{what:?}") };
        targets.iter().map(|one| one.name.as_str().to_owned()).collect()
    }

    #[test]
    fn a_read_names_everything_it_read() {
        let many = read(
            "secretsmanager",
            "BatchGetSecretValue",
            json!({"secretIdList": ["b", "a", "a"]}),
            None,
        );
        assert_eq!(names(&many), ["a", "b"]);
        let parameters = json!({"names": ["/a/b:3", "plain:label", "arn:aws:ssm:us-east-1:444455556666:parameter/c/d:2"]});
        assert_eq!(
            names(&read("ssm", "GetParameters", parameters, None)),
            ["/a/b", "/c/d", "plain"]
        );
        let path =
            read("ssm", "GetParametersByPath", json!({"path": "/a/", "recursive": true}), None);
        let EventContent::Read(path) = path else { panic!("{path:?}") };
        assert_eq!(
            path.under.map(|under| (under.path, under.is_recursive)),
            Some(("/a".into(), true))
        );
        assert_eq!(path.role.as_deref(), Some("arn:aws:iam::444455556666:role/x/app"));
    }

    #[test]
    fn a_refused_read_says_so_and_may_name_nothing() {
        let refused = read(
            "secretsmanager",
            "GetSecretValue",
            json!({"secretId": "a"}),
            Some("AccessDenied"),
        );
        let EventContent::Read(refused) = refused else { panic!("{refused:?}") };
        assert_eq!(refused.call.error.as_deref(), Some("AccessDenied"));
        assert_eq!(
            read("secretsmanager", "GetSecretValue", Value::Null, Some("AccessDenied")),
            EventContent::Other
        );
    }

    #[test]
    fn a_finding_says_where_it_is_and_which_secret_it_names() {
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:a-AbCdEf";
        let event = |detail: Value| {
            json!({
                "id": "e", "source": "aws.guardduty", "detail-type": "GuardDuty Finding", "account": "444455556666",
                "region": "us-east-1", "time": "2026-11-02T16:43:48Z", "detail": detail,
            })
            .to_string()
        };
        let found = read_event(&event(json!({
            "id": "f", "type": "CredentialAccess:IAMUser/AnomalousBehavior", "accountId": "111122223333", "region": "eu-west-1",
            "resource": {"accessKeyDetails": {"userName": "app", "userType": "AssumedRole"}},
            "service": {"action": {"awsApiCallAction": {"affectedResources": {"AWS::SecretsManager::Secret": arn}}}},
        })));
        let EventContent::Finding(found) = found.unwrap().what else { panic!() };
        assert_eq!((found.account.as_str(), found.region.as_str()), ("111122223333", "eu-west-1"));
        assert_eq!(found.principal.as_deref(), Some("AssumedRole app"));
        assert_eq!(found.secret.unwrap().name.as_str(), arn);
        assert!(read_event(&event(json!({"id": "f"}))).is_err());
        assert!(read_event(&event(json!({"id": "f", "type": "t", "accountId": "x"}))).is_err());
    }
}
