//! Two versions of policies over recorded resources.

use crate::compliance::{
    Effect, PolicyChange, PolicyDiff, RecordedInventory, policy_diff, read_policies,
};
use rstest::rstest;

const OWNER: &str = "id: owner\ntitle: Owners\nseverity: medium\nrule: {owner: {}}\n";
const KEY: &str = "id: key\ntitle: Keys\nseverity: low\nrule: {customer-managed-key: {}}\n";
const AGE: &str = "id: age\ntitle: Ages\nseverity: low\nrule: {value-age: {max-days: 30}}\n";

/// An export of the inventory: one secret with an owner, one without, one that is gone, and a parameter.
const EXPORT: &str = r#"{"exported_at":"2026-11-29T12:00:00Z","filter":"","resources":[
 {"arn":"arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf","kind":"secret","type":null,"name":"a","description":null,
  "account_id":"111122223333","region":"us-east-1","replica_regions":[],"owner":"payments","rotation":"off","next_rotation_at":null,
  "key":"aws-managed","last_accessed_on":"2026-11-01","deleted_at":null,"gone_at":null,"tags":{"owner":"payments"}},
 {"arn":"arn:aws:secretsmanager:us-east-1:111122223333:secret:b-AbCdEf","kind":"secret","type":null,"name":"b","description":null,
  "account_id":"111122223333","region":"us-east-1","replica_regions":[],"owner":null,"rotation":"stuck","next_rotation_at":null,
  "key":"customer-managed","last_accessed_on":null,"deleted_at":null,"gone_at":null,"tags":{}},
 {"arn":"arn:aws:secretsmanager:us-east-1:111122223333:secret:c-AbCdEf","kind":"secret","type":null,"name":"c","description":null,
  "account_id":"111122223333","region":"us-east-1","replica_regions":[],"owner":null,"rotation":"off","next_rotation_at":null,
  "key":"aws-managed","last_accessed_on":null,"deleted_at":null,"gone_at":"2026-11-01T00:00:00Z","tags":{}},
 {"arn":"arn:aws:ssm:us-east-1:111122223333:parameter/d","kind":"parameter","type":"String","name":"/d","description":null,
  "account_id":"111122223333","region":"us-east-1","replica_regions":[],"owner":null,"rotation":"not-applicable","next_rotation_at":null,
  "key":"plain","last_accessed_on":null,"deleted_at":null,"gone_at":null,"tags":null}]}"#;

fn diff(before: &[&str], after: &[&str], over: Option<&str>) -> PolicyDiff {
    let read = |all: &[&str]| {
        if all.is_empty() { Vec::new() } else { read_policies(&all.join("---\n")).unwrap() }
    };
    let over = over.map(|text| RecordedInventory::read(text).unwrap());
    policy_diff(&read(before), &read(after), over.as_ref())
}

fn only(diff: &PolicyDiff) -> (String, Option<Effect>) {
    assert_eq!(diff.differences.len(), 1, "{diff:?}");
    (diff.differences[0].change.to_string(), diff.differences[0].effect)
}

#[test]
fn policies_are_added_removed_and_changed() {
    let strict = OWNER.replace("medium", "high").replace("Owners", "Everything has an owner");
    let diff = diff(&[OWNER, KEY], &[&strict, AGE], None);
    let all: Vec<(String, String)> =
        diff.differences.iter().map(|one| (one.id.clone(), one.change.to_string())).collect();
    // A finding is due by its severity.
    let changed = "changed: title, severity, due-days";
    let wanted = [("age", "added"), ("key", "removed"), ("owner", changed)];
    assert_eq!(all, wanted.map(|(id, change)| (id.to_owned(), change.to_owned())));
    assert_eq!((diff.unchanged, diff.total()), (0, None));
}

#[rstest]
#[case("mode", OWNER.to_owned() + "mode: notify\n")]
#[case("due-days", OWNER.to_owned() + "due-days: 3\n")]
#[case("scope", OWNER.to_owned() + "scope: {within: {kinds: [secret]}}\n")]
#[case("fix", OWNER.to_owned() + "fix: {do: {set-tags: {tags: {owner: x}}}}\n")]
#[case("rule", OWNER.replace("owner: {}", "tagged: {}"))]
fn each_field_is_named(#[case] field: &str, #[case] after: String) {
    assert_eq!(only(&diff(&[OWNER], &[&after], None)).0, format!("changed: {field}"));
}

#[test]
fn the_order_and_comments_of_a_file_change_nothing() {
    let after = "# A comment.\nseverity: medium\nid: owner\nrule:\n  owner: {}\ntitle: Owners\n";
    let diff = diff(&[OWNER, KEY], &[KEY, after], Some(EXPORT));
    assert_eq!((diff.differences.len(), diff.unchanged), (0, 2));
}

