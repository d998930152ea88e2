//! Numbers that are not of everything yet are not shown as if they were: in the navigation, and in the trend.

use super::fixture::{Fixture, OWNER, ada, unowned};
use claviger_domain::{compliance::view::DayScore, job::Job, scan::ScanTrigger};
use claviger_testkit::{
    samples::{CHECKOUT, PAYMENTS},
    work_off,
};
use sqlx::PgPool;
use std::sync::Mutex;
use time::{Date, Duration};

impl Fixture {
    /// Works, but for what `held` holds back; returns that.
    async fn work_without(&self, held: impl Fn(&Job) -> bool) -> Vec<Job> {
        let kept = Mutex::new(Vec::new());
        work_off(&self.pool, async |job| {
            if held(&job) {
                kept.lock().unwrap().push(job);
            } else {
                self.services.jobs().run(job).await.unwrap();
            }
        })
        .await;
        kept.into_inner().unwrap()
    }

    async fn finish(&self, jobs: Vec<Job>) {
        for job in jobs {
            self.services.jobs().run(job).await.unwrap();
        }
        self.work().await;
    }

    async fn days(&self) -> Vec<DayScore> {
        self.services.compliance().overview(&ada(), "").await.unwrap().days
    }

    /// Resources and failures, as the navigation shows them, and whether it says why not.
    async fn counts(&self) -> (Option<u64>, Option<u64>, [bool; 2]) {
        let me = self.services.navigation().me(&ada()).await.unwrap();
        let says = [me.incomplete_inventory.is_some(), me.incomplete_findings.is_some()];
        (me.resources, me.failures, says)
    }

    fn today(&self) -> Date {
        claviger_domain::clock::Clock::now(&*self.clock).date()
    }
}

fn is_of(job: &Job, account: &str) -> bool {
    matches!(job, Job::ReadDeep { account: of, .. } | Job::Evaluate { account: of } if of.as_str() == account)
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_number_is_shown_when_it_is_of_everything(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.aws.put(unowned(CHECKOUT, "tokens"));
    assert_eq!(fixture.counts().await, (None, None, [true, true]), "nothing was scanned");
    assert_eq!(fixture.services.navigation().me(&ada()).await.unwrap().accounts, None);
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    let is_scan = |job: &Job| matches!(job, Job::ScanRegion { .. });
    let scans = fixture.work_without(|job| is_scan(job) || is_of(job, CHECKOUT)).await;
    assert!(scans.iter().any(is_scan));
    assert_eq!(fixture.counts().await, (None, None, [true, true]), "the first scan runs");
    let mut later = Vec::new();
    for scan in scans {
        fixture.services.jobs().run(scan).await.unwrap();
        later.extend(fixture.work_without(|job| is_of(job, CHECKOUT)).await);
    }
    assert_eq!(fixture.counts().await, (Some(2), None, [false, true]), "one account is evaluated");
    fixture.finish(later).await;
    assert_eq!(fixture.counts().await, (Some(2), Some(2), [false, false]));
    // A later scan runs over whole numbers.
    fixture.clock.advance(Duration::minutes(20));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    assert_eq!(fixture.counts().await, (Some(2), Some(2), [false, false]));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_day_of_a_part_is_left_out_of_the_trend(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.aws.put(unowned(CHECKOUT, "tokens"));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    let later = fixture.work_without(|job| is_of(job, CHECKOUT)).await;
    let overview = fixture.services.compliance().overview(&ada(), "").await.unwrap();
    assert!(overview.incomplete.is_some());
    assert_eq!(overview.days, [], "one account is evaluated, the other is not");
    // The evaluation ends on the next day: the trend begins there.
    fixture.clock.advance(Duration::days(1));
    fixture.finish(later).await;
    let days = fixture.days().await;
    assert_eq!(days.iter().map(|day| day.day).collect::<Vec<_>>(), [fixture.today()]);
    assert_eq!(days[0].fail, 2);
    // An account that joins later takes no earlier day away.
    fixture.clock.advance(Duration::days(3));
    fixture.aws.put(unowned(claviger_testkit::samples::SANDBOX, "new"));
    fixture.scan().await;
    assert_eq!(fixture.days().await.len(), 4);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_evaluated_before_its_details_are_read_is_no_day(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    let later = fixture.work_without(|job| matches!(job, Job::ReadDeep { .. })).await;
    let account = PAYMENTS.parse().unwrap();
    fixture.services.jobs().run(Job::Evaluate { account }).await.unwrap();
    assert_eq!(fixture.days().await, [], "its details are still to be read");
    fixture.finish(later).await;
    assert_eq!(fixture.days().await.len(), 1);
    // Once in the trend, a new secret whose details are still to be read keeps no day out of it.
    fixture.clock.advance(Duration::days(1));
    fixture.aws.put(unowned(PAYMENTS, "another"));
    fixture.clock.advance(Duration::minutes(20));
    fixture.services.scans().scan_if_due(ScanTrigger::Schedule).await.unwrap();
    fixture.work_without(|job| matches!(job, Job::ReadDeep { .. })).await;
    let account = PAYMENTS.parse().unwrap();
    fixture.services.jobs().run(Job::Evaluate { account }).await.unwrap();
    assert_eq!(fixture.days().await.len(), 2);
}
