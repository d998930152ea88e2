//! The posture of past days, by scope, OU, category and team; and how long fixes took.

use super::{Fixture, admin, caller, policy};
use claviger_domain::{
    authz::{Caller, Role, Scope},
    clock::Clock as _,
    compliance::{Severity, history::PostureEvent, posture_view::Overview},
};
use claviger_services::{RETENTION, Retention, ServiceError};
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, secret, unowned},
};
use sqlx::PgPool;
use time::Duration;

/// Two secrets of Payments and one of Checkout in production, one in the sandbox; a week later one of Payments is fixed, and
/// another week passes without a change.
async fn two_weeks(pool: PgPool) -> Fixture {
    let fixture = Fixture::new(pool, &policy("owner", "high", "owner: {}")).await;
    fixture.aws.put(unowned(PAYMENTS, US, "a"));
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.aws.put(secret(CHECKOUT, US, "c"));
    fixture.aws.put(unowned(SANDBOX, US, "d"));
    fixture.scan().await;
    fixture.clock.advance(Duration::days(7));
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    fixture.clock.advance(Duration::days(7));
    fixture
}

fn sandbox_auditor() -> Caller {
    caller(Role::Auditor, Scope::Ou("Sandbox".into()))
}

impl Fixture {
    async fn overview_of(&self, caller: &Caller, query: &str) -> Overview {
        self.services.compliance().overview(caller, query).await.unwrap()
    }
}

/// The scores day by day, without repetitions.
fn course(overview: &Overview) -> Vec<(u64, u64)> {
    let mut scores: Vec<_> =
        overview.days.iter().map(|day| (day.score.passed / 5, day.score.of / 5)).collect();
    scores.dedup();
    scores
}

/// The pass rates of an OU's tags, of the days that are known.
fn tags(overview: &Overview, ou: &str) -> Option<Vec<u32>> {
    let trend = overview.ou_trends.iter().find(|trend| trend.ou.as_str() == ou)?;
    let mut rates: Vec<u32> = trend.by_category[0].iter().flatten().copied().collect();
    rates.dedup();
    Some(rates)
}

