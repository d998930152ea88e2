//! The scan makes no call that the inventory role may not make, and says what it could not read.

use crate::account::{Account, CANARY, US};
use claviger_policy::permissions::{DENIED, Role, TABLE};
use serde_json::Value;

#[tokio::test]
async fn every_call_is_one_of_the_inventory_role() {
    let account = Account::complete().await;
    let ended = account.scan(&["--format", "json"]).await;
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let calls = account.calls();
    for (service, operation) in &calls {
        let prefix = if service == "tagging" { "tag" } else { service };
        let is_known = TABLE.iter().any(|call| {
            // GetCallerIdentity needs no permission.
            (call.role == Role::Inventory || call.needs.is_empty())
                && call.service == prefix
                && call.operation == operation
        });
        assert!(is_known, "{service}:{operation} is no call of the inventory role");
        let action = format!("{prefix}:{operation}");
        let is_denied =
            DENIED.iter().filter(|(role, _)| *role == Role::Inventory).any(|(_, all)| {
                all.iter().any(|denied| match denied.strip_suffix('*') {
                    Some(start) => action.starts_with(start),
                    None => *denied == action,
                })
            });
        assert!(!is_denied, "{action} returns values");
    }
    // What policies need beyond the lists was asked for.
    for operation in [
        "ListSecrets",
        "DescribeParameters",
        "GetResources",
        "GetResourcePolicy",
        "ListSecretVersionIds",
        "GetAccountAuthorizationDetails",
    ] {
        assert!(calls.iter().any(|(_, called)| called == operation), "no {operation}: {calls:?}");
    }
    assert!(!ended.stdout.contains(CANARY) && !ended.stderr.contains(CANARY));
}

fn document(stdout: &str) -> Value {
    serde_json::from_str(stdout).unwrap()
}

#[tokio::test]
async fn a_denied_list_does_not_hide_the_other_and_names_the_permission() {
    let account = Account::without(Some("ssm:DescribeParameters")).await;
    let ended = account.scan(&["--format", "json", "--fail-on", "never"]).await;
    assert_eq!(ended.code, Some(2), "a part is missing: {}", ended.stderr);
    let result = document(&ended.stdout);
    assert_eq!(result["complete"], false);
    let gap = &result["not_read"][0];
    assert_eq!((&gap["what"], &gap["region"]), (&"Parameters".into(), &US.into()));
    assert_eq!(gap["error"], "AccessDeniedException");
    assert!(gap["to_do"].as_str().unwrap().contains("ssm:DescribeParameters"), "{gap}");
    assert_eq!(result["regions"][0]["secrets"], 2);
    let partial = account.scan(&["--fail-on", "never", "--allow-partial"]).await;
    assert_eq!(partial.code, Some(0), "{}", partial.stderr);
    assert!(partial.stdout.contains("Not read"), "{}", partial.stdout);
    assert!(partial.stdout.contains("The scan is incomplete"), "{}", partial.stdout);
}

#[tokio::test]
async fn details_that_are_denied_leave_checks_unknown() {
    let account = Account::without(Some("secretsmanager:GetResourcePolicy")).await;
    let ended = account.scan(&["--format", "json", "--fail-on", "never"]).await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let result = document(&ended.stdout);
    let gap = &result["not_read"][0];
    assert_eq!(gap["what"], "Resource policies of secrets: 2");
    assert!(gap["to_do"].as_str().unwrap().contains("secretsmanager:GetResourcePolicy"));
    let public: Vec<&Value> = result["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["policy"] == "public-policy")
        .collect();
    assert_eq!(public.len(), 2);
    assert!(public.iter().all(|finding| finding["verdict"] == "unknown"), "{public:?}");
}

#[tokio::test]
async fn where_the_regions_are_denied_only_one_is_scanned_and_the_scan_is_incomplete() {
    let account = Account::without(Some("account:ListRegions")).await;
    let ended = crate::account::Ended::of(account.command().args([
        "--format",
        "json",
        "--fail-on",
        "never",
    ]))
    .await;
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let result = document(&ended.stdout);
    assert_eq!(result["regions"].as_array().unwrap().len(), 1);
    assert_eq!(result["not_read"][0]["what"], format!("Regions other than {US}"));
    let chosen = account.scan(&["--format", "json", "--fail-on", "never"]).await;
    assert_eq!(chosen.code, Some(0), "the Region was chosen: {}", chosen.stderr);
}
