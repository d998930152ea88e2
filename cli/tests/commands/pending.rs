//! Grants that are not active yet, and names that nothing has.

use super::{
    Console, EU, US, candidate, detail, fails, mine, ok, resource,
    run::{in_state, revoked},
    text,
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
        for shown in pending {
            let withdraw = format!("`clv give-back {}`", shown.row.id);
            assert!(error.contains("already cover") && error.contains(&withdraw), "{error}");
        }
        assert_eq!(console.count("POST /v1/requests"), 0);
    }
}

/// Grants that start in a week: one is approved, one waits.
fn later() -> [GrantDetail; 2] {
    let starts_at = revoked().as_of + time::Duration::days(7);
    let claim_until = starts_at + time::Duration::hours(1);
    let approved = in_state(2, GrantState::Approved { starts_at, claim_until });
    let mut asked = in_state(3, GrantState::Requested { expires_at: starts_at });
    asked.starts_at = Some(starts_at);
    asked.row.waits = Some(Waits::Approval(vec!["Ada".into()]));
    [approved, asked]
}

#[test]
fn a_grant_that_starts_later_stops_no_request_for_now() {
    let [approved, asked] = later();
    let console = with_pending(&[approved.clone(), asked.clone()]);
    let active = detail(5, Action::Read, &[resource(US, "pay/db")]);
    console.answers("POST /v1/requests", &json!({"request": 5, "grants": [5]}));
    console.answers("GET /v1/grants/G-5", &active);
    console.answers("POST /v1/grants/G-5/reveal", &text("v"));
    ok(&console, &["request", "pay/db", "--purpose", "So."], b"");
    assert_eq!(console.count("POST /v1/requests"), 1);
    let requests = ["run", "--env", "A=pay/db", "--request", "--reason", "So."];
    let command = ["--", "sh", "-c", "printf %s \"$A\""];
    assert_eq!(ok(&console, &[&requests[..], &command].concat(), b""), b"v");
    assert_eq!(console.count("POST /v1/requests"), 2);
    // One that is pending for now is not requested again.
    let ready = in_state(4, GrantState::Claimable { claim_until: active.as_of });
    let waiting = vec![approved.row, asked.row, ready.row.clone()];
    console.answers("GET /v1/grants", &MyAccess { waiting, ..mine(&[]) });
    let active = detail(4, Action::Read, &[resource(US, "pay/db")]);
    console.answers_in_turn("GET /v1/grants/G-4", &[ready.clone(), ready, active]);
    console.answers("POST /v1/grants/G-4/claim", &json!(null));
    console.answers("POST /v1/grants/G-4/reveal", &text("w"));
    assert_eq!(ok(&console, &[&requests[..], &command].concat(), b""), b"w");
    assert_eq!(console.count("POST /v1/requests"), 2);
}

#[test]
fn a_later_start_is_said_with_its_time() {
    let [approved, asked] = later();
    let ready_later = "Approved, starts later. G-2 starts at 2026-12-04 18:05 UTC: start it then with `clv claim G-2`. For access before that, request it with `clv request pay/db --action read";
    let asked_later = "Needs approval by Ada. G-3 starts at 2026-12-04 18:05 UTC if it is approved: start it then with `clv claim G-3`. For access before that";
    for (pending, says) in [
        (&[approved.clone()][..], ready_later),
        (std::slice::from_ref(&asked), asked_later),
        (&[asked.clone(), approved.clone()], ready_later),
    ] {
        let console = with_pending(pending);
        for command in [&["get", "pay/db"][..], &["run", "--env", "A=pay/db", "--", "true"]] {
            let (_, error) = fails(&console, command);
            assert!(error.contains(says), "{error}");
            assert!(
                !error.contains("--request") && !error.contains("once it is approved"),
                "{error}"
            );
        }
    }
    // One that waits for now comes first.
    let now = in_state(4, GrantState::Requested { expires_at: revoked().as_of });
    let (_, error) = fails(&with_pending(&[approved.clone(), now]), &["get", "pay/db"]);
    assert!(error.contains("Once it is approved, start it with `clv claim G-4`"), "{error}");
    // What was just requested may start later, too.
    let console = with_pending(&[]);
    console.answers("POST /v1/requests", &json!({"request": 2, "grants": [2]}));
    console.answers("GET /v1/grants/G-2", &approved);
    let options = ["run", "--env", "A=pay/db", "--request", "--reason", "So.", "--", "true"];
    let (code, error) = fails(&console, &options);
    assert_eq!(code, 125);
    assert!(error.contains("G-2 starts at 2026-12-04 18:05 UTC. Run the command"), "{error}");
}

#[test]
fn all_grants_that_cover_the_names_are_named() {
    let waiting = in_state(2, GrantState::Requested { expires_at: revoked().as_of });
    let mut ready = in_state(3, GrantState::Claimable { claim_until: revoked().as_of });
    ready.resources = vec![resource(EU, "pay/api")];
    let console = with_pending(&[waiting, ready]);
    console.answers("GET /v1/resources?name=pay%2Fapi", &[candidate(2, EU, "pay/api")]);
    let (code, error) = fails(&console, &["request", "pay/db", "pay/api", "--purpose", "So."]);
    assert_eq!(code, 7);
    for says in [
        "your grants already cover this: G-3 (Ready to start) and G-2 (Pending approval).",
        "G-3: Its approval is complete: start it with `clv claim G-3`.",
        "G-2: Once it is approved, start it with `clv claim G-2`.",
        "withdraw them first with `clv give-back G-3` and `clv give-back G-2`",
    ] {
        assert!(error.contains(says), "{error}");
    }
    let (_, error) = fails(&console, &["request", "pay/api", "--purpose", "So."]);
    assert!(error.contains("your grant G-3 already covers this"), "{error}");
    assert!(!error.contains("G-2"), "{error}");
    // A name that none of them covers is requested, with the others.
    console.answers("GET /v1/resources?name=pay%2Fnew", &[candidate(9, EU, "pay/new")]);
    console.answers("POST /v1/requests", &json!({"request": 3, "grants": [3]}));
    ok(&console, &["request", "pay/db", "pay/new", "--purpose", "So."], b"");
    assert_eq!(console.count("POST /v1/requests"), 1);
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
