//! What changed between two sweeps, and who sees it.

use super::fixture::*;
use claviger_domain::{
    changes::{ChangeKind, ChangeRow},
    problem::ProblemCode,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret};
use sqlx::PgPool;

fn said(rows: &[ChangeRow]) -> Vec<String> {
    rows.iter()
        .map(|row| {
            let change = &row.change;
            let value = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
            match row.what {
                ChangeKind::Changed => format!(
                    "{} {} {}>{}",
                    row.name,
                    change.field,
                    value(&change.before),
                    value(&change.after)
                ),
                what => format!("{} {what}", row.name),
            }
        })
        .collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_field_that_changed_is_remembered_with_what_it_said(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    let list = async |query: &str| {
        said(&fixture.services.changes().changes(&ada(), query).await.unwrap().rows)
    };
    assert_eq!(list("").await, Vec::<String>::new(), "what the first sweep finds was there");
    // The same once more changes nothing.
    fixture.scan().await;
    assert_eq!(list("").await, Vec::<String>::new());
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.scan().await;
    let mut found = list("").await;
    found.sort();
    let tags: Vec<&String> = found.iter().filter(|text| text.contains("Tags.")).collect();
    assert!(tags.iter().any(|text| text.contains("a Tags.env ->dev")), "{found:?}");
    assert!(found.contains(&"b first-seen".to_owned()), "{found:?}");
    // Gone, and back.
    fixture.aws.remove(&secret(PAYMENTS, US, "b").arn);
    fixture.scan().await;
    assert_eq!(list("what=gone").await, ["b gone"]);
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.scan().await;
    assert_eq!(list("what=back").await, ["b back"]);
    assert_eq!(list("what=gone&what=back&q=B").await, ["b back", "b gone"]);
    assert_eq!(list("field=KmsKeyId").await, Vec::<String>::new());
    // A day is a day.
    fixture.clock.advance(time::Duration::days(2));
    assert_eq!(list("days=1").await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_the_changes_of_others(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.scan().await;
    fixture.aws.put(secret(PAYMENTS, US, "p"));
    fixture.aws.put(secret(CHECKOUT, US, "c"));
    fixture.scan().await;
    let engineer = person("eva", "payments-engineers");
    let page = fixture.services.changes().changes(&engineer, "").await.unwrap();
    assert_eq!(said(&page.rows), ["p first-seen"]);
    assert_eq!(page.accounts.len(), 1);
    let bad = fixture.services.changes().changes(&ada(), "field=Owner").await.unwrap_err();
    assert_eq!(code(bad), ProblemCode::InvalidInput);
    let nobody = person("noa", "nobodies");
    assert!(fixture.services.changes().changes(&nobody, "").await.is_err());
}
