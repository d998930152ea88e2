//! Rotations at a vendor that works.

use super::*;

#[tokio::test]
async fn the_new_key_is_current_and_the_old_one_is_revoked() {
    let setup = Setup::new("").await;
    setup.rotate("second").await.unwrap();
    assert_eq!(setup.key_at("AWSCURRENT").unwrap(), "canary-1");
    assert_eq!(setup.secrets.member(SECRET, "AWSCURRENT", "region").unwrap(), "eu");
    assert_eq!(setup.key_at("AWSPREVIOUS").unwrap(), "canary-old");
    setup.assert_one_key();
    setup.rotate("third").await.unwrap();
    assert_eq!(setup.key_at("AWSCURRENT").unwrap(), "canary-2");
    setup.assert_one_key();
}

#[tokio::test]
async fn every_step_may_be_called_twice() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    for step in STEPS {
        setup.step(step, "second").await.unwrap();
        setup.step(step, "second").await.unwrap();
    }
    assert_eq!(setup.vendor.count("create"), 1);
    setup.assert_one_key();
    // All over again: Secrets Manager repeats whole rotations.
    for step in STEPS {
        setup.step(step, "second").await.unwrap();
    }
    assert_eq!(setup.vendor.count("create"), 1);
    setup.assert_one_key();
}

#[tokio::test]
async fn nothing_is_revoked_before_the_new_key_is_proven() {
    let setup = Setup::new("").await;
    setup.rotate("second").await.unwrap();
    let log = setup.vendor.log();
    let first = log.iter().position(|line| line == "revoke 1").unwrap();
    let proofs = log[..first].iter().filter(|line| *line == "test").count();
    // The old one before creation, the new one in testSecret and in finishSecret.
    assert_eq!(proofs, 3, "{log:?}");
}

#[tokio::test]
async fn the_previous_key_is_kept_for_a_rotation_where_the_description_says_so() {
    let setup = Setup::new("keep_previous = true").await;
    setup.rotate("second").await.unwrap();
    assert_eq!(setup.vendor.secrets(), ["canary-old", "canary-1"]);
    setup.rotate("third").await.unwrap();
    assert_eq!(setup.vendor.secrets(), ["canary-1", "canary-2"]);
    assert_eq!(setup.key_at("AWSPREVIOUS").unwrap(), "canary-1");
}

#[tokio::test]
async fn a_key_of_another_secret_or_of_a_person_stays() {
    let setup = Setup::new("").await;
    setup.vendor.add("7", "claviger-00000000-second", "canary-other");
    setup.vendor.add("8", "claviger", "canary-person");
    setup.rotate("second").await.unwrap();
    assert_eq!(setup.vendor.secrets(), ["canary-other", "canary-person", "canary-1"]);
}

#[tokio::test]
async fn a_rotation_that_is_none_is_refused() {
    let setup = Setup::new("").await;
    let setup = &setup;
    let refused = |step| async move {
        let error = setup.step(step, "second").await.unwrap_err();
        error.to_string()
    };
    assert!(refused(Step::Create).await.contains("no version of this rotation"));
    setup.secrets.begin(SECRET, "second");
    assert!(refused(Step::Set).await.contains("createSecret has not ended"));
    assert!(refused(Step::Finish).await.contains("createSecret has not ended"));
    setup.secrets.disable_rotation();
    assert!(refused(Step::Create).await.contains("rotation is not enabled"));
    assert!(setup.vendor.log().is_empty());
}

/// `RotateSecret` with `RotateImmediately` false.
#[tokio::test]
async fn a_test_alone_proves_the_current_key_and_changes_nothing() {
    let setup = Setup::new("").await;
    setup.secrets.begin(SECRET, "second");
    setup.step(Step::Test, "second").await.unwrap();
    assert_eq!(setup.vendor.log(), ["test"]);
    setup.vendor.break_call("test", vendor::Wrong::Echo);
    setup.step(Step::Test, "second").await.unwrap_err();
    assert_eq!(setup.current(), "first");
}

#[tokio::test]
async fn a_value_whose_key_could_not_be_revoked_later_is_refused_first() {
    let setup = Setup::new("").await;
    for (value, reason) in
        [(r#"{"key":"canary"}"#, "no member key_id"), ("canary", "not a JSON object")]
    {
        let secrets = MemorySecrets::with(&[(SECRET, value), (ADMIN, r#"{"key":"canary-admin"}"#)]);
        secrets.begin(SECRET, "second");
        let description = Description::parse(&described(&setup.vendor.address, "")).unwrap();
        let rotation = HttpRotation::new(description, Some(ADMIN.into())).unwrap();
        let frame = Frame { secrets, rotation };
        let error = frame.run(&event(Step::Create, "second")).await.unwrap_err().to_string();
        assert!(error.contains(reason) && !error.contains("canary"), "{error}");
        assert_eq!(setup.vendor.count("create"), 0);
    }
}
