//! The facets of the findings: what evaluations have counted is what the table holds, whatever happens.

use super::fixture::{Fixture, US, ada, unowned};
use claviger_domain::{
    authz::VisibleAccounts,
    clock::Clock,
    compliance::view::{FindingRow, FindingsView},
};
use claviger_store::Store;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX, secret};
use sqlx::PgPool;
use time::Duration;

const POLICIES: &str = "id: owner\ntitle: Owner\nseverity: high\nrule:\n  owner: {}\n---\n\
     id: age\ntitle: Age\nseverity: medium\nrule:\n  value-age: {max-days: 30}\n";

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

impl Fixture {
    async fn list(&self, query: &str) -> FindingsView {
        self.services.compliance().findings(&ada(), query).await.unwrap()
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
async fn words_kinds_and_regions_leave_the_findings_of_what_has_them(pool: PgPool) {
    let fixture = Fixture::new(pool.clone(), POLICIES).await;
    for n in 0..3 {
        fixture.aws.put(unowned(PAYMENTS, &format!("Ledger-{n}")));
        fixture.aws.put(unowned(CHECKOUT, &format!("basket-{n}")));
    }
    fixture.scan().await;
    fixture.aws.remove(&unowned(PAYMENTS, "Ledger-1").arn);
    fixture.scan().await;
    let every = fixture.list("state=open&state=resolved").await.rows;
    assert!(every.iter().any(|row| row.resolved_at.is_some() && row.name == "Ledger-1"));

    let everywhere = VisibleAccounts {
        accounts: [PAYMENTS, CHECKOUT].map(|id| id.parse().unwrap()).into(),
        whole_organization: true,
    };
    let within = |query: &str, fits: &dyn Fn(&FindingRow) -> bool| {
        let asked = format!("state=open&state=resolved&{query}");
        let fitting: Vec<FindingRow> = every.iter().filter(|row| fits(row)).cloned().collect();
        (asked, fitting)
    };
    let ledger_2 = every.iter().find(|row| row.name == "Ledger-2").unwrap().resource;
    for (asked, fitting) in [
        within("q=LEDGER", &|row| row.name.contains("Ledger")),
        within("q=ger-2+led", &|row| row.name == "Ledger-2"),
        within("q=-1-abcd&account=441205839201", &|row| row.name == "Ledger-1"),
        within(&format!("q=ledger&resource={ledger_2}"), &|row| row.name == "Ledger-2"),
        within(&format!("q=basket&resource={ledger_2}"), &|_| false),
        within("kind=secret&policy=owner", &|row| row.policy == "owner"),
        within("kind=parameter", &|_| false),
        within("region=us-east-1", &|row| row.region.as_str() == "us-east-1"),
        within("region=eu-west-3", &|_| false),
        within("q=nothing", &|_| false),
    ] {
        let page = fixture.list(&asked).await;
        assert_eq!(page.rows, fitting, "{asked}");
        assert_eq!(page.matching, fitting.len() as u64, "{asked}");
        let states = page.facets.states.iter().filter(|state| state.value != "overdue");
        assert_eq!(states.map(|state| state.count).sum::<u64>(), page.matching, "{asked}");

        // As where too many resources fit to be named.
        let one_by_one = Store::from_pool(pool.clone())
            .findings()
            .list_findings(&everywhere, &asked.parse().unwrap(), 50, fixture.clock.now())
            .await
            .unwrap();
        let ids = |rows: &[FindingRow]| {
            rows.iter().map(|row| (row.resource, row.policy.clone())).collect::<Vec<_>>()
        };
        assert_eq!(ids(&one_by_one.rows), ids(&fitting), "{asked}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_judgings_count_is_what_the_table_holds(pool: PgPool) {
    let fixture = Fixture::new(pool, POLICIES).await;
    fixture.assert_counted("before anything is evaluated").await;
    for n in 0..4 {
        fixture.aws.put(unowned(PAYMENTS, &format!("p{n}")));
        fixture.aws.put(secret(CHECKOUT, US, &format!("c{n}")));
    }
    fixture.scan().await;
    fixture.assert_counted("at first").await;
    assert!(fixture.list("").await.matching >= 4);

    fixture.aws.put(secret(PAYMENTS, US, "p0"));
    fixture.aws.remove(&secret(PAYMENTS, US, "p1").arn);
    fixture.aws.put(unowned(SANDBOX, "s"));
    fixture.scan().await;
    fixture.assert_counted("something is fixed, gone, new").await;
    assert!(fixture.list("state=resolved").await.matching >= 2);

    fixture.clock.advance(Duration::days(15));
    fixture.assert_counted("some are overdue, and nothing was evaluated").await;
    assert!(fixture.list("state=overdue").await.matching > 0);
    fixture.services.evaluations().schedule_due_evaluations().await.unwrap();
    fixture.work().await;
    fixture.assert_counted("they are evaluated").await;

    fixture.aws.put(unowned(PAYMENTS, "p0"));
    fixture.scan().await;
    fixture.assert_counted("one has come back").await;
    fixture.clock.advance(Duration::days(80));
    fixture.assert_counted("all are overdue").await;
}