#[test]
fn findings_open_close_and_stay() {
    let of = |opens, closes, stays, undecided| Some(Effect { opens, closes, stays, undecided });
    // The tags of the parameter were not read.
    assert_eq!(only(&diff(&[], &[OWNER], Some(EXPORT))), ("added".into(), of(1, 0, 0, 1)));
    assert_eq!(only(&diff(&[OWNER], &[], Some(EXPORT))), ("removed".into(), of(0, 1, 0, 1)));
    let high = OWNER.replace("medium", "high");
    assert_eq!(only(&diff(&[OWNER], &[&high], Some(EXPORT))).1, of(0, 0, 1, 1));
    let secrets = OWNER.to_owned() + "scope: {within: {kinds: [secret]}}\n";
    assert_eq!(only(&diff(&[], &[&secrets], Some(EXPORT))).1, of(1, 0, 0, 0));
    assert_eq!(only(&diff(&[], &[KEY], Some(EXPORT))).1, of(1, 0, 0, 0));
}

/// A list has no dates of versions: nothing passes or fails by that.
#[test]
fn what_a_list_does_not_have_is_undecided() {
    let effect = only(&diff(&[], &[AGE], Some(EXPORT))).1.unwrap();
    assert_eq!((effect.opens, effect.closes, effect.stays), (0, 0, 0));
    assert!(effect.undecided >= 2, "{effect:?}");
}

/// `stuck` in a list is of a rotation that is on, or of one that was turned off before it ended.
#[rstest]
#[case("id: on\ntitle: On\nseverity: low\nrule: {rotation-enabled: {}}\n", 1)]
#[case("id: failing\ntitle: Failing\nseverity: low\nrule: {rotation-failing: {}}\n", 0)]
fn a_stuck_rotation_of_a_list_is_undecided(#[case] rule: &str, #[case] opens: u32) {
    let effect = only(&diff(&[], &[rule], Some(EXPORT))).1.unwrap();
    assert_eq!((effect.opens, effect.undecided), (opens, 1), "{effect:?}");
}

#[test]
fn a_scope_of_ous_is_not_evaluated() {
    let prod = OWNER.to_owned() + "scope: {within: {ous: [Workloads/Production]}}\n";
    assert_eq!(only(&diff(&[], &[&prod], Some(EXPORT))).1, None);
    assert_eq!(only(&diff(&[OWNER], &[&prod], Some(EXPORT))).1, None);
}

/// A scan of one secret.
fn scan() -> String {
    let scan = r#"{"tool":{},"scanned_at":"2026-11-29T12:00:00Z","facts":[{"region":"us-east-1","used_on":null,"team":null,
      "facts":{"arn":"arn:aws:secretsmanager:us-east-1:111122223333:secret:a-AbCdEf","name":"a","description":null,"tags":{},
        "kms_key_id":null,"created_at":null,"changed_at":null,"detail":{"secret":{"accessed_on":null,"deleted_at":null,
        "owning_service":null,"primary_region":null,"rotation":{"enabled":null,"lambda_arn":null,"rules":null,
        "last_rotated_at":null,"next_rotation_at":null},"versions":[{"id":"v","stages":["AWSCURRENT"]}]}}},
      "details":{"of_change":null,"resource_policy":{"read":null},"replicas":{"read":[]},"versions":{"read":[
        {"id":"v","stages":["AWSCURRENT"],"created_at":"AT"}]}}}]}"#;
    let at = serde_json::to_string(&time::macros::datetime!(2026-01-01 0:00 UTC)).unwrap();
    scan.replace("\"AT\"", &at)
}

/// A key that KMS did not classify may be AWS's own. Files of older releases do not say.
#[rstest]
#[case("\"team\":null,", (0, 0))]
#[case("\"team\":null,\"key_is_unknown\":true,", (0, 1))]
fn a_key_that_kms_did_not_classify_is_undecided(#[case] fields: &str, #[case] wanted: (u32, u32)) {
    let key = "\"kms_key_id\":\"arn:aws:kms:us-east-1:111122223333:key/a\"";
    let scan = scan().replace("\"kms_key_id\":null", key).replace("\"team\":null,", fields);
    let effect = only(&diff(&[], &[KEY], Some(&scan))).1.unwrap();
    assert_eq!((effect.opens, effect.undecided), wanted, "{effect:?}");
}

/// A scan has the facts themselves.
#[test]
fn a_scan_decides_what_a_list_does_not() {
    let scan = &scan();
    let over = RecordedInventory::read(scan).unwrap();
    assert!(over.is_whole);
    let effect = only(&diff(&[], &[AGE], Some(scan))).1.unwrap();
    assert_eq!((effect.opens, effect.undecided), (1, 0));
}

#[rstest]
#[case("", "neither")]
#[case("[]", "neither")]
#[case("{}", "neither")]
#[case(r#"{"scanned_at":"2026-11-29T12:00:00Z","findings":[]}"#, "scan again")]
#[case(r#"{"exported_at":"yesterday","resources":[]}"#, "when it was written")]
fn another_file_is_refused(#[case] text: &str, #[case] why: &str) {
    let error = RecordedInventory::read(text).unwrap_err();
    assert!(error.contains(why), "{error}");
}

#[test]
fn a_change_is_said_in_words() {
    assert_eq!(PolicyChange::Affected.to_string(), "affected by others");
}
