//! Findings that people snooze and assign, and what they undo.

use super::{Fixture, admin, caller, policy};
use claviger_domain::{
    authz::{Caller, Role, Scope},
    clock::Clock as _,
    compliance::triage::TriageAction,
};
use claviger_services::ServiceError;
use claviger_testkit::{
    US,
    samples::{PAYMENTS, SANDBOX, secret, unowned},
};
use sqlx::PgPool;
use time::Duration;

async fn with_findings(pool: PgPool) -> Fixture {
    let fixture = Fixture::new(pool, &policy("owner", "high", "owner: {}")).await;
    for (account, name) in [(PAYMENTS, "alpha"), (PAYMENTS, "bravo"), (SANDBOX, "charlie")] {
        fixture.aws.put(unowned(account, US, name));
    }
    fixture.scan().await;
    fixture
}

impl Fixture {
    async fn snooze(&self, who: &Caller, of: &str, days: i64) -> Result<String, ServiceError> {
        let until = (self.clock.now().date() + Duration::days(days)).to_string();
        let done = self.services.triage().snooze_findings(who, of, &until).await;
        done.map(|id| id.to_string())
    }

    async fn assign(&self, of: &str, assignee: &str, ticket: &str) -> Result<String, ServiceError> {
        let done = self.services.triage().assign_findings(&admin(), of, assignee, ticket).await;
        done.map(|id| id.to_string())
    }

    async fn undo(&self, who: &Caller, change: &str) -> Result<(), ServiceError> {
        self.services.triage().undo_triage(who, change).await
    }

    async fn actions(&self) -> Vec<String> {
        sqlx::query_scalar("select body::json ->> 'deed' from audit_entry order by seq")
            .fetch_all(&self.pool)
            .await
            .unwrap()
    }
}

fn requester(scope: Scope) -> Caller {
    caller(Role::Requester, scope)
}

