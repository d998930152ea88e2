//! The program as Lambda runs it.

use super::*;
use rotation_testkit::Lambda;
use server::Wrong;

#[tokio::test]
async fn the_program_rotates_says_why_it_fails_and_logs_no_value() {
    let setup = Setup::new().await;
    let program = env!("CARGO_BIN_EXE_rotation-ssh");
    let mut lambda = Lambda::start(program, setup.secrets.clone(), &[]).await.unwrap();
    setup.secrets.begin(SECRET, "second");
    lambda.invoke(Step::Create, "second").await.unwrap();
    setup.server.make(Wrong::FailsCommands);
    let error = lambda.invoke(Step::Set, "second").await.unwrap_err();
    assert!(error.starts_with("setSecret: ~/.ssh/authorized_keys cannot be read"), "{error}");
    setup.server.make(None);
    for step in STEPS {
        lambda.invoke(step, "second").await.unwrap();
    }
    setup.assert_one_key();
    let logs = lambda.logs().unwrap();
    assert!(logs.contains(r#""step":"finishSecret""#) && logs.contains("cannot be read"), "{logs}");
    assert!(!logs.contains("PRIVATE KEY") && !logs.contains("AAAA"), "{logs}");
}
