//! Every shape of event that the install templates send, and what nobody should send.

use super::*;
use serde_json::json;
use std::{collections::BTreeMap, fmt::Write};

/// The events of which the templates' patterns are tested.
const SAMPLES: &str = include_str!("../../../../infra/events/samples.json");

#[derive(Deserialize)]
struct Sample {
    what: String,
    rules: Vec<String>,
    event: Value,
}

fn samples() -> BTreeMap<String, (Vec<String>, Value)> {
    let samples: Vec<Sample> = serde_json::from_str(SAMPLES).unwrap();
    samples.into_iter().map(|sample| (sample.what, (sample.rules, sample.event))).collect()
}

fn read(what: &str) -> AwsEvent {
    read_event(&samples()[what].1.to_string()).unwrap()
}

/// What an event leads to, in one line.
fn line(event: &AwsEvent) -> String {
    let named = |targets: &[EventTarget]| {
        let each = targets.iter().map(|one| {
            format!("{} {} {} {}", one.kind, one.account, one.region, one.name.as_str())
        });
        each.collect::<Vec<String>>().join(", ")
    };
    let (targets, reported) = match &event.what {
        EventContent::Resources { targets, reported: None } => return named(targets),
        EventContent::Resources { targets, reported: Some(reported) } => (named(targets), reported),
        EventContent::Read(read) => (format!("read of {}", named(&read.targets)), &read.call),
        EventContent::Finding(finding) => {
            return format!(
                "finding {} in {} {}",
                finding.finding_type, finding.account, finding.region
            );
        }
        EventContent::Test { .. } => return "Test".to_owned(),
        EventContent::Other => return "Other".to_owned(),
    };
    let actor = reported.actor.as_deref().unwrap_or("itself");
    let rotation = reported.rotation.as_ref().map(|it| format!(" {it:?}")).unwrap_or_default();
    format!("{targets}: {} by {actor}{rotation}", reported.name)
}

#[test]
fn every_event_that_the_rules_send_is_understood() {
    let mut table = String::new();
    for (what, (rules, event)) in samples() {
        if rules.iter().any(|rule| rule == "claviger-queue") {
            let event = read_event(&event.to_string()).unwrap();
            let _ = writeln!(table, "{what}\n  {}", line(&event));
        }
    }
    insta::assert_snapshot!(table);
}

/// A rule for secrets or parameters sends only what is read again, and every other rule nothing that is.
#[test]
fn what_is_read_again_is_what_the_rules_of_changes_send() {
    for (what, (rules, event)) in samples() {
        let is_sent = rules
            .iter()
            .any(|rule| ["claviger-secrets", "claviger-parameters"].contains(&rule.as_str()));
        let is_test = event["source"] == TEST_SOURCE;
        if !rules.is_empty() {
            let event = read_event(&event.to_string()).unwrap();
            let is_read = matches!(event.what, EventContent::Resources { .. });
            assert_eq!(is_read, is_sent && !is_test, "{what}");
        }
    }
}

#[test]
fn the_same_record_has_the_same_id_however_it_arrives() {
    let (_, mut event) = samples()["PutSecretValue"].clone();
    let first = read_event(&event.to_string()).unwrap();
    event["id"] = json!("another-delivery");
    assert_eq!(read_event(&event.to_string()).unwrap().id, first.id);
    let label = read("the native event of a moved label");
    assert_eq!(label.id, "6a7e8feb-b491-4cf7-a9f1-bf3703467718");
}

