//! Vendors that fail and lie.

use super::*;
use tokio::task::JoinSet;
use vendor::Wrong;

/// The error of a rotation, which has no value.
async fn failed(setup: &Setup, version: &str) -> String {
    let error = setup.rotate(version).await.unwrap_err().to_string();
    assert!(!error.contains("canary"), "{error}");
    error
}

#[tokio::test]
async fn a_creation_that_fails_changes_nothing() {
    for (wrong, reason) in [
        (Wrong::Error, "answered 500"),
        (Wrong::Redirect, "redirects are not followed"),
        (Wrong::Echo, "answered 403"),
    ] {
        let setup = Setup::new("").await;
        setup.vendor.break_call("create", wrong);
        let error = failed(&setup, "second").await;
        assert!(error.starts_with("createSecret: create: ") && error.contains(reason), "{error}");
        assert_eq!(setup.current(), "first");
        setup.assert_one_key();
        setup.vendor.repair();
        setup.rotate("second").await.unwrap();
        setup.assert_one_key();
    }
}

#[tokio::test]
async fn a_key_behind_an_answer_that_cannot_be_read_is_revoked_by_the_next_attempt() {
    for wrong in [Wrong::Garbage, Wrong::Incomplete] {
        let setup = Setup::new("").await;
        setup.vendor.break_call("create", wrong);
        let error = failed(&setup, "second").await;
        assert!(error.contains("the vendor's answer has no /"), "{error}");
        assert_eq!(setup.vendor.secrets().len(), 2);
        setup.vendor.repair();
        setup.rotate("second").await.unwrap();
        setup.assert_one_key();
    }
}

/// Status 201, and the key does not work: AWSCURRENT stays, and nothing is revoked.
#[tokio::test]
async fn a_key_that_does_not_work_never_becomes_current() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("create", Wrong::Pretends);
    let error = failed(&setup, "second").await;
    assert!(error.starts_with("testSecret: test: the vendor answered 401"), "{error}");
    let error = setup.step(Step::Finish, "second").await.unwrap_err().to_string();
    assert!(error.contains("AWSCURRENT was not moved"), "{error}");
    assert_eq!(setup.current(), "first");
    assert_eq!(setup.vendor.count("revoke"), 0);
    setup.assert_one_key();
}

#[tokio::test]
async fn a_vendor_that_answers_with_the_current_key_makes_no_second_one() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("create", Wrong::OtherKey);
    let error = failed(&setup, "second").await;
    assert!(error.contains("the new credential is the current one"), "{error}");
    assert_eq!(setup.vendor.count("revoke"), 0);
    setup.vendor.repair();
    setup.rotate("second").await.unwrap();
    setup.assert_one_key();
}

/// The key works in testSecret, and does not in finishSecret.
#[tokio::test]
async fn what_was_proven_is_proven_again_before_the_move() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    for step in [Step::Create, Step::Set, Step::Test] {
        setup.step(step, "second").await.unwrap();
    }
    setup.vendor.break_call("test", Wrong::Error);
    let error = setup.step(Step::Finish, "second").await.unwrap_err().to_string();
    assert!(error.contains("AWSCURRENT was not moved"), "{error}");
    assert_eq!((setup.current().as_str(), setup.vendor.count("revoke")), ("first", 0));
}

/// Neither an answer with another key's id, nor one that is no JSON, is a proof.
#[tokio::test]
async fn an_answer_without_what_the_description_expects_is_no_proof() {
    for wrong in [Wrong::Pretends, Wrong::Garbage, Wrong::Incomplete, Wrong::LateAnswer] {
        let setup = Setup::new("").await;
        setup.secrets.begin(SECRET, "second");
        setup.step(Step::Create, "second").await.unwrap();
        setup.vendor.break_call("test", wrong);
        setup.step(Step::Test, "second").await.unwrap_err();
    }
}

/// The new key is current, the failure is reported, and the next rotation revokes both.
#[tokio::test]
async fn a_revocation_that_fails_is_reported_and_done_by_the_next_rotation() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("revoke", Wrong::Error);
    let error = failed(&setup, "second").await;
    assert!(
        error.starts_with("finishSecret: the new credential is current, but the old one"),
        "{error}"
    );
    assert_eq!(setup.current(), "second");
    assert_eq!(setup.vendor.secrets(), ["canary-old", "canary-1"]);
    // As long as it fails, no further key is made: the old one would be forgotten.
    let error = failed(&setup, "third").await;
    assert!(error.contains("the credential of AWSPREVIOUS is not revoked"), "{error}");
    assert_eq!(setup.vendor.count("create"), 1);
    setup.vendor.repair();
    setup.rotate("third").await.unwrap();
    setup.assert_one_key();
}

