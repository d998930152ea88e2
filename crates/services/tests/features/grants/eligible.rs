//! The holder of a live grant has to be eligible at that moment, not only at the claim.

use super::fixture::{Fixture, KAFKA, LEDGER, access_request, ada, ben, person, problem, tomas};
use claviger_domain::{
    grants::{GrantStateName, view::Revealed},
    problem::ProblemCode,
};
use claviger_services::grants::{RequestInput, SessionPurpose};
use sqlx::PgPool;

/// Every use of the grant, and what came of it.
async fn uses(
    fixture: &Fixture,
    groups: &[&str],
    grant: &str,
    name: &str,
) -> Vec<Result<(), ProblemCode>> {
    let (caller, id) = (person("ben", groups), fixture.id(name).await.to_string());
    let services = &fixture.services;
    let session = |purpose| {
        let (caller, id) = (caller.clone(), id.clone());
        async move {
            services
                .grant_sessions()
                .issue_credentials(&caller, grant, Some(&id), purpose)
                .await
                .map(drop)
                .map_err(|error| error.into_problem().code)
        }
    };
    vec![
        services
            .grant_sessions()
            .reveal(&caller, grant, &id)
            .await
            .map(drop)
            .map_err(|e| e.into_problem().code),
        session(SessionPurpose::Client).await,
        session(SessionPurpose::Console).await,
    ]
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_group_that_is_lost_ends_every_use(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await.to_string();
    assert_eq!(uses(&fixture, &["payments"], &grant, LEDGER).await, [Ok(()); 3]);
    let issued = fixture.aws.access.orders().len();
    // Another team: the policy no longer permits it. None at all: it is out of scope.
    for groups in [&["admins-of-nothing"][..], &[]] {
        assert_eq!(
            uses(&fixture, groups, &grant, LEDGER).await,
            [Err(ProblemCode::Forbidden); 3],
            "{groups:?}"
        );
    }
    assert_eq!(fixture.aws.access.orders().len(), issued, "AWS was not asked");
    let audit_actions = fixture.audit_actions().await;
    for audit_action in ["reveal done badly", "issue-session done badly"] {
        assert!(
            audit_actions.contains(&audit_action.to_owned()),
            "{audit_action}: {audit_actions:?}"
        );
    }
    assert_eq!(uses(&fixture, &["payments"], &grant, LEDGER).await, [Ok(()); 3], "and back");
}

#[sqlx::test(migrations = "../../migrations")]
async fn new_values_and_rotations_alike(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let (id, elsewhere) = (fixture.id(LEDGER).await, person("ben", &["others"]));
    for action in ["write", "rotate"] {
        let input =
            RequestInput { action: action.into(), ticket: "PAY-1".into(), ..access_request(&[id]) };
        let grant = fixture.ask(&ben(), input).await.grants[0];
        fixture.approve(&tomas(), grant).await;
        let grant = grant.to_string();
        fixture.services.grant_lifecycle().claim(&ben(), &grant).await.unwrap();
        let id = id.to_string();
        let refused = if action == "write" {
            problem(
                fixture
                    .services
                    .grant_sessions()
                    .put_value(&elsewhere, &grant, &id, "new".to_owned().into())
                    .await,
            )
        } else {
            problem(fixture.services.grant_sessions().rotate(&elsewhere, &grant, &id).await)
        };
        assert_eq!(refused.code, ProblemCode::Forbidden, "{action}: {refused:?}");
        assert!(refused.hint.contains("changed since the approval"), "{refused:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_secret_that_is_lost_does_not_stop_the_others(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let ids = [fixture.id(LEDGER).await, fixture.id(KAFKA).await];
    let grant = fixture.ask(&ben(), access_request(&ids)).await.grants[0];
    fixture.approve(&tomas(), grant).await;
    fixture.approve(&ada(), grant).await;
    let grant = grant.to_string();
    fixture.services.grant_lifecycle().claim(&ben(), &grant).await.unwrap();
    // It was given to another team: the tag by which the policy decides has changed.
    sqlx::query("update resource set facts = jsonb_set(facts::jsonb, '{tags,owner}', '\"growth\"') where name = $1")
        .bind(KAFKA)
        .execute(&fixture.pool)
        .await
        .unwrap();
    let lost = problem(
        fixture.services.grant_sessions().reveal(&ben(), &grant, &ids[1].to_string()).await,
    );
    assert!(lost.message.contains("payments/kafka"), "{lost:?}");
    // The one session would reach both.
    assert!(
        fixture
            .services
            .grant_sessions()
            .issue_credentials(&ben(), &grant, None, SessionPurpose::Client)
            .await
            .is_err()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn break_glass_is_evaluated_by_its_own_policy(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let input = RequestInput { break_glass: true, minutes: 10, ..access_request(&[id]) };
    let grant = fixture.ask(&ben(), input).await.grants[0];
    assert_eq!(fixture.word(grant).await, GrantStateName::Active);
    let (grant, id) = (grant.to_string(), id.to_string());
    let shown = fixture.services.grant_sessions().reveal(&ben(), &grant, &id).await.unwrap();
    assert!(!matches!(shown, Revealed::Binary(_)));
    let lost = problem(
        fixture.services.grant_sessions().reveal(&person("ben", &["others"]), &grant, &id).await,
    );
    assert_eq!(lost.code, ProblemCode::Forbidden);
}
