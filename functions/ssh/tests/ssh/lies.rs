//! Servers that fail and lie.

use super::*;
use server::Wrong;

#[tokio::test]
async fn a_file_that_cannot_be_changed_stays_and_the_reason_is_said() {
    for (wrong, reason) in [
        (Wrong::ForcedCommand, "cannot be read"),
        (Wrong::FailsCommands, "cannot be read"),
        (Wrong::CutsInput, "arrived cut off; nothing was changed"),
        (Wrong::RefusesAll, "accepts neither the current key nor the new one"),
    ] {
        let setup = Setup::new().await;
        setup.until(Step::Set, "second").await;
        let before = setup.server.read();
        setup.server.make(wrong);
        let error = setup.failed(Step::Set, "second").await;
        assert!(error.starts_with("setSecret: ") && error.contains(reason), "{error}");
        assert_eq!(setup.server.read(), before);
        assert_eq!(setup.server.files(), ["authorized_keys"], "{wrong:?}");
        setup.server.make(None);
        setup.rotate("second").await.unwrap();
        setup.assert_one_key();
    }
}

/// The server says that it has written the key, and has not: the key is not proven, and nothing is removed.
#[tokio::test]
async fn a_key_that_was_not_written_never_becomes_current() {
    let setup = Setup::new().await;
    setup.until(Step::Set, "second").await;
    setup.server.make(Wrong::PretendsToWrite);
    setup.step(Step::Set, "second").await.unwrap();
    let error = setup.failed(Step::Test, "second").await;
    assert!(error.contains("does not accept the key"), "{error}");
    let error = setup.failed(Step::Finish, "second").await;
    assert!(error.contains("AWSCURRENT was not moved"), "{error}");
    assert_eq!(setup.current(), "first");
    assert!(setup.server.read().contains(&setup.first));
}

#[tokio::test]
async fn a_server_that_accepts_every_key_proves_nothing() {
    let setup = Setup::new().await;
    setup.until(Step::Test, "second").await;
    setup.server.make(Wrong::AcceptsAll);
    let error = setup.failed(Step::Test, "second").await;
    assert!(error.contains("accepts any key"), "{error}");
    setup.failed(Step::Finish, "second").await;
    assert_eq!(setup.current(), "first");
}

#[tokio::test]
async fn a_connection_that_ends_after_the_change_is_no_second_key() {
    let setup = Setup::new().await;
    setup.until(Step::Set, "second").await;
    setup.server.make(Wrong::DiesAfterWriting);
    let error = setup.failed(Step::Set, "second").await;
    assert!(error.contains("broke off"), "{error}");
    setup.server.make(None);
    setup.rotate("second").await.unwrap();
    setup.assert_one_key();
}

#[tokio::test]
async fn what_somebody_else_writes_meanwhile_stays() {
    let setup = Setup::new().await;
    setup.until(Step::Set, "second").await;
    setup.server.make(Wrong::ChangesOnce);
    setup.step(Step::Set, "second").await.unwrap();
    let text = setup.server.read();
    assert!(text.contains("# somebody else's\n") && text.lines().count() == 4, "{text}");
}

/// The removal is reported, and done by a repeated finishSecret or the next rotation.
#[tokio::test]
async fn an_old_key_that_is_not_removed_is_reported_and_removed_later() {
    for again in ["second", "third"] {
        let setup = Setup::new().await;
        setup.until(Step::Finish, "second").await;
        setup.server.make(Wrong::PretendsToWrite);
        let error = setup.failed(Step::Finish, "second").await;
        assert!(error.contains("the server still accepts it"), "{error}");
        assert_eq!(setup.current(), "second");
        setup.server.make(None);
        setup.rotate(again).await.unwrap();
        setup.assert_one_key();
    }
}

/// The present key has gone from the server: nothing is revoked, and the secret says what to do.
#[tokio::test]
async fn a_current_key_that_is_gone_is_said() {
    let setup = Setup::new().await;
    setup.server.write("# empty\n");
    setup.until(Step::Set, "second").await;
    let error = setup.failed(Step::Set, "second").await;
    assert!(error.contains("add the current key again"), "{error}");
}
