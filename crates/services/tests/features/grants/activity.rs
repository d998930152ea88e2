//! The timeline of a secret has its grants, for those who may see them.

use super::fixture::{Fixture, KAFKA, LEDGER, access_request, ada, ben, person, tomas};
use claviger_domain::{
    audit::AuditAction,
    authz::Caller,
    ids::ResourceId,
    inventory::activity::{ActivityView, ActivityWhat},
    problem::ProblemCode,
};
use sqlx::PgPool;
use time::Duration;

async fn timeline(fixture: &Fixture, caller: &Caller, id: ResourceId, query: &str) -> ActivityView {
    fixture.services.activity().activity_of(caller, &id.to_string(), query).await.unwrap()
}

/// The actions of its grants, the oldest first.
fn actions(view: &ActivityView) -> Vec<AuditAction> {
    let of = |what: &ActivityWhat| match what {
        ActivityWhat::Audit { action, .. } => Some(*action),
        _ => None,
    };
    view.rows.iter().rev().filter_map(|row| of(&row.what)).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_is_in_the_timeline_of_its_secret(pool: PgPool) {
    use AuditAction::{Approve, Claim, GiveBack, IssueSession, Request, Reveal};
    let fixture = Fixture::new(pool).await;
    let (ledger, kafka) = (fixture.id(LEDGER).await, fixture.id(KAFKA).await);
    let grant = fixture.ask(&ben(), access_request(&[ledger, kafka])).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    let id = grant.to_string();
    fixture.services.grant_lifecycle().claim(&ben(), &id).await.unwrap();
    fixture.clock.advance(Duration::minutes(1));
    fixture.services.grant_sessions().reveal(&ben(), &id, &ledger.to_string()).await.unwrap();
    fixture.services.grant_lifecycle().give_back(&ben(), &id).await.unwrap();

    let all = [Request, Approve, Approve, Claim];
    let found = actions(&timeline(&fixture, &ada(), ledger, "").await);
    assert_eq!(found[..4], all, "{found:?}");
    assert_eq!(found.iter().filter(|action| **action == Reveal).count(), 1, "once, when it ended");
    assert_eq!(found.last(), Some(&GiveBack), "{found:?}");
    let found = actions(&timeline(&fixture, &ada(), kafka, "").await);
    assert!(!found.contains(&Reveal), "the other secret was revealed: {found:?}");
    assert_eq!(found[..4], all);

    let sessions = actions(&timeline(&fixture, &ada(), ledger, "kind=session").await);
    assert!(sessions.iter().all(|action| matches!(action, Reveal | IssueSession)), "{sessions:?}");
    assert!(sessions.contains(&Reveal));
    let access = actions(&timeline(&fixture, &ada(), ledger, "kind=access").await);
    assert_eq!(access, [Request, Approve, Approve, Claim, GiveBack]);
    assert!(actions(&timeline(&fixture, &ada(), ledger, "kind=exception").await).is_empty());

    let newest = fixture.services.activity().newest_activity(&ada(), &ledger.to_string(), 1).await;
    let newest = newest.unwrap();
    assert_eq!(actions(&newest), [GiveBack]);
    let next = newest.next.unwrap();
    let older = timeline(&fixture, &ada(), ledger, &format!("after={next}")).await;
    assert!(!actions(&older).contains(&GiveBack));
    assert_eq!(
        actions(&older).len() + 1,
        actions(&timeline(&fixture, &ada(), ledger, "").await).len()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn grants_of_others_are_seen_only_by_who_may_see_access(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let ledger = fixture.id(LEDGER).await;
    let grant = fixture.live(LEDGER).await;
    // A requester sees their own; a colleague with the same role sees none.
    let own = timeline(&fixture, &ben(), ledger, "").await;
    assert!(own.hides_grants && !actions(&own).is_empty());
    let colleague = person("eva", &["payments"]);
    let other = timeline(&fixture, &colleague, ledger, "").await;
    assert!(other.hides_grants && actions(&other).is_empty());
    for caller in [ada(), tomas(), person("olga", &["audit"])] {
        let seen = timeline(&fixture, &caller, ledger, "").await;
        assert!(!seen.hides_grants && !actions(&seen).is_empty(), "{}", caller.person.name);
    }

    // The header and the list of readers likewise.
    let services = &fixture.services;
    let id = ledger.to_string();
    for (caller, count) in [(ada(), 1), (ben(), 1), (colleague, 0)] {
        let header = services.activity().resource_header(&caller, &id).await.unwrap();
        assert_eq!(header.grants, count, "{}", caller.person.name);
        let readers = services.readers().readers_of(&caller, &id).await.unwrap();
        assert_eq!(readers.grants.len(), count as usize, "{}", caller.person.name);
    }
    let readers = services.readers().readers_of(&ada(), &id).await.unwrap();
    assert_eq!((readers.grants[0].grant, readers.has_all_grants), (grant, true));
    let nobody = person("noa", &["nobodies"]);
    let refused = services.activity().activity_of(&nobody, &id, "").await.unwrap_err();
    assert_eq!(refused.into_problem().code, ProblemCode::Forbidden);
    let bad = services.activity().activity_of(&ada(), &id, "after=1").await.unwrap_err();
    assert_eq!(bad.into_problem().code, ProblemCode::InvalidInput);
}
