//! The program as Lambda runs it.

use super::*;
use rotation_testkit::Lambda;
use vendor::Wrong;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rotation-http");

#[tokio::test]
async fn the_program_rotates_says_why_it_fails_and_logs_no_value() {
    let setup = Setup::new("").await;
    let description = described(&setup.vendor.address, "");
    let environment = [("DESCRIPTION", description.as_str()), ("ADMIN_SECRET_ARN", ADMIN)];
    let mut lambda = Lambda::start(PROGRAM, setup.secrets.clone(), &environment).await.unwrap();
    setup.secrets.begin(SECRET, "second");
    setup.vendor.break_call("create", Wrong::Echo);
    let error = lambda.invoke(Step::Create, "second").await.unwrap_err();
    assert!(error.starts_with("createSecret: create: the vendor answered 403"), "{error}");
    setup.vendor.repair();
    for step in STEPS {
        lambda.invoke(step, "second").await.unwrap();
    }
    setup.assert_one_key();
    let logs = lambda.logs().unwrap();
    assert!(logs.contains(r#""step":"finishSecret""#) && logs.contains("answered 403"), "{logs}");
    assert!(!logs.contains("canary"), "{logs}");
    assert_eq!(setup.secrets.values().len(), 3);
}

/// Killed after the vendor has made the key, and before the secret has it.
#[tokio::test]
async fn a_program_that_is_killed_in_the_middle_leaves_no_second_key() {
    let setup = Setup::new("").await;
    let description = described(&setup.vendor.address, "");
    let environment = [("DESCRIPTION", description.as_str()), ("ADMIN_SECRET_ARN", ADMIN)];
    let start = || Lambda::start(PROGRAM, setup.secrets.clone(), &environment);
    setup.secrets.begin(SECRET, "second");
    setup.vendor.break_call("create", Wrong::LateAnswer);
    let mut killed = start().await.unwrap();
    tokio::select! {
        done = killed.invoke(Step::Create, "second") => panic!("it was not killed: {done:?}"),
        () = setup.vendor.reached("create") => {}
    }
    drop(killed);
    assert_eq!(setup.vendor.secrets(), ["canary-old", "canary-1"]);
    setup.vendor.repair();
    let mut lambda = start().await.unwrap();
    for step in STEPS {
        lambda.invoke(step, "second").await.unwrap();
    }
    assert_eq!(setup.key_at("AWSCURRENT").unwrap(), "canary-2");
    setup.assert_one_key();
}

#[tokio::test]
async fn a_description_that_is_not_usable_ends_the_program_with_the_reason() {
    let environment = [("DESCRIPTION", "id = 1")];
    let mut lambda = Lambda::start(PROGRAM, MemorySecrets::default(), &environment).await.unwrap();
    let logs = loop {
        if lambda.has_ended().unwrap() {
            break lambda.logs().unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!(logs.contains("the description is not usable"), "{logs}");
}
