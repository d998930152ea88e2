//! Steps that end in the middle: no key stays behind unseen.

use super::*;
use rotation_testkit::FailAt;
use vendor::Wrong;

/// The function ends after the vendor's answer and before the value is stored: the next attempt revokes that key.
#[tokio::test]
async fn a_key_whose_value_was_never_stored_is_revoked_by_the_next_attempt() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    setup.vendor.break_call("create", Wrong::LateAnswer);
    let error = setup.step(Step::Create, "second").await.unwrap_err().to_string();
    assert!(error.contains("createSecret") && error.contains("may have done it"), "{error}");
    assert_eq!(setup.vendor.secrets(), ["canary-old", "canary-1"]);
    setup.vendor.repair();
    setup.rotate("second").await.unwrap();
    assert_eq!(setup.key_at("AWSCURRENT").unwrap(), "canary-2");
    setup.assert_one_key();
}

/// The same, where somebody gave up the rotation and another one follows.
#[tokio::test]
async fn a_key_of_a_rotation_that_was_given_up_is_revoked_by_the_next_rotation() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    setup.step(Step::Create, "second").await.unwrap();
    setup.secrets.clear_pending(SECRET);
    setup.rotate("third").await.unwrap();
    assert_eq!(setup.key_at("AWSCURRENT").unwrap(), "canary-2");
    setup.assert_one_key();
}

#[tokio::test]
async fn a_key_that_cannot_be_stored_is_revoked_at_once() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    setup.secrets.fail("PutSecretValue", FailAt::Start);
    let error = setup.step(Step::Create, "second").await.unwrap_err().to_string();
    assert!(error.contains("the new credential was revoked again"), "{error}");
    assert_eq!(setup.vendor.secrets(), ["canary-old"]);
    setup.rotate("second").await.unwrap();
    setup.assert_one_key();
}

#[tokio::test]
async fn a_key_that_can_be_neither_stored_nor_revoked_is_named_and_revoked_later() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    setup.secrets.fail("PutSecretValue", FailAt::Start);
    setup.vendor.break_call("revoke", Wrong::Error);
    let error = setup.step(Step::Create, "second").await.unwrap_err().to_string();
    let name = setup.vendor.names().pop().unwrap();
    assert!(name.starts_with("claviger-") && name.ends_with("-second"), "{name}");
    assert!(error.contains(&name) && error.contains("the next attempt revokes it"), "{error}");
    setup.vendor.repair();
    setup.rotate("second").await.unwrap();
    setup.assert_one_key();
}

/// The call failed, but had been done: the key must not be revoked.
#[tokio::test]
async fn a_value_that_was_stored_although_the_call_failed_stays() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    setup.secrets.fail("PutSecretValue", FailAt::End);
    setup.step(Step::Create, "second").await.unwrap();
    setup.rotate("second").await.unwrap();
    assert_eq!(setup.key_at("AWSCURRENT").unwrap(), "canary-1");
    setup.assert_one_key();
}

/// Every call of a rotation to Secrets Manager fails once, before and after it has done its work. Repeated, the rotation ends
/// with one key.
#[tokio::test]
async fn wherever_a_rotation_is_cut_off_its_repetition_ends_with_one_key() {
    for call in ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"] {
        for at in [FailAt::Start, FailAt::End] {
            let setup = Setup::new("").await;
            setup.secrets.begin(SECRET, "second");
            setup.secrets.fail(call, at);
            for step in STEPS {
                if setup.step(step, "second").await.is_err() {
                    setup.step(step, "second").await.unwrap();
                }
            }
            assert_eq!(setup.current(), "second", "{call} {at:?}");
            setup.assert_one_key();
        }
    }
}

/// AWSCURRENT was moved, and the function ended before the revocation.
#[tokio::test]
async fn a_finish_that_ended_after_the_move_revokes_when_it_is_called_again() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    for step in [Step::Create, Step::Set, Step::Test] {
        setup.step(step, "second").await.unwrap();
    }
    setup.secrets.fail("UpdateSecretVersionStage", FailAt::End);
    setup.step(Step::Finish, "second").await.unwrap_err();
    assert_eq!(setup.current(), "second");
    assert_eq!(setup.vendor.secrets(), ["canary-old", "canary-1"]);
    setup.step(Step::Finish, "second").await.unwrap();
    setup.assert_one_key();
}