#[test]
fn the_failed_step_is_what_the_message_names() {
    let (_, mut event) = samples()["RotationFailed with its step"].clone();
    let mut step = |message: Value| {
        event["detail"]["errorMessage"] = message;
        match read_event(&event.to_string()).unwrap().what {
            EventContent::Resources { reported: Some(reported), .. } => match reported.rotation {
                Some(RotationReport::Failed(step)) => step,
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(step(json!("… during setSecret step")), Some(RotationStep::SetSecret));
    assert_eq!(step(json!("in step \"FINISHSECRET\".")), Some(RotationStep::FinishSecret));
    assert_eq!(step(json!("neither createSecret nor testSecret")), None, "two name none");
    assert_eq!(step(json!("function mysetSecretFn failed")), None, "part of another word");
    assert_eq!(step(json!("Lambda timed out")), None);
    assert_eq!(step(Value::Null), None);
}

/// A call from another account appears there too: the secret is where its ARN says.
#[test]
fn a_secret_is_where_its_arn_says() {
    let (_, mut event) = samples()["UpdateSecret"].clone();
    event["account"] = json!("111122223333");
    event["region"] = json!("eu-west-1");
    let seen = read_event(&event.to_string()).unwrap();
    assert_eq!((seen.account.as_str(), seen.region.as_str()), ("111122223333", "eu-west-1"));
    let EventContent::Resources { targets, .. } = seen.what else { panic!("{seen:?}") };
    assert_eq!(targets[0].account.as_str(), "444455556666");
    assert_eq!(targets[0].region.as_str(), "us-east-1");
}

#[test]
fn parameters_are_named_with_and_without_a_path() {
    let (_, mut event) = samples()["a tag of a parameter"].clone();
    let mut name = |id: &str| {
        event["detail"]["requestParameters"]["resourceId"] = json!(id);
        match read_event(&event.to_string()).unwrap().what {
            EventContent::Resources { targets, .. } => targets[0].name.as_str().to_owned(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(name("/payments/db"), "/payments/db");
    assert_eq!(name("flag"), "flag");
    assert_eq!(name("arn:aws:ssm:us-east-1:444455556666:parameter/payments/db"), "/payments/db");
    assert_eq!(name("arn:aws:ssm:us-east-1:444455556666:parameter/flag"), "flag");
}

#[test]
fn several_parameters_are_deleted_by_one_call() {
    let (_, mut event) = samples()["PutParameter"].clone();
    event["detail"]["eventName"] = json!("DeleteParameters");
    event["detail"]["requestParameters"] = json!({"names": ["/a", "/b", "/a"]});
    let seen = line(&read_event(&event.to_string()).unwrap());
    let at = "parameter 444455556666 us-east-1";
    assert!(seen.starts_with(&format!("{at} /a, {at} /b: DeleteParameters by ")), "{seen}");
}

#[test]
fn what_is_no_event_is_refused() {
    let (_, good) = samples()["the native event of a moved label"].clone();
    let without = |field: &str| {
        let mut event = good.clone();
        event.as_object_mut().unwrap().remove(field);
        event
    };
    let with = |field: &str, value: Value| {
        let mut event = good.clone();
        event[field] = value;
        event
    };
    for bad in [
        json!("text"),
        json!([]),
        json!({}),
        without("account"),
        without("time"),
        without("source"),
        without("resources"),
        with("account", json!("4444")),
        with("region", json!("nowhere")),
        with("time", json!("yesterday")),
        with("resources", json!(["arn:aws:s3:::bucket"])),
        with("resources", json!(["arn:aws:secretsmanager"])),
        with("id", json!("")),
        with("id", json!("x".repeat(1_000))),
    ] {
        assert!(read_event(&bad.to_string()).is_err(), "{bad}");
    }
    assert!(read_event("").is_err() && read_event("{").is_err());
}

proptest::proptest! {
    /// Whatever is in the queue: it is an event or it is refused.
    #[test]
    fn nothing_panics(detail in "\\PC{0,80}", name in "\\PC{0,40}", id in "\\PC{0,60}") {
        for source in ["aws.secretsmanager", "aws.ssm", "claviger.test", "aws.guardduty"] {
            for kind in [API_CALL, SERVICE_EVENT, "Secret Label Updated", "Parameter Store Change"] {
                let event = json!({
                    "id": "1", "source": source, "detail-type": kind, "account": "444455556666",
                    "region": "us-east-1", "time": "2026-11-02T16:43:48Z", "resources": [id],
                    "detail": {"eventName": name, "name": id, "requestParameters": {"secretId": id, "name": id},
                        "errorMessage": detail, "additionalEventData": {"SecretId": id}},
                });
                let _ = read_event(&event.to_string());
            }
        }
    }
}
