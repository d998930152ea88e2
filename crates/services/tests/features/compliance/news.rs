//! What is told of findings, and to whom; over an AWS in memory and a real PostgreSQL.

use super::fixture::{Fixture, US, person};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret};
use sqlx::PgPool;
use time::Duration;

fn policy(mode: &str) -> String {
    format!(
        "id: env\ntitle: Environments\nseverity: high\nmode: {mode}\nrule: {{required-tags: {{tags: {{env: [prod]}}}}}}"
    )
}

impl Fixture {
    /// All notifications since the last call.
    async fn told(&self) -> Vec<String> {
        let rows: Vec<(String, String, String, String)> = sqlx::query_as(
            "with told as (delete from notice returning *)
             select coalesce(recipient, 'channel'), title, body, link from told order by id",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        rows.into_iter()
            .map(|(who, title, body, link)| format!("{who}: {title}. {body} {link}"))
            .collect()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn new_failures_are_told_once_and_so_is_their_day(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("notify")).await;
    let pay = person("pay", "payments-engineers");
    fixture.services.people().upsert_person(&pay.person, &pay.groups).await.unwrap();
    fixture.aws.put(secret(PAYMENTS, US, "old"));
    fixture.aws.put(secret(CHECKOUT, US, "other"));
    fixture.scan().await;
    assert_eq!(fixture.told().await, Vec::<String>::new(), "what was there before is no news");
    for n in 0..5 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("new-{n}")));
    }
    // Its tag says the team of payments, whose people do not see that account.
    fixture.aws.put(secret(CHECKOUT, US, "hidden"));
    fixture.scan().await;
    let link = |account: &str, rest: &str| format!("/findings?policy=env&account={account}{rest}");
    let mut told = fixture.told().await;
    told.sort();
    assert_eq!(
        told,
        [
            format!(
                "channel: 5 new findings (high): Environments, Payments Prod. new-0, new-1, new-2 and 2 more. {}",
                link(PAYMENTS, "&days=1")
            ),
            format!(
                "channel: A new finding (high): Environments, Checkout Prod. hidden. {}",
                link(CHECKOUT, "&days=1")
            ),
            format!(
                "pay: 5 new findings (high): Environments, Payments Prod. new-0, new-1, new-2 and 2 more. {}",
                link(PAYMENTS, "&team=payments&days=1")
            ),
        ]
    );
    fixture.scan().await;
    assert_eq!(fixture.told().await, Vec::<String>::new(), "seen again is no news");
    fixture.clock.advance(Duration::days(15));
    for _ in 0..2 {
        fixture.services.evaluations().schedule_due_evaluations().await.unwrap();
        fixture.work().await;
    }
    let told = fixture.told().await;
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told.iter().any(|line| line.starts_with("pay: 6 findings are overdue (high)")),
        "{told:?}"
    );
    assert!(told.iter().all(|line| line.ends_with("&state=overdue")), "{told:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_observes_tells_nobody(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("observe")).await;
    fixture.aws.put(secret(PAYMENTS, US, "old"));
    fixture.scan().await;
    fixture.aws.put(secret(PAYMENTS, US, "new"));
    fixture.scan().await;
    assert_eq!(fixture.fails().await.len(), 2);
    assert_eq!(fixture.told().await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_team_has_its_digest_once_a_week(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("observe")).await;
    let (pay, ada) = (person("pay", "payments-engineers"), person("ada", "admins"));
    for person in [&pay, &ada] {
        fixture.services.people().upsert_person(&person.person, &person.groups).await.unwrap();
    }
    fixture.aws.put(secret(PAYMENTS, US, "one"));
    fixture.aws.put(secret(PAYMENTS, US, "two"));
    // Theirs by its tag, in an account that they do not see.
    fixture.aws.put(secret(CHECKOUT, US, "hidden"));
    fixture.scan().await;
    let digests = async || {
        fixture.services.digests().send_due_digests().await.unwrap();
        fixture.told().await
    };
    assert_eq!(digests().await.len(), 1, "the week's Monday is over: what is due is told");
    assert_eq!(digests().await, Vec::<String>::new());
    // The clock stands on a Tuesday.
    fixture.clock.advance(Duration::days(5));
    assert_eq!(digests().await, Vec::<String>::new(), "Sunday");
    fixture.clock.advance(Duration::days(1));
    let told = digests().await;
    assert_eq!(
        told,
        ["pay: This week: 2 findings are open for payments. 2 high. /findings?team=payments"]
    );
    assert_eq!(digests().await, Vec::<String>::new());
}
