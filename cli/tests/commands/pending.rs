//! Grants that are not active yet, and names that nothing has.

use super::{
    Console, US, candidate, detail, fails, mine, resource,
    run::{in_state, revoked},
};
use claviger_domain::{
    grants::{
        Action, GrantState,
        view::{GrantDetail, MyAccess},
    },
    waits::Waits,
};
use serde_json::json;

/// A server on which these grants are not active yet.
fn with_pending(pending: &[GrantDetail]) -> Console {
    let console = Console::start();
    let waiting = pending.iter().map(|shown| shown.row.clone()).collect();
    console.answers("GET /v1/grants", &MyAccess { waiting, ..mine(&[]) });
    for shown in pending {
        console.answers(&format!("GET /v1/grants/{}", shown.row.id), shown);
    }
    console.answers("GET /v1/resources?name=pay%2Fdb", &[candidate(1, US, "pay/db")]);
    console
}

#[test]
fn a_grant_that_is_not_active_yet_is_named_with_what_to_do() {
    let mut waiting = in_state(2, GrantState::Requested { expires_at: revoked().as_of });
    waiting.row.waits = Some(Waits::Approval(vec!["Ada".into()]));
    let ready = in_state(3, GrantState::Claimable { claim_until: revoked().as_of });
    for (pending, says) in [
        (
            &[waiting.clone()][..],
            "your grant G-2 to read pay/db is not active yet: Pending approval. Needs approval by Ada. Once it is approved, start it with `clv claim G-2`",
        ),
        (
            &[waiting, ready],
            "your grant G-3 to read pay/db is not active yet: Ready to start. Its approval is complete: start it with `clv claim G-3`",
        ),
    ] {
        let console = with_pending(pending);
        for command in [&["get", "pay/db"][..], &["keys", "pay/db"]] {
            let (code, error) = fails(&console, command);
            assert_eq!(code, 7);
            assert!(error.contains(says) && !error.contains("clv request"), "{error}");
        }
        let (code, error) = fails(&console, &["run", "--env", "A=pay/db", "--", "true"]);
        assert_eq!(code, 125);
        assert!(error.contains(says) && error.contains("add --request --reason"), "{error}");
        let (code, error) = fails(&console, &["request", "pay/db", "--purpose", "So."]);
        assert_eq!(code, 7);
        assert!(
            error.contains("already covers this") && error.contains("clv give-back"),
            "{error}"
        );
        assert_eq!(console.count("POST /v1/requests"), 0);
    }
}

#[test]
fn a_name_that_does_not_exist_is_said_at_once() {
    let console = with_pending(&[]);
    console.answers("GET /v1/resources?name=nosuch", &json!([]));
    for command in [&["get", "nosuch"][..], &["run", "--env", "A=nosuch", "--", "true"]] {
        let (_, says) = fails(&console, command);
        assert!(says.contains("there is no nosuch that you can see"), "{says}");
        assert!(!says.contains("clv request"), "{says}");
    }
    let (code, says) = fails(&console, &["get", "pay/db"]);
    assert_eq!(code, 5);
    assert!(says.contains("Request it with `clv request pay/db"), "{says}");
    console.answers("GET /v1/grants/G-1", &detail(1, Action::Read, &[resource(US, "pay/db")]));
    let (code, says) = fails(&console, &["get", "nosuch", "--grant", "G-1"]);
    assert_eq!(code, 5);
    assert!(says.contains("G-1 does not cover nosuch"), "{says}");
}
