//! The simulator alone: its responses for secrets that tools differ about.

use super::{
    Call,
    answers::{Tricks, answer},
    organization::SimulatedOrganization,
};
use serde_json::{Value, json};

fn asked(organization: &SimulatedOrganization, operation: &str, input: Value) -> Value {
    let account = Some(organization.account(0));
    let call = Call { operation, account, region: "us-east-1".into(), input };
    let tricks = Tricks { empty_page: false, repeated_page: false };
    let text = answer(organization, &call, tricks).expect("it is answered");
    serde_json::from_str(&text).expect("it is JSON")
}

fn organization() -> SimulatedOrganization {
    SimulatedOrganization::new(2, &["us-east-1"], 50, 0).with_edge_cases()
}

fn listed(organization: &SimulatedOrganization, input: Value) -> Vec<Value> {
    asked(organization, "ListSecrets", input)["SecretList"].as_array().expect("a list").clone()
}

#[test]
fn what_is_pending_deletion_is_listed_where_it_is_asked_for() {
    let organization = organization();
    let all = listed(&organization, json!({"IncludePlannedDeletion": true}));
    let deleted: Vec<&Value> =
        all.iter().filter(|secret| secret.get("DeletedDate").is_some()).collect();
    assert_eq!((all.len(), deleted.len()), (50, 1));
    let rest = listed(&organization, json!({}));
    assert_eq!(rest.len(), 49);
    assert!(!rest.iter().any(|secret| secret["ARN"] == deleted[0]["ARN"]));
    // `DescribeSecret` always has it.
    let described = asked(&organization, "DescribeSecret", json!({"SecretId": deleted[0]["Name"]}));
    assert_eq!(described["DeletedDate"], deleted[0]["DeletedDate"]);
}

#[test]
fn a_description_says_what_the_list_says() {
    let organization = organization();
    for mut secret in listed(&organization, json!({"IncludePlannedDeletion": true})) {
        let described = asked(&organization, "DescribeSecret", json!({"SecretId": secret["Name"]}));
        // AWS names the versions differently in the list.
        let secret = secret.as_object_mut().expect("an object");
        let versions = secret.remove("SecretVersionsToStages").expect("versions");
        secret.insert("VersionIdsToStages".into(), versions);
        assert_eq!(&described, &Value::Object(secret.clone()));
    }
}

#[test]
fn kms_says_whose_a_key_is() {
    let organization = organization();
    let manager = |key: &str| {
        let key = asked(&organization, "DescribeKey", json!({"KeyId": key}))["KeyMetadata"].clone();
        (key["KeyManager"].clone(), key["KeyId"].clone())
    };
    let mut managers: Vec<String> = listed(&organization, json!({}))
        .iter()
        .filter_map(|secret| Some(manager(secret.get("KmsKeyId")?.as_str()?).0.to_string()))
        .collect();
    managers.sort();
    assert_eq!(managers.iter().filter(|manager| *manager == "\"AWS\"").count(), 2);
    assert_eq!(managers.len(), 25);
    // Also by the id alone, and by the target of the alias.
    assert_eq!(manager("own"), (json!("CUSTOMER"), json!("own")));
    let aliases = asked(&organization, "ListAliases", json!({}));
    let target = &aliases["Aliases"][0];
    assert_eq!(target["AliasName"], "alias/aws/secretsmanager");
    assert_eq!(manager("aws-managed"), (json!("AWS"), target["TargetKeyId"].clone()));
    assert_eq!(manager("alias/aws/secretsmanager"), (json!("AWS"), target["TargetKeyId"].clone()));
}

#[test]
fn resource_policies_are_json_and_few() {
    let with_policies = |organization: &SimulatedOrganization| {
        let each = listed(organization, json!({})).into_iter().filter_map(|secret| {
            let answer = asked(
                organization,
                "GetResourcePolicy",
                json!({"SecretId": secret["Name"].clone()}),
            );
            Some(answer.get("ResourcePolicy")?.as_str().expect("text").to_owned())
        });
        each.collect::<Vec<String>>()
    };
    let policies = with_policies(&organization());
    assert_eq!(policies.len(), 10);
    for policy in policies {
        let policy: Value = serde_json::from_str(&policy).expect("it is JSON");
        assert!(policy["Statement"].as_array().is_some_and(|statements| !statements.is_empty()));
    }
    assert!(with_policies(&SimulatedOrganization::new(2, &["us-east-1"], 50, 0)).is_empty());
}
