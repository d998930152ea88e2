//! The audit log, requests, grants and jobs.

use crate::{AT, account, json, person, region, resource};
use claviger_domain::{
    VariantArray,
    audit::{AuditAction, AuditEntry, GENESIS, Phase, chain_hash, hex},
    authz::{Role, Scope},
    facts::Kind,
    grants::{
        self, Action, ApprovalRule, Approver, AutoApprove, BreakGlass, Decided, EndReason, GrantId,
        GrantState, RequestTerms, StepRule, request_hash, view::Revealed,
    },
    ids::ScanId,
    job::Job,
    problem::{Problem, ProblemCode},
    remediation::PlanId,
    waits::Waits,
};
use std::{collections::BTreeMap, fmt::Write};
use uuid::Uuid;

/// As hashed: with any other byte, no chain of an earlier release verifies.
#[test]
fn audit_entries() {
    let entry = AuditEntry {
        seq: 7,
        at: AT,
        actor: Some(person()),
        audit_action: AuditAction::Remediate,
        phase: Phase::Completed,
        subject: "P-3".into(),
        succeeded: Some(true),
        started: Some(6),
        detail: BTreeMap::from([("call".into(), "TagResource".into())]),
    };
    let alone = AuditEntry {
        actor: None,
        phase: Phase::Done,
        succeeded: None,
        started: None,
        detail: BTreeMap::new(),
        ..entry.clone()
    };
    let mut table = String::new();
    for entry in [entry, alone] {
        json(&mut table, &entry);
        let body = serde_json::to_string(&entry).unwrap();
        let _ = writeln!(table, "{}", hex(&chain_hash(&GENESIS, &body)));
    }
    insta::assert_snapshot!(table);
}

fn rule() -> ApprovalRule {
    ApprovalRule {
        name: "Production".into(),
        scope: Scope::Ou("Workloads/Production".into()),
        actions: Action::VARIANTS.to_vec(),
        kinds: Kind::VARIANTS.to_vec(),
        tags: BTreeMap::from([("env".into(), "prod".into())]),
        longest_minutes: 60,
        claim_minutes: 61,
        decide_minutes: 62,
        ticket: Some("PAY-[0-9]+".into()),
        steps: vec![StepRule {
            name: "One".into(),
            quorum: 1,
            approvers: vec![
                Approver::Team("payments".into()),
                Approver::Role(Role::SecurityAdmin),
                Approver::Owner,
                Approver::ParentOu,
            ],
        }],
        auto_approve: Some(AutoApprove { longest_minutes: 10 }),
        break_glass: Some(BreakGlass { longest_minutes: 15 }),
    }
}

/// Columns of the access tables, and the hash that approvals are bound to.
#[test]
fn access() {
    let mut table = String::new();
    let t = &mut table;
    let terms = RequestTerms {
        requester: person(),
        action: Action::Write,
        purpose: "Why.".into(),
        ticket: Some("PAY-1".into()),
        minutes: 30,
        starts_at: Some(AT),
        created_at: AT,
        break_glass: false,
        extends: Some(GrantId(1)),
        incident: None,
    };
    json(t, &terms);
    json(t, &resource());
    let parts = [(account(), vec![resource()])];
    let _ = writeln!(t, "{}", request_hash(&terms, &parts));
    let bare = RequestTerms { ticket: None, starts_at: None, extends: None, ..terms };
    let _ = writeln!(t, "{}", request_hash(&bare, &parts));
    json(t, &rule());
    for state in [
        GrantState::Requested { expires_at: AT },
        GrantState::Approved { starts_at: AT, claim_until: AT },
        GrantState::Claimable { claim_until: AT },
        GrantState::Active { since: AT, until: AT },
        GrantState::Ended { at: AT, why: EndReason::GivenBack },
        GrantState::Denied { at: AT },
        GrantState::Expired { at: AT },
        GrantState::Failed { at: AT, reason: "Gone.".into() },
    ] {
        // New ones have to be pinned here.
        match &state {
            GrantState::Requested { .. }
            | GrantState::Approved { .. }
            | GrantState::Claimable { .. }
            | GrantState::Active { .. }
            | GrantState::Ended { .. }
            | GrantState::Denied { .. }
            | GrantState::Expired { .. }
            | GrantState::Failed { .. } => {}
        }
        json(t, &state);
    }
    json(
        t,
        &Decided {
            by: person(),
            step: 0,
            verdict: grants::Vote::Approve,
            reason: None,
            minutes: Some(15),
            hash: "ab".into(),
            at: AT,
        },
    );
    for value in [Revealed::Text("x".to_owned().into()), Revealed::Binary("eA==".to_owned().into())]
    {
        let _ = writeln!(t, "{}", serde_json::to_string(&value).unwrap());
    }
    json(t, &Problem::new(ProblemCode::Conflict, "What.", "How."));
    json(t, &Waits::Approval(vec!["ada".into()]));
    json(t, &Waits::Review(Vec::new()));
    insta::assert_snapshot!(table);
}

/// Payloads in the queue, with the key under which a later job replaces an earlier one.
#[test]
fn jobs() {
    let (sweep, grant) = (ScanId(Uuid::from_u128(2)), GrantId(5));
    let mut table = String::new();
    for job in [
        Job::PlanScan { sweep },
        Job::ScanRegion { sweep, account: account(), region: region() },
        Job::ReadDeep { account: account(), region: region() },
        Job::RefreshResource {
            account: account(),
            region: region(),
            kind: Kind::Parameter,
            name: "/payments/db".into(),
            at: 9,
        },
        Job::Evaluate { account: account() },
        Job::CheckAccount { account: account() },
        Job::ReadVariables { account: account() },
        Job::EndSessions { grant },
        Job::CollectDenials { account: account() },
        Job::Deliver { notice: 6 },
        Job::Send { delivery: 7 },
        Job::FollowRequest { grant },
        Job::ReadTrail { grant },
        Job::Remediate { plan: PlanId(8), account: account() },
    ] {
        // New ones have to be pinned here.
        match &job {
            Job::PlanScan { .. }
            | Job::ScanRegion { .. }
            | Job::ReadDeep { .. }
            | Job::RefreshResource { .. }
            | Job::Evaluate { .. }
            | Job::CheckAccount { .. }
            | Job::ReadVariables { .. }
            | Job::EndSessions { .. }
            | Job::CollectDenials { .. }
            | Job::Deliver { .. }
            | Job::Send { .. }
            | Job::FollowRequest { .. }
            | Job::ReadTrail { .. }
            | Job::Remediate { .. } => {}
        }
        json(&mut table, &job);
        let _ = writeln!(table, "  {:?} {}", job.key(), job.is_interactive());
    }
    insta::assert_snapshot!(table);
}
