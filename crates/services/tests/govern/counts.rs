//! The facets of the findings: what judgings have counted is what the table holds, whatever happens.

use crate::world::{US, World, ada, unowned};
use claviger_domain::governance::view::FindingsPage;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX, secret};
use sqlx::PgPool;
use time::Duration;

const QUERIES: [&str; 8] = [
    "",
    "state=overdue",
    "state=resolved",
    "state=open&state=waived",
    "severity=high",
    "team=-",
    "account=441205839201&policy=owner",
    "ou=ou-prod&category=tags",
];

impl World {
    async fn list(&self, query: &str) -> FindingsPage {
        self.services.findings(&ada(), query).await.unwrap()
    }

    /// Of each question the same, counted row by row: within so many days lies everything.
    async fn assert_counted(&self, when: &str) {
        for query in QUERIES {
            let held = self.list(query).await;
            let counted = self.list(&format!("{query}&days=3650")).await;
            assert_eq!(held.facets, counted.facets, "{when}: {query}");
            assert_eq!(held.matching, counted.matching, "{when}: {query}");
            assert_eq!(held.rows, counted.rows, "{when}: {query}");
            assert_eq!(held.rows.len() as u64, held.matching, "{when}: {query}");
        }
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_judgings_count_is_what_the_table_holds(pool: PgPool) {
    let world = World::new(
        pool,
        "id: owner\ntitle: Owner\nseverity: high\nrule:\n  owner: {}\n---\n\
         id: age\ntitle: Age\nseverity: medium\nrule:\n  value-age: {max-days: 30}\n",
    )
    .await;
    world.assert_counted("before anything is judged").await;
    for n in 0..4 {
        world.aws.put(unowned(PAYMENTS, &format!("p{n}")));
        world.aws.put(secret(CHECKOUT, US, &format!("c{n}")));
    }
    world.sweep().await;
    world.assert_counted("at first").await;
    assert!(world.list("").await.matching >= 4);

    world.aws.put(secret(PAYMENTS, US, "p0"));
    world.aws.remove(&secret(PAYMENTS, US, "p1").arn);
    world.aws.put(unowned(SANDBOX, "s"));
    world.sweep().await;
    world.assert_counted("something is mended, gone, new").await;
    assert!(world.list("state=resolved").await.matching >= 2);

    world.clock.advance(Duration::days(15));
    world.assert_counted("some are overdue, and nothing was judged").await;
    assert!(world.list("state=overdue").await.matching > 0);
    world.services.keep_judging().await.unwrap();
    world.work().await;
    world.assert_counted("they are judged").await;

    world.aws.put(unowned(PAYMENTS, "p0"));
    world.sweep().await;
    world.assert_counted("one has come back").await;
    world.clock.advance(Duration::days(80));
    world.assert_counted("all are overdue").await;
}