#[sqlx::test(migrations = "../../migrations")]
async fn past_days_are_of_the_scope_and_the_ou(pool: PgPool) {
    let fixture = two_weeks(pool).await;
    let whole = fixture.overview_of(&admin(), "").await;
    assert!(!whole.is_first && whole.incomplete.is_none(), "{:?}", whole.incomplete);
    assert_eq!(course(&whole), [(2, 4), (3, 4)]);
    // The days without an evaluation count as the last one before.
    assert_eq!(whole.days.len(), 15);
    assert_eq!(whole.days.last().unwrap().score, whole.score);
    assert_eq!(tags(&whole, "ou-prod"), Some(vec![666, 1000]));
    assert_eq!(tags(&whole, "ou-work"), Some(vec![666, 1000]));
    assert_eq!(tags(&whole, "ou-sand"), Some(vec![0]));
    assert_eq!(whole.ous.len(), 3);

    let production = fixture.overview_of(&admin(), "weeks=4&ou=ou-prod").await;
    assert_eq!(course(&production), [(2, 3), (3, 3)]);
    assert_eq!((production.accounts, production.tiles.len(), production.tally.all()), (2, 2, 3));
    assert_eq!(tags(&production, "ou-sand"), None);
    assert_eq!(production.ous.len(), 3, "the other OUs can still be chosen");
    assert!(production.needs.iter().any(|need| need.href == "/findings?ou=ou-prod&state=overdue"));

    // An auditor of one OU sees none of the others' numbers, nor the OU.
    let own = fixture.overview_of(&sandbox_auditor(), "").await;
    assert_eq!(course(&own), [(0, 1)]);
    assert_eq!((own.tiles.len(), own.by_team.len(), own.ous.len()), (1, 1, 1));
    assert_eq!((tags(&own, "ou-prod"), tags(&own, "ou-sand")), (None, Some(vec![0])));
    assert!(own.fixes.iter().all(|row| row.findings == 0));
    let refused =
        fixture.services.compliance().overview(&sandbox_auditor(), "ou=ou-prod").await.unwrap_err();
    assert!(matches!(refused, ServiceError::NotFound("OU")), "{refused}");
    let bad = fixture.services.compliance().overview(&admin(), "weeks=5").await.unwrap_err();
    assert!(matches!(bad, ServiceError::InvalidFilter(_)), "{bad}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_time_to_fix_is_counted_when_a_check_passes(pool: PgPool) {
    let fixture = two_weeks(pool).await;
    let fixes = fixture.overview_of(&admin(), "").await.fixes;
    let high = fixes.iter().find(|row| row.severity == Severity::High).unwrap();
    assert_eq!((high.findings, high.median_days), (1, Some(7)));
    assert_eq!(high.groups, [0, 0, 0, 1, 0, 0]);
    // What ends with its policy was not fixed, and neither was what is gone.
    fixture.services.policies().retire_policy(&admin(), "owner").await.unwrap();
    fixture.work().await;
    let after = fixture.overview_of(&admin(), "").await;
    assert_eq!(after.fixes.iter().map(|row| row.findings).sum::<u64>(), 1);
    let is_disabled = |event: &PostureEvent| matches!(event, PostureEvent::Policy { is_disabled, .. } if *is_disabled);
    assert!(is_disabled(&after.events[0]), "{:?}", after.events);
    assert!(after.events.iter().any(|event| !is_disabled(event)));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_team_has_a_page_with_its_own_numbers(pool: PgPool) {
    let fixture = two_weeks(pool).await;
    let compliance = fixture.services.compliance();
    let rows = compliance.teams(&admin()).await.unwrap().rows;
    assert_eq!(
        rows.iter()
            .map(|row| (row.team.as_str(), row.tally.pass, row.tally.fail))
            .collect::<Vec<_>>(),
        [("-", 0, 1), ("payments", 3, 0)]
    );
    let nobody = compliance.team(&admin(), "-", "").await.unwrap();
    assert_eq!((nobody.row.label.as_str(), nobody.by_severity[0].tally.fail), ("No owner", 1));
    assert_eq!(nobody.offenders.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["d"]);
    // It was due after 14 days.
    fixture.clock.advance(Duration::hours(1));
    assert_eq!(compliance.team(&admin(), "-", "").await.unwrap().overdue, 1);
    let payments = compliance.team(&admin(), "payments", "weeks=4").await.unwrap();
    assert_eq!(payments.row.score.per_mille(), Some(1000));
    assert_eq!(payments.row.week_ago.and_then(|score| score.per_mille()), Some(1000));
    // Before the fix, two of its secrets were its own, and one was nobody's.
    let days: Vec<(u64, u64)> =
        payments.days.iter().map(|day| (day.score.passed, day.score.of)).collect();
    assert_eq!((days.first(), days.last()), (Some(&(10, 10)), Some(&(15, 15))));
    // Fixed was what nobody owned until then.
    let fixed = |rows: &[claviger_domain::compliance::history::FixDistribution]| {
        rows.iter().map(|row| row.findings).sum::<u64>()
    };
    assert_eq!((fixed(&payments.fixes), fixed(&nobody.fixes)), (1, 0));
    // Within the sandbox there is no such team.
    let hidden = compliance.team(&sandbox_auditor(), "payments", "").await.unwrap_err();
    assert!(matches!(hidden, ServiceError::NotFound("team")), "{hidden}");
    assert_eq!(compliance.teams(&sandbox_auditor()).await.unwrap().rows.len(), 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn old_days_are_deleted_but_an_accounts_last_one_stays(pool: PgPool) {
    let fixture = two_weeks(pool).await;
    let services = fixture
        .services
        .clone()
        .with_retention(Retention { posture: Duration::days(10), ..RETENTION });
    services.retention().prune().await.unwrap();
    let overview = fixture.overview_of(&admin(), "").await;
    assert_eq!((course(&overview), overview.days.len()), (vec![(3, 4)], 8));
    assert_eq!(overview.fixes.iter().map(|row| row.findings).sum::<u64>(), 1);
    fixture.clock.advance(Duration::days(30));
    services.retention().prune().await.unwrap();
    let overview = fixture.overview_of(&admin(), "").await;
    assert_eq!(course(&overview), [(3, 4)]);
    assert_eq!(overview.days.last().map(|day| day.day), Some(fixture.clock.now().date()));
    assert_eq!(overview.fixes.iter().map(|row| row.findings).sum::<u64>(), 0);
}
