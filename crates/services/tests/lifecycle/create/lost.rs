//! A call whose outcome was lost: what AWS has by then says what came of it.

use super::*;
use claviger_domain::facts::{Detail, Version};
use claviger_testkit::samples::secret_with;

/// The call was made, and nothing was heard of it.
async fn lost(fixture: &Fixture, form: &CreationForm) -> CreationRow {
    fixture.aws.lose_calls();
    let row = fixture.submit(form).await.unwrap();
    assert_eq!(row.state, CreationState::Creating);
    fixture.services.creations().update_creations().await.unwrap();
    assert_eq!(fixture.row(&row).await.state, CreationState::Creating, "too early to look");
    fixture.clock.advance(Duration::minutes(6));
    row
}

async fn settled(fixture: &Fixture, row: &CreationRow) -> CreationRow {
    fixture.services.creations().update_creations().await.unwrap();
    fixture.work().await;
    fixture.row(row).await
}

fn with_version(id: &str) -> claviger_domain::facts::ResourceFacts {
    secret_with(PAYMENTS, US, "payments/new", |facts| {
        facts.versions = vec![Version { id: id.into(), stages: vec!["AWSCURRENT".into()] }];
    })
}

#[sqlx::test(migrations = "../../migrations")]
async fn ours_by_its_first_version_goes_on_and_is_made_once(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = lost(&fixture, &form()).await;
    let token = fixture.aws.creations()[0].token.clone();
    fixture.aws.put(with_version(&token));
    let row = settled(&fixture, &row).await;
    assert_eq!(row.state, CreationState::Created);
    assert!(row.resource.is_some() && row.plan.is_some(), "the other calls follow");
    let again = settled(&fixture, &row).await;
    assert_eq!((again.plan, fixture.aws.creations().len()), (row.plan, 1));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_parameter_is_ours_by_who_modified_it(pool: PgPool) {
    let fixture = console(&pool).await;
    for (by, state) in [(None, CreationState::Created), (Some("root"), CreationState::Failed)] {
        let name = format!("/payments/{}", by.unwrap_or("own"));
        let form = CreationForm { name: name.clone(), ..parameter() };
        let row = lost(&fixture, &form).await;
        let session = fixture.aws.creations().pop().unwrap().session_name;
        let mut facts = claviger_testkit::samples::parameter(PAYMENTS, US, &name);
        if let Detail::Parameter(detail) = &mut facts.detail {
            let by = by.unwrap_or(&session);
            detail.last_modified_user =
                Some(format!("arn:aws:sts::{PAYMENTS}:assumed-role/r/{by}"));
        }
        fixture.aws.put(facts);
        assert_eq!(settled(&fixture, &row).await.state, state, "{name}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_what_is_absent_the_value_is_entered_again(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = lost(&fixture, &form()).await;
    let row = settled(&fixture, &row).await;
    assert_eq!(row.state, CreationState::Approved);
    assert!(row.message.unwrap().contains("Enter the value again"));
    assert!(row.expires_at > fixture.now(), "there is time for it");
    assert!(!fixture.dump().await.contains(CANARY));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_name_that_somebody_else_took_is_left_alone(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = lost(&fixture, &form()).await;
    fixture.aws.put(with_version("of-somebody-else"));
    let row = settled(&fixture, &row).await;
    assert_eq!(row.state, CreationState::Failed);
    assert!(row.message.unwrap().contains("taken meanwhile"));
    assert_eq!(row.plan, None, "nothing of theirs is changed");
    assert!(fixture.aws.orders().is_empty());
}

/// Without it, the resource policy and the replica would be left out unseen.
#[sqlx::test(migrations = "../../migrations")]
async fn what_is_not_in_the_inventory_yet_is_completed_later(pool: PgPool) {
    let fixture = console(&pool).await;
    fixture.aws.fail_details(Some(RegionScanFault::Unreachable));
    let row = fixture.submit(&form()).await.unwrap();
    assert_eq!(row.state, CreationState::Creating);
    assert!(row.message.unwrap().contains("Created in AWS"));
    fixture.aws.fail_details(None);
    fixture.clock.advance(Duration::minutes(6));
    let row =
        fixture.row(&fixture.services.creations().creations(&eve()).await.unwrap().rows[0]).await;
    let row = settled(&fixture, &row).await;
    assert_eq!(row.state, CreationState::Created);
    let plan = row.plan.unwrap().to_string();
    let plan = fixture.services.remediation().plan_page(&eve(), &plan).await.unwrap();
    assert_eq!(plan.row.counts.done, 2, "the resource policy and the replica");
    assert_eq!(fixture.aws.creations().len(), 1);
}
