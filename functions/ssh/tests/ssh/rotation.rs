//! Rotations at a server that works.

use super::*;
use rotation_testkit::FailAt;

#[tokio::test]
async fn the_new_key_signs_in_with_the_options_of_the_old_one_which_is_gone() {
    let setup = Setup::new().await;
    setup.rotate("second").await.unwrap();
    assert_eq!(setup.current(), "second");
    setup.assert_one_key();
    assert!(!setup.server.read().contains(&setup.first));
    setup.rotate("third").await.unwrap();
    setup.assert_one_key();
    assert_eq!(setup.server.files(), ["authorized_keys"]);
    let value = setup.secrets.at(SECRET, "AWSCURRENT").unwrap().1.unwrap();
    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
    assert_eq!((&value["user"], &value["port"]), (&json!("deploy"), &json!(setup.server.port)));
}

#[tokio::test]
async fn every_step_may_be_called_twice() {
    let setup = Setup::new().await;
    setup.secrets.begin(SECRET, "second");
    for step in STEPS {
        setup.step(step, "second").await.unwrap();
        setup.step(step, "second").await.unwrap();
    }
    setup.assert_one_key();
    for step in STEPS {
        setup.step(step, "second").await.unwrap();
    }
    setup.assert_one_key();
}

#[tokio::test]
async fn the_old_key_stays_until_the_new_one_is_proven() {
    let setup = Setup::new().await;
    setup.until(Step::Finish, "second").await;
    let text = setup.server.read();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(text.contains(&setup.first));
    setup.step(Step::Finish, "second").await.unwrap();
    setup.assert_one_key();
}

#[tokio::test]
async fn the_previous_key_is_kept_for_a_rotation_where_it_is_asked_for() {
    let mut setup = Setup::new().await;
    setup.frame.rotation.keeps_previous = true;
    setup.rotate("second").await.unwrap();
    assert!(setup.server.read().contains(&setup.first));
    setup.rotate("third").await.unwrap();
    let text = setup.server.read();
    assert!(!text.contains(&setup.first) && text.lines().count() == 3, "{text}");
    assert!(text.contains(&setup.public_key_at("AWSPREVIOUS")));
}

/// Somebody gave up a rotation after setSecret: its key goes with the next one.
#[tokio::test]
async fn the_key_of_a_rotation_that_was_given_up_goes_with_the_next_one() {
    let setup = Setup::new().await;
    setup.until(Step::Test, "second").await;
    setup.secrets.clear_pending(SECRET);
    setup.rotate("third").await.unwrap();
    setup.assert_one_key();
}

#[tokio::test]
async fn wherever_a_rotation_is_cut_off_its_repetition_ends_with_one_key() {
    for call in ["DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"] {
        for at in [FailAt::Start, FailAt::End] {
            let setup = Setup::new().await;
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

#[tokio::test]
async fn a_link_stays_a_link() {
    let setup = Setup::new().await;
    setup.server.link();
    setup.rotate("second").await.unwrap();
    setup.assert_one_key();
    assert!(setup.server.is_link());
}

/// Nothing signs in at a server that is not known.
#[tokio::test]
async fn another_server_is_refused_before_anything_signs_in() {
    let setup = Setup::new().await;
    let other = Server::start().await;
    let value = setup.secrets.at(SECRET, "AWSCURRENT").unwrap().1.unwrap();
    let known = setup.server.host_key.as_str();
    let port = format!("\"port\":{}", setup.server.port);
    for (from, to, reason) in [
        (known, other.host_key.as_str(), "host key is not in host_keys"),
        (&port, &format!("\"port\":{}", other.port), "host key is not in host_keys"),
        ("host_keys", "others", "the value has no host_keys"),
        (known, "AAAA", "not a public key"),
        ("-----BEGIN", "-----BEG", "private_key is no"),
        (&port, "\"port\":\"x\"", "port is not a port number"),
    ] {
        let value = value.replace(from, to);
        let secrets = MemorySecrets::with(&[(SECRET, &value)]);
        let frame = Frame { secrets, rotation: SshRotation { keeps_previous: false } };
        let mut last = Ok(());
        frame.secrets.begin(SECRET, "second");
        for step in [Step::Create, Step::Set] {
            last = last.and(frame.run(&event(step, "second")).await);
        }
        let error = last.unwrap_err().to_string();
        assert!(error.contains(reason), "{to}: {error}");
    }
    assert_eq!((setup.server.sign_ins(), other.sign_ins()), (0, 0));
}