/// Secrets Manager repeats finishSecret.
#[tokio::test]
async fn a_revocation_that_fails_is_done_by_a_repeated_finish() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("revoke", Wrong::Error);
    failed(&setup, "second").await;
    setup.step(Step::Finish, "second").await.unwrap_err();
    setup.vendor.repair();
    setup.step(Step::Finish, "second").await.unwrap();
    setup.assert_one_key();
}

#[tokio::test]
async fn a_revocation_that_did_not_happen_is_found_out() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("revoke", Wrong::Pretends);
    let error = failed(&setup, "second").await;
    assert!(error.contains("answered that it is revoked, but it still works"), "{error}");
    setup.vendor.repair();
    setup.rotate("third").await.unwrap();
    setup.assert_one_key();
}

#[tokio::test]
async fn a_revocation_of_the_wrong_key_is_found_out() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("revoke", Wrong::OtherKey);
    let error = failed(&setup, "second").await;
    assert!(error.contains("it still works"), "{error}");
}

/// The rest of an earlier attempt is said to be revoked, and is listed again.
#[tokio::test]
async fn a_leftover_that_is_not_revoked_stops_the_creation() {
    let setup = Setup::new("").await;
    setup.vendor.break_call("create", Wrong::LateAnswer);
    failed(&setup, "second").await;
    setup.vendor.repair();
    setup.vendor.break_call("revoke", Wrong::Pretends);
    let error = failed(&setup, "second").await;
    assert!(error.contains("still lists it"), "{error}");
    assert_eq!(setup.vendor.count("create"), 1);
}

/// Without a list, whether an earlier attempt has left a key is not known.
#[tokio::test]
async fn nothing_is_created_while_the_list_cannot_be_read() {
    for wrong in [Wrong::Error, Wrong::Garbage, Wrong::Incomplete, Wrong::Echo] {
        let setup = Setup::new("").await;
        setup.vendor.break_call("find", wrong);
        let error = failed(&setup, "second").await;
        assert!(error.starts_with("createSecret: find: "), "{error}");
        assert_eq!(setup.vendor.count("create"), 0);
    }
}

#[tokio::test]
async fn a_list_that_may_go_on_is_refused() {
    let setup = Setup::new("").await;
    for number in 0..200 {
        setup.vendor.add(&format!("x{number}"), "a person's", "");
    }
    let error = failed(&setup, "second").await;
    assert!(error.contains("a next page may have more"), "{error}");
    assert_eq!(setup.vendor.count("create"), 0);
}

/// The current key was deleted at the vendor: a rotation makes a new one, and no proof is demanded of the old.
#[tokio::test]
async fn a_current_key_that_no_longer_works_is_replaced() {
    let setup = Setup::new("").await;
    setup.rotate("second").await.unwrap();
    let secrets = setup.vendor.secrets();
    assert_eq!(secrets, ["canary-1"]);
    setup.vendor.break_call("test", Wrong::Echo);
    setup.secrets.begin(SECRET, "third");
    setup.step(Step::Create, "third").await.unwrap();
    setup.vendor.repair();
    setup.rotate("third").await.unwrap();
    setup.assert_one_key();
}

/// Whatever goes wrong with whatever call: AWSCURRENT has a key that works, and the next rotation ends with that one key.
#[tokio::test]
async fn after_any_failure_the_current_key_works_and_the_next_rotation_ends_with_one() {
    let wrongs = [
        Wrong::Error,
        Wrong::LateAnswer,
        Wrong::Garbage,
        Wrong::Incomplete,
        Wrong::Pretends,
        Wrong::Redirect,
        Wrong::Echo,
    ];
    let case = |call, wrong| async move {
        let setup = Setup::new("").await;
        setup.vendor.break_call(call, wrong);
        let _ = setup.rotate("second").await;
        let current = setup.key_at("AWSCURRENT").unwrap();
        assert!(setup.vendor.secrets().contains(&current), "{call} {wrong:?}");
        setup.vendor.repair();
        setup.secrets.clear_pending(SECRET);
        let done = setup.rotate("third").await;
        assert_eq!(done, Ok(()), "{call} {wrong:?}");
        assert_eq!(setup.current(), "third", "{call} {wrong:?}");
        setup.assert_one_key();
    };
    let mut cases = JoinSet::new();
    for call in ["find", "create", "test", "revoke"] {
        for wrong in wrongs {
            cases.spawn(case(call, wrong));
        }
    }
    assert_eq!(cases.join_all().await.len(), 28);
}