fn payments() -> Scope {
    Scope::Accounts(vec![PAYMENTS.parse().unwrap()])
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_snoozed_finding_leaves_the_list_and_comes_back_by_time_alone(pool: PgPool) {
    let fixture = with_findings(pool).await;
    let score = fixture.overview().await.score;
    fixture.snooze(&admin(), "account=441205839201", 7).await.unwrap();
    assert_eq!(fixture.names("").await, ["charlie"]);
    assert_eq!(fixture.names("state=snoozed").await, ["alpha", "bravo"]);
    let row = fixture.findings("state=snoozed").await.remove(0);
    let until = row.triage.snoozed_until.unwrap();
    assert_eq!(until.date(), fixture.clock.now().date() + Duration::days(7));
    // They count as before, and the navigation counts what its list has.
    assert_eq!(fixture.overview().await.score, score);
    assert_eq!(fixture.services.navigation().me(&admin()).await.unwrap().failures, Some(1));
    // An evaluation changes nothing about it.
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["charlie"]);
    fixture.clock.advance(until - fixture.clock.now());
    assert_eq!(fixture.names("").await, ["alpha", "bravo", "charlie"]);
    assert_eq!(fixture.findings("").await[0].triage.snoozed_until, None);
    assert_eq!(fixture.services.navigation().me(&admin()).await.unwrap().failures, Some(3));
    assert!(fixture.actions().await.contains(&"snooze-findings".to_owned()));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_fails_again_is_not_what_was_snoozed(pool: PgPool) {
    let fixture = with_findings(pool).await;
    fixture.snooze(&admin(), "q=alpha", 30).await.unwrap();
    fixture.aws.put(secret(PAYMENTS, US, "alpha"));
    fixture.clock.advance(Duration::DAY);
    fixture.scan().await;
    fixture.aws.put(unowned(PAYMENTS, US, "alpha"));
    fixture.clock.advance(Duration::DAY);
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["alpha", "bravo", "charlie"]);
    assert_eq!(fixture.names("state=snoozed").await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_within_the_scope_and_with_permission(pool: PgPool) {
    let fixture = with_findings(pool).await;
    let viewer = caller(Role::Viewer, Scope::Organization);
    assert!(matches!(fixture.snooze(&viewer, "", 7).await, Err(ServiceError::Forbidden(_))));
    // All that match are those that the caller may change, whatever the list is.
    fixture.snooze(&requester(payments()), "", 7).await.unwrap();
    assert_eq!(fixture.names("").await, ["charlie"]);
    let other = fixture.findings("").await.remove(0);
    let named = format!("finding={}_owner", other.resource);
    let outside = fixture.snooze(&requester(payments()), &named, 7).await;
    assert!(matches!(outside, Err(ServiceError::Conflict { .. })), "{outside:?}");
    for (days, is_fine) in [(0, false), (181, false), (180, true)] {
        assert_eq!(fixture.snooze(&admin(), &named, days).await.is_ok(), is_fine, "{days}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_finding_is_assigned_with_its_ticket(pool: PgPool) {
    let fixture = with_findings(pool).await;
    let ticket = "https://tickets.example.com/PAY-142";
    fixture.assign("q=alpha", "me", ticket).await.unwrap();
    let row = fixture.findings("assignee=me").await;
    assert_eq!(row.len(), 1);
    assert_eq!(row[0].triage.assignee.as_ref(), Some(&admin().person));
    assert_eq!(row[0].triage.ticket.as_ref().unwrap().as_str(), ticket);
    assert_eq!(fixture.names("assignee=-").await, ["bravo", "charlie"]);
    assert_eq!(fixture.names("").await, ["alpha", "bravo", "charlie"], "it stays in the list");
    for wrong in ["http://tickets.example.com/1", "javascript:alert(1)"] {
        assert!(fixture.assign("q=alpha", "me", wrong).await.is_err(), "{wrong}");
    }
    assert!(fixture.assign("q=alpha", "nobody-known", "").await.is_err());
    // A snooze leaves the assignee, and the other way round.
    fixture.snooze(&admin(), "q=alpha", 7).await.unwrap();
    let row = fixture.findings("state=snoozed").await.remove(0);
    assert!(row.triage.assignee.is_some() && row.triage.ticket.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn its_author_undoes_a_change_and_nothing_else(pool: PgPool) {
    let fixture = with_findings(pool).await;
    fixture.assign("q=alpha", "me", "").await.unwrap();
    fixture.snooze(&admin(), "q=alpha", 3).await.unwrap();
    let change = fixture.snooze(&admin(), "state=open&state=snoozed&account=441205839201", 9).await;
    let first = change.unwrap();
    let offered = fixture.services.triage().last_change(&admin(), &first).await.unwrap().unwrap();
    assert_eq!((offered.action, offered.findings), (TriageAction::Snooze, 2));
    let somebody = Caller { person: requester(payments()).person, ..requester(payments()) };
    let somebody =
        Caller { person: claviger_domain::authz::Person::new("somebody", None, None), ..somebody };
    assert!(fixture.undo(&somebody, &first).await.is_err());
    fixture.undo(&admin(), &first).await.unwrap();
    assert_eq!(fixture.names("").await, ["bravo", "charlie"]);
    assert!(fixture.undo(&admin(), &first).await.is_err(), "once");
    assert_eq!(fixture.services.triage().last_change(&admin(), &first).await.unwrap(), None);
    // Undone, a finding has what it had before.
    let row = fixture.findings("state=snoozed").await.remove(0);
    let named = format!("finding={}_owner", row.resource);
    let longer = fixture.snooze(&admin(), &named, 30).await.unwrap();
    fixture.undo(&admin(), &longer).await.unwrap();
    let again = fixture.findings("state=snoozed").await.remove(0);
    assert_eq!(again.triage, row.triage);
    assert!(again.triage.assignee.is_some());
    // Too late.
    let late = fixture.snooze(&admin(), "q=bravo", 30).await.unwrap();
    fixture.clock.advance(Duration::HOUR);
    assert!(fixture.undo(&admin(), &late).await.is_err());
    let undone = fixture.actions().await.iter().filter(|one| *one == "undo-triage").count();
    assert_eq!(undone, 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_list_is_sorted_selected_and_grouped(pool: PgPool) {
    let policies = format!(
        "{}---\n{}",
        policy("owner", "high", "owner: {}"),
        policy("rotation", "low", "rotation-enabled: {}")
    );
    let fixture = Fixture::new(pool, &policies).await;
    for (account, name) in [(PAYMENTS, "alpha"), (PAYMENTS, "bravo"), (SANDBOX, "charlie")] {
        fixture.aws.put(unowned(account, US, name));
    }
    fixture.scan().await;
    let listed = |query: &'static str| {
        let fixture = &fixture;
        async move {
            let rows = fixture.findings(query).await.into_iter();
            rows.map(|row| format!("{} {}", row.name, row.policy)).collect::<Vec<_>>()
        }
    };
    let by_severity = listed("").await;
    assert!(by_severity[..3].iter().all(|row| row.ends_with("owner")), "{by_severity:?}");
    assert_eq!(listed("sort=severity&dir=desc").await[0].split(' ').nth(1), Some("rotation"));
    let by_name = [
        "alpha owner",
        "alpha rotation",
        "bravo owner",
        "bravo rotation",
        "charlie owner",
        "charlie rotation",
    ];
    assert_eq!(listed("sort=name").await, by_name);
    assert_eq!(listed("sort=name&dir=desc").await[0], "charlie owner");
    assert_eq!(listed("sort=account&dir=asc").await.len(), 6);
    assert!(listed("sort=due").await[0].ends_with("owner"), "it is due first");
    let a = fixture.findings("q=alpha&policy=rotation").await.remove(0);
    assert_eq!(fixture.names(&format!("finding={}_rotation", a.resource)).await, ["alpha"]);
    assert_eq!(fixture.names("within=q%3Dbravo").await, ["bravo", "bravo"]);
    let groups = fixture.services.remediation().fix_groups(&admin(), "group=fix").await.unwrap();
    let groups: Vec<_> =
        groups.rows.iter().map(|row| (row.policy.as_str(), row.findings, row.of.clone())).collect();
    assert_eq!(groups.len(), 4);
    assert_eq!((groups[0].0, groups[0].1), ("owner", 2));
    assert_eq!(fixture.names(&groups[0].2).await, ["alpha", "bravo"]);
    // The inventory has the worst first, and counts by severity.
    let inventory =
        fixture.services.inventory().inventory(&admin(), "severity=high").await.unwrap();
    assert_eq!(inventory.matching, 3);
    assert_eq!(inventory.page.rows[0].findings, Some([0, 1, 0, 1]));
    fixture.aws.put(secret(PAYMENTS, US, "alpha"));
    fixture.scan().await;
    let inventory = fixture.services.inventory().inventory(&admin(), "").await.unwrap();
    let names: Vec<_> = inventory.page.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["bravo", "charlie", "alpha"]);
    let counts = inventory.facets.severities.iter().map(|facet| facet.count);
    assert_eq!(counts.collect::<Vec<_>>(), [0, 2, 0, 1, 0]);
}
