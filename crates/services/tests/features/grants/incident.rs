//! An incident: everything ends, nothing new begins, and AWS is asked about each.

use super::fixture::{Fixture, KAFKA, LEDGER, access_request, ada, ben, person, problem, tomas};
use claviger_domain::{
    authz::Person,
    grants::{GrantId, GrantStateName},
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_services::grants::{RequestInput, SessionPurpose};
use claviger_testkit::{
    US,
    samples::{PAYMENTS, account, region},
};
use sqlx::PgPool;
use std::collections::BTreeMap;

fn operator() -> Person {
    Person { subject: "operator:ada".into(), name: "Ada (operator)".into(), email: None }
}

async fn credentials(fixture: &Fixture, grant: GrantId) -> bool {
    let sessions = fixture.services.grant_sessions();
    let of = grant.to_string();
    sessions.issue_credentials(&ben(), &of, None, SessionPurpose::Client).await.is_ok()
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_active_grant_ends_and_nothing_begins_until_an_admin_says_so(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let services = fixture.services.clone();
    let incident = services.incident();
    let (used, unused, approved) =
        (fixture.live(LEDGER).await, fixture.live(KAFKA).await, fixture.asked(LEDGER).await);
    assert!(credentials(&fixture, used).await);
    fixture.approve(&tomas(), approved).await;
    fixture.approve(&ada(), approved).await;

    let ending = incident.end_all_grants(&operator(), "An incident.").await.unwrap();
    assert!(ending.paused && ending.grants == 2, "{ending:?}");
    assert_eq!(fixture.word(used).await, GrantStateName::Revoked);
    assert_eq!(fixture.word(unused).await, GrantStateName::Revoked);
    assert!(!credentials(&fixture, used).await);
    // Only what has a session is to be denied.
    let open = incident.ended_sessions().await.unwrap();
    assert_eq!(open.iter().map(|ended| ended.grant).collect::<Vec<_>>(), [Some(used)]);
    assert_eq!(open[0].confirmed_at, None);
    let confirmed = incident.confirm(&BTreeMap::new(), &region(US)).await.unwrap();
    assert!(confirmed[0].confirmed_at.is_some(), "{confirmed:?}");

    // What was approved cannot start, and nobody breaks glass; requests may wait.
    let claim = |grant: GrantId| {
        let services = fixture.services.clone();
        async move { services.grant_lifecycle().claim(&ben(), &grant.to_string()).await }
    };
    let refused = problem(claim(approved).await);
    assert!(refused.message.contains("Access is paused by Ada"), "{}", refused.message);
    let glass = RequestInput {
        break_glass: true,
        minutes: 10,
        ..access_request(&[fixture.id(LEDGER).await])
    };
    let refused = problem(services.requests().request_access(&ben(), glass).await);
    assert!(refused.message.contains("paused"), "{}", refused.message);
    fixture.asked(KAFKA).await;
    assert!(services.navigation().me(&ben()).await.unwrap().access_pause.is_some());

    // Again: nothing is left, and nothing is paused twice.
    let again = incident.end_all_grants(&operator(), "An incident.").await.unwrap();
    assert!(!again.paused && again.grants == 0, "{again:?}");
    assert!(problem(incident.end_all_grants(&operator(), " ").await).message.contains("reason"));
    let actions = fixture.audit_actions().await;
    assert_eq!(actions.iter().filter(|action| *action == "pause-access done").count(), 1);

    for caller in [ben(), tomas(), person("noa", &[])] {
        assert_eq!(problem(incident.resume_access(&caller).await).code, ProblemCode::Forbidden);
    }
    incident.resume_access(&ada()).await.unwrap();
    assert_eq!(problem(incident.resume_access(&ada()).await).code, ProblemCode::Conflict);
    claim(approved).await.unwrap();
    assert!(credentials(&fixture, approved).await);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_is_cut_off_from_older_sessions_until_the_last_has_ended(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let services = fixture.services.clone();
    let incident = services.incident();
    let payments = account(PAYMENTS);
    let of_payments = async || {
        let all = incident.ended_sessions().await.unwrap();
        all.into_iter().find(|ended| ended.account == payments)
    };

    // An account that refuses us is not confirmed, and says why.
    fixture.aws.access.refuse(Some((RegionScanFault::Denied, "AccessDenied")));
    let probes = incident.cut_off_accounts(&operator(), "Restored.").await.unwrap();
    assert!(probes.is_empty());
    let open = of_payments().await.unwrap();
    assert!(open.confirmed_at.is_none() && open.fault.is_some(), "{open:?}");

    // With the next attempt it is.
    fixture.aws.access.refuse(None);
    let probes = incident.cut_off_accounts(&operator(), "Restored.").await.unwrap();
    incident.confirm(&probes, &region(US)).await.unwrap();
    assert!(of_payments().await.unwrap().confirmed_at.is_some());
    let document = fixture.aws.access.denials_in(&payments).unwrap();
    assert!(document.contains("aws:TokenIssueTime"), "{document}");

    // The daily check keeps it, and puts it back where somebody removed it.
    fixture.aws.access.tamper(&payments, "{}");
    services.revocation().reconcile_denials().await.unwrap();
    assert_eq!(fixture.aws.access.denials_in(&payments), Some(document));

    // After AWS's longest session nothing is left to deny.
    fixture.pass(12 * 60 + 1).await;
    assert_eq!(fixture.aws.access.denials_in(&payments), None);
    assert!(of_payments().await.is_none());
}
