//! The grants that `clv mcp` was given: which one is used, and which are not.

use super::{
    super::{
        US, arn, clv, detail, fails, resource,
        run::{in_state, revoked, waiting},
        text, with_value,
    },
    Agent, CANARY, assert_no_canary,
};
use claviger_domain::{
    grants::{Action, EndReason, GrantState, view::GrantDetail},
    problem::ProblemCode,
};
use serde_json::json;

/// A grant that was never approved.
fn withdrawn() -> GrantDetail {
    let at = revoked().as_of;
    let mut shown = in_state(2, GrantState::Ended { at, why: EndReason::GivenBack });
    shown.row.approvals = 0;
    shown
}

#[test]
fn a_grant_that_does_not_exist_stops_the_start() {
    let console = with_value(&text(CANARY));
    console.refuses("GET /v1/grants/G-99", ProblemCode::NotFound);
    let (code, says) = fails(&console, &["mcp", "--grant", "G-1", "--grant", "G-99"]);
    assert_eq!(code, 5);
    assert!(says.contains("there is no grant G-99"), "{says}");
    console.answers("GET /v1/grants/G-99", &revoked());
    let says = String::from_utf8(clv(&console, &["mcp", "--grant", "G-99"], b"").stderr).unwrap();
    assert!(says.contains("G-99 cannot be used: Revoked"), "{says}");
    console.answers("GET /v1/grants/G-99", &withdrawn());
    let says = String::from_utf8(clv(&console, &["mcp", "--grant", "G-99"], b"").stderr).unwrap();
    assert!(says.contains("G-99 cannot be used: Withdrawn"), "{says}");
}

#[test]
fn no_grant_is_started_while_another_is_active() {
    let console = with_value(&text(CANARY));
    let active = detail(2, Action::Read, &[resource(US, "pay/db")]);
    let ready = in_state(1, GrantState::Claimable { claim_until: active.as_of });
    console.answers("GET /v1/grants/G-1", &ready);
    console.answers("GET /v1/grants/G-2", &active);
    console.answers("POST /v1/grants/G-2/reveal", &text(CANARY));
    let options = ["--grant", "G-1", "--grant", "G-2", "--allow", "env"];
    let mut agent = Agent::start(&console, &options);
    let run = json!({"program": "env", "env": {"A": "pay/db"}});
    assert_eq!(agent.call("run_command", &run)["exit_code"], 0);
    assert_eq!(console.count("POST /v1/grants/G-1/claim"), 0);
    // None is active, and one waits.
    console.answers("GET /v1/grants/G-2", &withdrawn());
    console.answers("GET /v1/grants/G-1", &waiting());
    let says = agent.refused("run_command", &run);
    assert!(says.contains("Wait for G-1 with request_status") && !says.contains("request_access"));
    assert!(says.contains("G-2: Withdrawn"), "{says}");
    assert_no_canary(&agent.end());
}

#[test]
fn a_grant_that_cannot_be_read_holds_up_no_other() {
    let console = with_value(&text(CANARY));
    console.refuses("GET /v1/grants/G-2", ProblemCode::Forbidden);
    let options = ["--grant", "G-2", "--grant", "G-1", "--allow", "env"];
    let mut agent = Agent::start(&console, &options);
    let run = json!({"program": "env", "env": {"A": "pay/db"}});
    assert_eq!(agent.call("run_command", &run)["exit_code"], 0);
    console.refuses("GET /v1/grants/G-1", ProblemCode::Unavailable);
    assert!(agent.refused("run_command", &run).contains("G-2: What happened."));
    assert_no_canary(&agent.end());
}

#[test]
fn the_persons_other_grants_are_not_the_agents() {
    let console = with_value(&text(CANARY));
    let mut agent = Agent::start(&console, &["--allow", "env"]);
    let run = json!({"program": "env", "env": {"A": "pay/db"}});
    assert!(agent.refused("run_command", &run).contains("No active grant of this session"));
    for tool in ["request_status", "end_access"] {
        assert!(
            agent
                .refused(tool, &json!({"grant": "G-1"}))
                .contains("is not a grant of this session")
        );
    }
    assert_eq!(console.count("POST /v1/grants/G-1/reveal"), 0);
    agent.end();
    let mut agent = Agent::start(&console, &["--allow", "env", "--grant", "G-1"]);
    // By an ARN without AWS's suffix, and by id.
    let short = arn(US, "pay/db").rsplit_once('-').unwrap().0.to_owned();
    for named in [short, resource(US, "pay/db").id.to_string()] {
        agent.call("run_command", &json!({"program": "env", "env": {"A": named}}));
    }
    console.answers("GET /v1/grants/G-1", &revoked());
    assert!(agent.refused("run_command", &run).contains("G-1: Revoked"));
    assert_no_canary(&agent.end());
}
