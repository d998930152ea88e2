//! Favorites: a person's own, within what they may still see.

use crate::grants::fixture::{Fixture, KAFKA, LEDGER, ben, bindings, problem};
use claviger_domain::{authz::Caller, ids::ResourceId, problem::ProblemCode};
use claviger_services::ServiceError;
use claviger_testkit::samples::PAYMENTS;
use sqlx::PgPool;

impl Fixture {
    async fn favorites(&self, caller: &Caller) -> Vec<String> {
        let found = self.services.inventory().favorites(caller).await.unwrap();
        found.rows.into_iter().map(|row| row.name).collect()
    }

    async fn mark(&self, caller: &Caller, id: ResourceId, on: bool) -> Result<(), ServiceError> {
        self.services.inventory().set_favorite(caller, &id.to_string(), on).await
    }

    async fn is_marked(&self, caller: &Caller, id: ResourceId) -> bool {
        let id = id.to_string();
        self.services.activity().resource_header(caller, &id).await.unwrap().is_favorite
    }
}

/// Ben without a role.
fn stranger() -> Caller {
    claviger_testkit::person("ben", &["strangers"], &bindings())
}

/// Somebody who sees the payments account and nothing else.
fn of_payments() -> Caller {
    let binding = format!(
        r#"[{{"group": "payments", "role": "requester", "scope": {{"accounts": ["{PAYMENTS}"]}}}}]"#
    );
    claviger_testkit::person(
        "kim",
        &["payments"],
        &serde_json::from_str::<Vec<_>>(&binding).unwrap(),
    )
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_person_has_their_own(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let (ledger, kafka) = (fixture.id(LEDGER).await, fixture.id(KAFKA).await);
    fixture.mark(&ben(), ledger, true).await.unwrap();
    fixture.clock.advance(time::Duration::seconds(1));
    fixture.mark(&ben(), kafka, true).await.unwrap();
    fixture.mark(&ben(), kafka, true).await.unwrap();
    assert_eq!(fixture.favorites(&ben()).await, [KAFKA, LEDGER], "the newest first, each once");
    assert!(fixture.is_marked(&ben(), ledger).await);
    assert!(!fixture.is_marked(&of_payments(), ledger).await);
    assert_eq!(fixture.favorites(&of_payments()).await, [""; 0]);
    fixture.mark(&ben(), ledger, false).await.unwrap();
    fixture.mark(&ben(), ledger, false).await.unwrap();
    assert_eq!(fixture.favorites(&ben()).await, [KAFKA]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_favorite_shows_nothing_that_its_owner_may_not_see(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let ledger = fixture.id(LEDGER).await;
    let elsewhere = fixture.id("payments/in-checkout").await;
    fixture.mark(&of_payments(), ledger, true).await.unwrap();
    let refused = problem(fixture.mark(&of_payments(), elsewhere, true).await);
    assert_eq!(refused.code, ProblemCode::NotFound);
    fixture.mark(&ben(), ledger, true).await.unwrap();
    assert_eq!(fixture.favorites(&stranger()).await, [""; 0], "the role is gone");
    assert_eq!(problem(fixture.mark(&stranger(), ledger, true).await).code, ProblemCode::Forbidden);
    assert_eq!(fixture.favorites(&ben()).await, [LEDGER]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn there_are_at_most_two_hundred(pool: PgPool) {
    let fixture = Fixture::new(pool.clone()).await;
    let (ledger, kafka) = (fixture.id(LEDGER).await, fixture.id(KAFKA).await);
    sqlx::query(
        "with copies as (
             insert into resource select (r).* from (
                 select jsonb_populate_record(r, jsonb_build_object('id', gen_random_uuid(), 'arn', r.arn || n, 'name', r.name || n)) as r
                 from resource r, generate_series(1, 199) n where r.id = $1) copies
             returning id)
         insert into favorite (subject, resource_id, added_at) select 'ben', id, now() from copies",
    )
    .bind(ledger.0)
    .execute(&pool)
    .await
    .unwrap();
    // Two tabs at once.
    let ben = ben();
    let (one, other) =
        tokio::join!(fixture.mark(&ben, ledger, true), fixture.mark(&ben, kafka, true));
    assert_eq!([&one, &other].iter().filter(|done| done.is_ok()).count(), 1);
    let refused = problem(one.and(other));
    assert_eq!(refused.code, ProblemCode::Conflict);
    assert_eq!(refused.message, "You have 200 favorites already.");
}
